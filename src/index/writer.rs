//! The one task that keeps the index up to date.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::backoff::Backoff;
use super::news::Changed;
use super::reader::{Latest, Reader};
use super::source::{Source, Trouble};
use super::state::{State, Why};
use super::table::{Listing, Table};
use registry_model::Clock;

/// Lists, then watches, for ever (R13-R15).
pub struct Writer<S> {
    pub(super) source: S,
    pub(super) backoff: Backoff,
    pub(super) table: Table,
    /// The latest revision heard of.
    pub(super) version: String,
    reader: Reader,
    state: State,
    clock: Clock,
    /// When the latest whole list had come.
    listed: Option<Instant>,
    /// Whether the next list is asked for in chunks: once one has expired before its end, not for
    /// the next time.
    chunked: bool,
    /// About how many bytes of memory the index may take.
    most_bytes: usize,
    /// When the first of the latest refusals came, with nothing else in between.
    refused: Option<Instant>,
}

/// How long the master is left alone where the right is missing: somebody has to give it.
const RARELY: Duration = Duration::from_secs(600);
/// For how long a refusal (401, 403) is taken for one that passes: an API server that has just
/// started refuses tokens and rights that it knows a moment later. Source: measured on 4.x, up to
/// two minutes.
const MAY_PASS: Duration = Duration::from_secs(300);
/// What has gone well for so long goes well.
pub(super) const STEADY: Duration = Duration::from_secs(120);
/// After how many streams the progress of a list shows.
const PROGRESS: usize = 500;

impl<S: Source> Writer<S> {
    /// An index of what `source` tells, and who looks at it. Nothing happens until [`Writer::run`].
    #[must_use]
    pub fn new(source: S, clock: Clock) -> (Self, Reader) {
        Self::with_backoff(source, clock, Backoff::new())
    }

    pub(super) fn with_backoff(source: S, clock: Clock, backoff: Backoff) -> (Self, Reader) {
        let state = State::Starting {
            since: clock.now(),
            streams: 0,
            why: None,
        };
        show_state(&state);
        let reader = Reader::starting_as(state.clone());
        let writer = Self {
            source,
            backoff,
            table: Table::default(),
            version: String::new(),
            reader: reader.clone(),
            state,
            clock,
            listed: None,
            chunked: true,
            most_bytes: usize::MAX,
            refused: None,
        };
        (writer, reader)
    }

    /// The same, turned off for as long as the index would take more than about `bytes` of memory.
    /// Lists then work as they do without one.
    #[must_use]
    pub fn with_memory_limit(self, bytes: usize) -> Self {
        Self {
            most_bytes: bytes,
            ..self
        }
    }

    /// Keeps the index up to date for ever.
    pub async fn run(mut self) {
        loop {
            let trouble = match self.fill().await {
                Ok(()) => self.follow().await,
                Err(trouble) => trouble,
            };
            self.pause(trouble).await;
        }
    }

    /// Puts a whole list in the place of what there is. Until then what there is stays.
    async fn fill(&mut self) -> Result<(), Trouble> {
        if !self.source.allowed().await? {
            return Err(Why::NotAllowed.into());
        }
        let (mut listing, started) = (Listing::new(self.most_bytes), Instant::now());
        let (known, reader, starting) = (&self.table.snapshot, &self.reader, &self.state);
        let mut take = |fed| {
            listing.take(fed, known);
            if listing.len().is_multiple_of(PROGRESS) {
                show_progress(reader, starting, listing.len());
            }
        };
        let listed = self.source.list(self.chunked, &mut take).await;
        metrics::histogram!("registry_console_index_list_seconds")
            .record(started.elapsed().as_secs_f64());
        self.chunked = !matches!(&listed, Err(trouble) if trouble.why == Why::Expired);
        let (before, version) = (self.revision(), listed?);
        if listing.is_too_large() {
            return Err(self.too_large());
        }
        self.version = version;
        self.listed = Some(Instant::now());
        let changed = self.table.replace(listing);
        self.check_memory()?;
        let revision = self.revision();
        if before.is_none() || revision < before {
            // There is nothing to compare with, or it is of another life of the master.
            self.reader.news().begin_at(revision);
            self.ready(Vec::new());
        } else {
            self.ready(
                changed
                    .into_iter()
                    .map(|changed| (revision.unwrap_or_default(), changed))
                    .collect(),
            );
        }
        Ok(())
    }

    /// Says so where the index takes more memory than it may.
    pub(super) fn check_memory(&self) -> Result<(), Trouble> {
        let bytes = self.table.bytes();
        metrics::gauge!("registry_console_index_bytes").set(bytes as f64);
        if bytes > self.most_bytes {
            Err(self.too_large())
        } else {
            Ok(())
        }
    }

    fn too_large(&self) -> Trouble {
        let cause = format!(
            "the image streams of the cluster take more than {} MiB (INDEX_MEMORY)",
            self.most_bytes >> 20
        );
        Trouble {
            why: Why::TooLarge,
            cause: Some(cause.into()),
        }
    }

    /// The latest revision, where revisions are numbers.
    fn revision(&self) -> Option<u64> {
        self.version.parse().ok()
    }

    /// Shows what there is as what there is at the master, and tells what has changed.
    pub(super) fn ready(&mut self, changed: Vec<(u64, Changed)>) {
        let since = match &self.state {
            State::Ready { since, .. } => *since,
            _ => self.clock.now(),
        };
        let (streams, tags) = (self.table.snapshot.len(), self.table.snapshot.tags());
        self.table.snapshot.is_at(self.revision());
        self.refused = None;
        self.show(State::Ready {
            since,
            version: self.version.clone(),
            streams,
            tags,
        });
        metrics::gauge!("registry_console_index_streams").set(streams as f64);
        metrics::gauge!("registry_console_index_tags").set(tags as f64);
        if !changed.is_empty() {
            self.reader.news().tell(changed);
        }
    }

    /// Says what is wrong, and waits as long as is fit before the next try.
    pub(super) async fn pause(&mut self, Trouble { why, cause }: Trouble) {
        metrics::counter!("registry_console_index_troubles_total", "why" => why.as_str())
            .increment(1);
        if why == Why::TooLarge {
            // The memory is what matters. The next list has nothing to be compared with.
            (self.table, self.version) = Default::default();
        }
        let state = match &self.state {
            State::Starting { since, .. } => State::Starting {
                since: *since,
                streams: 0,
                why: Some(why),
            },
            State::Stale { since, .. } => State::Stale { since: *since, why },
            _ => State::Stale {
                since: self.clock.now(),
                why,
            },
        };
        if self.state.why() != Some(why) {
            let (state, why) = (state.as_str(), why.as_str());
            tracing::warn!(
                state,
                why,
                error = cause
                    .as_deref()
                    .map(|cause| cause as &dyn std::error::Error),
                "the index is not up to date"
            );
        }
        self.show(state);
        let refused = matches!(why, Why::NotAllowed | Why::TokenRefused);
        self.refused = refused.then(|| self.refused.unwrap_or_else(Instant::now));
        let due = self.listed.is_none_or(|listed| listed.elapsed() >= STEADY);
        let wait = match why {
            Why::NotAllowed
                if self
                    .refused
                    .is_some_and(|first| first.elapsed() >= MAY_PASS) =>
            {
                self.backoff.shortened(RARELY)
            }
            Why::TooLarge => self.backoff.shortened(RARELY),
            // Everyday, and the cure is at hand. Twice within minutes it is neither.
            Why::Expired | Why::WentBack if due => Duration::ZERO,
            _ => self.backoff.next(),
        };
        sleep(wait).await;
    }

    fn show(&mut self, state: State) {
        if let State::Ready { streams, tags, .. } = &state
            && self.state.as_str() != state.as_str()
        {
            tracing::info!(streams, tags, "the index is ready");
        }
        show_state(&state);
        self.reader.publish(Latest {
            state: state.clone(),
            snapshot: self.table.snapshot.clone(),
        });
        self.state = state;
    }
}

/// `registry_console_index_state{state}` is 1 for the state that it is in;
/// `registry_console_index_state_since_seconds` is the time since when it is so.
pub(super) fn show_state(state: &State) {
    metrics::gauge!("registry_console_index_ready").set(if matches!(state, State::Ready { .. }) {
        1.0
    } else {
        0.0
    });
    for word in State::WORDS {
        metrics::gauge!("registry_console_index_state", "state" => word)
            .set(if word == state.as_str() { 1.0 } else { 0.0 });
    }
    metrics::gauge!("registry_console_index_state_since_seconds")
        .set(state.since().map_or(0.0, |since| since.timestamp() as f64));
}

fn show_progress(reader: &Reader, state: &State, streams: usize) {
    if let State::Starting { since, why, .. } = state {
        reader.publish(Latest {
            state: State::Starting {
                since: *since,
                streams,
                why: *why,
            },
            snapshot: super::Snapshot::default(),
        });
    }
}
