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
use registry_console::outbound::certificate_chain::{
    ChainFault, PresentedChain, TrustVerdict, inspect,
};
use registry_console::outbound::{
    CertificateFault, Request, TimeLimits, TransportError, Upstream, UpstreamName,
};
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

use crate::harness::tls_server::{TEST_TIMEOUT, within};

/// The cases were made in November 2026, and end in March 2027.
fn fixed_time() -> DateTime<Utc> {
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

pub(crate) fn case_certificate(file: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[derive(Debug)]
struct FixedCertificateResolver(Arc<CertifiedKey>);

impl ResolvesServerCert for FixedCertificateResolver {
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
        .with_cert_resolver(Arc::new(FixedCertificateResolver(Arc::new(
            CertifiedKey::new(chain, key),
        ))));
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
async fn send_request(address: SocketAddr, trust: &Trust) -> Result<(), TransportError> {
    let limits = TimeLimits {
        connect: TEST_TIMEOUT,
        total: TEST_TIMEOUT,
    };
    let upstream = Upstream::new(UpstreamName::Registry, &url(address), trust, limits).unwrap();
    within(upstream.send(Request::get("test", "/v2/")))
        .await
        .map(drop)
}

async fn certificate_fault(address: SocketAddr, trust: &Trust) -> CertificateFault {
    match send_request(address, trust).await {
        Err(TransportError::Tls { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

async fn presented_chain(address: SocketAddr, trust: &Trust, now: DateTime<Utc>) -> PresentedChain {
    within(inspect(&url(address), trust, now, TEST_TIMEOUT))
        .await
        .unwrap()
}

async fn faults(address: SocketAddr, trust: &Trust) -> Vec<ChainFault> {
    match presented_chain(address, trust, fixed_time()).await.verdict {
        TrustVerdict::Untrusted(faults) => faults,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn pinned_certificate_is_trusted_for_any_issuer() {
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
            send_request(address, &trust).await.unwrap();
            let presented = presented_chain(address, &trust, fixed_time()).await;
            assert_eq!(presented.verdict, TrustVerdict::Trusted);
            assert_eq!(
                presented.configured.unwrap().pem,
                presented.chain[0].pem,
                "it vouches for itself"
            );
        }
        assert!(
            send_request(address, &other.trust()).await.is_err()
                && send_request(address, &Trust::System).await.is_err()
        );
    }
}

#[tokio::test]
async fn pinned_certificate_is_checked_for_name_time_and_usage() {
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
        (
            elsewhere,
            CertificateFault::WrongHost,
            ChainFault::WrongName,
        ),
        (
            expired,
            CertificateFault::OutsideValidity,
            ChainFault::Expired,
        ),
        (
            future,
            CertificateFault::OutsideValidity,
            ChainFault::NotYetValid,
        ),
        (
            client,
            CertificateFault::NotForServers,
            ChainFault::NotForServers,
        ),
    ] {
        let server = TestCertificate::self_signed(params);
        let address = server.serve(&[]).await;
        assert_eq!(certificate_fault(address, &server.trust()).await, fault);
        assert_eq!(faults(address, &server.trust()).await, [chain_fault]);
    }
}

#[tokio::test]
async fn pinning_is_exact_and_only_by_the_trust_setting() {
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
        assert!(send_request(address, &pinned.trust()).await.is_err());
        assert!(matches!(
            presented_chain(address, &pinned.trust(), fixed_time())
                .await
                .verdict,
            TrustVerdict::Untrusted(_)
        ));
    }
    // A server that shows a pinned certificate without its key is refused, by the console and by the
    // doctor.
    let thief = serve(vec![certificate(&pinned.pem)], &again.key).await;
    assert!(send_request(thief, &pinned.trust()).await.is_err());
    assert_eq!(faults(thief, &pinned.trust()).await, [ChainFault::Unusable]);
    // A pinned certificate behind another one vouches for nothing that it has not signed.
    let address = leaf.serve(&[&pinned]).await;
    assert!(send_request(address, &pinned.trust()).await.is_err());
}

#[tokio::test]
async fn rejected_certificate_has_a_named_reason() {
    let (key, stranger) = (
        KeyPair::generate().unwrap(),
        TestCertificate::self_signed(authority("stranger")),
    );
    let root = Trust::Only(case_certificate("cases/46-tls-x509-v1/r1.crt"));
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
        let address = serve(vec![certificate(&case_certificate(file))], &key).await;
        assert_eq!(faults(address, &root).await, [fault], "{file}");
        if let Some(coarse) = coarse {
            assert_eq!(certificate_fault(address, &root).await, coarse, "{file}");
        }
    }
    let nameless = with(for_localhost("127.0.0.1"), |params| {
        params.subject_alt_names.clear()
    });
    let nameless = TestCertificate::signed_by(nameless, &stranger);
    let address = nameless.serve(&[]).await;
    assert_eq!(
        certificate_fault(address, &stranger.trust()).await,
        CertificateFault::NoNames
    );
    let as_server = TestCertificate::signed_by(authority("127.0.0.1"), &stranger);
    assert_eq!(
        certificate_fault(as_server.serve(&[]).await, &stranger.trust()).await,
        CertificateFault::AuthorityAsServer
    );
    let issued = TestCertificate::signed_by(for_localhost("127.0.0.1"), &stranger);
    assert_eq!(
        certificate_fault(issued.serve(&[]).await, &root).await,
        CertificateFault::IssuerMissing
    );
    assert_eq!(
        certificate_fault(issued.serve(&[&stranger]).await, &root).await,
        CertificateFault::UntrustedAuthority,
        "the whole chain is there"
    );
}

#[tokio::test]
async fn recorded_certificate_is_trusted_if_pinned() {
    let pem = case_certificate("cases/45-tls-selfsigned-ca-true/ssca.crt");
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
async fn certificate_error_names_subject_and_reason() {
    let (root, other) = (
        TestCertificate::self_signed(authority("Example Root")),
        TestCertificate::self_signed(authority("other")),
    );
    let server = TestCertificate::signed_by(for_localhost("registry.example.com"), &root);
    let failed = send_request(server.serve(&[]).await, &other.trust())
        .await
        .unwrap_err();
    let text = registry_console::telemetry::ErrorChain(&failed).to_string();
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
