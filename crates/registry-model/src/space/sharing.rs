//! What image streams and projects have in common.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;
use utoipa::ToSchema;

use super::index::{EventEntry, NO_IMAGE};
use super::marks::Marks;
use super::space_size::SpaceSize;
use super::view::SpaceView;
use crate::{Digest, ImageStreamName, ProjectName};

/// What an image stream or project has in common with another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SharedSpace<T> {
    pub with: T,
    pub size: SpaceSize,
}

/// The space of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageSpace {
    pub total: SpaceSize,
    /// The part of `total` that no other image of a visible image stream has.
    pub own: SpaceSize,
}

impl SpaceView<'_> {
    /// The image streams with which an image stream has blobs in common, the most bytes first, at
    /// most `limit`. Empty if it is not visible.
    #[must_use]
    pub fn stream_shares_with(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        limit: usize,
    ) -> Vec<SharedSpace<(ProjectName, ImageStreamName)>> {
        let Some(stream) = self.visible_stream(project, stream) else {
            return Vec::new();
        };
        self.shared_with_streams(stream, self.index.events_of(stream), limit)
    }

    /// An image of an image stream with the images of its index: every blob once, and what no other
    /// image of a visible image stream has. `None` if the stream is not visible, does not have the
    /// image, or its layers are not known.
    #[must_use]
    pub fn image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        image: &Digest,
    ) -> Option<ImageSpace> {
        let (stream, event) = self.image_event(project, stream, image)?;
        self.index.blobs(event.image)?;
        let own: Vec<u32> = self.index.with_children(event.image).collect();
        let others = self.index.events_of(stream).iter().copied();
        let others: Vec<EventEntry> = others
            .filter(|other| other.image != NO_IMAGE && !own.contains(&other.image))
            .collect();
        let mut elsewhere = Marks::new(self.index.blob_count());
        let unknown_elsewhere = self.for_each_blob(&others, |blob, _| {
            elsewhere.insert(blob);
        });
        let mut seen = Marks::new(self.index.blob_count());
        let mut space = ImageSpace::default();
        let streams = stream..stream + 1;
        let unknown = self.for_each_blob(&[event], |blob, is_imported| {
            let size = self.index.size(blob);
            if seen.insert(blob) {
                space.total.add(size, is_imported);
                if !elsewhere.contains(blob) && self.is_only_in(blob, &streams) {
                    space.own.add(size, is_imported);
                }
            }
        });
        space.total.at_least |= unknown > 0;
        space.own.at_least |= unknown > 0;
        space.own.at_most = unknown_elsewhere > 0 || self.can_be_elsewhere(&streams);
        Some(space)
    }

    /// The other image streams that have blobs of an image, the most bytes first, at most `limit`.
    #[must_use]
    pub fn image_shares_with(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        image: &Digest,
        limit: usize,
    ) -> Vec<SharedSpace<(ProjectName, ImageStreamName)>> {
        let Some((stream, event)) = self.image_event(project, stream, image) else {
            return Vec::new();
        };
        self.shared_with_streams(stream, &[event], limit)
    }

    /// The image stream, and an item of a history in it that has the image.
    fn image_event(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        image: &Digest,
    ) -> Option<(u32, EventEntry)> {
        let stream = self.visible_stream(project, stream)?;
        let image = self.index.image_number(image)?;
        let mut events = self.index.events_of(stream).iter();
        let event = events.find(|event| event.image == image)?;
        Some((stream, *event))
    }

    fn shared_with_streams(
        &self,
        stream: u32,
        events: &[EventEntry],
        limit: usize,
    ) -> Vec<SharedSpace<(ProjectName, ImageStreamName)>> {
        let streams = stream..stream + 1;
        self.shared(
            &streams,
            events,
            limit,
            self.index.streams.len(),
            |stream| stream,
        )
        .map(|(with, size)| SharedSpace {
            with: self.stream_name(with),
            size,
        })
        .collect()
    }

    /// The projects with which a project has blobs in common, the most bytes first, at most
    /// `limit`. Empty if it is not visible.
    #[must_use]
    pub fn project_shares_with(
        &self,
        project: &ProjectName,
        limit: usize,
    ) -> Vec<SharedSpace<ProjectName>> {
        let Some(streams) = self.visible_project(project) else {
            return Vec::new();
        };
        let index = self.index;
        let events = self
            .visible_streams(streams.clone())
            .flat_map(|stream| self.index.events_of(stream));
        let events: Vec<EventEntry> = events.copied().collect();
        self.shared(&streams, &events, limit, index.projects.len(), |stream| {
            index.streams[stream as usize].project
        })
        .map(|(with, size)| SharedSpace {
            with: index.projects[with as usize].clone(),
            size,
        })
        .collect()
    }

    /// What the images of `events`, which are of `streams`, have in common with other image streams,
    /// as numbers of what `group_of` gives for a number of an image stream, the most bytes first.
    fn shared(
        &self,
        streams: &Range<u32>,
        events: &[EventEntry],
        limit: usize,
        groups: usize,
        group_of: impl Fn(u32) -> u32,
    ) -> impl Iterator<Item = (u32, SpaceSize)> {
        let mut sizes = vec![SpaceSize::default(); groups];
        let mut counted = Marks::new(groups);
        let mut seen = Marks::new(self.index.blob_count());
        let mut found = BTreeSet::new();
        self.for_each_blob(events, |blob, is_imported| {
            if !seen.insert(blob) {
                return;
            }
            counted.clear();
            for &holder in self.index.holders(blob) {
                let group = group_of(holder);
                if !streams.contains(&holder) && self.is_visible(holder) && counted.insert(group) {
                    sizes[group as usize].add(self.index.size(blob), is_imported);
                    found.insert(group);
                }
            }
        });
        let mut shared: Vec<(u32, SpaceSize)> = found
            .into_iter()
            .map(|group| (group, sizes[group as usize]))
            .collect();
        shared.sort_by_key(|(_, size)| Reverse(size.sum()));
        shared.into_iter().take(limit)
    }
}
