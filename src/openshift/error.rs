//! The errors of requests to the API server, and how they are read from responses.

use std::time::Duration;

use http::StatusCode;
use serde::de::DeserializeOwned;

use super::wire;
use crate::outbound::{CertificateFault, TransportError, UpstreamResponse, time_decoding};
use registry_model::json;

/// Why a request to the API server failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 401: the token is invalid. The user has to sign in again.
    #[error("the API server refuses the token")]
    TokenRefused,
    /// 403: the user lacks the right, or (for a project) the object does not exist.
    #[error("the API server forbids the request: {}", .0.message)]
    Forbidden(Box<ApiStatus>),
    /// 404: the object does not exist.
    #[error("the API server has no such object")]
    NotFound,
    /// 409 (500 for the deletion of a tag): the object was changed meanwhile, or the name is taken.
    #[error("the object exists already, or was changed meanwhile: {}", .0.message)]
    Conflict(Box<ApiStatus>),
    /// 400 or 422: the request is invalid.
    #[error("the API server rejects the request as invalid: {}", .0.message)]
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
    /// 502, 503 or 504, or the API server has not loaded its roles yet.
    #[error("the API server is not available just now: {0}")]
    Unavailable(Box<Outage>),
    /// No response was received.
    #[error("no response from the API server")]
    Transport(#[from] TransportError),
    /// A response that the request does not expect.
    #[error("unexpected response with status {status} from the API server: {reason}")]
    Unexpected {
        status: StatusCode,
        /// What is wrong with the response. May quote the API server: untrusted, but short.
        reason: String,
    },
}

/// Why the API server is unavailable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}{message}", if message.is_empty() { "" } else { ": " })]
pub struct Outage {
    pub reason: OutageReason,
    /// `Retry-After`: an hour at most.
    pub retry_after: Option<Duration>,
    /// The message of a `Status`, or the beginning of another text, for the log. Untrusted, at most
    /// 4 KiB.
    pub message: String,
    /// Whether the message is that of a `Status`.
    pub is_explained: bool,
}

/// The kinds of outages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutageReason {
    /// 502, 503 or 504 from the API server, or from an API behind its aggregator (which sends `503
    /// text/plain`).
    #[error("{0}")]
    Status(StatusCode),
    /// One of these with a page of HTML: the response is that of a proxy or load balancer.
    #[error("a proxy or load balancer answered {0}")]
    Proxy(StatusCode),
    /// An API server that has just started has not loaded its roles yet and refuses every request
    /// (403, `RBAC: clusterrole ... not found`).
    #[error("roles are not loaded yet")]
    RolesNotLoaded,
}

/// The explanation of a refusal (kind `Status` of the Kubernetes API). All of it is untrusted: it
/// quotes the request and, for imports, messages of remote registries. At most 4 KiB of each text
/// are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiStatus {
    /// A machine-readable reason: `Forbidden`, `Invalid`, `AlreadyExists`.
    pub reason: String,
    /// A human-readable message in English.
    pub message: String,
    pub details: Option<StatusDetails>,
}

/// The object or resource that a refusal is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusDetails {
    /// The name of the object, if the refusal is about one.
    pub name: Option<String>,
    pub group: Option<String>,
    /// The resource, as in `imagestreams`.
    pub kind: Option<String>,
    /// What is wrong with the request. At most 100 causes.
    pub causes: Vec<StatusCause>,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusCause {
    /// A machine-readable reason: `FieldValueInvalid`.
    pub reason: String,
    /// A human-readable message.
    pub message: String,
    /// The field, as in `metadata.name`.
    pub field: Option<String>,
}

impl ApiError {
    /// Whether the reason of an unexpected response is a message of the API server.
    #[must_use]
    pub fn quotes_server(&self) -> bool {
        matches!(self, Self::Unexpected { status, reason: why } if !status.is_success() && why != UNEXPLAINED)
    }

    /// The fault of the API server's certificate, if that is why there is no response (S47).
    #[must_use]
    pub fn certificate_fault(&self) -> Option<CertificateFault> {
        match self {
            Self::Transport(error) => error.certificate_fault(),
            _ => None,
        }
    }

    /// The error for a successful response that lacks required content.
    pub(super) fn malformed(why: &str) -> Self {
        Self::Unexpected {
            status: StatusCode::OK,
            reason: why.to_owned(),
        }
    }

    /// The error for a response that is not a success.
    pub(super) fn from_response(response: &UpstreamResponse) -> Self {
        let status = ApiStatus::from_response(response);
        match response.status {
            // OpenShift 3.6 and 3.7 send text/plain, later versions a Status. Only the status code
            // is common to both.
            StatusCode::UNAUTHORIZED => Self::TokenRefused,
            StatusCode::FORBIDDEN => match status.unwrap_or_default() {
                status if lacks_built_in_roles(&status.message) => {
                    Self::roles_not_loaded(status.message)
                }
                status => Self::Forbidden(Box::new(status)),
            },
            StatusCode::NOT_FOUND if is_missing_api(response, status.as_ref()) => Self::NotServed,
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
                retry_after: response.retry_after(),
                message: status.map(|status| status.message).unwrap_or_default(),
            },
            code if is_outage_status(code) => {
                Self::Unavailable(Box::new(Outage::from_response(response, status)))
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

    /// The error for a response that is not available: 503.
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

    /// The error for an access review or a refusal that was decided without the roles of the
    /// cluster.
    pub(super) fn roles_not_loaded(message: String) -> Self {
        let reason = OutageReason::RolesNotLoaded;
        Self::Unavailable(Box::new(Outage {
            reason,
            retry_after: None,
            message,
            is_explained: false,
        }))
    }

    /// Whether the same request can succeed later although nothing changes: the server is down,
    /// starting, or unreachable.
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

    /// Whether the error concerns the whole API group, and not one object or one user.
    #[must_use]
    pub fn is_api_group_error(&self) -> bool {
        matches!(self, Self::NotServed | Self::Unavailable(_))
    }

    /// The API server's own explanation for a failure (429 or 5xx with a `Status`). Untrusted, at
    /// most 4 KiB.
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

    /// The time to wait before the next request, as the server requests it.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            Self::Unavailable(outage) => outage.retry_after,
            _ => None,
        }
    }
}

/// The reason of a response without an explanation.
const UNEXPLAINED: &str = "it does not explain itself";

/// The maximum length of a text that is not a `Status`, for the log.
const MAX_LOGGED_TEXT_BYTES: usize = 200;

impl Outage {
    fn from_response(response: &UpstreamResponse, status: Option<ApiStatus>) -> Self {
        let retry_after = response.retry_after();
        if let Some(ApiStatus { message, .. }) = status.filter(|status| !status.message.is_empty())
        {
            return Self {
                reason: OutageReason::Status(response.status),
                retry_after,
                message,
                is_explained: true,
            };
        }
        if is_from_proxy(response) {
            return Self {
                reason: OutageReason::Proxy(response.status),
                retry_after,
                message: String::new(),
                is_explained: false,
            };
        }
        let text = String::from_utf8_lossy(
            &response.body[..response.body.len().min(MAX_LOGGED_TEXT_BYTES)],
        );
        let message = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            reason: OutageReason::Status(response.status),
            retry_after,
            message,
            is_explained: false,
        }
    }
}

/// Whether a response without a `Status` is that of a proxy or load balancer: the API server
/// explains its own 502 and 504, and its aggregator sends 503 as plain text.
fn is_from_proxy(response: &UpstreamResponse) -> bool {
    response.status != StatusCode::SERVICE_UNAVAILABLE
        || response.media_type().as_deref() == Some("text/html")
}

/// 502, 503 and 504.
pub(super) fn is_outage_status(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Whether a refusal was decided without roles that every cluster has. All users are bound to
/// `system:discovery` and similar roles, so an API server that lacks them has not loaded its roles
/// yet. A binding to a deleted role of an administrator's own causes the same message for that role
/// permanently.
///
/// Source: `RBAC: [clusterrole.rbac.authorization.k8s.io "system:discovery" not found, ...]`, which
/// a 4.x API server sends for some seconds after its start.
pub(super) fn lacks_built_in_roles(text: &str) -> bool {
    let Some((_, resolution)) = text.rsplit_once("RBAC: ") else {
        return false;
    };
    resolution.contains("clusterrole.rbac.authorization.k8s.io \"system:")
        && resolution.contains("not found")
}

/// Whether an access review that denies a right could not be decided. `reason` and
/// `evaluation_error` are fields of the review.
pub(super) fn is_undecided(reason: &str, evaluation_error: &str) -> bool {
    let only_lacks_a_role = evaluation_error.contains("not found");
    lacks_built_in_roles(reason)
        || lacks_built_in_roles(&format!("RBAC: {evaluation_error}"))
        || !(evaluation_error.is_empty() || only_lacks_a_role)
}

/// Whether a 404 means that this API server has no such API: `404 page not found` (text/plain), or
/// a `Status` that names no object.
fn is_missing_api(response: &UpstreamResponse, status: Option<&ApiStatus>) -> bool {
    match status {
        Some(status) => status.message == "the server could not find the requested resource",
        None => response.media_type().as_deref() == Some("text/plain"),
    }
}

impl ApiStatus {
    /// The `Status` in a response, if there is one.
    pub(super) fn from_response(response: &UpstreamResponse) -> Option<Self> {
        json::from_slice::<wire::WireStatus>(&response.body)
            .ok()?
            .into_public()
    }

    /// Whether a 500 is a conflict: the API server wraps the error of a tag's deletion into a plain
    /// text (recorded in `delete-imagestreamtags-500-1`). Nothing was changed in this case.
    fn is_conflict_reported_as_500(&self) -> bool {
        let removal = self.message.starts_with(
            "cannot remove tag from image stream: Operation cannot be fulfilled on imagestream",
        );
        removal && self.message.ends_with("the object has been modified; please apply your changes to the latest version and try again")
    }

    /// Whether a 404 is about the resource (this API server has no such API) and not about one of
    /// its objects.
    pub(super) fn is_missing_resource(&self) -> bool {
        self.details
            .as_ref()
            .is_none_or(|details| details.name.is_none())
    }
}

/// Checks the status only: the body of the response to a deletion differs between versions and
/// resources.
pub(super) fn check_success(response: &UpstreamResponse) -> Result<(), ApiError> {
    if response.status.is_success() {
        Ok(())
    } else {
        Err(ApiError::from_response(response))
    }
}

pub(super) fn decode<T: DeserializeOwned>(response: &UpstreamResponse) -> Result<T, ApiError> {
    decode_with(response, json::from_slice)
}

/// Decodes a successful response with `read`.
pub(super) fn decode_with<T>(
    response: &UpstreamResponse,
    read: impl FnOnce(&[u8]) -> serde_json::Result<T>,
) -> Result<T, ApiError> {
    if !response.status.is_success() {
        return Err(ApiError::from_response(response));
    }
    time_decoding(|| read(&response.body)).map_err(|error| ApiError::Unexpected {
        status: response.status,
        // The position only: the message of a serde error quotes the response.
        reason: format!(
            "it cannot be read as what was asked for (line {}, column {})",
            error.line(),
            error.column()
        ),
    })
}
