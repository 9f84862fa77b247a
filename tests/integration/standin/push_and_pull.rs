//! Real clients push to the embedded registry and pull from it: skopeo and the oci-client crate.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use oci_distribution::client::{
    Certificate, CertificateEncoding, ClientConfig, Config, ImageLayer,
};
use oci_distribution::manifest::{
    IMAGE_CONFIG_MEDIA_TYPE, IMAGE_LAYER_GZIP_MEDIA_TYPE, OciImageManifest,
};
use oci_distribution::secrets::RegistryAuth;
use oci_distribution::{Client, Reference};
use openshift_standin::cluster::Version;
use registry_model::Digest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::seeded_standin::{OCI_MANIFEST, SeededStandin, repository};

const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// An image as skopeo's `dir:` layout holds it.
pub(crate) struct TestImage {
    config: Vec<u8>,
    layer: Vec<u8>,
    manifest: Value,
}

impl TestImage {
    pub(crate) fn new(oci: bool) -> Self {
        // An empty tar is a tar.
        let tar = vec![0; 1024];
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&tar).unwrap();
        let layer = encoder.finish().unwrap();
        let config = json!({
            "created": "2026-05-01T10:00:00Z", "architecture": "amd64", "os": "linux",
            "config": { "Cmd": ["/bin/true"], "Labels": { "a": "<b>" } },
            "rootfs": { "type": "layers", "diff_ids": [Digest::sha256(&tar)] },
            "history": [{ "created": "2026-05-01T10:00:00Z", "created_by": "COPY nothing / # <&>" }],
        })
        .to_string()
        .into_bytes();
        let (manifest_type, config_type, layer_type) = if oci {
            (
                OCI_MANIFEST,
                IMAGE_CONFIG_MEDIA_TYPE,
                IMAGE_LAYER_GZIP_MEDIA_TYPE,
            )
        } else {
            (
                crate::harness::seeded_standin::DOCKER_MANIFEST,
                "application/vnd.docker.container.image.v1+json",
                DOCKER_LAYER,
            )
        };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": manifest_type,
            "config": { "mediaType": config_type, "digest": Digest::sha256(&config), "size": config.len() },
            "layers": [{ "mediaType": layer_type, "digest": Digest::sha256(&layer), "size": layer.len() }],
        });
        Self {
            config,
            layer,
            manifest,
        }
    }

    pub(crate) fn write_to(&self, folder: &Path) {
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("version"), "Directory Transport Version: 1.1\n").unwrap();
        std::fs::write(folder.join("manifest.json"), self.manifest.to_string()).unwrap();
        for blob in [&self.config, &self.layer] {
            let digest = Digest::sha256(blob).to_string();
            std::fs::write(folder.join(digest.trim_start_matches("sha256:")), blob).unwrap();
        }
    }
}

/// A folder with the certificate that skopeo is to trust, and room for images.
fn workshop(world: &SeededStandin) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("certs")).unwrap();
    std::fs::write(folder.path().join("certs/ca.crt"), world.demo.ca_pem()).unwrap();
    folder
}

/// Runs skopeo beside the servers of this test.
async fn skopeo(arguments: Vec<String>) -> Output {
    let run = move || {
        Command::new("skopeo")
            .arg("--insecure-policy")
            .args(arguments)
            .output()
    };
    tokio::task::spawn_blocking(run)
        .await
        .unwrap()
        .expect("skopeo is installed")
}

fn assert_success(output: &Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn owned_arguments<const N: usize>(arguments: [&str; N]) -> Vec<String> {
    arguments.map(str::to_owned).to_vec()
}

/// Pushes with skopeo, pulls again, and gives the manifest that came back.
async fn round_trip(world: &SeededStandin, image: &TestImage) -> Value {
    let workshop = workshop(world);
    let at = |name: &str| workshop.path().join(name).to_str().unwrap().to_owned();
    image.write_to(&workshop.path().join("out"));
    let remote = format!(
        "docker://{}/team-a/by-skopeo:1.0",
        world.demo.urls().registry.trim_start_matches("https://")
    );
    let (certs, out, back) = (
        at("certs"),
        format!("dir:{}", at("out")),
        format!("dir:{}", at("back")),
    );
    let push = [
        "copy",
        "--dest-cert-dir",
        &certs,
        "--dest-creds",
        "any:TOKEN-dev",
        &out,
        &remote,
    ];
    assert_success(&skopeo(owned_arguments(push)).await);
    let pull = [
        "copy",
        "--src-cert-dir",
        &certs,
        "--src-creds",
        "any:TOKEN-viewer",
        &remote,
        &back,
    ];
    assert_success(&skopeo(owned_arguments(pull)).await);
    let layer = Digest::sha256(&image.layer).to_string();
    assert_eq!(
        std::fs::read(Path::new(&at("back")).join(layer.trim_start_matches("sha256:"))).unwrap(),
        image.layer
    );
    serde_json::from_slice(&std::fs::read(Path::new(&at("back")).join("manifest.json")).unwrap())
        .unwrap()
}

#[tokio::test]
async fn skopeo_pushes_and_pulls_an_oci_image() {
    let world = SeededStandin::start(Version::V4).await;
    let image = TestImage::new(true);
    assert_eq!(round_trip(&world, &image).await, image.manifest);
    let pushed = repository("team-a/by-skopeo");
    let digest =
        world
            .demo
            .cluster()
            .tag_digest(&pushed.project, &pushed.stream, &"1.0".parse().unwrap());
    assert_eq!(
        digest,
        Some(Digest::sha256(image.manifest.to_string().as_bytes()))
    );
}

#[tokio::test]
async fn skopeo_pushes_and_pulls_a_docker_image() {
    let world = SeededStandin::start(Version::V3_9).await;
    let image = TestImage::new(false);
    assert_eq!(round_trip(&world, &image).await, image.manifest);
}

/// A refused OCI manifest makes skopeo try the older form.
#[tokio::test]
async fn skopeo_falls_back_to_docker_media_types_on_3_9() {
    let world = SeededStandin::start(Version::V3_9).await;
    let back = round_trip(&world, &TestImage::new(true)).await;
    assert_eq!(
        back["mediaType"],
        crate::harness::seeded_standin::DOCKER_MANIFEST
    );
}

#[tokio::test]
async fn skopeo_push_by_viewer_is_denied() {
    let world = SeededStandin::start(Version::V4).await;
    let workshop = workshop(&world);
    TestImage::new(true).write_to(&workshop.path().join("out"));
    let at = |name: &str| workshop.path().join(name).to_str().unwrap().to_owned();
    let remote = format!(
        "docker://{}/team-a/api:mine",
        world.demo.urls().registry.trim_start_matches("https://")
    );
    let (certs, out) = (at("certs"), format!("dir:{}", at("out")));
    let output = skopeo(owned_arguments([
        "copy",
        "--dest-cert-dir",
        &certs,
        "--dest-creds",
        "any:TOKEN-viewer",
        &out,
        &remote,
    ]))
    .await;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("authentication required"));
    let api = repository("team-a/api");
    assert_eq!(
        world
            .demo
            .cluster()
            .tag_digest(&api.project, &api.stream, &"mine".parse().unwrap()),
        None
    );
}

#[tokio::test]
async fn oci_client_pushes_and_pulls() {
    let world = SeededStandin::start(Version::V4).await;
    let ca = Certificate {
        encoding: CertificateEncoding::Pem,
        data: world.demo.ca_pem().as_bytes().to_vec(),
    };
    let client = Client::new(ClientConfig {
        tls_certs_only: vec![ca],
        ..ClientConfig::default()
    });
    let registry = world
        .demo
        .urls()
        .registry
        .trim_start_matches("https://")
        .to_owned();
    let reference: Reference = format!("{registry}/team-a/by-client:2.0").parse().unwrap();
    let auth = RegistryAuth::Basic("whoever".to_owned(), "TOKEN-dev".to_owned());
    let image = TestImage::new(true);
    let layers = [ImageLayer::new(
        Bytes::from(image.layer.clone()),
        IMAGE_LAYER_GZIP_MEDIA_TYPE.to_owned(),
        None,
    )];
    let config = Config::new(
        Bytes::from(image.config.clone()),
        IMAGE_CONFIG_MEDIA_TYPE.to_owned(),
        None,
    );
    let manifest = OciImageManifest::build(&layers, &config, None);
    client
        .push(&reference, &layers, config, &auth, Some(manifest))
        .await
        .unwrap();
    let pulled = client
        .pull(&reference, &auth, vec![IMAGE_LAYER_GZIP_MEDIA_TYPE])
        .await
        .unwrap();
    assert_eq!(pulled.layers[0].data, image.layer);
    let tags = client
        .list_tags(&reference, &auth, None, None)
        .await
        .unwrap();
    assert_eq!(tags.tags, ["2.0"]);
}
