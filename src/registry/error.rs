//! What can come of asking the registry, besides the answer.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;

use crate::model::Digest;
use crate::outbound::{Answer, Failed, StorageFailed};

/// Why the registry did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 401: the token is dead, or the person lacks the right. The registry says the same for both; the master's `users/~` decides (S19).
    #[error("the registry refuses the token, or the person lacks the right")]
    Denied,
    /// 404: no such repository, tag, manifest or blob.
    #[error("the registry has no such thing")]
    NotFound,
    /// 400 without a word, twice: the registry could not ask the master whether the person may (R4).
    #[error("the registry could not ask the master")]
    CannotAskMaster,
    /// 429.
    #[error("the registry is busy")]
    Busy(Option<Duration>),
    /// 502, 503 or 504: the registry, or the router before it, cannot answer just now.
    #[error("the registry is not available just now: {0}")]
    Unavailable(StatusCode),
    /// A redirect of something that is no blob. It was not followed (S35).
    #[error("the registry sends elsewhere for it")]
    Redirected,
    /// The registry keeps the blob in object storage, and it could not be had there.
    #[error("the blob could not be had from object storage at {}", host.as_deref().unwrap_or("an unknown place"))]
    Storage {
        /// Host and perhaps port of the storage, where they are known. Untrusted.
        host: Option<String>,
        /// Why not.
        #[source]
        why: StorageFailed,
    },
    /// The bytes are not those that were asked for, or not those that the registry says they are (S39).
    #[error("the registry's bytes do not have the digest {expected}")]
    DigestMismatch {
        /// The digest that they should have.
        expected: Digest,
    },
    /// No answer at all.
    #[error("the registry gave no answer")]
    Unreachable(#[from] Failed),
    /// An answer that makes no sense here.
    #[error("the registry answered {status} unexpectedly: {why}")]
    Unexpected {
        /// Its status.
        status: StatusCode,
        /// What is odd about it.
        why: &'static str,
    },
}

impl Error {
    /// A success that does not hold what it must.
    pub(super) fn unreadable(why: &'static str) -> Self {
        Self::Unexpected { status: StatusCode::OK, why }
    }

    /// What an answer that is no success means. The number says it all: 401 stands for "who?" and "no" alike, whatever the body says.
    pub(super) fn of(answer: &Answer) -> Self {
        match answer.status {
            StatusCode::UNAUTHORIZED => Self::Denied,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::BAD_REQUEST if answer.body.is_empty() => Self::CannotAskMaster,
            StatusCode::TOO_MANY_REQUESTS => Self::Busy(retry_after(answer)),
            status @ (StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT) => Self::Unavailable(status),
            status if status.is_redirection() => Self::Redirected,
            status => Self::Unexpected { status, why: "no status that this request can have" },
        }
    }
}

/// How long the registry wants to be left alone: seconds, an hour at the most.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds: u64 = answer.header(RETRY_AFTER)?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3600)))
}
