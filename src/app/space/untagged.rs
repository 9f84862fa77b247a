//! Images that no tag points to any more.

use serde::Serialize;
use utoipa::ToSchema;

use registry_model::space::{SpaceSize, SpaceView, StreamSelection};
use registry_model::{Digest, ImageStreamName, ProjectName, TagName, TotalSize};

/// The images in histories that no tag of their image stream points to now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct UntaggedImages {
    /// The biggest first. At most 200.
    pub images: Vec<UntaggedImage>,
    pub more: usize,
}

/// An image in the history of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UntaggedImage {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub digest: Digest,
    /// The tag that pointed to it last, of several the first one.
    pub tag: TagName,
    /// The size of its layers, which other images can have too.
    pub size: Option<TotalSize>,
    /// The part that no other image has: what pruning this one frees.
    pub own: Option<SpaceSize>,
}

impl UntaggedImages {
    pub(super) fn of(view: &SpaceView<'_>, selection: StreamSelection<'_>, limit: usize) -> Self {
        let images = view.untagged_images(selection);
        let more = images.len().saturating_sub(limit);
        let images = images.into_iter().take(limit);
        Self {
            images: images
                .map(|image| UntaggedImage {
                    own: view
                        .image(image.project, image.stream, &image.digest)
                        .map(|space| space.own),
                    project: image.project.clone(),
                    stream: image.stream.clone(),
                    digest: image.digest,
                    tag: image.tag.clone(),
                    size: image.size.map(layers_size),
                })
                .collect(),
            more,
        }
    }
}

/// The size of the layers of an image, wherever it came from.
pub(super) fn layers_size(size: SpaceSize) -> TotalSize {
    TotalSize {
        bytes: size.sum(),
        at_least: size.at_least,
    }
}
