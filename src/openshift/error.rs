//! What can come of asking the master, besides the answer.

use std::time::Duration;

use http::StatusCode;
use serde::de::DeserializeOwned;

use super::wire;
use crate::outbound::{CertificateFault, TransportError, UpstreamResponse, time_decoding};
use registry_model::json;

/// Why the master did not do or say what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 401: the token is dead or was never one. The person has to sign in again.
    #[error("the master refuses the token")]
    TokenRefused,
    /// 403: the person lacks the right, or (for a project) there is no such thing.
    #[error("the master forbids it: {}", .0.message)]
    Forbidden(Box<ApiStatus>),
    /// 404: there is no such object.
    #[error("the master knows no such object")]
    NotFound,
    /// 409 (of a tag's removal 500): somebody else was faster, or the name is taken.
    #[error("the object exists already, or was changed meanwhile: {}", .0.message)]
    Conflict(Box<ApiStatus>),
    /// 400 or 422: what was asked is not valid, and why.
    #[error("the master finds the request invalid: {}", .0.message)]
    Invalid(Box<ApiStatus>),
    /// 404 for the resource itself: this API server does not serve its API group.
    #[error("the API server does not serve this API")]
    NotServed,
    /// 429.
    #[error("the API server is busy{}{message}", if message.is_empty() { "" } else { ": " })]
    Busy {
        /// `Retry-After`: an hour at most.
        retry_after: Option<Duration>,
        /// The message of a `Status`. Untrusted, at most 4 KiB, may be empty.
        message: String,
    },
    /// It cannot answer just now: 502, 503 or 504, or roles that are not loaded yet.
    #[error("the API server is not available just now: {0}")]
    Unavailable(Box<Outage>),
    /// No answer at all.
    #[error("the master gave no answer")]
    Transport(#[from] TransportError),
    /// An answer that makes no sense here.
    #[error("the master answered {status} unexpectedly: {reason}")]
    Unexpected {
        status: StatusCode,
        /// What is odd about it. May quote the master: untrusted, but short.
        reason: String,
    },
}

/// Why the API server cannot answer just now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}{message}", if message.is_empty() { "" } else { ": " })]
pub struct Outage {
    /// What kind of outage.
    pub reason: OutageReason,
    /// `Retry-After`: an hour at most.
    pub retry_after: Option<Duration>,
    /// The message of a `Status`, or for the log the first words of a text. Untrusted, at most 4
    /// KiB.
    pub message: String,
    /// Whether the message is that of a `Status`.
    pub is_explained: bool,
}

/// The kinds of outages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutageReason {
    /// The API server answers 502, 503 or 504, for itself or for an API behind it (its aggregator
    /// sends `503 text/plain`).
    #[error("{0}")]
    Status(StatusCode),
    /// A page of HTML with one of these: a proxy or load balancer answered instead.
    #[error("a proxy or load balancer answered {0}")]
    Proxy(StatusCode),
    /// An API server that has just started does not have its roles yet and refuses everything (403,
    /// `RBAC: clusterrole ... not found`).
    #[error("roles are not loaded yet")]
    RolesNotLoaded,
}

/// How the master explains a refusal (kind `Status` of the Kubernetes API). All of it is untrusted:
/// it quotes what was asked, and for imports what remote registries said. At most 4 KiB of each
/// text are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiStatus {
    /// A word for machines: `Forbidden`, `Invalid`, `AlreadyExists`.
    pub reason: String,
    /// A sentence for people, in English.
    pub message: String,
    /// What it is about.
    pub details: Option<StatusDetails>,
}

/// What a refusal is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusDetails {
    /// The object's name, if it is about one.
    pub name: Option<String>,
    pub group: Option<String>,
    /// The resource, as in `imagestreams`.
    pub kind: Option<String>,
    /// One by one, what is wrong. At most 100.
    pub causes: Vec<StatusCause>,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusCause {
    /// A word for machines: `FieldValueInvalid`.
    pub reason: String,
    /// What is wrong with it.
    pub message: String,
    /// The field, as in `metadata.name`.
    pub field: Option<String>,
}

impl ApiError {
    /// Whether what is odd about the answer is told in the API server's own words.
    #[must_use]
    pub fn quotes_server(&self) -> bool {
        matches!(self, Self::Unexpected { status, reason: why } if !status.is_success() && why != UNEXPLAINED)
    }

    /// What is wrong with the master's certificate, if that is why there is no answer (S47).
    #[must_use]
    pub fn certificate_fault(&self) -> Option<CertificateFault> {
        match self {
            Self::Transport(failed) => failed.certificate_fault(),
            _ => None,
        }
    }

    /// An answer of the right status that does not hold what it must.
    pub(super) fn malformed(why: &str) -> Self {
        Self::Unexpected {
            status: StatusCode::OK,
            reason: why.to_owned(),
        }
    }

    /// What an answer that is no success means.
    pub(super) fn from_response(answer: &UpstreamResponse) -> Self {
        let status = ApiStatus::from_response(answer);
        match answer.status {
            // OpenShift 3.6 and 3.7 answer in text/plain, later ones with a Status: the number is
            // what both have.
            StatusCode::UNAUTHORIZED => Self::TokenRefused,
            StatusCode::FORBIDDEN => match status.unwrap_or_default() {
                status if lacks_built_in_roles(&status.message) => {
                    Self::roles_not_loaded(status.message)
                }
                status => Self::Forbidden(Box::new(status)),
            },
            StatusCode::NOT_FOUND if is_missing_api(answer, status.as_ref()) => Self::NotServed,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::CONFLICT => Self::Conflict(Box::new(status.unwrap_or_default())),
            StatusCode::INTERNAL_SERVER_ERROR
                if status
                    .as_ref()
                    .is_some_and(ApiStatus::is_conflict_reported_as_500) =>
            {
                Self::Conflict(Box::new(status.unwrap_or_default()))
            }
            StatusCode::TOO_MANY_REQUESTS => Self::Busy {
                retry_after: answer.retry_after(),
                message: status.map(|status| status.message).unwrap_or_default(),
            },
            code if is_outage_status(code) => {
                Self::Unavailable(Box::new(Outage::from_response(answer, status)))
            }
            code => match status {
                Some(status)
                    if matches!(
                        code,
                        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
                    ) =>
                {
                    Self::Invalid(Box::new(status))
                }
                Some(status) if !status.message.is_empty() => Self::Unexpected {
                    status: code,
                    reason: status.message,
                },
                _ => Self::Unexpected {
                    status: code,
                    reason: UNEXPLAINED.to_owned(),
                },
            },
        }
    }

    /// 503 in place of an answer that is not at hand.
    #[must_use]
    pub fn service_unavailable() -> Self {
        let reason = OutageReason::Status(StatusCode::SERVICE_UNAVAILABLE);
        Self::Unavailable(Box::new(Outage {
            reason,
            retry_after: None,
            message: String::new(),
            is_explained: false,
        }))
    }

    /// An access review or a refusal that was decided without the roles of the cluster.
    pub(super) fn roles_not_loaded(message: String) -> Self {
        let reason = OutageReason::RolesNotLoaded;
        Self::Unavailable(Box::new(Outage {
            reason,
            retry_after: None,
            message,
            is_explained: false,
        }))
    }

    /// Whether the same request can succeed in a moment although nothing is changed: the server is
    /// down, starting, or out of reach.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Transport(
                TransportError::TooLarge { .. }
                | TransportError::InvalidRequest { .. }
                | TransportError::Tls { .. }
                | TransportError::Overloaded { .. },
            ) => false,
            Self::Transport(_) => true,
            _ => false,
        }
    }

    /// Whether it is about the whole API group, and so not about one object or one person.
    #[must_use]
    pub fn is_api_group_error(&self) -> bool {
        matches!(self, Self::NotServed | Self::Unavailable(_))
    }

    /// What the API server itself says about why it cannot answer (429 or 5xx with a `Status`).
    /// Untrusted, at most 4 KiB.
    #[must_use]
    pub fn explanation(&self) -> Option<&str> {
        match self {
            Self::Unavailable(outage) if outage.is_explained => Some(&outage.message),
            Self::Busy { message, .. } if !message.is_empty() => Some(message),
            Self::Unexpected {
                status,
                reason: why,
            } if status.is_server_error() && why != UNEXPLAINED => Some(why),
            _ => None,
        }
    }

    /// How long the server asked to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            Self::Unavailable(outage) => outage.retry_after,
            _ => None,
        }
    }
}

/// In place of an explanation.
const UNEXPLAINED: &str = "it does not explain itself";

/// How much of a text that is no `Status` is kept for the log.
const MAX_LOGGED_TEXT_BYTES: usize = 200;

impl Outage {
    fn from_response(answer: &UpstreamResponse, status: Option<ApiStatus>) -> Self {
        let retry_after = answer.retry_after();
        if let Some(ApiStatus { message, .. }) = status.filter(|status| !status.message.is_empty())
        {
            return Self {
                reason: OutageReason::Status(answer.status),
                retry_after,
                message,
                is_explained: true,
            };
        }
        if is_from_proxy(answer) {
            return Self {
                reason: OutageReason::Proxy(answer.status),
                retry_after,
                message: String::new(),
                is_explained: false,
            };
        }
        let text =
            String::from_utf8_lossy(&answer.body[..answer.body.len().min(MAX_LOGGED_TEXT_BYTES)]);
        let message = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            reason: OutageReason::Status(answer.status),
            retry_after,
            message,
            is_explained: false,
        }
    }
}

/// Whether an answer without a `Status` comes from a proxy or load balancer on the way: the API
/// server explains its own 502 and 504, and of its aggregator 503 comes as plain text.
fn is_from_proxy(answer: &UpstreamResponse) -> bool {
    answer.status != StatusCode::SERVICE_UNAVAILABLE
        || answer.media_type().as_deref() == Some("text/html")
}

/// 502, 503 and 504.
pub(super) fn is_outage_status(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Whether a refusal was decided without roles that every cluster has: everybody is bound to
/// `system:discovery` and the like, so an API server that lacks them has not loaded its roles yet.
/// A binding to a role of somebody's own that is gone says the same of that role, for ever.
///
/// Source: `RBAC: [clusterrole.rbac.authorization.k8s.io "system:discovery" not found, ...]`, as a
/// 4.x API server answers for some seconds after its start.
pub(super) fn lacks_built_in_roles(text: &str) -> bool {
    let Some((_, resolution)) = text.rsplit_once("RBAC: ") else {
        return false;
    };
    resolution.contains("clusterrole.rbac.authorization.k8s.io \"system:")
        && resolution.contains("not found")
}

/// Whether an access review that says no could not be decided: `reason` and `evaluation_error` are
/// its own.
pub(super) fn is_undecided(reason: &str, evaluation_error: &str) -> bool {
    let only_lacks_a_role = evaluation_error.contains("not found");
    lacks_built_in_roles(reason)
        || lacks_built_in_roles(&format!("RBAC: {evaluation_error}"))
        || !(evaluation_error.is_empty() || only_lacks_a_role)
}

/// Whether a 404 says that this API server has no such API: `404 page not found` (text/plain), or a
/// `Status` about no object.
fn is_missing_api(answer: &UpstreamResponse, status: Option<&ApiStatus>) -> bool {
    match status {
        Some(status) => status.message == "the server could not find the requested resource",
        None => answer.media_type().as_deref() == Some("text/plain"),
    }
}

impl ApiStatus {
    /// The explanation in an answer, if there is one.
    pub(super) fn from_response(answer: &UpstreamResponse) -> Option<Self> {
        json::from_slice::<wire::WireStatus>(&answer.body)
            .ok()?
            .into_public()
    }

    /// Whether a 500 is a conflict all the same: the API server wraps the error of a tag's removal
    /// into a mere text (recorded in `delete-imagestreamtags-500-1`). Nothing was changed then.
    fn is_conflict_reported_as_500(&self) -> bool {
        let removal = self.message.starts_with(
            "cannot remove tag from image stream: Operation cannot be fulfilled on imagestream",
        );
        removal && self.message.ends_with("the object has been modified; please apply your changes to the latest version and try again")
    }

    /// Whether a 404 is about the resource itself (this master has no such API) and not about one
    /// object of it.
    pub(super) fn is_missing_resource(&self) -> bool {
        self.details
            .as_ref()
            .is_none_or(|details| details.name.is_none())
    }
}

/// A success, whatever it says: what deleting answers differs from one version and one resource to
/// the next.
pub(super) fn check_success(answer: &UpstreamResponse) -> Result<(), ApiError> {
    if answer.status.is_success() {
        Ok(())
    } else {
        Err(ApiError::from_response(answer))
    }
}

pub(super) fn decode<T: DeserializeOwned>(answer: &UpstreamResponse) -> Result<T, ApiError> {
    decode_with(answer, json::from_slice)
}

/// A success, decoded by `read`.
pub(super) fn decode_with<T>(
    answer: &UpstreamResponse,
    read: impl FnOnce(&[u8]) -> serde_json::Result<T>,
) -> Result<T, ApiError> {
    if !answer.status.is_success() {
        return Err(ApiError::from_response(answer));
    }
    time_decoding(|| read(&answer.body)).map_err(|error| ApiError::Unexpected {
        status: answer.status,
        // The place, not the words: an error of serde quotes the answer.
        reason: format!(
            "it cannot be read as what was asked for (line {}, column {})",
            error.line(),
            error.column()
        ),
    })
}
