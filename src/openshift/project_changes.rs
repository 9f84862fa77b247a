//! Creating, updating and deleting projects.

use super::requests::project_changes as requests;
use super::{ApiError, UserApi, error, wire};
use registry_model::{Project, ProjectName};

/// A project and its resource version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionedProject {
    pub project: Project,
    /// `metadata.resourceVersion`: opaque.
    pub resource_version: String,
}

/// A change to the display name and description of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectChange {
    /// The new display name. `None`: unchanged.
    pub display_name: Option<String>,
    /// The new description. `None`: unchanged.
    pub description: Option<String>,
    /// The resource version that the user saw. A project of another version is not changed.
    pub seen_resource_version: Option<String>,
}

impl UserApi<'_> {
    /// Checks that the user may create a project: the API server answers a list of project requests
    /// with success, or with the administrator's message for users (recorded in
    /// `projectrequest-list`).
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] where the user may not, or any other.
    pub async fn check_project_request(&self) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::list_project_requests()).await?)
    }

    /// Creates a project with the user as its administrator.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Invalid`],
    /// [`ApiError::Forbidden`] also for names that are reserved for the cluster, or any other.
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

    /// The current state of a project, to be changed.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] also where the project does not exist.
    pub async fn get_versioned_project(
        &self,
        project: &ProjectName,
    ) -> Result<VersionedProject, ApiError> {
        let found: wire::WireProject = self.request(super::requests::project(project)).await?;
        found
            .into_versioned()
            .ok_or_else(|| ApiError::malformed("a project without a valid name"))
    }

    /// Changes the display name and description of a project.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the project was changed since the version that the user saw,
    /// [`ApiError::Forbidden`], [`ApiError::Invalid`], or any other.
    pub async fn update_project(
        &self,
        project: &ProjectName,
        change: &ProjectChange,
    ) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::update_project(project, change)).await?)
    }

    /// Deletes a project with everything in it. The project exists for a while longer and is then
    /// marked as being deleted.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`], [`ApiError::NotFound`], or any other.
    pub async fn delete_project(&self, project: &ProjectName) -> Result<(), ApiError> {
        error::check_success(&self.send(requests::delete_project(project)).await?)
    }
}
