//! The task that keeps the index up to date.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::backoff::Backoff;
use super::reader::{IndexReader, PublishedIndex};
use super::source::{IndexSource, SourceError};
use super::state::{IndexState, NotReadyReason};
use super::table::{IndexTable, PendingList};
use crate::index::change_log::StreamChange;
use registry_model::Clock;

/// Lists, then watches, for ever (R13-R15).
pub struct IndexWriter<S> {
    pub(super) source: S,
    pub(super) backoff: Backoff,
    pub(super) table: IndexTable,
    /// The latest resource version that was received.
    pub(super) resource_version: String,
    reader: IndexReader,
    state: IndexState,
    clock: Clock,
    /// When the latest complete list had arrived.
    listed_at: Option<Instant>,
    /// Whether the next list is requested in chunks. After a list has expired before its end, the
    /// next one is requested without.
    use_chunks: bool,
    /// The approximate memory limit in bytes.
    max_bytes: usize,
    /// When the first of the latest consecutive refusals arrived.
    first_refusal_at: Option<Instant>,
}

/// The delay while the right is missing: an administrator has to grant it.
const NO_RIGHT_INTERVAL: Duration = Duration::from_secs(600);
/// How long a refusal (401, 403) is treated as temporary: an API server that has just started
/// refuses tokens and rights that it accepts a moment later. Source: measured on 4.x, up to two
/// minutes.
const TRANSIENT_REFUSAL_PERIOD: Duration = Duration::from_secs(300);
/// After this time without errors, delays start again with the shortest.
pub(super) const STABLE_PERIOD: Duration = Duration::from_secs(120);
/// How many image streams are read between two updates of the progress.
const PROGRESS_STEP_STREAMS: usize = 500;

impl<S: IndexSource> IndexWriter<S> {
    /// Creates a writer that reads from `source`, and its reader. Nothing is read before
    /// [`IndexWriter::run`].
    #[must_use]
    pub fn new(source: S, clock: Clock) -> (Self, IndexReader) {
        Self::with_backoff(source, clock, Backoff::new())
    }

    pub(super) fn with_backoff(source: S, clock: Clock, backoff: Backoff) -> (Self, IndexReader) {
        let state = IndexState::Starting {
            since: clock.now(),
            streams: 0,
            why: None,
        };
        record_state_metrics(&state);
        let reader = IndexReader::with_state(state.clone());
        let writer = Self {
            source,
            backoff,
            table: IndexTable::default(),
            resource_version: String::new(),
            reader: reader.clone(),
            state,
            clock,
            listed_at: None,
            use_chunks: true,
            max_bytes: usize::MAX,
            first_refusal_at: None,
        };
        (writer, reader)
    }

    /// Sets a memory limit of about `bytes`. If the index would exceed it, it is disabled, and
    /// lists are read without it.
    #[must_use]
    pub fn with_memory_limit(self, bytes: usize) -> Self {
        Self {
            max_bytes: bytes,
            ..self
        }
    }

    /// Keeps the index up to date for ever.
    pub async fn run(mut self) {
        loop {
            let error = match self.list_streams().await {
                Ok(()) => self.follow().await,
                Err(error) => error,
            };
            self.wait_after_error(error).await;
        }
    }

    /// Reads a complete list, which then replaces the content. Until then the content stays.
    async fn list_streams(&mut self) -> Result<(), SourceError> {
        if !self.source.is_allowed().await? {
            return Err(NotReadyReason::NotAllowed.into());
        }
        let (mut listing, started) = (PendingList::new(self.max_bytes), Instant::now());
        let (known, reader, starting) = (&self.table.snapshot, &self.reader, &self.state);
        let mut take = |item| {
            listing.push(item, known);
            if listing.len().is_multiple_of(PROGRESS_STEP_STREAMS) {
                publish_list_progress(reader, starting, listing.len());
            }
        };
        let listed = self.source.list(self.use_chunks, &mut take).await;
        metrics::histogram!("registry_console_index_list_duration_seconds")
            .record(started.elapsed().as_secs_f64());
        self.use_chunks = !matches!(&listed, Err(error) if error.reason == NotReadyReason::Expired);
        let (before, version) = (self.revision(), listed?);
        if listing.is_too_large() {
            return Err(self.too_large_error());
        }
        self.resource_version = version;
        self.listed_at = Some(Instant::now());
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

    /// Returns an error if the index exceeds its memory limit.
    pub(super) fn check_memory(&self) -> Result<(), SourceError> {
        let bytes = self.table.memory_bytes();
        metrics::gauge!("registry_console_index_memory_bytes").set(bytes as f64);
        if bytes > self.max_bytes {
            Err(self.too_large_error())
        } else {
            Ok(())
        }
    }

    fn too_large_error(&self) -> SourceError {
        let cause = format!(
            "the image streams of the cluster take more than {} MiB (INDEX_MEMORY)",
            self.max_bytes >> 20
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
    pub(super) fn publish_ready(&mut self, changed: Vec<(u64, StreamChange)>) {
        let since = match &self.state {
            IndexState::Ready { since, .. } => *since,
            _ => self.clock.now(),
        };
        let (streams, tags) = (self.table.snapshot.len(), self.table.snapshot.tag_count());
        self.table.snapshot.set_revision(self.revision());
        self.first_refusal_at = None;
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

    /// Publishes the error, and waits before the next attempt.
    pub(super) async fn wait_after_error(
        &mut self,
        SourceError { reason: why, cause }: SourceError,
    ) {
        metrics::counter!("registry_console_index_failures_total", "reason" => why.as_str())
            .increment(1);
        if why == NotReadyReason::TooLarge {
            // Releases the memory. The next list has nothing to be compared with.
            (self.table, self.resource_version) = Default::default();
        }
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
                error = cause
                    .as_deref()
                    .map(|cause| cause as &dyn std::error::Error),
                "the index is not up to date"
            );
        }
        self.publish_state(state);
        let refused = matches!(
            why,
            NotReadyReason::NotAllowed | NotReadyReason::TokenRefused
        );
        self.first_refusal_at = refused.then(|| self.first_refusal_at.unwrap_or_else(Instant::now));
        let due = self
            .listed_at
            .is_none_or(|listed| listed.elapsed() >= STABLE_PERIOD);
        let wait = match why {
            NotReadyReason::NotAllowed
                if self
                    .first_refusal_at
                    .is_some_and(|first| first.elapsed() >= TRANSIENT_REFUSAL_PERIOD) =>
            {
                self.backoff.with_jitter(NO_RIGHT_INTERVAL)
            }
            NotReadyReason::TooLarge => self.backoff.with_jitter(NO_RIGHT_INTERVAL),
            // Expected, and a new list helps at once. Twice within minutes it is neither.
            NotReadyReason::Expired | NotReadyReason::ResourceVersionRegressed if due => {
                Duration::ZERO
            }
            _ => self.backoff.next_delay(),
        };
        sleep(wait).await;
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
