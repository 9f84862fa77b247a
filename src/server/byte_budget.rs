//! The bytes that all requests and responses of a listener may hold at the same time (S50).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

/// How long a request waits for bytes.
const RESERVE_TIMEOUT: Duration = Duration::from_secs(1);

/// How many requests wait at the same time.
const MAX_WAITING_RESERVATIONS: usize = 64;

/// The share of the budget that a request uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BudgetShare {
    /// Requests without a valid session. They get half of the budget, so that they cannot take it
    /// from signed-in users.
    Anonymous,
    /// Requests with a valid session.
    SignedIn,
}

/// The bytes of headers, bodies and responses in flight, over all connections.
pub(super) struct ByteBudget {
    max_bytes: usize,
    used: Mutex<BudgetUsage>,
    freed: Notify,
    /// Bounds the waiting requests: what they hold meanwhile is not in the budget.
    waiters: Semaphore,
}

#[derive(Default)]
struct BudgetUsage {
    total: usize,
    anonymous: usize,
}

/// Bytes reserved from a budget, until dropped.
pub(super) struct Reservation {
    budget: Arc<ByteBudget>,
    share: BudgetShare,
    bytes: usize,
}

impl ByteBudget {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            max_bytes: limit,
            used: Mutex::default(),
            freed: Notify::new(),
            waiters: Semaphore::new(MAX_WAITING_RESERVATIONS),
        })
    }

    /// `None` if the bytes are not available.
    pub(super) fn try_reserve(
        self: &Arc<Self>,
        share: BudgetShare,
        bytes: usize,
    ) -> Option<Reservation> {
        self.try_take(share, bytes).then(|| Reservation {
            budget: Arc::clone(self),
            share,
            bytes,
        })
    }

    /// Waits for the bytes for a short time. `None` if they are not available, or too many requests
    /// wait.
    pub(super) async fn reserve_or_wait(
        self: &Arc<Self>,
        share: BudgetShare,
        bytes: usize,
    ) -> Option<Reservation> {
        let _waiting = self.waiters.try_acquire().ok()?;
        let reserved = async {
            loop {
                let mut freed = std::pin::pin!(self.freed.notified());
                freed.as_mut().enable();
                if let Some(reservation) = self.try_reserve(share, bytes) {
                    break reservation;
                }
                freed.await;
            }
        };
        timeout(RESERVE_TIMEOUT, reserved).await.ok()
    }

    /// The size of the whole budget.
    pub(super) fn limit(&self) -> usize {
        self.max_bytes
    }

    /// Takes `more` bytes, or returns `false` and takes none if they are not available.
    fn try_take(&self, share: BudgetShare, more: usize) -> bool {
        self.update_usage(|used| {
            let fits =
                |used: usize, limit: usize| used.checked_add(more).is_some_and(|sum| sum <= limit);
            if !fits(used.total, self.max_bytes)
                || (share == BudgetShare::Anonymous && !fits(used.anonymous, self.max_bytes / 2))
            {
                return false;
            }
            used.total += more;
            used.anonymous += if share == BudgetShare::Anonymous {
                more
            } else {
                0
            };
            true
        })
    }

    fn update_usage(&self, change: impl FnOnce(&mut BudgetUsage) -> bool) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let done = change(&mut used);
        metrics::gauge!("registry_console_in_flight_bytes").set(used.total as f64);
        done
    }
}

impl Reservation {
    /// Reserves more bytes, or returns `false` and reserves none if they are not available.
    pub(super) fn try_grow(&mut self, more: usize) -> bool {
        let grown = self.budget.try_take(self.share, more);
        self.bytes += if grown { more } else { 0 };
        grown
    }

    /// Splits off a reservation of `bytes`, or of all if there are fewer.
    pub(super) fn split(&mut self, bytes: usize) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self {
            budget: Arc::clone(&self.budget),
            share: self.share,
            bytes,
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.update_usage(|used| {
            used.total -= self.bytes;
            used.anonymous -= if self.share == BudgetShare::Anonymous {
                self.bytes
            } else {
                0
            };
            true
        });
        self.budget.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn anonymous_requests_use_at_most_half_of_the_budget() {
        let budget = ByteBudget::new(100);
        let anonymous = budget.try_reserve(BudgetShare::Anonymous, 50).unwrap();
        assert!(budget.try_reserve(BudgetShare::Anonymous, 1).is_none());
        let signed_in = budget.try_reserve(BudgetShare::SignedIn, 50).unwrap();
        assert!(budget.try_reserve(BudgetShare::SignedIn, 1).is_none());
        drop(anonymous);
        assert!(budget.try_reserve(BudgetShare::SignedIn, 50).is_some());
        drop(signed_in);
        assert!(
            budget.try_reserve(BudgetShare::SignedIn, 100).is_some(),
            "everything came back"
        );
    }

    #[test]
    fn failed_growth_keeps_the_reservation() {
        let budget = ByteBudget::new(100);
        let mut reservation = budget.try_reserve(BudgetShare::SignedIn, 60).unwrap();
        assert!(
            !reservation.try_grow(41)
                && !reservation.try_grow(usize::MAX)
                && reservation.try_grow(40)
        );
        let part = reservation.split(70);
        drop(reservation);
        assert!(budget.try_reserve(BudgetShare::SignedIn, 31).is_none());
        drop(part);
        assert!(budget.try_reserve(BudgetShare::SignedIn, 100).is_some());
    }
    #[tokio::test(start_paused = true)]
    async fn reservation_waits_briefly_with_bounded_waiters() {
        let budget = ByteBudget::new(100);
        let held = budget.try_reserve(BudgetShare::SignedIn, 100).unwrap();
        assert!(
            budget
                .reserve_or_wait(BudgetShare::SignedIn, 1)
                .await
                .is_none(),
            "after a moment"
        );
        let mut first = Box::pin(budget.reserve_or_wait(BudgetShare::SignedIn, 1));
        assert!(first.as_mut().now_or_never().is_none());
        let mut others: Vec<_> = (1..MAX_WAITING_RESERVATIONS)
            .map(|_| Box::pin(budget.reserve_or_wait(BudgetShare::SignedIn, 1)))
            .collect();
        assert!(
            others
                .iter_mut()
                .all(|other| other.as_mut().now_or_never().is_none()),
            "they wait"
        );
        assert!(
            budget
                .reserve_or_wait(BudgetShare::SignedIn, 1)
                .now_or_never()
                .expect("an answer at once")
                .is_none(),
            "too many wait"
        );
        drop(held);
        assert!(first.await.is_some());
    }
}
