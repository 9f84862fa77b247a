//! New projects, changes of their texts, and their end.

use super::requests::project_changes as requests;
use super::{AsUser, Error, error, wire};
use registry_model::{Project, ProjectName};

/// A project, and which version of it this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionedProject {
    pub project: Project,
    /// `metadata.resourceVersion`: opaque.
    pub version: String,
}

/// What to change of a project's texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectChange {
    /// The new display name; none stays as it is.
    pub display_name: Option<String>,
    /// The new description; none stays as it is.
    pub description: Option<String>,
    /// The version that the person saw: if it is no longer that one, nothing is changed.
    pub seen: Option<String>,
}

impl AsUser<'_> {
    /// Whether the person may have a project of their own: the master answers a list of requests
    /// with success, or with what the administrator wants people to read instead (recorded in
    /// `projectrequest-list`).
    ///
    /// # Errors
    /// [`Error::Forbidden`] says no, or any other.
    pub async fn may_request_project(&self) -> Result<(), Error> {
        error::done(&self.send(requests::may_request_project()).await?)
    }

    /// Creates a project that the person administers.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the name is taken, [`Error::Invalid`], [`Error::Forbidden`] also
    /// for names that are the cluster's own, or any other.
    pub async fn request_project(
        &self,
        name: &str,
        display_name: &str,
        description: &str,
    ) -> Result<(), Error> {
        error::done(
            &self
                .send(requests::request_project(name, display_name, description))
                .await?,
        )
    }

    /// One project as it is now, to be changed.
    ///
    /// # Errors
    /// [`Error::Forbidden`] also where there is no such project.
    pub async fn versioned_project(
        &self,
        project: &ProjectName,
    ) -> Result<VersionedProject, Error> {
        let found: wire::Project = self.ask(super::requests::project(project)).await?;
        found
            .into_versioned()
            .ok_or_else(|| Error::unreadable("a project without a valid name"))
    }

    /// Changes the texts of a project.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it was changed since the version that was seen,
    /// [`Error::Forbidden`], [`Error::Invalid`], or any other.
    pub async fn change_project(
        &self,
        project: &ProjectName,
        change: &ProjectChange,
    ) -> Result<(), Error> {
        error::done(&self.send(requests::change_project(project, change)).await?)
    }

    /// Deletes a project with all that is in it. The master takes its time: the project stays for a
    /// while, as one that is going.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], or any other.
    pub async fn delete_project(&self, project: &ProjectName) -> Result<(), Error> {
        error::done(&self.send(requests::delete_project(project)).await?)
    }
}
