//! A registry that keeps its blobs in object storage and redirects there.

use std::io::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, StatusCode, header};
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use openshift_standin::storage::BlobRedirect;
use registry_console::config::{
    BlobStorageSettings, Config, LogFormat, LogLevel, LogSettings, Trust,
};
use registry_console::telemetry::logs;
use rstest::rstest;
use serde_json::Value;

use crate::harness::{World, keep_all_events};

const IMAGE: &str = "/images/team-a/api:v1";
const CASE: &str = include_str!("../../../cases/40-blob-redirect-307/response.http");

async fn redirecting(version: Version, change: impl FnOnce(&mut Config)) -> World {
    let world = World::builder(version).settings(change).start().await;
    world.demo.blob_redirects().set(BlobRedirect::Storage);
    world
}

/// The image's page stands; what is said of its missing configuration, and what its JSON says of
/// the storage.
async fn storage_error(world: &World) -> (String, Value) {
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(IMAGE).await;
    assert_eq!(
        (page.status, page.select("#raw-manifest").len()),
        (200, 1),
        "the rest of the page stays: {}",
        page.text
    );
    let text = page.texts("main .rc-reasons li");
    assert_eq!(text.len(), 1, "{text:?}");
    let json = dev.json(IMAGE).await.json();
    assert_eq!(
        (&json["config_missing"]["why"], &json["raw_config"]),
        (&"in-storage".into(), &Value::Null)
    );
    (text[0].clone(), json["storage_trouble"].clone())
}

fn host(url: &str) -> &str {
    url.trim_start_matches("https://")
}

#[rstest]
#[tokio::test]
async fn storage_redirect_is_followed_once_without_credentials(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = redirecting(version, |_| {}).await;
    let mut dev = world.signed_in("dev").await;
    let whole = {
        world.demo.blob_redirects().set(BlobRedirect::Off);
        dev.json(IMAGE).await.json()
    };
    for status in [301, 302, 303, 307, 308] {
        world.demo.blob_redirects().set(BlobRedirect::Custom(
            status,
            format!("{}{{path}}", world.demo.urls().storage),
        ));
        world.clear_requests();
        let json = dev.json(IMAGE).await.json();
        assert_eq!(
            (&json["raw_config"], &json["facts"]),
            (&whole["raw_config"], &whole["facts"]),
            "{status}"
        );
        assert!(whole["raw_config"].is_object() && json.get("storage_trouble").is_none());
        let requests: Vec<_> = world
            .requests()
            .into_iter()
            .filter(|request| request.endpoint == Endpoint::Storage)
            .collect();
        assert_eq!(requests.len(), 1, "{requests:?}");
        for name in [header::AUTHORIZATION, header::COOKIE, header::REFERER] {
            assert_eq!(requests[0].headers.get(&name), None, "{name}");
        }
        assert!(
            !format!("{:?}", requests[0].headers).contains("TOKEN-"),
            "{:?}",
            requests[0].headers
        );
        assert_eq!(requests[0].headers[header::ACCEPT_ENCODING], "identity");
    }
}

#[tokio::test]
async fn manifest_redirect_is_not_followed() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(Endpoint::Registry, Fault::RawResponse(Method::GET, CASE));
    let json = dev.json(IMAGE).await.json();
    assert_eq!(json["registry_missing"]["why"], "unreadable");
    assert!(
        world
            .requests()
            .iter()
            .all(|request| request.endpoint != Endpoint::Storage)
    );
}

#[tokio::test]
async fn storage_error_names_the_host() {
    let world = redirecting(Version::V4, |_| {}).await;
    let storage = world.demo.urls().storage.clone();
    let big = Bytes::from(vec![b' '; (8 << 20) + 1]);
    let again = "HTTP/1.1 302 Found\nLocation: https://elsewhere.example.com/x\n\n";
    let faults = [
        (
            Fault::RawResponse(Method::GET, again),
            "redirected-again",
            "it redirects again",
        ),
        (
            Fault::Status(StatusCode::OK, "another blob".into(), "text/plain"),
            "digest-mismatch",
            "does not match the digest",
        ),
        (
            Fault::Status(StatusCode::OK, big, "text/plain"),
            "too-large",
            "larger than the limit of the console",
        ),
        (
            Fault::Status(StatusCode::FORBIDDEN, "<Error/>".into(), "application/xml"),
            "refused",
            "it returned 403",
        ),
        (Fault::Refuse, "unreachable", "REGISTRY_BLOB_REDIRECTS"),
        (Fault::ExpiredCertificate, "untrusted", "has expired"),
        (Fault::Hang, "late", "did not respond in time"),
    ];
    for (fault, why, words) in faults {
        world.fail(Endpoint::Storage, fault);
        let (said, json) = storage_error(&world).await;
        assert_eq!(
            (&json["why"], &json["host"]),
            (&why.into(), &host(&storage).into())
        );
        let place = format!(
            "The registry stores its blobs in object storage at {}. The console could not read it: ",
            host(&storage)
        );
        assert!(
            said.contains(&place) && said.contains(words),
            "{why}: {said}"
        );
    }
}

#[tokio::test]
async fn blocked_redirect_target_is_rejected_before_sending() {
    let world = redirecting(Version::V4, |_| {}).await;
    let port = world
        .demo
        .urls()
        .storage
        .rsplit_once(':')
        .unwrap()
        .1
        .to_owned();
    for (location, why) in [
        (format!("http://127.0.0.1:{port}{{path}}"), "not-https"),
        (
            format!("https://127.0.0.2:{port}{{path}}"),
            "forbidden-address",
        ),
        (
            format!("https://[::ffff:127.0.0.2]:{port}{{path}}"),
            "forbidden-address",
        ),
        (
            "https://169.254.169.254/latest/meta-data/".to_owned(),
            "forbidden-address",
        ),
        (
            format!("https://user:password@127.0.0.1:{port}{{path}}"),
            "no-address",
        ),
        ("ftp://storage.example.com{path}".to_owned(), "no-address"),
    ] {
        world
            .demo
            .blob_redirects()
            .set(BlobRedirect::Custom(307, location.clone()));
        world.clear_requests();
        let (said, json) = storage_error(&world).await;
        assert_eq!(json["why"], why, "{location}: {said}");
        assert!(
            !said.contains("Signature")
                && !said.contains("meta-data")
                && !said.contains("password"),
            "{said}"
        );
        assert!(
            world
                .requests()
                .iter()
                .all(|request| request.endpoint != Endpoint::Storage),
            "{location}"
        );
    }
}

#[tokio::test]
async fn storage_on_the_registrys_address_is_allowed() {
    let world = redirecting(Version::V4, |_| {}).await;
    let storage = world.demo.urls().storage.replace("127.0.0.1", "localhost");
    world
        .demo
        .blob_redirects()
        .set(BlobRedirect::Custom(307, format!("{storage}{{path}}")));
    let mut dev = world.signed_in("dev").await;
    assert!(dev.json(IMAGE).await.json()["raw_config"].is_object());
}

#[tokio::test]
async fn untrusted_storage_names_its_trust_setting() {
    let world = redirecting(Version::V4, |config| {
        config.registry.storage =
            BlobStorageSettings::from_registry_trust(&config.registry.trust, None);
    })
    .await;
    let (said, json) = storage_error(&world).await;
    assert_eq!(json["why"], "unknown-authority");
    assert!(said.contains("REGISTRY_BLOB_CA_FILE"), "{said}");
}

#[tokio::test]
async fn disabled_redirects_name_the_setting() {
    let world = redirecting(Version::V4, |config| {
        config.registry.storage.follow_redirects = false
    })
    .await;
    world.clear_requests();
    let (said, json) = storage_error(&world).await;
    assert_eq!(
        (&json["why"], &json["host"]),
        (&"off".into(), &host(&world.demo.urls().storage).into())
    );
    assert!(said.contains("REGISTRY_BLOB_REDIRECTS is off"), "{said}");
    assert!(
        world
            .requests()
            .iter()
            .all(|request| request.endpoint != Endpoint::Storage)
    );

    world.demo.blob_redirects().set(BlobRedirect::Custom(
        307,
        CASE.lines()
            .find_map(|line| line.strip_prefix("Location: "))
            .unwrap()
            .to_owned(),
    ));
    let (said, json) = storage_error(&world).await;
    assert_eq!(json["host"], "storage.example.com");
    assert!(!said.contains("X-Amz"), "{said}");
}

#[derive(Clone, Default)]
struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn signed_url_is_absent_from_log_and_pages() {
    keep_all_events();
    let lines = CapturedLog::default();
    let writer = lines.clone();
    let settings = LogSettings {
        format: LogFormat::Text,
        level: LogLevel::Trace,
    };
    let _here =
        tracing::subscriber::set_default(logs::subscriber(&settings, move || writer.clone()));
    let world = redirecting(Version::V4, |_| {}).await;
    let mut dev = world.signed_in("dev").await;
    let mut pages = dev.get(IMAGE).await.text;
    for fault in [
        Fault::Refuse,
        Fault::ExpiredCertificate,
        Fault::TruncateBody,
        Fault::Status(StatusCode::FORBIDDEN, Bytes::new(), "text/plain"),
    ] {
        world.fail(Endpoint::Storage, fault);
        pages += &dev.get(IMAGE).await.text;
        pages += &dev.json(IMAGE).await.text;
    }
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains(host(&world.demo.urls().storage)),
        "the host is there: {log}"
    );
    for secret in ["X-Amz", "/bucket/"] {
        assert!(!log.contains(secret), "{log}");
        assert!(!pages.contains(secret));
    }
}

#[test]
fn storage_trust_adds_to_registry_and_system_trust() {
    let of = |trust, more| BlobStorageSettings::from_registry_trust(&trust, more).trust;
    assert_eq!(
        of(Trust::Only("a".to_owned()), Some("b")),
        Trust::SystemAnd("a\nb".to_owned())
    );
    assert_eq!(
        of(Trust::SystemAnd("a".to_owned()), None),
        Trust::SystemAnd("a".to_owned())
    );
    assert_eq!(
        (of(Trust::System, None), of(Trust::System, Some("b"))),
        (Trust::System, Trust::SystemAnd("b".to_owned()))
    );
}
