//! A fake API server: it stores image streams, keeps a history of events, and fails as a test
//! requests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;

use crate::index::source::{EventSource, IndexSource, SourceError};
use crate::index::state::NotReadyReason;
use crate::openshift::{StreamItem, WatchEvent, WatchEventKind};
use registry_model::{Digest, ImageStream, Tag, TagEvent};

/// The fault that occurs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FakeFault {
    /// The next list expires after its first stream.
    ListExpires,
    /// The next list is cut off in its middle.
    ListTruncated,
    /// The next watch is refused with 410.
    WatchGone,
    /// The watch ends normally.
    WatchEnds,
    /// The watch breaks off.
    WatchBreaks,
    /// The watch reports nothing more, whatever happens.
    WatchSilent,
    /// The watch sends a malformed event.
    WatchMalformed,
    /// The history is discarded: 410 within the watch.
    EventsExpired,
    /// An old event is repeated.
    EventRepeated,
    /// The API server is restored from a backup: it is at an earlier revision, with other image
    /// streams.
    Restored,
    /// The next request is not answered, whatever it is.
    Unreachable,
}

#[derive(Default)]
struct FakeApiServerState {
    revision: u64,
    streams: BTreeMap<String, ImageStream>,
    events: Vec<(u64, WatchEventKind, ImageStream)>,
    first_revision: u64,
    faults: VecDeque<FakeFault>,
    /// Incremented by every restoration: watches from before report nothing.
    generation: u32,
    is_forbidden: bool,
    /// The API server has just started: it refuses everything.
    is_starting: bool,
    /// How many access reviews there were.
    review_count: usize,
    list_count: usize,
    unchunked_list_count: usize,
    watch_count: usize,
}

/// The fake API server. Cheap to clone; clones share the state.
#[derive(Clone, Default)]
pub(super) struct FakeApiServer(Arc<(Mutex<FakeApiServerState>, Notify)>);

impl FakeApiServer {
    pub(super) fn new() -> Self {
        let api_server = Self::default();
        api_server.lock().revision = 100_000_000;
        api_server
    }

    fn lock(&self) -> MutexGuard<'_, FakeApiServerState> {
        self.0.0.lock().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut FakeApiServerState)) {
        change(&mut self.lock());
        self.0.1.notify_waiters();
    }

    /// Adds to `project/name` a tag that points to an image named after the revision.
    pub(super) fn push(&self, path: &str, tag: &str) {
        self.change(|state| {
            state.revision += 1;
            let revision = state.revision;
            let known = state.streams.get(path).cloned();
            let change = if known.is_some() {
                WatchEventKind::Modified
            } else {
                WatchEventKind::Added
            };
            let mut stream = known.unwrap_or_else(|| stream(path));
            stream.resource_version = Some(revision.to_string());
            stream.tags.retain(|known| known.name.as_str() != tag);
            stream.tags.push(tag_at_revision(tag, revision));
            stream
                .tags
                .sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
            state.streams.insert(path.to_owned(), stream.clone());
            state.events.push((revision, change, stream));
        });
    }

    pub(super) fn delete(&self, path: &str) {
        self.change(|state| {
            let Some(mut stream) = state.streams.remove(path) else {
                return;
            };
            state.revision += 1;
            stream.resource_version = Some(state.revision.to_string());
            state
                .events
                .push((state.revision, WatchEventKind::Deleted, stream));
        });
    }

    pub(super) fn inject_fault(&self, fault: FakeFault) {
        self.change(|state| match fault {
            FakeFault::EventsExpired => {
                state.revision += 1;
                state.first_revision = state.revision;
                state.events.clear();
            }
            FakeFault::Restored => {
                state.generation += 1;
                // Far back: by numbers alone, an API server that has caught up meanwhile cannot be
                // distinguished from the one before.
                state.revision /= 2;
                (state.first_revision, state.events) = (0, Vec::new());
                state.streams.pop_first();
                for stream in state.streams.values_mut() {
                    stream.resource_version = Some("40".to_owned());
                }
            }
            fault => state.faults.push_back(fault),
        });
    }

    pub(super) fn set_forbidden(&self, forbidden: bool) {
        self.change(|state| state.is_forbidden = forbidden);
    }

    /// Whether the API server has not loaded its roles yet.
    pub(super) fn set_starting(&self, cold: bool) {
        self.change(|state| state.is_starting = cold);
    }

    /// How many access reviews there were.
    pub(super) fn review_count(&self) -> usize {
        self.lock().review_count
    }

    /// How many lists were begun, and how many of them were requested without chunks.
    pub(super) fn list_counts(&self) -> (usize, usize) {
        let state = self.lock();
        (state.list_count, state.unchunked_list_count)
    }

    pub(super) fn watch_count(&self) -> usize {
        self.lock().watch_count
    }

    /// The image streams with their tags and images: what the index should contain.
    pub(super) fn expected_streams(&self) -> BTreeMap<String, Vec<(String, String)>> {
        let state = self.lock();
        let tags = |stream: &ImageStream| {
            let mut tags: Vec<_> = stream
                .tags
                .iter()
                .map(|tag| {
                    (
                        tag.name.to_string(),
                        tag.history[0].image.as_ref().unwrap().short(),
                    )
                })
                .collect();
            tags.sort();
            tags
        };
        state
            .streams
            .iter()
            .map(|(path, stream)| (path.clone(), tags(stream)))
            .collect()
    }

    /// An image stream of one tag that is not stored.
    pub(super) fn stream_with_tag(&self, path: &str, tag: &str) -> ImageStream {
        let mut one = stream(path);
        one.tags.push(tag_at_revision(tag, self.lock().revision));
        one
    }

    fn take_fault(&self, which: &[FakeFault]) -> Option<FakeFault> {
        let mut state = self.lock();
        let next = *state.faults.front()?;
        (which.contains(&next) || next == FakeFault::Unreachable)
            .then(|| state.faults.pop_front())
            .flatten()
    }
}

fn stream(path: &str) -> ImageStream {
    let (project, name) = path.split_once('/').unwrap();
    ImageStream {
        labels: BTreeMap::from([("app".to_owned(), name.to_owned())]),
        ..ImageStream::new(project.parse().unwrap(), name.parse().unwrap())
    }
}

fn tag_at_revision(tag: &str, revision: u64) -> Tag {
    let image = Some(Digest::sha256(&revision.to_be_bytes()));
    let event = TagEvent {
        created: chrono::DateTime::from_timestamp(1_000_000, 0),
        image,
        pull_spec: String::new(),
        generation: Some(1),
    };
    Tag {
        history: vec![event],
        ..Tag::new_pushed(tag.parse().unwrap())
    }
}

fn unreachable_error() -> SourceError {
    NotReadyReason::Unreachable.into()
}

impl IndexSource for FakeApiServer {
    type Object = StreamItem;
    type Events = FakeWatch;

    async fn is_allowed(&self) -> Result<bool, SourceError> {
        if self.take_fault(&[]).is_some() {
            return Err(unreachable_error());
        }
        let mut state = self.lock();
        state.review_count += 1;
        if state.is_starting {
            Err(NotReadyReason::RolesNotLoaded.into())
        } else {
            Ok(!state.is_forbidden)
        }
    }

    async fn list(
        &self,
        chunked: bool,
        take: &mut (dyn FnMut(StreamItem) + Send),
    ) -> Result<String, SourceError> {
        let fault = self.take_fault(&[FakeFault::ListExpires, FakeFault::ListTruncated]);
        let (streams, revision) = {
            let mut state = self.lock();
            state.list_count += 1;
            state.unchunked_list_count += usize::from(!chunked);
            (
                state.streams.values().cloned().collect::<Vec<_>>(),
                state.revision,
            )
        };
        // A list without chunks does not expire.
        let fault = fault.filter(|fault| chunked || *fault != FakeFault::ListExpires);
        for (at, stream) in streams.into_iter().enumerate() {
            if at == 1 && fault.is_some() {
                break;
            }
            take(StreamItem::Stream(Box::new(stream)));
            tokio::task::yield_now().await;
        }
        match fault {
            Some(FakeFault::ListExpires) => Err(NotReadyReason::Expired.into()),
            Some(_) => Err(unreachable_error()),
            None => Ok(revision.to_string()),
        }
    }

    async fn current_resource_version(&self) -> Result<Option<String>, SourceError> {
        Ok(Some(self.lock().revision.to_string()))
    }

    async fn watch(&self, from: &str) -> Result<FakeWatch, SourceError> {
        match self.take_fault(&[FakeFault::WatchGone]) {
            Some(FakeFault::WatchGone) => return Err(NotReadyReason::Expired.into()),
            Some(_) => return Err(unreachable_error()),
            None => {}
        }
        let mut state = self.lock();
        if state.is_starting {
            return Err(NotReadyReason::RolesNotLoaded.into());
        }
        state.watch_count += 1;
        Ok(FakeWatch {
            api_server: self.clone(),
            from: from.parse().unwrap(),
            life: state.generation,
            silent: false,
        })
    }
}

pub(super) struct FakeWatch {
    api_server: FakeApiServer,
    from: u64,
    life: u32,
    silent: bool,
}

impl FakeWatch {
    fn poll_event(&mut self) -> Option<WatchEvent<StreamItem>> {
        let mut state = self.api_server.lock();
        if self.life != state.generation {
            return None;
        }
        let old = state
            .events
            .iter()
            .rev()
            .find(|(revision, ..)| *revision == self.from)
            .cloned();
        match state.faults.front() {
            Some(FakeFault::WatchEnds) => {
                state.faults.pop_front();
                return Some(WatchEvent::Closed(None));
            }
            Some(FakeFault::WatchBreaks | FakeFault::Unreachable) => {
                state.faults.pop_front();
                return Some(WatchEvent::Closed(Some(
                    crate::openshift::ApiError::NotFound,
                )));
            }
            Some(FakeFault::WatchMalformed) => {
                state.faults.pop_front();
                return Some(WatchEvent::ProtocolError("a line that is no event"));
            }
            Some(FakeFault::WatchSilent) => drop((state.faults.pop_front(), self.silent = true)),
            Some(FakeFault::EventRepeated) => {
                state.faults.pop_front();
                if let Some((_, change, stream)) = old {
                    return Some(WatchEvent::Object(
                        change,
                        StreamItem::Stream(Box::new(stream)),
                    ));
                }
            }
            _ => {}
        }
        if self.silent {
            return None;
        }
        if self.from < state.first_revision {
            return Some(WatchEvent::Expired);
        }
        let (revision, change, stream) = state
            .events
            .iter()
            .find(|(revision, ..)| *revision > self.from)?
            .clone();
        self.from = revision;
        Some(WatchEvent::Object(
            change,
            StreamItem::Stream(Box::new(stream)),
        ))
    }
}

impl EventSource for FakeWatch {
    type Object = StreamItem;

    async fn next_event(&mut self) -> WatchEvent<StreamItem> {
        let api_server = self.api_server.clone();
        let ends = tokio::time::sleep(Duration::from_secs(290));
        tokio::pin!(ends);
        loop {
            let changed = api_server.0.1.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(event) = self.poll_event() {
                return event;
            }
            tokio::select! {
                () = &mut changed => {}
                () = &mut ends => return WatchEvent::Closed(None),
            }
        }
    }
}
