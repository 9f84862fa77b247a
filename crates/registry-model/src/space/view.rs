//! What a user sees of the space that projects, image streams and tags take.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;
use utoipa::ToSchema;

use super::index::{EventEntry, NO_IMAGE, SpaceIndex, indexes};
use super::marks::Marks;
use super::space_size::SpaceSize;
use crate::{Digest, ImageStreamName, ProjectName, TagName};

/// The projects whose image streams a user may list.
#[derive(Clone, Copy, Debug)]
pub enum VisibleProjects<'a> {
    All,
    Only(&'a BTreeSet<ProjectName>),
}

/// The part of a [`SpaceIndex`] that is visible to a user: answers contain and count nothing else,
/// so that they reveal nothing about other projects.
#[derive(Debug)]
pub struct SpaceView<'a> {
    pub(super) index: &'a SpaceIndex,
    /// By the number of the project.
    visible: Vec<bool>,
    sees_all: bool,
}

/// The space of a project, an image stream, or everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpaceUse {
    /// Every blob once.
    pub total: SpaceSize,
    /// The part of `total` that nothing else visible has.
    pub own: SpaceSize,
    /// The part of `own` that no tag points to now: its removal from the history frees it.
    pub own_history: SpaceSize,
    /// The number of different images.
    pub images: usize,
    /// How many of them have layers that are not known. They are in no total.
    pub unknown_images: usize,
}

/// The space of a tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagSpace {
    /// The image that the tag points to.
    pub current: SpaceSize,
    /// The images that it points or pointed to, every blob once.
    pub total: SpaceSize,
    /// The part of `total` that no other tag of a visible image stream points or pointed to.
    pub own: SpaceSize,
}

impl SpaceIndex {
    /// What a user sees who may list the image streams of these projects.
    #[must_use]
    pub fn view(&self, projects: VisibleProjects<'_>) -> SpaceView<'_> {
        let (visible, sees_all) = match projects {
            VisibleProjects::All => (vec![true; self.projects.len()], true),
            VisibleProjects::Only(names) => {
                let each = self.projects.iter().map(|project| names.contains(project));
                (each.collect(), false)
            }
        };
        SpaceView {
            index: self,
            visible,
            sees_all,
        }
    }
}

impl<'a> SpaceView<'a> {
    pub(crate) fn index(&self) -> &'a SpaceIndex {
        self.index
    }

    /// Whether every project is visible.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        self.sees_all
    }

    /// The numbers of the visible image streams.
    pub(crate) fn streams(&self) -> impl Iterator<Item = u32> {
        self.visible_streams(0..self.stream_count())
    }

    /// Everything that is visible. All of it is `own`.
    #[must_use]
    pub fn total(&self) -> SpaceUse {
        self.measure(&(0..self.stream_count()))
    }

    /// A project. `None` if it is not visible or has no image stream.
    #[must_use]
    pub fn project(&self, project: &ProjectName) -> Option<SpaceUse> {
        Some(self.measure(&self.visible_project(project)?))
    }

    /// An image stream. `None` if it is not visible.
    #[must_use]
    pub fn stream(&self, project: &ProjectName, stream: &ImageStreamName) -> Option<SpaceUse> {
        let stream = self.visible_stream(project, stream)?;
        Some(self.measure(&(stream..stream + 1)))
    }

    /// A tag. `None` if it is not visible or has never pointed to an image.
    #[must_use]
    pub fn tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
    ) -> Option<TagSpace> {
        let stream = self.visible_stream(project, stream)?;
        let tag = self.index.tag_number(stream, tag)?;
        let mut seen = Marks::new(self.index.blob_count());
        let (total, own) = self.measure_tags(stream, |counted| counted == tag, &mut seen);
        Some(TagSpace {
            current: self.current_size(tag, &mut seen),
            total,
            own,
        })
    }

    /// The images of which the index has layers or an image object, but that no tag of a visible
    /// image stream points or pointed to, nor an index that one does. Only for users who may list
    /// all images.
    #[must_use]
    pub fn images_without_tag(&self) -> Vec<Digest> {
        if !self.sees_all {
            return Vec::new();
        }
        let mut tagged = Marks::new(self.index.images.len());
        for event in &self.index.events {
            if event.image != NO_IMAGE {
                for image in self.index.with_children(event.image) {
                    tagged.insert(image);
                }
            }
        }
        (0..)
            .zip(&self.index.images)
            .filter(|(image, _)| !tagged.contains(*image))
            .map(|(image, _)| self.index.image_digest(image))
            .collect()
    }

    /// The size of the image that a tag points to.
    pub(super) fn current_size(&self, tag: u32, seen: &mut Marks) -> SpaceSize {
        seen.clear();
        let mut size = SpaceSize::default();
        let unknown = self.for_each_blob(&self.tag_events(tag)[..1], |blob, is_imported| {
            if seen.insert(blob) {
                size.add(self.index.size(blob), is_imported);
            }
        });
        size.at_least |= unknown > 0;
        size
    }

    /// Adds up the blobs of some image streams.
    fn measure(&self, streams: &Range<u32>) -> SpaceUse {
        let mut seen = Marks::new(self.index.blob_count());
        let mut current = Marks::new(self.index.blob_count());
        self.measure_with(streams, &mut seen, &mut current)
    }

    pub(super) fn measure_with(
        &self,
        streams: &Range<u32>,
        seen: &mut Marks,
        current: &mut Marks,
    ) -> SpaceUse {
        seen.clear();
        current.clear();
        for stream in self.visible_streams(streams.clone()) {
            for tag in self.index.streams[stream as usize].tags.clone() {
                self.for_each_blob(&self.tag_events(tag)[..1], |blob, _| {
                    current.insert(blob);
                });
            }
        }
        let events: Vec<EventEntry> = self
            .visible_streams(streams.clone())
            .flat_map(|stream| self.index.events_of(stream))
            .copied()
            .collect();
        let mut space = SpaceUse::default();
        (space.images, space.unknown_images) = self.count_images(&events);
        self.for_each_blob(&events, |blob, is_imported| {
            if !seen.insert(blob) {
                return;
            }
            let size = self.index.size(blob);
            space.total.add(size, is_imported);
            if self.is_only_in(blob, streams) {
                space.own.add(size, is_imported);
                if !current.contains(blob) {
                    space.own_history.add(size, is_imported);
                }
            }
        });
        let has_unknown = space.unknown_images > 0;
        for size in [&mut space.total, &mut space.own, &mut space.own_history] {
            size.at_least |= has_unknown;
        }
        let at_most = self.can_be_elsewhere(streams);
        space.own.at_most = at_most;
        space.own_history.at_most = at_most;
        space
    }

    /// Calls `visit` with the blobs of the events' images, and whether the image was imported:
    /// first all blobs of images that were not. A blob can be visited more than once. The result is
    /// the number of images whose blobs are not known.
    pub(super) fn for_each_blob(
        &self,
        events: &[EventEntry],
        mut visit: impl FnMut(u32, bool),
    ) -> usize {
        let mut unknown = 0;
        for is_imported in [false, true] {
            for event in events.iter().filter(|event| event.image != NO_IMAGE) {
                for image in self.index.with_children(event.image) {
                    let is_managed = self.index.images[image as usize].is_managed;
                    if (is_managed == Some(false)) != is_imported {
                        continue;
                    }
                    match self.index.blobs(image) {
                        Some(blobs) => blobs.iter().for_each(|blob| visit(*blob, is_imported)),
                        None => unknown += 1,
                    }
                }
            }
        }
        unknown
    }

    /// The number of different images of the events, and of those whose layers are not known.
    fn count_images(&self, events: &[EventEntry]) -> (usize, usize) {
        let events = events.iter().filter(|event| event.image != NO_IMAGE);
        let mut images: Vec<u32> = events
            .flat_map(|event| self.index.with_children(event.image))
            .collect();
        images.sort_unstable();
        images.dedup();
        let unknown = images
            .iter()
            .filter(|image| self.index.blobs(**image).is_none());
        (images.len(), unknown.count())
    }

    /// Whether image streams that are not visible, or visible ones other than these with unknown
    /// layers, can have further blobs in common with these.
    pub(super) fn can_be_elsewhere(&self, streams: &Range<u32>) -> bool {
        let mut incomplete = self.index.incomplete.iter();
        !self.sees_all
            || incomplete.any(|stream| !streams.contains(stream) && self.is_visible(*stream))
    }

    /// Whether no visible image stream but these has the blob.
    pub(super) fn is_only_in(&self, blob: u32, streams: &Range<u32>) -> bool {
        let holders = self.index.holders(blob).iter();
        holders
            .copied()
            .all(|holder| streams.contains(&holder) || !self.is_visible(holder))
    }

    pub(crate) fn is_visible(&self, stream: u32) -> bool {
        self.visible[self.index.streams[stream as usize].project as usize]
    }

    pub(super) fn visible_streams(&self, streams: Range<u32>) -> impl Iterator<Item = u32> {
        streams.filter(|stream| self.is_visible(*stream))
    }

    pub(super) fn stream_count(&self) -> u32 {
        u32::try_from(self.index.streams.len()).expect("image streams have numbers")
    }

    pub(super) fn visible_project(&self, project: &ProjectName) -> Option<Range<u32>> {
        let streams = self.index.streams_of(project);
        (!streams.is_empty() && self.is_visible(streams.start)).then_some(streams)
    }

    pub(super) fn visible_stream(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Option<u32> {
        let stream = self.index.stream_number(project, stream)?;
        self.is_visible(stream).then_some(stream)
    }

    pub(super) fn tag_events(&self, tag: u32) -> &[EventEntry] {
        &self.index.events[indexes(&self.index.tags[tag as usize].events)]
    }

    pub(super) fn stream_name(&self, stream: u32) -> (ProjectName, ImageStreamName) {
        let entry = &self.index.streams[stream as usize];
        (self.index.project_of(entry).clone(), entry.name.clone())
    }
}
