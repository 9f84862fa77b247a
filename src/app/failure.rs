//! The only error that a page can end in.

use std::time::Duration;

use serde::Serialize;

use crate::openshift;
/// The servers that the console asks.
pub use crate::outbound::UpstreamName as Upstream;
use crate::outbound::{CertificateFault, TransportError};

/// What kept a page from being made. The cause is for the log; what a person reads is made of the
/// variant alone.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody is signed in, or the master no longer accepts the token.
    #[error("sign-in required")]
    SignInRequired,
    /// The person may not see or do this.
    #[error("forbidden: {0}")]
    Forbidden(PageSubject),
    /// There is no such thing, or none that this person may know of.
    #[error("not found: {0}")]
    NotFound(PageSubject),
    /// The request itself is at fault.
    #[error("invalid request: {0}")]
    Invalid(&'static str),
    /// An upstream could not be reached in time.
    #[error("the {upstream} cannot be reached")]
    Unreachable {
        upstream: Upstream,
        #[source]
        cause: openshift::ApiError,
    },
    /// The page took longer than it may.
    #[error("deadline exceeded")]
    DeadlineExceeded,
    /// An upstream is busy and said so, perhaps with how long it wants to be left alone.
    #[error("the {upstream} is busy")]
    Busy {
        upstream: Upstream,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
        /// What it says. Untrusted, may be empty.
        message: String,
    },
    /// An upstream cannot answer just now: 502, 503 or 504, or an API server that has not loaded
    /// its roles yet.
    #[error("the {upstream} is not available")]
    Unavailable {
        upstream: Upstream,
        /// What the page is about, and so which API was asked.
        subject: PageSubject,
        #[source]
        cause: openshift::ApiError,
    },
    /// The API server has no API for this at all.
    #[error("the API server does not serve what this needs: {0}")]
    NotServed(PageSubject),
    /// An upstream answered something that makes no sense.
    #[error("unexpected answer of the {upstream}")]
    Unexpected {
        upstream: Upstream,
        #[source]
        cause: openshift::ApiError,
    },
    /// The fault is the console's own.
    #[error("internal: {0}")]
    Internal(&'static str),
}

/// What a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageSubject {
    /// A page: no such address.
    Page,
    Project,
    ImageStream,
    /// A tag or digest of an image stream.
    Image,
    /// A digest that neither the API server nor the registry has in the image stream. An index may
    /// list it nevertheless.
    ImageDigest,
    /// The list of projects or image streams.
    List,
    /// The users of the cluster.
    Users,
    User,
    /// The groups of the cluster.
    Groups,
    Group,
}

impl std::fmt::Display for PageSubject {
    /// As in the JSON.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

impl Failure {
    /// Whose certificate is not believed and why, if that is what happened (S47).
    #[must_use]
    pub fn certificate_fault(&self) -> Option<(Upstream, CertificateFault)> {
        match self {
            Self::Unreachable { upstream, cause } => Some((*upstream, cause.certificate_fault()?)),
            _ => None,
        }
    }

    /// That the API server cannot be asked just now about `subject`.
    pub(super) fn api_server_unavailable(subject: PageSubject) -> Self {
        Self::Unavailable {
            upstream: Upstream::Master,
            subject,
            cause: openshift::ApiError::service_unavailable(),
        }
    }

    /// Whether the same page can succeed in a moment although nothing is changed: an upstream is
    /// down, starting, or out of reach.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::DeadlineExceeded => true,
            Self::Unreachable { cause, .. } => cause.is_outage(),
            _ => false,
        }
    }

    /// Whether the same page can succeed later although nothing is changed: an outage, or a server
    /// that is busy or failed itself.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.is_outage() || self.upstream_message().is_some() || matches!(self, Self::Busy { .. })
    }

    /// Whether something answered, so that another question may be answered although this one was
    /// not.
    pub(super) fn was_answered(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// When to try again, as the upstream said.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            Self::Unavailable { cause, .. } => cause.retry_after(),
            _ => None,
        }
    }

    /// What the upstream itself says about why it cannot answer. Untrusted, at most 4 KiB.
    #[must_use]
    pub fn upstream_message(&self) -> Option<&str> {
        match self {
            Self::Unavailable { cause, .. } | Self::Unexpected { cause, .. } => cause.explanation(),
            Self::Busy { message, .. } if !message.is_empty() => Some(message),
            _ => None,
        }
    }

    /// The failure that an answer of the master means for a page about `subject`.
    ///
    /// OpenShift answers 403, not 404, for a project that does not exist: so what may not be seen
    /// is said to be missing or closed.
    pub(super) fn from_api_error(error: openshift::ApiError, subject: PageSubject) -> Self {
        match error {
            openshift::ApiError::TokenRefused => Self::SignInRequired,
            openshift::ApiError::Forbidden(_) => Self::Forbidden(subject),
            openshift::ApiError::NotFound => Self::NotFound(subject),
            openshift::ApiError::NotServed => Self::NotServed(subject),
            openshift::ApiError::Transport(TransportError::Overloaded { .. }) => Self::Busy {
                upstream: Upstream::Master,
                retry_after: None,
                message: String::new(),
            },
            openshift::ApiError::Busy {
                retry_after,
                message,
            } => Self::Busy {
                upstream: Upstream::Master,
                retry_after,
                message,
            },
            cause @ openshift::ApiError::Unavailable(_) => Self::Unavailable {
                upstream: Upstream::Master,
                subject,
                cause,
            },
            // It is there, and says more than it should.
            cause @ openshift::ApiError::Transport(TransportError::TooLarge { .. }) => {
                Self::Unexpected {
                    upstream: Upstream::Master,
                    cause,
                }
            }
            cause @ openshift::ApiError::Transport(_) => Self::Unreachable {
                upstream: Upstream::Master,
                cause,
            },
            cause => Self::Unexpected {
                upstream: Upstream::Master,
                cause,
            },
        }
    }
}
