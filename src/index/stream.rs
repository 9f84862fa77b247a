//! An image stream as the index stores it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::index::import::{self, IndexedImport};
use crate::index::interner::Interner;
use crate::index::tracking::{IndexedTracking, tracking_of};
use registry_model::{self, Digest, ImageStreamName, ProjectName, TagName, TagSource};

/// What lists show of an image stream, and what a search finds it by. About 100 bytes for each tag,
/// 48 for each item of its history, and 50 and the source for each import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedStream {
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// Its failed imports.
    pub failures: Option<Box<ImportFailures>>,
    /// Whether it imports all tags of a repository elsewhere.
    pub follows_repository: bool,
    /// What it imports from other registries.
    pub imports: Box<[IndexedImport]>,
    /// Which of its tags track others.
    pub tracking: Box<[IndexedTracking]>,
    resource_version: Option<u64>,
    labels: Box<[(Arc<str>, Arc<str>)]>,
    tags: Box<[TagRecord]>,
    events: Box<[IndexedTagEvent]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct TagRecord {
    name: TagName,
    generation: Option<i64>,
    /// The end of its items in [`IndexedStream::events`]. They begin at the end of the preceding
    /// tag's.
    events_end: u32,
    has_import_failed: bool,
    origin: TagOrigin,
    is_overridden_by_push: bool,
}

/// How the images of a tag arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagOrigin {
    /// They are pushed.
    Pushed,
    /// They are imported from another registry.
    Imported,
    /// The tag follows another tag.
    Tracking,
    /// The tag was set to an image.
    Set,
}

impl From<&TagSource> for TagOrigin {
    fn from(source: &TagSource) -> Self {
        match source {
            TagSource::Pushed | TagSource::Unknown(_) => Self::Pushed,
            TagSource::External(_) => Self::Imported,
            TagSource::StreamTag(_) => Self::Tracking,
            TagSource::StreamImage(_) => Self::Set,
        }
    }
}

/// An item of a tag's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedTagEvent {
    /// The image, if it is known.
    pub image: Option<Digest>,
    when: MicrosTime,
}

/// The failed imports of an image stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFailures {
    /// The number of tags with a failed import.
    pub tag_count: usize,
    /// The API server's message about the first. Untrusted.
    pub message: String,
    /// The tags, oldest version first.
    pub tags: Box<[FailedTag]>,
}

/// A tag whose last import failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedTag {
    pub name: TagName,
    /// The beginning of the API server's message. Untrusted.
    pub message: Box<str>,
    when: MicrosTime,
}

impl FailedTag {
    /// Since when the import fails.
    #[must_use]
    pub fn when(&self) -> Option<DateTime<Utc>> {
        self.when.time()
    }
}

/// A tag of a stream.
#[derive(Clone, Copy, Debug)]
pub struct IndexedTag<'a> {
    row: &'a TagRecord,
    /// The images that it has pointed to, newest first.
    pub history: &'a [IndexedTagEvent],
}

/// A time in microseconds, or none, in half the size of an `Option<DateTime>`. None is before all
/// others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MicrosTime(i64);

impl MicrosTime {
    pub(super) const NEVER: Self = Self(i64::MIN);

    fn from_time(time: Option<DateTime<Utc>>) -> Self {
        time.map_or(Self::NEVER, |time| Self(time.timestamp_micros()))
    }

    pub(super) fn as_micros(self) -> i64 {
        self.0
    }

    pub(super) fn time(self) -> Option<DateTime<Utc>> {
        if self == Self::NEVER {
            None
        } else {
            DateTime::from_timestamp_micros(self.0)
        }
    }
}

/// The memory of an image stream besides its tags: reference counts, list entries, rounding.
const STREAM_OVERHEAD_BYTES: usize = 200;
/// The memory of a tag, or of an image of one, in the search index.
const SEARCH_ENTRY_BYTES: usize = 24;

/// How much of the message of a failed import is kept: a list shows it in one line.
pub(super) const MAX_MESSAGE_BYTES: usize = 1000;
/// The same for the message about one of several tags.
const MAX_TAG_MESSAGE_BYTES: usize = 400;

impl IndexedStream {
    /// Copies what the index needs of `stream`, with shared names from `names` if it is to be kept.
    pub(super) fn from_model(
        stream: registry_model::ImageStream,
        mut names: Option<&mut Interner>,
    ) -> Self {
        let failures = import_failures(&stream.tags);
        let (imports, tracking) = (import::imports_of(&stream), tracking_of(&stream));
        let labels = stream.labels.iter().map(|(key, value)| match &mut names {
            Some(names) => (names.intern_label(key), names.intern_label(value)),
            None => (key.as_str().into(), value.as_str().into()),
        });
        let labels = labels.collect();
        let mut events = Vec::with_capacity(stream.tags.iter().map(|tag| tag.history.len()).sum());
        let mut tags = Vec::with_capacity(stream.tags.len());
        for tag in stream.tags {
            let generation = tag.current().and_then(|event| event.generation);
            let origin = TagOrigin::from(&tag.source);
            let is_overridden_by_push = tag.is_overridden_by_push();
            events.extend(tag.history.into_iter().map(|event| IndexedTagEvent {
                image: event.image,
                when: MicrosTime::from_time(event.created),
            }));
            let name = names.as_deref_mut().map_or_else(
                || tag.name.clone(),
                |names| names.intern_tag(tag.name.clone()),
            );
            let end = u32::try_from(events.len()).unwrap_or(u32::MAX);
            tags.push(TagRecord {
                name,
                generation,
                events_end: end,
                has_import_failed: tag.import_failure.is_some(),
                origin,
                is_overridden_by_push,
            });
        }
        let project = names.map_or_else(
            || stream.project.clone(),
            |names| names.intern_project(stream.project.clone()),
        );
        Self {
            project,
            name: stream.name,
            created: stream.created,
            failures,
            follows_repository: stream.follows.is_some(),
            imports,
            tracking,
            resource_version: stream
                .resource_version
                .and_then(|version| version.parse().ok()),
            labels,
            tags: tags.into(),
            events: events.into(),
        }
    }

    /// Its tags in the order of versions, oldest first.
    pub fn tags(&self) -> impl ExactSizeIterator<Item = IndexedTag<'_>> {
        (0..self.tags.len()).map(|at| self.tag(at))
    }

    /// Whether any of its tags is imported from another registry.
    #[must_use]
    pub fn is_importing(&self) -> bool {
        self.follows_repository
            || self
                .tags
                .iter()
                .any(|tag| tag.origin == TagOrigin::Imported)
    }

    /// The tag at an index, which must exist.
    #[must_use]
    pub fn tag(&self, at: usize) -> IndexedTag<'_> {
        let (row, start) = (
            &self.tags[at],
            at.checked_sub(1)
                .map_or(0, |before| self.tags[before].events_end),
        );
        IndexedTag {
            row,
            history: &self.events[start as usize..row.events_end as usize],
        }
    }

    /// Its labels. Untrusted.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(key, value)| (&**key, &**value))
    }

    /// All images in the history of its tags. An image may occur more than once.
    pub(super) fn images(&self) -> impl Iterator<Item = &Digest> {
        self.events.iter().filter_map(|event| event.image.as_ref())
    }

    /// The tags that only one of the two has, and those that point to another image or whose import
    /// fails in only one.
    pub(super) fn changed_tags(&self, old: &Self) -> Vec<TagName> {
        let mut before: HashMap<&TagName, IndexedTag<'_>> =
            old.tags().map(|tag| (tag.name(), tag)).collect();
        let differs = |tag: &IndexedTag<'_>| {
            before.remove(tag.name()).is_none_or(|old| {
                old.current() != tag.current() || old.has_failed() != tag.has_failed()
            })
        };
        let mut differing: Vec<TagName> = self
            .tags()
            .filter(differs)
            .map(|tag| tag.name().clone())
            .collect();
        differing.extend(before.into_keys().cloned());
        differing
    }

    /// The approximate memory in bytes, including the search index, without the names that are
    /// shared.
    pub(super) fn memory_bytes(&self) -> usize {
        let labels = std::mem::size_of_val(&*self.labels);
        let tags = self.tags.len() * (size_of::<TagRecord>() + SEARCH_ENTRY_BYTES);
        let events = self.events.len() * (size_of::<IndexedTagEvent>() + SEARCH_ENTRY_BYTES);
        let failures = self.failures.as_ref().map_or(0, |failures| {
            let messages: usize = failures.tags.iter().map(|tag| tag.message.len()).sum();
            size_of::<ImportFailures>()
                + failures.message.len()
                + std::mem::size_of_val(&*failures.tags)
                + messages
        });
        let imports = std::mem::size_of_val(&*self.imports)
            + self
                .imports
                .iter()
                .map(IndexedImport::heap_bytes)
                .sum::<usize>();
        let tracking = std::mem::size_of_val(&*self.tracking)
            + self
                .tracking
                .iter()
                .map(IndexedTracking::heap_bytes)
                .sum::<usize>();
        size_of::<Self>()
            + STREAM_OVERHEAD_BYTES
            + 2 * self.name.as_str().len()
            + labels
            + tags
            + events
            + failures
            + imports
            + tracking
    }

    /// The resource version of the object, if it is a number, as with etcd.
    #[must_use]
    pub fn resource_version(&self) -> Option<u64> {
        self.resource_version
    }

    /// When an image was last pushed or imported.
    pub(super) fn last_push(&self) -> MicrosTime {
        self.tags()
            .filter_map(|tag| tag.current())
            .map(|event| event.when)
            .max()
            .unwrap_or(MicrosTime::NEVER)
    }
}

impl<'a> IndexedTag<'a> {
    #[must_use]
    pub fn name(&self) -> &'a TagName {
        &self.row.name
    }

    /// The image that it points to.
    #[must_use]
    pub fn current(&self) -> Option<&'a IndexedTagEvent> {
        self.history.first()
    }

    /// The generation of the current tag event.
    #[must_use]
    pub fn generation(&self) -> Option<i64> {
        self.row.generation
    }

    /// Whether its last import failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.row.has_import_failed
    }

    /// How its images arrive.
    #[must_use]
    pub fn origin(&self) -> TagOrigin {
        self.row.origin
    }

    /// Whether an image was pushed to it after its source was set.
    #[must_use]
    pub fn is_overridden_by_push(&self) -> bool {
        self.row.is_overridden_by_push
    }
}

impl IndexedTagEvent {
    /// A number that grows with the time of the current tag event; the smallest one if that is not
    /// known.
    #[must_use]
    pub fn when_micros(&self) -> i64 {
        self.when.as_micros()
    }

    /// Since when the tag points to its image.
    #[must_use]
    pub fn when(&self) -> Option<DateTime<Utc>> {
        self.when.time()
    }
}

fn import_failures(tags: &[registry_model::Tag]) -> Option<Box<ImportFailures>> {
    let failed: Box<[FailedTag]> = tags
        .iter()
        .filter_map(|tag| {
            let failure = tag.import_failure.as_ref()?;
            Some(FailedTag {
                name: tag.name.clone(),
                message: truncated(&failure.message, MAX_TAG_MESSAGE_BYTES).into(),
                when: MicrosTime::from_time(failure.when),
            })
        })
        .collect();
    let first = tags.iter().find_map(|tag| tag.import_failure.as_ref())?;
    Some(Box::new(ImportFailures {
        tag_count: failed.len(),
        message: truncated(&first.message, MAX_MESSAGE_BYTES),
        tags: failed,
    }))
}

/// The beginning of a message, with an ellipsis where it was cut.
pub(super) fn truncated(message: &str, max_bytes: usize) -> String {
    if message.len() <= max_bytes {
        return message.to_owned();
    }
    let mut start = message[..message.floor_char_boundary(max_bytes)].to_owned();
    start.push('…');
    start
}
