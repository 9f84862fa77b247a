//! The claims of users, and ID tokens (OpenID Connect Core 1.0, 2 and 5.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::keys::{self, SigningKey};
use super::store::{SignIn, new_id};
use super::{Issuer, IssuerFault, read};
use crate::cluster::groups_of_user;

impl Issuer {
    /// An ID token of the registered client. It also has the claims that would be in the response
    /// of the user information endpoint, as the API server needs them.
    pub(super) fn id_token(
        &self,
        sign_in: &SignIn,
        client: &str,
        nonce: Option<&str>,
        access_token: &str,
    ) -> String {
        let fault = self.fault();
        let settings = self.settings();
        let now = self.0.cluster.clock().now();
        let (issued, end) = if fault == Some(IssuerFault::ExpiredIdToken) {
            let end = now - TimeDelta::hours(1);
            (end - settings.token_lifetime, end)
        } else {
            (now, now + settings.token_lifetime)
        };
        let mut claims = self.user_claims(&sign_in.user);
        claims["iss"] = self.url().into();
        claims["aud"] = client.into();
        claims["iat"] = issued.timestamp().into();
        claims["exp"] = end.timestamp().into();
        claims["auth_time"] = sign_in.time.timestamp().into();
        claims["sid"] = sign_in.session.as_str().into();
        claims["jti"] = new_id().into();
        claims["at_hash"] = access_token_hash(access_token).into();
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        match fault {
            Some(IssuerFault::WrongIssuer) => claims["iss"] = "https://other.example.com".into(),
            Some(IssuerFault::WrongAudience) => claims["aud"] = "another-client".into(),
            Some(IssuerFault::WrongNonce) => claims["nonce"] = new_id().into(),
            Some(IssuerFault::ClaimsOfOtherTypes) => {
                claims["updated_at"] = now.to_rfc3339().into();
                claims["email_verified"] = "true".into();
            }
            Some(IssuerFault::UnreadableClaims) => claims["email"] = json!([claims["email"]]),
            _ => {}
        }
        let keys = read(&self.0.keys);
        match fault {
            Some(IssuerFault::Unsigned) => keys::unsigned(&claims),
            Some(IssuerFault::WrongSignature) => {
                SigningKey::generate().with_id_of(&keys).sign(&claims)
            }
            _ => keys.sign(&claims),
        }
    }

    /// What is known of a user.
    pub(super) fn user_claims(&self, user: &str) -> Value {
        let (id, mut groups) = self.0.cluster.read(|state| {
            let id = state.user(user).map(|user| user.meta.uid.clone());
            (id, groups_of_user(state, user))
        });
        groups.extend((0..self.settings().additional_groups).map(group_id));
        json!({"sub": id, "preferred_username": user, "name": user, "email": format!("{user}@example.com"),
            "email_verified": true, "groups": groups})
    }
}

/// The id of a group in the format of directories that name groups by ids.
fn group_id(number: usize) -> String {
    format!("7d3a5c10-6f0e-4b52-9a41-{number:012x}")
}

/// `at_hash` (Core, 3.1.3.6): the left half of the hash.
fn access_token_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
}
