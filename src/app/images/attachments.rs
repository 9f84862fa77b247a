//! What is attached to an image within its image stream: signatures, attestations, SBOMs.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::bounds::{MAX_TABLE_ROWS, truncate_counting};
use crate::app::failure::Upstream;
use crate::app::image_streams::stream::AttachedTag;
use crate::app::section::{
    REGISTRY_TIMEOUT, Section, Unavailable, UnavailableReason, with_timeout,
};
use crate::registry;
use registry_model::manifest::{ArtifactKind, Manifest};
use registry_model::{AttachmentKind, Digest, ImageStream, TagName};

/// How many entries of a referrers index are shown.
const MAX_REFERRERS: usize = 50;

/// The longest artifact type that is kept, in bytes: media types have at most 255 (RFC 6838).
const MAX_ARTIFACT_TYPE_BYTES: usize = 255;

/// What is attached to an image.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct AttachedToImage {
    /// Tags of the image stream that are named after the image.
    pub tags: Vec<AttachedTag>,
    /// The manifests that the referrers index of the image lists.
    pub referrers: Vec<Referrer>,
    /// How many tags and manifests are left out.
    pub more: usize,
    /// Why the referrers index could not be read, where there is one.
    pub referrers_missing: Option<Unavailable>,
}

/// A manifest that refers to an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Referrer {
    /// The digest of the manifest.
    pub digest: Digest,
    /// Its artifact type. Untrusted.
    pub artifact_type: Option<String>,
}

impl Referrer {
    #[must_use]
    pub fn artifact_kind(&self) -> ArtifactKind<'_> {
        ArtifactKind::from_artifact_type(self.artifact_type.as_deref())
    }
}

impl AttachedToImage {
    /// Whether nothing is attached.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.referrers.is_empty() && self.referrers_missing.is_none()
    }
}

impl AppForUser<'_> {
    /// What is attached to the image, by the names of the image stream's tags. At most one manifest
    /// is read: the referrers index.
    pub(super) async fn attachments(
        &self,
        stream: &ImageStream,
        image: &Digest,
    ) -> AttachedToImage {
        let attached = stream.tags.iter().filter_map(|tag| {
            let attachment = tag
                .name
                .attachment()
                .filter(|attachment| attachment.image == *image)?;
            Some(AttachedTag {
                tag: tag.name.clone(),
                kind: attachment.kind,
                current: true,
            })
        });
        let (indexes, mut tags): (Vec<AttachedTag>, Vec<AttachedTag>) =
            attached.partition(|tag| tag.kind == AttachmentKind::Referrers);
        let more = truncate_counting(&mut tags, MAX_TABLE_ROWS);
        let mut all = AttachedToImage {
            tags,
            more,
            ..AttachedToImage::default()
        };
        if let Some(index) = indexes.into_iter().next() {
            match self.referrers(stream, &index.tag).await {
                Section::Ready((referrers, left_out)) => {
                    all.referrers = referrers;
                    all.more += left_out;
                }
                Section::Missing { missing } => {
                    all.referrers_missing = Some(missing);
                    all.tags.push(index);
                }
            }
        }
        all
    }

    /// The entries of a referrers index, and how many are left out.
    async fn referrers(
        &self,
        stream: &ImageStream,
        tag: &TagName,
    ) -> Section<(Vec<Referrer>, usize)> {
        let reference = registry::ManifestReference::Tag(tag.clone());
        let load = self
            .registry
            .get_manifest(&stream.project, &stream.name, &reference);
        let raw = match with_timeout(REGISTRY_TIMEOUT, Upstream::Registry, load).await {
            Section::Ready(raw) => raw,
            Section::Missing { missing } => return Section::Missing { missing },
        };
        let Ok(Manifest::Index(index)) = Manifest::parse(&raw.bytes, raw.content_type.as_deref())
        else {
            return Section::unavailable(Upstream::Registry, UnavailableReason::Unreadable);
        };
        let left_out = index.entries.more
            + index.unreadable_entries
            + index.entries.items.len().saturating_sub(MAX_REFERRERS);
        let referrers = index
            .entries
            .items
            .into_iter()
            .take(MAX_REFERRERS)
            .map(|entry| Referrer {
                digest: entry.descriptor.digest,
                artifact_type: entry
                    .descriptor
                    .artifact_type
                    .filter(|kind| kind.len() <= MAX_ARTIFACT_TYPE_BYTES),
            });
        Section::Ready((referrers.collect(), left_out))
    }
}
