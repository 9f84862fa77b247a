//! What a user may do, so that pages offer only that.
//!
//! The answers are the API server's, cached for half a minute for each user, so an offer may be
//! that old. They decide nothing: the API server decides again when the form is submitted.

use std::collections::{BTreeSet, HashMap};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::section::{OPTIONAL_TIMEOUT, Section, optional};
use crate::openshift::AccessRight;
use registry_model::ProjectName;

/// For how many projects the rights are reviewed concurrently.
const MAX_CONCURRENT_REVIEWS: usize = 8;

/// In how many projects a right is looked for.
const MAX_REVIEWED_PROJECTS: usize = 48;

impl AppForUser<'_> {
    /// Whether the user has each of these rights, reviewed concurrently. A right that the API
    /// server does not confirm counts as missing.
    pub async fn review_access<const N: usize>(&self, rights: [AccessRight; N]) -> [bool; N] {
        let answers = join_all(rights.iter().map(async |access| {
            let answer = self.review_right(access).await;
            answer.ready().copied().unwrap_or(false)
        }));
        answers.await.try_into().expect("one answer for each right")
    }

    /// Whether the user has this right, or why that is not known.
    pub(in crate::app) async fn review_right(&self, access: &AccessRight) -> Section<bool> {
        let cached = self.app.user_caches.rights.get_or_default(self.token);
        if let Some(allowed) = cached.get(access) {
            return Section::Ready(allowed);
        }
        let answer = optional(self.api_server.is_allowed(access)).await;
        if let Section::Ready(allowed) = &answer {
            cached.insert(access.clone(), *allowed);
        }
        answer
    }

    /// Whether the user may pull from the project, and whether push to it. Not cached: the page is
    /// about the answer.
    pub(super) async fn own_image_rights(
        &self,
        project: &ProjectName,
    ) -> (Section<bool>, Section<bool>) {
        let may = async |right: AccessRight| {
            let review = self.api_server.is_allowed(&right);
            optional(review).await
        };
        tokio::join!(
            may(AccessRight::pull_from(project.clone())),
            may(AccessRight::push_to(project.clone())),
        )
    }

    /// Whether the user has the rights in each of the projects, as far as the API server answers
    /// within the time of an optional section.
    pub(in crate::app) async fn review_access_in<const N: usize>(
        &self,
        projects: BTreeSet<ProjectName>,
        rights: impl Fn(&ProjectName) -> [AccessRight; N],
    ) -> HashMap<ProjectName, [bool; N]> {
        let deadline = Instant::now() + OPTIONAL_TIMEOUT;
        let reviews: Vec<_> = projects
            .into_iter()
            .map(|project| {
                let rights = rights(&project);
                (project, rights)
            })
            .collect();
        stream::iter(reviews)
            .map(async |(project, rights)| {
                let answers = timeout_at(deadline, self.review_access(rights)).await;
                (project, answers.unwrap_or([false; N]))
            })
            .buffer_unordered(MAX_CONCURRENT_REVIEWS)
            .collect()
            .await
    }

    /// Whether the user has a right in any of these projects, of which `everywhere` is the same in all
    /// projects. For a user with very many projects and no such right in the first of them, the answer
    /// is no: a review for each would delay a page that only needs to know whether to offer a link.
    pub(in crate::app) async fn has_right_in_any(
        &self,
        projects: &[ProjectName],
        everywhere: AccessRight,
        right: fn(&ProjectName) -> AccessRight,
    ) -> bool {
        if projects.len() > MAX_CONCURRENT_REVIEWS && self.review_access([everywhere]).await[0] {
            return true;
        }
        let rights: Vec<AccessRight> = projects
            .iter()
            .take(MAX_REVIEWED_PROJECTS)
            .map(right)
            .collect();
        let answers =
            stream::iter(rights).map(|access| async move { self.review_access([access]).await[0] });
        answers
            .buffer_unordered(MAX_CONCURRENT_REVIEWS)
            .any(std::future::ready)
            .await
    }

    /// Whether the user may list the image streams of all projects. Such users see the whole
    /// registry of the cluster anyway.
    ///
    /// # Errors
    ///
    /// The failure of the access review.
    pub async fn is_administrator(&self) -> Result<bool, Failure> {
        let (cached, access) = (
            self.app.user_caches.rights.get_or_default(self.token),
            AccessRight::list_streams(None),
        );
        if let Some(allowed) = cached.get(&access) {
            return Ok(allowed);
        }
        let allowed = self
            .api_server
            .is_allowed(&access)
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::Page))?;
        cached.insert(access, allowed);
        Ok(allowed)
    }

    /// Invalidates what is cached about the user's rights and projects: after a change of bindings,
    /// and at sign-out.
    pub fn invalidate_rights(&self) {
        self.app.user_caches.invalidate(self.token);
    }
}
