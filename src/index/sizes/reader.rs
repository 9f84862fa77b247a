//! The state of the sizes in the index.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::index::NotReadyReason;
use crate::openshift::ImageRecords;

/// Whether the sizes of all images are in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SizeIndexState {
    /// Since when there is this problem, or none.
    pub since: DateTime<Utc>,
    /// Why no image streams can be read at present.
    pub problem: Option<NotReadyReason>,
    /// Whether there was an index of image streams, so that it is known what to read.
    pub has_begun: bool,
    /// How many image streams wait to be read.
    pub waiting: usize,
    /// How many image streams are not read because the memory does not suffice.
    pub left_out: usize,
    /// How many could not be read, several times.
    pub failed: usize,
    /// How many images there are in memory.
    pub images: usize,
}

/// Reads the state of the sizes. Cheap to clone; no method waits.
#[derive(Clone)]
pub struct SizeIndexReader(Option<Arc<Published>>);

struct Published {
    state: ArcSwap<SizeIndexState>,
    records: ImageRecords,
}

impl SizeIndexReader {
    /// The reader of an index without sizes.
    #[must_use]
    pub fn disabled() -> Self {
        Self(None)
    }

    pub(super) fn new(state: SizeIndexState, records: ImageRecords) -> Self {
        Self(Some(Arc::new(Published {
            state: ArcSwap::from_pointee(state),
            records,
        })))
    }

    /// The state. `None` without sizes in the index.
    #[must_use]
    pub fn state(&self) -> Option<Arc<SizeIndexState>> {
        self.0.as_ref().map(|published| published.state.load_full())
    }

    /// The records for the clients of users.
    #[must_use]
    pub fn image_records(&self) -> Option<ImageRecords> {
        self.0.as_ref().map(|published| published.records.clone())
    }

    pub(super) fn publish(&self, state: SizeIndexState) {
        if let Some(published) = &self.0 {
            published.state.store(Arc::new(state));
        }
    }
}

impl fmt::Debug for SizeIndexReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SizeIndexReader")
            .field(&self.state())
            .finish()
    }
}
