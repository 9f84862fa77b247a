//! The ranges of days, which are days in UTC.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// How far back the activity reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActivityRange {
    /// Yesterday and today.
    #[default]
    SinceYesterday,
    /// Seven days, of which today is the last.
    Week,
    /// 30 days, of which today is the last.
    Month,
}

impl ActivityRange {
    /// From the shortest to the longest.
    pub const ALL: [Self; 3] = [Self::SinceYesterday, Self::Week, Self::Month];

    /// The number of days that the range reaches back, as in URLs.
    #[must_use]
    pub fn days(self) -> u8 {
        match self {
            Self::SinceYesterday => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }

    /// The range that [`ActivityRange::days`] stands for.
    #[must_use]
    pub fn from_days(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|range| range.days().to_string() == text)
    }

    /// The first moment of the range.
    #[must_use]
    pub fn start(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let days_before_today = match self {
            Self::SinceYesterday => 1,
            Self::Week | Self::Month => u64::from(self.days()) - 1,
        };
        midnight(first_day(now.date_naive(), days_before_today))
    }
}

impl Serialize for ActivityRange {
    /// The number of days.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.days())
    }
}

fn first_day(today: NaiveDate, days_before: u64) -> NaiveDate {
    today
        .checked_sub_days(Days::new(days_before))
        .unwrap_or(today)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// How many days [`PushesPerDay`] has.
const DAYS: usize = 30;

/// How many images were pushed on each of the last 30 days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PushesPerDay {
    /// The first of the days, in UTC.
    #[schema(value_type = String, format = Date)]
    pub first_day: NaiveDate,
    /// The number of pushes on each day. The last is today.
    pub counts: Vec<usize>,
}

impl PushesPerDay {
    /// No pushes in the 30 days that end with the day of `now`.
    pub(super) fn none_until(now: DateTime<Utc>) -> Self {
        Self {
            first_day: ActivityRange::Month.start(now).date_naive(),
            counts: vec![0; DAYS],
        }
    }

    /// Counts a push. One before the first day is left out; one after today, whose clock is ahead,
    /// counts as today's.
    pub(super) fn add(&mut self, at: DateTime<Utc>) {
        let day = (at.date_naive() - self.first_day).num_days();
        if let Ok(day) = usize::try_from(day) {
            self.counts[day.min(DAYS - 1)] += 1;
        }
    }

    /// The number of pushes on all days.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.iter().sum()
    }

    /// The number of pushes today.
    #[must_use]
    pub fn today(&self) -> usize {
        self.counts.last().copied().unwrap_or_default()
    }

    /// The number of pushes on the day with the most.
    #[must_use]
    pub fn most(&self) -> usize {
        self.counts.iter().copied().max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-29T08:15:00Z".parse().unwrap()
    }

    #[test]
    fn ranges_begin_at_midnight() {
        let starts = ActivityRange::ALL.map(|range| range.start(now()).to_rfc3339());
        assert_eq!(
            starts,
            [
                "2026-11-28T00:00:00+00:00",
                "2026-11-23T00:00:00+00:00",
                "2026-10-31T00:00:00+00:00"
            ]
        );
    }

    #[test]
    fn range_is_parsed_from_its_days() {
        for range in ActivityRange::ALL {
            let text = range.days().to_string();
            assert_eq!(ActivityRange::from_days(&text), Some(range));
        }
        for other in ["", "2", "07", "-1", "30 days"] {
            assert_eq!(ActivityRange::from_days(other), None, "{other}");
        }
    }

    #[test]
    fn pushes_are_counted_by_day() {
        let mut pushes = PushesPerDay::none_until(now());
        for at in [
            "2026-10-30T23:59:59Z",
            "2026-10-31T00:00:00Z",
            "2026-11-28T23:59:59Z",
            "2026-11-29T00:00:00Z",
            "2026-11-30T00:00:01Z",
        ] {
            pushes.add(at.parse().unwrap());
        }
        assert_eq!((pushes.counts[0], pushes.counts[28]), (1, 1));
        assert_eq!((pushes.today(), pushes.total(), pushes.most()), (2, 4, 2));
    }
}
