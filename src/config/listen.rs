//! The listeners and the public address.

use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::str::FromStr;

use url::Url;

use super::certificate::{CertificateFiles, CertificateLocations};
use crate::config::reader::SettingsReader;

/// The listeners and the public address.
#[derive(Clone, Debug)]
pub struct ListenSettings {
    /// The pages, TLS and plain HTTP on one port.
    pub pages_address: SocketAddr,
    /// The metrics, plain HTTP, on a port that no route leads to (S46).
    pub metrics_address: SocketAddr,
    /// The public address of the console: scheme, host and port. Absent: the host that browsers
    /// request (`Host`), as far as the OAuth client is registered for it.
    pub public_url: Option<Url>,
    /// Serve everything in plain HTTP: no certificate, no redirect.
    pub plain_http_only: bool,
    /// The certificate and key. Absent: those in the directories of the old console, otherwise a
    /// self-signed one.
    pub certificate: Option<CertificateFiles>,
    /// The concurrent connections. Absent: as many as the memory allows.
    pub max_connections: Option<NonZeroUsize>,
    /// The bytes of memory for which limits are computed. Absent: what the kernel says.
    pub memory_bytes: Option<u64>,
}

impl ListenSettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Self> {
        let plain_only = reader.flag("COCKPIT_KUBE_INSECURE");
        let public = read_public_url(reader, plain_only);
        let pages = reader.parse_or_default("LISTEN", "0.0.0.0:9090", "address with a port");
        let metrics =
            reader.parse_or_default("METRICS_LISTEN", "0.0.0.0:9091", "address with a port");
        let connections = match reader.text("CONNECTION_LIMIT") {
            Some(_) => Some(reader.parse_or_default(
                "CONNECTION_LIMIT",
                "",
                "number of connections above zero",
            )?),
            None => None,
        };
        let memory = match reader.text("MEMORY_LIMIT") {
            Some(_) => Some(
                reader
                    .parse_or_default::<MemoryQuantity>(
                        "MEMORY_LIMIT",
                        "",
                        "number of bytes, such as 268435456 or 256Mi",
                    )?
                    .0,
            ),
            None => None,
        };
        let certificate = match (reader.text("TLS_CERT_FILE"), reader.text("TLS_KEY_FILE")) {
            (Some(certificate), Some(key)) => Some(CertificateFiles {
                certificate: certificate.into(),
                key: key.into(),
            }),
            (Some(_), None) => reader.reject("TLS_KEY_FILE", "is not set, but TLS_CERT_FILE is"),
            (None, Some(_)) => reader.reject("TLS_CERT_FILE", "is not set, but TLS_KEY_FILE is"),
            (None, None) => None,
        };
        if !plain_only {
            check_certificate(reader, certificate.as_ref());
        }
        Some(Self {
            pages_address: pages?,
            metrics_address: metrics?,
            public_url: public?,
            plain_http_only: plain_only,
            certificate,
            max_connections: connections,
            memory_bytes: memory,
        })
    }
}

/// Reports what is wrong with the certificate that the console would use.
fn check_certificate(reader: &mut SettingsReader<'_>, given: Option<&CertificateFiles>) {
    let is_half_given = given.is_none()
        && ["TLS_CERT_FILE", "TLS_KEY_FILE"]
            .iter()
            .any(|variable| reader.text(variable).is_some());
    let found = if is_half_given {
        None
    } else {
        CertificateLocations::new(given.cloned()).find(reader.vars())
    };
    if let Some(files) = found {
        files.report_problems(reader);
    }
}

/// A quantity as in a pod's limits: bytes, or with Ki, Mi or Gi.
struct MemoryQuantity(u64);

impl FromStr for MemoryQuantity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let units = [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30)];
        let found = units
            .into_iter()
            .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, bytes)));
        let (number, bytes) = found.unwrap_or((text, 1));
        let number: NonZeroU64 = number.parse().map_err(drop)?;
        number.get().checked_mul(bytes).map(Self).ok_or(())
    }
}

/// `None` after a mistake; `Some(None)` if it is unset.
fn read_public_url(reader: &mut SettingsReader<'_>, plain_only: bool) -> Option<Option<Url>> {
    let Some(value) = reader.text("COCKPIT_KUBE_URL") else {
        return Some(None);
    };
    // Plain HTTP inside may still be HTTPS outside, if a router terminates TLS.
    let schemes: &[&str] = if plain_only {
        &["https", "http"]
    } else {
        &["https"]
    };
    reader.origin("COCKPIT_KUBE_URL", &value, schemes).map(Some)
}
