//! What images consist of, remembered by digest.
//!
//! A digest determines the content of an image, so one record serves every user, as long as it is
//! shown only to users who may see the image: [`super::ConfirmedStream`] is the only way to it.

mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use registry_model::space::{ImageLayers, StoredBlob};
use registry_model::{Clock, Digest, Image, ImageKind, Layer, PlatformImage, TotalSize};
use store::RecordStore;

/// The memory of all records together: some 60,000 images with a dozen layers.
const MAX_RECORD_BYTES: usize = 32 << 20;

/// The same with [`ImageRecords::for_all_images`]: 200,000 images with a dozen layers take less.
const MAX_RECORD_BYTES_OF_ALL: usize = 128 << 20;

/// How long a record is used. Its content never changes, but image objects are deleted, and on API
/// servers without `layers` nothing else says so.
const RECORD_TTL: TimeDelta = TimeDelta::minutes(30);

/// The same with [`ImageRecords::for_all_images`]: twice as long as until it is read again.
const RECORD_TTL_OF_ALL: TimeDelta = TimeDelta::hours(12);

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
    /// When the API server last sent it, if it was remembered. `None`: just now.
    pub read_at: Option<DateTime<Utc>>,
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
            read_at: None,
        }
    }
}

impl ImageDescription {
    /// The approximate memory in bytes.
    fn memory_bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::capacity);
        let of_platform = |platform: &PlatformImage| {
            let PlatformImage {
                media_type,
                os,
                architecture,
                variant,
                ..
            } = platform;
            let texts = [media_type, os, architecture, variant].map(text);
            size_of::<PlatformImage>() + texts.iter().sum::<usize>()
        };
        let platforms: usize = self.platforms.iter().map(of_platform).sum();
        size_of::<Self>() + text(&self.architecture) + platforms
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
            read_at: None,
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
pub struct ImageRecords {
    store: Arc<Mutex<RecordStore>>,
    clock: Clock,
}

impl ImageRecords {
    /// The records of what users look at.
    pub(super) fn new(clock: Clock) -> Self {
        Self::with_limits(clock, MAX_RECORD_BYTES, RECORD_TTL)
    }

    /// The records of all images of the cluster, which are read in the background.
    #[must_use]
    pub fn for_all_images(clock: Clock) -> Self {
        Self::with_limits(clock, MAX_RECORD_BYTES_OF_ALL, RECORD_TTL_OF_ALL)
    }

    #[cfg(test)]
    pub(crate) fn without_room() -> Self {
        Self::with_limits(Clock::system(), 0, RECORD_TTL)
    }

    /// Adds an image without layers.
    #[cfg(test)]
    pub(crate) fn insert_empty(&self, image: &Digest) {
        let record = ImageRecord::from_blobs(image.clone(), Some(&[]), None, Vec::new(), false);
        self.lock().insert(image, &record, self.clock.now());
    }

    fn with_limits(clock: Clock, max_bytes: usize, ttl: TimeDelta) -> Self {
        Self {
            store: Arc::new(Mutex::new(RecordStore::new(max_bytes, ttl))),
            clock,
        }
    }

    /// Whether there is a record of an image: what the index need not read. No page depends on it.
    #[must_use]
    pub fn has(&self, image: &Digest) -> bool {
        self.lock().contains(image, self.clock.now())
    }

    /// Whether more records fit into the memory without removing others.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.lock().has_room()
    }

    /// How many images there are, and about how many bytes their records take.
    #[must_use]
    pub fn count_and_bytes(&self) -> (usize, usize) {
        let store = self.lock();
        (store.len(), store.bytes())
    }

    pub(super) fn get(&self, image: &Digest) -> Option<Arc<ImageRecord>> {
        self.lock().get(image, self.clock.now()).map(Arc::new)
    }

    pub(super) fn insert_image(&self, image: &Image) {
        let now = self.clock.now();
        self.lock().insert(&image.digest, &image.into(), now);
    }

    /// Adds the images that have no record. A record of an image object says more.
    pub(super) fn insert_layers(&self, layers: &StreamLayers) {
        let (now, mut store) = (self.clock.now(), self.lock());
        for (digest, record) in &layers.images {
            store.insert(digest, record, now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, RecordStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
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
}
