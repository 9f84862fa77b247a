//! How many bytes all requests and answers of a listener may hold at one time (S50).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

/// How long a request waits for bytes.
const SOON: Duration = Duration::from_secs(1);

/// How many requests wait at a time.
const WAITING: usize = 64;

/// Who holds bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// Requests without a valid session. They get half of the budget, so that they cannot take it
    /// from people who are signed in.
    Anonymous,
    /// Requests with a valid session.
    SignedIn,
}

/// Bytes of headers, bodies and answers in flight, over all connections.
pub(super) struct ByteBudget {
    limit: usize,
    used: Mutex<Used>,
    freed: Notify,
    /// How many may wait for bytes: what they hold meanwhile is not in the budget.
    waiting: Semaphore,
}

#[derive(Default)]
struct Used {
    all: usize,
    anonymous: usize,
}

/// Bytes taken from a budget, until dropped.
pub(super) struct Reservation {
    budget: Arc<ByteBudget>,
    share: Share,
    bytes: usize,
}

impl ByteBudget {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            used: Mutex::default(),
            freed: Notify::new(),
            waiting: Semaphore::new(WAITING),
        })
    }

    /// Nothing where the bytes are not to be had.
    pub(super) fn reserve(self: &Arc<Self>, share: Share, bytes: usize) -> Option<Reservation> {
        self.take(share, bytes).then(|| Reservation {
            budget: Arc::clone(self),
            share,
            bytes,
        })
    }

    /// Waits for the bytes, for a moment. Nothing where they are not to be had, or too many others
    /// wait.
    pub(super) async fn reserve_soon(
        self: &Arc<Self>,
        share: Share,
        bytes: usize,
    ) -> Option<Reservation> {
        let _waiting = self.waiting.try_acquire().ok()?;
        let reserved = async {
            loop {
                let mut freed = std::pin::pin!(self.freed.notified());
                freed.as_mut().enable();
                if let Some(reservation) = self.reserve(share, bytes) {
                    break reservation;
                }
                freed.await;
            }
        };
        timeout(SOON, reserved).await.ok()
    }

    /// What the whole budget is.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// False, and nothing taken, where there are not so many.
    fn take(&self, share: Share, more: usize) -> bool {
        self.change(|used| {
            let fits =
                |used: usize, limit: usize| used.checked_add(more).is_some_and(|sum| sum <= limit);
            if !fits(used.all, self.limit)
                || (share == Share::Anonymous && !fits(used.anonymous, self.limit / 2))
            {
                return false;
            }
            used.all += more;
            used.anonymous += if share == Share::Anonymous { more } else { 0 };
            true
        })
    }

    fn change(&self, change: impl FnOnce(&mut Used) -> bool) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let done = change(&mut used);
        metrics::gauge!("registry_console_bytes_in_flight").set(used.all as f64);
        done
    }
}

impl Reservation {
    /// Takes more bytes; false, and nothing taken, where they are not to be had.
    pub(super) fn grow(&mut self, more: usize) -> bool {
        let grown = self.budget.take(self.share, more);
        self.bytes += if grown { more } else { 0 };
        grown
    }

    /// A reservation of `bytes` of these, or of all where there are fewer.
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
        self.budget.change(|used| {
            used.all -= self.bytes;
            used.anonymous -= if self.share == Share::Anonymous {
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
    fn anonymous_requests_leave_half_of_the_budget_to_people_who_are_signed_in() {
        let budget = ByteBudget::new(100);
        let anonymous = budget.reserve(Share::Anonymous, 50).unwrap();
        assert!(budget.reserve(Share::Anonymous, 1).is_none());
        let signed_in = budget.reserve(Share::SignedIn, 50).unwrap();
        assert!(budget.reserve(Share::SignedIn, 1).is_none());
        drop(anonymous);
        assert!(budget.reserve(Share::SignedIn, 50).is_some());
        drop(signed_in);
        assert!(
            budget.reserve(Share::SignedIn, 100).is_some(),
            "everything came back"
        );
    }

    #[test]
    fn a_reservation_that_cannot_grow_stays_as_it_is_and_gives_back_what_it_has() {
        let budget = ByteBudget::new(100);
        let mut reservation = budget.reserve(Share::SignedIn, 60).unwrap();
        assert!(!reservation.grow(41) && !reservation.grow(usize::MAX) && reservation.grow(40));
        let part = reservation.split(70);
        drop(reservation);
        assert!(budget.reserve(Share::SignedIn, 31).is_none());
        drop(part);
        assert!(budget.reserve(Share::SignedIn, 100).is_some());
    }
    #[tokio::test(start_paused = true)]
    async fn bytes_that_come_back_soon_are_waited_for_by_a_few() {
        let budget = ByteBudget::new(100);
        let held = budget.reserve(Share::SignedIn, 100).unwrap();
        assert!(
            budget.reserve_soon(Share::SignedIn, 1).await.is_none(),
            "after a moment"
        );
        let mut first = Box::pin(budget.reserve_soon(Share::SignedIn, 1));
        assert!(first.as_mut().now_or_never().is_none());
        let mut others: Vec<_> = (1..WAITING)
            .map(|_| Box::pin(budget.reserve_soon(Share::SignedIn, 1)))
            .collect();
        assert!(
            others
                .iter_mut()
                .all(|other| other.as_mut().now_or_never().is_none()),
            "they wait"
        );
        assert!(
            budget
                .reserve_soon(Share::SignedIn, 1)
                .now_or_never()
                .expect("an answer at once")
                .is_none(),
            "too many wait"
        );
        drop(held);
        assert!(first.await.is_some());
    }
}
