//! The state of the OAuth server between requests: codes and login sessions. Both are bounded; the
//! oldest are removed first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};

use crate::cluster::KUBE_ADMIN;
use crate::oauth::pkce::PkceChallenge;

/// How long a code can be redeemed (A2).
const CODE_TTL: TimeDelta = TimeDelta::minutes(5);
/// How many codes, and how many sessions, are kept.
const MAX_STORED_ENTRIES: usize = 1000;

/// The grant behind a code.
#[derive(Clone)]
pub(super) struct AuthorizationCode {
    pub(super) client: String,
    pub(super) user: String,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) challenge: Option<PkceChallenge>,
    pub(super) issued_at: DateTime<Utc>,
}

impl AuthorizationCode {
    pub(super) fn is_expired(&self, now: DateTime<Utc>) -> bool {
        now >= self.issued_at + CODE_TTL
    }
}

/// The codes that have not been redeemed yet. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct AuthorizationCodes(BoundedStore<AuthorizationCode>);

impl AuthorizationCodes {
    pub(super) fn insert(&self, code: String, grant: AuthorizationCode) {
        self.0.insert(code, grant);
    }

    pub(super) fn get(&self, code: &str) -> Option<AuthorizationCode> {
        self.0.get(code)
    }

    /// Redeems the code: true for exactly one caller.
    pub(super) fn redeem(&self, code: &str) -> bool {
        self.0.remove(code).is_some()
    }
}

/// How long kube:admin stays signed in to the OAuth server.
const KUBE_ADMIN_SESSION_TTL: TimeDelta = TimeDelta::hours(1);

/// The signed-in users of the OAuth server, by session cookie, and since when. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct OauthSessions(BoundedStore<(String, DateTime<Utc>)>);

impl OauthSessions {
    /// Begins a session and returns its id.
    pub(super) fn create(&self, user: String, now: DateTime<Utc>) -> String {
        let id = random_token();
        self.0.insert(id.clone(), (user, now));
        id
    }

    /// Uses the session for an authorization, and returns its user. That ends it (A7), except for
    /// that of kube:admin, which lasts for an hour.
    pub(super) fn use_for_authorization(&self, id: &str, now: DateTime<Utc>) -> Option<String> {
        let (user, since) = self.0.get(id)?;
        let lasts = user == KUBE_ADMIN && now < since + KUBE_ADMIN_SESSION_TTL;
        if !lasts {
            self.remove(id);
        }
        (user != KUBE_ADMIN || lasts).then_some(user)
    }

    /// Whether the session exists.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.0.get(id).is_some()
    }

    pub(super) fn remove(&self, id: &str) {
        self.0.remove(id);
    }
}

/// A bounded map that forgets what was inserted first. Cheap to clone.
pub(crate) struct BoundedStore<T>(Arc<Mutex<VecDeque<(String, T)>>>);

impl<T: Clone> BoundedStore<T> {
    pub(crate) fn insert(&self, key: String, value: T) {
        let mut all = self.lock();
        if all.len() == MAX_STORED_ENTRIES {
            all.pop_front();
        }
        all.push_back((key, value));
    }

    pub(crate) fn get(&self, key: &str) -> Option<T> {
        self.lock()
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.clone())
    }

    /// Some for exactly one of several callers.
    pub(crate) fn remove(&self, key: &str) -> Option<T> {
        let mut all = self.lock();
        let index = all.iter().position(|(known, _)| known == key)?;
        all.remove(index).map(|(_, value)| value)
    }

    pub(crate) fn retain(&self, mut keep: impl FnMut(&T) -> bool) {
        self.lock().retain(|(_, value)| keep(value));
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, T)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for BoundedStore<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for BoundedStore<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// 256 random bits as 43 base64url characters.
pub(crate) fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}
