use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn digest(n: u8) -> String {
    format!("sha256:{}", format!("{n:02x}").repeat(32))
}

fn descriptor(n: u8, media_type: &str) -> Value {
    json!({"mediaType": media_type, "digest": digest(n), "size": n})
}

fn parse(json: &Value) -> Result<Manifest, BadManifest> {
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
fn an_image_lists_its_layers_and_what_cannot_be_read_is_counted() {
    let mut json = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    json["layers"].as_array_mut().unwrap().extend([
        json!({"digest": "md5:x", "size": 1}),
        json!(7),
        json!({"digest": digest(3), "size": -1}),
    ]);
    json["annotations"] = json!({"a": "b", "c": 1});
    let Manifest::Image(image) = parse(&json).unwrap() else { panic!() };
    assert_eq!(image.layers.items.iter().map(|layer| layer.size.0).collect::<Vec<_>>(), [2, 0]);
    assert_eq!((image.unreadable_layers, image.size()), (2, ByteSize(2)));
    assert_eq!(image.config.unwrap().digest.to_string(), digest(1));
    assert_eq!(image.annotations.items.len(), 1);
}

/// S34: addresses and contents inside a descriptor are text.
#[test]
fn what_a_descriptor_says_of_other_places_is_kept_as_text() {
    let mut json = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    json["layers"][0]["urls"] = json!(["http://169.254.169.254/latest/meta-data", 1]);
    json["config"]["data"] = json!("e30=");
    let Manifest::Image(image) = parse(&json).unwrap() else { panic!() };
    assert_eq!(image.foreign_urls, ["http://169.254.169.254/latest/meta-data"]);
    assert_eq!(image.config.unwrap().data.as_deref(), Some("e30="));
}

#[test]
fn an_index_tells_platforms_nested_indexes_and_attestations_apart() {
    let json = json!({"schemaVersion": 2, "manifests": [
        {"mediaType": OCI_IMAGE_MEDIA_TYPE, "digest": digest(1), "size": 1,
         "platform": {"os": "windows", "architecture": "arm", "variant": "v7", "os.version": "10.0.1", "os.features": ["win32k"]}},
        descriptor(2, OCI_IMAGE_INDEX_MEDIA_TYPE),
        {"mediaType": OCI_IMAGE_MEDIA_TYPE, "digest": digest(3), "platform": {"os": "unknown", "architecture": "unknown"},
         "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest(1)}},
        {"mediaType": OCI_IMAGE_MEDIA_TYPE, "digest": "nonsense"},
    ]});
    let Manifest::Index(index) =
        Manifest::parse(json.to_string().as_bytes(), Some("application/vnd.oci.image.index.v1+json; charset=utf-8")).unwrap()
    else {
        panic!()
    };
    assert_eq!(index.media_type.as_deref(), Some(OCI_IMAGE_INDEX_MEDIA_TYPE));
    let kinds: Vec<_> = index.entries.items.iter().map(IndexEntry::kind).collect();
    assert_eq!(kinds, [EntryKind::Manifest, EntryKind::Index, EntryKind::Attestation { of: digest(1).parse().ok() }]);
    let platform = index.entries.items[0].platform.as_ref().unwrap();
    assert_eq!(
        (platform.os.as_deref(), platform.variant.as_deref(), platform.os_version.as_deref()),
        (Some("windows"), Some("v7"), Some("10.0.1"))
    );
    assert_eq!(platform.os_features.items, ["win32k"]);
    assert_eq!((index.entries.items[1].platform.as_ref(), index.unreadable_entries), (None, 1));
}

#[test]
fn an_artifact_is_named_as_what_it_is() {
    let empty = "application/vnd.oci.empty.v1+json";
    for (config, layer, what) in [
        ("application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", What::HelmChart),
        (IMAGE_CONFIG_MEDIA_TYPE, "application/vnd.dev.cosign.simplesigning.v1+json", What::CosignSignature),
        (empty, "application/vnd.dev.sigstore.bundle.v0.3+json", What::CosignSignature),
        ("application/vnd.cncf.notary.signature", "application/jose+json", What::NotationSignature),
        (IMAGE_CONFIG_MEDIA_TYPE, "text/spdx+json", What::Sbom(SbomFormat::Spdx)),
        (empty, "application/vnd.cyclonedx+json", What::Sbom(SbomFormat::CycloneDx)),
        (IMAGE_CONFIG_MEDIA_TYPE, "application/vnd.in-toto+json", What::Attestation),
        (IMAGE_CONFIG_MEDIA_TYPE, "application/vnd.dsse.envelope.v1+json", What::Attestation),
        ("application/vnd.wasm.config.v1+json", "application/vnd.wasm.content.layer.v1+wasm", What::Wasm),
        ("application/vnd.sylabs.sif.config.v1+json", "application/vnd.sylabs.sif.layer.v1.sif", What::Singularity),
        ("application/vnd.example.thing", LAYER, What::Other("application/vnd.example.thing")),
        (empty, "text/plain", What::Other("text/plain")),
    ] {
        assert_eq!(artifact(&image(config, layer)).what(), what, "{config} {layer}");
    }
}

#[test]
fn an_artifact_type_decides_whatever_else_it_holds() {
    let mut json = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    json["artifactType"] = json!("application/vnd.example+type");
    json["subject"] = descriptor(9, OCI_IMAGE_MEDIA_TYPE);
    let found = artifact(&json);
    assert_eq!((found.what(), found.subject.as_ref().unwrap().size), (What::Other("application/vnd.example+type"), ByteSize(9)));

    let mut tekton = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    tekton["layers"][0]["annotations"] = json!({"dev.tekton.image.kind": "task", "dev.tekton.image.name": "build"});
    assert_eq!(artifact(&tekton).what(), What::TektonBundle);

    let oras =
        json!({"mediaType": artifact::ORAS_MANIFEST, "artifactType": "application/spdx+json", "blobs": [descriptor(1, "text/plain")]});
    assert_eq!(artifact(&oras).what(), What::Sbom(SbomFormat::Spdx));
}

/// CVE-2021-41190: a document that two clients would read as two things.
#[test]
fn a_manifest_of_two_kinds_is_refused() {
    let mut both = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER);
    both["manifests"] = json!([]);
    let mislabelled = json!({"mediaType": OCI_IMAGE_INDEX_MEDIA_TYPE, "layers": []});
    for json in [&both, &mislabelled] {
        assert!(matches!(parse(json), Err(BadManifest::Ambiguous)), "{json}");
    }
    let bytes = image(IMAGE_CONFIG_MEDIA_TYPE, LAYER).to_string();
    assert!(matches!(Manifest::parse(bytes.as_bytes(), Some(OCI_IMAGE_INDEX_MEDIA_TYPE)), Err(BadManifest::Ambiguous)));
}

#[test]
fn what_is_no_manifest_is_refused() {
    for bytes in ["[]", "{}", "null", "7", "{\"schemaVersion\": 2}", &format!("{{\"mediaType\": \"{OCI_IMAGE_MEDIA_TYPE}\"}}")] {
        assert!(matches!(Manifest::parse(bytes.as_bytes(), None), Err(BadManifest::UnknownKind)), "{bytes}");
    }
    for bytes in [&b""[..], b"{", b"\xff", b"<html>"] {
        assert!(matches!(Manifest::parse(bytes, None), Err(BadManifest::NotJson(_))));
    }
}

/// S37: a hundred thousand layers, ten thousand entries, nesting of ten thousand.
#[test]
fn a_manifest_of_any_length_costs_no_more_than_a_thousand_items() {
    let layers = vec![format!("{{\"digest\":\"{}\"}}", digest(1)); 40_000].join(",");
    let Ok(Manifest::Image(image)) = Manifest::parse(format!("{{\"layers\":[{layers}]}}").as_bytes(), None) else { panic!() };
    assert_eq!((image.layers.items.len(), image.layers.more), (1_000, 39_000));
    let Ok(Manifest::Index(index)) = Manifest::parse(format!("{{\"manifests\":[{layers}]}}").as_bytes(), None) else { panic!() };
    assert_eq!((index.entries.items.len(), index.entries.total()), (1_000, 40_000));
    let deep = format!("{{\"layers\":[{}1{}]}}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(matches!(Manifest::parse(deep.as_bytes(), None), Ok(Manifest::Image(image)) if image.unreadable_layers == 1));
}

/// S37: a thousand layers with a thousand annotations and addresses each are not a million.
#[test]
fn lists_inside_of_lists_are_cut_shorter() {
    let annotations: serde_json::Map<String, Value> = (0..30).map(|n| (n.to_string(), json!(""))).collect();
    let mut json = image("application/vnd.example.thing", LAYER);
    json["layers"] = json!([{"digest": digest(2), "annotations": annotations, "urls": vec!["x"; 30]}]);
    let descriptor = &artifact(&json).blobs.items[0];
    assert_eq!((descriptor.annotations.items.len(), descriptor.annotations.more), (20, 10));
    assert_eq!((descriptor.urls.items.len(), descriptor.urls.more), (20, 10));
}

/// Signs `document` (which ends in `tail`) as libtrust does, without the arithmetic: nobody verifies it.
fn signed(head: &str, tail: &str, extra: &str) -> String {
    let protected = json!({"formatLength": head.len(), "formatTail": URL_SAFE_NO_PAD.encode(tail), "time": "2026-01-01T00:00:00Z"});
    let protected = URL_SAFE_NO_PAD.encode(protected.to_string());
    format!("{head},\n   \"signatures\": [{{\"header\": {{}}, \"signature\": \"x\", \"protected\": \"{protected}\"}}]{extra}{tail}")
}

fn schema1_head() -> String {
    format!(
        "{{\n   \"schemaVersion\": 1,\n   \"name\": \"a/b\",\n   \"fsLayers\": [{{\"blobSum\": \"{}\"}}],\n   \"history\": [{{\"v1Compatibility\": \"{{}}\"}}]",
        digest(1)
    )
}

/// S39: the digest of a signed manifest is that of its payload.
#[test]
fn the_digest_of_a_signed_manifest_leaves_its_signatures_out() {
    let payload = format!("{}\n}}", schema1_head());
    let bytes = signed(&schema1_head(), "\n}", "");
    let manifest = Manifest::parse(bytes.as_bytes(), Some(schema1::SIGNED)).unwrap();
    assert_eq!(manifest_digest(bytes.as_bytes(), &manifest), Digest::sha256_of(payload.as_bytes()));
    let plain = Manifest::parse(payload.as_bytes(), Some(schema1::PLAIN)).unwrap();
    assert_eq!(manifest_digest(payload.as_bytes(), &plain), Digest::sha256_of(payload.as_bytes()));
    assert_eq!((manifest.media_type(), plain.media_type()), (Some(schema1::SIGNED), Some(schema1::PLAIN)));
}

/// S39: what stands beside the signed bytes is not covered by the digest, so it is not shown either.
#[test]
fn what_is_smuggled_in_beside_the_signed_bytes_is_not_read() {
    let bytes = signed(&schema1_head(), "\n}", ", \"name\": \"evil/name\", \"fsLayers\": []");
    let Ok(Manifest::Schema1(schema1)) = Manifest::parse(bytes.as_bytes(), None) else { panic!() };
    assert_eq!((schema1.name.as_deref(), schema1.layers.items.len()), (Some("a/b"), 1));
}

#[test]
fn signatures_that_do_not_say_what_they_sign_are_refused() {
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
        assert!(Manifest::parse(bytes.as_bytes(), None).is_err(), "{signatures}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), content_type in prop::option::of("\\PC{0,20}")) {
        let _ = Manifest::parse(&bytes, content_type.as_deref());
    }

    #[test]
    fn an_image_comes_out_as_it_went_in(sizes in prop::collection::vec(0_u64..1 << 40, 1..20)) {
        let layers: Vec<_> = sizes.iter().map(|size| json!({"mediaType": LAYER, "digest": digest(7), "size": size})).collect();
        let json = json!({"schemaVersion": 2, "config": descriptor(1, IMAGE_CONFIG_MEDIA_TYPE), "layers": layers});
        let Ok(Manifest::Image(image)) = parse(&json) else { panic!() };
        prop_assert_eq!(image.layers.items.iter().map(|layer| layer.size.0).collect::<Vec<_>>(), sizes);
    }
}
