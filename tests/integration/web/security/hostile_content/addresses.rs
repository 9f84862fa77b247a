//! Addresses that are not what they seem, in requests and in answers (S33-S36, S39).

use std::fmt::Write as _;

use http::StatusCode;
use openshift_standin::faults::Endpoint;
use registry_model::Digest;
use serde_json::json;

use super::{HOSTILE, HostileRegistry, LAYER, blob, both, config, hostile, manifest};
use crate::harness::canned_server::CannedResponse;
use crate::harness::console::Setup;
use crate::harness::standin_world::OCI_MANIFEST;

// S33
#[tokio::test]
async fn invalid_path_is_rejected_before_any_upstream_request() {
    let world =
        crate::harness::standin_world::World::start(openshift_standin::cluster::Version::V4).await;
    let dev = Setup::of(&world.demo).browser();
    dev.sign_in("dev").await;
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
    world.demo.request_log().clear();
    let mut wrong = String::new();
    for path in paths
        .iter()
        .flat_map(|path| [path.clone(), format!("/api/v1{path}")])
    {
        let status = dev.get(&path).await.status;
        let asked = world.demo.request_log().all();
        world.demo.request_log().clear();
        if !matches!(status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND) || !asked.is_empty() {
            writeln!(
                wrong,
                "{}: {status}, {asked:?}",
                &path[..path.len().min(80)]
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(
        dev.get("/images/team-a/api:v1").await.status,
        StatusCode::OK
    );
    assert!(
        !world
            .demo
            .request_log()
            .requests_to(Endpoint::Registry)
            .is_empty(),
        "the journal does see"
    );
}

// S34
#[tokio::test]
async fn layer_urls_are_never_fetched() {
    let (_world, registry, dev) = hostile().await;
    let trap = HostileRegistry::start().await;
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
    let (page, _) = both(&dev, HOSTILE).await;
    assert!(
        trap.requested_paths().is_empty(),
        "{:?}",
        trap.requested_paths()
    );
    assert!(
        page.raw_text("pre#raw-manifest").contains(&elsewhere[0]),
        "shown as text"
    );
    assert!(
        page.attributes("main a", "href")
            .iter()
            .all(|href| href.starts_with(['/', '#']))
    );
}

// S35
#[tokio::test]
async fn blob_redirect_sends_no_token_and_verifies_the_digest() {
    let (_world, registry, dev) = hostile().await;
    let trap = HostileRegistry::start().await;
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
        registry.set_response(
            path.clone(),
            CannedResponse::new(status, "text/plain", "").header("location", location.as_str()),
        );
        registry.store_manifest(OCI_MANIFEST, manifest(&config, &json!([])).to_string());
        let (page, json) = both(&dev, HOSTILE).await;
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
                .any(|text| text.contains("are not those that the digest names")),
            "{:?}",
            page.missing()
        );
    }
    assert_eq!(trap.requested_paths(), ["/blob"; 8]);
    assert!(
        trap.seen
            .lock()
            .unwrap()
            .iter()
            .all(|seen| !seen.with_token),
        "{:?}",
        trap.seen
    );
    assert!(
        registry
            .seen
            .lock()
            .unwrap()
            .iter()
            .all(|seen| seen.with_token),
        "the registry itself gets it"
    );
}

// S36
#[tokio::test]
async fn token_never_follows_a_realm_or_link_to_another_host() {
    let (_world, registry, dev) = hostile().await;
    let trap = HostileRegistry::start().await;
    let realm = format!(
        "Bearer realm=\"{}\",service=\"x\"",
        trap.url.join("/token").unwrap()
    );
    registry.set_response(
        "/v2/team-a/api/manifests/v1",
        CannedResponse::new(401, "application/json", "{}").header("www-authenticate", &realm),
    );
    let link = format!(
        "<{}>; rel=\"next\"",
        trap.url
            .join("/v2/team-a/api/tags/list?last=v1&n=100")
            .unwrap()
    );
    registry.set_response(
        "/v2/team-a/api/tags/list?n=100",
        CannedResponse::json(200, &json!({ "tags": ["v1"] })).header("link", &link),
    );
    registry.set_response(
        "/v2/team-a/api/tags/list?n=100&last=v1",
        CannedResponse::json(200, &json!({ "tags": ["v2"] })),
    );
    // S19: the person stays signed in.
    let (page, _) = both(&dev, "/images/team-a/api:v1").await;
    assert_eq!(
        page.missing(),
        [
            "The image registry does not show you this: your roles do not include it. An administrator of the project can give you one that does."
        ]
    );
    let (_, stream) = both(&dev, "/images/team-a/api").await;
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

const MISMATCH: &str = "The image registry sent bytes that are not those that the digest names, so they are not shown. \
    Tell whoever runs the cluster.";

// S39
#[tokio::test]
async fn digest_mismatch_is_rejected_and_logged() {
    let log = super::logs::CapturedLogLines::default();
    let _listening = log.capture();
    let (world, registry, dev) = hostile().await;
    let api = crate::harness::standin_world::repository("team-a/api");
    let digest = world
        .demo
        .cluster()
        .tag_digest(&api.project, &api.stream, &"v1".parse().unwrap())
        .unwrap();
    let config = registry.store_blob(config());
    let other = manifest(&config, &json!([])).to_string();
    registry.set_response(
        format!("/v2/team-a/api/manifests/{digest}"),
        CannedResponse::new(200, OCI_MANIFEST, other.clone()),
    );
    let lies = CannedResponse::new(200, OCI_MANIFEST, other.clone())
        .header("docker-content-digest", &digest.to_string());
    registry.set_response("/v2/team-a/api/manifests/v1", lies);
    for path in [
        format!("/images/team-a/api@{digest}"),
        "/images/team-a/api:v1".to_owned(),
    ] {
        let (page, json) = both(&dev, &path).await;
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
    registry.set_response(
        blob,
        CannedResponse::new(
            200,
            "application/octet-stream",
            r#"{"architecture":"forged"}"#,
        ),
    );
    registry.store_manifest(OCI_MANIFEST, other);
    let (page, json) = both(&dev, HOSTILE).await;
    assert!(
        page.missing().contains(&MISMATCH.to_owned()) && !page.body.contains("forged"),
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
