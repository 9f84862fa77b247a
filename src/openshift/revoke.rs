//! Signing out, as far as the master is concerned.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{ApiError, ApiStatus, UserApi, requests};
use crate::outbound::UpstreamResponse;
use registry_model::json;

/// What became of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationResult {
    /// It is deleted now.
    Deleted,
    /// It had been deleted before.
    AlreadyDeleted,
}

/// The mark of a token of OpenShift 4.6 and later, whose object is named by its hash.
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

/// `sha256~` and the hash of what follows it in the token: so the API never sees the token itself.
fn token_object_name(secret: &str) -> String {
    format!(
        "{HASHED_TOKEN_PREFIX}{}",
        URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
    )
}

/// Whether this master has no `useroauthaccesstokens` (before 4.6), or does not let people at them.
fn cannot_delete_user_token(answer: &UpstreamResponse) -> bool {
    match answer.status {
        StatusCode::FORBIDDEN => true,
        StatusCode::NOT_FOUND => is_missing_resource(answer),
        _ => false,
    }
}

fn parse_result(answer: &UpstreamResponse) -> Result<RevocationResult, ApiError> {
    match answer.status {
        status if status.is_success() && confirms_deletion(answer) => Ok(RevocationResult::Deleted),
        StatusCode::NOT_FOUND if !is_missing_resource(answer) => {
            Ok(RevocationResult::AlreadyDeleted)
        }
        _ => Err(ApiError::from_response(answer)),
    }
}

/// Whether the API itself says so, with a `Status` (3.x) or the token that was (4): a proxy's page
/// of HTML with status 200 is no confirmation.
fn confirms_deletion(answer: &UpstreamResponse) -> bool {
    #[derive(Deserialize)]
    struct DeletedObject {
        kind: String,
    }
    json::from_slice::<DeletedObject>(&answer.body)
        .is_ok_and(|object| object.kind == "Status" || object.kind.ends_with("OAuthAccessToken"))
}

fn is_missing_resource(answer: &UpstreamResponse) -> bool {
    ApiStatus::from_response(answer).is_none_or(|status| status.is_missing_resource())
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
