//! Why a blob could not be had from the object storage that the registry redirects to.

use serde::Serialize;

use crate::outbound::{CertificateFault, StorageError, TlsAlert, TransportError};
use crate::registry;

/// What kept the console from reading object storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StorageFailure {
    /// Host and perhaps port of the storage. Untrusted. Absent: the redirect did not say.
    pub host: Option<String>,
    pub why: StorageFailureReason,
    /// The status that the storage answered, where that is why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The alert that the storage ended the TLS handshake with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_alert: Option<TlsAlert>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageFailureReason {
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

impl StorageFailure {
    /// Of an error of the registry, where that is why.
    pub(super) fn from_registry_error(error: &registry::RegistryError) -> Option<Self> {
        let registry::RegistryError::Storage { host, source: why } = error else {
            return None;
        };
        let status = if let StorageError::UnexpectedStatus(status) = why {
            Some(status.as_u16())
        } else {
            None
        };
        let fault = if let StorageError::Transport(failed) = why {
            failed.certificate_fault()
        } else {
            None
        };
        let tls_alert = fault.and_then(CertificateFault::alert);
        Some(Self {
            host: host.clone(),
            why: StorageFailureReason::from_storage_error(why),
            status,
            tls_alert,
        })
    }
}

impl StorageFailureReason {
    fn from_storage_error(failed: &StorageError) -> Self {
        match failed {
            StorageError::RedirectsDisabled => Self::Off,
            StorageError::InvalidLocation => Self::NoAddress,
            StorageError::NotHttps => Self::NotHttps,
            StorageError::ForbiddenAddress => Self::ForbiddenAddress,
            StorageError::RedirectedAgain => Self::RedirectedAgain,
            StorageError::UnexpectedStatus(_) => Self::Refused,
            StorageError::DigestMismatch => Self::DigestMismatch,
            StorageError::Transport(TransportError::Tls {
                fault: CertificateFault::UntrustedAuthority | CertificateFault::IssuerMissing,
                ..
            }) => Self::UnknownAuthority,
            StorageError::Transport(TransportError::Tls { fault, .. })
                if fault.is_about_certificate() =>
            {
                Self::Untrusted
            }
            StorageError::Transport(TransportError::Tls { .. }) => Self::NoSecureConnection,
            StorageError::Transport(
                TransportError::Timeout { .. } | TransportError::IdleTimeout { .. },
            ) => Self::Late,
            StorageError::Transport(TransportError::TooLarge { .. }) => Self::TooLarge,
            StorageError::Transport(_) => Self::Unreachable,
        }
    }
}
