//! The signed-in person and their token.

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use registry_model::CurrentUser;

impl AppForUser<'_> {
    /// Who this is.
    ///
    /// # Errors
    ///
    /// The token is refused, or the master cannot be asked.
    pub async fn current_user(&self) -> Result<CurrentUser, Failure> {
        self.api_server
            .whoami()
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::Page))
    }

    /// Deletes the token on the master. A token that is gone already counts as deleted.
    ///
    /// # Errors
    ///
    /// The master did not confirm: the token may live on until it expires.
    pub async fn revoke_token(&self) -> Result<(), Failure> {
        self.invalidate_rights();
        match self.api_server.revoke().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::from_api_error(error, PageSubject::Page)),
        }
    }
}
