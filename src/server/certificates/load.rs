//! From files to what a handshake needs.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::CertificateError;
use super::find::Found;

pub(super) fn from_files(found: &Found) -> Result<Arc<ServerConfig>, CertificateError> {
    let no_pem = |path: &Path, what| CertificateError::NoPem { path: path.to_owned(), what };
    let certificate = read(&found.certificate)?;
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(&certificate).collect::<Result<_, _>>().map_err(|_| no_pem(&found.certificate, "certificate"))?;
    if chain.is_empty() {
        return Err(no_pem(&found.certificate, "certificate"));
    }
    let key = PrivateKeyDer::from_pem_slice(&read(&found.key)?).map_err(|_| no_pem(&found.key, "private key"))?;
    server_config(chain, key)
}

/// A certificate for `host` that nobody vouches for, so that the first start works without any.
pub(super) fn self_signed(host: &str) -> Result<Arc<ServerConfig>, CertificateError> {
    let make = || {
        let key = rcgen::KeyPair::generate()?;
        let mut params = rcgen::CertificateParams::new(vec![host.to_owned()])?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, host);
        Ok((params.self_signed(&key)?, key))
    };
    let (certificate, key) = make().map_err(CertificateError::NotMade)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("rcgen writes PKCS #8");
    server_config(vec![certificate.der().clone()], key)
}

/// TLS 1.2 and 1.3, HTTP/2 before HTTP/1.1. Rustls has nothing older, and no weak ciphers (S43).
fn server_config(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Arc<ServerConfig>, CertificateError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(CertificateError::Unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|source| CertificateError::Unreadable { path: path.to_owned(), source })
}
