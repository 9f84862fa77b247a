//! What the writer works on: the latest snapshot, and how changes are made to it.

use std::collections::HashMap;
use std::sync::Arc;

use super::intern::Interner;
use super::news::Changed;
use super::snapshot::{Entry, Project, Snapshot, find};
use super::stream::Stream;
use crate::openshift::{Change, Fed, Unreadable};
use registry_model::ProjectName;

/// The latest snapshot, with the names in it.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) snapshot: Snapshot,
    names: Interner,
    /// How many names there were when those in use were last told from the others.
    swept: usize,
}

/// A list that is on its way: it takes the table's place once it is whole.
#[derive(Debug)]
pub(super) struct Listing {
    streams: Vec<Arc<Stream>>,
    names: Interner,
    unreadable: Vec<Unreadable>,
    /// How many more there were.
    more_unreadable: usize,
    bytes: usize,
    /// How many bytes it may take; with more it is of no use, and keeps nothing.
    most_bytes: usize,
}

/// More objects that make no sense are not told apart.
const UNREADABLE: usize = 10_000;

impl Listing {
    /// A list that may take about so many bytes of memory.
    pub(super) fn new(most_bytes: usize) -> Self {
        let (streams, names, unreadable) = Default::default();
        Self {
            streams,
            names,
            unreadable,
            more_unreadable: 0,
            bytes: 0,
            most_bytes,
        }
    }

    /// Whether there was more than may be kept.
    pub(super) fn is_too_large(&self) -> bool {
        self.bytes + self.names.bytes() > self.most_bytes
    }

    /// Takes one more object. One that is as `known` already is kept once.
    pub(super) fn take(&mut self, fed: Fed, known: &Snapshot) {
        match fed {
            Fed::Stream(_) if self.is_too_large() => {}
            Fed::Stream(stream) => {
                let stream = Stream::of(*stream, Some(&mut self.names));
                self.bytes += stream.bytes();
                if self.is_too_large() {
                    self.streams = Vec::new();
                    return;
                }
                let known = known
                    .stream(&stream.project, &stream.name)
                    .filter(|known| ***known == stream);
                self.streams
                    .push(known.cloned().unwrap_or_else(|| Arc::new(stream)));
            }
            Fed::Unreadable(object) if self.unreadable.len() < UNREADABLE => {
                self.unreadable.push(object)
            }
            Fed::Unreadable(_) => self.more_unreadable += 1,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }
}

impl Table {
    /// Puts a whole list in the place of all that was; says what has changed by that, deletions by
    /// absence.
    pub(super) fn replace(&mut self, listing: Listing) -> Vec<Changed> {
        let mut snapshot = Snapshot::of_streams(listing.streams.into_iter());
        for object in listing.unreadable {
            count_unreadable(&mut snapshot, object);
        }
        *snapshot.unreadables().1 += listing.more_unreadable;
        let mut changed = Vec::new();
        for entry in snapshot.streams() {
            let known = self
                .snapshot
                .stream(&entry.stream.project, &entry.stream.name);
            if !known.is_some_and(|known| Arc::ptr_eq(known, &entry.stream)) {
                changed.extend(Changed::between(
                    known.map(|known| &**known),
                    Some(&entry.stream),
                ));
            }
        }
        let gone = self.snapshot.streams().filter(|entry| {
            snapshot
                .stream(&entry.stream.project, &entry.stream.name)
                .is_none()
        });
        changed.extend(gone.filter_map(|entry| Changed::between(Some(&entry.stream), None)));
        self.snapshot = snapshot;
        self.names = listing.names;
        // Streams that were kept hold their names as they were before: sweeping brings the two
        // together.
        self.sweep();
        changed
    }

    /// About how many bytes it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.snapshot.bytes() + self.names.bytes()
    }

    /// Makes the changes of a batch, in their order; says which made a difference, and with which
    /// revision each came (0: with none that is a number). Each project that is touched is copied
    /// once.
    pub(super) fn apply(&mut self, batch: Vec<(Change, Fed)>) -> Vec<(u64, Changed)> {
        let mut touched: HashMap<ProjectName, Vec<Entry>> = HashMap::new();
        let mut changed = Vec::new();
        for (change, fed) in batch {
            let revision = fed
                .version()
                .and_then(|version| version.parse().ok())
                .unwrap_or_default();
            let told = match fed {
                Fed::Stream(stream) => {
                    self.forget_unreadable(Some(&stream.project), stream.name.as_str());
                    let stream = Arc::new(Stream::of(*stream, Some(&mut self.names)));
                    let streams = touched
                        .entry(stream.project.clone())
                        .or_insert_with_key(|name| entries(&self.snapshot, name));
                    apply(streams, change, &stream)
                }
                Fed::Unreadable(object) => {
                    let told = self.drop_row(&object, &mut touched);
                    self.forget_unreadable(object.project.as_ref(), &object.name);
                    if change != Change::Deleted {
                        count_unreadable(&mut self.snapshot, object);
                    }
                    told
                }
            };
            changed.extend(told.map(|told| (revision, told)));
        }
        for (name, streams) in touched {
            self.snapshot.put(&name, Project::of(name.clone(), streams));
        }
        if self.names.len() > 2 * self.swept + 1000 {
            self.sweep();
        }
        changed
    }

    /// A stream that can no longer be read is no longer shown as it was.
    fn drop_row(
        &self,
        object: &Unreadable,
        touched: &mut HashMap<ProjectName, Vec<Entry>>,
    ) -> Option<Changed> {
        let (project, name) = (object.project.clone()?, object.name.parse().ok()?);
        let streams = touched
            .entry(project)
            .or_insert_with_key(|project| entries(&self.snapshot, project));
        let at = find(streams, &name).ok()?;
        Changed::between(Some(&streams.remove(at).stream), None)
    }

    fn forget_unreadable(&mut self, project: Option<&ProjectName>, name: &str) {
        if self.snapshot.knows_unreadables() {
            self.snapshot
                .unreadables()
                .0
                .remove(&(project.cloned(), name.to_owned()));
        }
    }

    /// Forgets names that no stream has any more: over the years, tags come and go.
    fn sweep(&mut self) {
        let mut names = Interner::default();
        for entry in self.snapshot.streams() {
            names.project(entry.stream.project.clone());
            entry
                .stream
                .tags()
                .for_each(|tag| drop(names.tag(tag.name().clone())));
            entry
                .stream
                .labels()
                .for_each(|(key, value)| drop((names.label(key), names.label(value))));
        }
        self.names = names;
        self.swept = self.names.len();
    }

    #[cfg(test)]
    pub(super) fn names(&self) -> usize {
        self.names.len()
    }
}

fn entries(snapshot: &Snapshot, project: &ProjectName) -> Vec<Entry> {
    snapshot
        .project(project)
        .map(|project| project.streams.clone())
        .unwrap_or_default()
}

/// What is older than what is known (a list's later chunk may have shown it already) changes
/// nothing.
fn apply(streams: &mut Vec<Entry>, change: Change, stream: &Arc<Stream>) -> Option<Changed> {
    let place = find(streams, &stream.name);
    let known = place.ok().map(|at| &streams[at].stream);
    if known.is_some_and(|known| known.version() > stream.version()) {
        return None;
    }
    match (place, change) {
        (Err(_), Change::Deleted) => None,
        (Ok(at), Change::Deleted) => Changed::between(Some(&streams.remove(at).stream), None),
        (Err(at), _) => {
            streams.insert(at, Entry::of(Arc::clone(stream)));
            Changed::between(None, Some(stream))
        }
        (Ok(at), _) => {
            let old = std::mem::replace(&mut streams[at], Entry::of(Arc::clone(stream)));
            Changed::between(Some(&old.stream), Some(stream))
        }
    }
}

fn count_unreadable(snapshot: &mut Snapshot, object: Unreadable) {
    let (known, nameless) = snapshot.unreadables();
    if object.name.is_empty() || known.len() >= UNREADABLE {
        *nameless += 1;
    } else {
        known.insert((object.project, object.name));
    }
}
