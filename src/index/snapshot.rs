//! All image streams at one revision.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use super::stream::{IndexedStream, MicrosTime};
use crate::index::name_index::NameIndex;
use registry_model::{ImageStream, ImageStreamName, ProjectName, version_order};

/// Image streams by project, in natural order. A snapshot is immutable; later ones share the
/// projects that have not changed.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Shared as a whole: a reader clones one reference, not one for each project.
    projects: Arc<Vec<Arc<IndexedProject>>>,
    /// The revision of the cluster that the snapshot shows.
    revision: Option<u64>,
    /// Malformed objects, by project and name.
    malformed: Arc<BTreeSet<(Option<ProjectName>, String)>>,
    /// How many malformed objects do not even have a name.
    unnamed_malformed_count: usize,
}

/// The image streams of one project; at least one.
#[derive(Debug)]
pub struct IndexedProject {
    pub name: ProjectName,
    /// Its image streams, by name in natural order.
    pub streams: Vec<StreamEntry>,
    /// How many tags they have.
    pub tag_count: usize,
    /// How many of these could not be imported.
    pub failing_tag_count: usize,
    last_push: MicrosTime,
    max_tags_per_stream: usize,
    memory_bytes: usize,
    name_index: OnceLock<NameIndex>,
}

/// An image stream, with the values by which lists are sorted.
#[derive(Clone, Debug)]
pub struct StreamEntry {
    pub stream: Arc<IndexedStream>,
    /// How many tags it has, without those that only attach something to an image.
    pub tag_count: usize,
    last_push: MicrosTime,
}

impl StreamEntry {
    pub(super) fn new(stream: Arc<IndexedStream>) -> Self {
        let tags = stream
            .tags()
            .filter(|tag| !tag.name().is_attachment())
            .count();
        let newest = stream.last_push();
        Self {
            stream,
            tag_count: tags,
            last_push: newest,
        }
    }

    /// When an image was last pushed or imported.
    #[must_use]
    pub fn last_push(&self) -> Option<DateTime<Utc>> {
        self.last_push.time()
    }

    /// A number that grows with the time of the last push or import; the smallest one if there was
    /// none.
    #[must_use]
    pub fn last_push_micros(&self) -> i64 {
        self.last_push.as_micros()
    }
}

impl IndexedProject {
    /// `None` without image streams. They must be in natural order.
    pub(super) fn new(name: ProjectName, streams: Vec<StreamEntry>) -> Option<Arc<Self>> {
        if streams.is_empty() {
            return None;
        }
        let tags = streams.iter().map(|entry| entry.tag_count).sum();
        let failing = streams
            .iter()
            .filter_map(|entry| entry.stream.failures.as_ref())
            .map(|failures| failures.tag_count)
            .sum();
        let newest = streams
            .iter()
            .map(|entry| entry.last_push)
            .max()
            .unwrap_or(MicrosTime::NEVER);
        let most_tags = streams
            .iter()
            .map(|entry| entry.tag_count)
            .max()
            .unwrap_or_default();
        let bytes = streams
            .iter()
            .map(|entry| entry.stream.memory_bytes())
            .sum();
        Some(Arc::new(Self {
            name,
            streams,
            tag_count: tags,
            failing_tag_count: failing,
            last_push: newest,
            max_tags_per_stream: most_tags,
            memory_bytes: bytes,
            name_index: OnceLock::new(),
        }))
    }

    /// The search index of the image streams.
    #[must_use]
    pub fn name_index(&self) -> &NameIndex {
        self.name_index
            .get_or_init(|| NameIndex::new(&self.name, &self.streams))
    }

    /// The largest number of tags that any of its image streams has.
    #[must_use]
    pub fn most_tags(&self) -> usize {
        self.max_tags_per_stream
    }

    /// The greatest [`StreamEntry::last_push_micros`] of its image streams.
    #[must_use]
    pub fn last_push_micros(&self) -> i64 {
        self.last_push.as_micros()
    }

    /// When an image was last pushed or imported into one of its image streams.
    #[must_use]
    pub fn last_push(&self) -> Option<DateTime<Utc>> {
        self.last_push.time()
    }
}

/// Collects the image streams of a list. Keeps only what a snapshot contains.
#[derive(Debug, Default)]
pub struct CollectedStreams(Vec<Arc<IndexedStream>>);

impl CollectedStreams {
    /// Adds an image stream. Of two with the same name the later is the newer.
    pub fn push(&mut self, stream: ImageStream) {
        self.0
            .push(Arc::new(IndexedStream::from_model(stream, None)));
    }

    /// Adds everything in `other`.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }
}

impl From<CollectedStreams> for Snapshot {
    fn from(gathered: CollectedStreams) -> Self {
        Self::from_indexed_streams(gathered.0.into_iter())
    }
}

impl Snapshot {
    /// The snapshot of the collected image streams.
    #[must_use]
    pub fn from_streams(streams: Vec<ImageStream>) -> Self {
        let mut gathered = CollectedStreams::default();
        streams.into_iter().for_each(|stream| gathered.push(stream));
        gathered.into()
    }

    pub(super) fn from_indexed_streams(streams: impl Iterator<Item = Arc<IndexedStream>>) -> Self {
        let mut projects: HashMap<ProjectName, Vec<StreamEntry>> = HashMap::new();
        for stream in streams {
            projects
                .entry(stream.project.clone())
                .or_default()
                .push(StreamEntry::new(stream));
        }
        let projects = projects.into_iter().filter_map(|(name, mut streams)| {
            streams.sort_by(|a, b| natural_order(a.stream.name.as_str(), b.stream.name.as_str()));
            // A list that contains an image stream twice means the same one: the later is the
            // newer.
            streams.dedup_by(|later, earlier| {
                let same = later.stream.name == earlier.stream.name;
                if same {
                    std::mem::swap(later, earlier);
                }
                same
            });
            IndexedProject::new(name, streams)
        });
        let mut projects: Vec<_> = projects.collect();
        projects.sort_by(|a, b| natural_order(a.name.as_str(), b.name.as_str()));
        Self {
            projects: Arc::new(projects),
            ..Self::default()
        }
    }

    /// The approximate memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.projects
            .iter()
            .map(|project| project.memory_bytes)
            .sum()
    }

    /// The revision of the cluster that the snapshot shows. Known only for the index, and only if
    /// resource versions are numbers, as etcd's are.
    #[must_use]
    pub fn revision(&self) -> Option<u64> {
        self.revision
    }

    pub(super) fn set_revision(&mut self, revision: Option<u64>) {
        self.revision = revision;
    }

    /// The projects that have image streams, in natural order.
    #[must_use]
    pub fn projects(&self) -> &[Arc<IndexedProject>] {
        &self.projects
    }

    /// One project, if it has image streams.
    #[must_use]
    pub fn project(&self, name: &ProjectName) -> Option<&Arc<IndexedProject>> {
        self.project_position(name)
            .ok()
            .map(|at| &self.projects[at])
    }

    /// How many image streams a project has.
    #[must_use]
    pub fn stream_count(&self, name: &ProjectName) -> usize {
        self.project(name)
            .map_or(0, |project| project.streams.len())
    }

    #[must_use]
    pub fn stream(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Option<&Arc<IndexedStream>> {
        let streams = &self.project(project)?.streams;
        stream_position(streams, name)
            .ok()
            .map(|at| &streams[at].stream)
    }

    /// All image streams, by project and name in natural order.
    pub fn streams(&self) -> impl Iterator<Item = &StreamEntry> {
        self.projects.iter().flat_map(|project| &project.streams)
    }

    /// The `count` image streams with the latest pushes or imports, latest first; of those with the
    /// same time, the first in natural order.
    #[must_use]
    pub fn latest_streams(&self, count: usize) -> Vec<&StreamEntry> {
        let mut latest: Vec<&StreamEntry> = Vec::with_capacity(count + 1);
        for project in self.projects.iter() {
            // An entry that is later in order must also be later in time: most projects need not be
            // examined.
            let late = |newest: MicrosTime, latest: &[&StreamEntry]| {
                newest
                    > latest
                        .get(count - 1)
                        .map_or(MicrosTime::NEVER, |last| last.last_push)
            };
            if count == 0 || !late(project.last_push, &latest) {
                continue;
            }
            for entry in &project.streams {
                if late(entry.last_push, &latest) {
                    let place = latest.partition_point(|known| known.last_push >= entry.last_push);
                    latest.insert(place, entry);
                    latest.truncate(count);
                }
            }
        }
        latest
    }

    /// How many image streams there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.projects
            .iter()
            .map(|project| project.streams.len())
            .sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.projects.is_empty()
    }

    /// How many tags there are.
    #[must_use]
    pub fn tag_count(&self) -> usize {
        self.projects.iter().map(|project| project.tag_count).sum()
    }

    /// How many objects were left out because they are malformed.
    #[must_use]
    pub fn malformed_count(&self) -> usize {
        self.malformed.len() + self.unnamed_malformed_count
    }

    /// The projects for which `is_seen` is true, and nothing of the others.
    #[must_use]
    pub fn filtered(&self, is_seen: impl Fn(&ProjectName) -> bool) -> Self {
        let projects = Arc::new(
            self.projects
                .iter()
                .filter(|project| is_seen(&project.name))
                .cloned()
                .collect(),
        );
        let seen =
            |(project, _): &&(Option<ProjectName>, String)| project.as_ref().is_some_and(&is_seen);
        let unreadable = Arc::new(self.malformed.iter().filter(seen).cloned().collect());
        Self {
            projects,
            revision: self.revision,
            malformed: unreadable,
            unnamed_malformed_count: 0,
        }
    }

    /// This snapshot with `project` replaced by that of `other`, including its malformed objects.
    #[must_use]
    pub fn with_project(mut self, project: &ProjectName, other: &Self) -> Self {
        self.replace_project(project, other.project(project).cloned());
        self
    }

    pub(super) fn replace_project(
        &mut self,
        name: &ProjectName,
        project: Option<Arc<IndexedProject>>,
    ) {
        match (self.project_position(name), project) {
            (Ok(at), Some(project)) => Arc::make_mut(&mut self.projects)[at] = project,
            (Ok(at), None) => drop(Arc::make_mut(&mut self.projects).remove(at)),
            (Err(at), Some(project)) => Arc::make_mut(&mut self.projects).insert(at, project),
            (Err(_), None) => {}
        }
    }

    pub(super) fn malformed_objects_mut(
        &mut self,
    ) -> (&mut BTreeSet<(Option<ProjectName>, String)>, &mut usize) {
        (
            Arc::make_mut(&mut self.malformed),
            &mut self.unnamed_malformed_count,
        )
    }

    pub(super) fn has_malformed_objects(&self) -> bool {
        !self.malformed.is_empty()
    }

    fn project_position(&self, name: &ProjectName) -> Result<usize, usize> {
        self.projects
            .binary_search_by(|project| natural_order(project.name.as_str(), name.as_str()))
    }
}

/// The position of an image stream among those of its project, or where it would be inserted.
pub(super) fn stream_position(
    streams: &[StreamEntry],
    name: &ImageStreamName,
) -> Result<usize, usize> {
    streams.binary_search_by(|entry| natural_order(entry.stream.name.as_str(), name.as_str()))
}

fn natural_order(a: &str, b: &str) -> Ordering {
    version_order::compare(a, b)
}
