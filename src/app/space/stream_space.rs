//! The space of an image stream.

use std::cmp::Reverse;

use serde::Serialize;
use tokio::time::Instant;

use super::load::StreamImages;
use super::project_space::difference;
use super::untagged::UntaggedImages;
use super::visible_images::{SpaceScope, VisibleImages};
use super::{MAX_ROWS, MAX_TOP, SPACE_PAGE_TIMEOUT};
use crate::app::AppForUser;
use crate::app::failure::Failure;
use registry_model::space::{SpaceSize, SpaceUse, TagSpace};
use registry_model::{ImageStreamName, ProjectName, TagName};

/// The space of an image stream.
#[derive(Clone, Debug, Serialize)]
pub struct StreamSpaceView {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub space: SpaceUse,
    /// The part of the total that other image streams have too.
    pub shared: SpaceSize,
    /// What frees the most first. Of more than 200 tags, those with the biggest images.
    pub tags: Vec<TagRow>,
    pub more_tags: usize,
    /// The image streams with which it has the most bytes in common. At most 10.
    pub shares_with: Vec<SharingStream>,
    pub untagged: UntaggedImages,
    pub scope: SpaceScope,
}

/// A tag and its space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagRow {
    pub tag: TagName,
    #[serde(flatten)]
    pub space: TagSpace,
}

/// An image stream that has layers in common with another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharingStream {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub size: SpaceSize,
}

impl AppForUser<'_> {
    /// The space of an image stream, as far as it is known within 8 seconds.
    ///
    /// # Errors
    ///
    /// The image stream cannot be read.
    pub async fn stream_space(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<StreamSpaceView, Failure> {
        let deadline = Instant::now() + SPACE_PAGE_TIMEOUT;
        let (own, visible) = self
            .stream_images_with_others(project, stream, deadline)
            .await?;
        let view = visible.view();
        let space = view.stream(project, stream).unwrap_or_default();
        let mut names: Vec<TagName> = view
            .biggest_tags(usize::MAX)
            .into_iter()
            .filter(|(in_project, in_stream, ..)| (in_project, in_stream) == (project, stream))
            .map(|(_, _, tag, _)| tag)
            .collect();
        let more_tags = names.len().saturating_sub(MAX_ROWS);
        names.truncate(MAX_ROWS);
        let mut tags: Vec<TagRow> = names
            .into_iter()
            .filter_map(|tag| {
                let space = view.tag(project, stream, &tag)?;
                Some(TagRow { tag, space })
            })
            .collect();
        // Tags of equal space stay in the order of their size.
        tags.sort_by_key(|row| Reverse(row.space.own.sum()));
        let shares_with = view.stream_shares_with(project, stream, MAX_TOP);
        Ok(StreamSpaceView {
            project: project.clone(),
            stream: stream.clone(),
            shared: difference(&space.total, &space.own),
            space,
            tags,
            more_tags,
            shares_with: shares_with
                .into_iter()
                .map(|shared| SharingStream {
                    project: shared.with.0,
                    stream: shared.with.1,
                    size: shared.size,
                })
                .collect(),
            untagged: UntaggedImages::of([&own]),
            scope: visible.scope.clone(),
        })
    }

    /// The images of an image stream, and these together with those of all visible image streams.
    ///
    /// # Errors
    ///
    /// The image stream cannot be read.
    pub(super) async fn stream_images_with_others(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        deadline: Instant,
    ) -> Result<(StreamImages, VisibleImages), Failure> {
        let own = self.stream_images(project, stream, deadline).await?;
        let other = self.other_images(Some(project), None, deadline).await?;
        let visible = VisibleImages::new(project, std::slice::from_ref(&own), 0, &other);
        Ok((own, visible))
    }
}
