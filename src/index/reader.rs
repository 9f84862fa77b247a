//! What everybody else sees of the index.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::snapshot::Snapshot;
use super::state::IndexState;
use crate::index::change_log::{ChangeLog, ChangesRead, Cursor, StreamChange};

/// Looks at the index. Cheap to clone, and never waits.
#[derive(Clone)]
pub struct IndexReader(Arc<ReaderInner>);

/// What is latest: read at once, so that state and content belong together.
pub(super) struct PublishedIndex {
    pub(super) state: IndexState,
    pub(super) snapshot: Snapshot,
}

pub(super) struct ReaderInner {
    published: ArcSwap<PublishedIndex>,
    change_log: ChangeLog,
}

impl IndexReader {
    /// There is no index.
    #[must_use]
    pub fn disabled() -> Self {
        Self::with_state(IndexState::NotConfigured)
    }

    pub(super) fn with_state(state: IndexState) -> Self {
        let latest = ArcSwap::from_pointee(PublishedIndex {
            state,
            snapshot: Snapshot::default(),
        });
        Self(Arc::new(ReaderInner {
            published: latest,
            change_log: ChangeLog::new(),
        }))
    }

    /// How the index is.
    #[must_use]
    pub fn state(&self) -> IndexState {
        self.0.published.load().state.clone()
    }

    /// All image streams, if the index is up to date: a copy of a few pointers.
    #[must_use]
    pub fn current_snapshot(&self) -> Option<Snapshot> {
        let latest = self.0.published.load();
        matches!(latest.state, IndexState::Ready { .. }).then(|| latest.snapshot.clone())
    }

    /// What it holds while it has lost the API server to an outage, and up to when that was up to
    /// date. Only where people who may see it can get nothing newer, and never without its age.
    #[must_use]
    pub fn stale_snapshot(&self) -> Option<(Snapshot, DateTime<Utc>)> {
        let latest = self.0.published.load();
        match latest.state {
            IndexState::Stale { since, why } if why.is_outage() => {
                Some((latest.snapshot.clone(), since))
            }
            _ => None,
        }
    }

    /// Wakes whenever something has changed that lists show.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.change_log.subscribe()
    }

    /// Gives every change since then, with its revision, to `take`, which should not take long.
    pub fn changes_since(
        &self,
        since: Cursor,
        take: impl FnMut(u64, &StreamChange),
    ) -> ChangesRead {
        self.0.change_log.changes_since(since, take)
    }

    pub(super) fn publish(&self, latest: PublishedIndex) {
        self.0.published.store(Arc::new(latest));
    }

    pub(super) fn change_log(&self) -> &ChangeLog {
        &self.0.change_log
    }
}

impl fmt::Debug for IndexReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader")
            .field(&self.0.published.load().state)
            .finish()
    }
}
