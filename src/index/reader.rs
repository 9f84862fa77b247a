//! The read access to the index.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::sizes::SizeIndexReader;
use super::snapshot::Snapshot;
use super::state::IndexState;
use super::workloads::WorkloadIndexReader;
use crate::index::change_log::{ChangeLog, ChangesRead, Cursor, StreamChange};

/// Reads the index. Cheap to clone; no method waits.
#[derive(Clone)]
pub struct IndexReader {
    inner: Arc<ReaderInner>,
    workloads: WorkloadIndexReader,
    sizes: SizeIndexReader,
}

/// The latest state and snapshot, published together so that they match.
pub(super) struct PublishedIndex {
    pub(super) state: IndexState,
    pub(super) snapshot: Snapshot,
}

pub(super) struct ReaderInner {
    published: ArcSwap<PublishedIndex>,
    change_log: ChangeLog,
}

impl IndexReader {
    /// The reader of a console without an index.
    #[must_use]
    pub fn disabled() -> Self {
        Self::with_state(IndexState::NotConfigured)
    }

    pub(super) fn with_state(state: IndexState) -> Self {
        let latest = ArcSwap::from_pointee(PublishedIndex {
            state,
            snapshot: Snapshot::default(),
        });
        let inner = ReaderInner {
            published: latest,
            change_log: ChangeLog::new(),
        };
        Self {
            inner: Arc::new(inner),
            workloads: WorkloadIndexReader::disabled(),
            sizes: SizeIndexReader::disabled(),
        }
    }

    /// Adds the workloads, which a writer of their own keeps up to date.
    #[must_use]
    pub fn with_workloads(self, workloads: WorkloadIndexReader) -> Self {
        Self { workloads, ..self }
    }

    /// The workloads.
    #[must_use]
    pub fn workloads(&self) -> &WorkloadIndexReader {
        &self.workloads
    }

    /// Adds the sizes of all images, which a task of their own reads.
    #[must_use]
    pub fn with_sizes(self, sizes: SizeIndexReader) -> Self {
        Self { sizes, ..self }
    }

    /// The sizes of all images.
    #[must_use]
    pub fn sizes(&self) -> &SizeIndexReader {
        &self.sizes
    }

    /// The state of the index.
    #[must_use]
    pub fn state(&self) -> IndexState {
        self.inner.published.load().state.clone()
    }

    /// All image streams, if the index is up to date. Copies a few pointers.
    #[must_use]
    pub fn current_snapshot(&self) -> Option<Snapshot> {
        let latest = self.inner.published.load();
        matches!(latest.state, IndexState::Ready { .. }).then(|| latest.snapshot.clone())
    }

    /// The content of the index during an outage of the API server, and when it was last up to
    /// date. For users who may see it, only where nothing newer is available, and never without its
    /// age.
    #[must_use]
    pub fn stale_snapshot(&self) -> Option<(Snapshot, DateTime<Utc>)> {
        let latest = self.inner.published.load();
        match latest.state {
            IndexState::Stale { since, why } if why.is_outage() => {
                Some((latest.snapshot.clone(), since))
            }
            _ => None,
        }
    }

    /// Wakes whenever something has changed that a list shows.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.inner.change_log.subscribe()
    }

    /// Passes every change since `cursor`, with its revision, to `take`, which must be quick.
    pub fn changes_since(
        &self,
        since: Cursor,
        take: impl FnMut(u64, &StreamChange),
    ) -> ChangesRead {
        self.inner.change_log.changes_since(since, take)
    }

    pub(super) fn publish(&self, latest: PublishedIndex) {
        self.inner.published.store(Arc::new(latest));
    }

    pub(super) fn change_log(&self) -> &ChangeLog {
        &self.inner.change_log
    }
}

impl fmt::Debug for IndexReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader")
            .field(&self.inner.published.load().state)
            .finish()
    }
}
