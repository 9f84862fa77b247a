//! What a person may do, so that pages offer only that.
//!
//! The answers are the master's, kept for half a minute for each person: an offer may be that old.
//! Nothing is decided by them: the master decides again when the form comes.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use sha2::{Digest as _, Sha256};

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::section::{OPTIONAL_TIMEOUT, with_timeout};
use crate::openshift::AccessRight;
use crate::outbound::UserToken;

/// How old an offer may be.
const RIGHTS_CACHE_TTL: Duration = Duration::from_secs(30);

/// How many people's rights are kept.
const MAX_CACHED_USERS: u64 = 10_000;

/// Which token: by its hash, so that the memory of rights is none of tokens.
pub(in crate::app) type UserKey = [u8; 32];

/// What people may do, as far as it was asked lately. Cheap to clone.
#[derive(Clone)]
pub(in crate::app) struct RightsCache(
    moka::sync::Cache<UserKey, Arc<Mutex<HashMap<AccessRight, bool>>>>,
);

impl RightsCache {
    pub(in crate::app) fn new() -> Self {
        Self(
            moka::sync::Cache::builder()
                .max_capacity(MAX_CACHED_USERS)
                .time_to_live(RIGHTS_CACHE_TTL)
                .build(),
        )
    }

    fn for_user(&self, token: &UserToken) -> Arc<Mutex<HashMap<AccessRight, bool>>> {
        self.0.get_with(user_key(token), Arc::default)
    }

    fn invalidate(&self, token: &UserToken) {
        self.0.invalidate(&user_key(token));
    }
}

impl fmt::Debug for RightsCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rights")
            .field("people", &self.0.entry_count())
            .finish()
    }
}

pub(in crate::app) fn user_key(token: &UserToken) -> UserKey {
    Sha256::digest(token.expose()).into()
}

impl AppForUser<'_> {
    /// Whether the person may do each of these, asked side by side. Where the master does not say,
    /// nothing is offered.
    pub async fn review_access<const N: usize>(&self, wanted: [AccessRight; N]) -> [bool; N] {
        let known = self.app.rights_cache.for_user(self.token);
        let answers = join_all(wanted.iter().map(async |access| {
            let kept = known
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(access)
                .copied();
            if let Some(allowed) = kept {
                return allowed;
            }
            let Some(allowed) = with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::Master,
                self.api_server.is_allowed(access),
            )
            .await
            .ready()
            .copied() else {
                return false;
            };
            known
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(access.clone(), allowed);
            allowed
        }));
        answers
            .await
            .try_into()
            .expect("as many answers as questions")
    }

    /// Whether the person may list the image streams of all projects: they see every part of the
    /// cluster's registry anyway.
    ///
    /// # Errors
    ///
    /// The failure to ask the API server.
    pub async fn is_administrator(&self) -> Result<bool, Failure> {
        let (known, access) = (
            self.app.rights_cache.for_user(self.token),
            AccessRight::list_streams(None),
        );
        if let Some(allowed) = known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&access)
            .copied()
        {
            return Ok(allowed);
        }
        let allowed = self
            .api_server
            .is_allowed(&access)
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::Page))?;
        known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(access, allowed);
        Ok(allowed)
    }

    /// Forgets what the person may do and see: after a change of bindings, and when they sign out.
    pub fn invalidate_rights(&self) {
        self.app.rights_cache.invalidate(self.token);
        self.app.policy_cache.invalidate(self.token);
        self.app.visibility_cache.invalidate(self.token);
        self.app.stream_list_cache.invalidate(self.token);
        self.app.last_projects.invalidate(self.token);
        self.app.last_visibility.invalidate(self.token);
    }
}
