//! Signing out, as far as the master is concerned.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{AsUser, Error, Status, requests};
use crate::outbound::Answer;
use registry_model::json;

/// What became of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It is deleted now.
    Deleted,
    /// It had been deleted before.
    AlreadyGone,
}

/// The mark of a token of OpenShift 4.6 and later, whose object is named by its hash.
const HASHED: &str = "sha256~";

pub(super) async fn revoke(user: &AsUser<'_>) -> Result<Revoked, Error> {
    let token = user.token.expose();
    let Some(secret) = token.strip_prefix(HASHED) else {
        return outcome(&user.send(requests::delete_token(token)).await?);
    };
    let name = object_name(secret);
    let own = user.send(requests::delete_own_token(&name)).await?;
    if cannot_delete_own(&own) {
        return outcome(&user.send(requests::delete_token(&name)).await?);
    }
    outcome(&own)
}

/// `sha256~` and the hash of what follows it in the token: so the API never sees the token itself.
fn object_name(secret: &str) -> String {
    format!("{HASHED}{}", URL_SAFE_NO_PAD.encode(Sha256::digest(secret)))
}

/// Whether this master has no `useroauthaccesstokens` (before 4.6), or does not let people at them.
fn cannot_delete_own(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::FORBIDDEN => true,
        StatusCode::NOT_FOUND => is_about_the_resource(answer),
        _ => false,
    }
}

fn outcome(answer: &Answer) -> Result<Revoked, Error> {
    match answer.status {
        status if status.is_success() && confirms(answer) => Ok(Revoked::Deleted),
        StatusCode::NOT_FOUND if !is_about_the_resource(answer) => Ok(Revoked::AlreadyGone),
        _ => Err(Error::of(answer)),
    }
}

/// Whether the API itself says so, with a `Status` (3.x) or the token that was (4): a proxy's page
/// of HTML with status 200 is no confirmation.
fn confirms(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    struct Object {
        kind: String,
    }
    json::from_slice::<Object>(&answer.body)
        .is_ok_and(|object| object.kind == "Status" || object.kind.ends_with("OAuthAccessToken"))
}

fn is_about_the_resource(answer: &Answer) -> bool {
    Status::of(answer).is_none_or(|status| status.is_about_a_missing_resource())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S16.
    #[test]
    fn the_object_of_a_hashed_token_is_named_by_the_hash_of_what_follows_the_mark() {
        assert_eq!(
            object_name("abc"),
            "sha256~ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        );
    }
}
