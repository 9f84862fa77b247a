//! The current time, as a value that tests can set.
//!
//! Session ages, relative times and certificate dates use a [`Clock`], never the system time
//! directly, so that tests can control the time (R22).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// A source of the current time. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Clock(ClockSource);

#[derive(Clone, Debug, Default)]
enum ClockSource {
    #[default]
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The system clock.
    #[must_use]
    pub fn system() -> Self {
        Self(ClockSource::System)
    }

    /// A clock that shows `now` until [`Clock::advance`] changes it.
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

    /// Advances a clock with a fixed time. Has no effect on the system clock.
    pub fn advance(&self, by: TimeDelta) {
        if let ClockSource::Fixed(seconds) = &self.0 {
            seconds.fetch_add(by.num_seconds(), Ordering::Relaxed);
        }
    }
}
