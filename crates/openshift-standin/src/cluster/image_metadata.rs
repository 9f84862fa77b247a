//! Turns a manifest and its config into the metadata of an `Image` object, as the real registry and
//! API server do (recorded in `image-get`, `imagestreamimage-schema1`, `imagestreamimage-index`,
//! `imagestreamtag-get-helm`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{ImageLayer, PlatformManifest, PushedManifest};
use registry_model::json::from_slice;

/// The digest of the layer that schema 1 uses for steps without one (an empty gzipped tar).
const EMPTY_LAYER_DIGEST: &str =
    "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
const EMPTY_LAYER_BYTES: u64 = 32;
const SCHEMA1_LAYER_MEDIA_TYPE: &str = "application/vnd.docker.container.image.rootfs.diff+x-gtar";

/// The fields of a config's `config` that the API has; the others (`StopSignal`, `Healthcheck`) are
/// lost (origin, `pkg/image/apis/image/docker10`).
const RUN_CONFIG_FIELDS: &[&str] = &[
    "Hostname",
    "Domainname",
    "User",
    "Memory",
    "MemorySwap",
    "CpuShares",
    "Cpuset",
    "AttachStdin",
    "AttachStdout",
    "AttachStderr",
    "PortSpecs",
    "ExposedPorts",
    "Tty",
    "OpenStdin",
    "StdinOnce",
    "Env",
    "Cmd",
    "Dns",
    "Image",
    "Volumes",
    "VolumesFrom",
    "WorkingDir",
    "Entrypoint",
    "NetworkDisabled",
    "SecurityOpts",
    "OnBuild",
    "Labels",
];

/// The data of an image in its manifest.
#[derive(Debug, Default)]
pub(super) struct ManifestFacts {
    pub(super) metadata: Map<String, Value>,
    pub(super) layers: Vec<ImageLayer>,
    pub(super) platforms: Vec<PlatformManifest>,
    pub(super) config: Option<String>,
}

/// Reads a manifest; `None` if OpenShift would not accept it.
pub(super) fn read_manifest(
    pushed: &PushedManifest,
    known_sizes: &BTreeMap<String, u64>,
) -> Option<ManifestFacts> {
    let manifest: Value = from_slice(&pushed.manifest).ok()?;
    // Go encodes an empty list as `null`.
    if manifest.get("manifests").is_some() {
        return Some(from_index(pushed, &manifest));
    }
    if manifest["schemaVersion"] == 1 {
        return from_schema1(&manifest, known_sizes);
    }
    manifest["config"]["digest"].as_str()?;
    Some(from_manifest(pushed, &manifest))
}

fn from_manifest(pushed: &PushedManifest, manifest: &Value) -> ManifestFacts {
    let layers: Vec<ImageLayer> = manifest["layers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(layer)
        .collect();
    let config: Value = pushed
        .config
        .as_ref()
        .and_then(|config| from_slice(config).ok())
        .unwrap_or_default();
    let config_digest = text(&manifest["config"]["digest"]);
    let size =
        layers.iter().map(|layer| layer.size).sum::<u64>() + bytes(&manifest["config"]["size"]);
    let mut metadata = image_metadata(&config_digest, &config);
    metadata.insert("Size".to_owned(), size.into());
    ManifestFacts {
        metadata,
        layers,
        platforms: Vec::new(),
        config: Some(config_digest),
    }
}

fn layer(descriptor: &Value) -> ImageLayer {
    ImageLayer {
        digest: text(&descriptor["digest"]),
        size: bytes(&descriptor["size"]),
        media_type: text(&descriptor["mediaType"]),
    }
}

/// `dockerImageMetadata` from an image's config, or from its replacement.
fn image_metadata(id: &str, config: &Value) -> Map<String, Value> {
    let mut metadata = Map::new();
    metadata.insert("Id".to_owned(), id.into());
    metadata.insert(
        "Created".to_owned(),
        config.get("created").cloned().unwrap_or_default(),
    );
    metadata.insert("ContainerConfig".to_owned(), json!({}));
    let said = [
        ("Parent", "parent"),
        ("Comment", "comment"),
        ("Container", "container"),
        ("DockerVersion", "docker_version"),
        ("Author", "author"),
        ("Architecture", "architecture"),
    ];
    for (shown, field) in said {
        if let Some(value) = config.get(field).filter(|value| is_non_empty(value)) {
            metadata.insert(shown.to_owned(), value.clone());
        }
    }
    if let Some(Value::Object(run)) = config.get("config") {
        let run: Map<String, Value> = run
            .iter()
            .filter(|(key, value)| RUN_CONFIG_FIELDS.contains(&key.as_str()) && is_non_empty(value))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        metadata.insert("Config".to_owned(), run.into());
    }
    metadata
}

/// The API server leaves out empty strings, lists and maps.
fn is_non_empty(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

fn from_index(pushed: &PushedManifest, index: &Value) -> ManifestFacts {
    let platforms = index["manifests"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| PlatformManifest {
            digest: text(&entry["digest"]),
            media_type: text(&entry["mediaType"]),
            size: bytes(&entry["size"]),
            architecture: text(&entry["platform"]["architecture"]),
            os: text(&entry["platform"]["os"]),
            variant: entry["platform"]["variant"].as_str().map(str::to_owned),
        });
    let mut metadata = Map::new();
    metadata.insert("Id".to_owned(), pushed.digest.to_string().into());
    metadata.insert(
        "Created".to_owned(),
        super::push::rfc3339(pushed.pushed_at).into(),
    );
    metadata.insert("ContainerConfig".to_owned(), json!({}));
    ManifestFacts {
        metadata,
        platforms: platforms.collect(),
        ..ManifestFacts::default()
    }
}

/// Schema 1 contains neither sizes nor a config: the layers are ordered newest first, each with the
/// history in Docker's v1 format.
fn from_schema1(manifest: &Value, known_sizes: &BTreeMap<String, u64>) -> Option<ManifestFacts> {
    let newest = manifest["history"].get(0)?["v1Compatibility"].as_str()?;
    let newest: Value = serde_json::from_str(newest).ok()?;
    let layers: Vec<ImageLayer> = manifest["fsLayers"]
        .as_array()?
        .iter()
        .rev()
        .map(|layer| {
            let digest = text(&layer["blobSum"]);
            let size = if digest == EMPTY_LAYER_DIGEST {
                EMPTY_LAYER_BYTES
            } else {
                known_sizes.get(&digest).copied().unwrap_or_default()
            };
            ImageLayer {
                digest,
                size,
                media_type: SCHEMA1_LAYER_MEDIA_TYPE.to_owned(),
            }
        })
        .collect();
    let mut metadata = image_metadata(newest["id"].as_str()?, &newest);
    metadata.insert(
        "Size".to_owned(),
        layers.iter().map(|layer| layer.size).sum::<u64>().into(),
    );
    Some(ManifestFacts {
        metadata,
        layers,
        ..ManifestFacts::default()
    })
}

/// A size as Go parses it: 63 bits.
fn bytes(value: &Value) -> u64 {
    value
        .as_i64()
        .and_then(|size| size.try_into().ok())
        .unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn pushed(manifest: &Value, config: Option<&Value>) -> PushedManifest {
        let manifest = Bytes::from(manifest.to_string());
        PushedManifest {
            digest: registry_model::Digest::sha256(&manifest),
            media_type: String::new(),
            manifest,
            config: config.map(|config| Bytes::from(config.to_string())),
            pushed_at: chrono::DateTime::UNIX_EPOCH,
            pushed_by: "dev".to_owned(),
        }
    }

    #[test]
    fn image_size_includes_layers_and_config() {
        let manifest = json!({"schemaVersion": 2, "config": {"digest": "sha256:c", "size": 7}, "layers": [{"digest": "sha256:l", "size": 5}]});
        let config =
            json!({"architecture": "amd64", "config": {"Env": ["A=1"], "Cmd": [], "Labels": null}});
        let facts = read_manifest(&pushed(&manifest, Some(&config)), &BTreeMap::new()).unwrap();
        assert_eq!(facts.metadata["Size"], 12);
        assert_eq!(facts.metadata["Config"], json!({"Env": ["A=1"]}));
        assert_eq!(facts.config.as_deref(), Some("sha256:c"));
    }

    #[test]
    fn artifact_without_image_config_has_no_creation_time() {
        let manifest =
            json!({"schemaVersion": 2, "config": {"digest": "sha256:c", "size": 7}, "layers": []});
        let facts = read_manifest(
            &pushed(&manifest, Some(&json!({"name": "mychart"}))),
            &BTreeMap::new(),
        )
        .unwrap();
        assert_eq!(facts.metadata["Created"], Value::Null);
        assert!(!facts.metadata.contains_key("Config"));
    }

    #[test]
    fn schema_1_layers_are_reversed_and_sized_from_known_blobs() {
        let manifest = json!({"schemaVersion": 1, "fsLayers": [{"blobSum": EMPTY_LAYER_DIGEST}, {"blobSum": "sha256:base"}],
            "history": [{"v1Compatibility": r#"{"id":"x","parent":"y","created":"2026-01-01T00:00:00Z"}"#}]});
        let known = BTreeMap::from([("sha256:base".to_owned(), 100)]);
        let facts = read_manifest(&pushed(&manifest, None), &known).unwrap();
        assert_eq!(facts.layers[0].digest, "sha256:base");
        assert_eq!(facts.metadata["Size"], 132);
        assert_eq!(facts.metadata["Parent"], "y");
    }

    #[test]
    fn a_document_that_is_not_a_manifest_is_refused() {
        for text in [
            json!({}),
            json!([1]),
            json!({"schemaVersion": 1}),
            json!({"schemaVersion": 2, "layers": []}),
        ] {
            assert!(
                read_manifest(&pushed(&text, None), &BTreeMap::new()).is_none(),
                "{text}"
            );
        }
    }
}
