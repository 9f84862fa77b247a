//! What a person may do, so that pages offer only that.
//!
//! The answers are the master's, kept for half a minute for each person: an offer may be that old.
//! Nothing is decided by them: the master decides again when the form comes.

use futures_util::future::join_all;

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::section::{OPTIONAL_TIMEOUT, with_timeout};
use crate::openshift::AccessRight;

impl AppForUser<'_> {
    /// Whether the person may do each of these, asked side by side. Where the master does not say,
    /// nothing is offered.
    pub async fn review_access<const N: usize>(&self, wanted: [AccessRight; N]) -> [bool; N] {
        let known = self.app.user_caches.rights.get_or_default(self.token);
        let answers = join_all(wanted.iter().map(async |access| {
            if let Some(allowed) = known.get(access) {
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
            known.insert(access.clone(), allowed);
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
            self.app.user_caches.rights.get_or_default(self.token),
            AccessRight::list_streams(None),
        );
        if let Some(allowed) = known.get(&access) {
            return Ok(allowed);
        }
        let allowed = self
            .api_server
            .is_allowed(&access)
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::Page))?;
        known.insert(access, allowed);
        Ok(allowed)
    }

    /// Forgets what the person may do and see: after a change of bindings, and when they sign out.
    pub fn invalidate_rights(&self) {
        self.app.user_caches.invalidate(self.token);
    }
}
