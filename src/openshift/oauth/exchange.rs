//! The token request, which exchanges an authorization code for a token.

use std::time::Duration;

use oauth2::basic::{
    BasicClient, BasicErrorResponseType, BasicRequestTokenError, BasicTokenResponse,
};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, PkceCodeVerifier, RedirectUrl, TokenResponse as _,
    TokenUrl,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{OauthError, OauthToken};
use crate::config::{self, ClientSecret};
use crate::openshift::oauth_http::{self, OauthHttpError};
use crate::outbound::{TransportError, Upstream, UserToken};

/// Larger than any token response (S8).
const MAX_RESPONSE_BYTES: usize = 64 << 10;
/// OpenShift's own default, as the maximum (S9).
const MAX_TOKEN_LIFETIME: Duration = Duration::from_hours(24);

pub(super) async fn exchange(
    server: &Upstream,
    settings: &config::OauthSettings,
    endpoint: Url,
    code: &SecretString,
    verifier: &SecretString,
    redirect_uri: &Url,
) -> Result<OauthToken, OauthError> {
    let ClientSecret::Known { secret, .. } = &settings.client_secret else {
        return Err(OauthError::NoSecret);
    };
    // Id and secret in the body: OpenShift 3.x and 4 decode Basic credentials differently.
    let client = BasicClient::new(ClientId::new(settings.client_id.clone()))
        .set_client_secret(oauth2::ClientSecret::new(secret.expose_secret().to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(endpoint))
        .set_redirect_uri(RedirectUrl::from_url(redirect_uri.clone()));
    // The closure owns its data: with a borrow, the future would not be `Send`.
    let server = server.clone();
    let post = move |request| {
        oauth_http::send(server.clone(), "exchange code", MAX_RESPONSE_BYTES, request)
    };
    let response = client
        .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
        .request_async(&post)
        .await;
    response
        .map_err(token_request_error)
        .and_then(|response| parse_token(&response))
}

/// Drops the texts of these errors: they quote the response, which may contain a token.
fn token_request_error(error: BasicRequestTokenError<OauthHttpError>) -> OauthError {
    use BasicErrorResponseType as Kind;
    match error {
        BasicRequestTokenError::ServerResponse(refusal) => match refusal.error() {
            Kind::UnauthorizedClient | Kind::InvalidClient => OauthError::WrongSecretOrCode,
            Kind::InvalidGrant => OauthError::InvalidGrant,
            Kind::InvalidRequest => OauthError::InvalidRequest,
            _ => OauthError::InvalidResponse,
        },
        BasicRequestTokenError::Request(OauthHttpError::Transport(TransportError::TooLarge {
            ..
        })) => OauthError::InvalidResponse,
        BasicRequestTokenError::Request(OauthHttpError::Transport(error)) => {
            OauthError::Transport(error)
        }
        BasicRequestTokenError::Request(OauthHttpError::Setup(error)) => OauthError::Setup(error),
        BasicRequestTokenError::Request(OauthHttpError::ServerError(status)) => {
            OauthError::ServerError(status)
        }
        BasicRequestTokenError::Request(OauthHttpError::Busy(wait)) => OauthError::Busy(wait),
        BasicRequestTokenError::Request(OauthHttpError::InsecureEndpoint)
        | BasicRequestTokenError::Parse(..)
        | BasicRequestTokenError::Other(_) => OauthError::InvalidResponse,
    }
}

fn parse_token(response: &BasicTokenResponse) -> Result<OauthToken, OauthError> {
    let token = response.access_token().secret();
    if token.is_empty() {
        return Err(OauthError::InvalidResponse);
    }
    Ok(OauthToken {
        token: UserToken::from(token.as_str()),
        expires_in: token_lifetime(response.expires_in()),
    })
}

/// 0 means "never expires" (`accessTokenMaxAgeSeconds: 0`). Without the field, OpenShift's default
/// of a day applies.
pub(super) fn token_lifetime(expires_in: Option<Duration>) -> Duration {
    expires_in
        .filter(|time| !time.is_zero())
        .map_or(MAX_TOKEN_LIFETIME, |time| time.min(MAX_TOKEN_LIFETIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime_of(field: &str) -> Option<u64> {
        let response = format!(r#"{{"access_token":"t","token_type":"Bearer"{field}}}"#);
        let response: BasicTokenResponse = serde_json::from_str(&response).ok()?;
        Some(parse_token(&response).ok()?.expires_in.as_secs())
    }

    /// S9.
    #[test]
    fn token_lifetime_is_capped_at_a_day() {
        assert_eq!(lifetime_of(r#","expires_in":3600"#), Some(3600));
        assert_eq!(
            lifetime_of(r#","expires_in":0"#),
            Some(86_400),
            "never expires"
        );
        assert_eq!(lifetime_of(""), Some(86_400), "the default");
        assert_eq!(
            lifetime_of(r#","expires_in":1000000000000"#),
            Some(86_400),
            "capped"
        );
        assert_eq!(lifetime_of(r#","expires_in":-1"#), None, "refused");
        assert_eq!(lifetime_of(r#","expires_in":"soon""#), None, "refused");
    }
}
