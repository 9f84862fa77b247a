//! Whose token it is.

use super::{ApiError, UserApi, requests, wire};
use registry_model::CurrentUser;

impl UserApi<'_> {
    /// The user that the token belongs to: `users/~`, or a `SelfSubjectReview` where users are those
    /// of an external OIDC provider.
    ///
    /// # Errors
    /// [`ApiError::TokenRefused`] where the token is no longer valid, or any other.
    pub async fn whoami(&self) -> Result<CurrentUser, ApiError> {
        let user = if self.api_server.has_external_users {
            self.review_self().await?.into_model()
        } else {
            let user: wire::WireUser = self.request(requests::whoami()).await?;
            user.into_model()
        };
        user.ok_or_else(|| ApiError::malformed("a user without a name"))
    }

    /// Version v1beta1 only where v1 is absent (Kubernetes 1.27).
    async fn review_self(&self) -> Result<wire::WireSelfSubjectReview, ApiError> {
        match self.request(requests::self_subject_review("v1")).await {
            Err(ApiError::NotFound | ApiError::NotServed) => {
                self.request(requests::self_subject_review("v1beta1")).await
            }
            review => review,
        }
    }
}
