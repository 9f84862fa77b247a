//! What can come of a change that a person asked for, besides the change.

use std::time::Duration;

use http::StatusCode;
use serde::Serialize;

use super::admission;
use super::failure::PageSubject;
use crate::app::failure::Failure;
use crate::openshift::{self, Outage, OutageReason};
use crate::outbound::TransportError;

/// Why a change was not made, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The master said no, or nothing: the person sees the form again, with what they typed.
    #[error("the change was refused: {}", .0.why)]
    Refused(Refusal),
    /// There is no form to come back to.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// A change that was not made, or may not have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What happened, as far as the console can tell it in the person's language.
    pub why: RefusalReason,
    /// What the master said, in English. Untrusted: it quotes what was asked, and for imports what
    /// remote registries said. May be empty.
    pub detail: String,
    /// One by one, what is wrong with what was asked.
    pub causes: Vec<RefusalCause>,
    /// The status that a proxy answered.
    pub proxy_status: Option<u16>,
    /// How long the API server wants to be left alone.
    pub retry_after: Option<Duration>,
}

impl std::fmt::Display for RefusalReason {
    /// As in the JSON.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalReason {
    /// The person lacks the right (403).
    NotAllowed,
    /// A quota of the project is used up.
    OverQuota,
    /// The API server has not computed yet how much of a quota is used.
    QuotaUnknown,
    /// A limit of the project (LimitRange) does not allow so much.
    OverLimit,
    /// An admission webhook of the cluster denies it.
    AdmissionWebhook,
    /// A ValidatingAdmissionPolicy of the cluster denies it.
    AdmissionPolicy,
    /// An admission webhook of the cluster does not answer.
    WebhookFailed,
    /// The name is taken (409, `AlreadyExists`).
    Exists,
    /// Somebody else changed it since the form was made (409, `Conflict`).
    Stale,
    /// Each of several tries was refused because something else had changed the same image stream
    /// in between: nothing was changed.
    Contended,
    /// There was no time left to begin with it: nothing was changed.
    NotBegun,
    /// It is no longer there (404).
    NotThere,
    /// The master finds it invalid (400, 422).
    Invalid,
    /// The master could not be reached: nothing was changed.
    NotReached,
    /// The master did not answer in time, or broke off: the change may have been made.
    Uncertain,
    /// The master's answer is longer than the console reads: the change may have been made.
    TooLong,
    /// A proxy on the way to the API server answered in its place: the change may have been made.
    Proxy,
    /// The master is busy, or closed for changes for the moment: nothing was changed.
    Busy,
    /// The API server is not available just now (503): nothing was changed.
    Unavailable,
    /// The API server has no API for this at all.
    NotServed,
}

/// What is wrong with one field of what was asked. Untrusted texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalCause {
    /// The field, in the words of the API: `metadata.name`.
    pub field: Option<String>,
    /// What is wrong with it, in English.
    pub text: String,
}

impl ChangeError {
    /// The refusal that a form shows.
    ///
    /// # Errors
    ///
    /// The failure, where there is no form to come back to.
    pub fn into_refusal(self) -> Result<Refusal, Failure> {
        match self {
            Self::Refused(refusal) => Ok(refusal),
            Self::Failure(failure) => Err(failure),
        }
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
    /// A refusal that the master did not explain.
    #[must_use]
    pub fn from_reason(why: RefusalReason) -> Self {
        Self {
            why,
            detail: String::new(),
            causes: Vec::new(),
            proxy_status: None,
            retry_after: None,
        }
    }

    /// Whether the change may have been made all the same.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        matches!(
            self.why,
            RefusalReason::Uncertain | RefusalReason::Proxy | RefusalReason::TooLong
        )
    }

    /// What an outage means for a change. Only where the request cannot have got through is it
    /// certain that nothing was changed.
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

    /// Of a refusal by a rule of the cluster, or else `why`.
    fn from_admission_or(why: RefusalReason, status: openshift::ApiStatus) -> Self {
        match admission::admission_reason(&status.message) {
            // What stands at a field then is the same message.
            Some(rule) => Self {
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
            upstream: UpstreamName::Master,
            limit: 8 << 20,
        };
        let refusal = ChangeError::from(openshift::ApiError::from(failed))
            .into_refusal()
            .unwrap();
        assert_eq!(refusal.why, RefusalReason::TooLong);
    }
}
