//! Looking at the certificates that a server shows.

use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use chrono::{DateTime, Utc};
use registry_console::config::Trust;
use registry_console::outbound::chain::{ChainFault, NotShown, Presented, Verdict, look};
use registry_console::server::Limits;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use crate::server::harness::{Authority, PATIENCE, Running, within};

fn today() -> DateTime<Utc> {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

async fn seen(server: &Running, trust: &Trust) -> Presented {
    let url = Url::parse(&format!("https://{}", server.address)).unwrap();
    within(look(&url, trust, today(), PATIENCE)).await.unwrap()
}

fn faults(presented: Presented) -> Vec<ChainFault> {
    match presented.verdict {
        Verdict::Untrusted(faults) => faults,
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
async fn the_chain_is_shown_with_the_authority_that_vouches_for_it() {
    let server = Running::start(Router::new(), Limits::default()).await;
    let both = Trust::Only(format!(
        "{}\n{}",
        pem(&Authority::new("another").trust()),
        pem(&server.authority.trust())
    ));
    let presented = seen(&server, &both).await;
    assert_eq!(
        (presented.address, &presented.verdict),
        (server.address, &Verdict::Trusted)
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
async fn a_chain_that_is_not_trusted_is_shown_all_the_same_and_says_why_not() {
    let server = Running::start(Router::new(), Limits::default()).await;
    let presented = seen(&server, &Authority::new("another").trust()).await;
    assert_eq!((presented.chain.len(), &presented.configured), (1, &None));
    assert_eq!(faults(presented), [ChainFault::IssuerMissing]);
    assert_eq!(
        faults(seen(&server, &Trust::System).await),
        [ChainFault::IssuerMissing]
    );
    let renewed = Authority::new("console authority").trust();
    assert_eq!(
        faults(seen(&server, &renewed).await),
        [ChainFault::AuthorityRenewed]
    );
    assert_eq!(
        seen(&server, &Trust::SystemAnd(pem(&server.authority.trust())))
            .await
            .verdict,
        Verdict::Trusted
    );
    assert_eq!(
        seen(&server, &Trust::Nothing).await.verdict,
        Verdict::AnybodyIs
    );
}

#[tokio::test]
async fn an_old_or_misnamed_certificate_is_told_with_everything_else_that_is_wrong() {
    let old = Running::start_as(Router::new(), Limits::default(), "127.0.0.1", 2001, true).await;
    let presented = seen(&old, &old.authority.trust()).await;
    assert!(
        presented.configured.is_some(),
        "the authority is the right one"
    );
    assert_eq!(faults(presented), [ChainFault::Expired]);
    assert_eq!(
        faults(seen(&old, &Trust::System).await),
        [ChainFault::Expired, ChainFault::IssuerMissing]
    );
    let misnamed = Running::start_as(
        Router::new(),
        Limits::default(),
        "other.example.com",
        2100,
        true,
    )
    .await;
    let presented = seen(&misnamed, &misnamed.authority.trust()).await;
    assert_eq!(presented.chain[0].names, ["other.example.com"]);
    assert_eq!(faults(presented), [ChainFault::WrongName]);
    assert_eq!(
        faults(seen(&misnamed, &Trust::System).await),
        [ChainFault::IssuerMissing, ChainFault::WrongName]
    );
}

#[tokio::test]
async fn a_certificate_whose_time_has_not_come_is_told_by_the_given_clock() {
    let server = Running::start(Router::new(), Limits::default()).await;
    let url = Url::parse(&format!("https://{}", server.address)).unwrap();
    let long_ago = "1971-01-01T00:00:00Z".parse().unwrap();
    let presented = within(look(&url, &server.authority.trust(), long_ago, PATIENCE))
        .await
        .unwrap();
    assert_eq!(faults(presented), [ChainFault::NotYetValid]);
}

#[tokio::test]
async fn without_a_handshake_there_is_a_reason() {
    let plain = Running::start_plain(Router::new(), Limits::default()).await;
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
    let shown = within(look(
        &Url::parse(&format!("https://{alert_address}")).unwrap(),
        &Trust::System,
        today(),
        PATIENCE,
    ))
    .await;
    assert!(
        matches!(shown, Err(NotShown::Alert(alert)) if alert.to_string() == "protocol version"),
        "{shown:?}"
    );
    for (url, limit, why) in [
        (
            format!("https://{}", plain.address),
            PATIENCE,
            NotShown::NoTls,
        ),
        (
            format!("http://{}", plain.address),
            PATIENCE,
            NotShown::Plain,
        ),
        (
            format!("https://{closed}"),
            PATIENCE,
            NotShown::NoConnection,
        ),
        (
            "https://no-such-host.invalid".to_owned(),
            PATIENCE,
            NotShown::NoSuchName,
        ),
        (
            format!("https://{}", silent.local_addr().unwrap()),
            short,
            NotShown::Late,
        ),
    ] {
        let outcome = within(look(
            &Url::parse(&url).unwrap(),
            &Trust::System,
            today(),
            limit,
        ))
        .await;
        assert_eq!(outcome.unwrap_err(), why, "{url}");
    }
}
