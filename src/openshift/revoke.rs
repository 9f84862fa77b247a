//! Revocation of a user's token at the API server, for sign-out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{ApiError, ApiStatus, UserApi, requests};
use crate::outbound::UpstreamResponse;
use registry_model::json;

/// The result of revoking a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationResult {
    /// The token was deleted.
    Deleted,
    /// The token had been deleted before.
    AlreadyDeleted,
}

/// The prefix of a token of OpenShift 4.6 and later, whose object is named by the token's hash.
const HASHED_TOKEN_PREFIX: &str = "sha256~";

pub(super) async fn revoke(user: &UserApi<'_>) -> Result<RevocationResult, ApiError> {
    let token = user.token.expose();
    let Some(secret) = token.strip_prefix(HASHED_TOKEN_PREFIX) else {
        return parse_result(&user.send(requests::delete_token(token)).await?);
    };
    let name = token_object_name(secret);
    let own = user.send(requests::delete_user_token(&name)).await?;
    if cannot_delete_user_token(&own) {
        return parse_result(&user.send(requests::delete_token(&name)).await?);
    }
    parse_result(&own)
}

/// `sha256~` and the hash of the rest of the token, so that the token itself is in no path.
fn token_object_name(secret: &str) -> String {
    format!(
        "{HASHED_TOKEN_PREFIX}{}",
        URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
    )
}

/// Whether the API server has no `useroauthaccesstokens` (before 4.6), or does not allow users to
/// delete them.
fn cannot_delete_user_token(response: &UpstreamResponse) -> bool {
    match response.status {
        StatusCode::FORBIDDEN => true,
        StatusCode::NOT_FOUND => is_missing_resource(response),
        _ => false,
    }
}

fn parse_result(response: &UpstreamResponse) -> Result<RevocationResult, ApiError> {
    match response.status {
        status if status.is_success() && confirms_deletion(response) => {
            Ok(RevocationResult::Deleted)
        }
        StatusCode::NOT_FOUND if !is_missing_resource(response) => {
            Ok(RevocationResult::AlreadyDeleted)
        }
        _ => Err(ApiError::from_response(response)),
    }
}

/// Whether the API server confirms the deletion, with a `Status` (3.x) or the deleted token (4). A
/// proxy's HTML page with status 200 is no confirmation.
fn confirms_deletion(response: &UpstreamResponse) -> bool {
    #[derive(Deserialize)]
    struct DeletedObject {
        kind: String,
    }
    json::from_slice::<DeletedObject>(&response.body)
        .is_ok_and(|object| object.kind == "Status" || object.kind.ends_with("OAuthAccessToken"))
}

fn is_missing_resource(response: &UpstreamResponse) -> bool {
    ApiStatus::from_response(response).is_none_or(|status| status.is_missing_resource())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S16.
    #[test]
    fn token_object_name_is_the_hash_after_the_prefix() {
        assert_eq!(
            token_object_name("abc"),
            "sha256~ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        );
    }
}
