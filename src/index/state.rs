//! How the index is.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// How the index is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum IndexState {
    /// Nobody asked for one.
    NotConfigured,
    /// It is being filled for the first time.
    Starting {
        since: DateTime<Utc>,
        /// How many image streams have come so far.
        streams: usize,
        /// Why the last try came to nothing, if there was one.
        why: Option<NotReadyReason>,
    },
    /// It shows what the master told a moment ago.
    Ready {
        since: DateTime<Utc>,
        /// The latest revision that it has heard of.
        version: String,
        /// How many image streams it holds.
        streams: usize,
        tags: usize,
    },
    /// It has lost the API server. What it holds may be old: it is shown only while the API server
    /// cannot be asked, and with its age.
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
    /// The master does not know the token.
    TokenRefused,
    /// The service account may not list or watch the image streams of the cluster.
    NotAllowed,
    /// The master gives no answer.
    Unreachable,
    /// The API server, or the image API behind it, cannot answer just now (502, 503, 504).
    Unavailable,
    /// The API server has just started and has not loaded its roles yet: it refuses everything.
    RolesNotLoaded,
    /// The API server does not serve image streams.
    NotServed,
    /// The master answers with an error.
    Refused,
    /// The master no longer knows what has happened since (410). Everyday after a long break.
    Expired,
    /// The master is at an older revision than before: it was restored from a backup, or is another
    /// one.
    WentBack,
    /// What the master says makes no sense.
    Nonsense,
    /// The image streams of the cluster take more memory than the index may have.
    TooLarge,
}

impl NotReadyReason {
    /// Whether what the index holds may still be shown, with its age, to people who may see it: the
    /// API server is out of reach, and nothing says that it has become another one or that the
    /// console has lost its right.
    #[must_use]
    pub fn is_outage(self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::Unavailable | Self::RolesNotLoaded
        )
    }

    /// One fixed word: the label of its metric.
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
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::WentBack => "went-back",
            Self::Nonsense => "nonsense",
            Self::TooLarge => "too-large",
        }
    }
}

impl IndexState {
    /// All words of [`IndexState::as_str`].
    pub const ALL_LABELS: [&'static str; 4] = ["not-configured", "starting", "ready", "stale"];

    /// Since when it is so; nothing where there is no index.
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

    /// Why it is not ready, if something is wrong.
    #[must_use]
    pub fn reason(&self) -> Option<NotReadyReason> {
        match *self {
            Self::Starting { why, .. } => why,
            Self::Stale { why, .. } => Some(why),
            _ => None,
        }
    }
}
