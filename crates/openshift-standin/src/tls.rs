//! Certificates of the embedded cluster: a certificate authority that is created at its start, and
//! one certificate for all of its listeners.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The authority and its certificates.
pub(super) struct TlsCertificates {
    ca_pem: String,
    valid: LeafCertificate,
    expired: LeafCertificate,
    wrong_host: LeafCertificate,
}

/// A certificate with its key.
struct LeafCertificate {
    chain: Vec<CertificateDer<'static>>,
    key: PrivatePkcs8KeyDer<'static>,
}

/// The certificates of a listener: the right one, and two that are used by faults.
#[derive(Clone)]
pub(super) struct TlsServerConfigs {
    pub(super) valid: Arc<ServerConfig>,
    pub(super) expired: Arc<ServerConfig>,
    pub(super) wrong_host: Arc<ServerConfig>,
}

/// The host of the certificate that is for another host.
const WRONG_HOST_NAME: &str = "other.example.com";

/// A certificate could not be created, or rustls does not accept it.
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

impl TlsCertificates {
    /// A new authority, and a certificate of it for `names` (host names and IP addresses).
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

        let leaf = |names, until| LeafCertificate::new(names, until, &issuer, certificate.der());
        let (good, expired) = (
            leaf(names.clone(), None)?,
            leaf(names, Some(EXPIRED_NOT_AFTER))?,
        );
        let misnamed = leaf(vec![WRONG_HOST_NAME.to_owned()], None)?;
        Ok(Self {
            ca_pem: certificate.pem(),
            valid: good,
            expired,
            wrong_host: misnamed,
        })
    }

    /// The authority's certificate, PEM.
    pub(super) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The configurations of a server that offers these application protocols.
    pub(super) fn server_configs(&self, protocols: &[&[u8]]) -> Result<TlsServerConfigs, TlsError> {
        Ok(TlsServerConfigs {
            valid: self.valid.server_config(protocols)?,
            expired: self.expired.server_config(protocols)?,
            wrong_host: self.wrong_host.server_config(protocols)?,
        })
    }
}

/// The end of the expired certificate's validity: year, month, day.
const EXPIRED_NOT_AFTER: (i32, u8, u8) = (2001, 12, 31);

impl LeafCertificate {
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
            // The certificates that OpenShift creates are followed by their authority.
            chain: vec![signed.der().clone(), authority.clone().into_owned()],
            key: key.serialize_der().into(),
        })
    }

    fn server_config(&self, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, TlsError> {
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
