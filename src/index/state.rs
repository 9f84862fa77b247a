//! The state of the index.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// The state of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum IndexState {
    /// The index is not enabled.
    NotConfigured,
    /// The index is being filled for the first time.
    Starting {
        since: DateTime<Utc>,
        /// How many image streams have been read so far.
        streams: usize,
        /// Why the last attempt failed, if there was one.
        why: Option<NotReadyReason>,
    },
    /// The index is up to date.
    Ready {
        since: DateTime<Utc>,
        /// The latest resource version that was received.
        version: String,
        /// How many image streams it contains.
        streams: usize,
        tags: usize,
    },
    /// The index has lost the API server. Its content may be outdated: it is shown only while the
    /// API server is not available, and with its age.
    Stale {
        since: DateTime<Utc>,
        why: NotReadyReason,
    },
}

/// Why the index is not up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotReadyReason {
    /// The token of the service account cannot be read.
    NoToken,
    /// The API server does not accept the token.
    TokenRefused,
    /// The service account may not list or watch the image streams of the cluster.
    NotAllowed,
    /// The API server does not answer.
    Unreachable,
    /// The API server, or the image API behind it, is not available (502, 503, 504).
    Unavailable,
    /// The API server has just started and has not loaded its roles yet: it refuses everything.
    RolesNotLoaded,
    /// The API server does not serve image streams.
    NotServed,
    /// The API server answers with another error.
    #[serde(rename = "refused")]
    ErrorResponse,
    /// The API server no longer has the events since the last resource version (410). Expected
    /// after a long interruption.
    Expired,
    /// The API server is at an older resource version than before: it was restored from a backup,
    /// or is another one.
    #[serde(rename = "went-back")]
    ResourceVersionRegressed,
    /// The API server's response is malformed.
    #[serde(rename = "nonsense")]
    MalformedResponse,
    /// The image streams of the cluster take more memory than the index may use.
    TooLarge,
}

impl NotReadyReason {
    /// Whether the content of the index may still be shown, with its age, to users who may see it:
    /// the API server is not available, and nothing indicates that it is another one or that the
    /// console has lost its right.
    #[must_use]
    pub fn is_outage(self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::Unavailable | Self::RolesNotLoaded
        )
    }

    /// A fixed name: the label of the metric.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoToken => "no-token",
            Self::TokenRefused => "token-refused",
            Self::NotAllowed => "not-allowed",
            Self::Unreachable => "unreachable",
            Self::Unavailable => "unavailable",
            Self::RolesNotLoaded => "roles-not-loaded",
            Self::NotServed => "not-served",
            Self::ErrorResponse => "refused",
            Self::Expired => "expired",
            Self::ResourceVersionRegressed => "went-back",
            Self::MalformedResponse => "nonsense",
            Self::TooLarge => "too-large",
        }
    }
}

impl IndexState {
    /// All values of [`IndexState::as_str`].
    pub const ALL_LABELS: [&'static str; 4] = ["not-configured", "starting", "ready", "stale"];

    /// Since when the index is in this state; `None` without an index.
    #[must_use]
    pub fn since(&self) -> Option<DateTime<Utc>> {
        match *self {
            Self::NotConfigured => None,
            Self::Starting { since, .. }
            | Self::Ready { since, .. }
            | Self::Stale { since, .. } => Some(since),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NotConfigured => "not-configured",
            Self::Starting { .. } => "starting",
            Self::Ready { .. } => "ready",
            Self::Stale { .. } => "stale",
        }
    }

    /// Why the index is not ready, if there is a problem.
    #[must_use]
    pub fn reason(&self) -> Option<NotReadyReason> {
        match *self {
            Self::Starting { why, .. } => why,
            Self::Stale { why, .. } => Some(why),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NotReadyReason;

    #[test]
    fn reason_is_the_same_text_in_json_and_metrics() {
        for (reason, text) in [
            (NotReadyReason::ErrorResponse, "refused"),
            (NotReadyReason::ResourceVersionRegressed, "went-back"),
            (NotReadyReason::MalformedResponse, "nonsense"),
            (NotReadyReason::RolesNotLoaded, "roles-not-loaded"),
        ] {
            assert_eq!(reason.as_str(), text);
            assert_eq!(serde_json::json!(reason), text);
        }
    }
}
