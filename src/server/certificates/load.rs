//! Turns certificate files into the TLS configuration.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::{ActiveCertificate, CertificateError};
use crate::config::{CertificateFiles, ProcessEnvironment};

pub(super) fn load_from_files(
    files: &CertificateFiles,
) -> Result<ActiveCertificate, CertificateError> {
    let pair = files.load(&ProcessEnvironment)?;
    build_server_config(pair)
}

/// A self-signed certificate for `host`, so that the first start works without a configured one.
pub(super) fn make_self_signed(host: &str) -> Result<ActiveCertificate, CertificateError> {
    let make = || {
        let key = rcgen::KeyPair::generate()?;
        let mut params = rcgen::CertificateParams::new(vec![host.to_owned()])?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, host);
        Ok((params.self_signed(&key)?, key))
    };
    let (certificate, key) = make().map_err(CertificateError::SelfSigning)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("rcgen writes PKCS #8");
    let key = ring::sign::any_supported_type(&key).map_err(CertificateError::InvalidKeyPair)?;
    build_server_config(CertifiedKey::new(vec![certificate.der().clone()], key))
}

/// TLS 1.2 and 1.3, HTTP/2 before HTTP/1.1. Rustls supports no older versions and no weak ciphers
/// (S43).
fn build_server_config(pair: CertifiedKey) -> Result<ActiveCertificate, CertificateError> {
    let certificate = pair.cert.first().cloned();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(CertificateError::InvalidKeyPair)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(ActiveCertificate {
        config: Arc::new(config),
        certificate,
    })
}
