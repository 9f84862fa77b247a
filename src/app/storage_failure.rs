//! Why a blob could not be read from the object storage to which the registry redirects.

use serde::Serialize;
use utoipa::ToSchema;

use crate::outbound::{CertificateFault, StorageError, TlsAlert, TransportError};
use crate::registry;

/// Why the console could not read object storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StorageFailure {
    /// Host and, if given, port of the storage. Untrusted. Absent: the redirect does not contain
    /// it.
    pub host: Option<String>,
    pub why: StorageFailureReason,
    /// The HTTP status of the storage, if that is the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<u16>,
    /// The TLS alert with which the storage ended the handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>)]
    pub tls_alert: Option<TlsAlert>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StorageFailureReason {
    /// `REGISTRY_BLOB_REDIRECTS` is off.
    Off,
    /// The redirect contains no usable address.
    NoAddress,
    /// The address is not https.
    NotHttps,
    /// The address is one to which the console never connects.
    ForbiddenAddress,
    RedirectedAgain,
    /// The storage answered with an error.
    Refused,
    /// The content does not match its digest.
    DigestMismatch,
    /// Its certificate is signed by no trusted authority.
    UnknownAuthority,
    /// Its certificate is invalid in another way.
    Untrusted,
    /// There is no TLS, or the storage ended the handshake.
    NoSecureConnection,
    Unreachable,
    /// No response in time.
    Late,
    /// The content is larger than the console reads.
    TooLarge,
}

impl StorageFailure {
    /// The storage failure in an error of the registry, if that is the reason.
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
