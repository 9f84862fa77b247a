//! What can come of asking the master, besides the answer.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use serde::de::DeserializeOwned;

use super::wire;
use crate::outbound::{Answer, CertificateFault, Failed, reading};

/// Why the master did not do or say what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 401: the token is dead or was never one. The person has to sign in again.
    #[error("the master refuses the token")]
    TokenRefused,
    /// 403: the person lacks the right, or (for a project) there is no such thing.
    #[error("the master forbids it: {}", .0.message)]
    Forbidden(Box<Status>),
    /// 404: there is no such object.
    #[error("the master knows no such object")]
    NotFound,
    /// 409 (of a tag's removal 500): somebody else was faster, or the name is taken.
    #[error("the object exists already, or was changed meanwhile: {}", .0.message)]
    Conflict(Box<Status>),
    /// 400 or 422: what was asked is not valid, and why.
    #[error("the master finds the request invalid: {}", .0.message)]
    Invalid(Box<Status>),
    /// 429, or 503 with a time to wait.
    #[error("the master is busy")]
    Busy(Option<Duration>),
    /// 502, 503 or 504 without the API server's own words: a proxy or load balancer on the way answered in its place.
    #[error("a proxy answered {0} in place of the API server")]
    Proxy(StatusCode),
    /// No answer at all.
    #[error("the master gave no answer")]
    Unreachable(#[from] Failed),
    /// An answer that makes no sense here.
    #[error("the master answered {status} unexpectedly: {why}")]
    Unexpected {
        /// Its status.
        status: StatusCode,
        /// What is odd about it. May quote the master: untrusted, but short.
        why: String,
    },
}

/// How the master explains a refusal (kind `Status` of the Kubernetes API). All of it is untrusted: it quotes what was asked, and for imports
/// what remote registries said. At most 4 KiB of each text are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// A word for machines: `Forbidden`, `Invalid`, `AlreadyExists`.
    pub reason: String,
    /// A sentence for people, in English.
    pub message: String,
    /// What it is about.
    pub details: Option<Details>,
}

/// What a refusal is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The object's name, if it is about one.
    pub name: Option<String>,
    /// The API group.
    pub group: Option<String>,
    /// The resource, as in `imagestreams`.
    pub kind: Option<String>,
    /// One by one, what is wrong. At most 100.
    pub causes: Vec<Cause>,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// A word for machines: `FieldValueInvalid`.
    pub reason: String,
    /// What is wrong with it.
    pub message: String,
    /// The field, as in `metadata.name`.
    pub field: Option<String>,
}

impl Error {
    /// Whether what is odd about the answer is told in the API server's own words.
    #[must_use]
    pub fn quotes_server(&self) -> bool {
        matches!(self, Self::Unexpected { status, why } if !status.is_success() && why != UNEXPLAINED)
    }

    /// What is wrong with the master's certificate, if that is why there is no answer (S47).
    #[must_use]
    pub fn certificate_fault(&self) -> Option<CertificateFault> {
        match self {
            Self::Unreachable(failed) => failed.certificate_fault(),
            _ => None,
        }
    }

    /// An answer of the right status that does not hold what it must.
    pub(super) fn unreadable(why: &str) -> Self {
        Self::Unexpected { status: StatusCode::OK, why: why.to_owned() }
    }

    /// What an answer that is no success means.
    pub(super) fn of(answer: &Answer) -> Self {
        let status = Status::of(answer);
        match answer.status {
            // OpenShift 3.6 and 3.7 answer in text/plain, later ones with a Status: the number is what both have.
            StatusCode::UNAUTHORIZED => Self::TokenRefused,
            StatusCode::FORBIDDEN => Self::Forbidden(Box::new(status.unwrap_or_default())),
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::CONFLICT => Self::Conflict(Box::new(status.unwrap_or_default())),
            StatusCode::INTERNAL_SERVER_ERROR if status.as_ref().is_some_and(Status::is_hidden_conflict) => {
                Self::Conflict(Box::new(status.unwrap_or_default()))
            }
            StatusCode::TOO_MANY_REQUESTS => Self::Busy(retry_after(answer)),
            StatusCode::SERVICE_UNAVAILABLE if answer.header(RETRY_AFTER).is_some() => Self::Busy(retry_after(answer)),
            code => match status {
                Some(status) if matches!(code, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) => {
                    Self::Invalid(Box::new(status))
                }
                Some(status) if !status.message.is_empty() => Self::Unexpected { status: code, why: status.message },
                None if is_of_proxy(answer) => Self::Proxy(code),
                _ => Self::Unexpected { status: code, why: UNEXPLAINED.to_owned() },
            },
        }
    }
}

/// What is odd about an answer without an explanation.
pub(super) const UNEXPLAINED: &str = "it does not explain itself";

/// The API server itself explains each of these, in JSON; of its aggregation layer 503 comes as plain text.
fn is_of_proxy(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => true,
        StatusCode::SERVICE_UNAVAILABLE => answer.media_type().as_deref() == Some("text/html"),
        _ => false,
    }
}

impl Status {
    /// The explanation in an answer, if there is one.
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        serde_json::from_slice::<wire::Status>(&answer.body).ok()?.into_public()
    }

    /// Whether a 500 is a conflict all the same: the API server wraps the error of a tag's removal into a mere text (recorded in
    /// `delete-imagestreamtags-500-1`). Nothing was changed then.
    fn is_hidden_conflict(&self) -> bool {
        let removal = self.message.starts_with("cannot remove tag from image stream: Operation cannot be fulfilled on imagestream");
        removal && self.message.ends_with("the object has been modified; please apply your changes to the latest version and try again")
    }

    /// Whether a 404 is about the resource itself (this master has no such API) and not about one object of it.
    pub(super) fn is_about_a_missing_resource(&self) -> bool {
        self.details.as_ref().is_none_or(|details| details.name.is_none())
    }
}

/// A success, whatever it says: what deleting answers differs from one version and one resource to the next.
pub(super) fn done(answer: &Answer) -> Result<(), Error> {
    if answer.status.is_success() { Ok(()) } else { Err(Error::of(answer)) }
}

/// A success, decoded.
pub(super) fn decode<T: DeserializeOwned>(answer: &Answer) -> Result<T, Error> {
    decode_with(answer, |body| serde_json::from_slice(body))
}

/// A success, decoded by `read`.
pub(super) fn decode_with<T>(answer: &Answer, read: impl FnOnce(&[u8]) -> serde_json::Result<T>) -> Result<T, Error> {
    if !answer.status.is_success() {
        return Err(Error::of(answer));
    }
    reading(|| read(&answer.body)).map_err(|error| Error::Unexpected {
        status: answer.status,
        // The place, not the words: an error of serde quotes the answer.
        why: format!("it cannot be read as what was asked for (line {}, column {})", error.line(), error.column()),
    })
}

/// How long the master wants to be left alone: seconds, an hour at the most. (Nobody there sends dates.)
fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds: u64 = answer.header(RETRY_AFTER)?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3600)))
}
