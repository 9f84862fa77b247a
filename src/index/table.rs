//! The state that the writer works on: the latest snapshot, and how changes are applied to it.

use std::collections::HashMap;
use std::sync::Arc;

use super::snapshot::{IndexedProject, Snapshot, StreamEntry, stream_position};
use super::stream::IndexedStream;
use crate::index::change_log::StreamChange;
use crate::index::interner::Interner;
use crate::openshift::{ListedObject as _, MalformedObject, StreamItem, WatchEventKind};
use registry_model::ProjectName;

/// The latest snapshot, and the names that it shares.
#[derive(Debug, Default)]
pub(super) struct IndexTable {
    pub(super) snapshot: Snapshot,
    names: Interner,
    /// How many names there were when unused ones were last removed.
    name_count_after_cleanup: usize,
}

/// A list that is being read. It replaces the content of the table once it is complete.
#[derive(Debug)]
pub struct PendingList {
    streams: Vec<Arc<IndexedStream>>,
    names: Interner,
    malformed: Vec<MalformedObject>,
    /// How many malformed objects are only counted.
    omitted_malformed_count: usize,
    bytes: usize,
    /// The memory limit in bytes. If the list exceeds it, it is discarded.
    max_bytes: usize,
}

/// Malformed objects beyond this number are only counted.
const MAX_MALFORMED_OBJECTS: usize = 10_000;

impl PendingList {
    /// A list that may take about so many bytes of memory.
    pub(super) fn new(most_bytes: usize) -> Self {
        let (streams, names, unreadable) = Default::default();
        Self {
            streams,
            names,
            malformed: unreadable,
            omitted_malformed_count: 0,
            bytes: 0,
            max_bytes: most_bytes,
        }
    }

    /// Whether the list exceeded the memory limit.
    pub(super) fn is_too_large(&self) -> bool {
        self.bytes + self.names.bytes() > self.max_bytes
    }

    /// Adds an object. If it is the same as in `previous`, its memory is shared.
    pub(super) fn push(&mut self, item: StreamItem, previous: &Snapshot) {
        match item {
            StreamItem::Stream(_) if self.is_too_large() => {}
            StreamItem::Stream(stream) => {
                let stream = IndexedStream::from_model(*stream, Some(&mut self.names));
                self.bytes += stream.memory_bytes();
                if self.is_too_large() {
                    self.streams = Vec::new();
                    return;
                }
                let previous = previous
                    .stream(&stream.project, &stream.name)
                    .filter(|previous| ***previous == stream);
                self.streams
                    .push(previous.cloned().unwrap_or_else(|| Arc::new(stream)));
            }
            StreamItem::Malformed(object) if self.malformed.len() < MAX_MALFORMED_OBJECTS => {
                self.malformed.push(object)
            }
            StreamItem::Malformed(_) => self.omitted_malformed_count += 1,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }
}

impl IndexTable {
    /// Replaces the whole content by a list. Returns the changes, including the deletion of image
    /// streams that the list does not contain.
    pub(super) fn replace_all(&mut self, listing: PendingList) -> Vec<StreamChange> {
        let mut snapshot = Snapshot::from_indexed_streams(listing.streams.into_iter());
        for object in listing.malformed {
            record_malformed_object(&mut snapshot, object);
        }
        *snapshot.malformed_objects_mut().1 += listing.omitted_malformed_count;
        let mut changed = Vec::new();
        for entry in snapshot.streams() {
            let previous = self
                .snapshot
                .stream(&entry.stream.project, &entry.stream.name);
            if !previous.is_some_and(|previous| Arc::ptr_eq(previous, &entry.stream)) {
                changed.extend(StreamChange::from_streams(
                    previous.map(|previous| &**previous),
                    Some(&entry.stream),
                ));
            }
        }
        let deleted = self.snapshot.streams().filter(|entry| {
            snapshot
                .stream(&entry.stream.project, &entry.stream.name)
                .is_none()
        });
        changed.extend(
            deleted.filter_map(|entry| StreamChange::from_streams(Some(&entry.stream), None)),
        );
        self.snapshot = snapshot;
        self.names = listing.names;
        // Image streams that were kept still refer to their earlier names; the cleanup unifies
        // them.
        self.drop_unused_names();
        changed
    }

    /// The approximate memory in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.snapshot.bytes() + self.names.bytes()
    }

    /// Applies a batch of changes in order. Returns those that a list shows, each with its revision
    /// (0: not a number). Each affected project is copied once.
    pub(super) fn apply(
        &mut self,
        batch: Vec<(WatchEventKind, StreamItem)>,
    ) -> Vec<(u64, StreamChange)> {
        let mut touched: HashMap<ProjectName, Vec<StreamEntry>> = HashMap::new();
        let mut changed = Vec::new();
        for (change, item) in batch {
            let revision = item
                .resource_version()
                .and_then(|version| version.parse().ok())
                .unwrap_or_default();
            let stream_change = match item {
                StreamItem::Stream(stream) => {
                    self.remove_malformed_record(Some(&stream.project), stream.name.as_str());
                    let stream =
                        Arc::new(IndexedStream::from_model(*stream, Some(&mut self.names)));
                    let streams = touched
                        .entry(stream.project.clone())
                        .or_insert_with_key(|name| project_entries(&self.snapshot, name));
                    apply_change(streams, change, &stream)
                }
                StreamItem::Malformed(object) => {
                    let stream_change = self.remove_malformed_stream(&object, &mut touched);
                    self.remove_malformed_record(object.project.as_ref(), &object.name);
                    if change != WatchEventKind::Deleted {
                        record_malformed_object(&mut self.snapshot, object);
                    }
                    stream_change
                }
            };
            changed.extend(stream_change.map(|stream_change| (revision, stream_change)));
        }
        for (name, streams) in touched {
            self.snapshot
                .replace_project(&name, IndexedProject::new(name.clone(), streams));
        }
        if self.names.len() > 2 * self.name_count_after_cleanup + 1000 {
            self.drop_unused_names();
        }
        changed
    }

    /// Removes an image stream that has become malformed.
    fn remove_malformed_stream(
        &self,
        object: &MalformedObject,
        touched: &mut HashMap<ProjectName, Vec<StreamEntry>>,
    ) -> Option<StreamChange> {
        let (project, name) = (object.project.clone()?, object.name.parse().ok()?);
        let streams = touched
            .entry(project)
            .or_insert_with_key(|project| project_entries(&self.snapshot, project));
        let at = stream_position(streams, &name).ok()?;
        StreamChange::from_streams(Some(&streams.remove(at).stream), None)
    }

    fn remove_malformed_record(&mut self, project: Option<&ProjectName>, name: &str) {
        if self.snapshot.has_malformed_objects() {
            self.snapshot
                .malformed_objects_mut()
                .0
                .remove(&(project.cloned(), name.to_owned()));
        }
    }

    /// Removes names that no image stream uses: over the years, tags come and go.
    fn drop_unused_names(&mut self) {
        let mut names = Interner::default();
        for entry in self.snapshot.streams() {
            names.intern_project(entry.stream.project.clone());
            entry
                .stream
                .tags()
                .for_each(|tag| drop(names.intern_tag(tag.name().clone())));
            entry.stream.labels().for_each(|(key, value)| {
                drop((names.intern_label(key), names.intern_label(value)))
            });
        }
        self.names = names;
        self.name_count_after_cleanup = self.names.len();
    }

    #[cfg(test)]
    pub(super) fn name_count(&self) -> usize {
        self.names.len()
    }
}

fn project_entries(snapshot: &Snapshot, project: &ProjectName) -> Vec<StreamEntry> {
    snapshot
        .project(project)
        .map(|project| project.streams.clone())
        .unwrap_or_default()
}

/// A change that is older than the known state (a later chunk of a list may have contained it
/// already) has no effect.
fn apply_change(
    streams: &mut Vec<StreamEntry>,
    change: WatchEventKind,
    stream: &Arc<IndexedStream>,
) -> Option<StreamChange> {
    let place = stream_position(streams, &stream.name);
    let known = place.ok().map(|at| &streams[at].stream);
    if known.is_some_and(|known| known.resource_version() > stream.resource_version()) {
        return None;
    }
    match (place, change) {
        (Err(_), WatchEventKind::Deleted) => None,
        (Ok(at), WatchEventKind::Deleted) => {
            StreamChange::from_streams(Some(&streams.remove(at).stream), None)
        }
        (Err(at), _) => {
            streams.insert(at, StreamEntry::new(Arc::clone(stream)));
            StreamChange::from_streams(None, Some(stream))
        }
        (Ok(at), _) => {
            let old = std::mem::replace(&mut streams[at], StreamEntry::new(Arc::clone(stream)));
            StreamChange::from_streams(Some(&old.stream), Some(stream))
        }
    }
}

fn record_malformed_object(snapshot: &mut Snapshot, object: MalformedObject) {
    let (known, nameless) = snapshot.malformed_objects_mut();
    if object.name.is_empty() || known.len() >= MAX_MALFORMED_OBJECTS {
        *nameless += 1;
    } else {
        known.insert((object.project, object.name));
    }
}
