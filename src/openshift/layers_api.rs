//! Whether the API server has `imagestreams/layers`: 3.6 to 3.10 do not.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use registry_model::Clock;

/// How long the API server is not asked again: it may be updated meanwhile.
const MISSING_TTL: TimeDelta = TimeDelta::minutes(10);

/// When the API server last answered that it has no such path. Shared by all users: the API server
/// has the same paths for everyone.
#[derive(Clone, Debug)]
pub(super) struct LayersApi {
    missing_since: Arc<Mutex<Option<DateTime<Utc>>>>,
    clock: Clock,
}

impl LayersApi {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            missing_since: Arc::default(),
            clock,
        }
    }

    /// Whether the API server had no such path within the last minutes.
    pub(super) fn is_missing(&self) -> bool {
        let since = *self.lock();
        since.is_some_and(|since| self.clock.now() - since < MISSING_TTL)
    }

    pub(super) fn record_missing(&self) {
        *self.lock() = Some(self.clock.now());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<DateTime<Utc>>> {
        self.missing_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_path_is_remembered_for_some_minutes() {
        let clock = Clock::fixed_at(DateTime::UNIX_EPOCH);
        let api = LayersApi::new(clock.clone());
        assert!(!api.is_missing());
        api.record_missing();
        clock.advance(TimeDelta::seconds(599));
        assert!(api.is_missing());
        clock.advance(TimeDelta::seconds(1));
        assert!(!api.is_missing());
    }
}
