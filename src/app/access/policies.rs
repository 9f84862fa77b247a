//! Who may pull from a project, kept for half a minute for each person: where the index saves a
//! page its lists, this saves it the rest.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::rights::{UserKey, user_key};
use crate::app::section::{Section, UnavailableReason};
use crate::outbound::UserToken;
use registry_model::{AccessPolicy, ProjectName};

/// How old an answer may be.
const POLICY_CACHE_TTL: Duration = Duration::from_secs(30);
/// How many people's answers are kept.
const MAX_CACHED_USERS: u64 = 10_000;

/// What the master said to one person: a policy, or that it is none of their business.
type UserPolicies = Arc<Mutex<HashMap<ProjectName, Section<AccessPolicy>>>>;

/// What the master said to each person. Cheap to clone.
#[derive(Clone)]
pub(in crate::app) struct Policies(moka::sync::Cache<UserKey, UserPolicies>);

impl Policies {
    pub(in crate::app) fn new() -> Self {
        Self(
            moka::sync::Cache::builder()
                .max_capacity(MAX_CACHED_USERS)
                .time_to_live(POLICY_CACHE_TTL)
                .build(),
        )
    }

    pub(in crate::app) fn get(
        &self,
        token: &UserToken,
        project: &ProjectName,
    ) -> Option<Section<AccessPolicy>> {
        self.0
            .get(&user_key(token))?
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(project)
            .cloned()
    }

    /// Keeps an answer. What the master could not say it may say in a moment.
    pub(in crate::app) fn insert(
        &self,
        token: &UserToken,
        project: &ProjectName,
        policy: &Section<AccessPolicy>,
    ) {
        if policy
            .missing()
            .is_some_and(|missing| missing.why != UnavailableReason::NotAllowed)
        {
            return;
        }
        let known = self.0.get_with(user_key(token), Arc::default);
        known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(project.clone(), policy.clone());
    }

    pub(in crate::app) fn invalidate(&self, token: &UserToken) {
        self.0.invalidate(&user_key(token));
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policies")
            .field("people", &self.0.entry_count())
            .finish()
    }
}
