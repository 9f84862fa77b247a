//! The registered client, and how it authenticates at the token endpoint (RFC 6749, 2.3).

use http::{HeaderMap, header};
use subtle::ConstantTimeEq as _;

use super::Issuer;
use super::error::TokenError;
use crate::oauth::client_auth;
use crate::oauth::error::OauthErrorCode;

/// A client of the issuer. No `Debug`: it contains a secret.
#[derive(Clone)]
pub struct OidcClient {
    /// `client_id`.
    pub id: String,
    /// `client_secret`, for `client_secret_basic` and `client_secret_post`; `None`: a public client.
    pub secret: Option<String>,
    /// Compared as texts.
    pub redirect_uris: Vec<String>,
    /// Compared as texts.
    pub post_logout_redirect_uris: Vec<String>,
}

impl OidcClient {
    /// The client that a console at these addresses (without a path) is registered as.
    pub(crate) fn for_console(id: &str, secret: &str, urls: &[&str]) -> Self {
        let below =
            |path: &str| -> Vec<String> { urls.iter().map(|url| format!("{url}{path}")).collect() };
        Self {
            id: id.to_owned(),
            secret: Some(secret.to_owned()),
            redirect_uris: below("/oauth/callback"),
            post_logout_redirect_uris: below("/oauth/callback/signed-out"),
        }
    }
}

impl Issuer {
    /// The client that sent the request.
    pub(super) fn authenticate_client(
        &self,
        headers: &HeaderMap,
        id: Option<&str>,
        secret: Option<&str>,
    ) -> Result<OidcClient, TokenError> {
        let uses_basic = headers.contains_key(header::AUTHORIZATION);
        let refused = || TokenError::unknown_client(uses_basic);
        if !uses_basic && self.settings().requires_basic_authentication {
            return Err(refused());
        }
        let (id, secret) = if uses_basic {
            if secret.is_some() {
                let text = "more than one way to authenticate";
                return Err(TokenError::new(OauthErrorCode::InvalidRequest, text));
            }
            let (named, secret) = client_auth::basic_credentials(headers).ok_or_else(refused)?;
            if id.is_some_and(|id| id != named) {
                return Err(refused());
            }
            (named, Some(secret))
        } else {
            let id = id.ok_or_else(refused)?;
            (id.to_owned(), secret.map(str::to_owned))
        };
        let client = self.client();
        let is_right = match (&client.secret, &secret) {
            (None, None) => true,
            (Some(own), Some(sent)) => own.as_bytes().ct_eq(sent.as_bytes()).into(),
            _ => false,
        };
        if client.id == id && is_right {
            Ok(client)
        } else {
            Err(refused())
        }
    }
}
