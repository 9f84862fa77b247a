//! A part of a page that may be missing without the page failing.

use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::failure::{Failure, Upstream};
use crate::openshift::OutageReason;
use crate::outbound::{CertificateFault, TlsAlert, TransportError};
use crate::{openshift, registry};

/// How long a page waits for the registry, which is never its only source: a partial answer is
/// better than none (R3).
pub(super) const REGISTRY_TIMEOUT: Duration = Duration::from_millis(1_800);

/// How long a page waits for details that are not essential.
pub(super) const OPTIONAL_TIMEOUT: Duration = Duration::from_millis(4_000);

/// A section of a page: its content, or why it is missing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Section<T> {
    Ready(T),
    /// The content could not be loaded.
    Missing {
        missing: Unavailable,
    },
}

/// Why a section is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unavailable {
    pub upstream: Upstream,
    /// The kind of the reason.
    pub why: UnavailableReason,
    /// How many seconds the server asks clients to wait, if it is busy and said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after_seconds: Option<u64>,
    /// The TLS alert with which the server ended the handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>)]
    pub tls_alert: Option<TlsAlert>,
    /// What is wrong with the server's certificate, if that is the reason.
    #[serde(skip)]
    pub certificate_fault: Option<CertificateFault>,
    /// The HTTP status of a failure, sent by the server itself or by a proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<u16>,
    /// The server's message. Untrusted, at most 4 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message: Option<String>,
}

impl Unavailable {
    /// Without a time to wait.
    #[must_use]
    pub const fn new(upstream: Upstream, why: UnavailableReason) -> Self {
        Self {
            upstream,
            why,
            retry_after_seconds: None,
            tls_alert: None,
            certificate_fault: None,
            status: None,
            message: None,
        }
    }

    fn from_api_error(error: &openshift::ApiError) -> Self {
        let certificate = error.certificate_fault();
        let status = match error {
            openshift::ApiError::Unavailable(outage) => match outage.reason {
                OutageReason::Proxy(status) | OutageReason::Status(status) => Some(status),
                OutageReason::RolesNotLoaded => None,
            },
            openshift::ApiError::Unexpected { status, .. } if status.is_server_error() => {
                Some(*status)
            }
            _ => None,
        };
        Self {
            retry_after_seconds: error.retry_after().map(|wait| wait.as_secs()),
            tls_alert: certificate.and_then(CertificateFault::alert),
            certificate_fault: certificate,
            status: status.map(|status| status.as_u16()),
            message: error.explanation().map(str::to_owned),
            ..Self::new(Upstream::ApiServer, api_error_reason(error))
        }
    }

    fn from_failure(failure: &Failure) -> Self {
        match failure {
            Failure::Unreachable { cause, .. }
            | Failure::Unavailable { cause, .. }
            | Failure::Unexpected { cause, .. } => Self::from_api_error(cause),
            Failure::Busy {
                upstream,
                retry_after,
                ..
            } => Self {
                retry_after_seconds: retry_after.map(|wait| wait.as_secs()),
                ..Self::new(*upstream, UnavailableReason::Busy)
            },
            Failure::SignInRequired | Failure::Forbidden(_) => {
                Self::new(Upstream::ApiServer, UnavailableReason::NotAllowed)
            }
            Failure::NotFound(_) => Self::new(Upstream::ApiServer, UnavailableReason::NotThere),
            Failure::NotServed(_) => Self::new(Upstream::ApiServer, UnavailableReason::NotServed),
            Failure::DeadlineExceeded => Self::new(Upstream::ApiServer, UnavailableReason::Late),
            Failure::Invalid(_) | Failure::Internal(_) => {
                Self::new(Upstream::ApiServer, UnavailableReason::Failed)
            }
        }
    }

    fn from_registry_error(error: &registry::RegistryError) -> Self {
        let certificate = if let registry::RegistryError::Transport(failed) = error {
            failed.certificate_fault()
        } else {
            None
        };
        let failure = match error {
            registry::RegistryError::Unavailable(failure)
            | registry::RegistryError::ServerError(failure) => Some(failure),
            _ => None,
        };
        let message = failure
            .map(|failure| failure.message.clone())
            .filter(|message| !message.is_empty());
        Self {
            retry_after_seconds: error.retry_after().map(|wait| wait.as_secs()),
            tls_alert: certificate.and_then(CertificateFault::alert),
            certificate_fault: certificate,
            status: failure.map(|failure| failure.status.as_u16()),
            message,
            ..Self::new(Upstream::Registry, registry_error_reason(error))
        }
    }
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnavailableReason {
    /// The user lacks the right.
    NotAllowed,
    /// The object does not exist.
    NotThere,
    Unreachable,
    /// There is a connection, but its certificate is not trusted (S47).
    Untrusted,
    /// There is a connection, but without TLS.
    NoSecureConnection,
    /// No response within the time that this page can wait.
    Late,
    /// The registry could not ask the API server whether this user may (its empty 400, R4).
    #[serde(rename = "cannot-ask-master")]
    ApiServerUnreachable,
    /// The server said that it is busy.
    Busy,
    /// The server is not available (502, 503, 504).
    Unavailable,
    /// A proxy or load balancer answered instead of the server.
    Proxy,
    /// The server has just started, and refuses everything until its roles are loaded.
    RolesNotLoaded,
    /// The server reported an internal error (500 and the like).
    Failed,
    /// The API server does not serve the API that this needs.
    NotServed,
    /// The response is larger than the console reads (S37).
    TooLarge,
    /// The content does not match its digest (S39).
    DigestMismatch,
    /// The content is in object storage, which could not be read.
    InStorage,
    /// The console cannot interpret the response.
    Unreadable,
}

impl UnavailableReason {
    /// A fixed name, the form used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAllowed => "not-allowed",
            Self::NotThere => "not-there",
            Self::NotServed => "not-served",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::NoSecureConnection => "no-secure-connection",
            Self::Late => "late",
            Self::ApiServerUnreachable => "cannot-ask-master",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Proxy => "proxy",
            Self::RolesNotLoaded => "roles-not-loaded",
            Self::Failed => "failed",
            Self::TooLarge => "too-large",
            Self::DigestMismatch => "digest-mismatch",
            Self::InStorage => "in-storage",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether the same request can succeed soon although nothing is changed.
    pub(super) fn is_outage(self) -> bool {
        matches!(
            self,
            Self::Unavailable | Self::Proxy | Self::RolesNotLoaded | Self::Unreachable | Self::Late
        )
    }
}

impl<T> Section<T> {
    /// The content, if there is any.
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(content) => Some(content),
            Self::Missing { .. } => None,
        }
    }

    /// The content, if there is any, to be changed.
    pub(super) fn ready_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Ready(content) => Some(content),
            Self::Missing { .. } => None,
        }
    }

    /// Why there is no content.
    pub fn missing(&self) -> Option<&Unavailable> {
        match self {
            Self::Ready(_) => None,
            Self::Missing { missing } => Some(missing),
        }
    }

    /// Whether the upstream has answered, if only that the user lacks the right. What it could not
    /// answer now, it may answer soon.
    pub(super) fn is_answered(&self) -> bool {
        self.missing()
            .is_none_or(|missing| missing.why == UnavailableReason::NotAllowed)
    }

    /// The same section with its content changed.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Section<U> {
        match self {
            Self::Ready(content) => Section::Ready(change(content)),
            Self::Missing { missing } => Section::Missing { missing },
        }
    }

    pub(super) fn unavailable(upstream: Upstream, why: UnavailableReason) -> Self {
        Self::Missing {
            missing: Unavailable::new(upstream, why),
        }
    }
}

impl<T> From<Result<T, openshift::ApiError>> for Section<T> {
    fn from(result: Result<T, openshift::ApiError>) -> Self {
        match result {
            Ok(content) => Self::Ready(content),
            Err(error) => {
                let missing = Unavailable::from_api_error(&error);
                log_unavailable(Upstream::ApiServer, missing.why, &error);
                Self::Missing { missing }
            }
        }
    }
}

impl<T> From<Result<T, Failure>> for Section<T> {
    fn from(result: Result<T, Failure>) -> Self {
        match result {
            Ok(content) => Self::Ready(content),
            Err(failure) => {
                let missing = Unavailable::from_failure(&failure);
                log_unavailable(missing.upstream, missing.why, &failure);
                Self::Missing { missing }
            }
        }
    }
}

impl<T> From<Result<T, registry::RegistryError>> for Section<T> {
    fn from(result: Result<T, registry::RegistryError>) -> Self {
        match result {
            Ok(content) => Self::Ready(content),
            Err(error) => {
                let missing = Unavailable::from_registry_error(&error);
                log_unavailable(Upstream::Registry, missing.why, &error);
                Self::Missing { missing }
            }
        }
    }
}

/// Waits for details from the API server that are not essential.
pub(super) async fn optional<T, E>(load: impl Future<Output = Result<T, E>>) -> Section<T>
where
    Section<T>: From<Result<T, E>>,
{
    with_timeout(OPTIONAL_TIMEOUT, Upstream::ApiServer, load).await
}

/// Waits for a section, up to a time limit.
pub(super) async fn with_timeout<T, E>(
    patience: Duration,
    upstream: Upstream,
    load: impl Future<Output = Result<T, E>>,
) -> Section<T>
where
    Section<T>: From<Result<T, E>>,
{
    // Boxed, as each request is in `outbound`: a page loads many sections at once.
    match tokio::time::timeout(patience, Box::pin(load)).await {
        Ok(result) => result.into(),
        Err(_) => Section::unavailable(upstream, UnavailableReason::Late),
    }
}

/// A right that a user lacks is expected; a server that does not answer as it should concerns the
/// administrator of the cluster.
fn log_unavailable(
    upstream: Upstream,
    why: UnavailableReason,
    error: &(dyn std::error::Error + 'static),
) {
    match why {
        UnavailableReason::NotAllowed | UnavailableReason::NotThere => {
            tracing::debug!(%upstream, reason = why.as_str(), error, "section missing")
        }
        _ => tracing::warn!(%upstream, reason = why.as_str(), error, "section missing"),
    }
}

pub(super) fn api_error_reason(error: &openshift::ApiError) -> UnavailableReason {
    match error {
        openshift::ApiError::TokenRefused | openshift::ApiError::Forbidden(_) => {
            UnavailableReason::NotAllowed
        }
        openshift::ApiError::NotFound => UnavailableReason::NotThere,
        openshift::ApiError::NotServed => UnavailableReason::NotServed,
        openshift::ApiError::Busy { .. } => UnavailableReason::Busy,
        openshift::ApiError::Unavailable(outage) => match outage.reason {
            OutageReason::Proxy(_) => UnavailableReason::Proxy,
            OutageReason::Status(_) => UnavailableReason::Unavailable,
            OutageReason::RolesNotLoaded => UnavailableReason::RolesNotLoaded,
        },
        openshift::ApiError::Transport(failed) => transport_error_reason(failed),
        openshift::ApiError::Unexpected { status, .. } if status.is_server_error() => {
            UnavailableReason::Failed
        }
        _ => UnavailableReason::Unreadable,
    }
}

fn registry_error_reason(error: &registry::RegistryError) -> UnavailableReason {
    match error {
        registry::RegistryError::Denied => UnavailableReason::NotAllowed,
        registry::RegistryError::NotFound => UnavailableReason::NotThere,
        registry::RegistryError::AccessCheckFailed => UnavailableReason::ApiServerUnreachable,
        registry::RegistryError::Busy(_) => UnavailableReason::Busy,
        registry::RegistryError::Unavailable(failure)
        | registry::RegistryError::ServerError(failure)
            if failure.is_from_proxy =>
        {
            UnavailableReason::Proxy
        }
        registry::RegistryError::Unavailable(_) => UnavailableReason::Unavailable,
        registry::RegistryError::ServerError(_) => UnavailableReason::Failed,
        registry::RegistryError::DigestMismatch { .. } => UnavailableReason::DigestMismatch,
        registry::RegistryError::Storage { .. } => UnavailableReason::InStorage,
        registry::RegistryError::Transport(failed) => transport_error_reason(failed),
        _ => UnavailableReason::Unreadable,
    }
}

/// An incomplete response does not always mean that the server is down.
fn transport_error_reason(failed: &TransportError) -> UnavailableReason {
    match failed {
        TransportError::Tls { fault, .. } if fault.is_about_certificate() => {
            UnavailableReason::Untrusted
        }
        TransportError::Tls { .. } => UnavailableReason::NoSecureConnection,
        TransportError::TooLarge { .. } => UnavailableReason::TooLarge,
        TransportError::Timeout { .. } => UnavailableReason::Late,
        TransportError::Overloaded { .. } => UnavailableReason::Busy,
        _ => UnavailableReason::Unreachable,
    }
}
