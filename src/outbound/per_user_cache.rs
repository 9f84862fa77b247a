//! Caches with an entry for each user.
//!
//! The key of an entry is a hash of the user's token, so a cache contains no token. All caches have
//! the same capacity. [`PerUserCache::invalidate`] detaches an entry that a caller holds: values
//! that are written to it later are not found again.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::policy::EvictionPolicy;
use sha2::{Digest as _, Sha256};

use super::UserToken;

/// The number of users with an entry in each cache.
pub const MAX_CACHED_USERS: u64 = 10_000;

/// The number of names that count as one user in [`PerUserCache::weighted_by_names`].
const NAMES_PER_USER: usize = 10;

/// The key of a user in a cache: the SHA-256 of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserKey([u8; 32]);

impl From<&UserToken> for UserKey {
    fn from(token: &UserToken) -> Self {
        Self(Sha256::digest(token.expose()).into())
    }
}

/// When an entry expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    AfterInsertion(Duration),
    AfterLastUse(Duration),
}

/// One value for each user. Cheap to clone; clones share the entries.
#[derive(Clone)]
pub struct PerUserCache<V>(moka::sync::Cache<UserKey, V>);

impl<V: Clone + Send + Sync + 'static> PerUserCache<V> {
    #[must_use]
    pub fn new(expiry: Expiry) -> Self {
        Self(builder(expiry).build())
    }

    /// A cache that evicts the least recently used entry. Many requests with invalid tokens do not
    /// prevent the insertion of a valid one.
    #[must_use]
    pub fn least_recently_used(expiry: Expiry) -> Self {
        let builder = builder(expiry).eviction_policy(EvictionPolicy::lru());
        Self(builder.build())
    }

    /// A cache of values that contain as many names as `count_names` returns. Each ten names take
    /// the capacity of one user, so all entries together contain at most 100,000 names.
    #[must_use]
    pub fn weighted_by_names(expiry: Expiry, count_names: fn(&V) -> usize) -> Self {
        let weigh = move |_: &UserKey, value: &V| {
            let users = count_names(value)
                .saturating_add(1)
                .div_ceil(NAMES_PER_USER);
            u32::try_from(users).unwrap_or(u32::MAX)
        };
        Self(builder(expiry).weigher(weigh).build())
    }

    #[must_use]
    pub fn get(&self, token: &UserToken) -> Option<V> {
        self.0.get(&UserKey::from(token))
    }

    pub fn insert(&self, token: &UserToken, value: V) {
        self.0.insert(token.into(), value);
    }

    pub fn invalidate(&self, token: &UserToken) {
        self.0.invalidate(&UserKey::from(token));
    }

    /// Returns the entry, which is created if there is none.
    #[must_use]
    pub fn get_or_default(&self, token: &UserToken) -> V
    where
        V: Default,
    {
        self.0.get_with(token.into(), V::default)
    }

    #[cfg(test)]
    pub(crate) fn run_pending_tasks(&self) {
        self.0.run_pending_tasks();
    }
}

fn builder<V: Clone + Send + Sync + 'static>(
    expiry: Expiry,
) -> moka::sync::CacheBuilder<UserKey, V, moka::sync::Cache<UserKey, V>> {
    let builder = moka::sync::Cache::builder().max_capacity(MAX_CACHED_USERS);
    match expiry {
        Expiry::AfterInsertion(time) => builder.time_to_live(time),
        Expiry::AfterLastUse(time) => builder.time_to_idle(time),
    }
}

impl<V> fmt::Debug for PerUserCache<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerUserCache").finish_non_exhaustive()
    }
}

/// Several values of one user. Clones share the values.
#[derive(Debug)]
pub struct SharedMap<K, V>(Arc<Mutex<HashMap<K, V>>>);

impl<K: Eq + Hash, V: Clone> SharedMap<K, V> {
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.get(key).cloned()
    }

    pub fn insert(&self, key: K, value: V) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.insert(key, value);
    }
}

impl<K, V> Clone for SharedMap<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Expiry = Expiry::AfterInsertion(Duration::from_secs(60));

    #[test]
    fn entry_belongs_to_one_token() {
        let cache = PerUserCache::new(MINUTE);
        let (dev, viewer) = (UserToken::from("dev"), UserToken::from("viewer"));
        cache.insert(&dev, 1);
        assert_eq!((cache.get(&dev), cache.get(&viewer)), (Some(1), None));
        cache.invalidate(&dev);
        assert_eq!(cache.get(&dev), None);
    }

    #[test]
    fn value_read_before_invalidation_is_not_found_after_it() {
        let cache: PerUserCache<SharedMap<u8, bool>> = PerUserCache::new(MINUTE);
        let dev = UserToken::from("dev");
        let before = cache.get_or_default(&dev);
        cache.invalidate(&dev);
        before.insert(1, true);
        assert_eq!(cache.get_or_default(&dev).get(&1), None);
    }

    #[test]
    fn names_of_all_users_together_are_bounded() {
        let cache = PerUserCache::weighted_by_names(MINUTE, |names: &usize| *names);
        for user in 0..10 {
            cache.insert(&UserToken::from(&*user.to_string()), 20_000);
        }
        cache.run_pending_tasks();
        let held: usize = (0..10)
            .filter_map(|user| cache.get(&UserToken::from(&*user.to_string())))
            .sum();
        assert!((20_000..=100_000).contains(&held), "{held}");
    }
}
