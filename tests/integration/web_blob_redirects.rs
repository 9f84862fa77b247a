//! A registry that keeps its blobs in object storage and redirects there.

use std::io::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, StatusCode, header};
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Fault, Upstream};
use openshift_standin::storage::BlobRedirect;
use registry_console::config::{BlobStorage, Config, LogFormat, LogLevel, Telemetry, Trust};
use registry_console::telemetry::logs;
use serde_json::Value;

use crate::demo_world::VERSIONS;
use crate::harness::{World, keep_all_events};

const IMAGE: &str = "/images/team-a/api:v1";
const CASE: &str = include_str!("../cases/40-blob-redirect-307/response.http");

async fn redirecting(version: Version, change: impl FnOnce(&mut Config)) -> World {
    let world = World::configured(version, change).await;
    world.demo.blob_redirects().set(BlobRedirect::Storage);
    world
}

/// The image's page stands; what is said of its missing configuration, and what its JSON says of
/// the storage.
async fn trouble(world: &World) -> (String, Value) {
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(IMAGE).await;
    assert_eq!(
        (page.status, page.select("#raw-manifest").len()),
        (200, 1),
        "the rest of the page stays: {}",
        page.text
    );
    let said = page.texts("main .rc-reasons li");
    assert_eq!(said.len(), 1, "{said:?}");
    let json = dev.json(IMAGE).await.json();
    assert_eq!(
        (&json["config_missing"]["why"], &json["raw_config"]),
        (&"in-storage".into(), &Value::Null)
    );
    (said[0].clone(), json["storage_trouble"].clone())
}

fn host(url: &str) -> &str {
    url.trim_start_matches("https://")
}

#[tokio::test]
async fn a_redirect_to_object_storage_is_followed_once_and_without_any_credential() {
    for version in VERSIONS {
        let world = redirecting(version, |_| {}).await;
        let mut dev = world.signed_in("dev").await;
        let whole = {
            world.demo.blob_redirects().set(BlobRedirect::Off);
            dev.json(IMAGE).await.json()
        };
        for status in [301, 302, 303, 307, 308] {
            world.demo.blob_redirects().set(BlobRedirect::To(
                status,
                format!("{}{{path}}", world.demo.urls().storage),
            ));
            world.forget_asked();
            let json = dev.json(IMAGE).await.json();
            assert_eq!(
                (&json["raw_config"], &json["facts"]),
                (&whole["raw_config"], &whole["facts"]),
                "{status}"
            );
            assert!(whole["raw_config"].is_object() && json.get("storage_trouble").is_none());
            let asked: Vec<_> = world
                .asked()
                .into_iter()
                .filter(|seen| seen.upstream == Upstream::Storage)
                .collect();
            assert_eq!(asked.len(), 1, "{asked:?}");
            for name in [header::AUTHORIZATION, header::COOKIE, header::REFERER] {
                assert_eq!(asked[0].headers.get(&name), None, "{name}");
            }
            assert!(
                !format!("{:?}", asked[0].headers).contains("TOKEN-"),
                "{:?}",
                asked[0].headers
            );
            assert_eq!(asked[0].headers[header::ACCEPT_ENCODING], "identity");
        }
    }
}

#[tokio::test]
async fn a_redirect_of_a_manifest_is_not_followed() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(Upstream::Registry, Fault::Raw(Method::GET, CASE));
    let json = dev.json(IMAGE).await.json();
    assert_eq!(json["registry_missing"]["why"], "unreadable");
    assert!(
        world
            .asked()
            .iter()
            .all(|seen| seen.upstream != Upstream::Storage)
    );
}

#[tokio::test]
async fn what_keeps_the_console_from_object_storage_is_said_with_the_host() {
    let world = redirecting(Version::V4, |_| {}).await;
    let storage = world.demo.urls().storage.clone();
    let big = Bytes::from(vec![b' '; (8 << 20) + 1]);
    let again = "HTTP/1.1 302 Found\nLocation: https://elsewhere.example.com/x\n\n";
    let faults = [
        (
            Fault::Raw(Method::GET, again),
            "redirected-again",
            "it redirects elsewhere",
        ),
        (
            Fault::Status(StatusCode::OK, "another blob".into(), "text/plain"),
            "digest-mismatch",
            "not those that the digest names",
        ),
        (
            Fault::Status(StatusCode::OK, big, "text/plain"),
            "too-large",
            "larger than the console reads",
        ),
        (
            Fault::Status(StatusCode::FORBIDDEN, "<Error/>".into(), "application/xml"),
            "refused",
            "it answered 403",
        ),
        (Fault::Refuse, "unreachable", "REGISTRY_BLOB_REDIRECTS"),
        (Fault::Expired, "untrusted", "has expired"),
        (Fault::Hang, "late", "did not answer in time"),
    ];
    for (fault, why, words) in faults {
        world.fail(Upstream::Storage, fault);
        let (said, json) = trouble(&world).await;
        assert_eq!(
            (&json["why"], &json["host"]),
            (&why.into(), &host(&storage).into())
        );
        let place = format!(
            "The registry keeps its blobs in object storage at {}. The console could not read it: ",
            host(&storage)
        );
        assert!(
            said.contains(&place) && said.contains(words),
            "{why}: {said}"
        );
    }
}

#[tokio::test]
async fn a_redirect_that_leads_to_no_place_to_go_is_refused_before_anything_is_sent() {
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
            .set(BlobRedirect::To(307, location.clone()));
        world.forget_asked();
        let (said, json) = trouble(&world).await;
        assert_eq!(json["why"], why, "{location}: {said}");
        assert!(
            !said.contains("Signature")
                && !said.contains("meta-data")
                && !said.contains("password"),
            "{said}"
        );
        assert!(
            world
                .asked()
                .iter()
                .all(|seen| seen.upstream != Upstream::Storage),
            "{location}"
        );
    }
}

#[tokio::test]
async fn a_name_that_leads_to_the_registrys_own_address_may_be_its_storage() {
    let world = redirecting(Version::V4, |_| {}).await;
    let storage = world.demo.urls().storage.replace("127.0.0.1", "localhost");
    world
        .demo
        .blob_redirects()
        .set(BlobRedirect::To(307, format!("{storage}{{path}}")));
    let mut dev = world.signed_in("dev").await;
    assert!(dev.json(IMAGE).await.json()["raw_config"].is_object());
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_said_with_the_setting_that_adds_it() {
    let world = redirecting(Version::V4, |config| {
        config.registry.storage = BlobStorage::beside(&config.registry.trust, None);
    })
    .await;
    let (said, json) = trouble(&world).await;
    assert_eq!(json["why"], "unknown-authority");
    assert!(said.contains("REGISTRY_BLOB_CA_FILE"), "{said}");
}

#[tokio::test]
async fn redirects_that_are_switched_off_are_not_followed_and_the_page_names_the_setting() {
    let world = redirecting(Version::V4, |config| config.registry.storage.follow = false).await;
    world.forget_asked();
    let (said, json) = trouble(&world).await;
    assert_eq!(
        (&json["why"], &json["host"]),
        (&"off".into(), &host(&world.demo.urls().storage).into())
    );
    assert!(said.contains("REGISTRY_BLOB_REDIRECTS is off"), "{said}");
    assert!(
        world
            .asked()
            .iter()
            .all(|seen| seen.upstream != Upstream::Storage)
    );

    world.demo.blob_redirects().set(BlobRedirect::To(
        307,
        CASE.lines()
            .find_map(|line| line.strip_prefix("Location: "))
            .unwrap()
            .to_owned(),
    ));
    let (said, json) = trouble(&world).await;
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
async fn the_signature_of_an_address_is_in_no_log_and_on_no_page() {
    keep_all_events();
    let lines = CapturedLog::default();
    let writer = lines.clone();
    let settings = Telemetry {
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
        Fault::Expired,
        Fault::Truncate,
        Fault::Status(StatusCode::FORBIDDEN, Bytes::new(), "text/plain"),
    ] {
        world.fail(Upstream::Storage, fault);
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
fn certificates_for_storage_are_added_to_those_of_the_registry_and_of_the_machine() {
    let of = |trust, more| BlobStorage::beside(&trust, more).trust;
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
