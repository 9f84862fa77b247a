//! What can come of asking the registry, besides the answer.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use crate::outbound::{StorageError, TransportError, UpstreamResponse};
use registry_model::Digest;

/// Why the registry did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// 401: the token is dead, or the person lacks the right. The registry says the same for both;
    /// the master's `users/~` decides (S19).
    #[error("the registry refuses the token, or the person lacks the right")]
    Denied,
    /// 404: no such repository, tag, manifest or blob.
    #[error("the registry has no such thing")]
    NotFound,
    /// 400 without a word, twice: the registry could not ask the master whether the person may
    /// (R4).
    #[error("the registry could not ask the master")]
    AccessCheckFailed,
    /// 429.
    #[error("the registry is busy")]
    Busy(Option<Duration>),
    /// 502, 503 or 504: the registry, or the router before it, cannot answer just now.
    #[error("the registry is not available just now: {0}")]
    Unavailable(Box<ServerFailure>),
    /// Another 5xx: the registry says that it failed itself.
    #[error("the registry failed: {0}")]
    ServerError(Box<ServerFailure>),
    /// A redirect of something that is no blob. It was not followed (S35).
    #[error("the registry sends elsewhere for it")]
    Redirected,
    /// The registry keeps the blob in object storage, and it could not be had there.
    #[error("the blob could not be had from object storage at {}", host.as_deref().unwrap_or("an unknown place"))]
    Storage {
        /// Host and perhaps port of the storage, where they are known. Untrusted.
        host: Option<String>,
        #[source]
        source: StorageError,
    },
    /// The bytes are not those that were asked for, or not those that the registry says they are
    /// (S39).
    #[error("the registry's bytes do not have the digest {expected}")]
    DigestMismatch {
        /// The digest that they should have.
        expected: Digest,
    },
    /// No answer at all.
    #[error("the registry gave no answer")]
    Transport(#[from] TransportError),
    /// An answer that makes no sense here.
    #[error("the registry answered {status} unexpectedly: {reason}")]
    Unexpected {
        status: StatusCode,
        /// What is odd about it.
        reason: &'static str,
    },
}

/// A 5xx answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{status}{}{message}", if *is_from_proxy { "a proxy or load balancer answered " } else { "" }, if message.is_empty() { "" } else { ": " })]
pub struct ServerFailure {
    pub status: StatusCode,
    /// Whether a proxy or load balancer answered in place of the registry.
    pub is_from_proxy: bool,
    /// The message of the first of its errors. Untrusted, at most 400 bytes, may be empty.
    pub message: String,
    /// `Retry-After`: an hour at most.
    pub retry_after: Option<Duration>,
}

/// The errors of an answer (OCI distribution specification, "Error Codes").
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

/// How much of a message is kept.
const MAX_MESSAGE_BYTES: usize = 400;

impl ServerFailure {
    fn from_response(answer: &UpstreamResponse) -> Self {
        let message = explanation(&answer.body);
        // A router has no JSON, and the registry no HTML.
        let is_of_proxy = message.is_none() && answer.media_type().as_deref() == Some("text/html");
        Self {
            status: answer.status,
            is_from_proxy: is_of_proxy,
            message: message.unwrap_or_default(),
            retry_after: answer.retry_after(),
        }
    }
}

/// The message of the first error, with its detail where that is a text. Nothing where the body is
/// none of a registry.
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
    /// How long the registry wants to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy(wait) => *wait,
            Self::Unavailable(failure) | Self::ServerError(failure) => failure.retry_after,
            _ => None,
        }
    }

    /// A success that does not hold what it must.
    pub(super) fn malformed(why: &'static str) -> Self {
        Self::Unexpected {
            status: StatusCode::OK,
            reason: why,
        }
    }

    /// What an answer that is no success means. The number says it all: 401 stands for "who?" and
    /// "no" alike, whatever the body says.
    pub(super) fn from_response(answer: &UpstreamResponse) -> Self {
        match answer.status {
            StatusCode::UNAUTHORIZED => Self::Denied,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::BAD_REQUEST if answer.body.is_empty() => Self::AccessCheckFailed,
            StatusCode::TOO_MANY_REQUESTS => Self::Busy(answer.retry_after()),
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => {
                Self::Unavailable(Box::new(ServerFailure::from_response(answer)))
            }
            status if status.is_server_error() => {
                Self::ServerError(Box::new(ServerFailure::from_response(answer)))
            }
            status if status.is_redirection() => Self::Redirected,
            status => Self::Unexpected {
                status,
                reason: "no status that this request can have",
            },
        }
    }
}
