//! A lock for each image stream that is being changed.
//!
//! All tags of an image stream are part of one object of the API, so the API server refuses one of
//! two concurrent changes. The locks serialize the changes of this process; other writers
//! (replicas, `oc`, pushes, imports) still cause conflicts.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use registry_model::{ImageStreamName, ProjectName};

type StreamKey = (ProjectName, ImageStreamName);

/// The locks of the image streams that are being changed. Clones share the locks and are cheap.
#[derive(Clone, Default)]
pub(super) struct StreamLocks(Arc<Mutex<HashMap<StreamKey, CountedLock>>>);

/// A lock, and the number of its holders and waiters.
#[derive(Default)]
struct CountedLock {
    lock: Arc<tokio::sync::Mutex<()>>,
    references: usize,
}

/// The lock of an image stream. Dropping it passes it to the next waiter.
#[derive(Debug)]
pub struct StreamLock {
    _guard: OwnedMutexGuard<()>,
    _reference: LockReference,
}

impl StreamLocks {
    /// Waits until no other change of this image stream is in progress. Waiters get the lock in the
    /// order of their calls.
    pub(super) async fn lock(&self, project: &ProjectName, stream: &ImageStreamName) -> StreamLock {
        let (lock, user) = self.acquire_reference((project.clone(), stream.clone()));
        StreamLock {
            _guard: lock.lock_owned().await,
            _reference: user,
        }
    }

    fn acquire_reference(&self, key: StreamKey) -> (Arc<tokio::sync::Mutex<()>>, LockReference) {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = locks.entry(key.clone()).or_default();
        counted.references += 1;
        (
            Arc::clone(&counted.lock),
            LockReference {
                locks: self.clone(),
                key,
            },
        )
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl fmt::Debug for StreamLocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamLocks")
            .field("locked", &self.len())
            .finish()
    }
}

/// A holder or waiter of a lock. When the last one is dropped, the lock is removed from the map.
#[derive(Debug)]
struct LockReference {
    locks: StreamLocks,
    key: StreamKey,
}

impl Drop for LockReference {
    fn drop(&mut self) {
        let mut locks = self.locks.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(counted) = locks.get_mut(&self.key) else {
            return;
        };
        counted.references -= 1;
        if counted.references == 0 {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(project: &str, stream: &str) -> (ProjectName, ImageStreamName) {
        (project.parse().unwrap(), stream.parse().unwrap())
    }

    #[tokio::test]
    async fn lock_is_exclusive_per_stream() {
        let locks = StreamLocks::default();
        let ((project, api), (_, web)) = (names("team-a", "api"), names("team-a", "web"));
        let first = locks.lock(&project, &api).await;
        let mut second = Box::pin(locks.lock(&project, &api));
        assert!(futures_util::poll!(&mut second).is_pending());
        let other = locks.lock(&project, &web).await;
        assert_eq!(locks.len(), 2);
        drop(first);
        let second = second.await;
        drop((second, other));
        assert_eq!(locks.len(), 0, "a lock without a holder is removed");
    }

    #[tokio::test]
    async fn canceled_wait_leaves_no_lock() {
        let locks = StreamLocks::default();
        let (project, api) = names("team-a", "api");
        let held = locks.lock(&project, &api).await;
        let mut given_up = Box::pin(locks.lock(&project, &api));
        assert!(futures_util::poll!(&mut given_up).is_pending());
        drop(held);
        drop(given_up);
        assert_eq!(locks.len(), 0);
        locks.lock(&project, &api).await;
    }
}
