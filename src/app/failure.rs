//! The error in which the load of a page ends.

use std::time::Duration;

use serde::Serialize;

use crate::openshift;
/// The servers that the console calls.
pub use crate::outbound::UpstreamName as Upstream;
use crate::outbound::{CertificateFault, TransportError};

/// Why a page cannot be shown. The cause is for the log; the text for users depends on the variant
/// alone.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No user is signed in, or the API server no longer accepts the token.
    #[error("sign-in required")]
    SignInRequired,
    /// The user may not see or do this.
    #[error("forbidden: {0}")]
    Forbidden(PageSubject),
    /// The object does not exist, or the user may not know of it.
    #[error("not found: {0}")]
    NotFound(PageSubject),
    /// The request itself is invalid.
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
    /// An upstream is busy and said so, perhaps with a time to wait.
    #[error("the {upstream} is busy")]
    Busy {
        upstream: Upstream,
        /// How long it asks clients to wait (`Retry-After`).
        retry_after: Option<Duration>,
        /// The upstream's message. Untrusted, may be empty.
        message: String,
    },
    /// An upstream is not available: 502, 503 or 504, or an API server that has not loaded its
    /// roles yet.
    #[error("the {upstream} is not available")]
    Unavailable {
        upstream: Upstream,
        /// What the page is about, which says which API was called.
        subject: PageSubject,
        #[source]
        cause: openshift::ApiError,
    },
    /// The API server does not serve the API that this needs.
    #[error("the API server does not serve what this needs: {0}")]
    NotServed(PageSubject),
    /// An upstream sent a response that the console cannot interpret.
    #[error("unexpected answer of the {upstream}")]
    Unexpected {
        upstream: Upstream,
        #[source]
        cause: openshift::ApiError,
    },
    /// An error of the console itself.
    #[error("internal: {0}")]
    Internal(&'static str),
}

/// What a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageSubject {
    /// A page: there is no such address.
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
    /// The form used in JSON.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

impl Failure {
    /// Which upstream's certificate is not trusted, and why, if that is the cause (S47).
    #[must_use]
    pub fn certificate_fault(&self) -> Option<(Upstream, CertificateFault)> {
        match self {
            Self::Unreachable { upstream, cause } => Some((*upstream, cause.certificate_fault()?)),
            _ => None,
        }
    }

    /// The API server is not available for `subject`.
    pub(super) fn api_server_unavailable(subject: PageSubject) -> Self {
        Self::Unavailable {
            upstream: Upstream::ApiServer,
            subject,
            cause: openshift::ApiError::service_unavailable(),
        }
    }

    /// Whether the same page can succeed soon although nothing is changed: an upstream is down,
    /// starting, or cannot be reached.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::DeadlineExceeded => true,
            Self::Unreachable { cause, .. } => cause.is_outage(),
            _ => false,
        }
    }

    /// Whether the same page can succeed later although nothing is changed: an outage, or a server
    /// that is busy or failed internally.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.is_outage() || self.upstream_message().is_some() || matches!(self, Self::Busy { .. })
    }

    /// Whether the upstream answered, so that another request may succeed although this one did
    /// not.
    pub(super) fn was_answered(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// When to try again, according to the upstream.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            Self::Unavailable { cause, .. } => cause.retry_after(),
            _ => None,
        }
    }

    /// The upstream's own message about why it is unavailable. Untrusted, at most 4 KiB.
    #[must_use]
    pub fn upstream_message(&self) -> Option<&str> {
        match self {
            Self::Unavailable { cause, .. } | Self::Unexpected { cause, .. } => cause.explanation(),
            Self::Busy { message, .. } if !message.is_empty() => Some(message),
            _ => None,
        }
    }

    /// The failure that an error of the API server means for a page about `subject`.
    ///
    /// OpenShift answers 403, not 404, for a project that does not exist. So what a user may not
    /// see is reported as missing or forbidden.
    pub(super) fn from_api_error(error: openshift::ApiError, subject: PageSubject) -> Self {
        match error {
            openshift::ApiError::TokenRefused => Self::SignInRequired,
            openshift::ApiError::Forbidden(_) => Self::Forbidden(subject),
            openshift::ApiError::NotFound => Self::NotFound(subject),
            openshift::ApiError::NotServed => Self::NotServed(subject),
            openshift::ApiError::Transport(TransportError::Overloaded { .. }) => Self::Busy {
                upstream: Upstream::ApiServer,
                retry_after: None,
                message: String::new(),
            },
            openshift::ApiError::Busy {
                retry_after,
                message,
            } => Self::Busy {
                upstream: Upstream::ApiServer,
                retry_after,
                message,
            },
            cause @ openshift::ApiError::Unavailable(_) => Self::Unavailable {
                upstream: Upstream::ApiServer,
                subject,
                cause,
            },
            // The object exists, but is larger than the console reads.
            cause @ openshift::ApiError::Transport(TransportError::TooLarge { .. }) => {
                Self::Unexpected {
                    upstream: Upstream::ApiServer,
                    cause,
                }
            }
            cause @ openshift::ApiError::Transport(_) => Self::Unreachable {
                upstream: Upstream::ApiServer,
                cause,
            },
            cause => Self::Unexpected {
                upstream: Upstream::ApiServer,
                cause,
            },
        }
    }
}
