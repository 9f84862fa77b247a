//! Tags that track other tags.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::lists::visible_streams::VisibleStreams;
use registry_model::{ImageStream, ImageStreamName, ProjectName, TagName};

/// A tag that follows another tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct TrackingTag {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
    /// The tag that it tracks.
    pub tracks: TagName,
}

/// The tags that track one that `is_tracked` names, of the image streams that the user sees and of
/// `own_stream`, sorted.
pub(super) fn tracking_tags(
    visible: Option<&VisibleStreams>,
    own_stream: &ImageStream,
    is_tracked: impl Fn((&ProjectName, &ImageStreamName, &TagName)) -> bool,
) -> Vec<TrackingTag> {
    let mut found: Vec<TrackingTag> = own_stream
        .tags
        .iter()
        .filter_map(|tag| {
            let (project, stream, tracks) =
                tag.tracked_tag(&own_stream.project, &own_stream.name)?;
            is_tracked((&project, &stream, &tracks)).then(|| TrackingTag {
                project: own_stream.project.clone(),
                stream: own_stream.name.clone(),
                tag: tag.name.clone(),
                tracks,
            })
        })
        .collect();
    let entries = visible
        .into_iter()
        .flat_map(|visible| visible.streams.streams());
    for entry in entries {
        let stream = &entry.stream;
        found.extend(
            stream
                .tracking
                .iter()
                .filter(|tracked| is_tracked((&tracked.project, &tracked.stream, &tracked.tag)))
                .map(|tracked| TrackingTag {
                    project: stream.project.clone(),
                    stream: stream.name.clone(),
                    tag: stream.tag(tracked.tag_index as usize).name().clone(),
                    tracks: tracked.tag.clone(),
                }),
        );
    }
    found.sort_unstable();
    found.dedup();
    found
}
