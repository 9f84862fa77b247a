//! The state of the workloads of one kind.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::index::NotReadyReason;

/// Whether the workloads of a kind are in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum WorkloadKindState {
    /// They are being listed for the first time.
    Starting {
        since: DateTime<Utc>,
        /// Why the last attempt failed, if there was one.
        why: Option<NotReadyReason>,
    },
    /// They are up to date.
    Ready {
        since: DateTime<Utc>,
        /// How many there are.
        objects: usize,
    },
    /// The API server does not have the kind: there are none.
    NotServed { since: DateTime<Utc> },
    /// They may be outdated, and are read with each user's own token instead.
    Stale {
        since: DateTime<Utc>,
        why: NotReadyReason,
    },
}

impl WorkloadKindState {
    /// Whether all workloads of the kind are known.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready { .. } | Self::NotServed { .. })
    }

    /// Why the kind is not ready, if there is a problem.
    #[must_use]
    pub fn reason(&self) -> Option<NotReadyReason> {
        match *self {
            Self::Starting { why, .. } => why,
            Self::Stale { why, .. } => Some(why),
            Self::Ready { .. } | Self::NotServed { .. } => None,
        }
    }

    /// Since when the kind is in this state.
    #[must_use]
    pub fn since(&self) -> DateTime<Utc> {
        match *self {
            Self::Starting { since, .. }
            | Self::Ready { since, .. }
            | Self::NotServed { since }
            | Self::Stale { since, .. } => since,
        }
    }
}
