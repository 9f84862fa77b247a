//! New projects, changes of their texts, and their end.

use super::requests::project_changes as requests;
use super::{ApiError, UserApi, error, wire};
use registry_model::{Project, ProjectName};

/// A project, and which version of it this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionedProject {
    pub project: Project,
    /// `metadata.resourceVersion`: opaque.
    pub resource_version: String,
}

/// What to change of a project's texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectChange {
    /// The new display name; none stays as it is.
    pub display_name: Option<String>,
    /// The new description; none stays as it is.
    pub description: Option<String>,
    /// The version that the person saw: if it is no longer that one, nothing is changed.
    pub seen_resource_version: Option<String>,
}

impl UserApi<'_> {
    /// Whether the person may have a project of their own: the master answers a list of requests
    /// with success, or with what the administrator wants people to read instead (recorded in
    /// `projectrequest-list`).
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] says no, or any other.
    pub async fn check_project_request(&self) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::list_project_requests()).await?)
    }

    /// Creates a project that the person administers.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Invalid`], [`ApiError::Forbidden`] also
    /// for names that are the cluster's own, or any other.
    pub async fn request_project(
        &self,
        name: &str,
        display_name: &str,
        description: &str,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::request_project(name, display_name, description))
                .await?,
        )
    }

    /// One project as it is now, to be changed.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] also where there is no such project.
    pub async fn get_versioned_project(
        &self,
        project: &ProjectName,
    ) -> Result<VersionedProject, ApiError> {
        let found: wire::WireProject = self.request(super::requests::project(project)).await?;
        found
            .into_versioned()
            .ok_or_else(|| ApiError::malformed("a project without a valid name"))
    }

    /// Changes the texts of a project.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where it was changed since the version that was seen,
    /// [`ApiError::Forbidden`], [`ApiError::Invalid`], or any other.
    pub async fn update_project(
        &self,
        project: &ProjectName,
        change: &ProjectChange,
    ) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::update_project(project, change)).await?)
    }

    /// Deletes a project with all that is in it. The master takes its time: the project stays for a
    /// while, as one that is going.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`], [`ApiError::NotFound`], or any other.
    pub async fn delete_project(&self, project: &ProjectName) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::delete_project(project)).await?)
    }
}
