//! What image streams and projects have in common.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;

use super::index::EventEntry;
use super::marks::Marks;
use super::space_size::SpaceSize;
use super::view::SpaceView;
use crate::{ImageStreamName, ProjectName};

/// What an image stream or project has in common with another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedSpace<T> {
    pub with: T,
    pub size: SpaceSize,
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
        let index = self.index;
        self.shared(
            &(stream..stream + 1),
            limit,
            index.streams.len(),
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
        self.shared(&streams, limit, index.projects.len(), |stream| {
            index.streams[stream as usize].project
        })
        .map(|(with, size)| SharedSpace {
            with: index.projects[with as usize].clone(),
            size,
        })
        .collect()
    }

    /// What image streams have in common with others, as numbers of what `group_of` gives for a
    /// number of an image stream, the most bytes first.
    fn shared(
        &self,
        streams: &Range<u32>,
        limit: usize,
        groups: usize,
        group_of: impl Fn(u32) -> u32,
    ) -> impl Iterator<Item = (u32, SpaceSize)> {
        let mut sizes = vec![SpaceSize::default(); groups];
        let mut counted = Marks::new(groups);
        let mut seen = Marks::new(self.index.blob_count());
        let events = self
            .visible_streams(streams.clone())
            .flat_map(|stream| self.index.events_of(stream));
        let events: Vec<EventEntry> = events.copied().collect();
        let mut found = BTreeSet::new();
        self.for_each_blob(&events, |blob, is_imported| {
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
