//! Object storage that a registry redirects to.
//!
//! The registry chooses this server, not the configuration. It therefore receives no token and no
//! cookie, only permitted addresses are connected to ([`AddressRule`]), and further redirects are
//! not followed. The URL of a redirect contains a signature, which is a credential: errors, log
//! lines, metrics and `Debug` contain only the host.

mod address_rule;
mod location;

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use http::{Method, StatusCode, header};
use thiserror::Error;
use tokio::sync::Semaphore;
use url::Url;

use super::{
    SetupError, TimeLimits, TransportError, UpstreamName, UpstreamResponse, client_builder, timings,
};
use crate::config::Trust;
use crate::outbound::body_memory::MemoryReservation;

use address_rule::{AddressRule, CheckedResolver, ForbiddenAddress};
pub use location::StorageLocation;

/// The label of metrics and log lines.
const OPERATION: &str = "get blob from storage";

/// The number of concurrent fetches. A page needs one.
const MAX_CONCURRENT_FETCHES: usize = 32;

/// A client for the object storage of one registry. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct StorageClient {
    client: reqwest::Client,
    rule: Arc<AddressRule>,
    permits: Arc<Semaphore>,
}

/// Why a blob cannot be read from object storage.
#[derive(Debug, Error)]
pub enum StorageError {
    /// Redirects are not followed (`REGISTRY_BLOB_REDIRECTS`).
    #[error("redirects of blobs are switched off")]
    RedirectsDisabled,
    /// The redirect has no `Location`, or one that is unusable: not a URL, too long, or with a user
    /// name or password.
    #[error("the redirect names no usable address")]
    InvalidLocation,
    /// The URL is not https, although the registry's is.
    #[error("the address is not https")]
    NotHttps,
    /// The address is a loopback, link-local, multicast or reserved address, and is not the
    /// registry's own.
    #[error("the address is one that is never connected to")]
    ForbiddenAddress,
    #[error("it redirects again")]
    RedirectedAgain,
    /// Any other status that is not a success.
    #[error("it answered {0}")]
    UnexpectedStatus(StatusCode),
    /// The bytes do not have the expected digest.
    #[error("the bytes do not have the digest")]
    DigestMismatch,
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl StorageClient {
    /// A client for the storage of the registry at `registry`, with the authorities of `trust`.
    ///
    /// # Errors
    /// The certificates of `trust` cannot be read.
    pub fn new(registry: &Url, trust: &Trust, limits: TimeLimits) -> Result<Self, SetupError> {
        let unusable =
            |source: Box<dyn std::error::Error + Send + Sync>| SetupError::UnreadableCertificates {
                upstream: UpstreamName::Storage,
                source,
            };
        let rule = Arc::new(AddressRule::new(registry));
        let builder = client_builder(trust, limits)
            .map_err(|error| unusable(error.into()))?
            .dns_resolver(Arc::new(CheckedResolver(Arc::clone(&rule))));
        let client = builder
            .pool_max_idle_per_host(MAX_CONCURRENT_FETCHES)
            .https_only(!rule.is_plain_http())
            .build()
            .map_err(|error| unusable(error.into()))?;
        Ok(Self {
            client,
            rule,
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT_FETCHES)),
        })
    }

    /// Reads at most `max_bytes` at `location`, within `limit`. The caller has to verify the
    /// digest.
    ///
    /// # Errors
    /// Any [`StorageError`] but [`StorageError::RedirectsDisabled`] and
    /// [`StorageError::DigestMismatch`].
    pub async fn get(
        &self,
        location: &StorageLocation,
        max_bytes: usize,
        limit: Duration,
    ) -> Result<UpstreamResponse, StorageError> {
        let started = Instant::now();
        let fetched = {
            let _on_its_way = timings::InFlight::start();
            tokio::time::timeout(limit, self.fetch(location, max_bytes, limit)).await
        };
        let fetched =
            fetched.unwrap_or(Err(StorageError::Transport(TransportError::IdleTimeout {
                upstream: UpstreamName::Storage,
                limit,
            })));
        let late = TransportError::IdleTimeout {
            upstream: UpstreamName::Storage,
            limit,
        };
        let outcome = match &fetched {
            Ok(response) => Ok(response.status),
            Err(StorageError::UnexpectedStatus(status)) => Ok(*status),
            Err(StorageError::RedirectedAgain) => Ok(StatusCode::FOUND),
            Err(StorageError::Transport(error)) => Err(error),
            // No request was sent.
            Err(_) => Err(&late),
        };
        timings::record_call(
            UpstreamName::Storage,
            OPERATION,
            &Method::GET,
            started.elapsed(),
            outcome,
        );
        fetched
    }

    async fn fetch(
        &self,
        location: &StorageLocation,
        max_bytes: usize,
        limit: Duration,
    ) -> Result<UpstreamResponse, StorageError> {
        // The client's resolver checks the addresses of names. It is not called for an IP address.
        if let Some(address) = location.address()
            && !self.rule.permits(address).await
        {
            return Err(StorageError::ForbiddenAddress);
        }
        let _turn = self
            .permits
            .acquire()
            .await
            .expect("the semaphore is never closed");
        let request = self.client.get(location.url().clone()).timeout(limit);
        // Compressed bytes would have another digest.
        let request = request
            .header(header::ACCEPT, "*/*")
            .header(header::ACCEPT_ENCODING, "identity");
        let response = request
            .send()
            .await
            .map_err(|error| storage_error(limit, error))?;
        match response.status() {
            status if status.is_redirection() => return Err(StorageError::RedirectedAgain),
            StatusCode::OK => {}
            status => return Err(StorageError::UnexpectedStatus(status)),
        }
        if response
            .content_length()
            .is_some_and(|length| length > max_bytes as u64)
        {
            return Err(TransportError::TooLarge {
                upstream: UpstreamName::Storage,
                limit: max_bytes,
            }
            .into());
        }
        read_body(response, max_bytes, limit).await
    }
}

/// Reads the whole body, which counts against the memory of all responses.
async fn read_body(
    mut response: reqwest::Response,
    max_bytes: usize,
    limit: Duration,
) -> Result<UpstreamResponse, StorageError> {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let (mut body, mut reserved) = (BytesMut::new(), MemoryReservation::new());
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| TransportError::during_response(UpstreamName::Storage, limit, error))?
    {
        let length = body.len() + chunk.len();
        if length > max_bytes {
            return Err(TransportError::TooLarge {
                upstream: UpstreamName::Storage,
                limit: max_bytes,
            }
            .into());
        }
        reserved
            .grow(length)
            .await
            .map_err(|_| TransportError::Overloaded {
                upstream: UpstreamName::Storage,
            })?;
        body.extend_from_slice(&chunk);
    }
    Ok(UpstreamResponse::new(
        status,
        headers,
        reserved.into_body(body.freeze()),
    ))
}

fn storage_error(limit: Duration, error: reqwest::Error) -> StorageError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<ForbiddenAddress>() {
            return StorageError::ForbiddenAddress;
        }
        cause = inner.source();
    }
    StorageError::Transport(TransportError::before_response(
        UpstreamName::Storage,
        limit,
        error,
    ))
}

#[cfg(test)]
mod tests;
