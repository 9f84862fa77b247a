//! The task that keeps a part of the index up to date.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::backoff::Backoff;
use super::content::WatchedContent;
use super::memory::IndexMemory;
use super::reader::IndexReader;
use super::source::{IndexSource, SourceError};
use super::state::NotReadyReason;
use super::stream_content::StreamContent;
use crate::openshift::StreamItem;
use registry_model::Clock;

/// Lists, then watches, for ever (R13-R15): the image streams, or the objects of another content.
pub struct IndexWriter<S, C = StreamContent> {
    pub(super) source: S,
    pub(super) content: C,
    pub(super) backoff: Backoff,
    /// The latest resource version that was received.
    pub(super) resource_version: String,
    /// When the latest complete list had arrived.
    listed_at: Option<Instant>,
    /// Whether the next list is requested in chunks. After a list has expired before its end, the
    /// next one is requested without.
    use_chunks: bool,
    /// When the first of the latest consecutive refusals arrived.
    pub(super) first_refusal_at: Option<Instant>,
}

/// The delay while the right is missing: an administrator has to grant it.
pub(super) const NO_RIGHT_INTERVAL: Duration = Duration::from_secs(600);
/// How long a refusal (401, 403) is treated as temporary: an API server that has just started
/// refuses tokens and rights that it accepts a moment later. Source: measured on 4.x, up to two
/// minutes.
pub(super) const TRANSIENT_REFUSAL_PERIOD: Duration = Duration::from_secs(300);
/// After this time without errors, delays start again with the shortest.
pub(super) const STABLE_PERIOD: Duration = Duration::from_secs(120);

impl<S: IndexSource<Object = StreamItem>> IndexWriter<S> {
    /// Creates a writer of image streams that reads from `source`, and its reader. Nothing is read
    /// before [`IndexWriter::run`].
    #[must_use]
    pub fn new(source: S, clock: Clock) -> (Self, IndexReader) {
        Self::with_backoff(source, clock, Backoff::new())
    }

    pub(super) fn with_backoff(source: S, clock: Clock, backoff: Backoff) -> (Self, IndexReader) {
        let (content, reader) = StreamContent::new(clock);
        (Self::of_content(source, content, backoff), reader)
    }

    /// Sets the memory of the index. If the image streams would exceed it, the index is disabled,
    /// and lists are read without it.
    #[must_use]
    pub fn with_memory(mut self, memory: IndexMemory) -> Self {
        self.content = self.content.with_memory(memory);
        self
    }
}

impl<S: IndexSource, C: WatchedContent<Object = S::Object>> IndexWriter<S, C> {
    pub(super) fn of_content(source: S, content: C, backoff: Backoff) -> Self {
        Self {
            source,
            content,
            backoff,
            resource_version: String::new(),
            listed_at: None,
            use_chunks: true,
            first_refusal_at: None,
        }
    }

    /// Keeps the content up to date for ever.
    pub async fn run(mut self) {
        loop {
            let error = match self.read_list().await {
                Ok(()) => self.follow().await,
                Err(error) => error,
            };
            self.wait_after_error(error).await;
        }
    }

    /// Reads a complete list, which then replaces the content. Until then the content stays.
    async fn read_list(&mut self) -> Result<(), SourceError> {
        if !self.source.is_allowed().await? {
            return Err(NotReadyReason::NotAllowed.into());
        }
        let (mut listing, started) = (self.content.begin_list(), Instant::now());
        let content = &self.content;
        let mut take = |object| content.push(&mut listing, object);
        let listed = self.source.list(self.use_chunks, &mut take).await;
        self.content.record_list_duration(started.elapsed());
        self.use_chunks = !matches!(&listed, Err(error) if error.reason == NotReadyReason::Expired);
        let version = listed?;
        self.content.replace(listing, &version)?;
        self.resource_version = version;
        self.listed_at = Some(Instant::now());
        self.first_refusal_at = None;
        Ok(())
    }

    /// Publishes the error, and waits before the next attempt.
    pub(super) async fn wait_after_error(&mut self, error: SourceError) {
        let why = error.reason;
        if why == NotReadyReason::TooLarge {
            // Releases the memory. The next list has nothing to be compared with.
            self.content.discard();
            self.resource_version = String::new();
        }
        self.content.fail(&error);
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
}
