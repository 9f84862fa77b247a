//! Deleting a project with all that is in it.

use serde::Serialize;

use crate::app::AsUser;
use crate::app::change::ChangeFailed;
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::projects::view::Member;
use crate::app::projects::view::members_of;
use crate::app::section::{EXTRA_PATIENCE, Section, within};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{Access, Error, Streams};
use registry_model::{ImageStreamName, Project, ProjectName, version_order};

/// How many image streams are named before they are only counted.
const NAMED: usize = 20;

/// What deleting a project would take.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectDeletion {
    pub project: Project,
    pub streams: Section<GoingStreams>,
    /// How many users, groups and service accounts lose a role that they were given here.
    pub members: Section<usize>,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// The same in a terminal.
    pub oc: ShellCommand,
}

/// The image streams that go with a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoingStreams {
    /// How many there are.
    pub total: usize,
    /// The first of them, by name.
    pub first: Vec<GoingStream>,
}

/// An image stream that goes with its project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoingStream {
    pub name: ImageStreamName,
    /// How many tags it has.
    pub tags: usize,
}

impl GoingStreams {
    fn of(Streams { mut streams, .. }: Streams) -> Self {
        streams.sort_by(|a, b| version_order::compare(a.name.as_str(), b.name.as_str()));
        let first = streams.iter().take(NAMED).map(|stream| GoingStream {
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
    pub fn more(&self) -> usize {
        self.total - self.first.len()
    }
}

impl AsUser<'_> {
    /// What deleting the project would mean.
    ///
    /// # Errors
    ///
    /// The failure to read the project: forbidden also where there is none.
    pub async fn project_deletion(&self, name: &ProjectName) -> Result<ProjectDeletion, Failure> {
        let (project, streams, bindings, [allowed]) = tokio::join!(
            self.master.project(name),
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                self.master.image_streams(Some(name))
            ),
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                self.master.role_bindings(name)
            ),
            self.allowed([Access::delete_project(name)]),
        );
        let project = project.map_err(|error| Failure::of_master(error, Subject::Project))?;
        let oc = ShellCommand::new("oc delete project").operand(name.as_str());
        // Every project is born with bindings for robots of its own: nobody misses those.
        let robots = |member: &Member| {
            let own = member
                .who
                .project
                .as_deref()
                .or(member.who.project_of_service_accounts())
                == Some(name.as_str());
            own && member
                .roles
                .iter()
                .all(|role| role.role.starts_with("system:"))
        };
        let members = bindings.map(|bindings| {
            members_of(&bindings)
                .iter()
                .filter(|member| !robots(member))
                .count()
        });
        Ok(ProjectDeletion {
            project,
            streams: streams.map(GoingStreams::of),
            members,
            allowed,
            oc,
        })
    }

    /// Deletes the project. One that is gone already counts as deleted.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn delete_project(&self, name: &ProjectName) -> Result<(), ChangeFailed> {
        let deleted = self.master.delete_project(name).await;
        self.forget_rights();
        match deleted {
            Ok(()) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
