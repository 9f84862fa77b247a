//! The fields of a certificate that the doctor shows.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;

/// The length at which a name in a certificate is cut.
const MAX_NAME_CHARS: usize = 256;
/// The number of names of one certificate that are read.
const MAX_NAMES: usize = 100;

/// A certificate. Its texts are untrusted, but bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Certificate {
    /// The subject, as in `CN=registry.example.com`.
    pub subject: String,
    pub issuer: String,
    /// The hosts and addresses that it is valid for (subjectAltName). Clients ignore the common
    /// name.
    pub names: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub not_before: DateTime<Utc>,
    #[schema(value_type = String, format = DateTime)]
    pub not_after: DateTime<Utc>,
    /// The SHA-256 fingerprint, in the notation of `openssl x509 -fingerprint -sha256` and
    /// browsers.
    pub fingerprint: String,
    /// Whether it may sign other certificates.
    pub is_authority: bool,
    pub pem: String,
}

impl Certificate {
    /// `None` if it cannot be read.
    #[must_use]
    pub fn parse(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        Some(Self {
            subject: truncate_text(&parsed.subject().to_string()),
            issuer: truncate_text(&parsed.issuer().to_string()),
            names: subject_alt_names(&parsed),
            not_before: to_utc(&parsed.validity().not_before),
            not_after: to_utc(&parsed.validity().not_after),
            fingerprint: fingerprint(der),
            is_authority: parsed.is_ca(),
            pem: pem(der),
        })
    }

    /// Whether it is valid for this host name or address.
    #[must_use]
    pub fn is_valid_for_host(&self, host: &str) -> bool {
        let host = host.trim_matches(['[', ']']).to_owned();
        let (Ok(der), Ok(name)) = (
            CertificateDer::from_pem_slice(self.pem.as_bytes()),
            ServerName::try_from(host),
        ) else {
            return false;
        };
        ParsedCertificate::try_from(&der)
            .is_ok_and(|parsed| verify_server_name(&parsed, &name).is_ok())
    }

    /// Whether it is self-signed, judged by the names only.
    #[must_use]
    pub fn is_self_signed(&self) -> bool {
        self.subject == self.issuer
    }
}

fn subject_alt_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    extension
        .value
        .general_names
        .iter()
        .filter_map(subject_alt_name)
        .take(MAX_NAMES)
        .collect()
}

fn subject_alt_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(truncate_text(name)),
        GeneralName::IPAddress(bytes) => <[u8; 4]>::try_from(*bytes)
            .map(|bytes| Ipv4Addr::from(bytes).to_string())
            .or_else(|_| {
                <[u8; 16]>::try_from(*bytes).map(|bytes| Ipv6Addr::from(bytes).to_string())
            })
            .ok(),
        _ => None,
    }
}

fn truncate_text(text: &str) -> String {
    text.chars().take(MAX_NAME_CHARS).collect()
}

/// A time outside the calendar's range becomes the minimum or maximum, on the same side of now.
fn to_utc(time: &ASN1Time) -> DateTime<Utc> {
    let seconds = time.timestamp();
    DateTime::from_timestamp(seconds, 0).unwrap_or(if seconds < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

fn fingerprint(der: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(der) {
        let colon = if text.is_empty() { "" } else { ":" };
        // Writing to a String cannot fail.
        let _ = write!(text, "{colon}{byte:02X}");
    }
    text
}

/// RFC 7468: lines of 64 characters.
fn pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in encoded.as_bytes().chunks(64) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}
