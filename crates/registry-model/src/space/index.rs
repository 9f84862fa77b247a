//! The table of image streams, images and blobs that all answers about space are read from.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, Utc};

use super::digest_table::DigestTable;
use super::space_size::{UNKNOWN_DOCUMENT, UNKNOWN_LAYER};
use super::{ImageLayers, StoredBlob};
use crate::{Digest, ImageStream, ImageStreamName, ProjectName, TagName};

/// Which image stream, tag and tag event has which image, which image has which blobs, and which
/// blob is in which image streams.
///
/// Names, digests and sizes are stored once; everything else refers to them by numbers.
#[derive(Clone, Debug, Default)]
pub struct SpaceIndex {
    pub(super) digests: DigestTable,
    /// The size of a blob, by the number of its digest.
    pub(super) sizes: Vec<u64>,
    pub(crate) images: Vec<ImageEntry>,
    /// The image of a manifest, by the number of its digest.
    pub(super) image_at: Vec<u32>,
    /// The blobs of images, one image after the other.
    pub(super) image_blobs: Vec<u32>,
    /// The images of an index, by the number of the index among the images.
    pub(crate) children: HashMap<u32, Vec<u32>>,
    pub(super) projects: Vec<ProjectName>,
    /// By project and name.
    pub(crate) streams: Vec<IndexedStreamSpace>,
    pub(crate) tags: Vec<TagEntry>,
    pub(crate) events: Vec<EventEntry>,
    /// The image streams with an image whose layers are not known, in ascending order.
    pub(super) incomplete: Vec<u32>,
    /// The image streams of blobs, one blob after the other, in ascending order for each blob.
    pub(super) holders: Vec<u32>,
    /// Where the image streams of a blob begin in `holders`, by the number of its digest, and where
    /// those of the last one end.
    pub(super) holders_start: Vec<u32>,
}

/// No image: of a digest that is not that of a manifest, or of a tag event without one.
pub(crate) const NO_IMAGE: u32 = u32::MAX;

/// No time, as the zero time of Go: long ago.
pub(crate) const NO_TIME: i64 = i64::MIN;

#[derive(Clone, Debug)]
pub(crate) struct ImageEntry {
    pub(crate) digest: u32,
    /// In `image_blobs`, the manifest first. `None`: its layers are not known.
    pub(super) blobs: Option<(u32, u32)>,
    /// When the image object was created, in seconds since 1970.
    pub(crate) created: i64,
    pub(crate) is_managed: Option<bool>,
    pub(crate) is_missing: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct IndexedStreamSpace {
    pub(crate) project: u32,
    pub(crate) name: ImageStreamName,
    pub(crate) created: i64,
    pub(crate) tags: Range<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct TagEntry {
    pub(crate) name: TagName,
    /// The newest first.
    pub(crate) events: Range<u32>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct EventEntry {
    pub(crate) image: u32,
    pub(crate) created: i64,
}

/// What the API server says about an image object besides its layers. All of it is optional,
/// because only `imagestreamimages` and `images` tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageObjectFacts {
    /// When the object was created (`metadata.creationTimestamp`).
    pub created: Option<DateTime<Utc>>,
    /// Whether it was pushed to the registry (annotation `openshift.io/image.managed`). Images that
    /// are not managed were imported.
    pub is_managed: Option<bool>,
    /// Whether a tag event names an image object that does not exist any more (`imageMissing`).
    pub is_missing: bool,
}

/// Collects what a [`SpaceIndex`] is made of.
#[derive(Clone, Debug, Default)]
pub struct SpaceIndexBuilder {
    pub(super) index: SpaceIndex,
    streams: Vec<(ProjectName, IndexedStreamSpace)>,
}

fn number(length: usize) -> u32 {
    u32::try_from(length).expect("fewer than 4 billion entries fit in memory")
}

pub(crate) fn seconds(time: Option<DateTime<Utc>>) -> i64 {
    time.map_or(NO_TIME, |time| time.timestamp())
}

pub(crate) fn indexes(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

impl SpaceIndexBuilder {
    /// Adds the layers of an image. Layers that are known already are kept, because they never
    /// change.
    pub fn add_layers(&mut self, layers: &ImageLayers) {
        let image = self.image(&layers.digest);
        if self.index.images[image as usize].blobs.is_some() {
            return;
        }
        let start = number(self.index.image_blobs.len());
        let manifest = StoredBlob {
            digest: layers.digest.clone(),
            size: layers.manifest_size,
        };
        for (blob, unknown) in [(&manifest, UNKNOWN_DOCUMENT)]
            .into_iter()
            .chain(layers.config.iter().map(|blob| (blob, UNKNOWN_DOCUMENT)))
            .chain(layers.layers.iter().map(|blob| (blob, UNKNOWN_LAYER)))
        {
            let blob = self.blob(blob, unknown);
            let added = &self.index.image_blobs[start as usize..];
            if !added.contains(&blob) {
                self.index.image_blobs.push(blob);
            }
        }
        let end = number(self.index.image_blobs.len());
        self.index.images[image as usize].blobs = Some((start, end));
        let children: Vec<u32> = layers
            .children
            .iter()
            .map(|child| self.image(child))
            .collect();
        if !children.is_empty() {
            self.index.children.insert(image, children);
        }
    }

    /// Adds what an image object says. What is known already is kept where `object` does not say
    /// it.
    pub fn add_image_object(&mut self, digest: &Digest, object: &ImageObjectFacts) {
        let image = self.image(digest);
        let entry = &mut self.index.images[image as usize];
        if object.created.is_some() {
            entry.created = seconds(object.created);
        }
        entry.is_managed = object.is_managed.or(entry.is_managed);
        entry.is_missing = object.is_missing;
    }

    #[must_use]
    pub fn has_stream(&self, project: &ProjectName, name: &ImageStreamName) -> bool {
        let mut streams = self.streams.iter();
        streams.any(|(in_project, stream)| (in_project, &stream.name) == (project, name))
    }

    /// Adds an image stream. Each must be added once.
    pub fn add_stream(&mut self, stream: &ImageStream) {
        let first_tag = number(self.index.tags.len());
        for tag in &stream.tags {
            let first_event = number(self.index.events.len());
            for event in &tag.history {
                let image = match &event.image {
                    Some(digest) => self.image(digest),
                    None => NO_IMAGE,
                };
                self.index.events.push(EventEntry {
                    image,
                    created: seconds(event.created),
                });
            }
            let events = first_event..number(self.index.events.len());
            if !events.is_empty() {
                self.index.tags.push(TagEntry {
                    name: tag.name.clone(),
                    events,
                });
            }
        }
        let entry = IndexedStreamSpace {
            project: 0,
            name: stream.name.clone(),
            created: seconds(stream.created),
            tags: first_tag..number(self.index.tags.len()),
        };
        self.streams.push((stream.project.clone(), entry));
    }

    /// The index of what was added.
    #[must_use]
    pub fn build(mut self) -> SpaceIndex {
        self.streams
            .sort_by(|a, b| (&a.0, &a.1.name).cmp(&(&b.0, &b.1.name)));
        let index = &mut self.index;
        for (project, mut stream) in self.streams {
            if index.projects.last() != Some(&project) {
                index.projects.push(project);
            }
            stream.project = number(index.projects.len() - 1);
            index.streams.push(stream);
        }
        index.tags.shrink_to_fit();
        index.events.shrink_to_fit();
        index.image_blobs.shrink_to_fit();
        index.index_holders();
        index.incomplete = (0..number(index.streams.len()))
            .filter(|stream| index.has_unknown_image(*stream))
            .collect();
        self.index
    }

    pub(super) fn image(&mut self, digest: &Digest) -> u32 {
        let digest = self.digest(digest, UNKNOWN_DOCUMENT);
        let image = self.index.image_at[digest as usize];
        if image != NO_IMAGE {
            return image;
        }
        let image = number(self.index.images.len());
        self.index.image_at[digest as usize] = image;
        self.index.images.push(ImageEntry {
            digest,
            blobs: None,
            created: NO_TIME,
            is_managed: None,
            is_missing: false,
        });
        image
    }

    fn blob(&mut self, blob: &StoredBlob, unknown: u64) -> u32 {
        let digest = self.digest(&blob.digest, unknown);
        let size = &mut self.index.sizes[digest as usize];
        if let Some(known) = blob.size {
            // Sizes are what a manifest claims: at most one below the numbers that mean unknown.
            *size = known.0.min(UNKNOWN_DOCUMENT - 1);
        } else if *size == UNKNOWN_DOCUMENT {
            *size = unknown;
        }
        digest
    }

    fn digest(&mut self, digest: &Digest, unknown: u64) -> u32 {
        let number = self.index.digests.insert(digest);
        if number as usize == self.index.sizes.len() {
            self.index.sizes.push(unknown);
            self.index.image_at.push(NO_IMAGE);
        }
        number
    }
}

impl SpaceIndex {
    /// The image with this number and, if it is an index, the images that it lists.
    pub(crate) fn with_children(&self, image: u32) -> impl Iterator<Item = u32> + '_ {
        let children = self.children.get(&image);
        std::iter::once(image).chain(children.into_iter().flatten().copied())
    }

    /// The blobs of an image without those of its children. `None` if they are not known.
    pub(crate) fn blobs(&self, image: u32) -> Option<&[u32]> {
        let (start, end) = self.images[image as usize].blobs?;
        Some(&self.image_blobs[start as usize..end as usize])
    }

    /// The image streams that have the blob.
    pub(super) fn holders(&self, blob: u32) -> &[u32] {
        let start = self.holders_start[blob as usize] as usize;
        &self.holders[start..self.holders_start[blob as usize + 1] as usize]
    }

    /// The size of a blob, as [`super::SpaceSize`] adds it.
    pub(crate) fn size(&self, blob: u32) -> u64 {
        self.sizes[blob as usize]
    }

    pub(crate) fn blob_count(&self) -> usize {
        self.sizes.len()
    }

    pub(crate) fn image_digest(&self, image: u32) -> Digest {
        self.digests.digest(self.images[image as usize].digest)
    }

    /// The number of the image with this digest.
    pub(crate) fn image_number(&self, digest: &Digest) -> Option<u32> {
        let image = self.image_at[self.digests.get(digest)? as usize];
        (image != NO_IMAGE).then_some(image)
    }

    pub(crate) fn project_of(&self, stream: &IndexedStreamSpace) -> &ProjectName {
        &self.projects[stream.project as usize]
    }

    /// The numbers of the image streams of a project.
    pub(crate) fn streams_of(&self, project: &ProjectName) -> Range<u32> {
        let start = self
            .streams
            .partition_point(|stream| self.project_of(stream) < project);
        let end = self
            .streams
            .partition_point(|stream| self.project_of(stream) <= project);
        number(start)..number(end)
    }

    /// The number of an image stream.
    pub(crate) fn stream_number(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
    ) -> Option<u32> {
        let found = self.streams.binary_search_by(|stream| {
            (self.project_of(stream), &stream.name).cmp(&(project, name))
        });
        found.ok().map(number)
    }

    /// The number of a tag with a history.
    pub(crate) fn tag_number(&self, stream: u32, name: &TagName) -> Option<u32> {
        let tags = &self.streams[stream as usize].tags;
        let found = self.tags[indexes(tags)]
            .iter()
            .position(|tag| tag.name == *name)?;
        Some(tags.start + number(found))
    }

    /// The events of all tags of an image stream.
    pub(crate) fn events_of(&self, stream: u32) -> &[EventEntry] {
        let tags = &self.tags[indexes(&self.streams[stream as usize].tags)];
        match (tags.first(), tags.last()) {
            (Some(first), Some(last)) => {
                &self.events[first.events.start as usize..last.events.end as usize]
            }
            _ => &[],
        }
    }

    fn has_unknown_image(&self, stream: u32) -> bool {
        let events = self.events_of(stream).iter();
        events
            .filter(|event| event.image != NO_IMAGE)
            .flat_map(|event| self.with_children(event.image))
            .any(|image| self.blobs(image).is_none())
    }

    fn index_holders(&mut self) {
        let mut counts = vec![0_u32; self.blob_count() + 1];
        self.for_each_holding(|_, blob| counts[blob as usize + 1] += 1);
        for blob in 1..counts.len() {
            counts[blob] += counts[blob - 1];
        }
        let mut holders = vec![0; counts.last().copied().unwrap_or_default() as usize];
        let mut next = counts.clone();
        self.for_each_holding(|stream, blob| {
            holders[next[blob as usize] as usize] = stream;
            next[blob as usize] += 1;
        });
        self.holders = holders;
        self.holders_start = counts;
    }

    /// Calls `visit` once for each image stream and each of its blobs.
    fn for_each_holding(&self, mut visit: impl FnMut(u32, u32)) {
        let mut last_stream = vec![NO_IMAGE; self.blob_count()];
        for stream in 0..number(self.streams.len()) {
            let events = self.events_of(stream).iter();
            let images = events.filter(|event| event.image != NO_IMAGE);
            for image in images.flat_map(|event| self.with_children(event.image)) {
                for &blob in self.blobs(image).into_iter().flatten() {
                    if last_stream[blob as usize] != stream {
                        last_stream[blob as usize] = stream;
                        visit(stream, blob);
                    }
                }
            }
        }
    }
}
