//! The chunks of responses that were passed on for sending and that the peer has not read yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The chunks of one connection. A chunk is unsent from the moment when the HTTP library has it
/// until the library passes it to TLS or the kernel: over HTTP/2 that needs the peer's window, over
/// HTTP/1.1 space in the kernel's buffer.
#[derive(Default)]
pub(super) struct UnsentChunks {
    state: Mutex<UnsentState>,
    became_nonempty: Notify,
}

#[derive(Default)]
struct UnsentState {
    /// When each was passed on; the oldest has the lowest number.
    sent_at: BTreeMap<u64, Instant>,
    next_id: u64,
}

/// An unsent chunk. Sent when dropped.
pub(super) struct UnsentChunk {
    chunks: Arc<UnsentChunks>,
    id: u64,
}

impl UnsentChunks {
    pub(super) fn track(self: &Arc<Self>) -> UnsentChunk {
        let mut parts = self.lock();
        let part = parts.next_id;
        parts.next_id += 1;
        parts.sent_at.insert(part, Instant::now());
        let first = parts.sent_at.len() == 1;
        drop(parts);
        if first {
            self.became_nonempty.notify_one();
        }
        UnsentChunk {
            chunks: Arc::clone(self),
            id: part,
        }
    }

    /// Whether the peer has read everything.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().sent_at.is_empty()
    }

    /// Waits until a chunk has been unsent for `limit`.
    pub(super) async fn wait_for_stall(&self, limit: Duration) {
        loop {
            let oldest = self
                .lock()
                .sent_at
                .first_key_value()
                .map(|(part, since)| (*part, *since));
            let Some((part, since)) = oldest else {
                self.became_nonempty.notified().await;
                continue;
            };
            sleep_until(since + limit).await;
            if self.lock().sent_at.contains_key(&part) {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, UnsentState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnsentChunk {
    fn drop(&mut self) {
        self.chunks.lock().sent_at.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::time::{advance, sleep};

    use super::*;

    const STALL_TIMEOUT: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn chunk_unsent_past_the_timeout_is_a_stall() {
        let transit = Arc::new(UnsentChunks::default());
        let mut stalled = std::pin::pin!(transit.wait_for_stall(STALL_TIMEOUT));
        assert!(stalled.as_mut().now_or_never().is_none());
        let _part = transit.track();
        advance(STALL_TIMEOUT - Duration::from_secs(1)).await;
        assert!(stalled.as_mut().now_or_never().is_none());
        stalled.await;
    }

    #[tokio::test(start_paused = true)]
    async fn slow_or_empty_transfer_is_no_stall() {
        let transit = Arc::new(UnsentChunks::default());
        let taking = async {
            for _ in 0..100 {
                let part = transit.track();
                sleep(STALL_TIMEOUT - Duration::from_secs(1)).await;
                drop(part);
            }
            sleep(STALL_TIMEOUT * 100).await;
        };
        tokio::select! {
            () = transit.wait_for_stall(STALL_TIMEOUT) => panic!("every part was taken in time"),
            () = taking => {}
        }
    }
}
