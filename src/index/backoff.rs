//! How long to wait before the next try (R13).

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// The first wait, at the most.
const INITIAL_DELAY: Duration = Duration::from_millis(800);
/// No wait is longer.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// Waits that double, each shortened by chance by up to a half, so that replicas that lost the same
/// master do not come back all at once.
#[derive(Debug)]
pub(super) struct Backoff {
    next_delay: Duration,
    rng: StdRng,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self::with_seed(rand::random())
    }

    /// The same waits for the same `seed`.
    pub(super) fn with_seed(seed: u64) -> Self {
        Self {
            next_delay: INITIAL_DELAY,
            rng: StdRng::seed_from_u64(seed),
        }
    }

    /// The wait before the next try.
    pub(super) fn next_delay(&mut self) -> Duration {
        let wait = self.next_delay;
        self.next_delay = (wait * 2).min(MAX_DELAY);
        self.with_jitter(wait)
    }

    /// `wait`, shortened by chance by up to a half.
    pub(super) fn with_jitter(&mut self, wait: Duration) -> Duration {
        wait.mul_f64(self.rng.random_range(0.5..=1.0))
    }

    /// After things went well for a while.
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
