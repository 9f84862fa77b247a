//! Indexes: one name for the images of several platforms.

use serde::Serialize;

use super::super::{Digest, Kept, kept::KeptTexts};
use super::wire::{Wire, WireDescriptor, WirePlatform};
use super::{Descriptor, Format};

/// An OCI index or Docker manifest list (OCI image specification, "Image Index").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Index {
    /// What it says it is, or the registry says. Untrusted.
    pub media_type: Option<String>,
    /// What kind of artifact it is, where it is one. Untrusted.
    pub artifact_type: Option<String>,
    /// The manifests it lists, in its order.
    pub entries: Kept<Vec<IndexEntry>>,
    /// How many entries were left out, because their descriptors cannot be read.
    pub unreadable_entries: usize,
    /// The manifest that it belongs to.
    pub subject: Option<Descriptor>,
    /// Its annotations.
    pub annotations: KeptTexts,
}

/// A manifest that an index lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IndexEntry {
    /// Where it points to. The size is that of the manifest, not of the image.
    pub descriptor: Descriptor,
    /// What it runs on.
    pub platform: Option<Platform>,
}

/// What an image runs on. All of it untrusted.
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
    pub os_features: Kept<Vec<String>>,
}

/// What an entry of an index is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum EntryKind {
    /// An image, or an artifact for a platform.
    Manifest,
    /// Another index. Whoever follows it counts how deep (S37).
    Index,
    /// Provenance or an SBOM that BuildKit attached to an image of the same index (annotation `vnd.docker.reference.type`), listed for
    /// the platform unknown/unknown. Nothing to pull.
    Attestation {
        /// The image it speaks of (`vnd.docker.reference.digest`), where that is said.
        of: Option<Digest>,
    },
}

impl IndexEntry {
    /// What the entry is, as far as the index tells.
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        let annotations = &self.descriptor.annotations.items;
        if annotations.get("vnd.docker.reference.type").is_some_and(|kind| kind == "attestation-manifest") {
            let of = annotations.get("vnd.docker.reference.digest").and_then(|digest| digest.parse().ok());
            return EntryKind::Attestation { of };
        }
        match self.descriptor.media_type.as_deref().and_then(Format::of_media_type) {
            Some(Format::Index) => EntryKind::Index,
            _ => EntryKind::Manifest,
        }
    }

    fn from_wire(mut wire: WireDescriptor) -> Option<Self> {
        let platform = Platform::from_wire(std::mem::take(&mut wire.platform));
        Descriptor::from_wire(wire).map(|descriptor| Self { descriptor, platform })
    }
}

impl Index {
    pub(super) fn from_wire(wire: Wire, content_type: Option<&str>) -> Self {
        let media_type = wire.media_type(content_type);
        let (entries, unreadable_entries) = wire.manifests.unwrap_or_default().filter_map(IndexEntry::from_wire);
        Self {
            media_type,
            artifact_type: wire.artifact_type,
            entries,
            unreadable_entries,
            subject: Descriptor::from_wire(wire.subject),
            annotations: wire.annotations,
        }
    }
}

impl Platform {
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
