//! What every page of a project shows below its name.

use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::lists::visible_streams::VisibleStreams;
use crate::app::section::Section;
use registry_model::{AccessPolicy, Project, ProjectName};

/// The facts about a project.
#[derive(Clone, Debug)]
pub struct ProjectFacts {
    pub project: Project,
    /// Who may pull from it.
    pub access: Section<AccessPolicy>,
    /// `None` where the user may not list its image streams, or they cannot be read.
    pub counts: Option<ProjectCounts>,
}

/// How much a project contains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProjectCounts {
    pub streams: usize,
    pub tags: usize,
    /// How many of its image streams have a tag that could not be imported.
    pub failing_streams: usize,
}

impl ProjectCounts {
    /// The counts of the project among the image streams that the user may list.
    pub(in crate::app) fn from_streams(visible: &VisibleStreams, name: &ProjectName) -> Self {
        let Some(held) = visible.streams.project(name) else {
            return Self::default();
        };
        let failing = held.streams.iter();
        Self {
            streams: held.streams.len(),
            tags: held.tag_count,
            failing_streams: failing
                .filter(|entry| entry.stream.failures.is_some())
                .count(),
        }
    }
}

impl AppForUser<'_> {
    /// The facts about a project.
    ///
    /// # Errors
    ///
    /// The failure to read the project.
    pub async fn project_facts(&self, name: &ProjectName) -> Result<ProjectFacts, Failure> {
        let (found, access) =
            tokio::join!(self.project_with_streams(name), self.access_policy(name));
        let (project, streams) = found?;
        let counts = streams
            .ready()
            .map(|visible| ProjectCounts::from_streams(visible, name));
        Ok(ProjectFacts {
            project,
            access,
            counts,
        })
    }
}
