//! The timeline of an image stream: a lane for each tag, and a dot for each image that it has
//! pointed to.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::image_streams::{LaneEvent, LaneEventKind, TimelineLane};
use registry_model::TagName;

/// The height of a lane, in pixels.
const LANE_HEIGHT: u32 = 28;
/// The height of the axis with the dates, in pixels.
const AXIS_HEIGHT: u32 = 22;

/// The longest time that the picture covers. Older events are counted and not drawn.
const MAX_SPAN: TimeDelta = TimeDelta::days(365);
/// The shortest time that it covers.
const MIN_SPAN: TimeDelta = TimeDelta::hours(1);

/// The most dots. Where there are more, those that are close together are drawn as one.
const MAX_DOTS: usize = 120;
/// How many places for dots a lane has: at first, and where there are too many dots.
const PLACES: [i64; 3] = [90, 45, 19];

/// The parts of the time that have a date on the axis, in percent.
const TICKS: [i64; 5] = [0, 25, 50, 75, 100];

/// A position on the time axis, in thousandths of its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimePosition(u16);

impl TimePosition {
    /// `part` of `whole`, with a margin on both sides, so that dots at the ends are whole.
    fn new(part: i64, whole: i64) -> Self {
        const MARGIN: i64 = 10;
        let share = MARGIN + part.clamp(0, whole) * (1_000 - 2 * MARGIN) / whole;
        Self(u16::try_from(share).unwrap_or_default())
    }
}

impl fmt::Display for TimePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}%", self.0 / 10, self.0 % 10)
    }
}

/// A timeline, with the positions of everything in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timeline {
    pub(crate) lanes: Vec<Lane>,
    pub(crate) ticks: Vec<Tick>,
    /// In pixels.
    pub(crate) height: u32,
    /// Where the axis is, in pixels from the top.
    pub(crate) axis: u32,
    /// Whether it covers less than two days, so that the axis has times of day.
    pub(crate) is_short: bool,
    /// How many older events are not drawn.
    pub(crate) older: usize,
}

/// A lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lane {
    /// The tag. `None`: the tags that have no lane of their own.
    pub(crate) tag: Option<TagName>,
    /// The middle of the lane, in pixels from the top.
    pub(crate) y: u32,
    /// How many changes it has.
    pub(crate) changes: usize,
    /// How many failed imports.
    pub(crate) failed: usize,
    pub(crate) dots: Vec<Dot>,
}

/// One or several events that are close together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dot {
    pub(crate) x: TimePosition,
    /// The newest of the events.
    pub(crate) newest: LaneEvent,
    /// How many events there are.
    pub(crate) count: usize,
}

/// A date on the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    pub(crate) x: TimePosition,
    pub(crate) when: DateTime<Utc>,
    /// The `text-anchor` of its text: the first and the last one stay within the picture.
    pub(crate) anchor: &'static str,
    /// Whether a narrow screen has no space for it.
    pub(crate) is_minor: bool,
}

/// The time that a timeline covers.
#[derive(Clone, Copy)]
struct Span {
    start: DateTime<Utc>,
    seconds: i64,
}

impl Span {
    fn new(oldest: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        let length = (end - oldest).clamp(MIN_SPAN, MAX_SPAN);
        Self {
            start: end - length,
            seconds: length.num_seconds(),
        }
    }

    fn seconds_to(self, when: DateTime<Utc>) -> i64 {
        (when - self.start).num_seconds().clamp(0, self.seconds)
    }
}

impl Timeline {
    /// The picture of `lanes` at the time `now`. `None` if there is nothing to draw.
    pub(crate) fn new(lanes: &[TimelineLane], now: DateTime<Utc>) -> Option<Self> {
        let times = || {
            lanes
                .iter()
                .flat_map(|lane| &lane.events)
                .map(|event| event.when)
        };
        let span = Span::new(times().min()?, times().max()?.max(now));
        let mut drawn = Vec::new();
        for places in PLACES {
            drawn = lanes
                .iter()
                .zip(0..)
                .map(|(lane, index)| Lane::new(lane, index, span, places))
                .collect();
            if drawn.iter().map(|lane| lane.dots.len()).sum::<usize>() <= MAX_DOTS {
                break;
            }
        }
        let axis = LANE_HEIGHT * u32::try_from(lanes.len()).ok()?;
        Some(Self {
            lanes: drawn,
            ticks: TICKS
                .into_iter()
                .map(|part| Tick::new(part, span))
                .collect(),
            height: axis + AXIS_HEIGHT,
            axis,
            is_short: span.seconds < TimeDelta::days(2).num_seconds(),
            older: times().filter(|when| *when < span.start).count(),
        })
    }

    /// Whether a tag that was moved back is drawn.
    pub(crate) fn has_moved_back(&self) -> bool {
        self.has(LaneEventKind::MovedBack)
    }

    /// Whether a failed import is drawn.
    pub(crate) fn has_failed(&self) -> bool {
        self.has(LaneEventKind::ImportFailed)
    }

    fn has(&self, kind: LaneEventKind) -> bool {
        self.lanes
            .iter()
            .flat_map(|lane| &lane.dots)
            .any(|dot| dot.newest.kind == kind)
    }
}

impl Lane {
    fn new(lane: &TimelineLane, index: u32, span: Span, places: i64) -> Self {
        let place = |event: &LaneEvent| span.seconds_to(event.when) * places / span.seconds;
        let is_failure = |event: &LaneEvent| event.kind == LaneEventKind::ImportFailed;
        let mut dots: Vec<Dot> = Vec::new();
        for event in lane.events.iter().filter(|event| event.when >= span.start) {
            // A failed import is never drawn as one with a change.
            let close = dots.iter_mut().rev().take(2).find(|dot| {
                place(&dot.newest) == place(event) && is_failure(&dot.newest) == is_failure(event)
            });
            if let Some(dot) = close {
                dot.count += 1;
                continue;
            }
            dots.push(Dot {
                x: TimePosition::new(span.seconds_to(event.when), span.seconds),
                newest: event.clone(),
                count: 1,
            });
        }
        let failed = lane.events.iter().filter(|event| is_failure(event)).count();
        Self {
            tag: lane.tag.clone(),
            y: LANE_HEIGHT * index + LANE_HEIGHT / 2,
            changes: lane.events.len() - failed,
            failed,
            dots,
        }
    }
}

impl Tick {
    fn new(part: i64, span: Span) -> Self {
        Self {
            x: TimePosition::new(part, 100),
            when: span.start + TimeDelta::seconds(span.seconds * part / 100),
            anchor: match part {
                0 => "start",
                100 => "end",
                _ => "middle",
            },
            is_minor: matches!(part, 25 | 75),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn event(when: &str, kind: LaneEventKind) -> LaneEvent {
        LaneEvent {
            tag: "latest".parse().unwrap(),
            when: time(when),
            image: None,
            kind,
        }
    }

    fn lane(events: Vec<LaneEvent>) -> TimelineLane {
        TimelineLane {
            tag: Some("latest".parse().unwrap()),
            events,
        }
    }

    fn changes(times: &[&str]) -> TimelineLane {
        let changed = |when: &&str| event(when, LaneEventKind::Changed);
        lane(times.iter().map(changed).collect())
    }

    #[test]
    fn dots_are_placed_between_the_oldest_event_and_now() {
        let lanes = [
            changes(&["2026-11-06T00:00:00Z", "2026-11-01T00:00:00Z"]),
            changes(&["2026-11-03T12:00:00Z"]),
        ];
        let timeline = Timeline::new(&lanes, time("2026-11-11T00:00:00Z")).unwrap();
        let places: Vec<(String, u32)> = timeline
            .lanes
            .iter()
            .flat_map(|lane| lane.dots.iter().map(|dot| (dot.x.to_string(), lane.y)))
            .collect();
        let place = |x: &str, y| (x.to_owned(), y);
        assert_eq!(
            places,
            [place("50.0%", 14), place("1.0%", 14), place("25.5%", 42)]
        );
        assert_eq!((timeline.axis, timeline.height), (56, 78));
        let ends = |tick: &Tick| (tick.x.to_string(), tick.anchor);
        assert_eq!(ends(&timeline.ticks[0]), ("1.0%".to_owned(), "start"));
        assert_eq!(ends(&timeline.ticks[4]), ("99.0%".to_owned(), "end"));
        assert_eq!(timeline.ticks[2].when, time("2026-11-06T00:00:00Z"));
        assert!(!timeline.is_short && timeline.older == 0);
    }

    #[test]
    fn events_that_are_close_together_are_one_dot_but_a_failure_stays_visible() {
        let lanes = [lane(vec![
            event("2026-11-10T00:03:00Z", LaneEventKind::ImportFailed),
            event("2026-11-10T00:02:00Z", LaneEventKind::Changed),
            event("2026-11-10T00:01:00Z", LaneEventKind::MovedBack),
            event("2026-11-01T00:00:00Z", LaneEventKind::Changed),
        ])];
        let timeline = Timeline::new(&lanes, time("2026-11-11T00:00:00Z")).unwrap();
        let lane = &timeline.lanes[0];
        let counts: Vec<usize> = lane.dots.iter().map(|dot| dot.count).collect();
        assert_eq!(counts, [1, 2, 1]);
        assert!(timeline.has_failed() && !timeline.has_moved_back());
        assert_eq!((lane.changes, lane.failed), (3, 1));
    }

    #[test]
    fn number_of_dots_is_bounded() {
        let start = time("2026-11-01T00:00:00Z");
        let events: Vec<LaneEvent> = (0..300)
            .rev()
            .map(|hour| LaneEvent {
                when: start + TimeDelta::hours(hour),
                ..event("2026-11-01T00:00:00Z", LaneEventKind::Changed)
            })
            .collect();
        let lanes = vec![lane(events); 6];
        let timeline = Timeline::new(&lanes, start + TimeDelta::hours(300)).unwrap();
        let dots: usize = timeline.lanes.iter().map(|lane| lane.dots.len()).sum();
        assert!((90..=MAX_DOTS).contains(&dots), "{dots}");
        let drawn: usize = timeline.lanes[0].dots.iter().map(|dot| dot.count).sum();
        assert_eq!(drawn, 300, "no event is lost");
    }

    #[test]
    fn events_older_than_a_year_are_counted_and_not_drawn() {
        let lanes = [changes(&["2026-11-10T00:00:00Z", "2020-01-01T00:00:00Z"])];
        let timeline = Timeline::new(&lanes, time("2026-11-11T00:00:00Z")).unwrap();
        assert_eq!((timeline.lanes[0].dots.len(), timeline.older), (1, 1));
        assert_eq!(timeline.ticks[0].when, time("2025-11-11T00:00:00Z"));
    }

    #[test]
    fn events_of_one_moment_or_of_the_future_stay_within_the_picture() {
        let lanes = [changes(&["2026-11-10T00:00:00Z"])];
        let now = Timeline::new(&lanes, time("2026-11-10T00:00:00Z")).unwrap();
        assert_eq!(now.lanes[0].dots[0].x.to_string(), "99.0%");
        let before = Timeline::new(&lanes, time("2026-11-09T00:00:00Z")).unwrap();
        assert_eq!(before.lanes[0].dots[0].x.to_string(), "99.0%");
        assert!(before.is_short);
        assert_eq!(Timeline::new(&[], time("2026-11-09T00:00:00Z")), None);
    }
}
