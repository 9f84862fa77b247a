//! Manifests: the documents that a tag or digest of a registry names.
//!
//! All their content is untrusted. `oci-client` has types for the same documents, but collects
//! lists of any length, fails at the first field of a wrong type and does not support schema 1;
//! only its media type names are used here. A test compares both implementations.

mod artifact;
mod descriptor;
mod index;
mod schema1;
mod wire;

pub use artifact::{Artifact, ArtifactKind, SbomFormat};
pub use descriptor::Descriptor;
pub use index::{ImageIndex, IndexContent, IndexEntry, IndexEntryKind, Platform};
pub use schema1::Schema1;

use std::borrow::Cow;

use oci_distribution::manifest::{
    IMAGE_CONFIG_MEDIA_TYPE, IMAGE_DOCKER_CONFIG_MEDIA_TYPE, IMAGE_MANIFEST_LIST_MEDIA_TYPE,
    IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE,
};
use serde::Serialize;

use super::{Digest, Layer, TotalSize, Truncated, lenient};
use crate::truncated::TruncatedMap;
use wire::WireManifest;

/// A manifest of any kind that the integrated registry stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Manifest {
    /// One image: Docker schema 2 or OCI.
    Image(ImageManifest),
    /// Several images, one per platform: OCI index or Docker manifest list.
    Index(ImageIndex),
    /// One image in Docker's first format, signed or not.
    Schema1(Schema1),
    /// Not an image: for example a Helm chart, a signature or an SBOM.
    Artifact(Artifact),
}

/// The manifest of one image (OCI image specification, "Image Manifest"; Docker schema 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageManifest {
    /// The media type, from the manifest or the registry. Untrusted.
    pub media_type: Option<String>,
    /// The `artifactType`. Untrusted.
    pub artifact_type: Option<String>,
    /// The config blob. Absent if its descriptor cannot be read.
    pub config: Option<Descriptor>,
    /// The layers in the order in which they are applied.
    pub layers: Truncated<Vec<Layer>>,
    /// The number of layers that were left out because their descriptors cannot be read.
    pub unreadable_layers: usize,
    /// Other locations of layers (`urls`). For display only, never fetched (S34).
    pub foreign_urls: Vec<String>,
    /// The manifest that this one refers to (`subject`).
    pub subject: Option<Descriptor>,
    pub annotations: TruncatedMap,
}

impl ImageManifest {
    /// The size of the layers that the registry stores: 0 bytes if there are none, `None` if no
    /// size is known.
    #[must_use]
    pub fn size(&self) -> Option<TotalSize> {
        let total = TotalSize::from_layers(&self.layers.items);
        total.map(|total| TotalSize {
            at_least: total.at_least || self.layers.more + self.unreadable_layers > 0,
            ..total
        })
    }
}

/// Why bytes cannot be read as a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or nested too deeply (S37).
    #[error("the manifest is not readable JSON")]
    NotJson(#[source] serde_json::Error),
    /// JSON, but of no known kind of manifest.
    #[error("the document is not a manifest of a known kind")]
    UnknownKind,
    /// It can be read as two kinds of manifest: which of them is pulled depends on the client
    /// (CVE-2021-41190).
    #[error("the manifest claims to be of two kinds at once")]
    Ambiguous,
    /// A schema 1 manifest whose signatures do not define which bytes are signed.
    #[error("the manifest's signature block cannot be read")]
    InvalidSignatures,
}

impl Manifest {
    /// Reads a manifest. The caller limits its size (4 MiB, S37).
    ///
    /// `content_type` is the header of the registry's response; a `mediaType` in the manifest must
    /// agree with it if both are known. A signed schema 1 manifest is read from the signed bytes
    /// only, so that the result is covered by the digest (S39).
    ///
    /// # Errors
    ///
    /// [`ManifestError`] if the bytes are of no known kind, or of two.
    pub fn parse(bytes: &[u8], content_type: Option<&str>) -> Result<Self, ManifestError> {
        let wire: WireManifest = lenient::from_slice(bytes).map_err(ManifestError::NotJson)?;
        match wire.format(content_type)? {
            ManifestFormat::Schema1 if wire.signatures.0 => {
                let payload =
                    schema1::signed_payload(bytes).ok_or(ManifestError::InvalidSignatures)?;
                let wire: WireManifest =
                    lenient::from_slice(&payload).map_err(ManifestError::NotJson)?;
                if wire.format(None)? != ManifestFormat::Schema1 {
                    return Err(ManifestError::Ambiguous);
                }
                Ok(Self::Schema1(Schema1::from_wire(wire, true)))
            }
            ManifestFormat::Schema1 => Ok(Self::Schema1(Schema1::from_wire(wire, false))),
            ManifestFormat::Index => Ok(Self::Index(ImageIndex::from_wire(wire, content_type))),
            ManifestFormat::OrasArtifact => {
                Ok(Self::Artifact(Artifact::from_wire(wire, content_type)))
            }
            ManifestFormat::Image if artifact::is_artifact(&wire, content_type) => {
                Ok(Self::Artifact(Artifact::from_wire(wire, content_type)))
            }
            ManifestFormat::Image => Ok(Self::Image(ImageManifest::from_wire(wire, content_type))),
        }
    }

    /// Whether a container can be run from it: an image, or an index of images.
    #[must_use]
    pub fn is_runnable(&self) -> bool {
        match self {
            Self::Image(_) | Self::Schema1(_) => true,
            Self::Index(index) => index.content() == IndexContent::Images,
            Self::Artifact(_) => false,
        }
    }

    /// The manifest that this one is attached to (`subject`): usually the image of a signature,
    /// attestation or SBOM.
    #[must_use]
    pub fn subject(&self) -> Option<&Descriptor> {
        match self {
            Self::Image(image) => image.subject.as_ref(),
            Self::Index(index) => index.subject.as_ref(),
            Self::Artifact(artifact) => artifact.subject.as_ref(),
            Self::Schema1(_) => None,
        }
    }

    /// The media type, if the manifest or the registry names one. Untrusted.
    #[must_use]
    pub fn media_type(&self) -> Option<&str> {
        match self {
            Self::Image(image) => image.media_type.as_deref(),
            Self::Index(index) => index.media_type.as_deref(),
            Self::Schema1(schema1) => Some(schema1.media_type()),
            Self::Artifact(artifact) => artifact.media_type.as_deref(),
        }
    }
}

/// The bytes that the digest of a manifest is computed from: all bytes, or for a signed schema 1
/// manifest the signed ones. Verify a digest of any algorithm against these with
/// [`Digest::matches`] (S39).
#[must_use]
pub fn digest_input<'a>(bytes: &'a [u8], manifest: &Manifest) -> Cow<'a, [u8]> {
    match manifest {
        Manifest::Schema1(schema1) if schema1.signed => {
            schema1::signed_payload(bytes).map_or(Cow::Borrowed(bytes), Cow::Owned)
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// The SHA-256 digest of a manifest, as its registry computes it.
#[must_use]
pub fn manifest_digest(bytes: &[u8], manifest: &Manifest) -> Digest {
    Digest::sha256(&digest_input(bytes, manifest))
}

/// The possible structures of a manifest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ManifestFormat {
    Image,
    Index,
    Schema1,
    OrasArtifact,
}

impl ManifestFormat {
    fn from_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            IMAGE_MANIFEST_MEDIA_TYPE | OCI_IMAGE_MEDIA_TYPE => Some(Self::Image),
            IMAGE_MANIFEST_LIST_MEDIA_TYPE | OCI_IMAGE_INDEX_MEDIA_TYPE => Some(Self::Index),
            schema1::SIGNED_MEDIA_TYPE | schema1::UNSIGNED_MEDIA_TYPE => Some(Self::Schema1),
            artifact::ORAS_MANIFEST_MEDIA_TYPE | artifact::OCI_ARTIFACT_MANIFEST_MEDIA_TYPE => {
                Some(Self::OrasArtifact)
            }
            _ => None,
        }
    }
}

impl ImageManifest {
    fn from_wire(wire: WireManifest, content_type: Option<&str>) -> Self {
        let media_type = wire.media_type(content_type);
        let layers = wire.layers.unwrap_or_default();
        let foreign_urls = layers
            .items
            .iter()
            .flat_map(|layer| layer.urls.0.items.iter().cloned())
            .take(lenient::MAX_ITEMS)
            .collect();
        let (layers, unreadable_layers) =
            layers.filter_map(|layer| Descriptor::from_wire(layer).map(Layer::from));
        Self {
            media_type,
            artifact_type: non_empty(wire.artifact_type),
            config: Descriptor::from_wire(wire.config),
            layers,
            unreadable_layers,
            foreign_urls,
            subject: Descriptor::from_wire(wire.subject),
            annotations: wire.annotations,
        }
    }
}

/// Whether a media type is that of an index or manifest list.
pub(super) fn is_index_media_type(media_type: &str) -> bool {
    ManifestFormat::from_media_type(media_type) == Some(ManifestFormat::Index)
}

/// Whether a media type is that of any manifest.
pub(super) fn is_manifest_media_type(media_type: &str) -> bool {
    ManifestFormat::from_media_type(media_type).is_some()
}

/// An empty text counts as absent.
fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn is_image_config_media_type(media_type: &str) -> bool {
    matches!(
        media_type,
        IMAGE_CONFIG_MEDIA_TYPE | IMAGE_DOCKER_CONFIG_MEDIA_TYPE
    )
}

#[cfg(test)]
mod tests;
