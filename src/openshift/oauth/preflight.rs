//! Whether a login would begin well, asked before anybody is sent away.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use url::Url;

use super::discovery::DiscoveryDocument;
use super::{Endpoints, Error};
use crate::outbound::{Answer, Request, Upstream};
use registry_model::json;

/// What the OAuth server makes of a login that would begin now.
///
/// The OAuth server looks at the client first and at the redirect URI second, both before it asks
/// for a name and a password, so a request without cookies finds out about both (A4; recordings
/// `oauth-authorize-*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preflight {
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
const ANSWER_BYTES: usize = 4 << 20;
/// Longer than a person waits for it: an OAuth server that is slow today is found to work at the
/// next try.
const LIMIT: Duration = Duration::from_secs(10);

/// RFC 6749, section 5.2, as far as it is used.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// As much of an object of the Kubernetes API as tells one from anything else.
#[derive(Deserialize)]
struct ApiObject {
    kind: String,
}

/// Asks for what `authorize` asks for, without cookies, and follows no redirect.
pub(super) async fn ask(
    server: &Upstream,
    endpoints: &Endpoints,
    authorize: &Url,
) -> Result<Preflight, Error> {
    let path = format!(
        "{}?{}",
        authorize.path(),
        authorize.query().unwrap_or_default()
    );
    let answer = server
        .send(
            Request::get("preflight", path)
                .max_bytes(ANSWER_BYTES)
                .timeout(LIMIT),
        )
        .await;
    let found = answer.map_err(Error::from).and_then(|answer| read(&answer));
    match (endpoints.document, found) {
        // Whatever is wrong at the configured address (no such host, a router's error page or
        // certificate): no OAuth server is expected there.
        (DiscoveryDocument::Absent, Err(_)) => Ok(Preflight::NoOauthServer),
        (DiscoveryDocument::Unusable, Err(Error::NoSuchEndpoint)) => Ok(Preflight::NoOauthServer),
        (_, found) => found,
    }
}

/// On to the sign-in form by a redirect (as recorded), the form itself, or a challenge for clients
/// that have no form: all of them mean that the request was found lawful.
fn read(answer: &Answer) -> Result<Preflight, Error> {
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Err(Error::NoSuchEndpoint),
        StatusCode::UNAUTHORIZED if is_of_api_server(answer) => Err(Error::NoSuchEndpoint),
        StatusCode::OK | StatusCode::UNAUTHORIZED => Ok(Preflight::Good),
        status if status.is_redirection() => Ok(Preflight::Good),
        status if status.is_server_error() => Err(Error::ServerError(status)),
        StatusCode::TOO_MANY_REQUESTS => Err(Error::Busy(answer.retry_after())),
        StatusCode::BAD_REQUEST => {
            let refusal: Refusal =
                json::from_slice(&answer.body).map_err(|_not_json| Error::BadAnswer)?;
            match refusal.error.as_str() {
                "unauthorized_client" => Ok(Preflight::NoSuchClient),
                "invalid_request" => Ok(Preflight::RedirectNotRegistered),
                _ => Err(Error::BadAnswer),
            }
        }
        _ => Err(Error::BadAnswer),
    }
}

/// Whether this is a `Status` of the Kubernetes API, which OAuth servers never send.
fn is_of_api_server(answer: &Answer) -> bool {
    json::from_slice::<ApiObject>(&answer.body).is_ok_and(|object| object.kind == "Status")
}
