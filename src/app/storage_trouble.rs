//! Why a blob could not be had from the object storage that the registry redirects to.

use serde::Serialize;

use crate::outbound::{CertificateFault, Failed, StorageFailed, TlsAlert};
use crate::registry;

/// What kept the console from reading object storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StorageTrouble {
    /// Host and perhaps port of the storage. Untrusted. Absent: the redirect did not say.
    pub host: Option<String>,
    pub why: StorageWhy,
    /// The status that the storage answered, where that is why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The alert that the storage ended the TLS handshake with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_alert: Option<TlsAlert>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageWhy {
    /// `REGISTRY_BLOB_REDIRECTS` is off.
    Off,
    /// The redirect names no address that can be used.
    NoAddress,
    /// The address is not https.
    NotHttps,
    /// The address is one that is never connected to.
    ForbiddenAddress,
    RedirectedAgain,
    /// It answered an error.
    Refused,
    /// Its bytes are not those of the digest.
    DigestMismatch,
    /// Its certificate is signed by nobody whom the console trusts.
    UnknownAuthority,
    /// Its certificate is wrong in another way.
    Untrusted,
    /// There is no TLS, or it ended the handshake.
    NoSecureConnection,
    Unreachable,
    /// No answer in time.
    Late,
    /// It has more bytes than the console reads.
    TooLarge,
}

impl StorageTrouble {
    /// Of an error of the registry, where that is why.
    pub(super) fn of(error: &registry::Error) -> Option<Self> {
        let registry::Error::Storage { host, why } = error else {
            return None;
        };
        let status = if let StorageFailed::Refused(status) = why {
            Some(status.as_u16())
        } else {
            None
        };
        let fault = if let StorageFailed::Failed(failed) = why {
            failed.certificate_fault()
        } else {
            None
        };
        let tls_alert = fault.and_then(CertificateFault::alert);
        Some(Self {
            host: host.clone(),
            why: StorageWhy::of(why),
            status,
            tls_alert,
        })
    }
}

impl StorageWhy {
    fn of(failed: &StorageFailed) -> Self {
        match failed {
            StorageFailed::Off => Self::Off,
            StorageFailed::NoLocation => Self::NoAddress,
            StorageFailed::NotHttps => Self::NotHttps,
            StorageFailed::ForbiddenAddress => Self::ForbiddenAddress,
            StorageFailed::RedirectedAgain => Self::RedirectedAgain,
            StorageFailed::Refused(_) => Self::Refused,
            StorageFailed::DigestMismatch => Self::DigestMismatch,
            StorageFailed::Failed(Failed::Tls {
                fault: CertificateFault::Authority | CertificateFault::IssuerMissing,
                ..
            }) => Self::UnknownAuthority,
            StorageFailed::Failed(Failed::Tls { fault, .. }) if fault.is_about_certificate() => {
                Self::Untrusted
            }
            StorageFailed::Failed(Failed::Tls { .. }) => Self::NoSecureConnection,
            StorageFailed::Failed(Failed::Timeout { .. } | Failed::Silent { .. }) => Self::Late,
            StorageFailed::Failed(Failed::TooLarge { .. }) => Self::TooLarge,
            StorageFailed::Failed(_) => Self::Unreachable,
        }
    }
}
