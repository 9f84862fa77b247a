//! Images: a config, a manifest, and the layers they name.

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::layer::{Blob, SampleLayer};
use registry_model::Digest;

/// The media types of one family.
pub(super) struct MediaTypes {
    pub(super) manifest: &'static str,
    pub(super) config: &'static str,
    pub(super) layer: &'static str,
}

pub(super) const DOCKER: MediaTypes = MediaTypes {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};
pub(super) const OCI: MediaTypes = MediaTypes {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
};

/// An image to build.
pub(super) struct ImageBuilder<'a> {
    pub(super) media_types: &'a MediaTypes,
    pub(super) created: DateTime<Utc>,
    pub(super) author: &'a str,
    pub(super) architecture: &'a str,
    /// The image's run configuration (`config` in its config).
    pub(super) run_config: Value,
    /// Layers from the base up, each with the command that created it. `None`: the step changed
    /// only the configuration.
    pub(super) steps: Vec<(Option<SampleLayer>, String)>,
    /// Annotations of the manifest; ignored for the Docker family, which has none.
    pub(super) annotations: Map<String, Value>,
}

/// A manifest with everything that it names.
#[derive(Clone)]
pub(super) struct BuiltImage {
    pub(super) media_type: &'static str,
    pub(super) manifest: Bytes,
    pub(super) digest: Digest,
    pub(super) config: Option<Blob>,
    pub(super) blobs: Vec<Blob>,
}

impl BuiltImage {
    pub(super) fn new(
        media_type: &'static str,
        manifest: &Value,
        config: Option<Blob>,
        blobs: Vec<Blob>,
    ) -> Self {
        let manifest = Bytes::from(manifest.to_string());
        Self {
            media_type,
            digest: Digest::sha256(&manifest),
            manifest,
            config,
            blobs,
        }
    }
}

impl ImageBuilder<'_> {
    pub(super) fn build(self) -> BuiltImage {
        let config = Blob::new(self.config().to_string());
        let layers: Vec<&SampleLayer> = self
            .steps
            .iter()
            .filter_map(|(layer, _)| layer.as_ref())
            .collect();
        let descriptors: Vec<Value> = layers
            .iter()
            .map(|layer| layer.descriptor(self.media_types.layer))
            .collect();
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": self.media_types.manifest,
            "config": config.descriptor(self.media_types.config),
            "layers": descriptors,
        });
        if self.media_types.manifest == OCI.manifest && !self.annotations.is_empty() {
            manifest["annotations"] = self.annotations.clone().into();
        }
        let blobs = layers.iter().map(|layer| layer.blob.clone()).collect();
        BuiltImage::new(self.media_types.manifest, &manifest, Some(config), blobs)
    }

    fn config(&self) -> Value {
        let layers = self.steps.iter().filter_map(|(layer, _)| layer.as_ref());
        let diff_ids: Vec<String> = layers.map(|layer| layer.diff_id.to_string()).collect();
        json!({
            "created": rfc3339(self.created),
            "author": self.author,
            "architecture": self.architecture,
            "os": "linux",
            "config": self.run_config,
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
            "history": self.history(),
        })
    }

    /// The steps, each a little after the previous one, the last at the image's own time.
    fn history(&self) -> Vec<Value> {
        let count = i32::try_from(self.steps.len()).unwrap_or(i32::MAX);
        let steps = self.steps.iter().zip((0..count).rev());
        let entry = |((layer, command), before_last): (&(Option<SampleLayer>, String), i32)| {
            let created = rfc3339(self.created - TimeDelta::seconds(17) * before_last);
            match layer {
                Some(_) => json!({ "created": created, "created_by": command }),
                None => json!({ "created": created, "created_by": command, "empty_layer": true }),
            }
        };
        steps.map(entry).collect()
    }
}

pub(super) fn descriptor(media_type: &str, digest: &Digest, size: usize) -> Value {
    json!({ "mediaType": media_type, "digest": digest, "size": size })
}

pub(super) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
