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
        // 3.x does not decode what is inside.
        let (id, secret) = match version {
            Version::V3_9 => encoded_basic_credentials(headers)?,
            Version::V4 => basic_credentials(headers)?,
        };
        Some(Self {
            id,
            secret: secret.into(),
        })
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

/// Name and secret of the Basic scheme, in which both are form-encoded (RFC 6749, 2.3.1).
pub(crate) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let (id, secret) = encoded_basic_credentials(headers)?;
    Some((decode_form_value(&id)?, decode_form_value(&secret)?))
}

fn encoded_basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let basic = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(basic.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn decode_form_value(text: &str) -> Option<String> {
    Some(
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8()
            .ok()?
            .into_owned(),
    )
}
