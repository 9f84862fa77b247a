//! The API server, called with the console's own service account.

use super::source::{IndexSource, SourceError};
use super::state::NotReadyReason;
use crate::config::IndexToken;
use crate::openshift::{
    AccessRight, ApiError, ApiServer, ListWatchError, OutageReason, StreamItem, StreamWatch,
};
use crate::outbound::UserToken;

/// Calls the API server with the token of the service account, which is used for nothing else
/// (S48). The file is read for every call: the cluster replaces short-lived tokens while the
/// console runs.
#[derive(Clone, Debug)]
pub struct ServiceAccountSource {
    pub(super) api_server: ApiServer,
    token: IndexToken,
}

/// Larger than any token.
const MAX_TOKEN_BYTES: usize = 64 << 10;

impl ServiceAccountSource {
    /// The service account that the token belongs to.
    #[must_use]
    pub fn new(api_server: ApiServer, token: IndexToken) -> Self {
        Self { api_server, token }
    }

    pub(super) async fn token(&self) -> Result<UserToken, SourceError> {
        let file = match &self.token {
            IndexToken::File(file) => file,
            IndexToken::Inline(token) => return Ok(UserToken::new(token.clone())),
        };
        let text = tokio::fs::read_to_string(file).await;
        let text = text.map_err(|error| SourceError {
            reason: NotReadyReason::NoToken,
            cause: Some(error.into()),
        })?;
        let token = text.trim();
        if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
            return Err(NotReadyReason::NoToken.into());
        }
        Ok(UserToken::from(token))
    }
}

impl IndexSource for ServiceAccountSource {
    type Object = StreamItem;
    type Events = StreamWatch;

    async fn is_allowed(&self) -> Result<bool, SourceError> {
        let token = self.token().await?;
        let api_server = self.api_server.for_user(&token);
        for access in [
            AccessRight::list_streams(None),
            AccessRight::watch_all_streams(),
        ] {
            if !api_server.is_allowed(&access).await.map_err(source_error)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn list(
        &self,
        chunked: bool,
        take: &mut (dyn FnMut(StreamItem) + Send),
    ) -> Result<String, SourceError> {
        let token = self.token().await?;
        Ok(self
            .api_server
            .for_user(&token)
            .for_each_stream(chunked, take)
            .await?)
    }

    async fn current_resource_version(&self) -> Result<Option<String>, SourceError> {
        let token = self.token().await?;
        Ok(self
            .api_server
            .for_user(&token)
            .current_resource_version()
            .await?)
    }

    async fn watch(&self, from: &str) -> Result<StreamWatch, SourceError> {
        let token = self.token().await?;
        Ok(self
            .api_server
            .for_user(&token)
            .watch_streams(None, from)
            .await?)
    }
}

impl From<ListWatchError> for SourceError {
    fn from(error: ListWatchError) -> Self {
        match error {
            ListWatchError::Expired => NotReadyReason::Expired.into(),
            ListWatchError::Api(error) => source_error(error),
        }
    }
}

pub(super) fn source_error(error: ApiError) -> SourceError {
    let why = match &error {
        ApiError::TokenRefused => NotReadyReason::TokenRefused,
        ApiError::Forbidden(_) => NotReadyReason::NotAllowed,
        ApiError::Unavailable(outage) if outage.reason == OutageReason::RolesNotLoaded => {
            NotReadyReason::RolesNotLoaded
        }
        ApiError::Unavailable(_) => NotReadyReason::Unavailable,
        ApiError::NotServed => NotReadyReason::NotServed,
        ApiError::Transport(_) | ApiError::Busy { .. } => NotReadyReason::Unreachable,
        ApiError::Unexpected { status, .. } if status.is_success() => {
            NotReadyReason::MalformedResponse
        }
        _ => NotReadyReason::ErrorResponse,
    };
    SourceError {
        reason: why,
        cause: Some(error.into()),
    }
}
