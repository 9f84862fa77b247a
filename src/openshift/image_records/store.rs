//! The memory of the records: each layer once, however many images have it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{ImageDescription, ImageRecord};
use registry_model::space::{ImageLayers, StoredBlob};
use registry_model::{ByteSize, Digest, TotalSize};

/// The bytes of a record besides its lists and description: its place in the map, which is a third
/// empty, and what the allocator adds.
const RECORD_BYTES: usize = size_of::<StoredRecord>() + 2 * size_of::<Digest>() + 32;

/// The bytes of a layer: reference counts, its place in the set, which is a third empty, and what
/// the allocator adds.
const LAYER_BYTES: usize = size_of::<StoredLayer>() + 48;

/// A layer that images have. The API server may know its size for one image and not for another.
#[derive(Debug, PartialEq, Eq, Hash)]
struct StoredLayer {
    digest: Digest,
    bytes: Option<u64>,
}

/// An [`ImageRecord`] that shares its layers with others.
#[derive(Debug)]
struct StoredRecord {
    layers: Box<[Arc<StoredLayer>]>,
    children: Box<[Digest]>,
    config: Option<Digest>,
    size: Option<TotalSize>,
    description: Option<Box<ImageDescription>>,
    is_incomplete: bool,
    read_at: DateTime<Utc>,
}

/// The records, at most about `max_bytes`, each for at most `ttl`.
#[derive(Debug)]
pub(super) struct RecordStore {
    records: HashMap<Digest, Box<StoredRecord>>,
    layers: HashSet<Arc<StoredLayer>>,
    bytes: usize,
    max_bytes: usize,
    ttl: TimeDelta,
    swept_at: DateTime<Utc>,
}

impl RecordStore {
    pub(super) fn new(max_bytes: usize, ttl: TimeDelta) -> Self {
        Self {
            records: HashMap::new(),
            layers: HashSet::new(),
            bytes: 0,
            max_bytes,
            ttl,
            swept_at: DateTime::UNIX_EPOCH,
        }
    }

    /// The approximate memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether more records fit without removing others.
    pub(super) fn has_room(&self) -> bool {
        self.bytes < self.max_bytes - self.max_bytes / 8
    }

    pub(super) fn contains(&self, image: &Digest, now: DateTime<Utc>) -> bool {
        let record = self.records.get(image);
        record.is_some_and(|record| now - record.read_at < self.ttl)
    }

    pub(super) fn get(&self, image: &Digest, now: DateTime<Utc>) -> Option<ImageRecord> {
        let record = self.records.get(image)?;
        (now - record.read_at < self.ttl).then(|| record.to_record(image))
    }

    /// Adds a record, or replaces it. One without a description does not replace one that has it,
    /// which says more: it then confirms that the image still exists.
    pub(super) fn insert(&mut self, image: &Digest, record: &ImageRecord, now: DateTime<Utc>) {
        if record.description.is_none()
            && let Some(known) = self.records.get_mut(image)
        {
            known.read_at = now;
            return;
        }
        self.remove(image);
        let layers: Box<[_]> = record
            .blobs
            .layers
            .iter()
            .map(|layer| self.share(layer))
            .collect();
        let stored = StoredRecord {
            layers,
            children: record.blobs.children.as_slice().into(),
            config: record.blobs.config.as_ref().map(|blob| blob.digest.clone()),
            size: record.size,
            description: record.description.clone(),
            is_incomplete: record.is_incomplete,
            read_at: now,
        };
        self.bytes += stored.own_bytes();
        self.records.insert(image.clone(), Box::new(stored));
        if self.bytes > self.max_bytes || now - self.swept_at >= self.ttl {
            self.sweep(now);
        }
    }

    fn share(&mut self, layer: &StoredBlob) -> Arc<StoredLayer> {
        let layer = StoredLayer {
            digest: layer.digest.clone(),
            bytes: layer.size.map(|size| size.0),
        };
        if let Some(known) = self.layers.get(&layer) {
            return Arc::clone(known);
        }
        let layer = Arc::new(layer);
        self.bytes += LAYER_BYTES;
        self.layers.insert(Arc::clone(&layer));
        layer
    }

    fn remove(&mut self, image: &Digest) {
        let Some(record) = self.records.remove(image) else {
            return;
        };
        self.bytes -= record.own_bytes();
        for layer in record.layers {
            // That of the set, and this one.
            if Arc::strong_count(&layer) == 2 && self.layers.remove(&layer) {
                self.bytes -= LAYER_BYTES;
            }
        }
    }

    /// Removes what is too old. If that does not suffice, removes also the oldest, so that an eighth
    /// is free.
    fn sweep(&mut self, now: DateTime<Utc>) {
        self.swept_at = now;
        let mut by_age: Vec<(DateTime<Utc>, Digest)> = self
            .records
            .iter()
            .map(|(image, record)| (record.read_at, image.clone()))
            .collect();
        by_age.sort_unstable();
        for (read_at, image) in by_age {
            if now - read_at < self.ttl && self.has_room() {
                return;
            }
            self.remove(&image);
        }
    }
}

impl StoredRecord {
    fn own_bytes(&self) -> usize {
        let lists = self.layers.len() * size_of::<Arc<StoredLayer>>()
            + self.children.len() * size_of::<Digest>();
        let description = self.description.as_ref();
        RECORD_BYTES + lists + description.map_or(0, |description| description.memory_bytes())
    }

    fn to_record(&self, image: &Digest) -> ImageRecord {
        let blob = |digest: &Digest, size| StoredBlob {
            digest: digest.clone(),
            size,
        };
        let layers = self.layers.iter();
        ImageRecord {
            blobs: ImageLayers {
                digest: image.clone(),
                manifest_size: None,
                config: self.config.as_ref().map(|config| blob(config, None)),
                layers: layers
                    .map(|layer| blob(&layer.digest, layer.bytes.map(ByteSize)))
                    .collect(),
                children: self.children.to_vec(),
            },
            size: self.size,
            is_incomplete: self.is_incomplete,
            description: self.description.clone(),
            read_at: Some(self.read_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::Layer;

    fn record(image: &Digest, layers: impl IntoIterator<Item = u32>) -> ImageRecord {
        let layer = |number: u32| {
            let digest = Digest::sha256(&number.to_le_bytes());
            Layer::new(digest, Some(ByteSize(u64::from(number))), None)
        };
        let layers: Vec<Layer> = layers.into_iter().map(layer).collect();
        ImageRecord::from_blobs(image.clone(), Some(&layers), None, Vec::new(), false)
    }

    fn image(number: u32) -> Digest {
        Digest::sha256(&number.to_be_bytes())
    }

    fn minute(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn record_is_what_was_inserted_with_its_age() {
        let mut store = RecordStore::new(1 << 20, TimeDelta::minutes(30));
        let (one, two) = (image(1), image(2));
        store.insert(&one, &record(&one, [1, 2, 3]), minute(0));
        store.insert(&two, &record(&two, [3, 4]), minute(5));
        let expected = ImageRecord {
            read_at: Some(minute(0)),
            ..record(&one, [1, 2, 3])
        };
        assert_eq!(store.get(&one, minute(29)), Some(expected));
        assert_eq!(store.get(&one, minute(30)), None, "too old");
        assert!(store.contains(&two, minute(30)) && !store.contains(&one, minute(30)));
        store.insert(&one, &record(&one, [1, 2, 3]), minute(30));
        assert!(store.contains(&one, minute(59)), "read again");
    }

    #[test]
    fn layer_stays_while_an_image_has_it() {
        let mut store = RecordStore::new(1 << 20, TimeDelta::minutes(30));
        let (one, two) = (image(1), image(2));
        store.insert(&one, &record(&one, [1, 2, 2]), minute(0));
        let with_one = store.bytes();
        store.insert(&two, &record(&two, [2, 3]), minute(0));
        assert_eq!(store.layers.len(), 3);
        store.remove(&two);
        assert_eq!((store.layers.len(), store.bytes()), (2, with_one));
        store.remove(&one);
        assert_eq!((store.layers.len(), store.bytes()), (0, 0));
    }

    #[test]
    fn oldest_records_make_room() {
        let mut store = RecordStore::new(256 << 10, TimeDelta::minutes(30));
        for number in 0..2_000 {
            let image = image(number);
            let own = [number + 100, number + 10_000];
            let at = minute(i64::from(number) / 100);
            store.insert(&image, &record(&image, (0..10).chain(own)), at);
            assert!(store.bytes() <= 256 << 10);
        }
        assert!(store.len() > 400, "{}", store.len());
        assert!(store.contains(&image(1_999), minute(20)));
        assert!(!store.contains(&image(0), minute(20)));
    }

    /// The numbers that `docs/index.md` has.
    #[test]
    fn record_of_twelve_layers_takes_half_a_kibibyte() {
        let mut store = RecordStore::new(usize::MAX, TimeDelta::minutes(30));
        for number in 0..1_000 {
            let image = image(number);
            // Eight of a base, two of the image stream, two of its own.
            let stream = 1_000 + number / 20 * 2;
            let own = 10_000 + number * 2;
            let layers = (0..8).chain(stream..stream + 2).chain(own..own + 2);
            store.insert(&image, &record(&image, layers), minute(0));
        }
        let each = store.bytes() / store.len();
        assert!((400..700).contains(&each), "{each}");
    }
}
