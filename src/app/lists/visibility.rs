//! Which image streams of the index a user may see.
//!
//! The index is read with the console's own right, so it decides nothing: for each user the API
//! server confirms of which projects they may list the image streams. The confirmation is cached
//! for a minute at most and invalidated at sign-out. What the API server does not confirm counts as
//! forbidden.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, stream};

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::stream_list::MissingProject;
use crate::app::loading_cache::LoadedValue;
use crate::app::projects::view::sort_by_name;
use crate::app::section::{Section, Unavailable, UnavailableReason};
use crate::openshift::{AccessRight, ApiError};
use registry_model::{Project, ProjectName, ProjectPhase};

/// How long a right that was removed may still have an effect.
pub(in crate::app) const VISIBILITY_TTL: TimeDelta = TimeDelta::seconds(60);

/// How many projects are reviewed concurrently.
const MAX_CONCURRENT_REVIEWS: usize = 8;

/// What the API server confirmed that a user may see.
#[derive(Clone, Debug)]
pub struct Visibility {
    /// The user's projects, in natural order.
    pub projects: Arc<[Project]>,
    /// The names of the projects, in alphabetical order.
    pub(in crate::app) names: Arc<[ProjectName]>,
    /// Projects whose image streams the user may not list, or for which the API server did not
    /// answer.
    pub missing: Vec<MissingProject>,
    extent: VisibilityExtent,
}

#[derive(Clone, Debug)]
enum VisibilityExtent {
    All,
    Projects(HashSet<ProjectName>),
}

impl Visibility {
    /// All image streams of the cluster. `projects` are those that are known.
    pub(in crate::app) fn everything(projects: Arc<[Project]>) -> Self {
        Self {
            names: sorted_names(&projects),
            projects,
            missing: Vec::new(),
            extent: VisibilityExtent::All,
        }
    }

    /// The image streams of `visible`.
    pub(in crate::app) fn with_projects(
        projects: Arc<[Project]>,
        visible: HashSet<ProjectName>,
    ) -> Self {
        Self {
            names: sorted_names(&projects),
            projects,
            missing: Vec::new(),
            extent: VisibilityExtent::Projects(visible),
        }
    }

    /// Whether the user may list the image streams of `project`.
    #[must_use]
    pub fn can_list(&self, project: &ProjectName) -> bool {
        match &self.extent {
            VisibilityExtent::All => true,
            VisibilityExtent::Projects(projects) => projects.contains(project),
        }
    }

    /// Whether the API server answered for each project.
    fn is_complete(&self) -> bool {
        self.missing
            .iter()
            .all(|missing| missing.why == UnavailableReason::NotAllowed)
    }

    /// Whether the user may list the image streams of the whole cluster.
    #[must_use]
    pub fn can_list_all(&self) -> bool {
        matches!(self.extent, VisibilityExtent::All)
    }
}

impl AppForUser<'_> {
    /// What the user may see, as the API server confirmed within the last minute.
    ///
    /// # Errors
    ///
    /// The failure to list the user's projects; then they see nothing.
    pub async fn visibility(&self) -> Result<Arc<Visibility>, Failure> {
        Ok(self.visibility_until().await?.0)
    }

    /// The same, with the time at which it expires.
    pub(in crate::app) async fn visibility_until(
        &self,
    ) -> Result<(Arc<Visibility>, DateTime<Utc>), Failure> {
        let (confirmed_at, visible) = self
            .app
            .user_caches
            .visibility
            .get_with_time(self.token, self.load_visibility())
            .await?;
        if visible.is_complete() {
            self.remember_visibility(confirmed_at, &visible);
        }
        Ok((visible, confirmed_at + VISIBILITY_TTL))
    }

    /// The user's projects, and whether they may list the image streams of the whole cluster.
    pub(in crate::app) async fn projects_and_cluster_right(
        &self,
    ) -> Result<(Arc<[Project]>, bool), Failure> {
        let cluster_wide = AccessRight::list_streams(None);
        let (projects, everywhere) = tokio::join!(
            self.api_server.list_projects(),
            self.api_server.is_allowed(&cluster_wide)
        );
        let mut projects =
            projects.map_err(|error| Failure::from_api_error(error, PageSubject::List))?;
        sort_by_name(&mut projects);
        match everywhere {
            Ok(everywhere) => Ok((projects.into(), everywhere)),
            Err(ApiError::TokenRefused) => Err(Failure::SignInRequired),
            // No answer is not a refusal: a user who may see the whole cluster would be shown a
            // part of it as if it were all.
            Err(error @ ApiError::Unavailable(_)) => {
                Err(Failure::from_api_error(error, PageSubject::List))
            }
            Err(_) => Ok((projects.into(), false)),
        }
    }

    async fn load_visibility(&self) -> Result<LoadedValue<Visibility>, Failure> {
        let (projects, everywhere) = self.projects_and_cluster_right().await?;
        if everywhere {
            return Ok(LoadedValue {
                value: Visibility::everything(projects),
                is_cacheable: true,
            });
        }
        let answers: Vec<_> = stream::iter(listable_projects(&projects))
            .map(|project| async move {
                let allowed = self
                    .api_server
                    .is_allowed(&AccessRight::list_streams(Some(project.clone())))
                    .await;
                (project, allowed)
            })
            .buffered(MAX_CONCURRENT_REVIEWS)
            .collect()
            .await;
        let (mut visible, mut missing) = (HashSet::new(), Vec::new());
        for (project, allowed) in answers {
            if matches!(allowed, Err(ApiError::TokenRefused)) {
                return Err(Failure::SignInRequired);
            }
            match Section::from(allowed) {
                Section::Ready(true) => drop(visible.insert(project)),
                Section::Ready(false) => missing.push(MissingProject {
                    project,
                    why: UnavailableReason::NotAllowed,
                }),
                Section::Missing {
                    missing: Unavailable { why, .. },
                } => missing.push(MissingProject { project, why }),
            }
        }
        let value = Visibility {
            missing,
            ..Visibility::with_projects(projects, visible)
        };
        // What the API server could not answer now, it may answer soon.
        let is_cacheable = value.is_complete();
        Ok(LoadedValue {
            value,
            is_cacheable,
        })
    }
}

/// The names of projects, in alphabetical order.
pub(in crate::app) fn sorted_names(projects: &[Project]) -> Arc<[ProjectName]> {
    let mut names: Vec<ProjectName> = projects
        .iter()
        .map(|project| project.name.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.into()
}

/// The projects that are not being deleted.
pub(in crate::app) fn listable_projects(projects: &[Project]) -> Vec<ProjectName> {
    projects
        .iter()
        .filter(|project| project.phase != ProjectPhase::Terminating)
        .map(|project| project.name.clone())
        .collect()
}
