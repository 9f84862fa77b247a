//! Service accounts, and what holds their tokens.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::meta::{Meta, filled, or_default, time};
use crate::openshift::{self, IssuedToken};
use crate::outbound::UserToken;

/// `v1` `ServiceAccount`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct ServiceAccount {
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
}

impl ServiceAccount {
    /// Nothing without a valid name.
    pub(in crate::openshift) fn into_public(self) -> Option<openshift::ServiceAccount> {
        let meta = self.metadata;
        Some(openshift::ServiceAccount {
            name: meta.name.parse().ok()?,
            created: meta.created(),
            uid: meta.uid.unwrap_or_default(),
            labels: said(meta.labels),
            notes: said(meta.annotations),
        })
    }
}

fn said(texts: BTreeMap<String, Option<String>>) -> BTreeMap<String, String> {
    texts
        .into_iter()
        .filter_map(|(key, text)| Some((key, text?)))
        .collect()
}

/// `v1` `Secret` of the type `kubernetes.io/service-account-token`. No `Debug`: it holds one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct TokenSecret {
    #[serde(deserialize_with = "or_default")]
    data: Data,
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    token: Option<String>,
}

impl TokenSecret {
    /// The token, once the controller has written it; only of a secret that is this service
    /// account's.
    pub(in crate::openshift) fn token_of(self, account: &str) -> Option<UserToken> {
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

/// `authentication.k8s.io/v1` `TokenRequest`. No `Debug`: it holds a token.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct TokenRequest {
    #[serde(deserialize_with = "or_default")]
    status: Issued,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Issued {
    token: Option<String>,
    expiration_timestamp: Option<String>,
}

impl TokenRequest {
    /// Nothing without a token, or one that does not say when it ends.
    pub(in crate::openshift) fn into_public(self) -> Option<IssuedToken> {
        let expires = time(filled(self.status.expiration_timestamp).as_deref())?;
        Some(IssuedToken {
            token: UserToken::new(filled(self.status.token)?.into()),
            expires: Some(expires),
        })
    }
}
