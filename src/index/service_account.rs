//! The master as the console's own service account sees it.

use super::source::{Source, Trouble};
use super::state::Why;
use crate::config::IndexToken;
use crate::openshift::{Access, Error, Fed, FeedError, Master, OutageReason, Watch};
use crate::outbound::UserToken;

/// Asks the master with the token of the service account, which is used for nothing else (S48). The
/// file is read for every question: the cluster replaces short-lived tokens while the console runs.
#[derive(Debug)]
pub struct ServiceAccount {
    master: Master,
    token: IndexToken,
}

/// No token is longer.
const TOKEN_BYTES: usize = 64 << 10;

impl ServiceAccount {
    /// The service account that this token is of.
    #[must_use]
    pub fn new(master: Master, token: IndexToken) -> Self {
        Self { master, token }
    }

    async fn token(&self) -> Result<UserToken, Trouble> {
        let file = match &self.token {
            IndexToken::File(file) => file,
            IndexToken::Here(token) => return Ok(UserToken::new(token.clone())),
        };
        let text = tokio::fs::read_to_string(file).await;
        let text = text.map_err(|error| Trouble {
            why: Why::NoToken,
            cause: Some(error.into()),
        })?;
        let token = text.trim();
        if token.is_empty() || token.len() > TOKEN_BYTES {
            return Err(Why::NoToken.into());
        }
        Ok(UserToken::from(token))
    }
}

impl Source for ServiceAccount {
    type Watch = Watch;

    async fn allowed(&self) -> Result<bool, Trouble> {
        let token = self.token().await?;
        let master = self.master.as_user(&token);
        for access in [Access::list_streams(None), Access::watch_streams()] {
            if !master.may(&access).await.map_err(trouble)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn list(
        &self,
        chunked: bool,
        take: &mut (dyn FnMut(Fed) + Send),
    ) -> Result<String, Trouble> {
        let token = self.token().await?;
        Ok(self.master.as_user(&token).feed(chunked, take).await?)
    }

    async fn version(&self) -> Result<Option<String>, Trouble> {
        let token = self.token().await?;
        Ok(self.master.as_user(&token).feed_version().await?)
    }

    async fn watch(&self, from: &str) -> Result<Watch, Trouble> {
        let token = self.token().await?;
        Ok(self.master.as_user(&token).watch(None, from).await?)
    }
}

impl From<FeedError> for Trouble {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Expired => Why::Expired.into(),
            FeedError::Failed(error) => trouble(error),
        }
    }
}

fn trouble(error: Error) -> Trouble {
    let why = match &error {
        Error::TokenRefused => Why::TokenRefused,
        Error::Forbidden(_) => Why::NotAllowed,
        Error::Unavailable(outage) if outage.reason == OutageReason::RolesNotLoaded => {
            Why::RolesNotLoaded
        }
        Error::Unavailable(_) => Why::Unavailable,
        Error::NotServed => Why::NotServed,
        Error::Unreachable(_) | Error::Busy { .. } => Why::Unreachable,
        Error::Unexpected { status, .. } if status.is_success() => Why::Nonsense,
        _ => Why::Refused,
    };
    Trouble {
        why,
        cause: Some(error.into()),
    }
}
