//! TLS alerts that end a handshake.

use std::fmt;

use rustls::AlertDescription;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// The alert with which a server ended a TLS handshake (RFC 8446, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String)]
pub struct TlsAlert(AlertDescription);

/// The likely reason for an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsAlertReason {
    /// There is no common protocol version.
    ProtocolVersion,
    /// There is no common cipher suite or signature algorithm, or no suitable certificate.
    NothingInCommon,
    /// The server requires a client certificate.
    ClientCertificate,
    /// The server does not serve this name.
    UnknownName,
    /// The server rejects this client.
    Refused,
    /// The server has an internal error.
    ServerFailed,
    /// The server does not accept what the console sent.
    Other,
}

impl TlsAlert {
    /// The alert of a TLS error, if the server sent one.
    pub(super) fn from_error(error: &rustls::Error) -> Option<Self> {
        if let rustls::Error::AlertReceived(alert) = error {
            Some(Self(*alert))
        } else {
            None
        }
    }

    /// The number of the alert.
    #[must_use]
    pub fn number(self) -> u8 {
        u8::from(self.0)
    }

    /// The likely reason for the alert.
    #[must_use]
    pub fn reason(self) -> TlsAlertReason {
        use AlertDescription as Alert;
        match self.0 {
            Alert::ProtocolVersion => TlsAlertReason::ProtocolVersion,
            Alert::HandshakeFailure
            | Alert::InsufficientSecurity
            | Alert::NoApplicationProtocol => TlsAlertReason::NothingInCommon,
            // The console never sends a certificate. With TLS 1.2, servers that require one report
            // a bad or unknown certificate.
            Alert::CertificateRequired
            | Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateUnknown
            | Alert::UnknownCA => TlsAlertReason::ClientCertificate,
            Alert::UnrecognisedName => TlsAlertReason::UnknownName,
            Alert::AccessDenied => TlsAlertReason::Refused,
            Alert::InternalError => TlsAlertReason::ServerFailed,
            _ => TlsAlertReason::Other,
        }
    }
}

/// The name in RFC 8446, with spaces: `handshake failure`.
impl fmt::Display for TlsAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use AlertDescription as Alert;
        f.write_str(match self.0 {
            Alert::CloseNotify => "close notify",
            Alert::UnexpectedMessage => "unexpected message",
            Alert::BadRecordMac => "bad record MAC",
            Alert::RecordOverflow => "record overflow",
            Alert::HandshakeFailure => "handshake failure",
            Alert::NoCertificate => "no certificate",
            Alert::BadCertificate => "bad certificate",
            Alert::UnsupportedCertificate => "unsupported certificate",
            Alert::CertificateRevoked => "certificate revoked",
            Alert::CertificateExpired => "certificate expired",
            Alert::CertificateUnknown => "certificate unknown",
            Alert::IllegalParameter => "illegal parameter",
            Alert::UnknownCA => "unknown CA",
            Alert::AccessDenied => "access denied",
            Alert::DecodeError => "decode error",
            Alert::DecryptError => "decrypt error",
            Alert::ProtocolVersion => "protocol version",
            Alert::InsufficientSecurity => "insufficient security",
            Alert::InternalError => "internal error",
            Alert::InappropriateFallback => "inappropriate fallback",
            Alert::UserCanceled => "user canceled",
            Alert::MissingExtension => "missing extension",
            Alert::UnsupportedExtension => "unsupported extension",
            Alert::UnrecognisedName => "unrecognized name",
            Alert::CertificateRequired => "certificate required",
            Alert::NoApplicationProtocol => "no application protocol",
            _ => return write!(f, "alert {}", self.number()),
        })
    }
}

impl Serialize for TlsAlert {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
