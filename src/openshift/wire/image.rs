//! The JSON of images, image stream tags and image stream images.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::openshift::wire::object_meta::{WireObjectMeta, non_empty, null_to_default, parse_time};
use registry_model::image_config::ImageConfig;
use registry_model::{self, ByteSize, Digest};

/// An `ImageStreamTag` or `ImageStreamImage`, which contains the requested image.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct ImageHolder {
    #[serde(deserialize_with = "null_to_default")]
    image: WireImageObject,
}

/// `image.openshift.io/v1` `Image`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireImageObject {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    docker_image_manifest_media_type: Option<String>,
    /// Decoded twice: for the fields that every image page shows, and for those that replace the
    /// image configuration when the registry does not respond.
    docker_image_metadata: Option<Box<RawValue>>,
    #[serde(deserialize_with = "null_to_default")]
    docker_image_layers: Vec<WireLayer>,
    #[serde(deserialize_with = "null_to_default")]
    docker_image_manifests: Vec<WireSubManifest>,
}

/// The API server's copy of the image configuration (`DockerImage` 1.0), with Docker's capitalized
/// field names.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DockerImage {
    id: Option<String>,
    created: Option<String>,
    author: Option<String>,
    architecture: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    config: DockerConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DockerConfig {
    #[serde(deserialize_with = "null_to_default")]
    labels: BTreeMap<String, Option<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireLayer {
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    #[serde(deserialize_with = "null_to_default")]
    size: i64,
    media_type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireSubManifest {
    #[serde(deserialize_with = "null_to_default")]
    digest: String,
    media_type: Option<String>,
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    manifest_size: i64,
}

impl ImageHolder {
    /// `None` where the image's name is not a digest.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::Image> {
        self.image.into_model()
    }

    /// Whether the image object was deleted: an `ImageStreamTag` then contains only the name of the
    /// image (origin, `pkg/image/apiserver/registry/imagestreamtag/rest.go`, `newISTag`).
    pub(in crate::openshift) fn is_image_deleted(&self) -> bool {
        let WireImageObject {
            metadata,
            docker_image_manifest_media_type: media_type,
            docker_image_layers: layers,
            ..
        } = &self.image;
        let of_object = metadata.creation_timestamp.is_some() || metadata.uid.is_some();
        !of_object
            && media_type.is_none()
            && layers.is_empty()
            && self.image.docker_image_manifests.is_empty()
    }
}

impl WireImageObject {
    pub(super) fn into_model(self) -> Option<registry_model::Image> {
        let digest: Digest = self.metadata.name.parse().ok()?;
        let metadata = self
            .docker_image_metadata
            .as_deref()
            .map_or("null", RawValue::get);
        let taken_down: DockerImage = serde_json::from_str(metadata).unwrap_or_default();
        // The `Id` of an index is its own digest, and that of schema 1 is the topmost image's id
        // without an algorithm.
        let config = taken_down
            .id
            .and_then(|id| id.parse().ok())
            .filter(|id| *id != digest);
        let descending = self
            .metadata
            .annotation("image.openshift.io/dockerLayersOrder")
            .is_some_and(|order| order == "descending");
        let mut layers: Vec<_> = self
            .docker_image_layers
            .into_iter()
            .filter_map(WireLayer::into_model)
            .collect();
        if descending {
            layers.reverse();
        }
        let labels = taken_down.config.labels;
        Some(registry_model::Image {
            digest,
            registered: self.metadata.created(),
            media_type: non_empty(self.docker_image_manifest_media_type),
            created: parse_time(taken_down.created.as_deref()),
            author: non_empty(taken_down.author),
            architecture: non_empty(taken_down.architecture),
            config,
            config_taken_down: ImageConfig::from_metadata(metadata.as_bytes()),
            labels: labels
                .into_iter()
                .map(|(key, value)| (key, value.unwrap_or_default()))
                .collect(),
            layers,
            platforms: self
                .docker_image_manifests
                .into_iter()
                .filter_map(WireSubManifest::into_model)
                .collect(),
        })
    }
}

impl WireLayer {
    fn into_model(self) -> Option<registry_model::Layer> {
        Some(registry_model::Layer::new(
            self.name.parse().ok()?,
            byte_size(self.size),
            non_empty(self.media_type),
        ))
    }
}

impl WireSubManifest {
    fn into_model(self) -> Option<registry_model::PlatformImage> {
        Some(registry_model::PlatformImage {
            digest: self.digest.parse().ok()?,
            media_type: non_empty(self.media_type),
            os: non_empty(self.os),
            architecture: non_empty(self.architecture),
            variant: non_empty(self.variant),
            manifest_size: byte_size(self.manifest_size),
        })
    }
}

/// A manifest may state any size, also a negative one. The API server writes 0 for an unknown size.
pub(super) fn byte_size(size: i64) -> Option<ByteSize> {
    size.try_into()
        .ok()
        .filter(|&size: &u64| size > 0)
        .map(ByteSize)
}
