//! The workloads of one kind and their readers, as a writer keeps them up to date.

use std::time::Duration;

use super::reader::{PublishedKind, WorkloadIndexReader};
use super::state::WorkloadKindState;
use super::table::{KindSnapshot, KindTable, PendingWorkloads};
use crate::index::content::WatchedContent;
use crate::index::memory::IndexMemory;
use crate::index::{NotReadyReason, SourceError};
use crate::openshift::{WatchEventKind, WorkloadItem};
use registry_model::{Clock, WorkloadKind};

/// The table of a kind, its state and its reader.
pub(super) struct WorkloadContent {
    kind: WorkloadKind,
    table: KindTable,
    reader: WorkloadIndexReader,
    state: WorkloadKindState,
    clock: Clock,
    memory: IndexMemory,
}

impl WorkloadContent {
    pub(super) fn new(
        kind: WorkloadKind,
        reader: WorkloadIndexReader,
        state: WorkloadKindState,
        clock: Clock,
        memory: IndexMemory,
    ) -> Self {
        let content = Self {
            kind,
            table: KindTable::new(kind),
            reader,
            state,
            clock,
            memory,
        };
        content.record_state_metrics();
        content
    }

    /// Returns an error if the kind exceeds the memory that is left for it.
    fn check_memory(&self) -> Result<(), SourceError> {
        let bytes = self.table.memory_bytes();
        self.record_memory(bytes);
        if bytes > self.memory.left_for(self.kind) {
            Err(self.too_large_error())
        } else {
            Ok(())
        }
    }

    fn record_memory(&self, bytes: usize) {
        self.memory.set_workloads(self.kind, bytes);
        metrics::gauge!("registry_console_index_workload_memory_bytes")
            .set(self.memory.workload_bytes() as f64);
    }

    fn too_large_error(&self) -> SourceError {
        let cause = format!(
            "the {} of the cluster do not fit into the {} MiB of the index (INDEX_MEMORY)",
            self.kind.resource(),
            self.memory.limit() >> 20
        );
        SourceError {
            reason: NotReadyReason::TooLarge,
            cause: Some(cause.into()),
        }
    }

    fn publish_ready(&mut self) {
        let since = match self.state {
            WorkloadKindState::Ready { since, .. } => since,
            _ => {
                let (kind, objects) = (self.kind.resource(), self.table.len());
                tracing::info!(kind, objects, "workloads are in the index");
                self.clock.now()
            }
        };
        self.publish(WorkloadKindState::Ready {
            since,
            objects: self.table.len(),
        });
    }

    fn publish(&mut self, state: WorkloadKindState) {
        self.state = state;
        self.record_state_metrics();
        let snapshot = if self.state.is_ready() {
            self.table.snapshot.clone()
        } else {
            KindSnapshot::default()
        };
        self.reader.publish(
            self.kind,
            PublishedKind {
                state: self.state.clone(),
                snapshot,
            },
        );
    }

    fn record_state_metrics(&self) {
        let kind = self.kind.resource();
        let ready = if self.state.is_ready() { 1.0 } else { 0.0 };
        metrics::gauge!("registry_console_index_workloads_ready", "kind" => kind).set(ready);
        metrics::gauge!("registry_console_index_workloads", "kind" => kind)
            .set(self.table.len() as f64);
    }
}

impl WatchedContent for WorkloadContent {
    type Object = WorkloadItem;
    type Listing = PendingWorkloads;

    fn begin_list(&self) -> PendingWorkloads {
        self.table.begin_list(self.memory.left_for(self.kind))
    }

    fn push(&self, listing: &mut PendingWorkloads, object: WorkloadItem) {
        listing.push(object);
    }

    fn record_list_duration(&self, duration: Duration) {
        let kind = self.kind.resource();
        metrics::histogram!("registry_console_index_workload_list_duration_seconds", "kind" => kind)
            .record(duration.as_secs_f64());
    }

    fn replace(&mut self, listing: PendingWorkloads, _version: &str) -> Result<(), SourceError> {
        if listing.is_too_large() {
            return Err(self.too_large_error());
        }
        self.table.replace_all(listing);
        self.check_memory()?;
        self.publish_ready();
        Ok(())
    }

    fn apply(
        &mut self,
        changes: Vec<(WatchEventKind, WorkloadItem)>,
        _version: &str,
    ) -> Result<(), SourceError> {
        let kind = self.kind.resource();
        metrics::counter!("registry_console_index_workload_watch_events_total", "kind" => kind)
            .increment(changes.len() as u64);
        self.table.apply(changes);
        self.check_memory()?;
        self.publish_ready();
        Ok(())
    }

    fn fail(&mut self, error: &SourceError) {
        let (why, since) = (error.reason, self.clock.now());
        if why == NotReadyReason::NotServed {
            self.table.clear();
            self.record_memory(0);
            if !matches!(self.state, WorkloadKindState::NotServed { .. }) {
                self.publish(WorkloadKindState::NotServed { since });
            }
            return;
        }
        let kind = self.kind.resource();
        metrics::counter!("registry_console_index_workload_failures_total", "kind" => kind, "reason" => why.as_str())
            .increment(1);
        let state = match self.state {
            WorkloadKindState::Starting { since, .. } => WorkloadKindState::Starting {
                since,
                why: Some(why),
            },
            WorkloadKindState::Stale { since, .. } => WorkloadKindState::Stale { since, why },
            _ => WorkloadKindState::Stale { since, why },
        };
        if self.state.reason() != Some(why) {
            tracing::warn!(
                kind,
                reason = why.as_str(),
                error = error
                    .cause
                    .as_deref()
                    .map(|cause| cause as &dyn std::error::Error),
                "workloads in the index are not up to date"
            );
        }
        self.publish(state);
    }

    fn discard(&mut self) {
        self.table.clear();
        self.record_memory(0);
    }
}
