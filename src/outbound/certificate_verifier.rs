//! Verification of upstream certificates, and the reason why one is rejected.
//!
//! The rules are those of rustls, with one addition: a certificate that the trust setting contains
//! is trusted itself, regardless of its issuer and of whether it is an authority, as in Go, OpenSSL
//! and curl. Its names, validity period and purpose are still checked.

mod chain_fault;

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};
use thiserror::Error as ThisError;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use crate::config::Trust;

pub use chain_fault::ChainFault;
pub(super) use chain_fault::{check_key, diagnose_chain};

/// Why a TLS configuration cannot be built from a trust setting.
#[derive(Debug, ThisError)]
pub(super) enum TrustError {
    /// PEM without a certificate, or with one that cannot be read.
    #[error("the certificates cannot be read")]
    Unreadable,
    /// The trust setting is empty and the system has no authorities.
    #[error("the machine has no certificate authorities")]
    NoAuthorities,
    /// rustls rejects the configuration.
    #[error("TLS cannot be set up")]
    Tls(#[source] Error),
}

/// A rejected certificate. Its names are untrusted.
#[derive(Clone, Debug, ThisError)]
#[error("{fault} (subject {subject}, issuer {issuer})")]
pub(super) struct RefusedCertificate {
    pub(super) fault: ChainFault,
    subject: String,
    issuer: String,
}

/// The TLS client configuration for this trust setting. `None` if nothing is verified.
pub(super) fn client_config(trust: &Trust) -> Result<Option<ClientConfig>, TrustError> {
    let (pem, with_system) = match trust {
        Trust::Unverified => return Ok(None),
        Trust::System => (None, true),
        Trust::Only(pem) => (Some(pem), false),
        Trust::SystemAnd(pem) => (Some(pem), true),
    };
    let configured = pem.map_or(Ok(Vec::new()), |pem| parse_certificates(pem))?;
    let verifier = PinningVerifier::new(configured, with_system)?;
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TrustError::Tls)?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(config))
}

fn parse_certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| TrustError::Unreadable)?;
    if found.is_empty() {
        Err(TrustError::Unreadable)
    } else {
        Ok(found)
    }
}

/// The verifier of rustls, and the certificates that are trusted themselves.
#[derive(Debug)]
struct PinningVerifier {
    inner: Arc<WebPkiServerVerifier>,
    /// The certificates of the trust setting, without the system's authorities.
    pinned: Vec<CertificateDer<'static>>,
    roots: Arc<RootCertStore>,
}

impl PinningVerifier {
    fn new(pinned: Vec<CertificateDer<'static>>, with_system: bool) -> Result<Self, TrustError> {
        let mut roots = RootCertStore::empty();
        for certificate in &pinned {
            roots
                .add(certificate.clone())
                .map_err(|_| TrustError::Unreadable)?;
        }
        if with_system {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        let roots = Arc::new(roots);
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), provider)
            .build()
            .map_err(|_| TrustError::NoAuthorities)?;
        Ok(Self {
            inner,
            pinned,
            roots,
        })
    }
}

impl ServerCertVerifier for PinningVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = if is_pinned(end_entity, &self.pinned) {
            check_pinned(end_entity, now).and_then(|()| {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)
            })
        } else {
            self.inner
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map(drop)
        };
        let verified = verified.and_then(|()| check_key(end_entity));
        verified
            .map(|()| ServerCertVerified::assertion())
            .map_err(|error| refusal_error(end_entity, intermediates, &self.roots, &error))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Whether a certificate is byte for byte one of the trust setting.
pub(super) fn is_pinned(certificate: &CertificateDer<'_>, pinned: &[CertificateDer<'_>]) -> bool {
    pinned
        .iter()
        .any(|one| one.as_ref() == certificate.as_ref())
}

/// The checks of rustls on a server's certificate, except for its name and issuer.
pub(super) fn check_pinned(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    // Rejects versions other than 3, and unknown critical extensions.
    ParsedCertificate::try_from(certificate)?;
    let (_, parsed) =
        X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let moment =
        |time: x509_parser::time::ASN1Time| u64::try_from(time.timestamp()).unwrap_or_default();
    let (from, until) = (
        moment(parsed.validity().not_before),
        moment(parsed.validity().not_after),
    );
    if now.as_secs() < from {
        return Err(CertificateError::NotValidYet.into());
    }
    if now.as_secs() > until {
        return Err(CertificateError::Expired.into());
    }
    match parsed.extended_key_usage() {
        Ok(None) => Ok(()),
        Ok(Some(usage)) if usage.value.server_auth || usage.value.any => Ok(()),
        _ => Err(CertificateError::InvalidPurpose.into()),
    }
}

fn refusal_error(
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
    error: &Error,
) -> Error {
    let fault = diagnose_chain(end_entity, intermediates, roots, error);
    let names = X509Certificate::from_der(end_entity)
        .ok()
        .map(|(_, parsed)| (parsed.subject().to_string(), parsed.issuer().to_string()));
    let (subject, issuer) = names.unwrap_or_default();
    let cut = |text: String| text.chars().take(256).collect();
    let refused = RefusedCertificate {
        fault,
        subject: cut(subject),
        issuer: cut(issuer),
    };
    CertificateError::Other(OtherError(Arc::new(refused))).into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};

    use super::*;

    /// A certificate that is valid for the year 2020.
    fn certificate(purposes: &[ExtendedKeyUsagePurpose]) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec!["registry.example.com".to_owned()]).unwrap();
        (params.not_before, params.not_after) =
            (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        params.extended_key_usages = purposes.to_vec();
        params
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap()
            .der()
            .clone()
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    }

    const FIRST: u64 = 1_577_836_800;
    const LAST: u64 = 1_609_459_200;

    #[test]
    fn pinned_certificate_validity_is_inclusive() {
        let certificate = certificate(&[]);
        let checked = |seconds| check_pinned(&certificate, at(seconds));
        assert_eq!(
            checked(FIRST - 1),
            Err(CertificateError::NotValidYet.into())
        );
        assert_eq!((checked(FIRST), checked(LAST)), (Ok(()), Ok(())));
        assert_eq!(checked(LAST + 1), Err(CertificateError::Expired.into()));
    }

    #[test]
    fn pinned_certificate_needs_server_auth_or_any_usage() {
        use ExtendedKeyUsagePurpose::{Any, ClientAuth, ServerAuth};
        for purposes in [&[][..], &[ServerAuth], &[Any], &[ClientAuth, ServerAuth]] {
            assert_eq!(
                check_pinned(&certificate(purposes), at(FIRST)),
                Ok(()),
                "{purposes:?}"
            );
        }
        assert_eq!(
            check_pinned(&certificate(&[ClientAuth]), at(FIRST)),
            Err(CertificateError::InvalidPurpose.into())
        );
    }
}
