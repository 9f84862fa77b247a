//! All image streams at one moment.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use super::stream::{Stamp, Stream};
use super::words::Words;
use registry_model::{ImageStream, ImageStreamName, ProjectName, version_order};

/// Image streams by project, in natural order. It never changes; what comes after it shares with it
/// what is the same.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Shared as a whole: whoever looks at a snapshot takes one reference, not one for each
    /// project.
    projects: Arc<Vec<Arc<Project>>>,
    /// The revision of the cluster that it shows.
    revision: Option<u64>,
    /// Objects that made no sense, by their project and name.
    unreadable: Arc<BTreeSet<(Option<ProjectName>, String)>>,
    /// Those of which not even a name was known.
    nameless: usize,
}

/// The image streams of one project; at least one.
#[derive(Debug)]
pub struct Project {
    pub name: ProjectName,
    /// Its image streams, by name in natural order.
    pub streams: Vec<Entry>,
    /// How many tags they have.
    pub tags: usize,
    /// How many of these could not be imported.
    pub failing: usize,
    newest: Stamp,
    most_tags: usize,
    bytes: usize,
    words: OnceLock<Words>,
}

/// An image stream, with what lists are sorted by at hand.
#[derive(Clone, Debug)]
pub struct Entry {
    pub stream: Arc<Stream>,
    /// How many tags it has, without those that only attach something to an image.
    pub tags: usize,
    newest: Stamp,
}

impl Entry {
    pub(super) fn of(stream: Arc<Stream>) -> Self {
        let tags = stream
            .tags()
            .filter(|tag| !tag.name().is_attachment())
            .count();
        let newest = stream.newest();
        Self {
            stream,
            tags,
            newest,
        }
    }

    /// When an image last came in.
    #[must_use]
    pub fn last_push(&self) -> Option<DateTime<Utc>> {
        self.newest.time()
    }

    /// A number that is the larger, the later an image last came in; the least there is, where none
    /// ever did.
    #[must_use]
    pub fn order_of_push(&self) -> i64 {
        self.newest.order()
    }
}

impl Project {
    /// Nothing without streams. They must be in natural order.
    pub(super) fn of(name: ProjectName, streams: Vec<Entry>) -> Option<Arc<Self>> {
        if streams.is_empty() {
            return None;
        }
        let tags = streams.iter().map(|entry| entry.tags).sum();
        let failing = streams
            .iter()
            .filter_map(|entry| entry.stream.failures.as_ref())
            .map(|failures| failures.tags)
            .sum();
        let newest = streams
            .iter()
            .map(|entry| entry.newest)
            .max()
            .unwrap_or(Stamp::NEVER);
        let most_tags = streams
            .iter()
            .map(|entry| entry.tags)
            .max()
            .unwrap_or_default();
        let bytes = streams.iter().map(|entry| entry.stream.bytes()).sum();
        Some(Arc::new(Self {
            name,
            streams,
            tags,
            failing,
            newest,
            most_tags,
            bytes,
            words: OnceLock::new(),
        }))
    }

    /// What its streams can be found by.
    #[must_use]
    pub fn words(&self) -> &Words {
        self.words
            .get_or_init(|| Words::of(&self.name, &self.streams))
    }

    /// The most tags that any of its streams has.
    #[must_use]
    pub fn most_tags(&self) -> usize {
        self.most_tags
    }

    /// The most that [`Entry::order_of_push`] is for any of its streams.
    #[must_use]
    pub fn order_of_push(&self) -> i64 {
        self.newest.order()
    }

    /// When an image last came into one of its streams.
    #[must_use]
    pub fn last_push(&self) -> Option<DateTime<Utc>> {
        self.newest.time()
    }
}

/// Image streams as a list gives them, of which no more is kept than a snapshot holds.
#[derive(Debug, Default)]
pub struct Gathered(Vec<Arc<Stream>>);

impl Gathered {
    /// Takes one more. Of two with the same name the later is the newer.
    pub fn take(&mut self, stream: ImageStream) {
        self.0.push(Arc::new(Stream::of(stream, None)));
    }

    /// Takes all that `other` has.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }
}

impl From<Gathered> for Snapshot {
    fn from(gathered: Gathered) -> Self {
        Self::of_streams(gathered.0.into_iter())
    }
}

impl Snapshot {
    /// The snapshot that these streams, as a list gave them, amount to.
    #[must_use]
    pub fn of(streams: Vec<ImageStream>) -> Self {
        let mut gathered = Gathered::default();
        streams.into_iter().for_each(|stream| gathered.take(stream));
        gathered.into()
    }

    pub(super) fn of_streams(streams: impl Iterator<Item = Arc<Stream>>) -> Self {
        let mut projects: HashMap<ProjectName, Vec<Entry>> = HashMap::new();
        for stream in streams {
            projects
                .entry(stream.project.clone())
                .or_default()
                .push(Entry::of(stream));
        }
        let projects = projects.into_iter().filter_map(|(name, mut streams)| {
            streams.sort_by(|a, b| natural(a.stream.name.as_str(), b.stream.name.as_str()));
            // A list that names a stream twice means the same one: the later is the newer.
            streams.dedup_by(|later, earlier| {
                let same = later.stream.name == earlier.stream.name;
                if same {
                    std::mem::swap(later, earlier);
                }
                same
            });
            Project::of(name, streams)
        });
        let mut projects: Vec<_> = projects.collect();
        projects.sort_by(|a, b| natural(a.name.as_str(), b.name.as_str()));
        Self {
            projects: Arc::new(projects),
            ..Self::default()
        }
    }

    /// About how many bytes it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.projects.iter().map(|project| project.bytes).sum()
    }

    /// The revision of the cluster that it shows: known of the index alone, and only where
    /// revisions are numbers, as etcd's are.
    #[must_use]
    pub fn revision(&self) -> Option<u64> {
        self.revision
    }

    pub(super) fn is_at(&mut self, revision: Option<u64>) {
        self.revision = revision;
    }

    /// The projects that have image streams, in natural order.
    #[must_use]
    pub fn projects(&self) -> &[Arc<Project>] {
        &self.projects
    }

    /// One project, if it has image streams.
    #[must_use]
    pub fn project(&self, name: &ProjectName) -> Option<&Arc<Project>> {
        self.place(name).ok().map(|at| &self.projects[at])
    }

    /// How many image streams a project has.
    #[must_use]
    pub fn count_of(&self, name: &ProjectName) -> usize {
        self.project(name)
            .map_or(0, |project| project.streams.len())
    }

    #[must_use]
    pub fn stream(&self, project: &ProjectName, name: &ImageStreamName) -> Option<&Arc<Stream>> {
        let streams = &self.project(project)?.streams;
        find(streams, name).ok().map(|at| &streams[at].stream)
    }

    /// All image streams, by project and name in natural order.
    pub fn streams(&self) -> impl Iterator<Item = &Entry> {
        self.projects.iter().flat_map(|project| &project.streams)
    }

    /// The `count` streams that an image came into last, latest first; of those at the same moment,
    /// the first in natural order.
    #[must_use]
    pub fn latest(&self, count: usize) -> Vec<&Entry> {
        let mut latest: Vec<&Entry> = Vec::with_capacity(count + 1);
        for project in self.projects.iter() {
            // Later ones in order must be later in time as well: most projects need no look at
            // their streams.
            let late = |newest: Stamp, latest: &[&Entry]| {
                newest
                    > latest
                        .get(count - 1)
                        .map_or(Stamp::NEVER, |last| last.newest)
            };
            if count == 0 || !late(project.newest, &latest) {
                continue;
            }
            for entry in &project.streams {
                if late(entry.newest, &latest) {
                    let place = latest.partition_point(|known| known.newest >= entry.newest);
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
    pub fn tags(&self) -> usize {
        self.projects.iter().map(|project| project.tags).sum()
    }

    /// How many objects made no sense and were left out.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.unreadable.len() + self.nameless
    }

    /// The projects for which `is_seen` is true, and nothing of the others.
    #[must_use]
    pub fn only(&self, is_seen: impl Fn(&ProjectName) -> bool) -> Self {
        let projects = Arc::new(
            self.projects
                .iter()
                .filter(|project| is_seen(&project.name))
                .cloned()
                .collect(),
        );
        let seen =
            |(project, _): &&(Option<ProjectName>, String)| project.as_ref().is_some_and(&is_seen);
        let unreadable = Arc::new(self.unreadable.iter().filter(seen).cloned().collect());
        Self {
            projects,
            revision: self.revision,
            unreadable,
            nameless: 0,
        }
    }

    /// The same with `project` as it is in `other`, with whatever made no sense there.
    #[must_use]
    pub fn with(mut self, project: &ProjectName, other: &Self) -> Self {
        self.put(project, other.project(project).cloned());
        self
    }

    pub(super) fn put(&mut self, name: &ProjectName, project: Option<Arc<Project>>) {
        match (self.place(name), project) {
            (Ok(at), Some(project)) => Arc::make_mut(&mut self.projects)[at] = project,
            (Ok(at), None) => drop(Arc::make_mut(&mut self.projects).remove(at)),
            (Err(at), Some(project)) => Arc::make_mut(&mut self.projects).insert(at, project),
            (Err(_), None) => {}
        }
    }

    pub(super) fn unreadables(
        &mut self,
    ) -> (&mut BTreeSet<(Option<ProjectName>, String)>, &mut usize) {
        (Arc::make_mut(&mut self.unreadable), &mut self.nameless)
    }

    pub(super) fn knows_unreadables(&self) -> bool {
        !self.unreadable.is_empty()
    }

    fn place(&self, name: &ProjectName) -> Result<usize, usize> {
        self.projects
            .binary_search_by(|project| natural(project.name.as_str(), name.as_str()))
    }
}

/// Where a stream is, or would be, among those of its project.
pub(super) fn find(streams: &[Entry], name: &ImageStreamName) -> Result<usize, usize> {
    streams.binary_search_by(|entry| natural(entry.stream.name.as_str(), name.as_str()))
}

fn natural(a: &str, b: &str) -> Ordering {
    version_order::compare(a, b)
}
