//! Why a certificate is rejected, in more detail than rustls reports.

use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, Error, RootCertStore};
use serde::Serialize;
use thiserror::Error as ThisError;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Version;

/// A fault of a certificate chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ThisError)]
#[serde(rename_all = "kebab-case")]
pub enum ChainFault {
    /// No authority that is trusted for this server has signed it.
    #[error("no trusted authority has signed its certificate")]
    UnknownAuthority,
    /// An authority of this name is trusted, but with another key: it has been renewed since.
    #[error("the authority of its certificate is trusted by name, but with another key")]
    AuthorityRenewed,
    /// The issuer is not trusted, and the server does not send the issuer's certificate: an
    /// intermediate certificate or an authority is missing.
    #[error(
        "the certificate of the issuer is missing: the server does not send it, and it is not among the trusted ones"
    )]
    IssuerMissing,
    /// A certificate has expired.
    #[error("its certificate has expired")]
    Expired,
    /// A certificate is not valid yet.
    #[error("its certificate is not valid yet")]
    NotYetValid,
    /// The server's certificate is for other hosts.
    #[error("its certificate is for other names")]
    WrongName,
    /// The server's certificate has no subjectAltName. The common name is ignored.
    #[error("its certificate has no subjectAltName")]
    NoNames,
    /// X.509 version 1 or 2, which has no extensions.
    #[error("its certificate is not X.509 version 3")]
    OldVersion,
    /// An RSA key of fewer than 2048 bits.
    #[error("its RSA key is shorter than 2048 bits")]
    WeakKey,
    /// Signed with SHA-1 or MD5.
    #[error("its certificate is signed with SHA-1 or MD5")]
    WeakSignature,
    /// The server presents the certificate of an authority that is not pinned.
    #[error("its certificate is that of an authority (CA:TRUE)")]
    AuthorityAsServer,
    /// The extended key usage does not include server authentication.
    #[error("its certificate is not meant for servers (extended key usage)")]
    NotForServers,
    #[error("its certificate cannot be used")]
    Unusable,
}

/// The shortest RSA key that rustls accepts.
const MIN_RSA_KEY_BITS: usize = 2048;
/// Insecure signature algorithms: MD5 and SHA-1 with RSA, SHA-1 with DSA and ECDSA.
const WEAK_SIGNATURES: [&str; 4] = [
    "1.2.840.113549.1.1.4",
    "1.2.840.113549.1.1.5",
    "1.2.840.10040.4.3",
    "1.2.840.10045.4.1",
];

/// Rejects a key whose handshake signature rustls would reject later without a reason.
pub(in crate::outbound) fn check_key(certificate: &CertificateDer<'_>) -> Result<(), Error> {
    match X509Certificate::from_der(certificate) {
        Ok((_, parsed)) if has_weak_key(&parsed) => Err(CertificateError::BadSignature.into()),
        _ => Ok(()),
    }
}

/// The most specific reason for a rejection by rustls that the certificates show.
pub(in crate::outbound) fn diagnose_chain(
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
    error: &Error,
) -> ChainFault {
    use CertificateError as Cert;
    let Ok((_, own)) = X509Certificate::from_der(end_entity) else {
        return ChainFault::Unusable;
    };
    if own.version() != X509Version::V3 {
        return ChainFault::OldVersion;
    }
    if has_weak_key(&own) {
        return ChainFault::WeakKey;
    }
    let Error::InvalidCertificate(certificate) = error else {
        return ChainFault::Unusable;
    };
    match certificate {
        Cert::Expired | Cert::ExpiredContext { .. } => ChainFault::Expired,
        Cert::NotValidYet | Cert::NotValidYetContext { .. } => ChainFault::NotYetValid,
        Cert::NotValidForName | Cert::NotValidForNameContext { .. } if has_names(&own) => {
            ChainFault::WrongName
        }
        Cert::NotValidForName | Cert::NotValidForNameContext { .. } => ChainFault::NoNames,
        Cert::InvalidPurpose | Cert::InvalidPurposeContext { .. } => ChainFault::NotForServers,
        other => diagnose_issuers(&own, intermediates, roots, other),
    }
}

/// The fault of the certificate's issuers.
fn diagnose_issuers(
    own: &X509Certificate<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
    error: &CertificateError,
) -> ChainFault {
    let sent: Vec<X509Certificate<'_>> = intermediates
        .iter()
        .filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1))
        .collect();
    let path = issuer_path(own, &sent);
    let top = path.last().copied().unwrap_or(own);
    // The signature of a root is not verified.
    if path
        .iter()
        .any(|one| !is_self_issued(one) && is_weakly_signed(one))
    {
        return ChainFault::WeakSignature;
    }
    let is_known = roots
        .roots
        .iter()
        .any(|root| root.subject.as_ref() == name_without_header(top.issuer().as_raw()));
    match error {
        CertificateError::BadSignature => ChainFault::AuthorityRenewed,
        _ if own.is_ca() && !is_self_issued(own) => ChainFault::AuthorityAsServer,
        CertificateError::UnknownIssuer | CertificateError::Other(_) if is_self_issued(top) => {
            ChainFault::UnknownAuthority
        }
        CertificateError::UnknownIssuer if !is_known => ChainFault::IssuerMissing,
        CertificateError::UnknownIssuer => ChainFault::UnknownAuthority,
        _ => ChainFault::Unusable,
    }
}

/// The certificate, its issuer as the server sent it, the issuer of that one, and so on. Each
/// occurs at most once.
fn issuer_path<'c>(
    own: &'c X509Certificate<'c>,
    sent: &'c [X509Certificate<'c>],
) -> Vec<&'c X509Certificate<'c>> {
    let mut path = vec![own];
    while let Some(top) = path
        .last()
        .filter(|top| !is_self_issued(top) && path.len() <= sent.len())
    {
        match sent
            .iter()
            .find(|one| one.subject().as_raw() == top.issuer().as_raw())
        {
            Some(issuer) => path.push(issuer),
            None => break,
        }
    }
    path
}

fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
}

fn is_weakly_signed(certificate: &X509Certificate<'_>) -> bool {
    WEAK_SIGNATURES.contains(
        &certificate
            .signature_algorithm
            .algorithm
            .to_id_string()
            .as_str(),
    )
}

fn has_weak_key(certificate: &X509Certificate<'_>) -> bool {
    matches!(certificate.public_key().parsed(), Ok(PublicKey::RSA(key)) if key.key_size() < MIN_RSA_KEY_BITS)
}

fn has_names(certificate: &X509Certificate<'_>) -> bool {
    matches!(certificate.subject_alternative_name(), Ok(Some(names)) if !names.value.general_names.is_empty())
}

/// A name without its DER tag and length, which is the form that trust anchors have.
fn name_without_header(name: &[u8]) -> &[u8] {
    match name.get(1) {
        Some(length) if *length < 0x80 => name.get(2..).unwrap_or_default(),
        Some(length) => name
            .get(2 + usize::from(length & 0x7f)..)
            .unwrap_or_default(),
        None => name,
    }
}
