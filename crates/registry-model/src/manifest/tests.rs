use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::ByteSize;

fn digest(n: u8) -> String {
    format!("sha256:{}", format!("{n:02x}").repeat(32))
}

fn descriptor(n: u8, media_type: &str) -> Value {
    json!({"mediaType": media_type, "digest": digest(n), "size": n})
}

fn parse(json: &Value) -> Result<Manifest, ManifestError> {
    Manifest::parse(json.to_string().as_bytes(), None)
}

fn image(config: &str, layer: &str) -> Value {
    json!({"schemaVersion": 2, "mediaType": OCI_IMAGE_MEDIA_TYPE, "config": descriptor(1, config), "layers": [descriptor(2, layer)]})
}

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

#[track_caller]
fn artifact(json: &Value) -> Artifact {
    match parse(json) {
        Ok(Manifest::Artifact(artifact)) => artifact,
        other => panic!("{other:?}"),
    }
}

#[test]
fn image_lists_layers_and_counts_malformed_ones() {
    let mut json = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    json["layers"].as_array_mut().unwrap().extend([
        json!({"digest": "md5:x", "size": 1}),
        json!(7),
        json!({"digest": digest(3), "size": -1}),
    ]);
    json["annotations"] = json!({"a": "b", "c": 1});
    let Manifest::Image(image) = parse(&json).unwrap() else {
        panic!()
    };
    assert_eq!(
        image
            .layers
            .items
            .iter()
            .map(|layer| layer.size)
            .collect::<Vec<_>>(),
        [Some(ByteSize(2)), None]
    );
    assert_eq!(
        (image.unreadable_layers, image.size()),
        (
            2,
            Some(TotalSize {
                bytes: ByteSize(2),
                at_least: true
            })
        )
    );
    assert_eq!(image.config.unwrap().digest.to_string(), digest(1));
    assert_eq!(image.annotations.items.len(), 1);
}

/// S34: addresses and contents inside a descriptor are text.
#[test]
fn descriptor_urls_and_data_are_kept_as_text() {
    let mut json = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    json["layers"][0]["urls"] = json!(["http://169.254.169.254/latest/meta-data", 1]);
    json["config"]["data"] = json!("e30=");
    let Manifest::Image(image) = parse(&json).unwrap() else {
        panic!()
    };
    assert_eq!(
        image.foreign_urls,
        ["http://169.254.169.254/latest/meta-data"]
    );
    assert_eq!(image.config.unwrap().data.as_deref(), Some("e30="));
}

#[test]
fn an_index_distinguishes_platforms_nested_indexes_and_attestations() {
    let json = json!({"schemaVersion": 2, "manifests": [
        {"mediaType": OCI_IMAGE_MEDIA_TYPE, "digest": digest(1), "size": 1,
         "platform": {"os": "windows", "architecture": "arm", "variant": "v7", "os.version": "10.0.1", "os.features": ["win32k"]}},
        descriptor(2, OCI_IMAGE_INDEX_MEDIA_TYPE),
        {"mediaType": OCI_IMAGE_MEDIA_TYPE, "digest": digest(3), "platform": {"os": "unknown", "architecture": "unknown"},
         "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest(1)}},
        {"mediaType": OCI_IMAGE_MEDIA_TYPE, "digest": "nonsense"},
    ]});
    let Manifest::Index(index) = Manifest::parse(
        json.to_string().as_bytes(),
        Some("application/vnd.oci.image.index.v1+json; charset=utf-8"),
    )
    .unwrap() else {
        panic!()
    };
    assert_eq!(
        index.media_type.as_deref(),
        Some(OCI_IMAGE_INDEX_MEDIA_TYPE)
    );
    let kinds: Vec<_> = index.entries.items.iter().map(IndexEntry::kind).collect();
    assert_eq!(
        kinds,
        [
            IndexEntryKind::Image,
            IndexEntryKind::Index,
            IndexEntryKind::Attestation {
                of: digest(1).parse().ok()
            }
        ]
    );
    let platform = index.entries.items[0].platform.as_ref().unwrap();
    assert_eq!(
        (
            platform.os.as_deref(),
            platform.variant.as_deref(),
            platform.os_version.as_deref()
        ),
        (Some("windows"), Some("v7"), Some("10.0.1"))
    );
    assert_eq!(platform.os_features.items, ["win32k"]);
    assert_eq!(
        (
            index.entries.items[1].platform.as_ref(),
            index.unreadable_entries
        ),
        (None, 1)
    );
}

#[test]
fn artifact_kinds_are_recognized() {
    let empty = "application/vnd.oci.empty.v1+json";
    for (config, layer, what) in [
        (
            "application/vnd.cncf.helm.config.v1+json",
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            ArtifactKind::HelmChart,
        ),
        (
            IMAGE_CONFIG_MEDIA_TYPE,
            "application/vnd.dev.cosign.simplesigning.v1+json",
            ArtifactKind::CosignSignature,
        ),
        (
            empty,
            "application/vnd.dev.sigstore.bundle.v0.3+json",
            ArtifactKind::CosignSignature,
        ),
        (
            "application/vnd.cncf.notary.signature",
            "application/jose+json",
            ArtifactKind::NotationSignature,
        ),
        (
            IMAGE_CONFIG_MEDIA_TYPE,
            "text/spdx+json",
            ArtifactKind::Sbom(SbomFormat::Spdx),
        ),
        (
            empty,
            "application/vnd.cyclonedx+json",
            ArtifactKind::Sbom(SbomFormat::CycloneDx),
        ),
        (
            IMAGE_CONFIG_MEDIA_TYPE,
            "application/vnd.in-toto+json",
            ArtifactKind::Attestation,
        ),
        (
            IMAGE_CONFIG_MEDIA_TYPE,
            "application/vnd.dsse.envelope.v1+json",
            ArtifactKind::Attestation,
        ),
        (
            "application/vnd.wasm.config.v1+json",
            "application/vnd.wasm.content.layer.v1+wasm",
            ArtifactKind::Wasm,
        ),
        (
            "application/vnd.sylabs.sif.config.v1+json",
            "application/vnd.sylabs.sif.layer.v1.sif",
            ArtifactKind::Singularity,
        ),
        (
            "application/vnd.example.thing",
            LAYER,
            ArtifactKind::Other("application/vnd.example.thing"),
        ),
        (empty, "text/plain", ArtifactKind::Other("text/plain")),
    ] {
        assert_eq!(
            artifact(&image(config, layer)).kind(),
            what,
            "{config} {layer}"
        );
    }
}

#[test]
fn artifact_type_on_an_image_keeps_it_an_image() {
    let mut json = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    json["artifactType"] = json!("application/vnd.example+type");
    json["subject"] = descriptor(9, OCI_IMAGE_MEDIA_TYPE);
    let Ok(Manifest::Image(found)) = parse(&json) else {
        panic!()
    };
    assert_eq!(
        found.artifact_type.as_deref(),
        Some("application/vnd.example+type")
    );
    assert_eq!(found.subject.unwrap().size, Some(ByteSize(9)));
    json["layers"][0]["mediaType"] = json!("text/plain");
    assert_eq!(
        artifact(&json).kind(),
        ArtifactKind::Other("application/vnd.example+type")
    );
}

/// moby, `distribution/registry.go`: registries changed the media type of configs, and Docker runs
/// such images.
#[test]
fn octet_stream_config_is_an_image_only_in_docker_manifests() {
    let docker_layer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    for config in [
        "application/octet-stream",
        "text/html",
        "application/json",
        "",
    ] {
        let mut json = image(config, docker_layer);
        json["mediaType"] = json!(IMAGE_MANIFEST_MEDIA_TYPE);
        assert!(matches!(parse(&json), Ok(Manifest::Image(_))), "{config:?}");
        json["layers"][0]["mediaType"] = json!("text/plain");
        assert!(
            matches!(parse(&json), Ok(Manifest::Artifact(_))),
            "{config:?} without a file system"
        );
        json["mediaType"] = json!(OCI_IMAGE_MEDIA_TYPE);
        json["layers"][0]["mediaType"] = json!(LAYER);
        assert_eq!(
            matches!(parse(&json), Ok(Manifest::Image(_))),
            config.is_empty(),
            "{config:?} in an OCI manifest"
        );
    }
    let mut plugin = image("application/vnd.docker.plugin.v1+json", docker_layer);
    plugin["mediaType"] = json!(IMAGE_MANIFEST_MEDIA_TYPE);
    assert_eq!(
        artifact(&plugin).kind(),
        ArtifactKind::Other("application/vnd.docker.plugin.v1+json")
    );
}

#[test]
fn image_without_layers_is_empty_unless_its_config_is() {
    for layers in [json!([]), Value::Null] {
        let mut json = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
        json["layers"] = layers;
        let Ok(Manifest::Image(found)) = parse(&json) else {
            panic!("{json}")
        };
        assert_eq!(found.size(), Some(TotalSize::default()));
        json["config"]["digest"] = json!(Digest::sha256(b"{}"));
        assert_eq!(artifact(&json).kind(), ArtifactKind::Unknown);
    }
}

#[test]
fn index_content_follows_from_its_entries() {
    let entry = |n: u8, media_type: &str, artifact_type: &str| json!({"mediaType": media_type, "digest": digest(n), "artifactType": artifact_type});
    let image = entry(1, OCI_IMAGE_MEDIA_TYPE, "");
    let signature = entry(
        2,
        OCI_IMAGE_MEDIA_TYPE,
        "application/vnd.dev.sigstore.bundle.v0.3+json",
    );
    let mut attestation = entry(
        3,
        OCI_IMAGE_MEDIA_TYPE,
        "application/vnd.docker.attestation.manifest.v1+json",
    );
    attestation["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let cache = entry(4, "application/vnd.buildkit.cacheconfig.v0", "");
    let layer = entry(5, LAYER, "");
    // Registries return this for an image among the referrers.
    let typed_image = entry(6, OCI_IMAGE_MEDIA_TYPE, IMAGE_CONFIG_MEDIA_TYPE);
    let nested = entry(7, OCI_IMAGE_INDEX_MEDIA_TYPE, "");
    for (entries, content) in [
        (json!([image]), IndexContent::Images),
        (json!([image, attestation]), IndexContent::Images),
        (json!([signature, typed_image]), IndexContent::Images),
        (json!([nested]), IndexContent::Images),
        (json!([signature]), IndexContent::Artifacts),
        (json!([attestation]), IndexContent::Artifacts),
        (json!([layer, cache]), IndexContent::BuildCache),
        (json!([layer]), IndexContent::Artifacts),
        (json!([]), IndexContent::Nothing),
        (Value::Null, IndexContent::Nothing),
    ] {
        let mut json = json!({"schemaVersion": 2, "mediaType": OCI_IMAGE_INDEX_MEDIA_TYPE, "manifests": entries});
        let manifest = parse(&json).unwrap();
        assert_eq!(manifest.is_runnable(), content == IndexContent::Images);
        let Manifest::Index(index) = manifest else {
            panic!("{json}")
        };
        assert_eq!(index.content(), content, "{json}");
        json["artifactType"] = json!("application/vnd.example");
        assert!(!parse(&json).unwrap().is_runnable(), "{json}");
    }
}

#[test]
fn a_size_outside_of_int64_is_absent() {
    for (size, read) in [
        (json!(7), Some(7)),
        (json!(0), Some(0)),
        (json!(-1), None),
        (json!("7"), None),
        (json!(7.0), None),
        (json!(u64::MAX), None),
        (json!(i64::MAX), Some(i64::MAX.unsigned_abs())),
        (Value::Null, None),
    ] {
        let mut json = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
        json["layers"][0]["size"] = size;
        let Ok(Manifest::Image(found)) = parse(&json) else {
            panic!("{json}")
        };
        assert_eq!(
            (
                found.layers.items[0].size,
                found.size().map(|size| size.bytes)
            ),
            (read.map(ByteSize), read.map(ByteSize)),
            "{json}"
        );
    }
}

#[test]
fn tekton_bundle_and_early_oras_artifact_are_recognized() {
    let mut tekton = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    tekton["layers"][0]["annotations"] =
        json!({"dev.tekton.image.kind": "task", "dev.tekton.image.name": "build"});
    assert_eq!(artifact(&tekton).kind(), ArtifactKind::TektonBundle);

    let oras = json!({"mediaType": artifact::ORAS_MANIFEST_MEDIA_TYPE, "artifactType": "application/spdx+json", "blobs": [descriptor(1, "text/plain")]});
    assert_eq!(artifact(&oras).kind(), ArtifactKind::Sbom(SbomFormat::Spdx));
}

/// CVE-2021-41190: a document that two clients would read differently.
#[test]
fn manifest_of_two_kinds_is_rejected() {
    let mut both = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    both["manifests"] = json!([]);
    let mislabelled = json!({"mediaType": OCI_IMAGE_INDEX_MEDIA_TYPE, "layers": []});
    for json in [&both, &mislabelled] {
        assert!(
            matches!(parse(json), Err(ManifestError::Ambiguous)),
            "{json}"
        );
    }
    let bytes = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER).to_string();
    assert!(matches!(
        Manifest::parse(bytes.as_bytes(), Some(OCI_IMAGE_INDEX_MEDIA_TYPE)),
        Err(ManifestError::Ambiguous)
    ));
}

#[test]
fn a_document_that_is_not_a_manifest_is_refused() {
    for bytes in [
        "[]",
        "{}",
        "null",
        "7",
        "{\"schemaVersion\": 2}",
        &format!("{{\"mediaType\": \"{OCI_IMAGE_MEDIA_TYPE}\"}}"),
    ] {
        assert!(
            matches!(
                Manifest::parse(bytes.as_bytes(), None),
                Err(ManifestError::UnknownKind)
            ),
            "{bytes}"
        );
    }
    for bytes in [&b""[..], b"{", b"\xff", b"<html>"] {
        assert!(matches!(
            Manifest::parse(bytes, None),
            Err(ManifestError::NotJson(_))
        ));
    }
}

/// S37: a hundred thousand layers, ten thousand entries, nesting of ten thousand.
#[test]
fn at_most_a_thousand_items_of_a_manifest_are_stored() {
    let layers = vec![format!("{{\"digest\":\"{}\"}}", digest(1)); 40_000].join(",");
    let Ok(Manifest::Image(image)) =
        Manifest::parse(format!("{{\"layers\":[{layers}]}}").as_bytes(), None)
    else {
        panic!()
    };
    assert_eq!(
        (image.layers.items.len(), image.layers.more),
        (1_000, 39_000)
    );
    let Ok(Manifest::Index(index)) =
        Manifest::parse(format!("{{\"manifests\":[{layers}]}}").as_bytes(), None)
    else {
        panic!()
    };
    assert_eq!(
        (index.entries.items.len(), index.entries.total()),
        (1_000, 40_000)
    );
    let deep = format!(
        "{{\"layers\":[{}1{}]}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert!(
        matches!(Manifest::parse(deep.as_bytes(), None), Ok(Manifest::Image(image)) if image.unreadable_layers == 1)
    );
}

/// S37: the limits hold for a thousand layers with a thousand annotations and addresses each.
#[test]
fn nested_lists_have_a_lower_bound() {
    let annotations: serde_json::Map<String, Value> =
        (0..30).map(|n| (n.to_string(), json!(""))).collect();
    let mut json = image("application/vnd.example.thing", LAYER);
    json["layers"] =
        json!([{"digest": digest(2), "annotations": annotations, "urls": vec!["x"; 30]}]);
    let descriptor = &artifact(&json).blobs.items[0];
    assert_eq!(
        (
            descriptor.annotations.items.len(),
            descriptor.annotations.more
        ),
        (20, 10)
    );
    assert_eq!(
        (descriptor.urls.items.len(), descriptor.urls.more),
        (20, 10)
    );
}

/// Signs `document` (which ends in `tail`) in the format of libtrust, without a valid signature:
/// signatures are not verified.
fn signed(head: &str, tail: &str, extra: &str) -> String {
    let protected = json!({"formatLength": head.len(), "formatTail": URL_SAFE_NO_PAD.encode(tail), "time": "2026-01-01T00:00:00Z"});
    let protected = URL_SAFE_NO_PAD.encode(protected.to_string());
    format!(
        "{head},\n   \"signatures\": [{{\"header\": {{}}, \"signature\": \"x\", \"protected\": \"{protected}\"}}]{extra}{tail}"
    )
}

fn schema1_head() -> String {
    format!(
        "{{\n   \"schemaVersion\": 1,\n   \"name\": \"a/b\",\n   \"fsLayers\": [{{\"blobSum\": \"{}\"}}],\n   \"history\": [{{\"v1Compatibility\": \"{{}}\"}}]",
        digest(1)
    )
}

/// S39: the digest of a signed manifest is that of its payload.
#[test]
fn signed_manifest_digest_excludes_signatures() {
    let payload = format!("{}\n}}", schema1_head());
    let bytes = signed(&schema1_head(), "\n}", "");
    let manifest = Manifest::parse(bytes.as_bytes(), Some(schema1::SIGNED_MEDIA_TYPE)).unwrap();
    assert_eq!(
        manifest_digest(bytes.as_bytes(), &manifest),
        Digest::sha256(payload.as_bytes())
    );
    let plain = Manifest::parse(payload.as_bytes(), Some(schema1::UNSIGNED_MEDIA_TYPE)).unwrap();
    assert_eq!(
        manifest_digest(payload.as_bytes(), &plain),
        Digest::sha256(payload.as_bytes())
    );
    assert_eq!(
        (manifest.media_type(), plain.media_type()),
        (
            Some(schema1::SIGNED_MEDIA_TYPE),
            Some(schema1::UNSIGNED_MEDIA_TYPE)
        )
    );
}

/// S39: content outside of the signed bytes is not covered by the digest, so it is not shown.
#[test]
fn fields_outside_the_signed_payload_are_ignored() {
    let bytes = signed(
        &schema1_head(),
        "\n}",
        ", \"name\": \"evil/name\", \"fsLayers\": []",
    );
    let Ok(Manifest::Schema1(schema1)) = Manifest::parse(bytes.as_bytes(), None) else {
        panic!()
    };
    assert_eq!(
        (schema1.name.as_deref(), schema1.layers.items.len()),
        (Some("a/b"), 1)
    );
}

#[test]
fn signatures_without_a_payload_range_are_refused() {
    let head = schema1_head();
    let protected = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let good = protected(json!({"formatLength": head.len(), "formatTail": "fQ"}));
    let other = protected(json!({"formatLength": head.len() - 1, "formatTail": "fQ"}));
    let beyond = protected(json!({"formatLength": u64::MAX, "formatTail": "fQ"}));
    let zero = protected(json!({"formatLength": 0, "formatTail": "e30"}));
    for signatures in [
        "[]".to_owned(),
        "7".to_owned(),
        "[{}]".to_owned(),
        "[{\"protected\": \"?\"}]".to_owned(),
        format!("[{{\"protected\": \"{beyond}\"}}]"),
        format!("[{{\"protected\": \"{good}\"}}, {{\"protected\": \"{other}\"}}]"),
        format!("[{{\"protected\": \"{good}\"}}, 7]"),
        format!("[{{\"protected\": \"{zero}\"}}]"),
    ] {
        let bytes = format!("{head}, \"signatures\": {signatures}}}");
        assert!(
            Manifest::parse(bytes.as_bytes(), None).is_err(),
            "{signatures}"
        );
    }
}

proptest! {
    #[test]
    fn parse_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), content_type in prop::option::of("\\PC{0,20}")) {
        let _ = Manifest::parse(&bytes, content_type.as_deref());
    }

    #[test]
    fn an_image_manifest_round_trips(sizes in prop::collection::vec(0_u64..1 << 40, 1..20)) {
        let layers: Vec<_> = sizes.iter().map(|size| json!({"mediaType": LAYER, "digest": digest(7), "size": size})).collect();
        let json = json!({"schemaVersion": 2, "config": descriptor(1, IMAGE_CONFIG_MEDIA_TYPE), "layers": layers});
        let Ok(Manifest::Image(image)) = parse(&json) else { panic!() };
        prop_assert_eq!(image.layers.items.iter().map(|layer| layer.size.unwrap().0).collect::<Vec<_>>(), sizes);
    }
}
