//! An image stream as the index holds it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::index::interner::Interner;
use registry_model::{self, Digest, ImageStreamName, ProjectName, TagName};

/// What lists show of an image stream, and what it can be found by. About 100 bytes for each tag
/// and 48 for each item of its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedStream {
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// What failed of its imports.
    pub failures: Option<Box<ImportFailures>>,
    resource_version: Option<u64>,
    labels: Box<[(Arc<str>, Arc<str>)]>,
    tags: Box<[TagRecord]>,
    events: Box<[IndexedTagEvent]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct TagRecord {
    name: TagName,
    generation: Option<i64>,
    /// Where its items end among [`IndexedStream::events`]: they begin where those of the tag
    /// before end.
    events_end: u32,
    has_import_failed: bool,
}

/// An item of a tag's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedTagEvent {
    /// The image, where it is known.
    pub image: Option<Digest>,
    when: MicrosTime,
}

/// The failed imports of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFailures {
    /// Of how many tags.
    pub tag_count: usize,
    /// What the master says of the first. Untrusted.
    pub message: String,
}

/// A tag of a stream.
#[derive(Clone, Copy, Debug)]
pub struct IndexedTag<'a> {
    row: &'a TagRecord,
    /// What it has pointed at, newest first.
    pub history: &'a [IndexedTagEvent],
}

/// A time in microseconds, or none: half of what an `Option<DateTime>` takes. None is before all
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

/// What a stream takes besides itself: counts, its place in lists, what memory is rounded up to.
const STREAM_OVERHEAD_BYTES: usize = 200;
/// What a tag, or an image of one, takes among what people search by.
const SEARCH_ENTRY_BYTES: usize = 24;

/// What is kept of the message of a failed import: a list shows it in one line.
const MAX_MESSAGE_BYTES: usize = 1000;

impl IndexedStream {
    /// What is kept of `stream`; its names as `names` has them, if it is to stay.
    pub(super) fn from_model(
        stream: registry_model::ImageStream,
        mut names: Option<&mut Interner>,
    ) -> Self {
        let failures = import_failures(&stream.tags);
        let labels = stream.labels.iter().map(|(key, value)| match &mut names {
            Some(names) => (names.intern_label(key), names.intern_label(value)),
            None => (key.as_str().into(), value.as_str().into()),
        });
        let labels = labels.collect();
        let mut events = Vec::with_capacity(stream.tags.iter().map(|tag| tag.history.len()).sum());
        let mut tags = Vec::with_capacity(stream.tags.len());
        for tag in stream.tags {
            let generation = tag.current().and_then(|event| event.generation);
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
            resource_version: stream
                .resource_version
                .and_then(|version| version.parse().ok()),
            labels,
            tags: tags.into(),
            events: events.into(),
        }
    }

    /// Its tags, as versions are ordered, oldest first.
    pub fn tags(&self) -> impl ExactSizeIterator<Item = IndexedTag<'_>> {
        (0..self.tags.len()).map(|at| self.tag(at))
    }

    /// One of them, which must be there.
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

    /// All images that its tags point at or once did. One may come more than once.
    pub(super) fn images(&self) -> impl Iterator<Item = &Digest> {
        self.events.iter().filter_map(|event| event.image.as_ref())
    }

    /// The tags that only one of the two has, and those that point elsewhere or whose import fails
    /// in only one.
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

    /// About how many bytes it takes in memory, what it is found by included, without the names
    /// that it shares with others.
    pub(super) fn memory_bytes(&self) -> usize {
        let labels = std::mem::size_of_val(&*self.labels);
        let tags = self.tags.len() * (size_of::<TagRecord>() + SEARCH_ENTRY_BYTES);
        let events = self.events.len() * (size_of::<IndexedTagEvent>() + SEARCH_ENTRY_BYTES);
        let failures = self.failures.as_ref().map_or(0, |failures| {
            size_of::<ImportFailures>() + failures.message.len()
        });
        size_of::<Self>()
            + STREAM_OVERHEAD_BYTES
            + 2 * self.name.as_str().len()
            + labels
            + tags
            + events
            + failures
    }

    /// The version of the object, where it is a number as with etcd.
    #[must_use]
    pub fn resource_version(&self) -> Option<u64> {
        self.resource_version
    }

    /// When an image last came in.
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

    /// What it points at.
    #[must_use]
    pub fn current(&self) -> Option<&'a IndexedTagEvent> {
        self.history.first()
    }

    /// The generation that what it points at came with.
    #[must_use]
    pub fn generation(&self) -> Option<i64> {
        self.row.generation
    }

    /// Whether its last import failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.row.has_import_failed
    }
}

impl IndexedTagEvent {
    /// A number that is the larger, the later the tag came to point here; the least there is, where
    /// that is not known.
    #[must_use]
    pub fn when_micros(&self) -> i64 {
        self.when.as_micros()
    }

    /// When the tag came to point here.
    #[must_use]
    pub fn when(&self) -> Option<DateTime<Utc>> {
        self.when.time()
    }
}

fn import_failures(tags: &[registry_model::Tag]) -> Option<Box<ImportFailures>> {
    let mut failed = tags.iter().filter_map(|tag| tag.import_failure.as_ref());
    let mut message = failed.next()?.message.clone();
    if message.len() > MAX_MESSAGE_BYTES {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES));
        message.push('…');
    }
    Some(Box::new(ImportFailures {
        tag_count: 1 + failed.count(),
        message,
    }))
}
