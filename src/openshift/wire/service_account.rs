//! The JSON of service accounts, their token secrets and token requests.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::openshift::wire::object_meta::{WireObjectMeta, non_empty, null_to_default, parse_time};
use crate::openshift::{self, IssuedToken};
use crate::outbound::UserToken;

/// `v1` `ServiceAccount`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireServiceAccount {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
}

impl WireServiceAccount {
    /// `None` without a valid name.
    pub(in crate::openshift) fn into_public(self) -> Option<openshift::ServiceAccount> {
        let meta = self.metadata;
        Some(openshift::ServiceAccount {
            name: meta.name.parse().ok()?,
            created: meta.created(),
            uid: meta.uid.unwrap_or_default(),
            labels: without_nulls(meta.labels),
            annotations: without_nulls(meta.annotations),
        })
    }
}

fn without_nulls(texts: BTreeMap<String, Option<String>>) -> BTreeMap<String, String> {
    texts
        .into_iter()
        .filter_map(|(key, text)| Some((key, text?)))
        .collect()
}

/// `v1` `Secret` of the type `kubernetes.io/service-account-token`. No `Debug`: it contains a
/// token.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireTokenSecret {
    #[serde(deserialize_with = "null_to_default")]
    data: WireSecretData,
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSecretData {
    token: Option<String>,
}

impl WireTokenSecret {
    /// The token, once the controller has written it. `None` for a secret of another service
    /// account.
    pub(in crate::openshift) fn into_token(self, account: &str) -> Option<UserToken> {
        self.metadata
            .annotation("kubernetes.io/service-account.name")
            .filter(|of| of == account)?;
        let bytes = STANDARD.decode(self.data.token?).ok()?;
        let token = String::from_utf8(bytes)
            .ok()
            .filter(|token| !token.is_empty())?;
        Some(UserToken::new(token.into()))
    }
}

/// `authentication.k8s.io/v1` `TokenRequest`. No `Debug`: it contains a token.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireTokenRequest {
    #[serde(deserialize_with = "null_to_default")]
    status: WireTokenRequestStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireTokenRequestStatus {
    token: Option<String>,
    expiration_timestamp: Option<String>,
}

impl WireTokenRequest {
    /// `None` without a token or its expiry.
    pub(in crate::openshift) fn into_public(self) -> Option<IssuedToken> {
        let expires = parse_time(non_empty(self.status.expiration_timestamp).as_deref())?;
        Some(IssuedToken {
            token: UserToken::new(non_empty(self.status.token)?.into()),
            expires_at: Some(expires),
        })
    }
}
