//! Follows a watch from the list's resource version on, resuming it where it ends, until only a new
//! list helps.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::content::WatchedContent;
use super::source::{EventSource, IndexSource, SourceError};
use super::state::NotReadyReason;
use super::writer::{IndexWriter, STABLE_PERIOD};
use crate::openshift::{ListedObject as _, WatchEvent, WatchEventKind};

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
struct ChangeBatch<T> {
    changes: Vec<(WatchEventKind, T)>,
    /// Whether it reported anything, including a bookmark.
    has_events: bool,
}

impl<S: IndexSource, C: WatchedContent<Object = S::Object>> IndexWriter<S, C> {
    /// Follows the API server's changes from [`IndexWriter::resource_version`] on. Returns when
    /// only a new list helps.
    pub(super) async fn follow(&mut self) -> SourceError {
        loop {
            let mut watch = match self.source.watch(&self.resource_version).await {
                Ok(watch) => watch,
                // An outage: the next watch reports what has happened meanwhile.
                Err(error) if error.reason.is_outage() => {
                    self.wait_after_error(error).await;
                    continue;
                }
                Err(error) => return error,
            };
            if let Err(error) = self.content.apply(Vec::new(), &self.resource_version) {
                return error;
            }
            self.first_refusal_at = None;
            let (opened, from) = (Instant::now(), self.resource_version.clone());
            let end = self.read_watch(&mut watch).await;
            drop(watch);
            if opened.elapsed() >= STABLE_PERIOD {
                self.backoff.reset();
            }
            match end {
                WatchEnd::NeedsList(error) => return error,
                WatchEnd::Ended(Some(error)) => self.wait_after_error(error).await,
                WatchEnd::Ended(None) if opened.elapsed() < MIN_WATCH_DURATION => {
                    self.wait_after_error(NotReadyReason::ErrorResponse.into())
                        .await
                }
                WatchEnd::Ended(None) => {}
            }
            if self.resource_version == from && self.has_revision_regressed().await {
                return NotReadyReason::ResourceVersionRegressed.into();
            }
        }
    }

    /// A watch that reported nothing may be that of an API server that has never been at this
    /// resource version: it would report nothing for ever (R14).
    async fn has_revision_regressed(&self) -> bool {
        let current = self.source.current_resource_version().await.ok().flatten();
        current.is_some_and(|current| is_earlier_revision(&current, &self.resource_version))
    }

    async fn read_watch(&mut self, watch: &mut S::Events) -> WatchEnd {
        loop {
            let mut batch = ChangeBatch {
                changes: Vec::new(),
                has_events: false,
            };
            let mut end = self.handle_event(watch.next_event().await, &mut batch);
            let window_end = Instant::now() + BATCH_WINDOW;
            while end.is_none() && batch.changes.len() < MAX_BATCH_CHANGES {
                let deadline = window_end.min(Instant::now() + BATCH_GAP);
                let Ok(event) = timeout_at(deadline, watch.next_event()).await else {
                    break;
                };
                end = self.handle_event(event, &mut batch);
            }
            if batch.has_events
                && let Err(error) = self.content.apply(batch.changes, &self.resource_version)
            {
                return WatchEnd::NeedsList(error);
            }
            if let Some(end) = end {
                return end;
            }
        }
    }

    fn handle_event(
        &mut self,
        event: WatchEvent<S::Object>,
        batch: &mut ChangeBatch<S::Object>,
    ) -> Option<WatchEnd> {
        let version = match &event {
            WatchEvent::Object(_, item) => item.resource_version(),
            WatchEvent::Bookmark(version) => Some(version.as_str()),
            WatchEvent::Expired => {
                return Some(WatchEnd::NeedsList(NotReadyReason::Expired.into()));
            }
            WatchEvent::ErrorStatus(status) => {
                return Some(WatchEnd::NeedsList(SourceError {
                    reason: NotReadyReason::ErrorResponse,
                    cause: Some(status.message.clone().into()),
                }));
            }
            WatchEvent::ProtocolError(message) => {
                return Some(WatchEnd::NeedsList(SourceError {
                    reason: NotReadyReason::MalformedResponse,
                    cause: Some((*message).into()),
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
            return Some(WatchEnd::NeedsList(
                NotReadyReason::MalformedResponse.into(),
            ));
        };
        if is_earlier_revision(version, &self.resource_version) {
            return Some(WatchEnd::NeedsList(
                NotReadyReason::ResourceVersionRegressed.into(),
            ));
        }
        version.clone_into(&mut self.resource_version);
        batch.has_events = true;
        if let WatchEvent::Object(change, item) = event {
            batch.changes.push((change, item));
        }
        None
    }
}

/// Whether a resource version is before another. They are numbers if the storage is etcd; others
/// cannot be compared.
fn is_earlier_revision(one: &str, other: &str) -> bool {
    matches!((one.parse::<u64>(), other.parse::<u64>()), (Ok(one), Ok(other)) if one < other)
}
