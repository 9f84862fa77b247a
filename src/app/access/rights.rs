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

use crate::app::AsUser;
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::section::{EXTRA_PATIENCE, within};
use crate::openshift::Access;
use crate::outbound::UserToken;

/// How old an offer may be.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// How many people's rights are kept.
const PEOPLE: u64 = 10_000;

/// Which token: by its hash, so that the memory of rights is none of tokens.
pub(in crate::app) type Person = [u8; 32];

/// What people may do, as far as it was asked lately. Cheap to clone.
#[derive(Clone)]
pub(in crate::app) struct Rights(moka::sync::Cache<Person, Arc<Mutex<HashMap<Access, bool>>>>);

impl Rights {
    pub(in crate::app) fn new() -> Self {
        Self(
            moka::sync::Cache::builder()
                .max_capacity(PEOPLE)
                .time_to_live(KEPT_FOR)
                .build(),
        )
    }

    fn of(&self, token: &UserToken) -> Arc<Mutex<HashMap<Access, bool>>> {
        self.0.get_with(person(token), Arc::default)
    }

    fn forget(&self, token: &UserToken) {
        self.0.invalidate(&person(token));
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rights")
            .field("people", &self.0.entry_count())
            .finish()
    }
}

pub(in crate::app) fn person(token: &UserToken) -> Person {
    Sha256::digest(token.expose()).into()
}

impl AsUser<'_> {
    /// Whether the person may do each of these, asked side by side. Where the master does not say,
    /// nothing is offered.
    pub async fn allowed<const N: usize>(&self, wanted: [Access; N]) -> [bool; N] {
        let known = self.console.rights.of(self.token);
        let answers = join_all(wanted.iter().map(async |access| {
            let kept = known
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(access)
                .copied();
            if let Some(allowed) = kept {
                return allowed;
            }
            let Some(allowed) = within(EXTRA_PATIENCE, Upstream::Master, self.master.may(access))
                .await
                .ready()
                .copied()
            else {
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
            self.console.rights.of(self.token),
            Access::list_streams(None),
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
            .master
            .may(&access)
            .await
            .map_err(|error| Failure::of_master(error, Subject::Page))?;
        known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(access, allowed);
        Ok(allowed)
    }

    /// Forgets what the person may do and see: after a change of bindings, and when they sign out.
    pub fn forget_rights(&self) {
        self.console.rights.forget(self.token);
        self.console.policies.forget(self.token);
        self.console.visibility.forget(self.token);
        self.console.lists.forget(self.token);
        self.console.last_projects.forget(self.token);
        self.console.last_visible.forget(self.token);
    }
}
