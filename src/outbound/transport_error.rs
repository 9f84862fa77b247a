//! Why there is no answer.

use std::error::Error;
use std::time::Duration;

use rustls::CertificateError;
use thiserror::Error;

use super::{TlsAlert, UpstreamName};
use crate::outbound::certificate_verifier::{ChainFault, RefusedCertificate};

/// A request without a whole answer. Addresses are left out of every text: they may hold a token.
#[derive(Debug, Error)]
pub enum TransportError {
    /// No connection: the name is unknown, the port refuses, nobody answers.
    #[error("the {upstream} cannot be reached")]
    Connect {
        upstream: UpstreamName,
        #[source]
        source: reqwest::Error,
    },
    /// A connection, but no TLS that we trust (S47).
    #[error("the {upstream} is refused: {fault}")]
    Tls {
        upstream: UpstreamName,
        fault: CertificateFault,
        /// Why: for a certificate that was refused, whose it is.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Nothing, or not all of it, within the time.
    #[error("the {upstream} did not answer within {} ms", limit.as_millis())]
    Timeout {
        upstream: UpstreamName,
        /// The time it had.
        limit: Duration,
        /// Where it was waited.
        #[source]
        source: reqwest::Error,
    },
    /// Nothing more of an answer that is read as it comes, for too long.
    #[error("the {upstream} said nothing for {} ms", limit.as_millis())]
    IdleTimeout {
        upstream: UpstreamName,
        /// How long it was waited.
        limit: Duration,
    },
    /// The answer is longer than the request allowed. It was not read to its end.
    #[error("the answer of the {upstream} is longer than {limit} bytes")]
    TooLarge {
        upstream: UpstreamName,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The connection broke before the whole answer was there, or what came is no HTTP.
    #[error("the {upstream} broke off its answer")]
    ConnectionLost {
        upstream: UpstreamName,
        #[source]
        source: reqwest::Error,
    },
    /// The server has not answered for a while, and was not asked (R9).
    #[error("the {upstream} has not answered for {} ms; it is asked again in {} ms", since.as_millis(), next.as_millis())]
    CircuitOpen {
        upstream: UpstreamName,
        /// For how long it has not answered.
        since: Duration,
        /// When it is asked again.
        next: Duration,
    },
    /// Too many requests to it, or too many long answers, are under way here. It was not asked, or
    /// its answer was not read to its end.
    #[error("too much is under way to ask the {upstream} for more")]
    Overloaded { upstream: UpstreamName },
    /// The request cannot be written down: a path that a URL parser would read otherwise, a token
    /// that no header may carry. Nothing was sent.
    #[error("\"{operation}\" cannot be asked of the {upstream}")]
    InvalidRequest {
        upstream: UpstreamName,
        /// What was to be asked.
        operation: &'static str,
    },
}

/// What is wrong with the certificate of an upstream, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CertificateFault {
    /// Signed by nobody whom we trust: the CA setting is wrong or old.
    #[error("its certificate is not signed by a trusted authority")]
    UntrustedAuthority,
    /// Its time is over, or has not come.
    #[error("its certificate has expired or is not valid yet")]
    OutsideValidity,
    /// It belongs to another host.
    #[error("its certificate is for another name")]
    WrongHost,
    /// The server ended the handshake, and said why.
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
    /// It is that of an authority, and not pinned.
    #[error("its certificate is that of an authority")]
    AuthorityAsServer,
    /// Its extended key usage leaves servers out.
    #[error("its certificate is not meant for servers")]
    NotForServers,
    /// Anything else: no TLS at all, no common version, a broken certificate.
    #[error("no secure connection")]
    Other,
}

impl From<ChainFault> for CertificateFault {
    fn from(fault: ChainFault) -> Self {
        match fault {
            // A CA that was made anew under its old name shows as a bad signature.
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

/// Why an upstream cannot be set up at all: a mistake in configuration.
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
    /// Whether the server showed a certificate, and that is not trusted; else it showed none, or
    /// nobody looked at it.
    #[must_use]
    pub fn is_about_certificate(self) -> bool {
        !matches!(self, Self::Alert(_) | Self::Other)
    }

    /// The alert that the server ended the handshake with.
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
    /// The upstream that failed.
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

    /// One fixed word: the label of its metric.
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

    /// What is wrong with the upstream's certificate, if that is why.
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
            // Of what stands around it, rustls would write the names of its types.
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
        // An io::Error's `source` skips the very error that it wraps.
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
