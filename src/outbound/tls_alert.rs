//! Why a server ends a TLS handshake.

use std::fmt;

use rustls::AlertDescription;
use serde::{Serialize, Serializer};

/// The alert that a server ended a TLS handshake with (RFC 8446, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsAlert(AlertDescription);

/// What an alert says about the server, as far as the console can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsAlertReason {
    /// No protocol version that both sides have.
    ProtocolVersion,
    /// No cipher, signature or certificate that suits both sides.
    NothingInCommon,
    /// The server wants a client certificate.
    ClientCertificate,
    /// The server has no site of this name.
    UnknownName,
    /// The server refuses this client.
    Refused,
    /// The server itself failed.
    ServerFailed,
    /// The server does not accept what the console sent.
    Other,
}

impl TlsAlert {
    /// The alert of a TLS error, where it is one that the other side sent.
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

    /// What it says about the server.
    #[must_use]
    pub fn reason(self) -> TlsAlertReason {
        use AlertDescription as Alert;
        match self.0 {
            Alert::ProtocolVersion => TlsAlertReason::ProtocolVersion,
            Alert::HandshakeFailure
            | Alert::InsufficientSecurity
            | Alert::NoApplicationProtocol => TlsAlertReason::NothingInCommon,
            // The console never sends a certificate: with TLS 1.2, servers that want one complain
            // about a bad or unknown one.
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
