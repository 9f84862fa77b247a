//! Addresses that are not what they seem, in requests and in answers (S33-S36, S39).

use std::fmt::Write as _;

use http::header::AUTHORIZATION;
use openshift_standin::cluster::Version;
use openshift_standin::faults::Endpoint;
use registry_console::config::LogFormat;
use registry_console::web::SESSION_COOKIE;
use registry_model::Digest;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{HOSTILE, LAYER, blob, both, config, hostile, manifest};
use crate::harness::canned_server::{CannedResponse, CannedServer, ReceivedRequest};
use crate::harness::console::share_session_key;
use crate::harness::seeded_standin::OCI_MANIFEST;
use crate::harness::{Console, Log, World};

/// The status for exactly this path: URL parsers remove dot segments.
async fn raw_status(console: &Console, path: &str, session: &str) -> u16 {
    let host = console.url().authority();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {SESSION_COOKIE}={session}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.unwrap();
    let response = String::from_utf8_lossy(&response);
    response.split(' ').nth(1).unwrap().parse().unwrap()
}

// S33
#[tokio::test]
async fn invalid_path_is_rejected_before_any_upstream_request() {
    let world = World::builder(Version::V4)
        .settings(share_session_key)
        .start()
        .await;
    let console = world
        .replica()
        .settings(share_session_key)
        .settings(|config| config.listen.plain_http_only = true)
        .index()
        .start()
        .await;
    let dev = world.signed_in("dev").await;
    let session = dev.cookie(SESSION_COOKIE).unwrap();
    let long = "a".repeat(8_000);
    let odd = [
        "..%2f..%2fapi%2fv1%2fsecrets",
        "..",
        "%2e%2e",
        "%00",
        "a%00",
        "a%2fb",
        "a%2Fb",
        "%252e%252e",
        "%252f",
        "a%3fx",
        "a%23",
        "a%20b",
        "%0d%0aX:1",
        "TEAM",
        "-a",
        "a_b%0a",
        "%ff",
        "%E2%80%AE",
        "a;b",
        "a%5cb",
        &long,
    ];
    let mut paths = Vec::new();
    for name in odd {
        paths.extend([
            format!("/images/{name}"),
            format!("/projects/{name}"),
            format!("/images/{name}/api"),
            format!("/images/team-a/{name}"),
        ]);
        paths.extend([
            format!("/images/team-a/api@{name}"),
            format!("/images/team-a/api@sha256:{name}"),
        ]);
        // These are lawful in a tag, or lead back to the stream.
        if !matches!(name, "TEAM") {
            paths.push(format!("/images/team-a/api:{name}"));
        }
    }
    paths.extend(
        [
            "/images/team-a/api:",
            "/images/team-a/@sha256:",
            "/images/team-a/:v1",
            "/images/team-a/api:v1@sha256:0",
            "/images//api",
        ]
        .map(str::to_owned),
    );
    paths.push(format!("/images/team-a/api@sha256:{}", "A".repeat(64)));
    world.clear_requests();
    let mut wrong = String::new();
    for path in paths
        .iter()
        .flat_map(|path| [path.clone(), format!("/api/v1{path}")])
    {
        let status = raw_status(&console, &path, session).await;
        let requests = world.requests();
        world.clear_requests();
        if !matches!(status, 400 | 404) || !requests.is_empty() {
            writeln!(
                wrong,
                "{}: {status}, {requests:?}",
                &path[..path.len().min(80)]
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let valid = raw_status(&console, "/images/team-a/api:v1", session).await;
    assert_eq!(valid, 200);
    assert!(
        !world
            .demo
            .request_log()
            .requests_to(Endpoint::Registry)
            .is_empty(),
        "the requests are logged"
    );
}

// S34
#[tokio::test]
async fn layer_urls_are_never_fetched() {
    let (_world, registry, mut dev) = hostile().await;
    let trap = CannedServer::start().await;
    let mut layer = blob(LAYER, b"layer");
    let elsewhere = [
        trap.url.join("/layer").unwrap().to_string(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ];
    layer["urls"] = json!(elsewhere);
    let mut config = blob("application/vnd.oci.image.config.v1+json", b"not there");
    config["urls"] = json!(elsewhere);
    config["data"] = "bm90IHRoZXJl".into();
    registry.store_manifest(OCI_MANIFEST, manifest(&config, &json!([layer])).to_string());
    let (page, _) = both(&mut dev, HOSTILE).await;
    assert!(
        trap.requested_paths().is_empty(),
        "{:?}",
        trap.requested_paths()
    );
    assert!(
        page.raw_text_of("pre#raw-manifest").contains(&elsewhere[0]),
        "shown as text"
    );
    assert!(
        page.attributes("main a", "href")
            .iter()
            .all(|href| href.starts_with(['/', '#']))
    );
}

fn has_token(request: &ReceivedRequest) -> bool {
    request.headers.contains_key(AUTHORIZATION)
}

// S35
#[tokio::test]
async fn blob_redirect_sends_no_token_and_verifies_the_digest() {
    let (_world, registry, mut dev) = hostile().await;
    let trap = CannedServer::start().await;
    let config = registry.store_blob(config());
    let path = format!(
        "/v2/team-a/hostile/blobs/{}",
        config["digest"].as_str().unwrap()
    );
    trap.set_response(
        "/blob",
        CannedResponse::new(200, "application/octet-stream", "another blob"),
    );
    for status in [307, 302, 301, 308] {
        let location = trap.url.join("/blob").unwrap();
        registry.server.set_response(
            path.clone(),
            CannedResponse::new(status, "text/plain", "").header("location", location.as_str()),
        );
        registry.store_manifest(OCI_MANIFEST, manifest(&config, &json!([])).to_string());
        let (page, json) = both(&mut dev, HOSTILE).await;
        assert_eq!(
            (
                &json["config_missing"]["why"],
                &json["storage_trouble"]["why"]
            ),
            (&"in-storage".into(), &"digest-mismatch".into())
        );
        assert!(
            page.missing()
                .iter()
                .any(|text| text.contains("does not match the digest")),
            "{:?}",
            page.missing()
        );
    }
    assert_eq!(trap.requested_paths(), ["/blob"; 8]);
    assert!(
        trap.requests().iter().all(|request| !has_token(request)),
        "{:?}",
        trap.requests()
    );
    assert!(
        registry.server.requests().iter().all(has_token),
        "the registry itself gets it"
    );
}

// S36
#[tokio::test]
async fn token_never_follows_a_realm_or_link_to_another_host() {
    let (_world, registry, mut dev) = hostile().await;
    let trap = CannedServer::start().await;
    let realm = format!(
        "Bearer realm=\"{}\",service=\"x\"",
        trap.url.join("/token").unwrap()
    );
    registry.server.set_response(
        "/v2/team-a/api/manifests/v1",
        CannedResponse::new(401, "application/json", "{}").header("www-authenticate", &realm),
    );
    let link = format!(
        "<{}>; rel=\"next\"",
        trap.url
            .join("/v2/team-a/api/tags/list?last=v1&n=100")
            .unwrap()
    );
    registry.server.set_response(
        "/v2/team-a/api/tags/list?n=100",
        CannedResponse::json(200, &json!({ "tags": ["v1"] })).header("link", &link),
    );
    registry.server.set_response(
        "/v2/team-a/api/tags/list?n=100&last=v1",
        CannedResponse::json(200, &json!({ "tags": ["v2"] })),
    );
    // S19: the user stays signed in.
    let (page, _) = both(&mut dev, "/images/team-a/api:v1").await;
    assert_eq!(
        page.missing(),
        [
            "You don't have permission to view this. The image registry denied the request. Ask a project administrator for a role that includes it."
        ]
    );
    let (_, stream) = both(&mut dev, "/images/team-a/api").await;
    assert_eq!(
        stream["registry"], 2,
        "the next page is asked of the registry itself"
    );
    assert!(
        trap.requested_paths().is_empty(),
        "{:?}",
        trap.requested_paths()
    );
}

const MISMATCH: &str = "The image registry sent content that does not match the digest, so it is not shown. Contact the cluster administrator.";

// S39
#[tokio::test]
async fn digest_mismatch_is_rejected_and_logged() {
    let log = Log::start_as(LogFormat::Text);
    let (world, registry, mut dev) = hostile().await;
    let api = crate::harness::seeded_standin::repository("team-a/api");
    let digest = world
        .demo
        .cluster()
        .tag_digest(&api.project, &api.stream, &"v1".parse().unwrap())
        .unwrap();
    let config = registry.store_blob(config());
    let other = manifest(&config, &json!([])).to_string();
    registry.server.set_response(
        format!("/v2/team-a/api/manifests/{digest}"),
        CannedResponse::new(200, OCI_MANIFEST, other.clone()),
    );
    let lies = CannedResponse::new(200, OCI_MANIFEST, other.clone())
        .header("docker-content-digest", &digest.to_string());
    registry
        .server
        .set_response("/v2/team-a/api/manifests/v1", lies);
    for path in [
        format!("/images/team-a/api@{digest}"),
        "/images/team-a/api:v1".to_owned(),
    ] {
        let (page, json) = both(&mut dev, &path).await;
        assert_eq!(
            (page.missing(), &json["raw_manifest"]),
            (vec![MISMATCH.to_owned()], &json!(null)),
            "{path}"
        );
    }
    assert!(
        log.text()
            .contains(&format!("do not have the digest {digest}")),
        "{}",
        log.text()
    );
    // The same of a config.
    let blob = format!(
        "/v2/team-a/hostile/blobs/{}",
        config["digest"].as_str().unwrap()
    );
    registry.server.set_response(
        blob,
        CannedResponse::new(
            200,
            "application/octet-stream",
            r#"{"architecture":"forged"}"#,
        ),
    );
    registry.store_manifest(OCI_MANIFEST, other);
    let (page, json) = both(&mut dev, HOSTILE).await;
    assert!(
        page.missing().contains(&MISMATCH.to_owned()) && !page.text.contains("forged"),
        "{:?}",
        page.missing()
    );
    assert_eq!(
        (&json["raw_config"], &json["digest"]),
        (
            &json!(null),
            &json!(Digest::sha256(
                manifest(&config, &json!([])).to_string().as_bytes()
            ))
        )
    );
}
