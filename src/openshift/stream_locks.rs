//! One lock for each image stream that is being changed.
//!
//! Every tag of an image stream is part of one object of the API, so that two changes at the same
//! time make the API server refuse one of them. The locks keep the requests of this process apart;
//! other writers (replicas, `oc`, pushes, imports) still make conflicts.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use registry_model::{ImageStreamName, ProjectName};

type StreamKey = (ProjectName, ImageStreamName);

/// The locks of the image streams that are being changed, and of no others. Cheap to clone; all
/// clones are one.
#[derive(Clone, Default)]
pub(super) struct StreamLocks(Arc<Mutex<HashMap<StreamKey, CountedLock>>>);

/// A lock, and how many hold it or wait for it.
#[derive(Default)]
struct CountedLock {
    lock: Arc<tokio::sync::Mutex<()>>,
    references: usize,
}

/// The right to change an image stream; dropped, the next in line has it.
#[derive(Debug)]
pub struct StreamLock {
    _guard: OwnedMutexGuard<()>,
    _reference: LockReference,
}

impl StreamLocks {
    /// Waits until no other change of this image stream is under way. Those who wait get the lock
    /// in the order in which they came.
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

/// One that holds a lock or waits for it. With the last of them the lock leaves the map.
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
        assert_eq!(locks.len(), 0, "what nobody changes is not kept");
    }

    #[tokio::test]
    async fn cancelled_wait_leaves_no_lock() {
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
