//! The certificate of the registry's authority: which one is handed out, and which never is.

use openshift_standin::cluster::Version;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use chrono::TimeDelta;
use rcgen::{CertificateParams, DnType, KeyPair};
use registry_console::config::{Config, Trust};
use registry_console::outbound::{Request, TimeLimits, Upstream, UpstreamName};
use registry_console::server;
use rstest::rstest;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::harness::tls_server::{RunningServer, TestAuthority};
use crate::harness::{Page, World};

const CA: &str = "/connect/ca.crt";

fn pem(trust: &Trust) -> String {
    match trust {
        Trust::Only(pem) | Trust::SystemAnd(pem) => pem.clone(),
        other => panic!("{other:?}"),
    }
}

/// A console whose settings have the registry at `address`, and `trust` for the registry.
async fn world_with_registry_certificate(address: SocketAddr, trust: Trust) -> World {
    World::builder(Version::V4)
        .settings(|config: &mut Config| {
            config.registry.public_host = Some(address.to_string());
            config.registry.trust = trust;
        })
        .start()
        .await
}

/// The texts of the page, and its JSON.
async fn authority(world: &World) -> (String, serde_json::Value) {
    let mut dev = world.signed_in("dev").await;
    let text = dev.get("/connect").await.text_of("#authority");
    (text, dev.json("/connect").await.json()["authority"].clone())
}

/// What the command that checks `ca.crt` prints of a certificate, and whether it leaves the file
/// where it is.
fn run_verify_command(command: &str, pem: &str) -> (String, bool) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.crt");
    std::fs::write(&file, pem).unwrap();
    let done = std::process::Command::new("/bin/sh")
        .args(["-c", command])
        .current_dir(folder.path())
        .output()
        .unwrap();
    (
        String::from_utf8(done.stdout).unwrap().trim().to_owned(),
        file.exists(),
    )
}

/// Nothing is handed out, and nothing that could be taken for a certificate.
#[track_caller]
fn assert_ca_not_found(page: &Page) {
    assert_eq!(
        (page.status, page.text_of("h1").as_str()),
        (404, "There is no CA certificate to download")
    );
    assert!(!page.text.contains("BEGIN CERTIFICATE"), "{}", page.text);
}

#[rstest]
#[tokio::test]
async fn offered_ca_verifies_the_registry_certificate(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let stranger = pem(&TestAuthority::new("stranger").trust());
    let world = World::builder(version)
        .settings(|config| {
            config.registry.trust =
                Trust::SystemAnd(format!("{stranger}\n{}", pem(&config.registry.trust)));
        })
        .start()
        .await;
    let page = world.browser().get(CA).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "application/x-pem-file")
    );
    assert_eq!(
        page.header("content-disposition"),
        "attachment; filename=\"ca.crt\""
    );
    let der = |pem: &str| {
        CertificateDer::pem_slice_iter(pem.as_bytes())
            .map(Result::unwrap)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        der(&page.text),
        der(world.demo.ca_pem()),
        "the one that vouches, and not its neighbour"
    );

    let registry = Url::parse(&world.demo.urls().registry).unwrap();
    let client = Upstream::new(
        UpstreamName::Registry,
        &registry,
        &Trust::Only(page.text.clone()),
        TimeLimits::default(),
    )
    .unwrap();
    assert_eq!(
        client
            .send(Request::get("look", "/v2/"))
            .await
            .unwrap()
            .status,
        401,
        "a client that knows nothing else gets through"
    );

    let (text, json) = authority(&world).await;
    assert_eq!(
        (json["state"].as_str(), json["of"].as_str()),
        (Some("known"), Some("registry")),
        "{json:#}"
    );
    let fingerprint = json["certificate"]["fingerprint"].as_str().unwrap();
    assert!(
        text.contains(fingerprint) && text.contains("registry-console demonstration CA"),
        "{text}"
    );
    let commands = world
        .signed_in("dev")
        .await
        .get("/connect")
        .await
        .texts(".rc-command code");
    // The console's own certificate is one that clients do not trust: what is fetched is
    // checked in place of where it comes from.
    assert!(
        commands.contains(&format!("curl -fsSk -o ca.crt {}{CA}", world.origin())),
        "{commands:#?}"
    );
    let check = commands
        .iter()
        .find(|command| command.starts_with("openssl x509 -in ca.crt"))
        .unwrap();
    assert_eq!(
        run_verify_command(check, &page.text),
        (format!("sha256 Fingerprint={fingerprint}"), true)
    );
    assert_eq!(
        run_verify_command(check, &stranger),
        (String::new(), false),
        "another certificate is removed"
    );
}

#[tokio::test]
async fn ca_configured_for_another_upstream_is_offered_if_it_verifies() {
    let world = World::builder(Version::V4)
        .settings(|config| config.registry.trust = TestAuthority::new("stranger").trust())
        .start()
        .await;
    assert_eq!(world.browser().get(CA).await.status, 200);
    let (_, json) = authority(&world).await;
    assert_eq!(
        (json["state"].as_str(), json["of"].as_str()),
        (Some("known"), Some("oauth"))
    );
}

#[tokio::test]
async fn unverified_certificate_is_never_offered() {
    let elsewhere = RunningServer::start(Router::new(), server::ServerLimits::default()).await;
    let world =
        world_with_registry_certificate(elsewhere.address, TestAuthority::new("stranger").trust())
            .await;
    assert_ca_not_found(&world.browser().get(CA).await);
    let (text, json) = authority(&world).await;
    assert_eq!(json["state"], "unknown");
    let shown = &json["shown"][0];
    assert!(
        text.contains("not verified") && text.contains(shown["fingerprint"].as_str().unwrap()),
        "{text}"
    );
    let page = world.signed_in("dev").await.get("/connect").await;
    assert!(
        !page.text.contains("BEGIN CERTIFICATE")
            && page.select(&format!("a[href='{CA}']")).is_empty()
    );
    assert!(
        !page
            .texts(".rc-command code")
            .iter()
            .any(|command| command.starts_with("curl"))
    );
    let renewed = world_with_registry_certificate(
        elsewhere.address,
        TestAuthority::new("console authority").trust(),
    )
    .await;
    assert_ca_not_found(&renewed.browser().get(CA).await);
}

/// Serves nothing, with a certificate of this name that nobody but itself has signed.
async fn self_signed(name: &str) -> (SocketAddr, String) {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let config = config
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], key)
        .unwrap();
    let (acceptor, listener) = (
        TlsAcceptor::from(Arc::new(config)),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    );
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            // A client that does not trust it closes the connection.
            let _ = acceptor.accept(socket).await;
        }
    });
    (address, made.pem())
}

#[tokio::test]
async fn registry_leaf_certificate_is_never_offered_as_ca() {
    let (address, own) = self_signed("registry").await;
    let world = world_with_registry_certificate(address, Trust::Only(own)).await;
    assert_ca_not_found(&world.browser().get(CA).await);
    let (text, json) = authority(&world).await;
    assert_eq!(json["state"], "only-itself", "{json:#}");
    assert!(text.contains("is self-signed"), "{text}");
}

#[tokio::test]
async fn faults_that_trust_does_not_fix_are_named() {
    for (host, year, word) in [
        ("other.example.com", 2100, "for a different name"),
        ("127.0.0.1", 2001, "has expired"),
    ] {
        let odd = RunningServer::start_as(
            Router::new(),
            server::ServerLimits::default(),
            host,
            year,
            true,
        )
        .await;
        let world = world_with_registry_certificate(odd.address, odd.authority.trust()).await;
        assert_eq!(world.browser().get(CA).await.status, 200);
        let (text, json) = authority(&world).await;
        assert!(text.contains(word), "{text}");
        assert_eq!(
            (json["wrong_name"].as_bool(), json["expired"].as_bool()),
            (Some(year == 2100), Some(year == 2001))
        );
    }
}

#[tokio::test]
async fn unavailable_certificate_has_a_reason() {
    let plain = RunningServer::start_plain(Router::new(), server::ServerLimits::default()).await;
    let world = world_with_registry_certificate(plain.address, Trust::System).await;
    assert_ca_not_found(&world.browser().get(CA).await);
    assert_eq!(
        authority(&world).await.1,
        serde_json::json!({ "state": "not-seen", "why": "no-tls" })
    );
    let nowhere = World::builder(Version::V3_9)
        .settings(|config| config.registry.public_host = None)
        .start()
        .await;
    assert_ca_not_found(&nowhere.browser().get(CA).await);
    assert!(authority(&nowhere).await.0.contains("REGISTRY_HOST"));
}

/// The page needs no session, and the console connects to the registry at most once a minute.
#[tokio::test]
async fn seen_certificate_is_cached_for_a_minute() {
    let mut server = RunningServer::start(Router::new(), server::ServerLimits::default()).await;
    let world = world_with_registry_certificate(server.address, server.authority.trust()).await;
    assert_eq!(world.browser().get(CA).await.status, 200);
    server.stop();
    server.wait_until_stopped().await;
    world.advance(TimeDelta::seconds(59));
    assert_eq!(world.browser().get(CA).await.status, 200);
    world.advance(TimeDelta::seconds(1));
    assert_eq!(world.browser().get(CA).await.status, 404);
}

/// S30.
#[tokio::test]
async fn certificate_fields_are_escaped() {
    let (address, _) = self_signed("<img src=x>\u{202e}").await;
    let world =
        world_with_registry_certificate(address, TestAuthority::new("stranger").trust()).await;
    for page in [
        world.browser().get(CA).await,
        world.signed_in("dev").await.get("/connect").await,
    ] {
        assert!(
            page.select("main img").is_empty()
                && page.text_of("#authority").contains("<img src=x>U+202E"),
            "{}",
            page.text_of("main")
        );
    }
}
