//! The platforms of the indexes among an image stream's tags, with their sizes: one request to the
//! API server for all of them.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::TagRow;
use crate::app::section::{Section, optional};
use crate::openshift::{ConfirmedStream, ImageRecord};
use registry_model::{ByteSize, Digest, PlatformImage, TotalSize};

/// How many platforms of an index a row of the list of tags names.
const MAX_PLATFORMS_IN_ROW: usize = 8;

/// A summary of a platform of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
pub(super) fn image_platforms(images: &[PlatformImage]) -> (Vec<PlatformBrief>, usize) {
    let mut platforms: Vec<PlatformBrief> = images
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

    fn add_size(&mut self, size: Option<TotalSize>) {
        self.size = size.map(|size| size.bytes);
        self.size_at_least = size.is_some_and(|size| size.at_least);
    }
}

/// Adds the sizes of the platforms, if any tag is an index: those that are remembered, otherwise
/// with one request for all of them. Without the sizes the rows stay as they are: 3.9 does not
/// serve them.
pub(super) async fn add_platform_sizes(confirmed: &ConfirmedStream<'_>, tags: &mut [TagRow]) {
    let known = |index: &Digest, child: &Digest| confirmed.child_record(index, child);
    if add_sizes(tags, known) {
        return;
    }
    if let Section::Ready(layers) = optional(confirmed.load_layers()).await {
        add_sizes(tags, |_, child| layers.images.get(child).cloned());
    }
}

/// Adds the sizes of the platforms for which `record` has a record. Returns whether it has all.
fn add_sizes(
    tags: &mut [TagRow],
    record: impl Fn(&Digest, &Digest) -> Option<Arc<ImageRecord>>,
) -> bool {
    let mut is_complete = true;
    for tag in tags {
        let image = tag.image.as_mut().and_then(Section::ready_mut);
        let Some((image, index)) = image.zip(tag.digest.as_ref()) else {
            continue;
        };
        for platform in &mut image.platforms {
            match record(index, &platform.digest) {
                Some(record) => platform.add_size(record.size),
                None => is_complete = false,
            }
        }
    }
    is_complete
}
