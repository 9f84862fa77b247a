//! Whether a login would begin well, asked before anybody is sent away.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use url::Url;

use super::discovery::DiscoveryResult;
use super::{OauthEndpoints, OauthError};
use crate::outbound::{Request, Upstream, UpstreamResponse};
use registry_model::json;

/// What the OAuth server makes of a login that would begin now.
///
/// The OAuth server looks at the client first and at the redirect URI second, both before it asks
/// for a name and a password, so a request without cookies finds out about both (A4; recordings
/// `oauth-authorize-*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreflightResult {
    /// It would: the client is there and the redirect URI is registered.
    Good,
    /// There is no such client, or one without any redirect URI: 400 `unauthorized_client`.
    NoSuchClient,
    /// The client is there, but this redirect URI does not fit any of those it has registered: 400
    /// `invalid_request`. Both recorded versions tell this and the missing client apart.
    RedirectNotRegistered,
    /// The cluster has no OAuth server: the API server names none, and where one would be nothing
    /// answers as one. So it is where people sign in through an external OIDC provider.
    NoOauthServer,
}

/// More than any sign-in page.
const MAX_RESPONSE_BYTES: usize = 4 << 20;
/// Longer than a person waits for it: an OAuth server that is slow today is found to work at the
/// next try.
const PREFLIGHT_TIMEOUT: Duration = Duration::from_secs(10);

/// RFC 6749, section 5.2, as far as it is used.
#[derive(Deserialize)]
struct OauthErrorResponse {
    error: String,
}

/// As much of an object of the Kubernetes API as tells one from anything else.
#[derive(Deserialize)]
struct ApiObject {
    kind: String,
}

/// Asks for what `authorize` asks for, without cookies, and follows no redirect.
pub(super) async fn run(
    server: &Upstream,
    endpoints: &OauthEndpoints,
    authorize: &Url,
) -> Result<PreflightResult, OauthError> {
    let path = format!(
        "{}?{}",
        authorize.path(),
        authorize.query().unwrap_or_default()
    );
    let answer = server
        .send(
            Request::get("preflight", path)
                .max_bytes(MAX_RESPONSE_BYTES)
                .timeout(PREFLIGHT_TIMEOUT),
        )
        .await;
    let found = answer
        .map_err(OauthError::from)
        .and_then(|answer| parse_response(&answer));
    match (endpoints.discovery_result, found) {
        // Whatever is wrong at the configured address (no such host, a router's error page or
        // certificate): no OAuth server is expected there.
        (DiscoveryResult::Absent, Err(_)) => Ok(PreflightResult::NoOauthServer),
        (DiscoveryResult::Invalid, Err(OauthError::NotAnOauthServer)) => {
            Ok(PreflightResult::NoOauthServer)
        }
        (_, found) => found,
    }
}

/// On to the sign-in form by a redirect (as recorded), the form itself, or a challenge for clients
/// that have no form: all of them mean that the request was found lawful.
fn parse_response(answer: &UpstreamResponse) -> Result<PreflightResult, OauthError> {
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Err(OauthError::NotAnOauthServer),
        StatusCode::UNAUTHORIZED if is_from_api_server(answer) => Err(OauthError::NotAnOauthServer),
        StatusCode::OK | StatusCode::UNAUTHORIZED => Ok(PreflightResult::Good),
        status if status.is_redirection() => Ok(PreflightResult::Good),
        status if status.is_server_error() => Err(OauthError::ServerError(status)),
        StatusCode::TOO_MANY_REQUESTS => Err(OauthError::Busy(answer.retry_after())),
        StatusCode::BAD_REQUEST => {
            let refusal: OauthErrorResponse =
                json::from_slice(&answer.body).map_err(|_not_json| OauthError::InvalidResponse)?;
            match refusal.error.as_str() {
                "unauthorized_client" => Ok(PreflightResult::NoSuchClient),
                "invalid_request" => Ok(PreflightResult::RedirectNotRegistered),
                _ => Err(OauthError::InvalidResponse),
            }
        }
        _ => Err(OauthError::InvalidResponse),
    }
}

/// Whether this is a `Status` of the Kubernetes API, which OAuth servers never send.
fn is_from_api_server(answer: &UpstreamResponse) -> bool {
    json::from_slice::<ApiObject>(&answer.body).is_ok_and(|object| object.kind == "Status")
}
