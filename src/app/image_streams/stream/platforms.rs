//! The platforms of the indexes among an image stream's tags, with their sizes: one request to the
//! API server for all of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ImageBrief, TagRow};
use crate::app::AppForUser;
use crate::app::section::{Section, optional};
use registry_model::{
    ByteSize, Digest, Image, ImageStreamName, PlatformImage, ProjectName, TotalSize,
};

/// How many platforms of an index a row of the list of tags names.
const MAX_PLATFORMS_IN_ROW: usize = 8;

/// A summary of a platform of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlatformBrief {
    /// The digest of its manifest.
    pub digest: Digest,
    /// Such as `linux/arm/v7`. Untrusted.
    pub platform: String,
    /// What the registry stores of its image, if the API server knows it.
    pub size: Option<ByteSize>,
    /// Whether `size` does not include parts whose size is not known.
    pub size_at_least: bool,
}

/// The platforms of an index that a row names, and how many more there are. Empty for an image.
pub(super) fn image_platforms(image: &Image) -> (Vec<PlatformBrief>, usize) {
    let mut platforms: Vec<PlatformBrief> = image
        .platforms
        .iter()
        .filter(|platform| platform.is_image())
        .filter_map(PlatformBrief::new)
        .collect();
    let more = platforms.len().saturating_sub(MAX_PLATFORMS_IN_ROW);
    platforms.truncate(MAX_PLATFORMS_IN_ROW);
    (platforms, more)
}

impl PlatformBrief {
    fn new(image: &PlatformImage) -> Option<Self> {
        Some(Self {
            digest: image.digest.clone(),
            platform: image.platform_name()?,
            size: None,
            size_at_least: false,
        })
    }

    fn add_size(&mut self, size: TotalSize) {
        (self.size, self.size_at_least) = (Some(size.bytes), size.at_least);
    }
}

impl AppForUser<'_> {
    /// Adds the sizes of the platforms, if any tag is an index. Without the sizes the rows stay as
    /// they are: 3.9 does not serve them.
    pub(super) async fn add_platform_sizes(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        tags: &mut [TagRow],
    ) {
        let briefs = || tags.iter().filter_map(|tag| tag.image.as_ref()?.ready());
        if !briefs().any(|image| !image.platforms.is_empty()) {
            return;
        }
        let sizes = optional(self.api_server.get_image_sizes(project, name)).await;
        let Section::Ready(sizes) = sizes else { return };
        for image in tags
            .iter_mut()
            .filter_map(|tag| tag.image.as_mut()?.ready_mut())
        {
            image.add_sizes(&sizes);
        }
    }
}

impl ImageBrief {
    fn add_sizes(&mut self, sizes: &BTreeMap<Digest, TotalSize>) {
        for platform in &mut self.platforms {
            if let Some(size) = sizes.get(&platform.digest) {
                platform.add_size(*size);
            }
        }
    }
}
