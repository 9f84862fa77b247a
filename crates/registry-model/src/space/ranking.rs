//! What takes the most space.

use std::cmp::Reverse;

use serde::Serialize;

use super::marks::Marks;
use super::space_size::{SpaceSize, UNKNOWN_DOCUMENT};
use super::view::{SpaceUse, SpaceView};
use crate::{ByteSize, Digest, ImageStreamName, ProjectName, TagName};

/// An image stream and its space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamSpace {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub space: SpaceUse,
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
    /// The image streams with the most bytes of their own, at most `limit`.
    #[must_use]
    pub fn biggest_streams(&self, limit: usize) -> Vec<StreamSpace> {
        let mut seen = Marks::new(self.index.blob_count());
        let mut current = Marks::new(self.index.blob_count());
        let measured = self.streams().map(|stream| {
            let space = self.measure_with(&(stream..stream + 1), &mut seen, &mut current);
            (space.own.sum().0, (stream, space))
        });
        largest(measured, limit)
            .map(|(stream, space)| {
                let (project, stream) = self.stream_name(stream);
                StreamSpace {
                    project,
                    stream,
                    space,
                }
            })
            .collect()
    }

    /// The tags that point to the biggest images, at most `limit`, with the size of the image.
    #[must_use]
    pub fn biggest_tags(
        &self,
        limit: usize,
    ) -> Vec<(ProjectName, ImageStreamName, TagName, SpaceSize)> {
        let mut seen = Marks::new(self.index.blob_count());
        let tags = self.streams().flat_map(|stream| {
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
                let tag = self.index.tags[tag as usize].name.clone();
                (project, stream, tag, size)
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

    fn layers(&self, limit: usize, rank: impl Fn(u64, usize) -> Option<u64>) -> Vec<LayerSpace> {
        let blobs = (0..).zip(&self.index.sizes);
        let known = blobs.filter(|(_, size)| **size < UNKNOWN_DOCUMENT);
        let ranked = known.filter_map(|(blob, &size)| {
            let holders = self.index.holders(blob).iter();
            let streams = holders.filter(|holder| self.is_visible(**holder)).count();
            let rank = rank(size, streams).filter(|_| streams > 0)?;
            Some((rank, (blob, size, streams)))
        });
        largest(ranked, limit)
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
