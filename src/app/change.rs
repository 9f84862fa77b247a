//! The errors of changes that a user requests.

use std::time::Duration;

use http::StatusCode;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::admission;
pub use super::exceeded_limit::{ExceededLimit, ExceededResource};
use super::failure::PageSubject;
use crate::app::failure::Failure;
use crate::openshift::{self, Outage, OutageReason};
use crate::outbound::TransportError;

/// Why a change was not made, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The API server refused or did not answer. The user sees the form again, with its values.
    #[error("the change was refused: {}", .0.why)]
    Refused(Refusal),
    /// The change ends in a failure of the page: there is no form to show again.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// A change that was not made, or may not have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// What happened, as far as the console can say it in the user's language.
    pub why: RefusalReason,
    /// The message of the API server, in English. Untrusted: it quotes the request, and for imports
    /// also messages of remote registries. May be empty.
    pub detail: String,
    /// What is wrong with the request, field by field.
    pub causes: Vec<RefusalCause>,
    /// The quota or limit that prevents the change, if the message names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub exceeded: Option<Box<ExceededLimit>>,
    /// The status with which a proxy answered.
    pub proxy_status: Option<u16>,
    /// How long the API server asks clients to wait (`Retry-After`).
    #[serde(
        rename = "retry_after_seconds",
        serialize_with = "serialize_whole_seconds"
    )]
    #[schema(value_type = Option<u64>)]
    pub retry_after: Option<Duration>,
}

fn serialize_whole_seconds<S: Serializer>(
    wait: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    wait.map(|wait| wait.as_secs()).serialize(serializer)
}

impl std::fmt::Display for RefusalReason {
    /// The form used in JSON.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

/// Why a change was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalReason {
    /// The user lacks the right (403).
    NotAllowed,
    /// A quota of the project is used up.
    OverQuota,
    /// The API server has not yet computed how much of a quota is used.
    QuotaUnknown,
    /// A limit of the project (LimitRange) is exceeded.
    OverLimit,
    /// An admission webhook of the cluster denies it.
    AdmissionWebhook,
    /// A ValidatingAdmissionPolicy of the cluster denies it.
    AdmissionPolicy,
    /// An admission webhook of the cluster does not respond.
    WebhookFailed,
    /// The name is taken (409, `AlreadyExists`).
    Exists,
    /// Another client changed the object since the form was rendered (409, `Conflict`).
    Stale,
    /// Each of several attempts was refused because the image stream had changed in between.
    /// Nothing was changed.
    Contended,
    /// No time was left to begin the change. Nothing was changed.
    NotBegun,
    /// The object does not exist any more (404).
    NotThere,
    /// The API server finds the request invalid (400, 422).
    Invalid,
    /// The API server could not be reached. Nothing was changed.
    NotReached,
    /// The API server did not answer in time, or closed the connection. The change may have been
    /// made.
    Uncertain,
    /// The API server's response is longer than the console reads. The change may have been made.
    TooLong,
    /// A proxy between the console and the API server answered. The change may have been made.
    Proxy,
    /// The API server is busy, or temporarily accepts no changes. Nothing was changed.
    Busy,
    /// The API server is not available (503). Nothing was changed.
    Unavailable,
    /// The API server does not serve the API that this needs.
    NotServed,
}

/// What is wrong with one field of the request. Untrusted texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusalCause {
    /// The field, as the API names it: `metadata.name`.
    pub field: Option<String>,
    /// What is wrong with it, in English.
    pub text: String,
}

impl ChangeError {
    /// The refusal that a form shows.
    ///
    /// # Errors
    ///
    /// The failure, where sending the form again would not help.
    pub fn into_refusal(self) -> Result<Refusal, Failure> {
        match self {
            Self::Refused(refusal) => Ok(refusal),
            Self::Failure(failure) => Refusal::from_failure(failure),
        }
    }
}

impl Refusal {
    /// The refusal of a change for which something could not be read. Nothing was changed.
    ///
    /// # Errors
    ///
    /// The failure, where sending the form again would not help.
    pub fn from_failure(failure: Failure) -> Result<Self, Failure> {
        let (why, retry_after) = match &failure {
            Failure::SignInRequired | Failure::Invalid(_) | Failure::Internal(_) => {
                return Err(failure);
            }
            Failure::Forbidden(_) => (RefusalReason::NotAllowed, None),
            Failure::NotFound(_) => (RefusalReason::NotThere, None),
            Failure::Unreachable { .. } | Failure::DeadlineExceeded => {
                (RefusalReason::NotReached, None)
            }
            Failure::Busy { .. } => (RefusalReason::Busy, failure.retry_after()),
            Failure::Unavailable { .. } | Failure::Unexpected { .. } => {
                (RefusalReason::Unavailable, failure.retry_after())
            }
            Failure::NotServed(_) => (RefusalReason::NotServed, None),
        };
        Ok(Self {
            retry_after,
            detail: failure.upstream_message().unwrap_or_default().to_owned(),
            ..Self::from_reason(why)
        })
    }
}

impl From<Refusal> for ChangeError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<openshift::ApiError> for ChangeError {
    fn from(error: openshift::ApiError) -> Self {
        use openshift::ApiError as E;
        Self::Refused(match error {
            E::TokenRefused => return Self::Failure(Failure::SignInRequired),
            E::Forbidden(status) => Refusal::from_admission_or(RefusalReason::NotAllowed, *status),
            E::NotFound => Refusal::from_reason(RefusalReason::NotThere),
            E::Conflict(status) if status.reason == "AlreadyExists" => {
                Refusal::from_status(RefusalReason::Exists, *status)
            }
            E::Conflict(status) => Refusal::from_admission_or(RefusalReason::Stale, *status),
            E::Invalid(status) => Refusal::from_admission_or(RefusalReason::Invalid, *status),
            E::Busy {
                retry_after,
                message,
            } => Refusal {
                retry_after,
                detail: message,
                ..Refusal::from_reason(RefusalReason::Busy)
            },
            E::NotServed => Refusal::from_reason(RefusalReason::NotServed),
            E::Unavailable(outage) => Refusal::from_outage(*outage),
            E::Transport(TransportError::Connect { .. } | TransportError::Tls { .. }) => {
                Refusal::from_reason(RefusalReason::NotReached)
            }
            E::Transport(
                TransportError::Timeout { .. } | TransportError::ConnectionLost { .. },
            ) => Refusal::from_reason(RefusalReason::Uncertain),
            E::Transport(TransportError::TooLarge { .. }) => {
                Refusal::from_reason(RefusalReason::TooLong)
            }
            E::Unexpected { ref reason, .. }
                if error.quotes_server() && admission::admission_reason(reason).is_some() =>
            {
                let kind =
                    admission::admission_reason(reason).unwrap_or(RefusalReason::WebhookFailed);
                Refusal {
                    exceeded: ExceededLimit::from_message(reason).map(Box::new),
                    detail: reason.clone(),
                    ..Refusal::from_reason(kind)
                }
            }
            E::Unexpected { status, ref reason } if status.is_server_error() => {
                let detail = if error.quotes_server() {
                    reason.clone()
                } else {
                    String::new()
                };
                Refusal {
                    detail,
                    ..Refusal::from_reason(RefusalReason::Uncertain)
                }
            }
            other => return Self::Failure(Failure::from_api_error(other, PageSubject::Page)),
        })
    }
}

impl Refusal {
    /// A refusal without a message of the API server.
    #[must_use]
    pub fn from_reason(why: RefusalReason) -> Self {
        Self {
            why,
            detail: String::new(),
            causes: Vec::new(),
            exceeded: None,
            proxy_status: None,
            retry_after: None,
        }
    }

    /// Whether the change may have been made nevertheless.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        matches!(
            self.why,
            RefusalReason::Uncertain | RefusalReason::Proxy | RefusalReason::TooLong
        )
    }

    /// Whether the API server could not process the request. Other changes would fail in the same
    /// way for some time.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(
            self.why,
            RefusalReason::NotReached
                | RefusalReason::Unavailable
                | RefusalReason::Uncertain
                | RefusalReason::Proxy
                | RefusalReason::Busy
        )
    }

    /// What an outage means for a change. Only if the request cannot have arrived is it certain
    /// that nothing was changed.
    fn from_outage(outage: Outage) -> Self {
        let lost_on_the_way = outage.message.starts_with("error trying to reach service")
            && !outage.message.contains("dial ");
        let why = match outage.reason {
            OutageReason::Proxy(_) => RefusalReason::Proxy,
            OutageReason::Status(StatusCode::SERVICE_UNAVAILABLE) if !lost_on_the_way => {
                RefusalReason::Unavailable
            }
            OutageReason::RolesNotLoaded => RefusalReason::Unavailable,
            OutageReason::Status(_) => RefusalReason::Uncertain,
        };
        let proxy_status = if let OutageReason::Proxy(status) = outage.reason {
            Some(status.as_u16())
        } else {
            None
        };
        let detail = if outage.is_explained {
            outage.message
        } else {
            String::new()
        };
        Self {
            detail,
            proxy_status,
            retry_after: outage.retry_after,
            ..Self::from_reason(why)
        }
    }

    /// A refusal by a rule of the cluster if the message names one, otherwise `why`.
    fn from_admission_or(why: RefusalReason, status: openshift::ApiStatus) -> Self {
        match admission::admission_reason(&status.message) {
            // The cause that stands at a field then repeats the message.
            Some(rule) => Self {
                exceeded: ExceededLimit::from_message(&status.message).map(Box::new),
                detail: status.message,
                ..Self::from_reason(rule)
            },
            None => Self::from_status(why, status),
        }
    }

    fn from_status(why: RefusalReason, status: openshift::ApiStatus) -> Self {
        let causes = status
            .details
            .map(|details| details.causes)
            .unwrap_or_default();
        let causes = causes
            .into_iter()
            .map(|cause| RefusalCause {
                field: cause.field,
                text: cause.message,
            })
            .collect();
        Self {
            detail: status.message,
            causes,
            ..Self::from_reason(why)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::UpstreamName;

    #[test]
    fn oversized_response_does_not_fail_the_change() {
        let failed = TransportError::TooLarge {
            upstream: UpstreamName::ApiServer,
            limit: 8 << 20,
        };
        let refusal = ChangeError::from(openshift::ApiError::from(failed))
            .into_refusal()
            .unwrap();
        assert_eq!(refusal.why, RefusalReason::TooLong);
    }
}
