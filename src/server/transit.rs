//! Unsent of answers that were handed out to be sent and that the peer has not taken yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The parts of one connection. A part is on its way from the moment when the HTTP library has it
/// until it gave it to TLS or the kernel: over HTTP/2 that needs the peer's permission (its
/// window), over HTTP/1.1 room in the kernel's buffer.
#[derive(Default)]
pub(super) struct Transit {
    parts: Mutex<Unsent>,
    first: Notify,
}

#[derive(Default)]
struct Unsent {
    /// When each was handed out; the oldest has the lowest number.
    since: BTreeMap<u64, Instant>,
    next: u64,
}

/// One part on its way. Taken when dropped.
pub(super) struct UntakenPart {
    transit: Arc<Transit>,
    part: u64,
}

impl Transit {
    pub(super) fn hand_out(self: &Arc<Self>) -> UntakenPart {
        let mut parts = self.lock();
        let part = parts.next;
        parts.next += 1;
        parts.since.insert(part, Instant::now());
        let first = parts.since.len() == 1;
        drop(parts);
        if first {
            self.first.notify_one();
        }
        UntakenPart {
            transit: Arc::clone(self),
            part,
        }
    }

    /// Whether the peer has taken everything.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().since.is_empty()
    }

    /// Waits until a part is on its way for all of `limit`.
    pub(super) async fn stalled(&self, limit: Duration) {
        loop {
            let oldest = self
                .lock()
                .since
                .first_key_value()
                .map(|(part, since)| (*part, *since));
            let Some((part, since)) = oldest else {
                self.first.notified().await;
                continue;
            };
            sleep_until(since + limit).await;
            if self.lock().since.contains_key(&part) {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Unsent> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UntakenPart {
    fn drop(&mut self) {
        self.transit.lock().since.remove(&self.part);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::time::{advance, sleep};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn a_part_that_is_not_taken_in_time_is_a_stall() {
        let transit = Arc::new(Transit::default());
        let mut stalled = std::pin::pin!(transit.stalled(LIMIT));
        assert!(stalled.as_mut().now_or_never().is_none());
        let _part = transit.hand_out();
        advance(LIMIT - Duration::from_secs(1)).await;
        assert!(stalled.as_mut().now_or_never().is_none());
        stalled.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_parts_slowly_or_has_none_to_take_is_no_stall() {
        let transit = Arc::new(Transit::default());
        let taking = async {
            for _ in 0..100 {
                let part = transit.hand_out();
                sleep(LIMIT - Duration::from_secs(1)).await;
                drop(part);
            }
            sleep(LIMIT * 100).await;
        };
        tokio::select! {
            () = transit.stalled(LIMIT) => panic!("every part was taken in time"),
            () = taking => {}
        }
    }
}
