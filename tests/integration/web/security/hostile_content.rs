//! Content from users who may push, or from a hostile upstream: none of it has an effect on a page,
//! in a log or on the network (S30-S37, S39, S44, S45).

pub(crate) mod addresses;
pub(crate) mod logs;
pub(crate) mod long_lists;
pub(crate) mod markup;
pub(crate) mod sizes;

use openshift_standin::cluster::Version;
use registry_model::Digest;
use serde_json::{Value, json};

use crate::harness::canned_server::{CannedResponse, CannedServer};
use crate::harness::seeded_standin::OCI_MANIFEST;
use crate::harness::{Browser, Page, World};

/// A registry with hostile content. Everything that it was not given is not found.
struct HostileRegistry {
    server: CannedServer,
}

impl HostileRegistry {
    async fn start() -> Self {
        let server = CannedServer::start().await;
        // Without any response, it would answer 599.
        server.set_response("/", CannedResponse::new(404, "text/plain", "no"));
        Self { server }
    }

    /// Stores a manifest as `hostile:1`, which the API server does not know.
    fn store_manifest(&self, media_type: &str, manifest: impl Into<bytes::Bytes>) {
        self.server.set_response(
            "/v2/team-a/hostile/manifests/1",
            CannedResponse::new(200, media_type, manifest),
        );
    }

    fn store_blob(&self, content: impl Into<bytes::Bytes>) -> Value {
        let content = content.into();
        let descriptor = blob(CONFIG, &content);
        let digest = descriptor["digest"].as_str().unwrap();
        self.server.set_response(
            format!("/v2/team-a/hostile/blobs/{digest}"),
            CannedResponse::new(200, "application/octet-stream", content),
        );
        descriptor
    }
}

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// The page of what [`Registry::hold`] holds.
const HOSTILE: &str = "/images/team-a/hostile:1";

fn blob(media_type: &str, content: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": Digest::sha256(content), "size": content.len() })
}

fn manifest(config: &Value, layers: &Value) -> Value {
    json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers })
}

fn config() -> String {
    json!({ "architecture": "amd64", "os": "linux", "config": {}, "rootfs": { "type": "layers", "diff_ids": [] } }).to_string()
}

/// A cluster whose console has a hostile registry, and the browser of `dev`.
async fn hostile() -> (World, HostileRegistry, Browser) {
    let registry = HostileRegistry::start().await;
    let world = World::builder(Version::V4)
        .index()
        .registry(registry.server.url.clone())
        .start()
        .await;
    let dev = world.signed_in("dev").await;
    (world, registry, dev)
}

/// The page at `path`, which must be shown, and its JSON.
async fn both(dev: &mut Browser, path: &str) -> (Page, Value) {
    let (page, json) = (dev.get(path).await, dev.json(path).await);
    assert_eq!(
        (page.status, json.status),
        (200, 200),
        "{path}: {}",
        page.text
    );
    (page, json.json())
}
