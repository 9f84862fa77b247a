//! The JSON of the blobs of an image stream.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::image::byte_size;
use crate::openshift::wire::object_meta::{non_empty, null_to_default};
use registry_model::{Digest, Layer, TotalSize};

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
#[serde(default)]
struct ImageBlobs {
    #[serde(deserialize_with = "null_to_default")]
    layers: Option<Vec<String>>,
    #[serde(deserialize_with = "null_to_default")]
    manifests: Option<Vec<String>>,
}

impl ImageStreamLayers {
    /// The size in the registry of each image with layers, by the digest of its manifest.
    pub(in crate::openshift) fn into_sizes(self) -> BTreeMap<Digest, TotalSize> {
        let Self { blobs, images } = self;
        let layer = |name: &String| {
            let blob = blobs.get(name);
            let media_type = blob.and_then(|blob| non_empty(blob.media_type.clone()));
            Some(Layer::new(
                name.parse().ok()?,
                byte_size(blob.and_then(|blob| blob.size).unwrap_or_default()),
                media_type,
            ))
        };
        let size = |(digest, image): (String, ImageBlobs)| {
            let listed = image.layers.filter(|_| image.manifests.is_none())?;
            let layers: Vec<Layer> = listed.iter().filter_map(layer).collect();
            let total = TotalSize::from_layers(&layers)?;
            Some((
                digest.parse().ok()?,
                TotalSize {
                    at_least: total.at_least || layers.len() < listed.len(),
                    ..total
                },
            ))
        };
        images.into_iter().filter_map(size).collect()
    }
}
