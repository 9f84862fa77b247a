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

use super::bodies::Reserved;
use super::{Answer, Failed, Limits, Name, Unusable, builder, timings};
use crate::config::Trust;

use address_rule::{AddressRule, CheckedResolver, ForbiddenAddress};
pub use location::StorageLocation;

/// The label of metrics and log lines.
const OPERATION: &str = "get blob from storage";

/// How many blobs are fetched at once. A page needs one.
const SIDE_BY_SIDE: usize = 32;

/// A client for the object storage of one registry. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct StorageClient {
    client: reqwest::Client,
    rule: Arc<AddressRule>,
    turns: Arc<Semaphore>,
}

/// Why there are no bytes from object storage.
#[derive(Debug, Error)]
pub enum StorageFailed {
    /// Redirects are not to be followed (`REGISTRY_BLOB_REDIRECTS`).
    #[error("redirects of blobs are switched off")]
    Off,
    /// The redirect has no `Location`, or none that can be used: not a URL, too long, with a user
    /// name or password.
    #[error("the redirect names no usable address")]
    NoLocation,
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
    Refused(StatusCode),
    /// The bytes are not those of the digest.
    #[error("the bytes do not have the digest")]
    DigestMismatch,
    #[error(transparent)]
    Failed(#[from] Failed),
}

impl StorageClient {
    /// A client for the storage of the registry at `registry`, whose certificates `trust` decides
    /// about.
    ///
    /// # Errors
    /// The certificates of `trust` cannot be read.
    pub fn new(registry: &Url, trust: &Trust, limits: Limits) -> Result<Self, Unusable> {
        let unusable = |source: Box<dyn std::error::Error + Send + Sync>| Unusable::Certificates {
            upstream: Name::Storage,
            source,
        };
        let rule = Arc::new(AddressRule::beside(registry));
        let builder = builder(trust, limits)
            .map_err(|error| unusable(error.into()))?
            .dns_resolver(Arc::new(CheckedResolver(Arc::clone(&rule))));
        let client = builder
            .pool_max_idle_per_host(SIDE_BY_SIDE)
            .https_only(!rule.is_plain())
            .build()
            .map_err(|error| unusable(error.into()))?;
        Ok(Self {
            client,
            rule,
            turns: Arc::new(Semaphore::new(SIDE_BY_SIDE)),
        })
    }

    /// The bytes at `location`, at most `max_bytes` of them, within `limit`. Whose bytes they are
    /// is the caller's to check.
    ///
    /// # Errors
    /// Any [`StorageFailed`] but [`StorageFailed::Off`] and [`StorageFailed::DigestMismatch`].
    pub async fn get(
        &self,
        location: &StorageLocation,
        max_bytes: usize,
        limit: Duration,
    ) -> Result<Answer, StorageFailed> {
        let started = Instant::now();
        let fetched = {
            let _on_its_way = timings::OnItsWay::now();
            tokio::time::timeout(limit, self.fetch(location, max_bytes, limit)).await
        };
        let fetched = fetched.unwrap_or(Err(StorageFailed::Failed(Failed::Silent {
            upstream: Name::Storage,
            limit,
        })));
        let late = Failed::Silent {
            upstream: Name::Storage,
            limit,
        };
        let outcome = match &fetched {
            Ok(answer) => Ok(answer.status),
            Err(StorageFailed::Refused(status)) => Ok(*status),
            Err(StorageFailed::RedirectedAgain) => Ok(StatusCode::FOUND),
            Err(StorageFailed::Failed(failed)) => Err(failed),
            // Nothing was sent.
            Err(_) => Err(&late),
        };
        timings::record(
            Name::Storage,
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
    ) -> Result<Answer, StorageFailed> {
        // A name is looked up, and checked, by the client's resolver; an address never gets there.
        if let Some(address) = location.address()
            && !self.rule.permits(address).await
        {
            return Err(StorageFailed::ForbiddenAddress);
        }
        let _turn = self
            .turns
            .acquire()
            .await
            .expect("the semaphore is never closed");
        let request = self.client.get(location.url().clone()).timeout(limit);
        // Compressed bytes would have another digest.
        let request = request
            .header(header::ACCEPT, "*/*")
            .header(header::ACCEPT_ENCODING, "identity");
        let response = request.send().await.map_err(|error| failed(limit, error))?;
        match response.status() {
            status if status.is_redirection() => return Err(StorageFailed::RedirectedAgain),
            StatusCode::OK => {}
            status => return Err(StorageFailed::Refused(status)),
        }
        if response
            .content_length()
            .is_some_and(|length| length > max_bytes as u64)
        {
            return Err(Failed::TooLarge {
                upstream: Name::Storage,
                limit: max_bytes,
            }
            .into());
        }
        read(response, max_bytes, limit).await
    }
}

/// The whole body, which counts against the memory of all answers.
async fn read(
    mut response: reqwest::Response,
    max_bytes: usize,
    limit: Duration,
) -> Result<Answer, StorageFailed> {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let (mut body, mut reserved) = (BytesMut::new(), Reserved::new());
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| Failed::within_answer(Name::Storage, limit, error))?
    {
        let length = body.len() + chunk.len();
        if length > max_bytes {
            return Err(Failed::TooLarge {
                upstream: Name::Storage,
                limit: max_bytes,
            }
            .into());
        }
        reserved
            .grow(length)
            .await
            .map_err(|_| Failed::Overloaded {
                upstream: Name::Storage,
            })?;
        body.extend_from_slice(&chunk);
    }
    Ok(Answer::new(
        status,
        headers,
        reserved.holding(body.freeze()),
    ))
}

fn failed(limit: Duration, error: reqwest::Error) -> StorageFailed {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<ForbiddenAddress>() {
            return StorageFailed::ForbiddenAddress;
        }
        cause = inner.source();
    }
    StorageFailed::Failed(Failed::before_answer(Name::Storage, limit, error))
}

#[cfg(test)]
mod tests;
