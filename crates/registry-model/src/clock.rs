//! The time of day, as a value that tests can set.
//!
//! Session ages, relative times and certificate dates all ask a [`Clock`], never the system: so a
//! test can stand ten minutes off (R22).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// Where the time comes from. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Clock(ClockSource);

#[derive(Clone, Debug, Default)]
enum ClockSource {
    #[default]
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self(ClockSource::System)
    }

    /// A clock that stands at `now` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn fixed_at(now: DateTime<Utc>) -> Self {
        Self(ClockSource::Fixed(Arc::new(AtomicI64::new(
            now.timestamp(),
        ))))
    }

    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that may ask the system"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            ClockSource::System => Utc::now(),
            ClockSource::Fixed(seconds) => {
                DateTime::from_timestamp(seconds.load(Ordering::Relaxed), 0).unwrap_or_default()
            }
        }
    }

    /// Moves a standing clock. The system's own is left alone.
    pub fn advance(&self, by: TimeDelta) {
        if let ClockSource::Fixed(seconds) = &self.0 {
            seconds.fetch_add(by.num_seconds(), Ordering::Relaxed);
        }
    }
}
