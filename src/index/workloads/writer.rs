//! The task that keeps the workloads of the index up to date.

use futures_util::future::join_all;

use super::content::WorkloadContent;
use super::reader::WorkloadIndexReader;
use super::source::WorkloadSource;
use super::state::WorkloadKindState;
use crate::index::backoff::Backoff;
use crate::index::memory::IndexMemory;
use crate::index::{IndexWriter, ServiceAccountSource};
use registry_model::{Clock, WorkloadKind};

/// Lists and watches the workloads of each kind for ever.
pub struct WorkloadIndexWriter(Vec<IndexWriter<WorkloadSource, WorkloadContent>>);

impl WorkloadIndexWriter {
    /// Creates a writer that reads with the token of `account`, and its reader. `memory` is shared
    /// with the image streams. Nothing is read before [`WorkloadIndexWriter::run`].
    #[must_use]
    pub fn new(
        account: &ServiceAccountSource,
        clock: &Clock,
        memory: &IndexMemory,
    ) -> (Self, WorkloadIndexReader) {
        let state = WorkloadKindState::Starting {
            since: clock.now(),
            why: None,
        };
        let reader = WorkloadIndexReader::with_state(&state);
        let writer = |kind| {
            let content = WorkloadContent::new(
                kind,
                reader.clone(),
                state.clone(),
                clock.clone(),
                memory.clone(),
            );
            let account = account.clone();
            IndexWriter::of_content(WorkloadSource { account, kind }, content, Backoff::new())
        };
        let writers = WorkloadKind::ALL.map(writer).into();
        (Self(writers), reader)
    }

    /// Keeps the workloads up to date for ever.
    pub async fn run(self) {
        join_all(self.0.into_iter().map(IndexWriter::run)).await;
    }
}
