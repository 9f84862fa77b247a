//! Images as files: what skopeo copies into the registry.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use registry_model::Digest;
use serde_json::{Value, json};

use crate::harness::seeded_standin::{DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST};

pub(super) const HELM_CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const HELM_CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/// A manifest, and the blobs or manifests that it names.
#[derive(Clone)]
pub(super) struct ImageDocument {
    pub(super) media_type: &'static str,
    pub(super) text: String,
    pub(super) parts: Vec<Vec<u8>>,
    /// The config that the API server stores with the image.
    pub(super) config: Option<String>,
}

impl ImageDocument {
    pub(super) fn digest(&self) -> Digest {
        Digest::sha256(self.text.as_bytes())
    }

    fn descriptor(&self) -> Value {
        json!({ "mediaType": self.media_type, "digest": self.digest(), "size": self.text.len() })
    }

    /// The layers of the manifest: digest and size.
    pub(super) fn layers(&self) -> Vec<(String, u64)> {
        let manifest: Value = serde_json::from_str(&self.text).unwrap();
        let layers = manifest["layers"].as_array().unwrap().iter();
        layers
            .map(|layer| {
                (
                    layer["digest"].as_str().unwrap().to_owned(),
                    layer["size"].as_u64().unwrap(),
                )
            })
            .collect()
    }

    /// Writes skopeo's own layout, whose name is `dir:<folder>`.
    pub(super) fn write_dir(&self, folder: &Path) -> String {
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("version"), "Directory Transport Version: 1.1\n").unwrap();
        std::fs::write(folder.join("manifest.json"), &self.text).unwrap();
        for part in &self.parts {
            std::fs::write(folder.join(hex(&Digest::sha256(part))), part).unwrap();
        }
        format!("dir:{}", folder.display())
    }

    /// Writes an OCI image layout (OCI image specification, "Image Layout"), whose name is
    /// `oci:<folder>`.
    pub(super) fn write_oci(&self, folder: &Path) -> String {
        let blobs = folder.join("blobs/sha256");
        std::fs::create_dir_all(&blobs).unwrap();
        std::fs::write(
            folder.join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .unwrap();
        let index = json!({ "schemaVersion": 2, "manifests": [self.descriptor()] });
        std::fs::write(folder.join("index.json"), index.to_string()).unwrap();
        for part in self
            .parts
            .iter()
            .map(Vec::as_slice)
            .chain([self.text.as_bytes()])
        {
            std::fs::write(blobs.join(hex(&Digest::sha256(part))), part).unwrap();
        }
        format!("oci:{}", folder.display())
    }
}

fn hex(digest: &Digest) -> String {
    digest.to_string().trim_start_matches("sha256:").to_owned()
}

/// An empty tar of this many blocks, and the same compressed: different sizes make different
/// layers.
fn layer(blocks: usize) -> (Digest, Vec<u8>) {
    let tar = vec![0; 512 * blocks];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&tar).unwrap();
    (Digest::sha256(&tar), encoder.finish().unwrap())
}

fn config(architecture: &str, variant: Option<&str>, diff_ids: &[&Digest]) -> String {
    let mut config = json!({
        "created": "2026-05-01T10:00:00Z", "author": "Ada <ada@example.com>", "architecture": architecture, "os": "linux",
        "config": {
            "User": "1001", "WorkingDir": "/srv", "Entrypoint": ["/bin/serve"], "Cmd": ["--port", "8080"],
            "Env": ["PATH=/bin", "GREETING=a = b"], "ExposedPorts": { "8080/tcp": {} }, "Labels": { "version": "1.0" },
        },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": [
            { "created": "2026-05-01T09:58:00Z", "created_by": "/bin/sh -c #(nop) ADD file:0123 in / " },
            { "created": "2026-05-01T09:59:00Z", "created_by": "/bin/sh -c #(nop)  ENV GREETING=a = b", "empty_layer": true },
            { "created": "2026-05-01T10:00:00Z", "created_by": "/bin/sh -c make install" },
        ],
    });
    if let Some(variant) = variant {
        config["variant"] = variant.into();
    }
    config.to_string()
}

/// An image of two layers.
pub(super) fn image(oci: bool, architecture: &str, variant: Option<&str>) -> ImageDocument {
    let (base, top) = (layer(2), layer(200));
    let config = config(architecture, variant, &[&base.0, &top.0]);
    let (media_type, config_type, layer_type) = if oci {
        (
            OCI_MANIFEST,
            "application/vnd.oci.image.config.v1+json",
            "application/vnd.oci.image.layer.v1.tar+gzip",
        )
    } else {
        let layer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
        (
            DOCKER_MANIFEST,
            "application/vnd.docker.container.image.v1+json",
            layer,
        )
    };
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": blob(config_type, config.as_bytes()),
        "layers": [blob(layer_type, &base.1), blob(layer_type, &top.1)],
    });
    let parts = vec![config.clone().into_bytes(), base.1, top.1];
    ImageDocument {
        media_type,
        text: manifest.to_string(),
        parts,
        config: Some(config),
    }
}

/// An index of images of these platforms.
pub(super) fn index(platforms: &[(&str, Option<&str>)]) -> (ImageDocument, Vec<ImageDocument>) {
    let images: Vec<ImageDocument> = platforms
        .iter()
        .map(|(architecture, variant)| image(true, architecture, *variant))
        .collect();
    let entries = images
        .iter()
        .zip(platforms)
        .map(|(image, (architecture, variant))| {
            let mut entry = image.descriptor();
            entry["platform"] = json!({ "os": "linux", "architecture": architecture });
            if let Some(variant) = variant {
                entry["platform"]["variant"] = (*variant).into();
            }
            entry
        });
    let text = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries.collect::<Vec<_>>() }).to_string();
    let parts = images
        .iter()
        .flat_map(|image| {
            image
                .parts
                .iter()
                .cloned()
                .chain([image.text.clone().into_bytes()])
        })
        .collect();
    (
        ImageDocument {
            media_type: OCI_INDEX,
            text,
            parts,
            config: None,
        },
        images,
    )
}

/// What `helm push` makes.
pub(super) fn helm_chart() -> ImageDocument {
    let config = json!({ "name": "shop", "version": "1.2.3", "apiVersion": "v2" }).to_string();
    let (_, chart) = layer(20);
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": HELM_CONFIG,
        "config": blob(HELM_CONFIG, config.as_bytes()),
        "layers": [blob(HELM_CHART, &chart)],
        "annotations": { "org.opencontainers.image.title": "shop" },
    });
    let parts = vec![config.clone().into_bytes(), chart];
    ImageDocument {
        media_type: OCI_MANIFEST,
        text: manifest.to_string(),
        parts,
        config: Some(config),
    }
}

fn blob(media_type: &str, content: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": Digest::sha256(content), "size": content.len() })
}
