//! Names of subjects that a form offers, and whether a subject exists.

use super::{ApiError, UserApi, log_unreadable_objects, wire};
use crate::openshift::requests::subject_names as requests;
use registry_model::{ProjectName, Subject};

impl UserApi<'_> {
    /// The names of the first few hundred users.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for most users: a cluster role is required. Or any other.
    pub async fn list_user_names(&self) -> Result<Vec<String>, ApiError> {
        self.list_names("users", requests::users()).await
    }

    /// The names of the first few hundred service accounts of a project.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`], or any other.
    pub async fn list_service_account_names(
        &self,
        project: &ProjectName,
    ) -> Result<Vec<String>, ApiError> {
        self.list_names("service accounts", requests::service_accounts(project))
            .await
    }

    /// Whether a user, group or service account exists.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for most users where the subject is a user or group, or any other.
    pub async fn subject_exists(&self, subject: &Subject) -> Result<bool, ApiError> {
        match self
            .request::<wire::WireNamedObject>(requests::get_subject(subject))
            .await
        {
            Ok(_) => Ok(true),
            Err(ApiError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn list_names(
        &self,
        resource: &'static str,
        request: crate::outbound::Request<'static>,
    ) -> Result<Vec<String>, ApiError> {
        let list: wire::List<wire::WireNamedObject> = self.request(request).await?;
        let (names, unreadable) = list.into_models(wire::WireNamedObject::into_name);
        log_unreadable_objects(resource, unreadable);
        Ok(names)
    }
}
