//! Image objects of the API server.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ByteSize, Digest, Layer, TotalSize, layer, manifest};
use crate::image_config::ImageConfig;

/// An image object of the API server, which is created when a manifest is pushed or imported.
///
/// All text from a manifest or config is untrusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// The digest of the manifest, which is the name of the object.
    pub digest: Digest,
    /// When the object was created.
    pub registered: Option<DateTime<Utc>>,
    /// The media type of the manifest (`dockerImageManifestMediaType`); 3.x leaves it out for
    /// schema 1.
    pub media_type: Option<String>,
    /// `dockerImageMetadata.Created`: can be absent, or the fixed date of a reproducible build.
    pub created: Option<DateTime<Utc>>,
    /// `dockerImageMetadata.Author`.
    pub author: Option<String>,
    /// `dockerImageMetadata.Architecture`; absent for an index and for artifacts.
    pub architecture: Option<String>,
    /// The digest of the config blob (`dockerImageMetadata.Id`), if there is one.
    pub config: Option<Digest>,
    /// `dockerImageMetadata.Config.Labels`.
    pub labels: BTreeMap<String, String>,
    /// How the image is run, from `dockerImageMetadata`: less than the config blob contains, but
    /// available without the registry.
    pub config_taken_down: Option<ImageConfig>,
    /// The compressed layers in the order in which they are applied.
    pub layers: Vec<Layer>,
    /// The manifests of an index, one for each platform (`dockerImageManifests`, 4.x).
    pub platforms: Vec<PlatformImage>,
}

/// What an image object describes, as far as the API server records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImageKind {
    /// An image of one platform.
    Image,
    /// An index of images.
    Index,
    /// An index without an image: the referrers of an image, an index of artifacts, or a build
    /// cache.
    ArtifactIndex,
    /// An empty index.
    EmptyIndex,
    /// No image: for example a Helm chart, a signature or an SBOM.
    Artifact,
}

impl ImageKind {
    /// Whether a container can be run from it.
    #[must_use]
    pub fn is_runnable(self) -> bool {
        matches!(self, Self::Image | Self::Index)
    }
}

impl Image {
    /// What the object describes. The API server records neither the media type of a config nor an
    /// `artifactType`; [`super::manifest::Manifest`] has both.
    #[must_use]
    pub fn kind(&self) -> ImageKind {
        if !self.platforms.is_empty() {
            return if self.platforms.iter().any(PlatformImage::is_image) {
                ImageKind::Index
            } else {
                ImageKind::ArtifactIndex
            };
        }
        if self
            .media_type
            .as_deref()
            .is_some_and(manifest::is_index_media_type)
        {
            return ImageKind::EmptyIndex;
        }
        let has_file_system = self.layers.iter().any(|layer| {
            layer
                .media_type
                .as_deref()
                .is_none_or(layer::is_filesystem_media_type)
        });
        let is_described = self.architecture.is_some()
            || self.config_taken_down.is_some()
            || self.media_type.is_none();
        if is_described && (has_file_system || self.layers.is_empty()) {
            ImageKind::Image
        } else {
            ImageKind::Artifact
        }
    }

    /// The size of the layers that the registry stores: 0 bytes for an image without layers. `None`
    /// for an index, and if no size is known.
    #[must_use]
    pub fn size(&self) -> Option<TotalSize> {
        let is_known = match self.kind() {
            // Schema 1, for which 3.x records no media type, can be an image whose layers were not
            // recorded.
            ImageKind::Image => !self.layers.is_empty() || self.media_type.is_some(),
            ImageKind::Artifact => !self.layers.is_empty(),
            ImageKind::Index | ImageKind::ArtifactIndex | ImageKind::EmptyIndex => false,
        };
        TotalSize::from_layers(&self.layers).filter(|_| is_known)
    }
}

/// One image of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlatformImage {
    /// The digest of its manifest.
    pub digest: Digest,
    /// The media type of its manifest. Untrusted.
    pub media_type: Option<String>,
    /// Such as `linux`. Untrusted.
    pub os: Option<String>,
    /// Such as `amd64`. Untrusted.
    pub architecture: Option<String>,
    /// Such as `v7`. Untrusted.
    pub variant: Option<String>,
    /// The size of the manifest itself, not of the image.
    pub manifest_size: Option<ByteSize>,
}

impl PlatformImage {
    /// Whether it is an image for a platform: not an attestation of BuildKit (unknown/unknown), a
    /// referrer of an image, or a layer of a build cache.
    #[must_use]
    pub fn is_image(&self) -> bool {
        let is_platform = self.os.is_some() || self.architecture.is_some();
        is_platform
            && !self.has_unknown_platform()
            && self
                .media_type
                .as_deref()
                .is_none_or(manifest::is_manifest_media_type)
    }

    /// Whether its platform is `unknown/unknown`, as BuildKit writes it for attestations.
    #[must_use]
    pub fn has_unknown_platform(&self) -> bool {
        self.os.as_deref() == Some("unknown")
    }

    /// Operating system, architecture and variant, such as `linux/arm/v7`. `None` if all are
    /// absent.
    #[must_use]
    pub fn platform_name(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.os, &self.architecture, &self.variant]
            .into_iter()
            .filter_map(|part| part.as_deref())
            .collect();
        (!parts.is_empty()).then(|| parts.join("/"))
    }
}

/// `os/architecture/variant`, as far as it is known.
impl std::fmt::Display for PlatformImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.platform_name().as_deref().unwrap_or("unknown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
    const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

    fn image(media_type: Option<&str>, architecture: Option<&str>, layers: &[&str]) -> Image {
        let layers = layers.iter().map(|kind| {
            Layer::new(
                Digest::sha256(kind.as_bytes()),
                Some(ByteSize(1)),
                Some((*kind).to_owned()),
            )
        });
        Image {
            digest: Digest::sha256(b"manifest"),
            registered: None,
            media_type: media_type.map(str::to_owned),
            created: None,
            author: None,
            architecture: architecture.map(str::to_owned),
            config: None,
            labels: BTreeMap::new(),
            config_taken_down: None,
            layers: layers.collect(),
            platforms: Vec::new(),
        }
    }

    fn index(platforms: &[(&str, &str, &str)]) -> Image {
        let platforms = platforms
            .iter()
            .map(|(media_type, os, architecture)| PlatformImage {
                digest: Digest::sha256(b"child"),
                media_type: Some((*media_type).to_owned()),
                os: Some((*os).to_owned()).filter(|os| !os.is_empty()),
                architecture: Some((*architecture).to_owned())
                    .filter(|architecture| !architecture.is_empty()),
                variant: None,
                manifest_size: None,
            });
        Image {
            platforms: platforms.collect(),
            ..image(Some(OCI_INDEX), None, &[])
        }
    }

    #[test]
    fn runnable_images_are_distinguished_from_artifacts() {
        let tar = "application/vnd.oci.image.layer.v1.tar+gzip";
        for (kind, image) in [
            (
                ImageKind::Image,
                image(Some(OCI_MANIFEST), Some("amd64"), &[tar]),
            ),
            (
                ImageKind::Image,
                image(Some(OCI_MANIFEST), Some("amd64"), &[]),
            ),
            (ImageKind::Image, image(None, None, &[])),
            (ImageKind::Artifact, image(Some(OCI_MANIFEST), None, &[])),
            (
                ImageKind::Artifact,
                image(
                    Some(OCI_MANIFEST),
                    Some("unknown"),
                    &["application/vnd.in-toto+json"],
                ),
            ),
            (
                ImageKind::Artifact,
                image(
                    Some(OCI_MANIFEST),
                    None,
                    &["application/vnd.cncf.helm.chart.content.v1.tar+gzip"],
                ),
            ),
            (ImageKind::EmptyIndex, index(&[])),
            (
                ImageKind::Index,
                index(&[
                    (OCI_MANIFEST, "linux", "amd64"),
                    (OCI_MANIFEST, "unknown", "unknown"),
                ]),
            ),
            (ImageKind::ArtifactIndex, index(&[(OCI_MANIFEST, "", "")])),
            (
                ImageKind::ArtifactIndex,
                index(&[(OCI_MANIFEST, "unknown", "unknown")]),
            ),
            (ImageKind::ArtifactIndex, index(&[(tar, "linux", "amd64")])),
        ] {
            assert_eq!(image.kind(), kind, "{image:?}");
            assert_eq!(
                kind.is_runnable(),
                matches!(kind, ImageKind::Image | ImageKind::Index)
            );
        }
    }

    #[test]
    fn image_without_layers_is_empty_only_if_layers_are_known() {
        let bytes = |image: &Image| image.size().map(|size| size.bytes.0);
        assert_eq!(
            bytes(&image(Some(OCI_MANIFEST), Some("amd64"), &[])),
            Some(0)
        );
        assert_eq!(bytes(&image(None, Some("amd64"), &[])), None, "schema 1");
        assert_eq!(bytes(&index(&[(OCI_MANIFEST, "linux", "amd64")])), None);
    }
}
