//! A part of a page that may be missing.

use std::future::Future;
use std::time::Duration;

use serde::Serialize;

use super::failure::Upstream;
use crate::openshift::OutageReason;
use crate::outbound::{CertificateFault, Failed, TlsAlert};
use crate::{openshift, registry};

/// How long a page waits for the registry, which is never its only source: half an answer beats
/// none (R3).
pub(super) const REGISTRY_PATIENCE: Duration = Duration::from_millis(1_800);

/// How long a page waits for what merely rounds it off.
pub(super) const EXTRA_PATIENCE: Duration = Duration::from_millis(4_000);

/// A part of a page: its content, or why there is none.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Section<T> {
    Ready(T),
    /// It could not be had.
    Missing {
        missing: Missing,
    },
}

/// Why a section is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    pub upstream: Upstream,
    /// What came of it.
    pub why: Why,
    /// How many seconds the server wants to be left alone, where it is busy and said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// The alert that the server ended the TLS handshake with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_alert: Option<TlsAlert>,
    /// What is wrong with the server's certificate, where that is why.
    #[serde(skip)]
    pub certificate: Option<CertificateFault>,
    /// The status of a failure: of the server itself, or of a proxy in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the server says about it. Untrusted, at most 4 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Missing {
    /// Without a time to wait.
    #[must_use]
    pub const fn new(upstream: Upstream, why: Why) -> Self {
        Self {
            upstream,
            why,
            retry_after_seconds: None,
            tls_alert: None,
            certificate: None,
            status: None,
            message: None,
        }
    }

    fn of_master(error: &openshift::Error) -> Self {
        let certificate = error.certificate_fault();
        let status = match error {
            openshift::Error::Unavailable(outage) => match outage.reason {
                OutageReason::Proxy(status) | OutageReason::Status(status) => Some(status),
                OutageReason::RolesNotLoaded => None,
            },
            openshift::Error::Unexpected { status, .. } if status.is_server_error() => {
                Some(*status)
            }
            _ => None,
        };
        Self {
            retry_after_seconds: error.retry_after().map(|wait| wait.as_secs()),
            tls_alert: certificate.and_then(CertificateFault::alert),
            certificate,
            status: status.map(|status| status.as_u16()),
            message: error.explanation().map(str::to_owned),
            ..Self::new(Upstream::Master, why_master(error))
        }
    }

    fn of_registry(error: &registry::Error) -> Self {
        let certificate = if let registry::Error::Unreachable(failed) = error {
            failed.certificate_fault()
        } else {
            None
        };
        let failure = match error {
            registry::Error::Unavailable(failure) | registry::Error::Failed(failure) => {
                Some(failure)
            }
            _ => None,
        };
        let message = failure
            .map(|failure| failure.message.clone())
            .filter(|message| !message.is_empty());
        Self {
            retry_after_seconds: error.retry_after().map(|wait| wait.as_secs()),
            tls_alert: certificate.and_then(CertificateFault::alert),
            certificate,
            status: failure.map(|failure| failure.status.as_u16()),
            message,
            ..Self::new(Upstream::Registry, why_registry(error))
        }
    }
}

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The person has no right to it.
    NotAllowed,
    /// There is no such thing.
    NotThere,
    Unreachable,
    /// A connection, but a certificate that is not to be believed (S47).
    Untrusted,
    /// A connection, but no TLS on it.
    NoSecureConnection,
    /// No answer within the time that this page can wait.
    Late,
    /// The registry could not ask the master whether this person may (its empty 400, R4).
    CannotAskMaster,
    /// It said that it is busy.
    Busy,
    /// It cannot answer just now (502, 503, 504).
    Unavailable,
    /// A proxy or load balancer answered in its place.
    Proxy,
    /// It has just started, and refuses everything until its roles are loaded.
    RolesNotLoaded,
    /// It failed itself, and said so (500 and the like).
    Failed,
    /// The API server has no API for this at all.
    NotServed,
    /// The answer is larger than this console reads (S37).
    TooLarge,
    /// The bytes are not those that the digest names (S39).
    DigestMismatch,
    /// It is in object storage, which could not be read.
    InStorage,
    /// The answer makes no sense to this console.
    Unreadable,
}

impl Why {
    /// A fixed word, as in the JSON.
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
            Self::CannotAskMaster => "cannot-ask-master",
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

    /// Whether the same question can succeed in a moment although nothing is changed.
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
    pub fn missing(&self) -> Option<&Missing> {
        match self {
            Self::Ready(_) => None,
            Self::Missing { missing } => Some(missing),
        }
    }

    /// The same section with other content.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Section<U> {
        match self {
            Self::Ready(content) => Section::Ready(change(content)),
            Self::Missing { missing } => Section::Missing { missing },
        }
    }

    pub(super) fn gone(upstream: Upstream, why: Why) -> Self {
        Self::Missing {
            missing: Missing::new(upstream, why),
        }
    }
}

impl<T> From<Result<T, openshift::Error>> for Section<T> {
    fn from(result: Result<T, openshift::Error>) -> Self {
        match result {
            Ok(content) => Self::Ready(content),
            Err(error) => {
                let missing = Missing::of_master(&error);
                log(Upstream::Master, missing.why, &error);
                Self::Missing { missing }
            }
        }
    }
}

impl<T> From<Result<T, registry::Error>> for Section<T> {
    fn from(result: Result<T, registry::Error>) -> Self {
        match result {
            Ok(content) => Self::Ready(content),
            Err(error) => {
                let missing = Missing::of_registry(&error);
                log(Upstream::Registry, missing.why, &error);
                Self::Missing { missing }
            }
        }
    }
}

/// Waits for a section, but not for ever.
pub(super) async fn within<T, E>(
    patience: Duration,
    upstream: Upstream,
    load: impl Future<Output = Result<T, E>>,
) -> Section<T>
where
    Section<T>: From<Result<T, E>>,
{
    match tokio::time::timeout(patience, load).await {
        Ok(result) => result.into(),
        Err(_) => Section::gone(upstream, Why::Late),
    }
}

/// A right that somebody lacks is everyday; a server that does not answer as it should is for
/// whoever runs the cluster.
fn log(upstream: Upstream, why: Why, error: &(dyn std::error::Error + 'static)) {
    match why {
        Why::NotAllowed | Why::NotThere => {
            tracing::debug!(%upstream, why = why.as_str(), error, "section missing")
        }
        _ => tracing::warn!(%upstream, why = why.as_str(), error, "section missing"),
    }
}

pub(super) fn why_master(error: &openshift::Error) -> Why {
    match error {
        openshift::Error::TokenRefused | openshift::Error::Forbidden(_) => Why::NotAllowed,
        openshift::Error::NotFound => Why::NotThere,
        openshift::Error::NotServed => Why::NotServed,
        openshift::Error::Busy { .. } => Why::Busy,
        openshift::Error::Unavailable(outage) => match outage.reason {
            OutageReason::Proxy(_) => Why::Proxy,
            OutageReason::Status(_) => Why::Unavailable,
            OutageReason::RolesNotLoaded => Why::RolesNotLoaded,
        },
        openshift::Error::Unreachable(failed) => why_failed(failed),
        openshift::Error::Unexpected { status, .. } if status.is_server_error() => Why::Failed,
        _ => Why::Unreadable,
    }
}

fn why_registry(error: &registry::Error) -> Why {
    match error {
        registry::Error::Denied => Why::NotAllowed,
        registry::Error::NotFound => Why::NotThere,
        registry::Error::CannotAskMaster => Why::CannotAskMaster,
        registry::Error::Busy(_) => Why::Busy,
        registry::Error::Unavailable(failure) | registry::Error::Failed(failure)
            if failure.is_of_proxy =>
        {
            Why::Proxy
        }
        registry::Error::Unavailable(_) => Why::Unavailable,
        registry::Error::Failed(_) => Why::Failed,
        registry::Error::DigestMismatch { .. } => Why::DigestMismatch,
        registry::Error::Storage { .. } => Why::InStorage,
        registry::Error::Unreachable(failed) => why_failed(failed),
        _ => Why::Unreadable,
    }
}

/// No whole answer is not always no server.
fn why_failed(failed: &Failed) -> Why {
    match failed {
        Failed::Tls { fault, .. } if fault.is_about_certificate() => Why::Untrusted,
        Failed::Tls { .. } => Why::NoSecureConnection,
        Failed::TooLarge { .. } => Why::TooLarge,
        Failed::Timeout { .. } => Why::Late,
        Failed::Overloaded { .. } => Why::Busy,
        _ => Why::Unreachable,
    }
}
