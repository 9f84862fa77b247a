//! Requests of the crates `oauth2` and `openidconnect`, sent by this program's own HTTP client.

use std::time::Duration;

use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use oauth2::{HttpRequest, HttpResponse};
use secrecy::SecretString;

use crate::outbound::{Request, SetupError, TransportError, Upstream};

/// Why there is no response that those crates can read.
#[derive(Debug, thiserror::Error)]
pub(super) enum OauthHttpError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The client for the server could not be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// An endpoint that is not https.
    #[error("an endpoint is not https")]
    InsecureEndpoint,
    /// 5xx, which a server does not send as an OAuth error.
    #[error("the server answered {0}")]
    ServerError(StatusCode),
    #[error("the server is busy")]
    Busy(Option<Duration>),
}

/// Sends `request` to `server`, without redirects and with a maximum response size in bytes.
/// `operation` is the label of its metrics.
pub(super) async fn send(
    server: Upstream,
    operation: &'static str,
    max_bytes: usize,
    request: HttpRequest,
) -> Result<HttpResponse, OauthHttpError> {
    let (parts, body) = request.into_parts();
    let path = parts
        .uri
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str);
    let mut outgoing = Request::new(parts.method, operation, path)
        .max_bytes(max_bytes)
        .authorization(parts.headers.get(AUTHORIZATION).cloned());
    if !body.is_empty() {
        outgoing = outgoing.form(SecretString::from(
            String::from_utf8_lossy(&body).into_owned(),
        ));
    }
    let answer = server.send(outgoing).await?;
    if answer.status.is_server_error() {
        return Err(OauthHttpError::ServerError(answer.status));
    }
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        return Err(OauthHttpError::Busy(answer.retry_after()));
    }
    let mut response = HttpResponse::new(answer.body.to_vec());
    *response.status_mut() = answer.status;
    if let Some(kind) = answer
        .header(CONTENT_TYPE)
        .and_then(|kind| kind.parse().ok())
    {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    Ok(response)
}
