//! The platforms of the indexes among a stream's tags, with their sizes: one request to the API
//! server for all of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ImageBrief, TagRow};
use crate::app::AsUser;
use crate::app::failure::Upstream;
use crate::app::section::{EXTRA_PATIENCE, Section, within};
use registry_model::{
    ByteSize, Digest, Image, ImagePlatform, ImageStreamName, ProjectName, TotalSize,
};

/// How many platforms of an index a row of the list of tags names.
const MOST_PLATFORMS: usize = 8;

/// A platform of an index, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlatformBrief {
    /// The digest of its manifest.
    pub digest: Digest,
    /// Such as `linux/arm/v7`. Untrusted.
    pub platform: String,
    /// What the registry stores of its image, where the API server knows it.
    pub size: Option<ByteSize>,
    /// Whether `size` leaves out something whose size is not known.
    pub size_at_least: bool,
}

/// The platforms of an index that a row names, and how many more there are. Of an image: none.
pub(super) fn of_image(image: &Image) -> (Vec<PlatformBrief>, usize) {
    let mut platforms: Vec<PlatformBrief> = image
        .platforms
        .iter()
        .filter(|platform| platform.is_image())
        .filter_map(PlatformBrief::new)
        .collect();
    let more = platforms.len().saturating_sub(MOST_PLATFORMS);
    platforms.truncate(MOST_PLATFORMS);
    (platforms, more)
}

impl PlatformBrief {
    fn new(image: &ImagePlatform) -> Option<Self> {
        Some(Self {
            digest: image.digest.clone(),
            platform: image.name()?,
            size: None,
            size_at_least: false,
        })
    }

    fn add(&mut self, size: TotalSize) {
        (self.size, self.size_at_least) = (Some(size.bytes), size.at_least);
    }
}

impl AsUser<'_> {
    /// Adds the sizes of the platforms, where any tag is an index. Without them the rows stand as
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
        let sizes = within(
            EXTRA_PATIENCE,
            Upstream::Master,
            self.master.image_sizes(project, name),
        )
        .await;
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
                platform.add(*size);
            }
        }
    }
}
