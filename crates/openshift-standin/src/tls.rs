//! Certificates of the embedded cluster: a certificate authority made at its start, and one leaf
//! for all of its listeners.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The authority and what it vouches for.
pub(super) struct Identity {
    ca_pem: String,
    good: Leaf,
    expired: Leaf,
    misnamed: Leaf,
}

/// A certificate with its key.
struct Leaf {
    chain: Vec<CertificateDer<'static>>,
    key: PrivatePkcs8KeyDer<'static>,
}

/// What a listener shows: the right certificate, and two that are switched on as faults.
#[derive(Clone)]
pub(super) struct Servers {
    pub(super) good: Arc<ServerConfig>,
    pub(super) expired: Arc<ServerConfig>,
    pub(super) misnamed: Arc<ServerConfig>,
}

/// The name of the certificate that is for somebody else.
const OTHER_NAME: &str = "other.example.com";

/// No certificate could be made, or none that rustls takes.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the demonstration's certificates")]
pub(super) struct TlsError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<rcgen::Error> for TlsError {
    fn from(error: rcgen::Error) -> Self {
        Self(Box::new(error))
    }
}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        Self(Box::new(error))
    }
}

impl Identity {
    /// A fresh authority, and a certificate of it for `names` (host names and IP addresses).
    pub(super) fn new(names: Vec<String>) -> Result<Self, TlsError> {
        let mut authority = CertificateParams::default();
        authority
            .distinguished_name
            .push(DnType::CommonName, "registry-console demonstration CA");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_key = KeyPair::generate()?;
        let certificate = authority.self_signed(&authority_key)?;
        let issuer = Issuer::new(authority, authority_key);

        let leaf = |names, until| Leaf::new(names, until, &issuer, certificate.der());
        let (good, expired) = (leaf(names.clone(), None)?, leaf(names, Some(LONG_AGO))?);
        let misnamed = leaf(vec![OTHER_NAME.to_owned()], None)?;
        Ok(Self {
            ca_pem: certificate.pem(),
            good,
            expired,
            misnamed,
        })
    }

    /// The authority's certificate, PEM.
    pub(super) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The configurations of a server that offers these application protocols.
    pub(super) fn server(&self, protocols: &[&[u8]]) -> Result<Servers, TlsError> {
        Ok(Servers {
            good: self.good.server(protocols)?,
            expired: self.expired.server(protocols)?,
            misnamed: self.misnamed.server(protocols)?,
        })
    }
}

/// Until when the expired certificate was good: year, month, day.
const LONG_AGO: (i32, u8, u8) = (2001, 12, 31);

impl Leaf {
    fn new(
        names: Vec<String>,
        until: Option<(i32, u8, u8)>,
        issuer: &Issuer<'_, KeyPair>,
        authority: &CertificateDer<'_>,
    ) -> Result<Self, TlsError> {
        let mut leaf = CertificateParams::new(names)?;
        if let Some((year, month, day)) = until {
            leaf.not_after = date_time_ymd(year, month, day);
        }
        leaf.distinguished_name
            .push(DnType::CommonName, "registry-console demonstration");
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let signed = leaf.signed_by(&key, issuer)?;
        Ok(Self {
            // The certificates that OpenShift makes are followed by their authority.
            chain: vec![signed.der().clone(), authority.clone().into_owned()],
            key: key.serialize_der().into(),
        })
    }

    fn server(&self, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                self.chain.clone(),
                PrivateKeyDer::Pkcs8(self.key.clone_key()),
            )?;
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(Arc::new(config))
    }
}
