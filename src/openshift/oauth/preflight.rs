//! Check of whether a sign-in would start, before a browser is redirected to the OAuth server.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use url::Url;

use super::discovery::DiscoveryResult;
use super::{OauthEndpoints, OauthError};
use crate::outbound::{Request, Upstream, UpstreamResponse};
use registry_model::json;

/// The result of the check.
///
/// The OAuth server checks the client first and the redirect URI second, both before it requests a
/// name and a password, so a request without cookies checks both (A4; recordings
/// `oauth-authorize-*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreflightResult {
    /// The sign-in would start: the client exists and the redirect URI is registered.
    Good,
    /// There is no such client, or one without any redirect URI: 400 `unauthorized_client`.
    NoSuchClient,
    /// The client exists, but the redirect URI matches none of its registered ones: 400
    /// `invalid_request`. Both recorded versions distinguish this from a missing client.
    RedirectNotRegistered,
    /// The cluster has no OAuth server: the API server names none, and none responds at the
    /// configured address. Users of such a cluster sign in through an external OIDC provider.
    NoOauthServer,
}

/// Larger than any sign-in page.
const MAX_RESPONSE_BYTES: usize = 4 << 20;
/// Longer than a user waits for it: a slow OAuth server is found to work at the next attempt.
const PREFLIGHT_TIMEOUT: Duration = Duration::from_secs(10);

/// The fields of RFC 6749, section 5.2, that are used.
#[derive(Deserialize)]
struct OauthErrorResponse {
    error: String,
}

/// The field that distinguishes an object of the Kubernetes API from other JSON.
#[derive(Deserialize)]
struct ApiObject {
    kind: String,
}

/// Sends the request for `authorize` without cookies, and follows no redirect.
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
    let response = server
        .send(
            Request::get("preflight", path)
                .max_bytes(MAX_RESPONSE_BYTES)
                .timeout(PREFLIGHT_TIMEOUT),
        )
        .await;
    let found = response
        .map_err(OauthError::from)
        .and_then(|response| parse_response(&response));
    match (endpoints.discovery_result, found) {
        // Any fault at the configured address (no such host, a router's error page or certificate):
        // no OAuth server is expected there.
        (DiscoveryResult::Absent, Err(_)) => Ok(PreflightResult::NoOauthServer),
        (DiscoveryResult::Invalid, Err(OauthError::NotAnOauthServer)) => {
            Ok(PreflightResult::NoOauthServer)
        }
        (_, found) => found,
    }
}

/// A redirect to the sign-in form (as recorded), the form itself, and a challenge for clients
/// without a form all mean that the request is valid.
fn parse_response(response: &UpstreamResponse) -> Result<PreflightResult, OauthError> {
    match response.status {
        StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Err(OauthError::NotAnOauthServer),
        StatusCode::UNAUTHORIZED if is_from_api_server(response) => {
            Err(OauthError::NotAnOauthServer)
        }
        StatusCode::OK | StatusCode::UNAUTHORIZED => Ok(PreflightResult::Good),
        status if status.is_redirection() => Ok(PreflightResult::Good),
        status if status.is_server_error() => Err(OauthError::ServerError(status)),
        StatusCode::TOO_MANY_REQUESTS => Err(OauthError::Busy(response.retry_after())),
        StatusCode::BAD_REQUEST => {
            let refusal: OauthErrorResponse = json::from_slice(&response.body)
                .map_err(|_not_json| OauthError::InvalidResponse)?;
            match refusal.error.as_str() {
                "unauthorized_client" => Ok(PreflightResult::NoSuchClient),
                "invalid_request" => Ok(PreflightResult::RedirectNotRegistered),
                _ => Err(OauthError::InvalidResponse),
            }
        }
        _ => Err(OauthError::InvalidResponse),
    }
}

/// Whether the response is a `Status` of the Kubernetes API, which OAuth servers never send.
fn is_from_api_server(response: &UpstreamResponse) -> bool {
    json::from_slice::<ApiObject>(&response.body).is_ok_and(|object| object.kind == "Status")
}
