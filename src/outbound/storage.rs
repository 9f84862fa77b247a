//! Object storage that a registry redirects to.
//!
//! A server that the registry chose, not the configuration: it gets no token and no cookie, only
//! addresses are connected to that are allowed ([`AddressRule`]), and no further redirect is
//! followed. The address that a redirect names carries a signature, which is a credential: it is in
//! no error, log line, metric or `Debug`; only the host is.

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

/// How many blobs are fetched at once. A page needs one.
const MAX_CONCURRENT_FETCHES: usize = 32;

/// A client for the object storage of one registry. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct StorageClient {
    client: reqwest::Client,
    rule: Arc<AddressRule>,
    permits: Arc<Semaphore>,
}

/// Why there are no bytes from object storage.
#[derive(Debug, Error)]
pub enum StorageError {
    /// Redirects are not to be followed (`REGISTRY_BLOB_REDIRECTS`).
    #[error("redirects of blobs are switched off")]
    RedirectsDisabled,
    /// The redirect has no `Location`, or none that can be used: not a URL, too long, with a user
    /// name or password.
    #[error("the redirect names no usable address")]
    InvalidLocation,
    /// The address is not an https one, and the registry's is.
    #[error("the address is not https")]
    NotHttps,
    /// The address belongs to this machine or its link, to a group, or to nobody, and is not the
    /// registry's own.
    #[error("the address is one that is never connected to")]
    ForbiddenAddress,
    #[error("it redirects again")]
    RedirectedAgain,
    /// Any other status but success.
    #[error("it answered {0}")]
    UnexpectedStatus(StatusCode),
    /// The bytes are not those of the digest.
    #[error("the bytes do not have the digest")]
    DigestMismatch,
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl StorageClient {
    /// A client for the storage of the registry at `registry`, whose certificates `trust` decides
    /// about.
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

    /// The bytes at `location`, at most `max_bytes` of them, within `limit`. Whose bytes they are
    /// is the caller's to check.
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
            Ok(answer) => Ok(answer.status),
            Err(StorageError::UnexpectedStatus(status)) => Ok(*status),
            Err(StorageError::RedirectedAgain) => Ok(StatusCode::FOUND),
            Err(StorageError::Transport(failed)) => Err(failed),
            // Nothing was sent.
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
        // A name is looked up, and checked, by the client's resolver; an address never gets there.
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

/// The whole body, which counts against the memory of all answers.
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
