//! Errors of requests without a complete response.

use std::error::Error;
use std::time::Duration;

use rustls::CertificateError;
use thiserror::Error;

use super::{TlsAlert, UpstreamName};
use crate::outbound::certificate_verifier::{ChainFault, RefusedCertificate};

/// No complete response to a request. The texts contain no URLs, because these can contain a token.
#[derive(Debug, Error)]
pub enum TransportError {
    /// No connection: the name cannot be resolved, or the connection is refused or not accepted.
    #[error("the {upstream} cannot be reached")]
    Connect {
        upstream: UpstreamName,
        #[source]
        source: reqwest::Error,
    },
    /// A connection whose TLS is not trusted (S47).
    #[error("the {upstream} is refused: {fault}")]
    Tls {
        upstream: UpstreamName,
        fault: CertificateFault,
        /// The cause. For a rejected certificate it names the subject and issuer.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// No complete response within the time limit.
    #[error("the {upstream} did not answer within {} ms", limit.as_millis())]
    Timeout {
        upstream: UpstreamName,
        /// The time limit.
        limit: Duration,
        /// The step that was in progress.
        #[source]
        source: reqwest::Error,
    },
    /// A streaming response with no data within the idle timeout.
    #[error("the {upstream} said nothing for {} ms", limit.as_millis())]
    IdleTimeout {
        upstream: UpstreamName,
        /// The idle timeout.
        limit: Duration,
    },
    /// The response is longer than the request allows. The rest was not read.
    #[error("the answer of the {upstream} is longer than {limit} bytes")]
    TooLarge {
        upstream: UpstreamName,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The connection was lost before the response was complete, or the response is not valid HTTP.
    #[error("the {upstream} broke off its answer")]
    ConnectionLost {
        upstream: UpstreamName,
        #[source]
        source: reqwest::Error,
    },
    /// The circuit breaker is open, so the request was not sent (R9).
    #[error("the {upstream} has not answered for {} ms; it is asked again in {} ms", since.as_millis(), next.as_millis())]
    CircuitOpen {
        upstream: UpstreamName,
        /// How long the server has not responded.
        since: Duration,
        /// The time until the next health check.
        next: Duration,
    },
    /// Too many concurrent requests or too many long responses. The request was not sent, or its
    /// response was not read completely.
    #[error("too much is under way to ask the {upstream} for more")]
    Overloaded { upstream: UpstreamName },
    /// The request is invalid: a path that a URL parser would interpret otherwise, or a token that
    /// a header cannot contain. Nothing was sent.
    #[error("\"{operation}\" cannot be asked of the {upstream}")]
    InvalidRequest {
        upstream: UpstreamName,
        /// The operation of the request.
        operation: &'static str,
    },
}

/// The fault of an upstream's certificate, as far as it can be determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CertificateFault {
    /// No trusted authority has signed it: the CA setting is wrong or outdated.
    #[error("its certificate is not signed by a trusted authority")]
    UntrustedAuthority,
    /// It has expired or is not valid yet.
    #[error("its certificate has expired or is not valid yet")]
    OutsideValidity,
    /// It is for another host.
    #[error("its certificate is for another name")]
    WrongHost,
    /// The server ended the handshake with an alert.
    #[error("it ended the TLS handshake with the alert \"{0}\"")]
    Alert(TlsAlert),
    /// Its issuer is not trusted, and the server does not send the issuer's certificate.
    #[error("the certificate of its issuer is missing")]
    IssuerMissing,
    /// It is X.509 version 1 or 2.
    #[error("its certificate is not X.509 version 3")]
    OldVersion,
    /// It has no subjectAltName.
    #[error("its certificate has no subjectAltName")]
    NoNames,
    /// Its RSA key has fewer than 2048 bits.
    #[error("the RSA key of its certificate is shorter than 2048 bits")]
    WeakKey,
    /// It is signed with SHA-1 or MD5.
    #[error("its certificate is signed with SHA-1 or MD5")]
    WeakSignature,
    /// It is the certificate of an authority, and not pinned.
    #[error("its certificate is that of an authority")]
    AuthorityAsServer,
    /// Its extended key usage does not include server authentication.
    #[error("its certificate is not meant for servers")]
    NotForServers,
    /// Any other fault: no TLS, no common version, a malformed certificate.
    #[error("no secure connection")]
    Other,
}

impl From<ChainFault> for CertificateFault {
    fn from(fault: ChainFault) -> Self {
        match fault {
            // An authority that was renewed under the same name appears as a bad signature.
            ChainFault::UnknownAuthority | ChainFault::AuthorityRenewed => Self::UntrustedAuthority,
            ChainFault::IssuerMissing => Self::IssuerMissing,
            ChainFault::Expired | ChainFault::NotYetValid => Self::OutsideValidity,
            ChainFault::WrongName => Self::WrongHost,
            ChainFault::NoNames => Self::NoNames,
            ChainFault::OldVersion => Self::OldVersion,
            ChainFault::WeakKey => Self::WeakKey,
            ChainFault::WeakSignature => Self::WeakSignature,
            ChainFault::AuthorityAsServer => Self::AuthorityAsServer,
            ChainFault::NotForServers => Self::NotForServers,
            ChainFault::Unusable => Self::Other,
        }
    }
}

/// An upstream cannot be set up because of its configuration.
#[derive(Debug, Error)]
pub enum SetupError {
    #[error("the address of the {upstream}, \"{base}\", is no http or https URL")]
    InvalidAddress {
        upstream: UpstreamName,
        base: String,
    },
    /// The certificates cannot be read, or the machine has none.
    #[error("the certificates to trust for the {upstream} cannot be read")]
    UnreadableCertificates {
        upstream: UpstreamName,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl CertificateFault {
    /// Whether the server presented a certificate that is not trusted. `false` if it presented
    /// none, or if the certificate was not verified.
    #[must_use]
    pub fn is_about_certificate(self) -> bool {
        !matches!(self, Self::Alert(_) | Self::Other)
    }

    /// The alert with which the server ended the handshake.
    #[must_use]
    pub fn alert(self) -> Option<TlsAlert> {
        if let Self::Alert(alert) = self {
            Some(alert)
        } else {
            None
        }
    }
}

impl TransportError {
    #[must_use]
    pub fn upstream(&self) -> UpstreamName {
        match *self {
            Self::Connect { upstream, .. }
            | Self::Tls { upstream, .. }
            | Self::Timeout { upstream, .. }
            | Self::IdleTimeout { upstream, .. }
            | Self::TooLarge { upstream, .. }
            | Self::ConnectionLost { upstream, .. }
            | Self::CircuitOpen { upstream, .. }
            | Self::Overloaded { upstream }
            | Self::InvalidRequest { upstream, .. } => upstream,
        }
    }

    /// A fixed word: the label of the metric.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::IdleTimeout { .. } => "silent",
            Self::TooLarge { .. } => "too-large",
            Self::ConnectionLost { .. } => "cut",
            Self::CircuitOpen { .. } => "open",
            Self::Overloaded { .. } => "overloaded",
            Self::InvalidRequest { .. } => "unsendable",
        }
    }

    /// The fault of the upstream's certificate, if that is the cause.
    #[must_use]
    pub fn certificate_fault(&self) -> Option<CertificateFault> {
        match self {
            Self::Tls { fault, .. } => Some(*fault),
            _ => None,
        }
    }

    pub(super) fn before_response(
        upstream: UpstreamName,
        limit: Duration,
        error: reqwest::Error,
    ) -> Self {
        let source = error.without_url();
        if let Some(refused) = refused_certificate(&source) {
            // rustls formats the errors around the cause with the names of their types, so only the
            // cause is kept.
            Self::Tls {
                upstream,
                fault: refused.fault.into(),
                source: Box::new(refused.clone()),
            }
        } else if let Some(tls) = tls_error(&source) {
            let fault =
                TlsAlert::from_error(tls).map_or(CertificateFault::Other, CertificateFault::Alert);
            Self::Tls {
                upstream,
                fault,
                source: Box::new(source),
            }
        } else if source.is_connect() {
            Self::Connect { upstream, source }
        } else {
            Self::during_response(upstream, limit, source)
        }
    }

    pub(super) fn during_response(
        upstream: UpstreamName,
        limit: Duration,
        error: reqwest::Error,
    ) -> Self {
        let source = error.without_url();
        if source.is_timeout() {
            Self::Timeout {
                upstream,
                limit,
                source,
            }
        } else {
            Self::ConnectionLost { upstream, source }
        }
    }
}

fn refused_certificate<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e RefusedCertificate> {
    match tls_error(error)? {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => {
            other.0.downcast_ref::<RefusedCertificate>()
        }
        _ => None,
    }
}

fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        // `source` of an `io::Error` skips the error that it wraps.
        let wrapped = cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    None
}
