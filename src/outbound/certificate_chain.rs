//! The certificates that a server shows, looked at without asking it for anything.
//!
//! This is the one place that ends a handshake with a server that may not be trusted. It keeps what
//! was shown, closes, and says what the trust settings make of it, by the rules that every other
//! connection follows. No request goes over such a connection, and none leaves this module.

mod certificate;
mod handshake;
mod trust_verdict;

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use thiserror::Error;
use url::Url;

use super::TlsAlert;
use crate::config::Trust;

pub use crate::outbound::certificate_verifier::ChainFault;
pub use certificate::Certificate;
pub use trust_verdict::TrustVerdict;

/// What a server showed, and what the trust settings make of it. Every text of a certificate is
/// untrusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PresentedChain {
    /// The address that the host's name led to.
    pub address: SocketAddr,
    /// The certificates in the order in which they were shown: the server's own is the first. At
    /// most 16.
    pub chain: Vec<Certificate>,
    /// Whether the other connections to this server are made.
    pub verdict: TrustVerdict,
    /// The certificate of the trust setting that the chain leads to, whether or not the chain is
    /// good for this name at this time.
    pub configured: Option<Certificate>,
    /// The same among the authorities that the machine trusts, whether or not they count for this
    /// server.
    pub system: Option<Certificate>,
}

/// Why no certificate was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Error)]
#[serde(rename_all = "kebab-case")]
pub enum InspectionError {
    /// The address is an http one, or none at all.
    #[error("the address has no TLS")]
    Plain,
    /// The name leads nowhere.
    #[error("the name cannot be resolved")]
    NoSuchName,
    /// Nobody accepts a connection.
    #[error("no connection")]
    NoConnection,
    /// A connection, but no TLS: something else answers, or nothing that ends a handshake.
    #[error("no TLS")]
    NoTls,
    /// The server ended the handshake, and said why.
    #[error("the server ended the TLS handshake with the alert \"{0}\"")]
    Alert(TlsAlert),
    /// TLS, but no version and cipher suite that the console takes: at least TLS 1.2, with an
    /// exchange of ephemeral keys.
    #[error("no common version of TLS")]
    OldTls,
    /// Not within the time.
    #[error("no answer in time")]
    Late,
}

/// Looks at what the server at `url` (an https one) shows, for `limit` at the most, and what
/// `trust` makes of it `now`.
///
/// # Errors
/// [`InspectionError`] where no handshake came to its end.
pub async fn inspect(
    url: &Url,
    trust: &Trust,
    now: DateTime<Utc>,
    limit: Duration,
) -> Result<PresentedChain, InspectionError> {
    let seeing = async {
        let handshake = handshake::perform(url).await?;
        let trust = trust.clone();
        // Reading the machine's authorities is work for a file system, and checking a chain against
        // each of them takes its time too.
        let judged =
            tokio::task::spawn_blocking(move || trust_verdict::evaluate(&handshake, &trust, now));
        judged.await.map_err(|_| InspectionError::NoTls)
    };
    tokio::time::timeout(limit, seeing)
        .await
        .unwrap_or(Err(InspectionError::Late))
}
