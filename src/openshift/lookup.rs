//! Names that a person may choose from, and whether somebody of a name exists.

use super::requests::lookup as requests;
use super::{AsUser, Error, note_unreadable, wire};
use registry_model::{ProjectName, Subject};

impl AsUser<'_> {
    /// The names of the first few hundred users.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for nearly everybody: it takes a cluster role.
    pub async fn user_names(&self) -> Result<Vec<String>, Error> {
        self.names("users", requests::users()).await
    }

    /// The names of the first few hundred service accounts of a project.
    ///
    /// # Errors
    /// [`Error::Forbidden`], or any other.
    pub async fn service_account_names(&self, project: &ProjectName) -> Result<Vec<String>, Error> {
        self.names("service accounts", requests::service_accounts(project))
            .await
    }

    /// Whether there is such a user, group or service account.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for nearly everybody who asks about users and groups, or any other.
    pub async fn exists(&self, who: &Subject) -> Result<bool, Error> {
        match self.ask::<wire::Named>(requests::somebody(who)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn names(
        &self,
        what: &'static str,
        request: crate::outbound::Request<'static>,
    ) -> Result<Vec<String>, Error> {
        let list: wire::List<wire::Named> = self.ask(request).await?;
        let (names, unreadable) = list.read(wire::Named::into_name);
        note_unreadable(what, unreadable);
        Ok(names)
    }
}
