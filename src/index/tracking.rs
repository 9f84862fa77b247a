//! Which tags an image stream's tags track, as the index stores it.

use registry_model::{ImageStream, ImageStreamName, ProjectName, TagName};

/// A tag that follows another tag, of any image stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedTracking {
    /// The position of the tag in its image stream.
    pub tag_index: u32,
    /// The tag that it tracks.
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
}

impl IndexedTracking {
    /// The approximate memory in bytes besides the value itself.
    pub(super) fn heap_bytes(&self) -> usize {
        self.project.as_str().len() + self.stream.as_str().len() + self.tag.as_str().len()
    }
}

/// The tags that track others, in their order.
pub(super) fn tracking_of(stream: &ImageStream) -> Box<[IndexedTracking]> {
    let tags = stream.tags.iter().enumerate();
    tags.filter_map(|(index, tag)| {
        let (project, stream, tag) = tag.tracked_tag(&stream.project, &stream.name)?;
        Some(IndexedTracking {
            tag_index: u32::try_from(index).ok()?,
            project,
            stream,
            tag,
        })
    })
    .collect()
}
