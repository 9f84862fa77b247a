//! A cache of the workloads of each project, for each user.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::ProjectWorkloads;
use crate::app::failure::Failure;
use crate::app::loading_cache::LoadedValue;
use crate::outbound::{Expiry, PerUserCache, UserKey, UserToken};
use registry_model::{Clock, ProjectName};

/// How old the workloads may be that a page shows.
const WORKLOADS_TTL: TimeDelta = TimeDelta::seconds(30);

/// How long an entry stays in memory at most.
const MAX_AGE: Duration = Duration::from_secs(60);

/// How long an invalidation is remembered: longer than any entry lives.
const INVALIDATION_TTL: Duration = Duration::from_secs(120);

/// The memory of all entries together: the workloads of some 10,000 projects.
const MAX_CACHE_KIB: u64 = 64 << 10;

/// A project, or all projects of the cluster.
type CacheKey = (UserKey, Option<ProjectName>);

/// The workloads of one project, or of all.
type CachedWorkloads = Arc<[Arc<ProjectWorkloads>]>;

#[derive(Default)]
struct Slot {
    /// The workloads, and when they were requested.
    value: Mutex<Option<(DateTime<Utc>, CachedWorkloads)>>,
    kib: AtomicU32,
}

/// Cheap to clone; clones share the entries.
#[derive(Clone)]
pub(in crate::app) struct WorkloadCache {
    slots: moka::sync::Cache<CacheKey, Arc<Slot>>,
    /// When the entries of each user were last invalidated.
    recently_invalidated: PerUserCache<DateTime<Utc>>,
    clock: Clock,
}

impl WorkloadCache {
    pub(in crate::app) fn new(clock: Clock) -> Self {
        Self {
            slots: moka::sync::Cache::builder()
                .max_capacity(MAX_CACHE_KIB)
                .weigher(|_, slot: &Arc<Slot>| slot.kib.load(Ordering::Relaxed).max(1))
                .time_to_live(MAX_AGE)
                .build(),
            recently_invalidated: PerUserCache::new(Expiry::AfterInsertion(INVALIDATION_TTL)),
            clock,
        }
    }

    /// The cached workloads of a project, or of all projects, or otherwise those that `load`
    /// returns. Concurrent callers wait for the same load.
    pub(super) async fn get(
        &self,
        token: &UserToken,
        project: Option<&ProjectName>,
        load: impl Future<Output = Result<LoadedValue<CachedWorkloads>, Failure>>,
    ) -> Result<CachedWorkloads, Failure> {
        let key = (UserKey::from(token), project.cloned());
        let slot = self.slots.get_with(key.clone(), Arc::default);
        let mut value = slot.value.lock().await;
        let requested_at = self.clock.now();
        let invalidated_at = self.recently_invalidated.get(token);
        let is_fresh = |(when, _): &&(DateTime<Utc>, CachedWorkloads)| {
            requested_at - *when < WORKLOADS_TTL
                && *when <= requested_at
                && invalidated_at.is_none_or(|invalidated| invalidated < *when)
        };
        if let Some((_, cached)) = value.as_ref().filter(is_fresh) {
            return Ok(Arc::clone(cached));
        }
        *value = None;
        let loaded = load.await?;
        if loaded.is_cacheable {
            *value = Some((requested_at, Arc::clone(&loaded.value)));
            let bytes: usize = loaded.value.iter().map(|one| one.memory_bytes()).sum();
            let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
            slot.kib.store(kib, Ordering::Relaxed);
            // The weight of an entry is determined when it is inserted.
            self.slots.insert(key, Arc::clone(&slot));
        }
        Ok(loaded.value)
    }

    pub(in crate::app) fn invalidate(&self, token: &UserToken) {
        self.recently_invalidated.insert(token, self.clock.now());
    }
}

impl fmt::Debug for WorkloadCache {
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
        let (cache, loads) = (WorkloadCache::new(clock.clone()), AtomicUsize::new(0));
        let team: ProjectName = "team-a".parse().unwrap();
        let load = async |user: &str, is_cacheable| {
            let value = async {
                loads.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                let workloads = ProjectWorkloads::group(team.clone(), Vec::new());
                Ok(LoadedValue {
                    value: [Arc::new(workloads)].into(),
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
        assert_eq!(load("dev", false).await, 3);
        assert_eq!(load("dev", true).await, 4, "partial values are not kept");
        cache.invalidate(&UserToken::from("dev"));
        assert_eq!(load("dev", true).await, 5);
        assert_eq!(load("viewer", true).await, 6);
    }
}
