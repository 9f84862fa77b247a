//! Manifests that are not plain images: an index of several architectures, a Helm chart, an SBOM, a
//! signature. All but a plain image exist on 4 only, whose registry accepts them.

use serde_json::{Map, Value, json};

use super::layer::{Blob, SampleLayer};
use crate::sample::context::SampleContext;
use crate::sample::image_builder::{BuiltImage, ImageBuilder, OCI, descriptor, rfc3339};
use registry_model::Digest;

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The config of an artifact without one (OCI image specification, "Guidance for an Empty
/// Descriptor").
const EMPTY_CONFIG: (&str, &[u8]) = ("application/vnd.oci.empty.v1+json", b"{}");

pub(super) fn push_all(site: &SampleContext<'_>) {
    let [first, rest @ ..] =
        ["amd64", "arm64", "s390x"].map(|architecture| platform(site, architecture));
    if !site.is_4() {
        site.push(
            "edge/gateway",
            Some("2.4"),
            &first,
            site.days_ago(8),
            "developer",
        );
        return;
    }
    let platforms: Vec<BuiltImage> = std::iter::once(first).chain(rest).collect();
    let index = index(site, &platforms);
    for platform in &platforms {
        site.push(
            "edge/gateway",
            None,
            platform,
            site.days_ago(8),
            "developer",
        );
    }
    site.push(
        "edge/gateway",
        Some("2.4"),
        &index,
        site.days_ago(8),
        "developer",
    );
    site.push(
        "edge/gateway",
        Some(&format!("sha256-{}.sig", hex(&index.digest))),
        &signature(&index),
        site.days_ago(8),
        "developer",
    );
    site.push(
        "edge/gateway",
        Some("2.4-sbom"),
        &bill_of_materials(&index),
        site.days_ago(8),
        "developer",
    );
    site.push(
        "public-tools/shop-chart",
        Some("1.2.3"),
        &helm_chart(site),
        site.days_ago(12),
        "admin",
    );
}

fn hex(digest: &Digest) -> String {
    digest.to_string().trim_start_matches("sha256:").to_owned()
}

fn platform(site: &SampleContext<'_>, architecture: &'static str) -> BuiltImage {
    ImageBuilder {
        media_types: site.family(true),
        created: site.days_ago(9),
        author: "Edge team",
        architecture,
        run_config: json!({ "Entrypoint": ["/usr/bin/gateway"], "ExposedPorts": { "1883/tcp": {} }, "User": "1001" }),
        steps: vec![
            (Some(SampleLayer::from_file(&format!("lib/{architecture}/libc.so"), 3_000).declaring_kib(28_600)), "ADD rootfs.tar.xz / # buildkit".to_owned()),
            (Some(SampleLayer::from_file(&format!("usr/bin/gateway-{architecture}"), 3_000).declaring_kib(17_300)), "COPY gateway /usr/bin/ # buildkit".to_owned()),
        ],
        annotations: Map::new(),
    }
    .build()
}

fn index(site: &SampleContext<'_>, platforms: &[BuiltImage]) -> BuiltImage {
    let entry = |platform: &BuiltImage| {
        let config: Value = platform
            .config
            .as_ref()
            .and_then(|config| serde_json::from_slice(&config.content).ok())
            .unwrap_or_default();
        let mut entry = descriptor(
            platform.media_type,
            &platform.digest,
            platform.manifest.len(),
        );
        entry["platform"] = json!({ "architecture": config["architecture"], "os": "linux" });
        if config["architecture"] == "arm64" {
            entry["platform"]["variant"] = "v8".into();
        }
        entry
    };
    let manifests: Vec<Value> = platforms.iter().map(entry).collect();
    let annotations = json!({ "org.opencontainers.image.created": rfc3339(site.days_ago(9)) });
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests, "annotations": annotations });
    BuiltImage::new(OCI_INDEX, &index, None, Vec::new())
}

fn helm_chart(site: &SampleContext<'_>) -> BuiltImage {
    let chart = SampleLayer::from_file("shop-chart/Chart.yaml", 13_000);
    let config = Blob::new(json!({ "name": "shop-chart", "version": "1.2.3", "apiVersion": "v2", "appVersion": "1.11.0" }).to_string());
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI.manifest,
        "config": config.descriptor("application/vnd.cncf.helm.config.v1+json"),
        "layers": [chart.descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip")],
        "annotations": {
            "org.opencontainers.image.title": "shop-chart",
            "org.opencontainers.image.version": "1.2.3",
            "org.opencontainers.image.created": rfc3339(site.days_ago(12)),
        },
    });
    BuiltImage::new(OCI.manifest, &manifest, Some(config), vec![chart.blob])
}

/// An artifact with an artifact type, attached to another manifest.
fn bill_of_materials(subject: &BuiltImage) -> BuiltImage {
    let document = json!({ "spdxVersion": "SPDX-2.3", "name": "gateway", "packages": [{ "name": "musl", "versionInfo": "1.2.5" }] });
    let document = Blob::new(document.to_string());
    let (media_type, config) = (EMPTY_CONFIG.0, Blob::new(EMPTY_CONFIG.1));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI.manifest,
        "artifactType": "application/spdx+json",
        "config": config.descriptor(media_type),
        "layers": [document.descriptor("application/spdx+json")],
        "subject": descriptor(subject.media_type, &subject.digest, subject.manifest.len()),
    });
    BuiltImage::new(OCI.manifest, &manifest, Some(config), vec![document])
}

/// A signature as cosign stores it: an image under a tag that is derived from the digest that it
/// signs.
fn signature(subject: &BuiltImage) -> BuiltImage {
    let payload = json!({
        "critical": {
            "identity": { "docker-reference": "edge/gateway" },
            "image": { "docker-manifest-digest": subject.digest },
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    let payload = Blob::new(payload.to_string());
    let config = json!({
        "architecture": "", "created": "0001-01-01T00:00:00Z", "os": "", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [payload.digest] },
    });
    let config = Blob::new(config.to_string());
    let mut layer = payload.descriptor("application/vnd.dev.cosign.simplesigning.v1+json");
    layer["annotations"] =
        json!({ "dev.cosignproject.cosign/signature": "MEUCIQDemoOnlyNotARealSignature" });
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI.manifest,
        "config": config.descriptor(OCI.config),
        "layers": [layer],
    });
    BuiltImage::new(OCI.manifest, &manifest, Some(config), vec![payload])
}
