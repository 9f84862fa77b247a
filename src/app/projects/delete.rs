//! Deleting a project with its content.

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::change::ChangeError;
use crate::app::failure::{Failure, PageSubject};
use crate::app::projects::view::Member;
use crate::app::projects::view::members_from_bindings;
use crate::app::section::{Section, optional};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{AccessRight, ApiError, StreamList};
use registry_model::{ImageStreamName, Project, ProjectName, version_order};

/// How many image streams are named; the others are counted.
const MAX_NAMED_STREAMS: usize = 20;

/// What deleting a project would remove.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectDeletion {
    pub project: Project,
    pub streams: Section<StreamsToDelete>,
    /// How many users, groups and service accounts lose a role in the project.
    pub members: Section<usize>,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
    /// The same as an `oc` command.
    pub oc: ShellCommand,
}

/// The image streams that are deleted with a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamsToDelete {
    /// How many there are.
    pub total: usize,
    /// The first of them, by name.
    pub first: Vec<StreamToDelete>,
}

/// An image stream that is deleted with its project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamToDelete {
    pub name: ImageStreamName,
    /// How many tags it has.
    pub tags: usize,
}

impl StreamsToDelete {
    fn new(StreamList { mut streams, .. }: StreamList) -> Self {
        streams.sort_by(|a, b| version_order::compare(a.name.as_str(), b.name.as_str()));
        let first = streams
            .iter()
            .take(MAX_NAMED_STREAMS)
            .map(|stream| StreamToDelete {
                name: stream.name.clone(),
                tags: stream.tags.len(),
            });
        Self {
            total: streams.len(),
            first: first.collect(),
        }
    }

    /// How many are not named.
    #[must_use]
    pub fn omitted(&self) -> usize {
        self.total - self.first.len()
    }
}

impl AppForUser<'_> {
    /// What deleting the project would remove.
    ///
    /// # Errors
    ///
    /// The failure to read the project: forbidden also if it does not exist.
    pub async fn project_deletion(&self, name: &ProjectName) -> Result<ProjectDeletion, Failure> {
        let (project, streams, bindings, [allowed]) = tokio::join!(
            self.api_server.get_project(name),
            optional(self.api_server.list_streams(Some(name))),
            optional(self.api_server.list_role_bindings(name)),
            self.review_access([AccessRight::delete_project(name)]),
        );
        let project =
            project.map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        let oc = ShellCommand::new("oc delete project").with_operand(name.as_str());
        // Every project is created with bindings for service accounts of its own, whose loss does
        // not matter.
        let robots = |member: &Member| {
            let own = member
                .who
                .project
                .as_deref()
                .or(member.who.service_accounts_group_project())
                == Some(name.as_str());
            own && member
                .roles
                .iter()
                .all(|role| role.role.starts_with("system:"))
        };
        let members = bindings.map(|bindings| {
            members_from_bindings(&bindings)
                .iter()
                .filter(|member| !robots(member))
                .count()
        });
        Ok(ProjectDeletion {
            project,
            streams: streams.map(StreamsToDelete::new),
            members,
            allowed,
            oc,
        })
    }

    /// Deletes the project. One that is gone already counts as deleted.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn delete_project(&self, name: &ProjectName) -> Result<(), ChangeError> {
        let deleted = self.api_server.delete_project(name).await;
        self.invalidate_rights();
        match deleted {
            Ok(()) | Err(ApiError::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
