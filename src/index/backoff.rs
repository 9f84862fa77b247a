//! The delay before the next attempt (R13).

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// The most that the first delay can be.
const INITIAL_DELAY: Duration = Duration::from_millis(800);
/// The most that any delay can be.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// Delays that double, each shortened at random by up to a half, so that replicas that lost the
/// same API server do not reconnect at the same time.
#[derive(Debug)]
pub(super) struct Backoff {
    next_delay: Duration,
    rng: StdRng,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self::with_seed(rand::random())
    }

    /// The same delays for the same `seed`.
    pub(super) fn with_seed(seed: u64) -> Self {
        Self {
            next_delay: INITIAL_DELAY,
            rng: StdRng::seed_from_u64(seed),
        }
    }

    /// The delay before the next attempt.
    pub(super) fn next_delay(&mut self) -> Duration {
        let wait = self.next_delay;
        self.next_delay = (wait * 2).min(MAX_DELAY);
        self.with_jitter(wait)
    }

    /// `wait`, shortened at random by up to a half.
    pub(super) fn with_jitter(&mut self, wait: Duration) -> Duration {
        wait.mul_f64(self.rng.random_range(0.5..=1.0))
    }

    /// Starts again with the shortest delay, after a time without errors.
    pub(super) fn reset(&mut self) {
        self.next_delay = INITIAL_DELAY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_to_thirty_seconds_with_jitter() {
        let waits = |seed| {
            let mut backoff = Backoff::with_seed(seed);
            std::iter::repeat_with(move || backoff.next_delay())
                .take(10)
                .collect::<Vec<_>>()
        };
        let mut full = INITIAL_DELAY;
        for wait in waits(7) {
            assert!(wait <= full && wait >= full / 2, "{wait:?} of {full:?}");
            full = (full * 2).min(MAX_DELAY);
        }
        assert_ne!(waits(7), waits(8));
        let mut backoff = Backoff::with_seed(7);
        assert!(
            std::iter::repeat_with(|| backoff.next_delay())
                .nth(8)
                .unwrap()
                > INITIAL_DELAY
        );
        backoff.reset();
        assert!(backoff.next_delay() <= INITIAL_DELAY);
    }
}
