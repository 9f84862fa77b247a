//! The space of an image stream.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::project_space::{OTHER_PROJECTS_TIMEOUT, difference};
use super::space_loads::ArrivedSpace;
use super::untagged::UntaggedImages;
use super::visible_space::{SpaceCollector, SpaceScope, VisibleSpace};
use super::{MAX_ROWS, MAX_TOP, SPACE_PAGE_TIMEOUT};
use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use crate::app::failure::Failure;
use crate::app::lists::RowLimit;
use registry_model::space::{SharedSpace, SpaceSize, SpaceUse, StreamSelection, TagSpace};
use registry_model::{ImageStreamName, ProjectName, TagName};

/// The space of an image stream.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StreamSpaceView {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub space: SpaceUse,
    /// The part of the total that other image streams have too.
    pub shared: SpaceSize,
    /// What frees the most first. Of more than 200 tags, those with the biggest images.
    pub tags: Vec<TagSpaceRow>,
    pub more_tags: usize,
    /// The image streams with which it has the most bytes in common. At most 10.
    pub shares_with: Vec<SharingStream>,
    /// How many others share layers with it.
    pub more_sharing: usize,
    pub untagged: UntaggedImages,
    pub scope: SpaceScope,
}

/// A tag and its space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagSpaceRow {
    pub tag: TagName,
    #[serde(flatten)]
    pub space: TagSpace,
}

/// An image stream that has layers in common with another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SharingStream {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub size: SpaceSize,
}

impl From<SharedSpace<(ProjectName, ImageStreamName)>> for SharingStream {
    fn from(shared: SharedSpace<(ProjectName, ImageStreamName)>) -> Self {
        let (project, stream) = shared.with;
        Self {
            project,
            stream,
            size: shared.size,
        }
    }
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
        limit: RowLimit,
    ) -> Result<StreamSpaceView, Failure> {
        let deadline = Instant::now() + SPACE_PAGE_TIMEOUT;
        let visible = self.space_with_stream(project, stream, deadline).await?;
        let view = visible.view();
        let selection = StreamSelection::Stream(project, stream);
        let space = view.stream(project, stream).unwrap_or_default();
        let biggest = view.biggest_tags(selection, usize::MAX).into_iter();
        let mut names: Vec<TagName> = biggest.map(|tag| tag.tag).collect();
        let more_tags = truncate_counting(&mut names, limit.rows(MAX_ROWS));
        let mut tags: Vec<TagSpaceRow> = names
            .into_iter()
            .filter_map(|tag| {
                let space = view.tag(project, stream, &tag)?;
                Some(TagSpaceRow { tag, space })
            })
            .collect();
        // Tags of equal space stay in the order of their size.
        tags.sort_by_key(|row| Reverse(row.space.own.sum()));
        let mut shares_with = view.stream_shares_with(project, stream, usize::MAX);
        let more_sharing = truncate_counting(&mut shares_with, MAX_TOP);
        Ok(StreamSpaceView {
            project: project.clone(),
            stream: stream.clone(),
            shared: difference(&space.total, &space.own),
            space,
            tags,
            more_tags,
            shares_with: shares_with.into_iter().map(SharingStream::from).collect(),
            more_sharing,
            untagged: UntaggedImages::of(&view, selection, MAX_ROWS),
            scope: visible.scope(Some(project)),
        })
    }

    /// The images of an image stream together with those of others, as far as they arrive.
    pub(super) async fn space_with_stream(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        deadline: Instant,
    ) -> Result<Arc<VisibleSpace>, Failure> {
        if let Some(known) = self.known_space()
            && known.has_stream(project, stream)
        {
            return Ok(known);
        }
        let own = self.stream_images(project, stream, deadline).await?;
        let others_by = deadline.min(Instant::now() + OTHER_PROJECTS_TIMEOUT);
        let mut collected = match self.arrived_space(None, others_by).await? {
            ArrivedSpace::Complete(space) if space.has_stream(project, stream) => return Ok(space),
            // An image stream that is too new.
            ArrivedSpace::Complete(_) => SpaceCollector::default(),
            ArrivedSpace::Partial(collected) => *collected,
        };
        collected.add_stream(&own);
        Ok(Arc::new(collected.build()))
    }
}
