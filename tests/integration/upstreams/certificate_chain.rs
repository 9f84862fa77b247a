//! Looking at the certificates that a server shows.

use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use chrono::{DateTime, Utc};
use registry_console::config::Trust;
use registry_console::outbound::certificate_chain::{
    ChainFault, InspectionError, PresentedChain, TrustVerdict, inspect,
};
use registry_console::server::ServerLimits;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use crate::harness::tls_server::{RunningServer, TEST_TIMEOUT, TestAuthority, within};

fn today() -> DateTime<Utc> {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

async fn presented_chain(server: &RunningServer, trust: &Trust) -> PresentedChain {
    let url = Url::parse(&format!("https://{}", server.address)).unwrap();
    within(inspect(&url, trust, today(), TEST_TIMEOUT))
        .await
        .unwrap()
}

fn faults(presented: PresentedChain) -> Vec<ChainFault> {
    match presented.verdict {
        TrustVerdict::Untrusted(faults) => faults,
        other => panic!("{other:?}"),
    }
}

fn pem(trust: &Trust) -> String {
    let Trust::Only(pem) = trust else {
        unreachable!()
    };
    pem.clone()
}

#[tokio::test]
async fn trusted_chain_names_its_authority() {
    let server = RunningServer::start(Router::new(), ServerLimits::default()).await;
    let both = Trust::Only(format!(
        "{}\n{}",
        pem(&TestAuthority::new("another").trust()),
        pem(&server.authority.trust())
    ));
    let presented = presented_chain(&server, &both).await;
    assert_eq!(
        (presented.address, &presented.verdict),
        (server.address, &TrustVerdict::Trusted)
    );
    let own = &presented.chain[0];
    assert_eq!(
        (own.names.as_slice(), own.is_authority),
        (["127.0.0.1".to_owned()].as_slice(), false)
    );
    assert_eq!(own.not_after.to_rfc3339(), "2100-12-31T00:00:00+00:00");
    assert_eq!(own.issuer, "CN=console authority");
    let root = presented.configured.expect("configured");
    assert_eq!(
        (
            root.subject.as_str(),
            root.is_authority,
            root.is_self_signed()
        ),
        ("CN=console authority", true, true)
    );
    let der = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    assert_eq!(
        der(&root.pem),
        der(&pem(&server.authority.trust())),
        "its PEM is the authority itself"
    );
    assert_eq!(root.fingerprint.len(), 95, "{}", root.fingerprint);
    assert_eq!(presented.system, None, "no machine trusts it");
}

#[tokio::test]
async fn untrusted_chain_is_shown_with_the_reason() {
    let server = RunningServer::start(Router::new(), ServerLimits::default()).await;
    let presented = presented_chain(&server, &TestAuthority::new("another").trust()).await;
    assert_eq!((presented.chain.len(), &presented.configured), (1, &None));
    assert_eq!(faults(presented), [ChainFault::IssuerMissing]);
    assert_eq!(
        faults(presented_chain(&server, &Trust::System).await),
        [ChainFault::IssuerMissing]
    );
    let renewed = TestAuthority::new("console authority").trust();
    assert_eq!(
        faults(presented_chain(&server, &renewed).await),
        [ChainFault::AuthorityRenewed]
    );
    assert_eq!(
        presented_chain(&server, &Trust::SystemAnd(pem(&server.authority.trust())))
            .await
            .verdict,
        TrustVerdict::Trusted
    );
    assert_eq!(
        presented_chain(&server, &Trust::Unverified).await.verdict,
        TrustVerdict::AnybodyIs
    );
}

#[tokio::test]
async fn expired_or_misnamed_certificate_reports_every_fault() {
    let old = RunningServer::start_as(
        Router::new(),
        ServerLimits::default(),
        "127.0.0.1",
        2001,
        true,
    )
    .await;
    let presented = presented_chain(&old, &old.authority.trust()).await;
    assert!(
        presented.configured.is_some(),
        "the authority is the right one"
    );
    assert_eq!(faults(presented), [ChainFault::Expired]);
    assert_eq!(
        faults(presented_chain(&old, &Trust::System).await),
        [ChainFault::Expired, ChainFault::IssuerMissing]
    );
    let misnamed = RunningServer::start_as(
        Router::new(),
        ServerLimits::default(),
        "other.example.com",
        2100,
        true,
    )
    .await;
    let presented = presented_chain(&misnamed, &misnamed.authority.trust()).await;
    assert_eq!(presented.chain[0].names, ["other.example.com"]);
    assert_eq!(faults(presented), [ChainFault::WrongName]);
    assert_eq!(
        faults(presented_chain(&misnamed, &Trust::System).await),
        [ChainFault::IssuerMissing, ChainFault::WrongName]
    );
}

#[tokio::test]
async fn certificate_not_yet_valid_is_judged_by_the_given_clock() {
    let server = RunningServer::start(Router::new(), ServerLimits::default()).await;
    let url = Url::parse(&format!("https://{}", server.address)).unwrap();
    let long_ago = "1971-01-01T00:00:00Z".parse().unwrap();
    let presented = within(inspect(
        &url,
        &server.authority.trust(),
        long_ago,
        TEST_TIMEOUT,
    ))
    .await
    .unwrap();
    assert_eq!(faults(presented), [ChainFault::NotYetValid]);
}

#[tokio::test]
async fn failed_handshake_has_a_reason() {
    let plain = RunningServer::start_plain(Router::new(), ServerLimits::default()).await;
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let short = Duration::from_millis(100);
    let alert = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let alert_address = alert.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = alert.accept().await.unwrap();
        let mut hello = [0; 4096];
        assert!(stream.read(&mut hello).await.unwrap() > 0);
        stream.write_all(&[21, 3, 3, 0, 2, 2, 70]).await.unwrap();
    });
    let shown = within(inspect(
        &Url::parse(&format!("https://{alert_address}")).unwrap(),
        &Trust::System,
        today(),
        TEST_TIMEOUT,
    ))
    .await;
    assert!(
        matches!(shown, Err(InspectionError::Alert(alert)) if alert.to_string() == "protocol version"),
        "{shown:?}"
    );
    for (url, limit, why) in [
        (
            format!("https://{}", plain.address),
            TEST_TIMEOUT,
            InspectionError::NoTls,
        ),
        (
            format!("http://{}", plain.address),
            TEST_TIMEOUT,
            InspectionError::Plain,
        ),
        (
            format!("https://{closed}"),
            TEST_TIMEOUT,
            InspectionError::NoConnection,
        ),
        (
            "https://no-such-host.invalid".to_owned(),
            TEST_TIMEOUT,
            InspectionError::NoSuchName,
        ),
        (
            format!("https://{}", silent.local_addr().unwrap()),
            short,
            InspectionError::Late,
        ),
    ] {
        let outcome = within(inspect(
            &Url::parse(&url).unwrap(),
            &Trust::System,
            today(),
            limit,
        ))
        .await;
        assert_eq!(outcome.unwrap_err(), why, "{url}");
    }
}
