//! The image streams of the index and their readers, as a writer keeps them up to date.

use std::time::Duration;

use super::content::WatchedContent;
use super::memory::IndexMemory;
use super::reader::{IndexReader, PublishedIndex};
use super::source::SourceError;
use super::state::{IndexState, NotReadyReason};
use super::table::{IndexTable, PendingList};
use crate::index::change_log::StreamChange;
use crate::openshift::{StreamItem, WatchEventKind};
use registry_model::Clock;

/// The table of all image streams, its state and its reader.
pub struct StreamContent {
    table: IndexTable,
    /// The resource version of the table.
    resource_version: String,
    reader: IndexReader,
    state: IndexState,
    clock: Clock,
    memory: IndexMemory,
}

/// How many image streams are read between two updates of the progress.
const PROGRESS_STEP_STREAMS: usize = 500;

impl StreamContent {
    pub(super) fn new(clock: Clock) -> (Self, IndexReader) {
        let state = IndexState::Starting {
            since: clock.now(),
            streams: 0,
            why: None,
        };
        record_state_metrics(&state);
        let reader = IndexReader::with_state(state.clone());
        let content = Self {
            table: IndexTable::default(),
            resource_version: String::new(),
            reader: reader.clone(),
            state,
            clock,
            memory: IndexMemory::unlimited(),
        };
        (content, reader)
    }

    pub(super) fn with_memory(self, memory: IndexMemory) -> Self {
        Self { memory, ..self }
    }

    /// Returns an error if the image streams exceed the memory limit.
    fn check_memory(&self) -> Result<(), SourceError> {
        let bytes = self.table.memory_bytes();
        metrics::gauge!("registry_console_index_memory_bytes").set(bytes as f64);
        self.memory.set_streams(bytes);
        if bytes > self.memory.limit() {
            Err(self.too_large_error())
        } else {
            Ok(())
        }
    }

    fn too_large_error(&self) -> SourceError {
        let cause = format!(
            "the image streams of the cluster take more than {} MiB (INDEX_MEMORY)",
            self.memory.limit() >> 20
        );
        SourceError {
            reason: NotReadyReason::TooLarge,
            cause: Some(cause.into()),
        }
    }

    /// The latest revision, if resource versions are numbers.
    fn revision(&self) -> Option<u64> {
        self.resource_version.parse().ok()
    }

    /// Publishes the table as up to date, and appends the changes to the change log.
    fn publish_ready(&mut self, changed: Vec<(u64, StreamChange)>) {
        let since = match &self.state {
            IndexState::Ready { since, .. } => *since,
            _ => self.clock.now(),
        };
        let (streams, tags) = (self.table.snapshot.len(), self.table.snapshot.tag_count());
        self.table.snapshot.set_revision(self.revision());
        self.publish_state(IndexState::Ready {
            since,
            version: self.resource_version.clone(),
            streams,
            tags,
        });
        metrics::gauge!("registry_console_index_image_streams").set(streams as f64);
        metrics::gauge!("registry_console_index_tags").set(tags as f64);
        if !changed.is_empty() {
            self.reader.change_log().append(changed);
        }
    }

    fn publish_state(&mut self, state: IndexState) {
        if let IndexState::Ready { streams, tags, .. } = &state
            && self.state.as_str() != state.as_str()
        {
            tracing::info!(streams, tags, "the index is ready");
        }
        record_state_metrics(&state);
        self.reader.publish(PublishedIndex {
            state: state.clone(),
            snapshot: self.table.snapshot.clone(),
        });
        self.state = state;
    }
}

impl WatchedContent for StreamContent {
    type Object = StreamItem;
    type Listing = PendingList;

    fn begin_list(&self) -> PendingList {
        PendingList::new(self.memory.limit())
    }

    fn push(&self, listing: &mut PendingList, object: StreamItem) {
        listing.push(object, &self.table.snapshot);
        if listing.len().is_multiple_of(PROGRESS_STEP_STREAMS) {
            publish_list_progress(&self.reader, &self.state, listing.len());
        }
    }

    fn record_list_duration(&self, duration: Duration) {
        metrics::histogram!("registry_console_index_list_duration_seconds")
            .record(duration.as_secs_f64());
    }

    fn replace(&mut self, listing: PendingList, version: &str) -> Result<(), SourceError> {
        if listing.is_too_large() {
            return Err(self.too_large_error());
        }
        let before = self.revision();
        version.clone_into(&mut self.resource_version);
        let changed = self.table.replace_all(listing);
        self.check_memory()?;
        let revision = self.revision();
        if before.is_none() || revision < before {
            // There is nothing to compare with, or it comes from before the API server was
            // restored.
            self.reader.change_log().reset_to(revision);
            self.publish_ready(Vec::new());
        } else {
            self.publish_ready(
                changed
                    .into_iter()
                    .map(|changed| (revision.unwrap_or_default(), changed))
                    .collect(),
            );
        }
        Ok(())
    }

    fn apply(
        &mut self,
        changes: Vec<(WatchEventKind, StreamItem)>,
        version: &str,
    ) -> Result<(), SourceError> {
        metrics::counter!("registry_console_index_watch_events_total")
            .increment(changes.len() as u64);
        version.clone_into(&mut self.resource_version);
        let changed = self.table.apply(changes);
        self.check_memory()?;
        self.publish_ready(changed);
        Ok(())
    }

    fn fail(&mut self, error: &SourceError) {
        let why = error.reason;
        metrics::counter!("registry_console_index_failures_total", "reason" => why.as_str())
            .increment(1);
        let state = match &self.state {
            IndexState::Starting { since, .. } => IndexState::Starting {
                since: *since,
                streams: 0,
                why: Some(why),
            },
            IndexState::Stale { since, .. } => IndexState::Stale { since: *since, why },
            _ => IndexState::Stale {
                since: self.clock.now(),
                why,
            },
        };
        if self.state.reason() != Some(why) {
            let state = state.as_str();
            tracing::warn!(
                state,
                reason = why.as_str(),
                error = error
                    .cause
                    .as_deref()
                    .map(|cause| cause as &dyn std::error::Error),
                "the index is not up to date"
            );
        }
        self.publish_state(state);
    }

    fn discard(&mut self) {
        (self.table, self.resource_version) = Default::default();
        self.memory.set_streams(0);
    }
}

/// `registry_console_index_state{state}` is 1 for the current state;
/// `registry_console_index_state_change_timestamp_seconds` is the time at which it began.
pub(super) fn record_state_metrics(state: &IndexState) {
    metrics::gauge!("registry_console_index_ready").set(
        if matches!(state, IndexState::Ready { .. }) {
            1.0
        } else {
            0.0
        },
    );
    for word in IndexState::ALL_LABELS {
        metrics::gauge!("registry_console_index_state", "state" => word)
            .set(if word == state.as_str() { 1.0 } else { 0.0 });
    }
    metrics::gauge!("registry_console_index_state_change_timestamp_seconds")
        .set(state.since().map_or(0.0, |since| since.timestamp() as f64));
}

fn publish_list_progress(reader: &IndexReader, state: &IndexState, streams: usize) {
    if let IndexState::Starting { since, why, .. } = state {
        reader.publish(PublishedIndex {
            state: IndexState::Starting {
                since: *since,
                streams,
                why: *why,
            },
            snapshot: super::Snapshot::default(),
        });
    }
}
