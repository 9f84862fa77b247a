//! How long to wait before the next try (R13).

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// The first wait, at the most.
const FIRST: Duration = Duration::from_millis(800);
/// No wait is longer.
const LONGEST: Duration = Duration::from_secs(30);

/// Waits that double, each shortened by chance by up to a half, so that replicas that lost the same
/// master do not come back all at once.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
    chance: StdRng,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self::seeded(rand::random())
    }

    /// The same waits for the same `seed`.
    pub(super) fn seeded(seed: u64) -> Self {
        Self {
            next: FIRST,
            chance: StdRng::seed_from_u64(seed),
        }
    }

    /// The wait before the next try.
    pub(super) fn next(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST);
        self.shortened(wait)
    }

    /// `wait`, shortened by chance by up to a half.
    pub(super) fn shortened(&mut self, wait: Duration) -> Duration {
        wait.mul_f64(self.chance.random_range(0.5..=1.0))
    }

    /// After things went well for a while.
    pub(super) fn reset(&mut self) {
        self.next = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute_and_no_two_consoles_wait_alike() {
        let waits = |seed| {
            let mut backoff = Backoff::seeded(seed);
            std::iter::repeat_with(move || backoff.next())
                .take(10)
                .collect::<Vec<_>>()
        };
        let mut full = FIRST;
        for wait in waits(7) {
            assert!(wait <= full && wait >= full / 2, "{wait:?} of {full:?}");
            full = (full * 2).min(LONGEST);
        }
        assert_ne!(waits(7), waits(8));
        let mut backoff = Backoff::seeded(7);
        assert!(std::iter::repeat_with(|| backoff.next()).nth(8).unwrap() > FIRST);
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }
}
