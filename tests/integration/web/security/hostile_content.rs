//! What somebody who may push, or plays an upstream, can put before the console: none of it does
//! anything on a page, in a log or on the network (S30-S37, S39, S44, S45).

pub(crate) mod addresses;
pub(crate) mod logs;
pub(crate) mod long_lists;
pub(crate) mod markup;
pub(crate) mod sizes;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::AUTHORIZATION;
use openshift_standin::cluster::Version;
use registry_model::Digest;
use serde_json::{Value, json};
use url::Url;

use crate::harness::canned_server::CannedResponse;
use crate::harness::console::{Browser, Page, Setup};
use crate::harness::standin_world::OCI_MANIFEST;

/// A registry that answers what it was told, by path. Everything else is not there.
#[derive(Clone)]
struct HostileRegistry {
    url: Url,
    told: Arc<Mutex<BTreeMap<String, CannedResponse>>>,
    seen: Arc<Mutex<Vec<HostileRegistryRequest>>>,
}

#[derive(Debug)]
struct HostileRegistryRequest {
    path: String,
    with_token: bool,
}

impl HostileRegistry {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let registry = Self {
            url,
            told: Arc::default(),
            seen: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(registry.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        registry
    }

    fn set_response(&self, path: impl Into<String>, told: CannedResponse) {
        self.told.lock().unwrap().insert(path.into(), told);
    }

    /// Holds a manifest under `hostile:1`, of which the master knows nothing.
    fn store_manifest(&self, media_type: &str, manifest: impl Into<bytes::Bytes>) {
        self.set_response(
            "/v2/team-a/hostile/manifests/1",
            CannedResponse::new(200, media_type, manifest),
        );
    }

    fn store_blob(&self, content: impl Into<bytes::Bytes>) -> Value {
        let content = content.into();
        let descriptor = blob(CONFIG, &content);
        self.set_response(
            format!(
                "/v2/team-a/hostile/blobs/{}",
                descriptor["digest"].as_str().unwrap()
            ),
            CannedResponse::new(200, "application/octet-stream", content),
        );
        descriptor
    }

    /// The paths that it was asked for, in the order of the alphabet.
    fn requested_paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self
            .seen
            .lock()
            .unwrap()
            .iter()
            .map(|seen| seen.path.clone())
            .collect();
        paths.sort();
        paths
    }
}

async fn answer(State(registry): State<HostileRegistry>, request: Request) -> Response {
    let path = request.uri().path_and_query().unwrap().to_string();
    let with_token = request.headers().contains_key(AUTHORIZATION);
    registry.seen.lock().unwrap().push(HostileRegistryRequest {
        path: path.clone(),
        with_token,
    });
    let told = registry
        .told
        .lock()
        .unwrap()
        .get(&path)
        .cloned()
        .unwrap_or_else(|| CannedResponse::new(404, "text/plain", "no"));
    let mut response = Response::builder().status(told.status);
    for (name, value) in &told.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(told.body)).unwrap()
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

/// A cluster whose registry is hostile, and `dev` before its console.
async fn hostile() -> (
    crate::harness::standin_world::World,
    HostileRegistry,
    Browser,
) {
    let world = crate::harness::standin_world::World::start(Version::V4).await;
    let registry = HostileRegistry::start().await;
    let dev = Setup::of(&world.demo)
        .registry(registry.url.clone())
        .browser();
    dev.sign_in("dev").await;
    (world, registry, dev)
}

/// The page at `path`, which must stand, and its JSON.
async fn both(dev: &Browser, path: &str) -> (Page, Value) {
    let (page, json) = (
        dev.get(path).await,
        dev.get(&format!("/api/v1{path}")).await,
    );
    assert_eq!(
        (page.status.as_u16(), json.status.as_u16()),
        (200, 200),
        "{path}: {}",
        page.body
    );
    (page, json.json())
}
