//! A cache of a value for each project of each user: their workloads, the kinds of workloads that they
//! may list, the space of their images.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::app::failure::Failure;
use crate::app::loading_cache::LoadedValue;
use crate::outbound::{Expiry, PerUserCache, UserKey, UserToken};
use registry_model::{Clock, ProjectName};

/// How long an entry stays in memory at most.
const MAX_AGE: Duration = Duration::from_secs(60);

/// How long an invalidation is remembered: longer than any entry lives.
const INVALIDATION_TTL: Duration = Duration::from_secs(120);

/// A project, or all projects of the cluster.
type CacheKey = (UserKey, Option<ProjectName>);

struct Slot<T: ?Sized> {
    /// The value, and when it was requested.
    value: Mutex<Option<(DateTime<Utc>, Arc<T>)>>,
    kib: AtomicU32,
}

/// Cheap to clone; clones share the entries.
pub(in crate::app) struct WorkloadCache<T: ?Sized> {
    slots: moka::sync::Cache<CacheKey, Arc<Slot<T>>>,
    /// When the entries of each user were last invalidated.
    recently_invalidated: PerUserCache<DateTime<Utc>>,
    /// How old a value may be that a page uses. At most [`MAX_AGE`].
    ttl: TimeDelta,
    /// The approximate memory of a value in bytes.
    memory_bytes: fn(&T) -> usize,
    clock: Clock,
}

impl<T: ?Sized + Send + Sync + 'static> WorkloadCache<T> {
    /// `max_kib` is the memory of all entries together.
    pub(in crate::app) fn new(
        ttl: TimeDelta,
        max_kib: u64,
        memory_bytes: fn(&T) -> usize,
        clock: Clock,
    ) -> Self {
        Self {
            slots: moka::sync::Cache::builder()
                .max_capacity(max_kib)
                .weigher(|_, slot: &Arc<Slot<T>>| slot.kib.load(Ordering::Relaxed).max(1))
                .time_to_live(MAX_AGE)
                .build(),
            recently_invalidated: PerUserCache::new(Expiry::AfterInsertion(INVALIDATION_TTL)),
            ttl,
            memory_bytes,
            clock,
        }
    }

    /// The cached value of a project, or of all projects. `None` also while it is being loaded.
    pub(in crate::app) fn peek(
        &self,
        token: &UserToken,
        project: Option<&ProjectName>,
    ) -> Option<Arc<T>> {
        let slot = self.slots.get(&(UserKey::from(token), project.cloned()))?;
        let value = slot.value.try_lock().ok()?;
        let (when, cached) = value.as_ref()?;
        self.is_fresh(*when, token).then(|| Arc::clone(cached))
    }

    /// The cached value of a project, or of all projects, or otherwise the one that `load` returns.
    /// Concurrent callers wait for the same load.
    pub(in crate::app) async fn get(
        &self,
        token: &UserToken,
        project: Option<&ProjectName>,
        load: impl Future<Output = Result<LoadedValue<Arc<T>>, Failure>>,
    ) -> Result<Arc<T>, Failure> {
        let key = (UserKey::from(token), project.cloned());
        let slot = self.slots.get_with(key.clone(), || Arc::new(Slot::empty()));
        let mut value = slot.value.lock().await;
        if let Some((when, cached)) = value.as_ref()
            && self.is_fresh(*when, token)
        {
            return Ok(Arc::clone(cached));
        }
        let requested_at = self.clock.now();
        *value = None;
        let loaded = load.await?;
        if loaded.is_cacheable {
            *value = Some((requested_at, Arc::clone(&loaded.value)));
            let bytes = (self.memory_bytes)(&loaded.value);
            let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
            slot.kib.store(kib, Ordering::Relaxed);
            // The weight of an entry is determined when it is inserted.
            self.slots.insert(key, Arc::clone(&slot));
        }
        Ok(loaded.value)
    }

    /// Whether a value that was requested at `when` may still be used.
    fn is_fresh(&self, when: DateTime<Utc>, token: &UserToken) -> bool {
        let now = self.clock.now();
        let invalidated_at = self.recently_invalidated.get(token);
        now - when < self.ttl
            && when <= now
            && invalidated_at.is_none_or(|invalidated| invalidated < when)
    }

    pub(in crate::app) fn invalidate(&self, token: &UserToken) {
        self.recently_invalidated.insert(token, self.clock.now());
    }
}

impl<T: ?Sized> Slot<T> {
    fn empty() -> Self {
        Self {
            value: Mutex::new(None),
            kib: AtomicU32::new(0),
        }
    }
}

impl<T: ?Sized> Clone for WorkloadCache<T> {
    fn clone(&self) -> Self {
        Self {
            slots: self.slots.clone(),
            recently_invalidated: self.recently_invalidated.clone(),
            ttl: self.ttl,
            memory_bytes: self.memory_bytes,
            clock: self.clock.clone(),
        }
    }
}

impl<T: ?Sized> fmt::Debug for WorkloadCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkloadCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[tokio::test]
    async fn projects_of_a_user_are_loaded_once_until_the_ttl_or_an_invalidation() {
        let clock = Clock::fixed_at(DateTime::UNIX_EPOCH);
        let cache = WorkloadCache::new(TimeDelta::seconds(30), 1_024, |_: &str| 1, clock.clone());
        let loads = AtomicUsize::new(0);
        let team: ProjectName = "team-a".parse().unwrap();
        let load = async |user: &str, is_cacheable| {
            let value = async {
                loads.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok(LoadedValue {
                    value: Arc::from("workloads"),
                    is_cacheable,
                })
            };
            cache
                .get(&UserToken::from(user), Some(&team), value)
                .await
                .unwrap();
            loads.load(Ordering::Relaxed)
        };
        let concurrent = (0..10).map(|_| load("dev", true));
        assert_eq!(futures_util::future::join_all(concurrent).await, [1; 10]);
        assert_eq!(load("viewer", true).await, 2, "another user");
        clock.advance(TimeDelta::seconds(29));
        assert_eq!(load("dev", true).await, 2);
        clock.advance(TimeDelta::seconds(1));
        let peek = |user: &str| cache.peek(&UserToken::from(user), Some(&team));
        assert_eq!(peek("viewer"), None, "too old");
        assert_eq!(load("dev", false).await, 3);
        assert_eq!(peek("dev"), None, "partial values are not kept");
        assert_eq!(load("dev", true).await, 4);
        assert_eq!(peek("dev").as_deref(), Some("workloads"));
        cache.invalidate(&UserToken::from("dev"));
        assert_eq!(peek("dev"), None);
        assert_eq!(load("dev", true).await, 5);
        assert_eq!(load("viewer", true).await, 6);
    }
}
