//! What the master knows of an image.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::config::ImageConfig;
use super::{ByteSize, Digest};

/// An image object of the master: taken down when the manifest was pushed or imported.
///
/// Everything that a manifest or config said is untrusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// The digest of its manifest: its name.
    pub digest: Digest,
    /// When the master first saw it.
    pub registered: Option<DateTime<Utc>>,
    /// The media type of the manifest (`dockerImageManifestMediaType`); 3.x leaves it out for schema 1.
    pub media_type: Option<String>,
    /// `dockerImageMetadata.Created`, as pushed: may be absent or a fixed date of a reproducible build.
    pub created: Option<DateTime<Utc>>,
    /// `dockerImageMetadata.Author`.
    pub author: Option<String>,
    /// `dockerImageMetadata.Architecture`; absent for an index and for artifacts.
    pub architecture: Option<String>,
    /// The digest of the config blob (`dockerImageMetadata.Id`), where there is one.
    pub config: Option<Digest>,
    /// `dockerImageMetadata.Config.Labels`.
    pub labels: BTreeMap<String, String>,
    /// How it runs, as the master took it down (`dockerImageMetadata`): less than the config blob itself says, but there when the registry
    /// is not.
    pub config_taken_down: Option<ImageConfig>,
    /// The compressed layers in the order in which they are applied.
    pub layers: Vec<Layer>,
    /// The images of an index, one per platform (`dockerImageManifests`, 4.x).
    pub platforms: Vec<ImagePlatform>,
}

impl Image {
    /// The size of all layers together, if the master knows any: what a pull transfers at the most.
    #[must_use]
    pub fn size(&self) -> Option<ByteSize> {
        (!self.layers.is_empty()).then(|| self.layers.iter().map(|layer| layer.size).sum())
    }
}

/// A compressed layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// The digest of the compressed bytes.
    pub digest: Digest,
    /// How large they are.
    pub size: ByteSize,
    /// What they are. Untrusted.
    pub media_type: Option<String>,
}

/// One image of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImagePlatform {
    /// The digest of its manifest.
    pub digest: Digest,
    /// Such as `linux`. Untrusted.
    pub os: Option<String>,
    /// Such as `amd64`. Untrusted.
    pub architecture: Option<String>,
    /// Such as `v7`. Untrusted.
    pub variant: Option<String>,
    /// The size of the manifest itself, not of the image.
    pub manifest_size: ByteSize,
}
