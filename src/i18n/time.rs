//! Formats of times: relative and absolute.

use std::time::Duration;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta, Timelike as _, Utc};

use super::{AsValue, Lang};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// How much the clocks of two computers may differ before a time in the future is not treated as
/// the present.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

impl Lang {
    /// How long before `now` it was `then`, as in "3 minutes ago". A time a few minutes in the
    /// future is "just now", because clocks of two computers never agree (R22); a later one is
    /// shown as a date.
    #[must_use]
    pub fn time_ago(
        self,
        then: impl AsValue<DateTime<Utc>>,
        now: impl AsValue<DateTime<Utc>>,
    ) -> String {
        let (then, now) = (then.as_value(), now.as_value());
        if self.is_ahead(then, now) {
            return self.date(then);
        }
        let age: TimeDelta = now - then;
        let message = match (age.num_minutes(), age.num_hours(), age.num_days()) {
            (..1, ..) => self.msg("ago-moments"),
            (minutes, ..1, _) => self.msg("ago-minutes").arg("count", minutes),
            (_, hours, ..1) => self.msg("ago-hours").arg("count", hours),
            (_, _, days @ ..31) => self.msg("ago-days").arg("count", days),
            (_, _, days @ ..365) => self.msg("ago-months").arg("count", days / 30),
            (_, _, days) => self.msg("ago-years").arg("count", days / 365),
        };
        message.to_string()
    }

    /// Whether `then` is so far after `now` that differing clocks do not explain it.
    #[must_use]
    pub fn is_ahead(
        self,
        then: impl AsValue<DateTime<Utc>>,
        now: impl AsValue<DateTime<Utc>>,
    ) -> bool {
        then.as_value() - now.as_value() > MAX_CLOCK_SKEW
    }

    /// The day, as in "22 Nov 2026".
    #[must_use]
    pub fn date(self, then: impl AsValue<DateTime<Utc>>) -> String {
        let then = then.as_value();
        let (year, month, day) = (then.year(), then.month(), then.day());
        match self {
            Self::English => format!("{day} {} {year}", MONTHS[then.month0() as usize]),
            Self::Chinese => format!("{year}年{month}月{day}日"),
        }
    }

    /// The day without the year, as in "22 Nov": for the axis of a picture.
    #[must_use]
    pub fn day_and_month(self, then: impl AsValue<DateTime<Utc>>) -> String {
        let then = then.as_value();
        match self {
            Self::English => format!("{} {}", then.day(), MONTHS[then.month0() as usize]),
            Self::Chinese => format!("{}月{}日", then.month(), then.day()),
        }
    }

    /// The title of a day in a list: today, yesterday, or the date.
    #[must_use]
    pub fn day_title(
        self,
        day: impl AsValue<NaiveDate>,
        now: impl AsValue<DateTime<Utc>>,
    ) -> String {
        let (day, today) = (day.as_value(), now.as_value().date_naive());
        match (today - day).num_days() {
            0 => self.msg("today").to_string(),
            1 => self.msg("yesterday").to_string(),
            _ => self.date(day.and_time(NaiveTime::MIN).and_utc()),
        }
    }

    /// The time of day in UTC, as in "19:36".
    #[must_use]
    pub fn time_of_day(self, then: impl AsValue<DateTime<Utc>>) -> String {
        let then = then.as_value();
        format!("{:02}:{:02}", then.hour(), then.minute())
    }

    /// The time until `then`, as in "3 hours", in the largest whole unit. Zero if it is over.
    #[must_use]
    pub fn time_left(
        self,
        then: impl AsValue<DateTime<Utc>>,
        now: impl AsValue<DateTime<Utc>>,
    ) -> String {
        let left: TimeDelta = then.as_value() - now.as_value();
        let message = match (left.num_minutes(), left.num_hours(), left.num_days()) {
            (..1, ..) => self.msg("time-remaining-moments"),
            (minutes, ..1, _) => self.msg("time-remaining-minutes").arg("count", minutes),
            (_, hours, ..2) => self.msg("time-remaining-hours").arg("count", hours),
            // Rounded: what expires in 90 days has 90 days left also a second later.
            _ => self
                .msg("time-remaining-days")
                .arg("count", (left + TimeDelta::hours(12)).num_days()),
        };
        message.to_string()
    }

    /// When to try again, as in "in 5 minutes", rounded up. Without a known time, "in a moment".
    #[must_use]
    pub fn retry_time(self, wait: Option<Duration>) -> String {
        let seconds = wait.map_or(0, |wait| wait.as_secs());
        let message = match seconds {
            ..=10 => self.msg("retry-after-moment"),
            11..=3_540 => self
                .msg("retry-after-minutes")
                .arg("count", seconds.div_ceil(60)),
            _ => self.msg("retry-after-hour"),
        };
        message.to_string()
    }

    /// The time to the second, as in "22 Nov 2026, 19:36:40 UTC".
    #[must_use]
    pub fn date_time(self, then: impl AsValue<DateTime<Utc>>) -> String {
        let then = then.as_value();
        let (date, hour, minute, second) =
            (self.date(then), then.hour(), then.minute(), then.second());
        match self {
            Self::English => format!("{date}, {hour:02}:{minute:02}:{second:02} UTC"),
            Self::Chinese => format!("{date} {hour:02}:{minute:02}:{second:02} UTC"),
        }
    }

    /// The same in RFC 3339, for `<time datetime>`. Lists contain hundreds of times: a format
    /// pattern, parsed each time, takes three times as long.
    #[must_use]
    pub fn rfc3339(self, then: impl AsValue<DateTime<Utc>>) -> String {
        let then = then.as_value();
        let (date, time) = (then.date_naive(), then.time());
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample_time() -> DateTime<Utc> {
        "2026-11-22T19:36:40Z".parse().unwrap()
    }

    #[test]
    fn age_is_in_the_largest_whole_unit() {
        for (age, english, chinese) in [
            (TimeDelta::seconds(59), "just now", "刚刚"),
            (TimeDelta::seconds(60), "1 minute ago", "1 分钟前"),
            (TimeDelta::minutes(3), "3 minutes ago", "3 分钟前"),
            (TimeDelta::minutes(119), "1 hour ago", "1 小时前"),
            (TimeDelta::hours(47), "1 day ago", "1 天前"),
            (TimeDelta::days(30), "30 days ago", "30 天前"),
            (TimeDelta::days(31), "1 month ago", "1 个月前"),
            (TimeDelta::days(364), "12 months ago", "12 个月前"),
            (TimeDelta::days(800), "2 years ago", "2 年前"),
        ] {
            assert_eq!(
                Lang::English.time_ago(sample_time() - age, sample_time()),
                english
            );
            assert_eq!(
                Lang::Chinese.time_ago(sample_time() - age, sample_time()),
                chinese
            );
        }
    }

    #[test]
    fn remaining_time_is_in_the_largest_whole_unit() {
        for (left, english, chinese) in [
            (TimeDelta::seconds(-5), "less than a minute", "不到 1 分钟"),
            (TimeDelta::seconds(61), "1 minute", "1 分钟"),
            (TimeDelta::minutes(59), "59 minutes", "59 分钟"),
            (TimeDelta::hours(24), "24 hours", "24 小时"),
            (TimeDelta::days(90), "90 days", "90 天"),
        ] {
            assert_eq!(
                Lang::English.time_left(sample_time() + left, sample_time()),
                english
            );
            assert_eq!(
                Lang::Chinese.time_left(sample_time() + left, sample_time()),
                chinese
            );
        }
    }

    // R22
    #[test]
    fn slightly_future_time_is_just_now_and_later_a_date() {
        assert_eq!(
            Lang::English.time_ago(sample_time() + TimeDelta::minutes(5), sample_time()),
            "just now"
        );
        assert_eq!(
            Lang::English.time_ago(sample_time() + TimeDelta::minutes(6), sample_time()),
            "22 Nov 2026"
        );
        assert_eq!(
            Lang::Chinese.time_ago(sample_time() + TimeDelta::days(40), sample_time()),
            "2027年1月1日"
        );
        assert!(
            Lang::English
                .time_ago(DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC)
                .starts_with("31 Dec ")
        );
    }

    #[test]
    fn last_two_days_have_names() {
        for (date, english, chinese) in [
            ("2026-11-22", "Today", "今天"),
            ("2026-11-21", "Yesterday", "昨天"),
            ("2026-11-20", "20 Nov 2026", "2026年11月20日"),
        ] {
            let day: NaiveDate = date.parse().unwrap();
            assert_eq!(Lang::English.day_title(day, sample_time()), english);
            assert_eq!(Lang::Chinese.day_title(day, sample_time()), chinese);
        }
        assert_eq!(Lang::English.time_of_day(sample_time()), "19:36");
    }

    #[test]
    fn date_time_follows_the_language() {
        assert_eq!(
            Lang::English.date_time(sample_time()),
            "22 Nov 2026, 19:36:40 UTC"
        );
        assert_eq!(
            Lang::Chinese.date_time(sample_time()),
            "2026年11月22日 19:36:40 UTC"
        );
        assert_eq!(Lang::English.day_and_month(sample_time()), "22 Nov");
        assert_eq!(Lang::Chinese.day_and_month(sample_time()), "11月22日");
        assert_eq!(Lang::English.time_of_day(sample_time()), "19:36");
    }
}
