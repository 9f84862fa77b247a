//! The signed-in person and their token.

use crate::app::AsUser;
use crate::app::failure::{Failure, Subject};
use registry_model::User;

impl AsUser<'_> {
    /// Who this is.
    ///
    /// # Errors
    ///
    /// The token is refused, or the master cannot be asked.
    pub async fn whoami(&self) -> Result<User, Failure> {
        self.master
            .whoami()
            .await
            .map_err(|error| Failure::of_master(error, Subject::Page))
    }

    /// Deletes the token on the master. A token that is gone already counts as deleted.
    ///
    /// # Errors
    ///
    /// The master did not confirm: the token may live on until it expires.
    pub async fn revoke(&self) -> Result<(), Failure> {
        self.forget_rights();
        match self.master.revoke().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::of_master(error, Subject::Page)),
        }
    }
}
