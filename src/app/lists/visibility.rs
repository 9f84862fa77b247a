//! Who may see which image streams of the index.
//!
//! The index is read with the console's own right, so it decides nothing: for each person the
//! master says of which projects they may list the image streams. That is kept for a minute at
//! most, forgotten when they sign out, and whatever the master does not say counts as no.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, stream};

use super::image_list::MissingProject;
use crate::app::AsUser;
use crate::app::failure::{Failure, Subject};
use crate::app::projects::view::in_order;
use crate::app::recent::Found;
use crate::app::section::{Missing, Section, Why};
use crate::openshift::{Access, Error};
use registry_model::{Phase, Project, ProjectName};

/// How long a right that was taken away may still be seen by.
pub(in crate::app) const KEPT_FOR: TimeDelta = TimeDelta::seconds(60);

/// How many projects are asked about at once.
const SIDE_BY_SIDE: usize = 8;

/// What the master said that a person may see.
#[derive(Clone, Debug)]
pub struct Visible {
    /// Their projects, in natural order.
    pub projects: Arc<[Project]>,
    /// The names of these, in the order of the alphabet.
    pub(in crate::app) names: Arc<[ProjectName]>,
    /// Projects whose image streams they may not list, or of which the master did not say.
    pub missing: Vec<MissingProject>,
    extent: Extent,
}

#[derive(Clone, Debug)]
enum Extent {
    All,
    Projects(HashSet<ProjectName>),
}

impl Visible {
    /// All image streams of the cluster; `projects` are those that are known.
    pub(in crate::app) fn everything(projects: Arc<[Project]>) -> Self {
        Self {
            names: names_of(&projects),
            projects,
            missing: Vec::new(),
            extent: Extent::All,
        }
    }

    /// The image streams of `seen`.
    pub(in crate::app) fn of_projects(
        projects: Arc<[Project]>,
        seen: HashSet<ProjectName>,
    ) -> Self {
        Self {
            names: names_of(&projects),
            projects,
            missing: Vec::new(),
            extent: Extent::Projects(seen),
        }
    }

    /// Whether the person may list the image streams of `project`.
    #[must_use]
    pub fn sees(&self, project: &ProjectName) -> bool {
        match &self.extent {
            Extent::All => true,
            Extent::Projects(projects) => projects.contains(project),
        }
    }

    /// Whether the API server said yes or no of each project.
    fn is_certain(&self) -> bool {
        self.missing
            .iter()
            .all(|missing| missing.why == Why::NotAllowed)
    }

    /// Whether they may list those of the whole cluster.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        matches!(self.extent, Extent::All)
    }
}

impl AsUser<'_> {
    /// What the person may see, as the master said within the last minute.
    ///
    /// # Errors
    ///
    /// The failure to list their projects; then they see nothing.
    pub async fn visible(&self) -> Result<Arc<Visible>, Failure> {
        Ok(self.visible_until().await?.0)
    }

    /// The same with the moment from which on it may be another.
    pub(in crate::app) async fn visible_until(
        &self,
    ) -> Result<(Arc<Visible>, DateTime<Utc>), Failure> {
        let (asked, visible) = self
            .console
            .visibility
            .get_dated(self.token, self.ask_visible())
            .await?;
        if visible.is_certain() {
            self.remember_visible(asked, &visible);
        }
        Ok((visible, asked + KEPT_FOR))
    }

    /// Their projects, and whether they may list the image streams of the whole cluster.
    pub(in crate::app) async fn projects_and_reach(
        &self,
    ) -> Result<(Arc<[Project]>, bool), Failure> {
        let cluster_wide = Access::list_streams(None);
        let (projects, everywhere) =
            tokio::join!(self.master.projects(), self.master.may(&cluster_wide));
        let mut projects = projects.map_err(|error| Failure::of_master(error, Subject::List))?;
        in_order(&mut projects);
        match everywhere {
            Ok(everywhere) => Ok((projects.into(), everywhere)),
            Err(Error::TokenRefused) => Err(Failure::SignInRequired),
            // Not known is not no: whoever sees the whole cluster would be shown a part of it as if
            // that was all.
            Err(error @ Error::Unavailable(_)) => Err(Failure::of_master(error, Subject::List)),
            Err(_) => Ok((projects.into(), false)),
        }
    }

    async fn ask_visible(&self) -> Result<Found<Visible>, Failure> {
        let (projects, everywhere) = self.projects_and_reach().await?;
        if everywhere {
            return Ok(Found {
                value: Visible::everything(projects),
                keep: true,
            });
        }
        let answers: Vec<_> = stream::iter(listable(&projects))
            .map(|project| async move {
                let may = self
                    .master
                    .may(&Access::list_streams(Some(project.clone())))
                    .await;
                (project, may)
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        let (mut seen, mut missing) = (HashSet::new(), Vec::new());
        for (project, may) in answers {
            if matches!(may, Err(Error::TokenRefused)) {
                return Err(Failure::SignInRequired);
            }
            match Section::from(may) {
                Section::Ready(true) => drop(seen.insert(project)),
                Section::Ready(false) => missing.push(MissingProject {
                    project,
                    why: Why::NotAllowed,
                }),
                Section::Missing {
                    missing: Missing { why, .. },
                } => missing.push(MissingProject { project, why }),
            }
        }
        let value = Visible {
            missing,
            ..Visible::of_projects(projects, seen)
        };
        // What the master could not say it may say in a moment.
        let keep = value.is_certain();
        Ok(Found { value, keep })
    }
}

/// The names of projects, in the order of the alphabet.
pub(in crate::app) fn names_of(projects: &[Project]) -> Arc<[ProjectName]> {
    let mut names: Vec<ProjectName> = projects
        .iter()
        .map(|project| project.name.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.into()
}

/// The projects that are not about to go.
pub(in crate::app) fn listable(projects: &[Project]) -> Vec<ProjectName> {
    projects
        .iter()
        .filter(|project| project.phase != Phase::Terminating)
        .map(|project| project.name.clone())
        .collect()
}
