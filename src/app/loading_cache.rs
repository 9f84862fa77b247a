//! A value for each user that is loaded if it is not cached. Concurrent requests of one user share
//! one load.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::app::failure::Failure;
use crate::outbound::{Expiry, PerUserCache, UserToken};
use registry_model::Clock;

/// How long an entry that is not read stays in memory, if it does not expire earlier: lists are
/// large.
const MAX_IDLE_TIME: Duration = Duration::from_secs(10);

/// How long an invalidation is remembered: longer than it has any effect, which `clock` decides.
const INVALIDATION_TTL: Duration = Duration::from_secs(120);

/// How long nothing is cached for a user after their change: the API server itself may need a
/// moment until its lists contain a new project.
const INVALIDATION_GRACE: TimeDelta = TimeDelta::seconds(10);

/// A cached value, and when it was requested.
type CacheSlot<T> = Arc<Mutex<Option<(DateTime<Utc>, Arc<T>)>>>;

/// Cheap to clone; clones share the values.
pub(super) struct LoadingCache<T> {
    values: PerUserCache<CacheSlot<T>>,
    /// When the value of each user was last invalidated.
    recently_invalidated: PerUserCache<DateTime<Utc>>,
    ttl: TimeDelta,
    clock: Clock,
}

/// A value that was just loaded, and whether it may be cached.
pub(super) struct LoadedValue<T> {
    pub(super) value: T,
    pub(super) is_cacheable: bool,
}

impl<T: Send + Sync + 'static> LoadingCache<T> {
    pub(super) fn new(ttl: TimeDelta, clock: Clock) -> Self {
        let idle_time = ttl.to_std().unwrap_or_default().max(MAX_IDLE_TIME);
        Self {
            values: PerUserCache::new(Expiry::AfterLastUse(idle_time)),
            recently_invalidated: PerUserCache::new(Expiry::AfterInsertion(INVALIDATION_TTL)),
            ttl,
            clock,
        }
    }

    /// The user's cached value, or otherwise the one that `load` returns. Concurrent callers wait
    /// for the same load.
    pub(super) async fn get(
        &self,
        token: &UserToken,
        load: impl Future<Output = Result<LoadedValue<T>, Failure>>,
    ) -> Result<Arc<T>, Failure> {
        self.get_with_time(token, load)
            .await
            .map(|(_, value)| value)
    }

    /// The same, with the time at which the value was requested.
    pub(super) async fn get_with_time(
        &self,
        token: &UserToken,
        load: impl Future<Output = Result<LoadedValue<T>, Failure>>,
    ) -> Result<(DateTime<Utc>, Arc<T>), Failure> {
        let is_settled = self
            .recently_invalidated
            .get(token)
            .is_none_or(|since| self.clock.now() - since >= INVALIDATION_GRACE);
        if self.ttl <= TimeDelta::zero() || !is_settled {
            let requested_at = self.clock.now();
            return load
                .await
                .map(|loaded| (requested_at, Arc::new(loaded.value)));
        }
        let slot = self.values.get_or_default(token);
        let mut slot = slot.lock().await;
        let requested_at = self.clock.now();
        if let Some(cached) = slot
            .as_ref()
            .filter(|(when, _)| requested_at - *when < self.ttl && *when <= requested_at)
        {
            return Ok(cached.clone());
        }
        *slot = None;
        let LoadedValue {
            value,
            is_cacheable,
        } = load.await?;
        let value = Arc::new(value);
        if is_cacheable {
            // The value is as old as its request, not as its response.
            *slot = Some((requested_at, Arc::clone(&value)));
        }
        Ok((requested_at, value))
    }

    pub(super) fn invalidate(&self, token: &UserToken) {
        self.recently_invalidated.insert(token, self.clock.now());
        self.values.invalidate(token);
    }
}

impl<T> Clone for LoadingCache<T> {
    fn clone(&self) -> Self {
        Self {
            values: self.values.clone(),
            recently_invalidated: self.recently_invalidated.clone(),
            ttl: self.ttl,
            clock: self.clock.clone(),
        }
    }
}

impl<T> fmt::Debug for LoadingCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadingCache")
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn recent(clock: &Clock) -> LoadingCache<u32> {
        LoadingCache::new(TimeDelta::seconds(60), clock.clone())
    }

    #[tokio::test]
    async fn concurrent_lookups_share_one_request_until_the_ttl() {
        let clock = Clock::fixed_at(DateTime::UNIX_EPOCH);
        let (recent, asked, token) = (recent(&clock), AtomicU32::new(0), UserToken::from("dev"));
        let ask = || {
            recent.get(&token, async {
                tokio::task::yield_now().await;
                Ok(LoadedValue {
                    value: asked.fetch_add(1, Ordering::Relaxed),
                    is_cacheable: true,
                })
            })
        };
        let answers = futures_util::future::join_all((0..20).map(|_| ask())).await;
        assert!(answers.into_iter().all(|answer| *answer.unwrap() == 0));
        clock.advance(TimeDelta::seconds(59));
        assert_eq!(*ask().await.unwrap(), 0);
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(*ask().await.unwrap(), 1);
        recent.invalidate(&token);
        assert_eq!(
            (*ask().await.unwrap(), *ask().await.unwrap()),
            (2, 3),
            "not kept yet"
        );
        clock.advance(TimeDelta::seconds(10));
        assert_eq!((*ask().await.unwrap(), *ask().await.unwrap()), (4, 4));
    }

    #[tokio::test]
    async fn failed_and_partial_results_are_not_cached() {
        let clock = Clock::fixed_at(DateTime::UNIX_EPOCH);
        let recent = recent(&clock);
        let (dev, viewer) = (UserToken::from("dev"), UserToken::from("viewer"));
        assert!(
            recent
                .get(&dev, async { Err(Failure::SignInRequired) })
                .await
                .is_err()
        );
        assert_eq!(
            *recent
                .get(&dev, async {
                    Ok(LoadedValue {
                        value: 1,
                        is_cacheable: false,
                    })
                })
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            *recent
                .get(&dev, async {
                    Ok(LoadedValue {
                        value: 2,
                        is_cacheable: true,
                    })
                })
                .await
                .unwrap(),
            2
        );
        assert_eq!(
            *recent
                .get(&viewer, async {
                    Ok(LoadedValue {
                        value: 3,
                        is_cacheable: true,
                    })
                })
                .await
                .unwrap(),
            3
        );
    }
}
