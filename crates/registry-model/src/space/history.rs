//! Where images are in the histories of tags.

use std::cmp::Reverse;
use std::ops::Range;

use chrono::{DateTime, Utc};

use super::index::{EventEntry, NO_IMAGE, NO_TIME, SpaceIndex, SpaceIndexBuilder};
use super::marks::Marks;
use super::space_size::SpaceSize;
use super::view::SpaceView;
use crate::{Digest, ImageStreamName, ProjectName, TagName};

/// Visible image streams that a question is about.
#[derive(Clone, Copy, Debug)]
pub enum StreamSelection<'a> {
    All,
    Project(&'a ProjectName),
    Stream(&'a ProjectName, &'a ImageStreamName),
}

/// An item of the history of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImagePlace<'a> {
    pub project: &'a ProjectName,
    pub stream: &'a ImageStreamName,
    pub tag: &'a TagName,
    /// From 1: what the tag points to now.
    pub revision: usize,
}

/// The newest place of each image of some image streams. Images of an index have its place.
#[derive(Debug)]
pub struct ImagePlaces<'a> {
    index: &'a SpaceIndex,
    /// By the number of the image: the image stream, the tag and the position in its history.
    places: Vec<Option<(u32, u32, u32)>>,
}

/// An image that no tag of its image stream points to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntaggedSpace<'a> {
    pub project: &'a ProjectName,
    pub stream: &'a ImageStreamName,
    /// The tag that pointed to it, of several the first one.
    pub tag: &'a TagName,
    pub digest: Digest,
    /// Its layers, which other images can have too. `None`: they are not known.
    pub size: Option<SpaceSize>,
}

impl<'a> ImagePlaces<'a> {
    #[must_use]
    pub fn get(&self, image: &Digest) -> Option<ImagePlace<'a>> {
        let index = self.index;
        let (stream, tag, position) = self.places[index.image_number(image)? as usize]?;
        let stream = &index.streams[stream as usize];
        Some(ImagePlace {
            project: index.project_of(stream),
            stream: &stream.name,
            tag: &index.tags[tag as usize].name,
            revision: position as usize + 1,
        })
    }
}

impl<'a> SpaceView<'a> {
    #[must_use]
    pub fn image_places(&self, selection: StreamSelection<'_>) -> ImagePlaces<'a> {
        let index = self.index();
        let mut places: Vec<Option<(u32, u32, u32)>> = vec![None; index.images.len()];
        for stream in self.visible_streams(self.selected(selection)) {
            for tag in index.streams[stream as usize].tags.clone() {
                for (position, event) in (0..).zip(self.tag_events(tag)) {
                    if event.image == NO_IMAGE {
                        continue;
                    }
                    for image in index.with_children(event.image) {
                        let place = &mut places[image as usize];
                        if place.is_none_or(|(_, _, known)| position < known) {
                            *place = Some((stream, tag, position));
                        }
                    }
                }
            }
        }
        ImagePlaces { index, places }
    }

    /// The layers of an image and of the images of its index, every blob once. `None`: they are not
    /// known, or no visible image stream has the image.
    #[must_use]
    pub fn image_size(&self, image: &Digest) -> Option<SpaceSize> {
        let image = self.index.image_number(image)?;
        let manifest = *self.index.blobs(image)?.first()?;
        let mut holders = self.index.holders(manifest).iter().copied();
        if holders.any(|holder| self.is_visible(holder)) {
            self.size_of(image)
        } else {
            None
        }
    }

    /// The images that no tag of their image stream points to now, the biggest first. Images whose
    /// objects have been deleted are not among them.
    #[must_use]
    pub fn untagged_images(&self, selection: StreamSelection<'_>) -> Vec<UntaggedSpace<'a>> {
        let index = self.index();
        let mut seen = Marks::new(index.images.len());
        let mut untagged = Vec::new();
        for stream in self.visible_streams(self.selected(selection)) {
            seen.clear();
            let tags = index.streams[stream as usize].tags.clone();
            for tag in tags.clone() {
                let current = self.tag_events(tag)[0].image;
                if current != NO_IMAGE {
                    seen.insert(current);
                }
            }
            for tag in tags {
                for &EventEntry { image, .. } in self.tag_events(tag) {
                    let is_left = image == NO_IMAGE || index.images[image as usize].is_missing;
                    if is_left || !seen.insert(image) {
                        continue;
                    }
                    untagged.push((self.size_of(image), stream, tag, image));
                }
            }
        }
        untagged.sort_by_key(|(size, ..)| Reverse(size.map(|size| size.sum())));
        let untagged = untagged.into_iter();
        untagged
            .map(|(size, stream, tag, image)| {
                let stream = &index.streams[stream as usize];
                UntaggedSpace {
                    project: index.project_of(stream),
                    stream: &stream.name,
                    tag: &index.tags[tag as usize].name,
                    digest: index.image_digest(image),
                    size,
                }
            })
            .collect()
    }

    /// When a tag of the image stream last got an image. `None` if none of them has one.
    pub(super) fn last_event(&self, stream: u32) -> Option<DateTime<Utc>> {
        let events = self.index.events_of(stream).iter();
        let newest = events.map(|event| event.created).max()?;
        (newest != NO_TIME).then(|| DateTime::from_timestamp(newest, 0))?
    }

    pub(super) fn selected(&self, selection: StreamSelection<'_>) -> Range<u32> {
        match selection {
            StreamSelection::All => 0..self.stream_count(),
            StreamSelection::Project(project) => self.index.streams_of(project),
            StreamSelection::Stream(project, stream) => self
                .index
                .stream_number(project, stream)
                .map_or(0..0, |stream| stream..stream + 1),
        }
    }

    /// Few blobs each, so that a list finds repeated ones faster than a set of all blobs.
    fn size_of(&self, image: u32) -> Option<SpaceSize> {
        let mut blobs: Vec<u32> = Vec::new();
        let is_imported = self.index.images[image as usize].is_managed == Some(false);
        let mut size = SpaceSize::default();
        for image in self.index.with_children(image) {
            match self.index.blobs(image) {
                Some(of_image) => blobs.extend(of_image),
                None => size.at_least = true,
            }
        }
        if blobs.is_empty() {
            return None;
        }
        blobs.sort_unstable();
        blobs.dedup();
        for blob in blobs {
            size.add(self.index.size(blob), is_imported);
        }
        Some(size)
    }
}

/// What a name takes besides its entry.
const NAME_BYTES: usize = 24;

impl SpaceIndexBuilder {
    /// The approximate memory in bytes of what was added.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.index.memory_bytes()
    }
}

impl SpaceIndex {
    /// The approximate memory in bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let numbers = self.image_at.capacity()
            + self.image_blobs.capacity()
            + self.holders.capacity()
            + self.holders_start.capacity()
            + self.incomplete.capacity()
            + self.children.values().map(Vec::capacity).sum::<usize>();
        self.digests.memory_bytes()
            + self.sizes.capacity() * size_of::<u64>()
            + numbers * size_of::<u32>()
            + size_of_val(&self.images[..])
            + size_of_val(&self.streams[..])
            + size_of_val(&self.tags[..])
            + size_of_val(&self.events[..])
            + (self.streams.len() + self.tags.len()) * NAME_BYTES
    }
}
