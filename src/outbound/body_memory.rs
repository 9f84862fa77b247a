//! A memory limit for all upstream responses together, while they are read and processed (R12).
//!
//! A single response can be long: a list of image streams has megabytes, and many at once could
//! exhaust the memory. A response that is longer than [`UNRESERVED_BYTES`] therefore reserves its
//! bytes as they arrive, and waits if too many are reserved. One waiting response at a time may
//! continue without a reservation, so that it completes and its memory is released for the next.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The memory of all long responses together. Each byte counts twice, because it is also decoded
/// into values.
const MAX_TOTAL_BYTES: usize = 64 << 20;
/// What a response may take without a reservation. Most are shorter.
const UNRESERVED_BYTES: usize = 256 << 10;
/// The increment of a reservation.
const RESERVATION_STEP_BYTES: usize = 1 << 20;
/// How often each byte of a body counts.
const BYTE_WEIGHT: usize = 2;
const BYTES_PER_PERMIT: usize = 1 << 10;
/// How long a response waits for memory.
const RESERVATION_TIMEOUT: Duration = Duration::from_secs(3);

static BODY_MEMORY: LazyLock<BodyMemory> = LazyLock::new(|| BodyMemory::new(MAX_TOTAL_BYTES));

/// The memory of all long responses.
#[derive(Clone, Debug)]
struct BodyMemory {
    permits: Arc<Semaphore>,
    /// One permit, for the response that continues without a reservation.
    overcommit: Arc<Semaphore>,
}

/// The memory of one response. It is released on drop.
#[derive(Debug)]
pub(super) struct MemoryReservation {
    memory: BodyMemory,
    bytes: usize,
    permits: Option<OwnedSemaphorePermit>,
    overcommit: Option<OwnedSemaphorePermit>,
}

/// No memory became available for the response within three seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MemoryExhausted;

impl BodyMemory {
    fn new(bytes: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(bytes / BYTES_PER_PERMIT)),
            overcommit: Arc::new(Semaphore::new(1)),
        }
    }

    fn reserve(&self) -> MemoryReservation {
        MemoryReservation {
            memory: self.clone(),
            bytes: UNRESERVED_BYTES,
            permits: None,
            overcommit: None,
        }
    }
}

impl MemoryReservation {
    pub(super) fn new() -> Self {
        BODY_MEMORY.reserve()
    }

    /// Reserves memory for `bytes` in total.
    pub(super) async fn grow(&mut self, bytes: usize) -> Result<(), MemoryExhausted> {
        if bytes <= self.bytes || self.overcommit.is_some() {
            return Ok(());
        }
        let more = (bytes - self.bytes).next_multiple_of(RESERVATION_STEP_BYTES);
        let permits =
            u32::try_from(more * BYTE_WEIGHT / BYTES_PER_PERMIT).map_err(|_| MemoryExhausted)?;
        let granted = async {
            tokio::select! {
                biased;
                permits = Arc::clone(&self.memory.permits).acquire_many_owned(permits) => permits.map(Ok),
                exception = Arc::clone(&self.memory.overcommit).acquire_owned() => exception.map(Err),
            }
        };
        match timeout(RESERVATION_TIMEOUT, granted).await {
            Ok(Ok(Ok(permits))) => {
                match &mut self.permits {
                    Some(held) => held.merge(permits),
                    None => self.permits = Some(permits),
                }
                self.bytes += more;
                Ok(())
            }
            Ok(Ok(Err(exception))) => {
                self.overcommit = Some(exception);
                Ok(())
            }
            _ => Err(MemoryExhausted),
        }
    }

    /// Returns `body`; the reservation is held as long as any part of the body is.
    pub(super) fn into_body(self, body: Bytes) -> Bytes {
        if self.permits.is_none() && self.overcommit.is_none() {
            return body;
        }
        Bytes::from_owner(ReservedBody {
            body,
            _reserved: self,
        })
    }
}

struct ReservedBody {
    body: Bytes,
    _reserved: MemoryReservation,
}

impl AsRef<[u8]> for ReservedBody {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::time::Instant;

    use super::*;

    const MIB: usize = 1 << 20;

    async fn body(memory: &BodyMemory, bytes: usize) -> Result<Bytes, MemoryExhausted> {
        let mut reserved = memory.reserve();
        reserved.grow(bytes).await?;
        Ok(reserved.into_body(Bytes::from_static(b"body")))
    }

    #[tokio::test(start_paused = true)]
    async fn long_responses_wait_for_memory_and_short_ones_do_not() {
        let memory = BodyMemory::new(8 * MIB);
        let first = body(&memory, 4 * MIB).await.unwrap();
        let exception = body(&memory, 4 * MIB).await.unwrap();
        assert!(body(&memory, UNRESERVED_BYTES).now_or_never().is_some());
        let started = Instant::now();
        assert_eq!(body(&memory, 4 * MIB).await, Err(MemoryExhausted));
        assert_eq!(started.elapsed(), RESERVATION_TIMEOUT);
        let part = first.slice(1..2);
        let (third, ()) = tokio::join!(body(&memory, 4 * MIB), async {
            drop(first);
            assert_eq!(
                memory.permits.available_permits(),
                0,
                "a part of the first is still held"
            );
            drop(part);
        });
        assert!(third.is_ok());
        drop((exception, third));
        assert_eq!(
            (
                memory.permits.available_permits(),
                memory.overcommit.available_permits()
            ),
            (8 * MIB / BYTES_PER_PERMIT, 1)
        );
    }

    /// Without the exception, two responses that each hold half of the memory would wait for each
    /// other.
    #[tokio::test(start_paused = true)]
    async fn concurrently_growing_responses_do_not_deadlock() {
        let memory = BodyMemory::new(8 * MIB);
        let growing = (0..6).map(|_| async {
            let mut reserved = memory.reserve();
            for step in 1..=4 {
                reserved.grow(step * MIB).await?;
                tokio::task::yield_now().await;
            }
            Ok::<(), MemoryExhausted>(())
        });
        let started = Instant::now();
        assert!(
            futures_util::future::join_all(growing)
                .await
                .iter()
                .all(Result::is_ok)
        );
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
