//! The JSON of the blobs of an image stream.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::image::byte_size;
use crate::openshift::image_records::{ImageRecord, StreamLayers};
use crate::openshift::wire::object_meta::{non_empty, null_to_default};
use registry_model::{Digest, Layer};

/// `image.openshift.io/v1` `ImageStreamLayers` (recorded as `imagestream-layers-index`).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct ImageStreamLayers {
    #[serde(deserialize_with = "null_to_default")]
    blobs: BTreeMap<String, LayerBlob>,
    #[serde(deserialize_with = "null_to_default")]
    images: BTreeMap<String, ImageBlobs>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LayerBlob {
    #[serde(deserialize_with = "null_to_default")]
    size: Option<i64>,
    #[serde(deserialize_with = "null_to_default")]
    media_type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ImageBlobs {
    #[serde(deserialize_with = "null_to_default")]
    image_missing: bool,
    layers: Option<Vec<String>>,
    config: Option<String>,
    manifests: Option<Vec<String>>,
}

impl ImageStreamLayers {
    /// Leaves out images whose names are not digests.
    pub(in crate::openshift) fn into_model(self) -> StreamLayers {
        let mut model = StreamLayers::default();
        for (name, image) in self.images {
            let Ok(digest) = name.parse::<Digest>() else {
                continue;
            };
            if image.image_missing {
                model.deleted.insert(digest);
            } else {
                let record = image.into_record(digest.clone(), &self.blobs);
                model.images.insert(digest, Arc::new(record));
            }
        }
        model
    }
}

impl ImageBlobs {
    fn into_record(self, digest: Digest, blobs: &BTreeMap<String, LayerBlob>) -> ImageRecord {
        let layer = |name: &String| {
            let blob = blobs.get(name);
            let media_type = blob.and_then(|blob| non_empty(blob.media_type.clone()));
            Some(Layer::new(
                name.parse().ok()?,
                byte_size(blob.and_then(|blob| blob.size).unwrap_or_default()),
                media_type,
            ))
        };
        let listed =
            self.layers.as_ref().map_or(0, Vec::len) + self.manifests.as_ref().map_or(0, Vec::len);
        let layers: Option<Vec<Layer>> = self
            .layers
            .filter(|_| self.manifests.is_none())
            .map(|layers| layers.iter().filter_map(layer).collect());
        let manifests: Vec<Digest> = self
            .manifests
            .iter()
            .flatten()
            .filter_map(|name| name.parse().ok())
            .collect();
        let read = layers.as_ref().map_or(0, Vec::len) + manifests.len();
        let config = self.config.and_then(|config| config.parse().ok());
        ImageRecord::from_blobs(digest, layers.as_deref(), config, manifests, read < listed)
    }
}
