//! The token request, which exchanges an authorization code for a token.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use oauth2::basic::{
    BasicClient, BasicErrorResponseType, BasicRequestTokenError, BasicTokenResponse,
};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, HttpRequest, HttpResponse, PkceCodeVerifier,
    RedirectUrl, TokenResponse as _, TokenUrl,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{OauthError, OauthToken};
use crate::config::{self, ClientSecret};
use crate::outbound::{Request, TransportError, Upstream, UserToken};

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
    let post = move |request| post(server.clone(), request);
    let response = client
        .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
        .request_async(&post)
        .await;
    response
        .map_err(token_request_error)
        .and_then(|response| parse_token(&response))
}

/// Why there is no response that the `oauth2` crate can read.
#[derive(Debug, thiserror::Error)]
enum TokenRequestError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// 5xx, which an OAuth server does not send as an OAuth error.
    #[error("the server answered {0}")]
    ServerError(StatusCode),
    #[error("the server is busy")]
    Busy(Option<Duration>),
}

/// Sends a request of the `oauth2` crate, without redirects and with a maximum response size.
async fn post(server: Upstream, request: HttpRequest) -> Result<HttpResponse, TokenRequestError> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str)
        .to_owned();
    let fields = String::from_utf8_lossy(request.body()).into_owned();
    let request = Request::new(Method::POST, "exchange code", path)
        .form(SecretString::from(fields))
        .max_bytes(MAX_RESPONSE_BYTES);
    let upstream_response = server.send(request).await?;
    if upstream_response.status.is_server_error() {
        return Err(TokenRequestError::ServerError(upstream_response.status));
    }
    if upstream_response.status == StatusCode::TOO_MANY_REQUESTS {
        return Err(TokenRequestError::Busy(upstream_response.retry_after()));
    }
    let mut response = HttpResponse::new(upstream_response.body.to_vec());
    *response.status_mut() = upstream_response.status;
    if let Some(kind) = upstream_response
        .header(CONTENT_TYPE)
        .and_then(|kind| kind.parse().ok())
    {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    Ok(response)
}

/// Drops the texts of these errors: they quote the response, which may contain a token.
fn token_request_error(error: BasicRequestTokenError<TokenRequestError>) -> OauthError {
    use BasicErrorResponseType as Kind;
    match error {
        BasicRequestTokenError::ServerResponse(refusal) => match refusal.error() {
            Kind::UnauthorizedClient | Kind::InvalidClient => OauthError::WrongSecretOrCode,
            Kind::InvalidGrant => OauthError::InvalidGrant,
            Kind::InvalidRequest => OauthError::InvalidRequest,
            _ => OauthError::InvalidResponse,
        },
        BasicRequestTokenError::Request(TokenRequestError::Transport(
            TransportError::TooLarge { .. },
        )) => OauthError::InvalidResponse,
        BasicRequestTokenError::Request(TokenRequestError::Transport(error)) => {
            OauthError::Transport(error)
        }
        BasicRequestTokenError::Request(TokenRequestError::ServerError(status)) => {
            OauthError::ServerError(status)
        }
        BasicRequestTokenError::Request(TokenRequestError::Busy(wait)) => OauthError::Busy(wait),
        BasicRequestTokenError::Parse(..) | BasicRequestTokenError::Other(_) => {
            OauthError::InvalidResponse
        }
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
