//! Indexes: one name for the images of several platforms.

use serde::Serialize;

use super::super::{Digest, Truncated};
use super::artifact::BUILD_CACHE_CONFIG_MEDIA_TYPE;
use super::wire::{WireDescriptor, WireManifest, WirePlatform};
use super::{Descriptor, ManifestFormat, is_image_config_media_type, non_empty};
use crate::truncated::TruncatedMap;

/// An OCI index or Docker manifest list (OCI image specification, "Image Index").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageIndex {
    /// The media type, from the manifest or the registry. Untrusted.
    pub media_type: Option<String>,
    /// The `artifactType`, if there is one. Untrusted.
    pub artifact_type: Option<String>,
    /// The manifests of the index, in order.
    pub entries: Truncated<Vec<IndexEntry>>,
    /// The number of entries that were left out because their descriptors cannot be read.
    pub unreadable_entries: usize,
    /// The manifest that it refers to (`subject`).
    pub subject: Option<Descriptor>,
    pub annotations: TruncatedMap,
}

/// A manifest that an index lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IndexEntry {
    /// The descriptor. Its size is that of the manifest, not of the image.
    pub descriptor: Descriptor,
    /// The platform.
    pub platform: Option<Platform>,
}

/// The platform of an image. All fields are untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Platform {
    /// Such as `linux`.
    pub os: Option<String>,
    /// Such as `amd64`.
    pub architecture: Option<String>,
    /// Such as `v7`.
    pub variant: Option<String>,
    /// Such as `10.0.17763.1879`.
    pub os_version: Option<String>,
    /// Such as `win32k`.
    pub os_features: Truncated<Vec<String>>,
}

/// What the manifests of an index are, according to the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexContent {
    /// Images, usually one for each platform.
    Images,
    /// Artifacts: the referrers of an image, or a program for several platforms.
    Artifacts,
    /// A build cache of BuildKit, which consists of layers and no manifests.
    BuildCache,
    Nothing,
}

/// What an entry of an index is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum IndexEntryKind {
    /// An image, according to the index; the manifest itself can differ.
    Image,
    /// An artifact, by its `artifactType` or media type.
    Artifact,
    /// Another index. Readers limit how deep they follow it (S37).
    Index,
    /// Provenance or an SBOM that BuildKit attached to an image of the same index (annotation
    /// `vnd.docker.reference.type`), with the platform unknown/unknown. Not meant to be pulled.
    Attestation {
        /// The image that it describes (`vnd.docker.reference.digest`), if given.
        of: Option<Digest>,
    },
    /// Not a manifest: a layer or the config of a build cache.
    Blob,
}

impl IndexEntry {
    /// What the entry is, according to the index.
    #[must_use]
    pub fn kind(&self) -> IndexEntryKind {
        let annotations = &self.descriptor.annotations.items;
        let is_attestation = annotations
            .get("vnd.docker.reference.type")
            .is_some_and(|kind| kind == "attestation-manifest");
        let artifact_type = self
            .descriptor
            .artifact_type
            .as_deref()
            .filter(|kind| !kind.is_empty() && !is_image_config_media_type(kind));
        if is_attestation
            || artifact_type
                .is_some_and(|kind| kind.starts_with("application/vnd.docker.attestation."))
        {
            let of = annotations
                .get("vnd.docker.reference.digest")
                .and_then(|digest| digest.parse().ok());
            return IndexEntryKind::Attestation { of };
        }
        let media_type = self
            .descriptor
            .media_type
            .as_deref()
            .filter(|kind| !kind.is_empty());
        match (
            media_type.map(ManifestFormat::from_media_type),
            artifact_type,
        ) {
            (Some(Some(ManifestFormat::Index)), _) => IndexEntryKind::Index,
            (Some(Some(ManifestFormat::OrasArtifact)), _)
            | (Some(Some(ManifestFormat::Image)) | None, Some(_)) => IndexEntryKind::Artifact,
            (Some(Some(ManifestFormat::Image | ManifestFormat::Schema1)) | None, _) => {
                IndexEntryKind::Image
            }
            (Some(None), _) => IndexEntryKind::Blob,
        }
    }

    fn from_wire(mut wire: WireDescriptor) -> Option<Self> {
        let platform = Platform::from_wire(std::mem::take(&mut wire.platform));
        Descriptor::from_wire(wire).map(|descriptor| Self {
            descriptor,
            platform,
        })
    }
}

impl ImageIndex {
    /// What the manifests are. Attestations are ignored: they describe images of the same index.
    #[must_use]
    pub fn content(&self) -> IndexContent {
        let entries = &self.entries.items;
        if entries.is_empty() {
            return IndexContent::Nothing;
        }
        if entries.iter().any(|entry| {
            entry.descriptor.media_type.as_deref() == Some(BUILD_CACHE_CONFIG_MEDIA_TYPE)
        }) {
            return IndexContent::BuildCache;
        }
        let has_images = entries
            .iter()
            .any(|entry| matches!(entry.kind(), IndexEntryKind::Image | IndexEntryKind::Index));
        if has_images && self.artifact_type.is_none() {
            IndexContent::Images
        } else {
            IndexContent::Artifacts
        }
    }

    pub(super) fn from_wire(wire: WireManifest, content_type: Option<&str>) -> Self {
        let media_type = wire.media_type(content_type);
        let (entries, unreadable_entries) = wire
            .manifests
            .unwrap_or_default()
            .filter_map(IndexEntry::from_wire);
        Self {
            media_type,
            artifact_type: non_empty(wire.artifact_type),
            entries,
            unreadable_entries,
            subject: Descriptor::from_wire(wire.subject),
            annotations: wire.annotations,
        }
    }
}

impl Platform {
    /// Operating system, architecture and variant, such as `linux/arm/v7`. `None` if all are
    /// absent.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let parts = [&self.os, &self.architecture, &self.variant]
            .map(|part| part.as_deref().filter(|part| !part.is_empty()));
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("/"))
    }

    fn from_wire(wire: WirePlatform) -> Option<Self> {
        let platform = Self {
            os: wire.os,
            architecture: wire.architecture,
            variant: wire.variant,
            os_version: wire.os_version,
            os_features: wire.os_features.0,
        };
        (platform != Self::default()).then_some(platform)
    }
}
