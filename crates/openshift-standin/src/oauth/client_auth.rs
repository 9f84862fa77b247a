//! How a client authenticates at the token endpoint (A2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use crate::cluster::{Cluster, RegisteredOauthClient, Version};

/// Name and secret, as sent.
pub(super) struct ClientAuth {
    id: String,
    secret: SecretString,
}

impl ClientAuth {
    /// A secret in the body (even an empty one) takes precedence over Basic; a name alone is not
    /// enough.
    pub(super) fn from_request(
        version: Version,
        headers: &HeaderMap,
        id: Option<&str>,
        secret: Option<&str>,
    ) -> Option<Self> {
        if let (Some(id), Some(secret)) = (id, secret) {
            return Some(Self {
                id: id.to_owned(),
                secret: secret.into(),
            });
        }
        let basic = headers
            .get(header::AUTHORIZATION)?
            .to_str()
            .ok()?
            .strip_prefix("Basic ")?;
        let pair = String::from_utf8(STANDARD.decode(basic.trim()).ok()?).ok()?;
        let (id, secret) = pair.split_once(':')?;
        match version {
            Version::V3_9 => Some(Self {
                id: id.to_owned(),
                secret: secret.into(),
            }),
            // RFC 6749, 2.3.1: form-encoded inside Basic; 3.x does not support this.
            Version::V4 => Some(Self {
                id: decode_form_value(id)?,
                secret: decode_form_value(secret)?.into(),
            }),
        }
    }

    /// The client, if name and secret are right.
    pub(super) fn authenticate(&self, cluster: &Cluster) -> Option<RegisteredOauthClient> {
        let client = cluster.oauth_client(&self.id)?;
        let same: bool = client
            .secret
            .as_bytes()
            .ct_eq(self.secret.expose_secret().as_bytes())
            .into();
        same.then_some(client)
    }
}

fn decode_form_value(text: &str) -> Option<String> {
    Some(
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8()
            .ok()?
            .into_owned(),
    )
}
