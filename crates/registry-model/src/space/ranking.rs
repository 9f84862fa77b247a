//! What takes the most space.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::history::StreamSelection;
use super::marks::Marks;
use super::space_size::{SpaceSize, UNKNOWN_DOCUMENT};
use super::view::{SpaceUse, SpaceView};
use crate::{ByteSize, Digest, ImageStreamName, ProjectName, TagName};

/// An image stream and its space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamSpace {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// When a tag last got an image.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub pushed: Option<DateTime<Utc>>,
    #[serde(flatten)]
    pub space: SpaceUse,
}

/// A project and its space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectTotal {
    pub project: ProjectName,
    #[serde(flatten)]
    pub space: SpaceUse,
}

/// A tag and the size of the image that it points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagTotal {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
    pub size: SpaceSize,
}

/// A blob of a known size and how many image streams have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerSpace {
    pub digest: Digest,
    pub size: ByteSize,
    /// The number of visible image streams that have it. The registry stores it once.
    pub streams: usize,
}

impl SpaceView<'_> {
    /// The visible projects that have image streams, by name.
    #[must_use]
    pub fn projects(&self) -> Vec<ProjectTotal> {
        let mut seen = Marks::new(self.index.blob_count());
        let mut current = Marks::new(self.index.blob_count());
        let projects = self.index.projects.iter();
        projects
            .filter_map(|project| {
                let streams = self.visible_project(project)?;
                Some(ProjectTotal {
                    project: project.clone(),
                    space: self.measure_with(&streams, &mut seen, &mut current),
                })
            })
            .collect()
    }

    /// The image streams with the most bytes of their own, at most `limit`.
    #[must_use]
    pub fn biggest_streams(
        &self,
        selection: StreamSelection<'_>,
        limit: usize,
    ) -> Vec<StreamSpace> {
        let mut seen = Marks::new(self.index.blob_count());
        let mut current = Marks::new(self.index.blob_count());
        let streams = self.visible_streams(self.selected(selection));
        let measured = streams.map(|stream| {
            let space = self.measure_with(&(stream..stream + 1), &mut seen, &mut current);
            (space.own.sum().0, (stream, space))
        });
        largest(measured, limit)
            .map(|(number, space)| {
                let (project, stream) = self.stream_name(number);
                StreamSpace {
                    project,
                    stream,
                    pushed: self.last_event(number),
                    space,
                }
            })
            .collect()
    }

    /// The tags that point to the biggest images, at most `limit`.
    #[must_use]
    pub fn biggest_tags(&self, selection: StreamSelection<'_>, limit: usize) -> Vec<TagTotal> {
        let mut seen = Marks::new(self.index.blob_count());
        let streams = self.visible_streams(self.selected(selection));
        let tags = streams.flat_map(|stream| {
            let tags = self.index.streams[stream as usize].tags.clone();
            tags.map(move |tag| (stream, tag))
        });
        let measured = tags.map(|(stream, tag)| {
            let size = self.current_size(tag, &mut seen);
            (size.sum().0, (stream, tag, size))
        });
        largest(measured, limit)
            .map(|(stream, tag, size)| {
                let (project, stream) = self.stream_name(stream);
                TagTotal {
                    project,
                    stream,
                    tag: self.index.tags[tag as usize].name.clone(),
                    size,
                }
            })
            .collect()
    }

    /// The biggest blobs, at most `limit`.
    #[must_use]
    pub fn biggest_layers(&self, limit: usize) -> Vec<LayerSpace> {
        self.layers(limit, |size, _| Some(size))
    }

    /// The blobs that several image streams have, at most `limit`, those first that would take the
    /// most additional space if each image stream had its own copy.
    #[must_use]
    pub fn most_shared_layers(&self, limit: usize) -> Vec<LayerSpace> {
        self.layers(limit, |size, streams| {
            let copies = u64::try_from(streams).unwrap_or(u64::MAX).saturating_sub(1);
            (copies > 0).then(|| size.saturating_mul(copies))
        })
    }

    /// The visible image streams that have a blob, by project and name, at most `limit`, and how
    /// many more there are.
    #[must_use]
    pub fn layer_streams(
        &self,
        layer: &Digest,
        limit: usize,
    ) -> (Vec<(ProjectName, ImageStreamName)>, usize) {
        let Some(blob) = self.index.digests.get(layer) else {
            return (Vec::new(), 0);
        };
        let holders = self.index.holders(blob).iter().copied();
        let visible: Vec<u32> = holders.filter(|holder| self.is_visible(*holder)).collect();
        let named = visible.iter().take(limit);
        let named = named.map(|stream| self.stream_name(*stream)).collect();
        (named, visible.len().saturating_sub(limit))
    }

    /// Only the blobs of visible image streams are looked at, so that it takes the time of these.
    fn layers(&self, limit: usize, rank: impl Fn(u64, usize) -> Option<u64>) -> Vec<LayerSpace> {
        let mut seen = Marks::new(self.index.blob_count());
        let mut ranked = Vec::new();
        for stream in self.streams() {
            self.for_each_blob(self.index.events_of(stream), |blob, _| {
                let size = self.index.size(blob);
                if size >= UNKNOWN_DOCUMENT || !seen.insert(blob) {
                    return;
                }
                let holders = self.index.holders(blob).iter();
                let streams = holders.filter(|holder| self.is_visible(**holder)).count();
                ranked.extend(rank(size, streams).map(|rank| (rank, (blob, size, streams))));
            });
        }
        largest(ranked.into_iter(), limit)
            .map(|(blob, size, streams)| LayerSpace {
                digest: self.index.digests.digest(blob),
                size: ByteSize(size),
                streams,
            })
            .collect()
    }
}

/// The items of the highest ranks, at most `limit`, the highest first, and equal ones in the order
/// given.
fn largest<T>(ranked: impl Iterator<Item = (u64, T)>, limit: usize) -> impl Iterator<Item = T> {
    let mut ranked: Vec<((Reverse<u64>, usize), T)> = ranked
        .enumerate()
        .map(|(order, (rank, item))| ((Reverse(rank), order), item))
        .collect();
    if limit < ranked.len() {
        ranked.select_nth_unstable_by_key(limit, |(key, _)| *key);
        ranked.truncate(limit);
    }
    ranked.sort_unstable_by_key(|(key, _)| *key);
    ranked.into_iter().map(|(_, item)| item)
}
