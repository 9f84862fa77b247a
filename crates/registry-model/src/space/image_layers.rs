//! What an image consists of in the registry.

use crate::{ByteSize, Digest};

/// The blobs of an image. They never change, because the digest of the image's manifest covers
/// them.
///
/// Sources: `imagestreams/NAME/layers` (3.11 and later), whose `images` name the blobs and whose
/// `blobs` have their sizes; or an image object (`dockerImageLayers`, `dockerImageMetadata.Id`,
/// `dockerImageManifests`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageLayers {
    /// The digest of the manifest, which is the name of the image object.
    pub digest: Digest,
    /// The size of the manifest. The API server tells it of the images of an index only.
    pub manifest_size: Option<ByteSize>,
    /// The config. `None` for an index, for schema 1, and for images without a config.
    pub config: Option<StoredBlob>,
    /// The layers that the registry stores: without foreign layers. A layer can be repeated.
    pub layers: Vec<StoredBlob>,
    /// The digests of the images of an index. Their blobs are described by `ImageLayers` of their
    /// own.
    pub children: Vec<Digest>,
}

/// A blob of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    pub digest: Digest,
    /// The size in bytes. `imagestreams/NAME/layers` tells none for configs.
    pub size: Option<ByteSize>,
}
