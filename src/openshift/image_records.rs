//! What images consist of, remembered by digest.
//!
//! A digest determines the content of an image, so one record serves every user, as long as it is
//! shown only to users who may see the image: [`super::ConfirmedStream`] is the only way to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use registry_model::space::{ImageLayers, StoredBlob};
use registry_model::{Digest, Image, ImageKind, Layer, PlatformImage, TotalSize};

/// The memory of all records together: some 30,000 images with a dozen layers.
const MAX_RECORD_BYTES: u64 = 32 << 20;

/// How long a record is used. Its content never changes, but image objects are deleted, and on API
/// servers without `layers` nothing else says so.
const RECORD_TTL: Duration = Duration::from_secs(30 * 60);

/// The bytes of an entry besides its lists and texts.
const ENTRY_BYTES: usize = 256;

/// What the manifest of an image determines, as far as the API server records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRecord {
    /// What the registry stores of it.
    pub blobs: ImageLayers,
    /// The size of the layers, as far as it is known. `None` for an index.
    pub size: Option<TotalSize>,
    /// Whether there are layers or images of an index whose digests cannot be read.
    pub is_incomplete: bool,
    /// What only the image object contains.
    pub description: Option<Box<ImageDescription>>,
}

/// What an image object says of its image. All texts are untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageDescription {
    pub kind: ImageKind,
    /// When the object was created.
    pub registered: Option<DateTime<Utc>>,
    /// When it was built, according to its configuration.
    pub created: Option<DateTime<Utc>>,
    pub architecture: Option<String>,
    /// The manifests of an index, with their platforms.
    pub platforms: Vec<PlatformImage>,
}

/// The images of an image stream, with the blobs that they consist of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamLayers {
    /// The images, and the images of their indexes.
    pub images: BTreeMap<Digest, Arc<ImageRecord>>,
    /// The images whose objects have been deleted (pruned).
    pub deleted: BTreeSet<Digest>,
}

impl ImageRecord {
    /// The record of an image that consists of these blobs. An index has children and no layers.
    pub(super) fn from_blobs(
        digest: Digest,
        layers: Option<&[Layer]>,
        config: Option<Digest>,
        children: Vec<Digest>,
        is_incomplete: bool,
    ) -> Self {
        let size = layers.and_then(TotalSize::from_layers);
        Self {
            blobs: image_layers(digest, layers.unwrap_or_default(), config, children),
            size: size.map(|size| TotalSize {
                at_least: size.at_least || is_incomplete,
                ..size
            }),
            is_incomplete,
            description: None,
        }
    }

    fn memory_bytes(&self) -> usize {
        let described = self.description.as_ref().map_or(0, |description| {
            let text = |text: &Option<String>| text.as_ref().map_or(0, String::capacity);
            let texts: usize = description
                .platforms
                .iter()
                .map(|platform| {
                    let PlatformImage {
                        media_type,
                        os,
                        architecture,
                        variant,
                        ..
                    } = platform;
                    [media_type, os, architecture, variant]
                        .map(text)
                        .iter()
                        .sum::<usize>()
                })
                .sum();
            size_of::<ImageDescription>()
                + text(&description.architecture)
                + description.platforms.capacity() * size_of::<PlatformImage>()
                + texts
        });
        let lists = self.blobs.layers.capacity() * size_of::<StoredBlob>()
            + self.blobs.children.capacity() * size_of::<Digest>();
        ENTRY_BYTES + lists + described
    }
}

impl From<&Image> for ImageRecord {
    fn from(image: &Image) -> Self {
        let children = image.platforms.iter();
        let children = children.map(|platform| platform.digest.clone()).collect();
        let (digest, config) = (image.digest.clone(), image.config.clone());
        Self {
            blobs: image_layers(digest, &image.layers, config, children),
            size: image.size(),
            is_incomplete: false,
            description: Some(Box::new(image.into())),
        }
    }
}

impl From<&Image> for ImageDescription {
    fn from(image: &Image) -> Self {
        Self {
            kind: image.kind(),
            registered: image.registered,
            created: image.created,
            architecture: image.architecture.clone(),
            platforms: image.platforms.clone(),
        }
    }
}

/// Foreign layers are stored elsewhere.
fn image_layers(
    digest: Digest,
    layers: &[Layer],
    config: Option<Digest>,
    children: Vec<Digest>,
) -> ImageLayers {
    let stored = layers.iter().filter(|layer| !layer.format.foreign);
    let blob = |layer: &Layer| StoredBlob {
        digest: layer.digest.clone(),
        size: layer.size,
    };
    ImageLayers {
        digest,
        manifest_size: None,
        config: config.map(|digest| StoredBlob { digest, size: None }),
        layers: stored.map(blob).collect(),
        children,
    }
}

/// The records of all users. Cheap to clone; clones share the records.
#[derive(Clone)]
pub(super) struct ImageRecords(moka::sync::Cache<Digest, Arc<ImageRecord>>);

impl ImageRecords {
    pub(super) fn new() -> Self {
        let weigh = |_: &Digest, record: &Arc<ImageRecord>| {
            u32::try_from(record.memory_bytes()).unwrap_or(u32::MAX)
        };
        let records = moka::sync::Cache::builder()
            .max_capacity(MAX_RECORD_BYTES)
            .weigher(weigh)
            .time_to_live(RECORD_TTL);
        Self(records.build())
    }

    pub(super) fn get(&self, image: &Digest) -> Option<Arc<ImageRecord>> {
        self.0.get(image)
    }

    pub(super) fn insert_image(&self, image: &Image) {
        self.0.insert(image.digest.clone(), Arc::new(image.into()));
    }

    /// Adds the images that have no record. A record of an image object says more.
    pub(super) fn insert_layers(&self, layers: &StreamLayers) {
        for (digest, record) in &layers.images {
            self.0
                .entry_by_ref(digest)
                .or_insert_with(|| Arc::clone(record));
        }
    }
}

impl fmt::Debug for ImageRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImageRecords").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::ByteSize;

    fn record(layers: u32) -> ImageRecord {
        let layer = |number: u32| {
            Layer::new(
                Digest::sha256(&number.to_le_bytes()),
                Some(ByteSize(u64::from(number))),
                None,
            )
        };
        let layers: Vec<Layer> = (0..layers).map(layer).collect();
        ImageRecord::from_blobs(
            Digest::sha256(b"image"),
            Some(&layers),
            None,
            Vec::new(),
            false,
        )
    }

    #[test]
    fn foreign_layers_are_not_stored_and_an_index_has_no_size() {
        let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
        let layers = ["application/vnd.oci.image.layer.v1.tar+gzip", foreign].map(|media_type| {
            Layer::new(
                Digest::sha256(media_type.as_bytes()),
                Some(ByteSize(5)),
                Some(media_type.to_owned()),
            )
        });
        let image = ImageRecord::from_blobs(
            Digest::sha256(b"image"),
            Some(&layers),
            None,
            Vec::new(),
            false,
        );
        assert_eq!(image.blobs.layers.len(), 1);
        assert_eq!(image.size.map(|size| size.bytes), Some(ByteSize(5)));
        let index =
            ImageRecord::from_blobs(Digest::sha256(b"index"), None, None, Vec::new(), false);
        assert_eq!(index.size, None);
    }

    #[test]
    fn records_are_bounded_by_their_memory() {
        let records = ImageRecords::new();
        let large = Arc::new(record(1_000));
        let bytes = large.memory_bytes();
        assert!(bytes > 1_000 * 40, "{bytes}");
        for number in 0..2_000_u32 {
            let digest = Digest::sha256(&number.to_be_bytes());
            records.0.insert(digest, Arc::clone(&large));
        }
        records.0.run_pending_tasks();
        assert!(records.0.weighted_size() <= MAX_RECORD_BYTES);
        assert!(records.0.entry_count() > 100);
    }
}
