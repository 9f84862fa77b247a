//! Certificates that the trust setting holds themselves, and the reasons for which others are
//! refused.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use registry_console::config::Trust;
use registry_console::outbound::chain::{ChainFault, Presented, Verdict, look};
use registry_console::outbound::{CertificateFault, Failed, Limits, Name, Request, Upstream};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::server::harness::{PATIENCE, within};

/// The cases were made in November 2026, and end in March 2027.
fn then() -> DateTime<Utc> {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

/// A certificate with its key.
pub(crate) struct TestCertificate {
    params: CertificateParams,
    key: KeyPair,
    pub(crate) pem: String,
}

impl TestCertificate {
    pub(crate) fn self_signed(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { params, key, pem }
    }

    pub(crate) fn signed_by(params: CertificateParams, issuer: &Self) -> Self {
        let key = KeyPair::generate().unwrap();
        let pem = params
            .signed_by(&key, &Issuer::from_params(&issuer.params, &issuer.key))
            .unwrap()
            .pem();
        Self { params, key, pem }
    }

    /// Serves this certificate, followed by others.
    pub(crate) async fn serve(&self, followed_by: &[&Self]) -> SocketAddr {
        let chain = std::iter::once(self)
            .chain(followed_by.iter().copied())
            .map(|made| certificate(&made.pem))
            .collect();
        serve(chain, &self.key).await
    }

    fn trust(&self) -> Trust {
        Trust::Only(self.pem.clone())
    }
}

/// A certificate for the address of the tests, until the year 2100.
pub(crate) fn for_localhost(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_after = date_time_ymd(2100, 1, 1);
    params
}

pub(crate) fn authority(name: &str) -> CertificateParams {
    with(for_localhost(name), |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)
    })
}

fn with(
    mut params: CertificateParams,
    change: impl FnOnce(&mut CertificateParams),
) -> CertificateParams {
    change(&mut params);
    params
}

pub(crate) fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

pub(crate) fn case(file: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// A server that shows these certificates, and whose key is this one, whether or not they belong
/// together. It answers every request.
pub(crate) async fn serve(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> SocketAddr {
    let key =
        ring::sign::any_supported_type(&PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always(Arc::new(CertifiedKey::new(chain, key)))));
    let (acceptor, listener) = (
        TlsAcceptor::from(Arc::new(config)),
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap(),
    );
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream
                    .write_all(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
                    )
                    .await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

fn url(address: SocketAddr) -> Url {
    Url::parse(&format!("https://{address}")).unwrap()
}

/// What a request comes to.
async fn asked(address: SocketAddr, trust: &Trust) -> Result<(), Failed> {
    let limits = Limits {
        connect: PATIENCE,
        total: PATIENCE,
    };
    let upstream = Upstream::new(Name::Registry, &url(address), trust, limits).unwrap();
    within(upstream.send(Request::get("test", "/v2/")))
        .await
        .map(drop)
}

async fn refused(address: SocketAddr, trust: &Trust) -> CertificateFault {
    match asked(address, trust).await {
        Err(Failed::Tls { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

async fn shown(address: SocketAddr, trust: &Trust, now: DateTime<Utc>) -> Presented {
    within(look(&url(address), trust, now, PATIENCE))
        .await
        .unwrap()
}

async fn faults(address: SocketAddr, trust: &Trust) -> Vec<ChainFault> {
    match shown(address, trust, then()).await.verdict {
        Verdict::Untrusted(faults) => faults,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_that_the_trust_setting_holds_is_trusted_whoever_issued_it() {
    let (root, other) = (
        TestCertificate::self_signed(authority("root")),
        TestCertificate::self_signed(authority("other")),
    );
    let self_signed_authority = TestCertificate::self_signed(authority("127.0.0.1"));
    let issued = TestCertificate::signed_by(for_localhost("127.0.0.1"), &root);
    let issued_authority = TestCertificate::signed_by(authority("127.0.0.1"), &root);
    for server in [
        &self_signed_authority,
        &issued,
        &issued_authority,
        &TestCertificate::self_signed(for_localhost("127.0.0.1")),
    ] {
        let address = server.serve(&[]).await;
        let among_others = format!("{}\n{}", other.pem, server.pem);
        for trust in [
            server.trust(),
            Trust::Only(among_others.clone()),
            Trust::SystemAnd(among_others),
        ] {
            asked(address, &trust).await.unwrap();
            let presented = shown(address, &trust, then()).await;
            assert_eq!(presented.verdict, Verdict::Trusted);
            assert_eq!(
                presented.configured.unwrap().pem,
                presented.chain[0].pem,
                "it vouches for itself"
            );
        }
        assert!(
            asked(address, &other.trust()).await.is_err()
                && asked(address, &Trust::System).await.is_err()
        );
    }
}

#[tokio::test]
async fn a_pinned_certificate_is_refused_for_its_name_its_time_and_its_purpose() {
    let mut elsewhere = CertificateParams::new(vec!["other.example.com".to_owned()]).unwrap();
    elsewhere.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let expired = with(authority("127.0.0.1"), |params| {
        params.not_after = date_time_ymd(2001, 1, 1)
    });
    let future = with(authority("127.0.0.1"), |params| {
        params.not_before = date_time_ymd(2099, 1, 1)
    });
    let client = with(authority("127.0.0.1"), |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]
    });
    for (params, fault, chain_fault) in [
        (elsewhere, CertificateFault::Host, ChainFault::WrongName),
        (expired, CertificateFault::Time, ChainFault::Expired),
        (future, CertificateFault::Time, ChainFault::NotYetValid),
        (
            client,
            CertificateFault::NotForServers,
            ChainFault::NotForServers,
        ),
    ] {
        let server = TestCertificate::self_signed(params);
        let address = server.serve(&[]).await;
        assert_eq!(refused(address, &server.trust()).await, fault);
        assert_eq!(faults(address, &server.trust()).await, [chain_fault]);
    }
}

#[tokio::test]
async fn a_certificate_is_pinned_byte_for_byte_and_only_by_the_trust_setting() {
    let pinned = TestCertificate::self_signed(authority("127.0.0.1"));
    // The same names and the same key, but another certificate.
    let again = TestCertificate {
        pem: pinned.params.self_signed(&pinned.key).unwrap().pem(),
        key: KeyPair::generate().unwrap(),
        params: authority("127.0.0.1"),
    };
    let other_key = TestCertificate::self_signed(authority("127.0.0.1"));
    let leaf = TestCertificate::self_signed(for_localhost("127.0.0.1"));
    for server in [&other_key, &leaf] {
        let address = server.serve(&[]).await;
        assert!(asked(address, &pinned.trust()).await.is_err());
        assert!(matches!(
            shown(address, &pinned.trust(), then()).await.verdict,
            Verdict::Untrusted(_)
        ));
    }
    // Whoever shows a pinned certificate without its key is refused, by the console and by the
    // doctor.
    let thief = serve(vec![certificate(&pinned.pem)], &again.key).await;
    assert!(asked(thief, &pinned.trust()).await.is_err());
    assert_eq!(faults(thief, &pinned.trust()).await, [ChainFault::Unusable]);
    // A pinned certificate behind another one vouches for nothing that it has not signed.
    let address = leaf.serve(&[&pinned]).await;
    assert!(asked(address, &pinned.trust()).await.is_err());
}

#[tokio::test]
async fn the_reason_of_a_refusal_is_named() {
    let (key, stranger) = (
        KeyPair::generate().unwrap(),
        TestCertificate::self_signed(authority("stranger")),
    );
    let root = Trust::Only(case("cases/46-tls-x509-v1/r1.crt"));
    for (file, fault, coarse) in [
        (
            "cases/46-tls-x509-v1/cn.crt",
            ChainFault::OldVersion,
            Some(CertificateFault::OldVersion),
        ),
        (
            "certificates/rsa-1024.crt",
            ChainFault::WeakKey,
            Some(CertificateFault::WeakKey),
        ),
        // These end in 2027, by the clock that connections follow.
        (
            "cases/47-tls-missing-intermediate/leaf.crt",
            ChainFault::IssuerMissing,
            None,
        ),
        (
            "cases/48-tls-sha1/sha1.crt",
            ChainFault::WeakSignature,
            None,
        ),
    ] {
        let address = serve(vec![certificate(&case(file))], &key).await;
        assert_eq!(faults(address, &root).await, [fault], "{file}");
        if let Some(coarse) = coarse {
            assert_eq!(refused(address, &root).await, coarse, "{file}");
        }
    }
    let nameless = with(for_localhost("127.0.0.1"), |params| {
        params.subject_alt_names.clear()
    });
    let nameless = TestCertificate::signed_by(nameless, &stranger);
    let address = nameless.serve(&[]).await;
    assert_eq!(
        refused(address, &stranger.trust()).await,
        CertificateFault::NoNames
    );
    let as_server = TestCertificate::signed_by(authority("127.0.0.1"), &stranger);
    assert_eq!(
        refused(as_server.serve(&[]).await, &stranger.trust()).await,
        CertificateFault::AuthorityAsServer
    );
    let issued = TestCertificate::signed_by(for_localhost("127.0.0.1"), &stranger);
    assert_eq!(
        refused(issued.serve(&[]).await, &root).await,
        CertificateFault::IssuerMissing
    );
    assert_eq!(
        refused(issued.serve(&[&stranger]).await, &root).await,
        CertificateFault::Authority,
        "the whole chain is there"
    );
}

#[tokio::test]
async fn the_certificate_of_the_recorded_case_is_trusted_where_the_setting_holds_it() {
    let pem = case("cases/45-tls-selfsigned-ca-true/ssca.crt");
    let address = serve(vec![certificate(&pem)], &KeyPair::generate().unwrap()).await;
    // Its key is not here, so that the handshake cannot end; but nothing else is wrong.
    assert_eq!(
        faults(address, &Trust::Only(pem)).await,
        [ChainFault::Unusable]
    );
    let other = TestCertificate::self_signed(authority("other"));
    assert_eq!(
        faults(address, &other.trust()).await,
        [ChainFault::UnknownAuthority]
    );
}

/// A log line names the certificate, and no type of a library.
#[tokio::test]
async fn the_error_names_the_certificate_and_the_reason_in_words() {
    let (root, other) = (
        TestCertificate::self_signed(authority("Example Root")),
        TestCertificate::self_signed(authority("other")),
    );
    let server = TestCertificate::signed_by(for_localhost("registry.example.com"), &root);
    let failed = asked(server.serve(&[]).await, &other.trust())
        .await
        .unwrap_err();
    let text = registry_console::telemetry::Chain(&failed).to_string();
    assert!(
        text.contains("the registry is refused") && text.contains("CN=registry.example.com"),
        "{text}"
    );
    assert!(
        text.contains("CN=Example Root")
            && !text.contains("UnknownIssuer")
            && !text.contains("OtherError"),
        "{text}"
    );
}
