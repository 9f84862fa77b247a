//! Follows a watch from the list's resource version on, resuming it where it ends, until only a new
//! list helps.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::source::{EventSource, IndexSource, SourceError};
use super::state::NotReadyReason;
use super::writer::{IndexWriter, STABLE_PERIOD};
use crate::openshift::{StreamItem, WatchEvent, WatchEventKind};

/// How long consecutive changes are collected: a burst is applied as one change of the index.
const BATCH_WINDOW: Duration = Duration::from_millis(40);
/// A change that arrives later than this after the previous one is not part of the burst.
const BATCH_GAP: Duration = Duration::from_millis(4);
/// The most changes in a burst.
const MAX_BATCH_CHANGES: usize = 500;
/// A watch that ends sooner, even normally, is not repeated at once.
const MIN_WATCH_DURATION: Duration = Duration::from_secs(5);

/// How a watch ended.
enum WatchEnd {
    /// The next watch continues where this one ended.
    Ended(Option<SourceError>),
    NeedsList(SourceError),
}

/// What a watch has reported since the last snapshot was published.
#[derive(Default)]
struct ChangeBatch {
    changes: Vec<(WatchEventKind, StreamItem)>,
    /// Whether it reported anything, including a bookmark.
    has_events: bool,
}

impl<S: IndexSource> IndexWriter<S> {
    /// Follows the API server's changes from [`IndexWriter::resource_version`] on. Returns when
    /// only a new list helps.
    pub(super) async fn follow(&mut self) -> SourceError {
        loop {
            let mut watch = match self.source.watch(&self.resource_version).await {
                Ok(watch) => watch,
                // An outage: the next watch reports what has happened meanwhile.
                Err(trouble) if trouble.reason.is_outage() => {
                    self.wait_after_error(trouble).await;
                    continue;
                }
                Err(trouble) => return trouble,
            };
            self.publish_ready(Vec::new());
            let (opened, from) = (Instant::now(), self.resource_version.clone());
            let end = self.read_watch(&mut watch).await;
            drop(watch);
            if opened.elapsed() >= STABLE_PERIOD {
                self.backoff.reset();
            }
            match end {
                WatchEnd::NeedsList(trouble) => return trouble,
                WatchEnd::Ended(Some(trouble)) => self.wait_after_error(trouble).await,
                WatchEnd::Ended(None) if opened.elapsed() < MIN_WATCH_DURATION => {
                    self.wait_after_error(NotReadyReason::Refused.into()).await
                }
                WatchEnd::Ended(None) => {}
            }
            if self.resource_version == from && self.has_revision_regressed().await {
                return NotReadyReason::WentBack.into();
            }
        }
    }

    /// A watch that reported nothing may be that of an API server that has never been at this
    /// resource version: it would report nothing for ever (R14).
    async fn has_revision_regressed(&self) -> bool {
        let now = self.source.current_resource_version().await.ok().flatten();
        now.is_some_and(|now| is_earlier_revision(&now, &self.resource_version))
    }

    async fn read_watch(&mut self, watch: &mut S::Events) -> WatchEnd {
        loop {
            let mut burst = ChangeBatch::default();
            let mut end = self.handle_event(watch.next_event().await, &mut burst);
            let over = Instant::now() + BATCH_WINDOW;
            while end.is_none() && burst.changes.len() < MAX_BATCH_CHANGES {
                let until = over.min(Instant::now() + BATCH_GAP);
                let Ok(event) = timeout_at(until, watch.next_event()).await else {
                    break;
                };
                end = self.handle_event(event, &mut burst);
            }
            if burst.has_events {
                metrics::counter!("registry_console_index_watch_events_total")
                    .increment(burst.changes.len() as u64);
                let changed = self.table.apply(burst.changes);
                if let Err(trouble) = self.check_memory() {
                    return WatchEnd::NeedsList(trouble);
                }
                self.publish_ready(changed);
            }
            if let Some(end) = end {
                return end;
            }
        }
    }

    fn handle_event(&mut self, event: WatchEvent, burst: &mut ChangeBatch) -> Option<WatchEnd> {
        let version = match &event {
            WatchEvent::Stream(_, fed) => fed.resource_version(),
            WatchEvent::Bookmark(version) => Some(version.as_str()),
            WatchEvent::Expired => {
                return Some(WatchEnd::NeedsList(NotReadyReason::Expired.into()));
            }
            WatchEvent::ErrorStatus(status) => {
                return Some(WatchEnd::NeedsList(SourceError {
                    reason: NotReadyReason::Refused,
                    cause: Some(status.message.clone().into()),
                }));
            }
            WatchEvent::ProtocolError(what) => {
                return Some(WatchEnd::NeedsList(SourceError {
                    reason: NotReadyReason::Nonsense,
                    cause: Some((*what).into()),
                }));
            }
            WatchEvent::Closed(None) => return Some(WatchEnd::Ended(None)),
            WatchEvent::Closed(Some(error)) => {
                return Some(WatchEnd::Ended(Some(SourceError {
                    reason: NotReadyReason::Unreachable,
                    cause: Some(error.to_string().into()),
                })));
            }
        };
        let Some(version) = version else {
            return Some(WatchEnd::NeedsList(NotReadyReason::Nonsense.into()));
        };
        if is_earlier_revision(version, &self.resource_version) {
            return Some(WatchEnd::NeedsList(NotReadyReason::WentBack.into()));
        }
        version.clone_into(&mut self.resource_version);
        burst.has_events = true;
        if let WatchEvent::Stream(change, fed) = event {
            burst.changes.push((change, fed));
        }
        None
    }
}

/// Whether a resource version is before another. They are numbers if the storage is etcd; others
/// cannot be compared.
fn is_earlier_revision(one: &str, other: &str) -> bool {
    matches!((one.parse::<u64>(), other.parse::<u64>()), (Ok(one), Ok(other)) if one < other)
}
