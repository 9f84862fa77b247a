//! HTTP clients for upstreams. All HTTP clients of the console are built in this module.
//!
//! An [`Upstream`] is a server (the API server, the OAuth server or the registry) at a configured
//! address. It follows no redirects and uses no proxy. Responses are read whole, with limits on
//! bytes, time and the memory of all responses together; only responses that are too long or have
//! no end (the index's lists and watches) are streamed. A [`StorageClient`] connects to addresses
//! that the registry redirects to, without a credential.
//!
//! A [`Request`] is a plain value that does no I/O, so that URLs can be tested without a server.
//! The result is an [`UpstreamResponse`] of any status, or a [`TransportError`].

mod body_memory;
pub mod certificate_chain;
mod certificate_verifier;
mod changed_object;
mod circuit_breaker;
mod per_user_cache;
mod request;
mod request_origin;
mod response;
mod storage;
mod streaming_response;
mod timings;
mod tls_alert;
mod transport_error;
mod user_token;

use std::sync::Arc;
use std::time::{Duration, Instant};
use utoipa::ToSchema;

use reqwest::header;
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;
use url::Url;

use crate::config::{ApiServerSettings, Trust};
use body_memory::MemoryReservation;
use circuit_breaker::{CircuitBreaker, CircuitOpenError};

pub use changed_object::ChangedObject;
pub use per_user_cache::{Expiry, MAX_CACHED_USERS, PerUserCache, SharedMap, UserKey};
pub use request::{Request, UpstreamRequestBody};
pub use request_origin::{RequestChannel, RequestOrigin, inherit_origin};
pub use response::UpstreamResponse;
pub use storage::{StorageClient, StorageError, StorageLocation};
pub use streaming_response::StreamingResponse;
pub use timings::{Timings, inherit_timings, may_have_changed, record_change, time_decoding};
pub use tls_alert::{TlsAlert, TlsAlertReason};
pub use transport_error::{CertificateFault, SetupError, TransportError};
pub use user_token::UserToken;

/// The time limits of one upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    /// Until the connection is established (name resolution, TCP and TLS).
    pub connect: Duration,
    /// From the start of a request to the last byte of its response, unless the request sets
    /// another limit.
    pub total: Duration,
}

impl Default for TimeLimits {
    /// 2 s and 8 s: a page that calls two upstreams one after the other still ends within R2's
    /// deadline when the second does not respond.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            total: Duration::from_secs(8),
        }
    }
}

/// The upstream, as the label of metrics and log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UpstreamName {
    #[serde(rename = "master")]
    ApiServer,
    Oauth,
    /// The external OIDC provider.
    Oidc,
    Registry,
    /// Object storage that the registry redirects to.
    Storage,
}

impl UpstreamName {
    /// `api-server`, `oauth`, `oidc`, `registry` or `storage`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiServer => "api-server",
            Self::Oauth => "oauth",
            Self::Oidc => "oidc",
            Self::Registry => "registry",
            Self::Storage => "storage",
        }
    }
}

impl std::fmt::Display for UpstreamName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A client for one server. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Upstream {
    name: UpstreamName,
    base: Url,
    limits: TimeLimits,
    client: reqwest::Client,
    /// Absent if the caller limits its own calls to a server that does not respond.
    breaker: Option<Arc<CircuitBreaker>>,
    /// One permit for each concurrent request.
    permits: Arc<Semaphore>,
}

/// The number of concurrent requests to one upstream, and how long further requests wait (R10).
const MAX_CONCURRENT_REQUESTS: usize = 256;
const QUEUE_TIMEOUT: Duration = Duration::from_secs(3);
/// The time limit of a health check.
const HEALTH_CHECK_TIMEOUT: Duration = Duration::from_secs(2);

impl Upstream {
    /// A client for the server at `base` (its scheme, host and port; a path is dropped), with the
    /// authorities of `trust`.
    ///
    /// # Errors
    /// The base is no http(s) URL, or the certificates of `trust` cannot be read.
    pub fn new(
        name: UpstreamName,
        base: &Url,
        trust: &Trust,
        limits: TimeLimits,
    ) -> Result<Self, SetupError> {
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(SetupError::InvalidAddress {
                upstream: name,
                base: base.to_string(),
            });
        }
        let mut origin = base.clone();
        origin.set_path("/");
        origin.set_query(None);
        origin.set_fragment(None);
        let unusable = |source| SetupError::UnreadableCertificates {
            upstream: name,
            source,
        };
        let client = client_builder(trust, limits)
            .map_err(|error| unusable(error.into()))?
            .build()
            .map_err(|error| unusable(error.into()))?;
        let breaker = Some(Arc::new(CircuitBreaker::new(name)));
        Ok(Self {
            name,
            base: origin,
            limits,
            client,
            breaker,
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT_REQUESTS)),
        })
    }

    /// A client for the API server of these settings.
    ///
    /// # Errors
    /// The certificates of its trust cannot be read.
    pub fn for_api_server(
        settings: &ApiServerSettings,
        limits: TimeLimits,
    ) -> Result<Self, SetupError> {
        Self::new(
            UpstreamName::ApiServer,
            &settings.url,
            &settings.trust,
            limits,
        )
    }

    /// The same client without a circuit breaker, for a task that has its own backoff.
    #[must_use]
    pub fn without_breaker(self) -> Self {
        Self {
            breaker: None,
            ..self
        }
    }

    #[must_use]
    pub fn name(&self) -> UpstreamName {
        self.name
    }

    /// The scheme, host and port of the server.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Sends `request` and reads the whole response. Every status is a response, including
    /// redirects, which are not followed.
    ///
    /// # Errors
    /// [`TransportError`] if there is no complete response within the limits.
    pub async fn send(&self, request: Request<'_>) -> Result<UpstreamResponse, TransportError> {
        let started = Instant::now();
        let (method, operation) = (request.method.clone(), request.operation);
        let result = {
            let _on_its_way = timings::InFlight::start();
            match tokio::time::timeout(QUEUE_TIMEOUT, self.permits.acquire()).await {
                // Boxed: pages wait for many requests at once, and the state of each would be part of
                // the state of every function above it.
                Ok(Ok(_under_way)) => Box::pin(self.send_and_read(request)).await,
                _ => Err(self.overloaded_error()),
            }
        };
        timings::record_call(
            self.name,
            operation,
            &method,
            started.elapsed(),
            result.as_ref().map(|response| response.status),
        );
        result
    }

    /// Sends `request` and streams the response, which can have any status. Waiting for its
    /// headers, or for one chunk of its body, is limited by the idle timeout; the total time is not
    /// limited.
    ///
    /// # Errors
    /// [`TransportError`] if no response begins.
    pub async fn send_streaming(
        &self,
        request: Request<'_>,
        idle_timeout: Duration,
    ) -> Result<StreamingResponse, TransportError> {
        let started = Instant::now();
        let (method, operation) = (request.method.clone(), request.operation);
        let result = async {
            let outgoing = self.build_request(request, STREAMING_TIMEOUT)?;
            let response = tokio::time::timeout(idle_timeout, outgoing.send()).await;
            let response = response.map_err(|_elapsed| TransportError::IdleTimeout {
                upstream: self.name,
                limit: idle_timeout,
            })?;
            response
                .map_err(|error| TransportError::before_response(self.name, idle_timeout, error))
        };
        let result = result.await;
        let outcome = result.as_ref().map(reqwest::Response::status);
        timings::record_call(self.name, operation, &method, started.elapsed(), outcome);
        result.map(|response| StreamingResponse::new(self.name, idle_timeout, response))
    }

    async fn send_and_read(
        &self,
        request: Request<'_>,
    ) -> Result<UpstreamResponse, TransportError> {
        let limit = request.timeout.unwrap_or(self.limits.total);
        let max_bytes = request.max_bytes;
        let outgoing = self.build_request(request, limit)?;
        let mut response = self.start(outgoing, limit).await?;
        if response
            .content_length()
            .is_some_and(|length| length > max_bytes as u64)
        {
            return Err(TransportError::TooLarge {
                upstream: self.name,
                limit: max_bytes,
            });
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        // Allocates the whole body at once if the response has a length.
        let length = response
            .content_length()
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or_default();
        let mut reserved = MemoryReservation::new();
        reserved
            .grow(length)
            .await
            .map_err(|_| self.overloaded_error())?;
        let mut body = bytes::BytesMut::with_capacity(length);
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| TransportError::during_response(self.name, limit, error))?
        {
            if body.len() + chunk.len() > max_bytes {
                return Err(TransportError::TooLarge {
                    upstream: self.name,
                    limit: max_bytes,
                });
            }
            reserved
                .grow(body.len() + chunk.len())
                .await
                .map_err(|_| self.overloaded_error())?;
            body.extend_from_slice(&chunk);
        }
        Ok(UpstreamResponse::new(
            status,
            headers,
            reserved.into_body(body.freeze()),
        ))
    }

    /// Sends the request and waits for the headers of the response, unless the circuit breaker is
    /// open.
    async fn start(
        &self,
        outgoing: reqwest::RequestBuilder,
        limit: Duration,
    ) -> Result<reqwest::Response, TransportError> {
        let sent = async {
            let response = outgoing.send().await;
            response.map_err(|error| TransportError::before_response(self.name, limit, error))
        };
        let Some(breaker) = &self.breaker else {
            return sent.await;
        };
        let check = || self.spawn_health_check();
        let attempt = breaker.admit(&check).map_err(
            |CircuitOpenError {
                 unavailable_for: since,
                 retry_in: next,
             }| TransportError::CircuitOpen {
                upstream: self.name,
                since,
                next,
            },
        )?;
        let response = sent.await;
        match &response {
            Err(
                TransportError::Connect { .. }
                | TransportError::Timeout { .. }
                | TransportError::ConnectionLost { .. },
            ) => attempt.record_failure(),
            // An untrusted certificate is a response too: the server is available.
            _ => attempt.record_response(),
        }
        response
    }

    /// Starts a task that repeats the health check until the server responds. It needs no token: a
    /// response of any status is enough.
    fn spawn_health_check(&self) {
        let (upstream, Some(breaker)) = (self.clone(), self.breaker.clone()) else {
            return;
        };
        // A request that is dropped during shutdown starts no task.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            while breaker.needs_health_check() {
                let request = Request::get("check", "/healthz");
                let Ok(outgoing) = upstream.build_request(request, HEALTH_CHECK_TIMEOUT) else {
                    return;
                };
                match outgoing.send().await.map_err(|error| {
                    TransportError::before_response(upstream.name, HEALTH_CHECK_TIMEOUT, error)
                }) {
                    Ok(_) | Err(TransportError::Tls { .. }) => breaker.record_response(),
                    Err(_) => tokio::time::sleep(breaker.record_failed_health_check()).await,
                }
            }
        });
    }

    fn overloaded_error(&self) -> TransportError {
        TransportError::Overloaded {
            upstream: self.name,
        }
    }

    fn build_request(
        &self,
        request: Request<'_>,
        limit: Duration,
    ) -> Result<reqwest::RequestBuilder, TransportError> {
        let url = request
            .url(&self.base)
            .ok_or(TransportError::InvalidRequest {
                upstream: self.name,
                operation: request.operation,
            })?;
        let mut outgoing = self
            .client
            .request(request.method, url)
            .timeout(limit)
            .header(header::ACCEPT, request.accept);
        if let Some(token) = request.bearer {
            let value = token
                .authorization()
                .ok_or(TransportError::InvalidRequest {
                    upstream: self.name,
                    operation: request.operation,
                })?;
            outgoing = outgoing.header(header::AUTHORIZATION, value);
        }
        if let Some(mut value) = request.authorization {
            value.set_sensitive(true);
            outgoing = outgoing.header(header::AUTHORIZATION, value);
        }
        Ok(match request.body {
            UpstreamRequestBody::Empty => outgoing,
            UpstreamRequestBody::Json { media_type, bytes } => outgoing
                .header(header::CONTENT_TYPE, media_type)
                .body(bytes),
            UpstreamRequestBody::Form(fields) => outgoing
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(fields.expose_secret().to_owned()),
        })
    }
}

/// Streaming responses are limited by the idle timeout only.
const STREAMING_TIMEOUT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The interval of keep-alive probes, and the time limit of each. Without them, a watch or another
/// request would wait without end for a peer that is gone. The clients of Kubernetes do the same.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(15));

/// How long an idle connection is kept. It bounds how long a changed service address goes unnoticed
/// (R21).
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that builds clients"
)]
fn client_builder(
    trust: &Trust,
    limits: TimeLimits,
) -> Result<reqwest::ClientBuilder, certificate_verifier::TrustError> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("registry-console/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE.0)
        .http2_keep_alive_timeout(KEEP_ALIVE.1)
        .tcp_keepalive(KEEP_ALIVE.0)
        .tcp_nodelay(true);
    Ok(match certificate_verifier::client_config(trust)? {
        Some(tls) => builder.tls_backend_preconfigured(tls),
        None => builder.tls_danger_accept_invalid_certs(true),
    })
}
