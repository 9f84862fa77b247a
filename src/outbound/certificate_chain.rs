//! Inspection of the certificates that a server presents, without sending a request.
//!
//! Only this module completes a handshake with a server that may be untrusted. It records the
//! certificates, closes the connection and evaluates them against the trust settings by the same
//! rules as all other connections. No request is sent over such a connection, and the connection
//! does not leave this module.

mod certificate;
mod handshake;
mod trust_verdict;

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use thiserror::Error;
use url::Url;
use utoipa::ToSchema;

use super::TlsAlert;
use crate::config::Trust;

pub use crate::outbound::certificate_verifier::ChainFault;
pub use certificate::Certificate;
pub use trust_verdict::TrustVerdict;

/// The certificates that a server presented, and the verdict of the trust settings on them. All
/// text in a certificate is untrusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PresentedChain {
    /// The address that the host name resolved to.
    pub address: SocketAddr,
    /// The certificates in the order in which they were presented: the server's own is first. At
    /// most 16.
    pub chain: Vec<Certificate>,
    /// Whether other connections to this server are accepted.
    pub verdict: TrustVerdict,
    /// The certificate of the trust setting that the chain leads to, whether or not the chain is
    /// valid for this name at this time.
    pub configured: Option<Certificate>,
    /// The same among the system's authorities, whether or not they are trusted for this server.
    pub system: Option<Certificate>,
}

/// Why no certificate was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Error, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InspectionError {
    /// The URL is not https.
    #[error("the address has no TLS")]
    Plain,
    /// The name cannot be resolved.
    #[error("the name cannot be resolved")]
    NoSuchName,
    /// No connection was accepted.
    #[error("no connection")]
    NoConnection,
    /// A connection without TLS: the handshake did not complete.
    #[error("no TLS")]
    NoTls,
    /// The server ended the handshake with an alert.
    #[error("the server ended the TLS handshake with the alert \"{0}\"")]
    Alert(TlsAlert),
    /// TLS without a common version and cipher suite. The console requires TLS 1.2 or newer with an
    /// ephemeral key exchange.
    #[error("no common version of TLS")]
    OldTls,
    /// The time limit was exceeded.
    #[error("no answer in time")]
    Late,
}

/// Inspects the certificates of the server at `url` (https), for at most `limit`, and evaluates
/// them with `trust` at the time `now`.
///
/// # Errors
///
/// [`InspectionError`] if no handshake completed.
pub async fn inspect(
    url: &Url,
    trust: &Trust,
    now: DateTime<Utc>,
    limit: Duration,
) -> Result<PresentedChain, InspectionError> {
    let seeing = async {
        let handshake = handshake::perform(url).await?;
        let trust = trust.clone();
        // Reading the system's authorities blocks on the file system, and checking a chain against
        // each of them takes CPU time.
        let judged =
            tokio::task::spawn_blocking(move || trust_verdict::evaluate(&handshake, &trust, now));
        judged.await.map_err(|_| InspectionError::NoTls)
    };
    tokio::time::timeout(limit, seeing)
        .await
        .unwrap_or(Err(InspectionError::Late))
}
