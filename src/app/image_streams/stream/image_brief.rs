//! The images of the tags of a page, in brief.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use serde::Serialize;
use utoipa::ToSchema;

use super::TagRow;
use super::platforms::{PlatformBrief, image_platforms};
use crate::app::AppForUser;
use crate::app::section::{Section, optional};
use crate::openshift::{ConfirmedStream, ImageDescription, ImageRecord};
use registry_model::{
    ByteSize, Digest, Image, ImageKind, ImageStreamName, ProjectName, TagName, TotalSize,
};

/// How many images are requested concurrently: each is a small response of the API server.
const MAX_CONCURRENT_IMAGES: usize = 16;

/// A summary of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageBrief {
    /// The total of the compressed layers; absent for an index.
    pub size: Option<ByteSize>,
    /// The architecture of an image, or those of an index. Untrusted.
    pub architectures: Vec<String>,
    /// Whether `size` does not include parts whose size is not known.
    pub size_at_least: bool,
    /// The kind of the image, as far as the API server knows it.
    pub kind: ImageKind,
    /// Whether it lists other manifests.
    pub index: bool,
    /// The platforms of an index.
    pub platforms: Vec<PlatformBrief>,
    /// How many more platforms it has.
    pub more_platforms: usize,
}

impl AppForUser<'_> {
    /// Adds the image of each tag. Images that are not remembered are requested concurrently, each
    /// digest once.
    pub(super) async fn add_images(
        &self,
        project: &ProjectName,
        name: &ImageStreamName,
        confirmed: Option<&ConfirmedStream<'_>>,
        tags: &mut [TagRow],
    ) {
        // Each digest once, with one of the tags that point to it.
        let digests: BTreeMap<Digest, TagName> = tags
            .iter()
            .filter_map(|tag| Some((tag.digest.clone()?, tag.name.clone())))
            .collect();
        let briefs: BTreeMap<Digest, Section<ImageBrief>> = stream::iter(digests)
            .map(|(digest, tag)| async move {
                let known = confirmed.and_then(|confirmed| confirmed.image_record(&digest));
                if let Some(brief) = known.as_deref().and_then(ImageBrief::from_record) {
                    return (digest, Section::Ready(brief));
                }
                let request = self.image_by_digest_or_tag(project, name, &digest, Some(&tag));
                let image = optional(request).await;
                let brief =
                    |image: Image| ImageBrief::new(image.size(), &ImageDescription::from(&image));
                (digest, image.map(brief))
            })
            .buffer_unordered(MAX_CONCURRENT_IMAGES)
            .collect()
            .await;
        for tag in tags {
            tag.image = tag
                .digest
                .as_ref()
                .and_then(|digest| briefs.get(digest).cloned());
        }
    }
}

impl ImageBrief {
    /// `None` if nothing but the blobs of the image is remembered.
    fn from_record(record: &ImageRecord) -> Option<Self> {
        let description = record.description.as_deref()?;
        Some(Self::new(record.size, description))
    }

    fn new(size: Option<TotalSize>, description: &ImageDescription) -> Self {
        let all: Vec<&String> = match description.platforms.as_slice() {
            [] => description.architecture.iter().collect(),
            platforms => platforms
                .iter()
                .filter_map(|platform| platform.architecture.as_ref())
                .filter(|arch| *arch != "unknown")
                .collect(),
        };
        // Platforms of one architecture need not be adjacent: amd64 of Linux comes first, amd64 of
        // Windows last. Their order is kept.
        let mut seen = BTreeSet::new();
        let architectures = all
            .into_iter()
            .filter(|architecture| seen.insert(*architecture))
            .cloned()
            .collect();
        let (platforms, more_platforms) = image_platforms(&description.platforms);
        Self {
            size: size.map(|size| size.bytes),
            size_at_least: size.is_some_and(|size| size.at_least),
            architectures,
            kind: description.kind,
            index: !description.platforms.is_empty(),
            platforms,
            more_platforms,
        }
    }
}
