//! The task that keeps the sizes of all images in memory.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::queue::{StreamPath, StreamQueue};
use super::reader::{SizeIndexReader, SizeIndexState};
use super::source::{SizeRead, SizeSource};
use crate::index::backoff::Backoff;
use crate::index::change_log::Cursor;
use crate::index::stream::IndexedStream;
use crate::index::writer::{NO_RIGHT_INTERVAL, TRANSIENT_REFUSAL_PERIOD};
use crate::index::{IndexReader, NotReadyReason, ServiceAccountSource, SourceError};
use crate::openshift::{ImageRecords, WatchEventKind};
use registry_model::Clock;

/// When an image stream that has not changed is read again: image objects can be deleted without a
/// change of the image stream. Half as long as records are used.
const REFRESH_INTERVAL: Duration = Duration::from_secs(6 * 3600);

/// How often all image streams are looked through for those that have to be read. Sends no request.
const SCAN_INTERVAL: Duration = Duration::from_secs(600);

/// How often it is looked whether the index is up to date.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// How often in succession an image stream is read that the API server cannot send.
const MAX_ATTEMPTS: u8 = 3;

/// Reads the image streams that have changed, for ever, or until the API server says that it does not
/// serve the sizes.
pub struct SizeIndexWriter<S = ServiceAccountSource> {
    source: S,
    index: IndexReader,
    records: ImageRecords,
    reader: SizeIndexReader,
    state: SizeIndexState,
    clock: Clock,
    queue: StreamQueue,
    /// The time between two requests.
    period: Duration,
    backoff: Backoff,
    changes: watch::Receiver<u64>,
    /// The position in the change log. `None` before the first look at all image streams.
    cursor: Option<Cursor>,
    scanned_at: Option<Instant>,
    /// When each image stream was read.
    read_at: HashMap<StreamPath, Instant>,
    attempts: HashMap<StreamPath, u8>,
    refused_since: Option<Instant>,
}

impl SizeIndexWriter {
    /// Creates a writer that reads at most `per_second` image streams with the token of `account`,
    /// and its reader. `account` has `records`. Nothing is read before [`SizeIndexWriter::run`].
    #[must_use]
    pub fn new(
        account: ServiceAccountSource,
        index: IndexReader,
        records: ImageRecords,
        per_second: NonZeroU32,
        clock: Clock,
    ) -> (Self, SizeIndexReader) {
        Self::with_source(account, index, records, per_second, clock)
    }
}

impl<S: SizeSource> SizeIndexWriter<S> {
    pub(super) fn with_source(
        source: S,
        index: IndexReader,
        records: ImageRecords,
        per_second: NonZeroU32,
        clock: Clock,
    ) -> (Self, SizeIndexReader) {
        let state = SizeIndexState {
            since: clock.now(),
            problem: None,
            has_begun: false,
            waiting: 0,
            left_out: 0,
            failed: 0,
            images: 0,
        };
        let reader = SizeIndexReader::new(state.clone(), records.clone());
        let writer = Self {
            source,
            changes: index.subscribe(),
            index,
            records,
            reader: reader.clone(),
            state,
            clock,
            queue: StreamQueue::default(),
            period: Duration::from_secs(1) / per_second.get(),
            backoff: Backoff::new(),
            cursor: None,
            scanned_at: None,
            read_at: HashMap::new(),
            attempts: HashMap::new(),
            refused_since: None,
        };
        (writer, reader)
    }

    /// Reads for ever. Ends if the API server does not serve the sizes.
    pub async fn run(mut self) {
        let mut ticks = interval(self.period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.enqueue();
            self.publish();
            let Some(path) = self.queue.pop() else {
                // The other end lives as long as `index`.
                let _ = timeout(CHECK_INTERVAL, self.changes.changed()).await;
                continue;
            };
            if !self.read_at.contains_key(&path) && !self.records.has_room() {
                self.state.left_out += 1;
                continue;
            }
            ticks.tick().await;
            metrics::counter!("registry_console_index_size_requests_total").increment(1);
            match self.source.read(&path).await {
                SizeRead::Read => self.succeed(Some(path)),
                SizeRead::Gone => {
                    self.read_at.remove(&path);
                    self.succeed(None);
                }
                SizeRead::Failed { error, retry_after } => {
                    let Some(wait) = self.fail(path, &error) else {
                        self.publish();
                        return;
                    };
                    self.publish();
                    sleep(wait.max(retry_after.unwrap_or_default())).await;
                }
            }
        }
    }

    /// Adds to the queue what has changed, or all image streams that have to be read. Waits for an
    /// index that is up to date.
    fn enqueue(&mut self) {
        let Some(snapshot) = self.index.current_snapshot() else {
            return;
        };
        self.state.has_begun = true;
        let mut changed = Vec::new();
        let since = self.cursor.unwrap_or(Cursor::Position(u64::MAX));
        let read = self.index.changes_since(since, |_, change| {
            changed.push((change.kind, (change.project.clone(), change.name.clone())));
        });
        self.cursor = Some(read.cursor);
        for (kind, path) in changed {
            self.attempts.remove(&path);
            if kind == WatchEventKind::Deleted {
                self.read_at.remove(&path);
            } else if let Some(stream) = snapshot.stream(&path.0, &path.1)
                && self.has_unread_image(stream)
            {
                self.queue.push_front(path);
            }
        }
        let is_due = self
            .scanned_at
            .is_none_or(|scanned| scanned.elapsed() >= SCAN_INTERVAL);
        if !is_due && read.is_complete {
            return;
        }
        self.scanned_at = Some(Instant::now());
        (self.state.left_out, self.state.failed) = (0, 0);
        self.attempts.clear();
        let has_room = self.records.has_room();
        let mut due = Vec::new();
        for entry in snapshot.streams() {
            let path = (entry.stream.project.clone(), entry.stream.name.clone());
            match self.read_at.get(&path) {
                Some(read) if read.elapsed() < REFRESH_INTERVAL => {}
                Some(_) => due.push((entry.last_push_micros(), path)),
                None if !self.has_unread_image(&entry.stream) => {}
                None if has_room => due.push((entry.last_push_micros(), path)),
                None => self.state.left_out += 1,
            }
        }
        due.sort_unstable_by(|a, b| b.cmp(a));
        for (_, path) in due {
            self.queue.push_back(path);
        }
    }

    fn has_unread_image(&self, stream: &IndexedStream) -> bool {
        let mut events = stream.tags().flat_map(|tag| tag.history);
        events.any(|event| {
            let image = event.image.as_ref();
            image.is_some_and(|image| !self.records.has(image))
        })
    }

    fn succeed(&mut self, read: Option<StreamPath>) {
        if let Some(path) = read {
            self.attempts.remove(&path);
            self.read_at.insert(path, Instant::now());
        }
        self.backoff.reset();
        self.refused_since = None;
        if self.state.problem.take().is_some() {
            self.state.since = self.clock.now();
            tracing::info!("the sizes of images can be read again");
        }
    }

    /// How long to wait after an error. `None`: there is nothing to wait for.
    fn fail(&mut self, path: StreamPath, error: &SourceError) -> Option<Duration> {
        let why = error.reason;
        metrics::counter!("registry_console_index_size_failures_total", "reason" => why.as_str())
            .increment(1);
        let is_about_stream = matches!(
            why,
            NotReadyReason::ErrorResponse | NotReadyReason::MalformedResponse
        );
        if is_about_stream {
            return Some(self.fail_stream(path, error));
        }
        self.set_problem(error);
        if why == NotReadyReason::NotServed {
            self.queue = StreamQueue::default();
            return None;
        }
        self.queue.push_front(path);
        let is_refused = why == NotReadyReason::NotAllowed;
        self.refused_since = is_refused.then(|| self.refused_since.unwrap_or_else(Instant::now));
        Some(match self.refused_since {
            Some(since) if since.elapsed() >= TRANSIENT_REFUSAL_PERIOD => {
                self.backoff.with_jitter(NO_RIGHT_INTERVAL)
            }
            _ => self.backoff.next_delay(),
        })
    }

    /// An image stream that cannot be read delays others, but does not prevent that they are read.
    fn fail_stream(&mut self, path: StreamPath, error: &SourceError) -> Duration {
        let attempts = self.attempts.entry(path.clone()).or_default();
        *attempts += 1;
        if *attempts < MAX_ATTEMPTS {
            self.queue.push_back(path);
        } else {
            self.state.failed += 1;
            let (project, stream) = (path.0.as_str(), path.1.as_str());
            tracing::warn!(
                project,
                stream,
                error = cause(error),
                "the sizes of an image stream cannot be read"
            );
        }
        self.backoff.next_delay()
    }

    fn set_problem(&mut self, error: &SourceError) {
        if self.state.problem == Some(error.reason) {
            return;
        }
        (self.state.since, self.state.problem) = (self.clock.now(), Some(error.reason));
        tracing::warn!(
            reason = error.reason.as_str(),
            error = cause(error),
            "the sizes of images cannot be read in the background"
        );
    }

    fn publish(&mut self) {
        let (images, bytes) = self.records.count_and_bytes();
        (self.state.waiting, self.state.images) = (self.queue.len(), images);
        metrics::gauge!("registry_console_index_size_waiting").set(self.queue.len() as f64);
        metrics::gauge!("registry_console_index_size_images").set(images as f64);
        metrics::gauge!("registry_console_index_size_memory_bytes").set(bytes as f64);
        self.reader.publish(self.state.clone());
    }
}

fn cause(error: &SourceError) -> Option<&(dyn std::error::Error + 'static)> {
    let cause = error.cause.as_deref();
    cause.map(|cause| cause as &(dyn std::error::Error + 'static))
}
