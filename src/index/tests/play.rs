//! A master that plays by the test's rules: it keeps image streams, remembers what happened, and
//! fails as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;

use crate::index::source::{Source, Trouble, Watching};
use crate::index::state::Why;
use crate::openshift::{Change, Fed, WatchEvent};
use registry_model::{Digest, ImageStream, Tag, TagEvent};

/// What goes wrong next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The next list expires after its first stream.
    ListExpires,
    /// The next list is cut off in its middle.
    ListCut,
    /// The next watch is refused with 410.
    WatchGone,
    /// The watch ends in order.
    WatchEnds,
    /// The watch breaks off.
    WatchBreaks,
    /// The watch says nothing more, whatever happens.
    WatchSilent,
    /// The watch says something that makes no sense.
    WatchNonsense,
    /// What was remembered is forgotten: 410 within the watch.
    Forgets,
    /// An old event comes once more.
    Stutters,
    /// The master is restored from a backup: it is at an earlier revision, with other streams.
    Restored,
    /// No answer to the next question, whatever it is.
    Away,
}

#[derive(Default)]
struct Master {
    revision: u64,
    streams: BTreeMap<String, ImageStream>,
    log: Vec<(u64, Change, ImageStream)>,
    floor: u64,
    faults: VecDeque<Fault>,
    /// Counts up with every restoration: watches of an earlier life tell nothing.
    life: u32,
    forbidden: bool,
    /// The API server has just started: it refuses everything.
    cold: bool,
    /// How often it was asked whether an index is allowed.
    reviews: usize,
    lists: usize,
    unchunked: usize,
    opened: usize,
}

/// The master. Cheap to clone; clones are one.
#[derive(Clone, Default)]
pub(super) struct Play(Arc<(Mutex<Master>, Notify)>);

impl Play {
    pub(super) fn new() -> Self {
        let play = Self::default();
        play.lock().revision = 100_000_000;
        play
    }

    fn lock(&self) -> MutexGuard<'_, Master> {
        self.0.0.lock().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut Master)) {
        change(&mut self.lock());
        self.0.1.notify_waiters();
    }

    /// Gives `project/name` a tag that points at an image named after the revision.
    pub(super) fn push(&self, path: &str, tag: &str) {
        self.change(|master| {
            master.revision += 1;
            let revision = master.revision;
            let known = master.streams.get(path).cloned();
            let change = if known.is_some() {
                Change::Modified
            } else {
                Change::Added
            };
            let mut stream = known.unwrap_or_else(|| stream(path));
            stream.resource_version = Some(revision.to_string());
            stream.tags.retain(|known| known.name.as_str() != tag);
            stream.tags.push(tagged(tag, revision));
            stream
                .tags
                .sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
            master.streams.insert(path.to_owned(), stream.clone());
            master.log.push((revision, change, stream));
        });
    }

    pub(super) fn delete(&self, path: &str) {
        self.change(|master| {
            let Some(mut stream) = master.streams.remove(path) else {
                return;
            };
            master.revision += 1;
            stream.resource_version = Some(master.revision.to_string());
            master.log.push((master.revision, Change::Deleted, stream));
        });
    }

    pub(super) fn fail(&self, fault: Fault) {
        self.change(|master| match fault {
            Fault::Forgets => {
                master.revision += 1;
                master.floor = master.revision;
                master.log.clear();
            }
            Fault::Restored => {
                master.life += 1;
                // Far back: by numbers alone, a master that has overtaken us meanwhile cannot be
                // told from the one before.
                master.revision /= 2;
                (master.floor, master.log) = (0, Vec::new());
                master.streams.pop_first();
                for stream in master.streams.values_mut() {
                    stream.resource_version = Some("40".to_owned());
                }
            }
            fault => master.faults.push_back(fault),
        });
    }

    pub(super) fn forbid(&self, forbidden: bool) {
        self.change(|master| master.forbidden = forbidden);
    }

    /// Whether the API server has not loaded its roles yet.
    pub(super) fn be_cold(&self, cold: bool) {
        self.change(|master| master.cold = cold);
    }

    /// How often it was asked whether an index is allowed.
    pub(super) fn reviews(&self) -> usize {
        self.lock().reviews
    }

    /// How many lists were begun, and how many of them were asked for all at once.
    pub(super) fn lists(&self) -> (usize, usize) {
        let master = self.lock();
        (master.lists, master.unchunked)
    }

    pub(super) fn watches(&self) -> usize {
        self.lock().opened
    }

    /// The streams with their tags and images: what the index should hold.
    pub(super) fn truth(&self) -> BTreeMap<String, Vec<(String, String)>> {
        let master = self.lock();
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
        master
            .streams
            .iter()
            .map(|(path, stream)| (path.clone(), tags(stream)))
            .collect()
    }

    /// A stream of one tag that the master knows nothing of.
    pub(super) fn one(&self, path: &str, tag: &str) -> ImageStream {
        let mut one = stream(path);
        one.tags.push(tagged(tag, self.lock().revision));
        one
    }

    fn fails(&self, which: &[Fault]) -> Option<Fault> {
        let mut master = self.lock();
        let next = *master.faults.front()?;
        (which.contains(&next) || next == Fault::Away)
            .then(|| master.faults.pop_front())
            .flatten()
    }
}

fn stream(path: &str) -> ImageStream {
    let (project, name) = path.split_once('/').unwrap();
    ImageStream {
        project: project.parse().unwrap(),
        name: name.parse().unwrap(),
        resource_version: None,
        created: None,
        annotations: BTreeMap::new(),
        labels: BTreeMap::from([("app".to_owned(), name.to_owned())]),
        internal_repository: registry_model::InternalRepository::Unknown,
        public_repository: None,
        follows: None,
        local_lookup: false,
        tags: Vec::new(),
        unreadable_tags: 0,
    }
}

fn tagged(tag: &str, revision: u64) -> Tag {
    let image = Some(Digest::sha256_of(&revision.to_be_bytes()));
    let event = TagEvent {
        created: chrono::DateTime::from_timestamp(1_000_000, 0),
        image,
        pull_spec: String::new(),
        generation: Some(1),
    };
    Tag {
        history: vec![event],
        ..Tag::pushed(tag.parse().unwrap())
    }
}

fn away() -> Trouble {
    Why::Unreachable.into()
}

impl Source for Play {
    type Watch = PlayedWatch;

    async fn allowed(&self) -> Result<bool, Trouble> {
        if self.fails(&[]).is_some() {
            return Err(away());
        }
        let mut master = self.lock();
        master.reviews += 1;
        if master.cold {
            Err(Why::RolesNotLoaded.into())
        } else {
            Ok(!master.forbidden)
        }
    }

    async fn list(
        &self,
        chunked: bool,
        take: &mut (dyn FnMut(Fed) + Send),
    ) -> Result<String, Trouble> {
        let fault = self.fails(&[Fault::ListExpires, Fault::ListCut]);
        let (streams, revision) = {
            let mut master = self.lock();
            master.lists += 1;
            master.unchunked += usize::from(!chunked);
            (
                master.streams.values().cloned().collect::<Vec<_>>(),
                master.revision,
            )
        };
        // What comes all at once does not expire.
        let fault = fault.filter(|fault| chunked || *fault != Fault::ListExpires);
        for (at, stream) in streams.into_iter().enumerate() {
            if at == 1 && fault.is_some() {
                break;
            }
            take(Fed::Stream(Box::new(stream)));
            tokio::task::yield_now().await;
        }
        match fault {
            Some(Fault::ListExpires) => Err(Why::Expired.into()),
            Some(_) => Err(away()),
            None => Ok(revision.to_string()),
        }
    }

    async fn version(&self) -> Result<Option<String>, Trouble> {
        Ok(Some(self.lock().revision.to_string()))
    }

    async fn watch(&self, from: &str) -> Result<PlayedWatch, Trouble> {
        match self.fails(&[Fault::WatchGone]) {
            Some(Fault::WatchGone) => return Err(Why::Expired.into()),
            Some(_) => return Err(away()),
            None => {}
        }
        let mut master = self.lock();
        if master.cold {
            return Err(Why::RolesNotLoaded.into());
        }
        master.opened += 1;
        Ok(PlayedWatch {
            play: self.clone(),
            from: from.parse().unwrap(),
            life: master.life,
            silent: false,
        })
    }
}

pub(super) struct PlayedWatch {
    play: Play,
    from: u64,
    life: u32,
    silent: bool,
}

impl PlayedWatch {
    fn now(&mut self) -> Option<WatchEvent> {
        let mut master = self.play.lock();
        if self.life != master.life {
            return None;
        }
        let old = master
            .log
            .iter()
            .rev()
            .find(|(revision, ..)| *revision == self.from)
            .cloned();
        match master.faults.front() {
            Some(Fault::WatchEnds) => {
                master.faults.pop_front();
                return Some(WatchEvent::Closed(None));
            }
            Some(Fault::WatchBreaks | Fault::Away) => {
                master.faults.pop_front();
                return Some(WatchEvent::Closed(Some(crate::openshift::Error::NotFound)));
            }
            Some(Fault::WatchNonsense) => {
                master.faults.pop_front();
                return Some(WatchEvent::Nonsense("a line that is no event"));
            }
            Some(Fault::WatchSilent) => drop((master.faults.pop_front(), self.silent = true)),
            Some(Fault::Stutters) => {
                master.faults.pop_front();
                if let Some((_, change, stream)) = old {
                    return Some(WatchEvent::Stream(change, Fed::Stream(Box::new(stream))));
                }
            }
            _ => {}
        }
        if self.silent {
            return None;
        }
        if self.from < master.floor {
            return Some(WatchEvent::Gone);
        }
        let (revision, change, stream) = master
            .log
            .iter()
            .find(|(revision, ..)| *revision > self.from)?
            .clone();
        self.from = revision;
        Some(WatchEvent::Stream(change, Fed::Stream(Box::new(stream))))
    }
}

impl Watching for PlayedWatch {
    async fn next(&mut self) -> WatchEvent {
        let play = self.play.clone();
        let ends = tokio::time::sleep(Duration::from_secs(290));
        tokio::pin!(ends);
        loop {
            let changed = play.0.1.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(event) = self.now() {
                return event;
            }
            tokio::select! {
                () = &mut changed => {}
                () = &mut ends => return WatchEvent::Closed(None),
            }
        }
    }
}
