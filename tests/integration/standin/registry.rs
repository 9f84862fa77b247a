//! The embedded registry: answers as the recorded ones, and takes what real clients push.

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_model::Digest;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::seeded_standin::{
    DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, RecordedExchange, SeededStandin, recorded, repository,
};

/// Compared one by one; the rest of the headers is the transport's.
const HEADERS: [&str; 9] = [
    "content-type",
    "content-length",
    "content-range",
    "cache-control",
    "etag",
    "docker-content-digest",
    "docker-distribution-api-version",
    "x-registry-supports-signatures",
    "link",
];

/// What cannot be the same, and why.
fn is_expected_to_differ(exchange: &str, header: &str) -> bool {
    match (exchange, header) {
        // Another layer stands for the recorded one, which was not kept.
        ("registry-blob-head", "etag" | "docker-content-digest") => true,
        // The white space of the signed text was not kept.
        ("registry-manifest-schema1", "content-length") => true,
        // Real tokens are longer than the names that stand for them.
        ("registry-token", "content-length") => true,
        // Which two tags come first is the hash table's choice.
        ("registry-tags-paged", "link" | "content-length") => true,
        _ => false,
    }
}

async fn replay(
    world: &SeededStandin,
    exchange: &RecordedExchange,
) -> (StatusCode, reqwest::header::HeaderMap, Vec<u8>) {
    let asked = exchange.request.as_ref().unwrap();
    let layer = "sha256:e10c86d50e8f0ca2f278a094b47ee2a3d09e4b8bc49f7173c369e36f7e33ae7d";
    let path = asked.path.replace(layer, &world.layer.to_string());
    let url = format!("{}{path}", world.demo.urls().registry);
    let mut request = world
        .client
        .request(asked.method.parse::<Method>().unwrap(), url);
    for (name, value) in &asked.headers {
        let token = format!("TOKEN-{}", exchange.user.as_deref().unwrap_or_default());
        request = match (name.as_str(), value.split(' ').next()) {
            ("Authorization", Some("Basic")) => request.basic_auth("anybody", Some(token)),
            ("Authorization", _) => request.bearer_auth(token),
            _ => request.header(name, value),
        };
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

/// Lists in a fixed order, without what is new each time.
fn comparable(name: &str, mut body: Value) -> Value {
    if let Some(tags) = body.get_mut("tags").and_then(Value::as_array_mut) {
        tags.sort_by_key(ToString::to_string);
        if name == "registry-tags-paged" && tags.len() == 2 {
            *tags = vec![json!("two"), json!("of them")];
        }
    }
    if name == "registry-manifest-no-accept" {
        let signature = body["signatures"][0].take();
        for text in [
            "/header/jwk/kid",
            "/header/jwk/x",
            "/header/jwk/y",
            "/signature",
            "/protected",
        ] {
            assert!(
                signature.pointer(text).is_some_and(Value::is_string),
                "{text}"
            );
        }
    }
    body
}

fn without_host(challenge: &str) -> String {
    challenge
        .split_once("://")
        .map_or(challenge.to_owned(), |(scheme, rest)| {
            let (_, path) = rest.split_once('/').unwrap();
            format!(
                "{}://host/{path}",
                scheme
                    .replace("http\"", "https\"")
                    .replace("=\"http", "=\"https")
                    .replace("httpss", "https")
            )
        })
}

async fn assert_matches_recordings(version: Version) {
    let world = SeededStandin::start(version).await;
    for exchange in recorded(version, "registry-") {
        let name = exchange.name.as_str();
        let lost_master = name == "registry-tags-registry-lost-master";
        world.demo.faults().set(
            Endpoint::ApiServer,
            if lost_master {
                Fault::Refuse
            } else {
                Fault::None
            },
        );
        let (status, headers, body) = replay(&world, &exchange).await;
        let expected = &exchange.response;
        assert_eq!(status.as_u16(), expected.status, "{name}");
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
        for known in HEADERS
            .iter()
            .filter(|header| !is_expected_to_differ(name, header))
        {
            assert_eq!(header(known), expected.header(known), "{name}: {known}");
        }
        assert_eq!(
            header("link").is_some(),
            expected.header("link").is_some(),
            "{name}"
        );
        let challenge = |value: Option<&str>| value.map(without_host);
        assert_eq!(
            challenge(header("www-authenticate")),
            challenge(expected.header("www-authenticate")),
            "{name}"
        );
        let body =
            serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body)));
        assert_eq!(
            comparable(name, body),
            comparable(name, expected.body()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn standin_registry_matches_3_9_recordings() {
    assert_matches_recordings(Version::V3_9).await;
}

#[tokio::test]
async fn standin_registry_matches_4_recordings() {
    assert_matches_recordings(Version::V4).await;
}

impl SeededStandin {
    fn registry(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.demo.urls().registry))
            .bearer_auth("TOKEN-dev")
    }

    /// Pushes a blob in two chunks.
    async fn push_blob(&self, name: &str, content: &[u8]) -> Digest {
        let digest = Digest::sha256(content);
        let (first, second) = content.split_at(content.len() / 2);
        let begun = self
            .registry(Method::POST, &format!("/v2/{name}/blobs/uploads/"))
            .send()
            .await
            .unwrap();
        assert_eq!(begun.status(), StatusCode::ACCEPTED);
        let location = |response: &reqwest::Response| {
            response.headers()["location"].to_str().unwrap().to_owned()
        };
        let patch = self
            .client
            .patch(location(&begun))
            .bearer_auth("TOKEN-dev")
            .body(first.to_vec());
        let patched = patch.send().await.unwrap();
        assert_eq!(patched.status(), StatusCode::ACCEPTED);
        assert_eq!(patched.headers()["range"], format!("0-{}", first.len() - 1));
        let url = format!("{}?digest={digest}", location(&patched));
        let closed = self
            .client
            .put(url)
            .bearer_auth("TOKEN-dev")
            .body(second.to_vec())
            .send()
            .await
            .unwrap();
        assert_eq!(closed.status(), StatusCode::CREATED);
        digest
    }

    async fn put_manifest(
        &self,
        path: &str,
        media_type: &str,
        manifest: &Value,
    ) -> (StatusCode, Value) {
        let request = self
            .registry(Method::PUT, path)
            .header("content-type", media_type)
            .body(manifest.to_string());
        let response = request.send().await.unwrap();
        let status = response.status();
        (
            status,
            serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default(),
        )
    }
}

fn manifest(media_type: &str, config: &Digest, layers: &[&Digest]) -> Value {
    let layers: Vec<Value> = layers
        .iter()
        .map(|digest| json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "size": 4, "digest": digest }))
        .collect();
    let config = json!({ "mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, "digest": config });
    json!({ "schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers })
}

#[tokio::test]
async fn pushed_tag_appears_in_its_image_stream() {
    let world = SeededStandin::start(Version::V4).await;
    let config = world.push_blob("team-a/fresh", b"{}").await;
    let layer = world.push_blob("team-a/fresh", b"layer").await;
    let pushed = manifest(OCI_MANIFEST, &config, &[&layer]);
    let (status, _) = world
        .put_manifest("/v2/team-a/fresh/manifests/1.0", OCI_MANIFEST, &pushed)
        .await;
    assert_eq!(status, StatusCode::CREATED);
    let fresh = repository("team-a/fresh");
    let tag = "1.0".parse().unwrap();
    let image = world
        .demo
        .cluster()
        .tag_digest(&fresh.project, &fresh.stream, &tag)
        .unwrap();
    assert!(image.matches(pushed.to_string().as_bytes()));
}

#[tokio::test]
async fn manifest_with_missing_blobs_is_rejected() {
    let world = SeededStandin::start(Version::V4).await;
    let config = world.push_blob("team-a/fresh", b"{}").await;
    let absent = Digest::sha256(b"absent");
    let (status, body) = world
        .put_manifest(
            "/v2/team-a/fresh/manifests/1.0",
            OCI_MANIFEST,
            &manifest(OCI_MANIFEST, &config, &[&absent]),
        )
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["errors"][0]["code"], "MANIFEST_BLOB_UNKNOWN");
    assert_eq!(body["errors"][0]["detail"]["digest"], absent.to_string());
}

#[tokio::test]
async fn index_entry_without_platform_is_a_500() {
    let world = SeededStandin::start(Version::V4).await;
    let (config, layer) = (
        world.push_blob("team-a/fresh", b"{}").await,
        world.push_blob("team-a/fresh", b"layer").await,
    );
    let image = manifest(OCI_MANIFEST, &config, &[&layer]);
    let digest = Digest::sha256(image.to_string().as_bytes());
    let (status, _) = world
        .put_manifest(
            &format!("/v2/team-a/fresh/manifests/{digest}"),
            OCI_MANIFEST,
            &image,
        )
        .await;
    assert_eq!(status, StatusCode::CREATED);
    for (platform, expected) in [
        (Value::Null, StatusCode::INTERNAL_SERVER_ERROR),
        (json!({"os": "", "architecture": ""}), StatusCode::CREATED),
    ] {
        let mut index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [{"mediaType": OCI_MANIFEST, "digest": digest, "size": 1}]});
        if !platform.is_null() {
            index["manifests"][0]["platform"] = platform;
        }
        let (status, _) = world
            .put_manifest("/v2/team-a/fresh/manifests/1.0", OCI_INDEX, &index)
            .await;
        assert_eq!(status, expected, "{index}");
    }
}

#[tokio::test]
async fn openshift_3_9_rejects_oci_manifests() {
    let world = SeededStandin::start(Version::V3_9).await;
    let config = world.push_blob("team-a/fresh", b"{}").await;
    let oci = manifest(OCI_MANIFEST, &config, &[]);
    let (status, body) = world
        .put_manifest("/v2/team-a/fresh/manifests/1.0", OCI_MANIFEST, &oci)
        .await;
    assert_eq!(
        (status, &body["errors"][0]["code"]),
        (StatusCode::BAD_REQUEST, &json!("MANIFEST_INVALID"))
    );
    let docker = manifest(DOCKER_MANIFEST, &config, &[]);
    let (status, _) = world
        .put_manifest("/v2/team-a/fresh/manifests/1.0", DOCKER_MANIFEST, &docker)
        .await;
    assert_eq!(status, StatusCode::CREATED);
}

#[tokio::test]
async fn oci_manifest_is_404_without_matching_accept() {
    let world = SeededStandin::start(Version::V4).await;
    let response = world
        .registry(Method::GET, "/v2/team-a/mychart/manifests/1.2.3")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["code"], "MANIFEST_UNKNOWN");
    assert_eq!(
        body["errors"][0]["message"],
        "OCI manifest found, but accept header does not support OCI manifests"
    );
}

#[tokio::test]
async fn manifest_over_four_mebibytes_is_rejected() {
    let world = SeededStandin::start(Version::V4).await;
    let large = json!({ "schemaVersion": 2, "annotations": { "x": "x".repeat(4 << 20) } });
    let (status, body) = world
        .put_manifest("/v2/team-a/fresh/manifests/1.0", OCI_MANIFEST, &large)
        .await;
    assert_eq!(
        (status, &body["errors"][0]["code"]),
        (StatusCode::BAD_REQUEST, &json!("MANIFEST_INVALID"))
    );
}

#[tokio::test]
async fn blob_with_wrong_digest_is_rejected() {
    let world = SeededStandin::start(Version::V4).await;
    let claimed = Digest::sha256(b"something else");
    let path = format!("/v2/team-a/fresh/blobs/uploads/?digest={claimed}");
    let response = world
        .registry(Method::POST, &path)
        .body("this")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["code"], "DIGEST_INVALID");
}

#[tokio::test]
async fn blob_mount_requires_pull_on_its_source() {
    let world = SeededStandin::start(Version::V4).await;
    let layer = world.push_blob("team-a/fresh", b"layer").await;
    let mount = |from: &str, to: &str| format!("/v2/{to}/blobs/uploads/?mount={layer}&from={from}");
    let mounted = world
        .registry(Method::POST, &mount("team-a/fresh", "team-b/copy"))
        .send()
        .await
        .unwrap();
    assert_eq!(mounted.status(), StatusCode::CREATED);
    world
        .demo
        .cluster()
        .create_project(
            &"other".parse().unwrap(),
            openshift_standin::cluster::ProjectText::default(),
            "outsider",
        )
        .unwrap();
    let url = format!(
        "{}{}",
        world.demo.urls().registry,
        mount("team-a/fresh", "other/copy")
    );
    let not_mounted = world
        .client
        .post(url)
        .bearer_auth("TOKEN-outsider")
        .send()
        .await
        .unwrap();
    assert_eq!(not_mounted.status(), StatusCode::ACCEPTED);
}

#[rstest]
#[tokio::test]
async fn anonymous_token_pulls_public_images(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = SeededStandin::start(version).await;
    let get = |path: &str| {
        let url = format!("{}{path}", world.demo.urls().registry);
        world
            .client
            .get(url)
            .bearer_auth("anonymous")
            .header("accept", DOCKER_MANIFEST)
            .send()
    };
    assert_eq!(
        get("/v2/team-b/worker/manifests/dev")
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    assert_eq!(
        get("/v2/shared-libs/batch/manifests/dev")
            .await
            .unwrap()
            .status(),
        StatusCode::UNAUTHORIZED
    );
}

/// As on the real servers: a request with a token is not in `system:unauthenticated`.
#[rstest]
#[tokio::test]
async fn unauthenticated_binding_does_not_admit_signed_in_users(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = SeededStandin::start(version).await;
    let get = |token: &'static str| {
        let url = format!(
            "{}/v2/team-b/worker/manifests/dev",
            world.demo.urls().registry
        );
        world
            .client
            .get(url)
            .bearer_auth(token)
            .header("accept", DOCKER_MANIFEST)
            .send()
    };
    assert_eq!(get("anonymous").await.unwrap().status(), StatusCode::OK);
    let refused = get("TOKEN-outsider").await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["errors"][0]["code"], "UNAUTHORIZED");
    let authenticated = registry_model::Subject::group("system:authenticated");
    world.demo.cluster().bind(
        Some(&"team-b".parse().unwrap()),
        "registry-viewer",
        &[authenticated],
    );
    assert_eq!(
        get("TOKEN-outsider").await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn viewer_push_is_denied() {
    let world = SeededStandin::start(Version::V4).await;
    let url = format!(
        "{}/v2/team-a/api/blobs/uploads/",
        world.demo.urls().registry
    );
    let response = world
        .client
        .post(url)
        .bearer_auth("TOKEN-viewer")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let body: Value = response.json().await.unwrap();
    let actions: Vec<&Value> = body["errors"][0]["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|need| &need["Action"])
        .collect();
    assert_eq!(actions, ["pull", "push"]);
}

#[tokio::test]
async fn tag_pages_contain_every_tag_once() {
    let world = SeededStandin::start(Version::V4).await;
    let mut path = "/v2/team-a/api/tags/list?n=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let response = world.registry(Method::GET, &path).send().await.unwrap();
        let next = response
            .headers()
            .get("link")
            .map(|link| link.to_str().unwrap().to_owned());
        let body: Value = response.json().await.unwrap();
        seen.extend(
            body["tags"]
                .as_array()
                .unwrap()
                .iter()
                .map(|tag| tag.as_str().unwrap().to_owned()),
        );
        let Some(next) = next else { break };
        path = next
            .trim_start_matches('<')
            .split_once('>')
            .unwrap()
            .0
            .to_owned();
    }
    seen.sort();
    assert_eq!(seen, ["latest", "v1", "v2", "v3"]);
}

#[tokio::test]
async fn name_without_project_and_stream_is_400_with_empty_body() {
    let world = SeededStandin::start(Version::V4).await;
    let response = world
        .registry(Method::GET, "/v2/just-one/tags/list")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(response.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn signatures_are_stored_with_the_image() {
    let world = SeededStandin::start(Version::V4).await;
    let digest = Digest::sha256(b"image");
    let url = format!(
        "{}/extensions/v2/team-a/api/signatures/{digest}",
        world.demo.urls().registry
    );
    let name = format!("{digest}@one");
    let signature = json!({ "schemaVersion": 2, "name": name, "type": "atomic", "content": STANDARD.encode("x") });
    let put = |token: &'static str| {
        world
            .client
            .put(&url)
            .bearer_auth(token)
            .body(signature.to_string())
            .send()
    };
    assert_eq!(
        put("TOKEN-viewer").await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        put("TOKEN-root").await.unwrap().status(),
        StatusCode::CREATED
    );
    assert_eq!(
        put("TOKEN-root").await.unwrap().status(),
        StatusCode::CONFLICT
    );
    let listed: Value = world
        .client
        .get(&url)
        .bearer_auth("TOKEN-dev")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(listed["signatures"][0]["name"], name);
}

#[tokio::test]
async fn out_of_order_chunk_is_rejected_and_upload_continues() {
    let world = SeededStandin::start(Version::V4).await;
    let response = world
        .registry(Method::POST, "/v2/team-a/fresh/blobs/uploads/")
        .send()
        .await
        .unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let patch = |range: &'static str| {
        world
            .client
            .patch(&location)
            .bearer_auth("TOKEN-dev")
            .header("content-range", range)
            .body("abcd")
            .send()
    };
    assert_eq!(patch("0-3").await.unwrap().status(), StatusCode::ACCEPTED);
    assert_eq!(
        patch("9-12").await.unwrap().status(),
        StatusCode::RANGE_NOT_SATISFIABLE
    );
    let second = patch("4-7").await.unwrap();
    assert_eq!(
        (second.status(), &second.headers()["range"]),
        (StatusCode::ACCEPTED, &"0-7".parse().unwrap())
    );
    let canceled = world
        .client
        .delete(&location)
        .bearer_auth("TOKEN-dev")
        .send()
        .await
        .unwrap();
    assert_eq!(canceled.status(), StatusCode::NO_CONTENT);
    assert_eq!(patch("8-11").await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn tag_tracking_another_project_is_pullable() {
    use openshift_standin::cluster::{StoredTagSpec, TagReference};
    let world = SeededStandin::start(Version::V4).await;
    let from = TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: "api:latest".to_owned(),
        namespace: Some("team-a".to_owned()),
    };
    let copy = repository("team-b/copy");
    let spec = StoredTagSpec {
        from: Some(from),
        ..StoredTagSpec::default()
    };
    world
        .demo
        .cluster()
        .set_spec_tag(&copy.project, &copy.stream, &"prod".parse().unwrap(), spec);
    let request = world
        .registry(Method::GET, "/v2/team-b/copy/manifests/prod")
        .header("accept", DOCKER_MANIFEST);
    let manifest: Value = request.send().await.unwrap().json().await.unwrap();
    let config = manifest["config"]["digest"].as_str().unwrap();
    let config = world
        .registry(Method::GET, &format!("/v2/team-b/copy/blobs/{config}"))
        .send()
        .await
        .unwrap();
    assert_eq!(config.status(), StatusCode::OK);
}

#[tokio::test]
async fn manifest_deletion_requires_the_pruner_role() {
    let world = SeededStandin::start(Version::V4).await;
    let api = repository("team-a/api");
    let digest = world
        .demo
        .cluster()
        .tag_digest(&api.project, &api.stream, &"v1".parse().unwrap())
        .unwrap();
    let url = format!(
        "{}/v2/team-a/api/manifests/{digest}",
        world.demo.urls().registry
    );
    let delete = |token: &'static str| world.client.delete(&url).bearer_auth(token).send();
    assert_eq!(
        delete("TOKEN-dev").await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        delete("TOKEN-root").await.unwrap().status(),
        StatusCode::ACCEPTED
    );
    let gone = world
        .client
        .get(&url)
        .bearer_auth("TOKEN-dev")
        .header("accept", DOCKER_MANIFEST)
        .send()
        .await
        .unwrap();
    // Other repositories hold it still, and so does the stream: that does not bring it back.
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}
