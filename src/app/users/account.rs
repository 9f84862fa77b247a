//! The signed-in user and their token.

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use registry_model::CurrentUser;

impl AppForUser<'_> {
    /// The user that the token belongs to.
    ///
    /// # Errors
    ///
    /// The token is refused, or the API server cannot be reached.
    pub async fn current_user(&self) -> Result<CurrentUser, Failure> {
        self.api_server
            .whoami()
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::Page))
    }

    /// Deletes the token at the API server. A token that is gone already counts as deleted.
    ///
    /// # Errors
    ///
    /// The API server did not confirm it: the token may stay valid until it expires.
    pub async fn revoke_token(&self) -> Result<(), Failure> {
        self.invalidate_rights();
        match self.api_server.revoke().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::from_api_error(error, PageSubject::Page)),
        }
    }
}
