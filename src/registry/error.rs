//! The errors of requests to the registry, and how they are read from responses.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use crate::outbound::{StorageError, TransportError, UpstreamResponse};
use registry_model::Digest;

/// Why a request to the registry failed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// 401: the token is invalid, or the user lacks the right. The registry does not distinguish
    /// the two; the API server's `users/~` does (S19).
    #[error("the registry refuses the token, or the user lacks the right")]
    Denied,
    /// 404: the repository, tag, manifest or blob does not exist.
    #[error("the registry has no such thing")]
    NotFound,
    /// 400 with an empty body, twice: the registry could not ask the API server whether the user
    /// may (R4).
    #[error("the registry could not ask the API server")]
    AccessCheckFailed,
    /// 429.
    #[error("the registry is busy")]
    Busy(Option<Duration>),
    /// 502, 503 or 504: the registry, or the router in front of it, is unavailable.
    #[error("the registry is not available just now: {0}")]
    Unavailable(Box<ServerFailure>),
    /// Another 5xx: the registry reports an error of its own.
    #[error("the registry failed: {0}")]
    ServerError(Box<ServerFailure>),
    /// A redirect of a resource that is not a blob. It was not followed (S35).
    #[error("the registry sends elsewhere for it")]
    Redirected,
    /// The registry redirected to object storage, and the blob could not be read there.
    #[error("the blob could not be had from object storage at {}", host.as_deref().unwrap_or("an unknown place"))]
    Storage {
        /// Host and optional port of the storage, if known. Untrusted.
        host: Option<String>,
        #[source]
        source: StorageError,
    },
    /// The bytes do not match the digest of the request, or the digest that the registry states
    /// (S39).
    #[error("the registry's bytes do not have the digest {expected}")]
    DigestMismatch {
        /// The expected digest.
        expected: Digest,
    },
    /// No response was received.
    #[error("the registry gave no answer")]
    Transport(#[from] TransportError),
    /// A response that the request does not expect.
    #[error("the registry answered {status} unexpectedly: {reason}")]
    Unexpected {
        status: StatusCode,
        /// What is wrong with the response.
        reason: &'static str,
    },
}

/// A 5xx response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{status}{}{message}", if *is_from_proxy { "a proxy or load balancer answered " } else { "" }, if message.is_empty() { "" } else { ": " })]
pub struct ServerFailure {
    pub status: StatusCode,
    /// Whether the response is that of a proxy or load balancer, not of the registry.
    pub is_from_proxy: bool,
    /// The message of the first error. Untrusted, at most 400 bytes, may be empty.
    pub message: String,
    /// `Retry-After`: an hour at most.
    pub retry_after: Option<Duration>,
}

/// The errors of a response (OCI distribution specification, "Error Codes").
#[derive(Deserialize)]
struct ErrorResponse {
    errors: Vec<ErrorEntry>,
}

#[derive(Deserialize)]
struct ErrorEntry {
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    detail: serde_json::Value,
}

/// The maximum length of a message.
const MAX_MESSAGE_BYTES: usize = 400;

impl ServerFailure {
    fn from_response(response: &UpstreamResponse) -> Self {
        let message = explanation(&response.body);
        // A router does not send JSON, and the registry does not send HTML.
        let is_of_proxy =
            message.is_none() && response.media_type().as_deref() == Some("text/html");
        Self {
            status: response.status,
            is_from_proxy: is_of_proxy,
            message: message.unwrap_or_default(),
            retry_after: response.retry_after(),
        }
    }
}

/// The message of the first error, with its detail if that is a string. `None` where the body is
/// not that of a registry.
fn explanation(body: &[u8]) -> Option<String> {
    let errors = serde_json::from_slice::<ErrorResponse>(body).ok()?.errors;
    let first = errors.into_iter().next()?;
    let texts = [
        first.message.unwrap_or_default(),
        first.detail.as_str().unwrap_or_default().to_owned(),
    ];
    let mut message = texts
        .into_iter()
        .filter(|text| !text.trim().is_empty())
        .collect::<Vec<_>>()
        .join(": ");
    message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES));
    Some(message)
}

impl RegistryError {
    /// The time to wait before the next request, as the registry requests it.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy(wait) => *wait,
            Self::Unavailable(failure) | Self::ServerError(failure) => failure.retry_after,
            _ => None,
        }
    }

    /// The error for a successful response that lacks required content.
    pub(super) fn malformed(why: &'static str) -> Self {
        Self::Unexpected {
            status: StatusCode::OK,
            reason: why,
        }
    }

    /// The error for a response that is not a success. Only the status is used: 401 means both an
    /// invalid token and a missing right, whatever the body contains.
    pub(super) fn from_response(response: &UpstreamResponse) -> Self {
        match response.status {
            StatusCode::UNAUTHORIZED => Self::Denied,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::BAD_REQUEST if response.body.is_empty() => Self::AccessCheckFailed,
            StatusCode::TOO_MANY_REQUESTS => Self::Busy(response.retry_after()),
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => {
                Self::Unavailable(Box::new(ServerFailure::from_response(response)))
            }
            status if status.is_server_error() => {
                Self::ServerError(Box::new(ServerFailure::from_response(response)))
            }
            status if status.is_redirection() => Self::Redirected,
            status => Self::Unexpected {
                status,
                reason: "no status that this request can have",
            },
        }
    }
}
