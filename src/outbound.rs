//! The one place that builds HTTP clients.
//!
//! An [`Upstream`] is one other server (the master, the OAuth server, the registry) at an address
//! that configuration fixed; only a [`StorageClient`] goes where another server sends it, without
//! any credential. An upstream follows no redirect, uses no proxy, and reads every answer whole,
//! under a limit of bytes, of time and of memory for all answers; only what is too long or has no
//! end (the index's lists and watches) is read as it comes. What goes out is a [`Request`], a plain
//! value that does no I/O, so that a test of a URL is one line; what comes back is an [`Answer`] of
//! any status, or [`Failed`].

mod answer;
mod bodies;
mod breaker;
pub mod chain;
mod failed;
mod incoming;
mod request;
mod storage;
mod timings;
mod tls_alert;
mod token;
mod verify;

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header;
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;
use url::Url;

use crate::config::Trust;
use bodies::Reserved;
use breaker::{Breaker, IsOpen};

pub use answer::Answer;
pub use failed::{CertificateFault, Failed, Unusable};
pub use incoming::Incoming;
pub use request::{Body, Request};
pub use storage::{StorageClient, StorageFailed, StorageLocation};
pub use timings::{Timings, elsewhere, may_have_changed, note_change, reading};
pub use tls_alert::{TlsAlert, TlsAlertReason};
pub use token::UserToken;

/// How long and how much one upstream may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands (name, TCP and TLS).
    pub connect: Duration,
    /// From the start of a request to the last byte of its answer, unless the request says
    /// otherwise.
    pub total: Duration,
}

impl Default for Limits {
    /// 2 s and 8 s: a page that asks two upstreams one after the other still ends within R2's
    /// deadline when the second hangs.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            total: Duration::from_secs(8),
        }
    }
}

/// Which upstream: the label of its metrics and log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Name {
    Master,
    Oauth,
    Registry,
    /// Object storage that the registry redirects to.
    Storage,
}

impl Name {
    /// `master`, `oauth`, `registry` or `storage`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Oauth => "oauth",
            Self::Registry => "registry",
            Self::Storage => "storage",
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A server that the console asks. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Upstream {
    name: Name,
    base: Url,
    limits: Limits,
    client: reqwest::Client,
    /// Absent: who asks has a way of their own to leave a server alone that does not answer.
    breaker: Option<Arc<Breaker>>,
    /// How many more requests may be under way.
    room: Arc<Semaphore>,
}

/// How many requests to one upstream are under way at once, and how long others wait (R10).
const UNDER_WAY: usize = 256;
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a server has to say whether it is there.
const CHECK: Duration = Duration::from_secs(2);

impl Upstream {
    /// A client for the server at `base` (its scheme, host and port; a path is dropped), believing
    /// whom `trust` names.
    ///
    /// # Errors
    /// The base is no http(s) URL, or the certificates of `trust` cannot be read.
    pub fn new(name: Name, base: &Url, trust: &Trust, limits: Limits) -> Result<Self, Unusable> {
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(Unusable::Address {
                upstream: name,
                base: base.to_string(),
            });
        }
        let mut origin = base.clone();
        origin.set_path("/");
        origin.set_query(None);
        origin.set_fragment(None);
        let unusable = |source| Unusable::Certificates {
            upstream: name,
            source,
        };
        let client = builder(trust, limits)
            .map_err(|error| unusable(error.into()))?
            .build()
            .map_err(|error| unusable(error.into()))?;
        let breaker = Some(Arc::new(Breaker::new(name)));
        Ok(Self {
            name,
            base: origin,
            limits,
            client,
            breaker,
            room: Arc::new(Semaphore::new(UNDER_WAY)),
        })
    }

    /// The same, asked even while it does not answer: for a task that waits longer each time by
    /// itself.
    #[must_use]
    pub fn without_breaker(self) -> Self {
        Self {
            breaker: None,
            ..self
        }
    }

    /// Which upstream this is.
    #[must_use]
    pub fn name(&self) -> Name {
        self.name
    }

    /// Its scheme, host and port.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Sends `request` and reads the whole answer. Every status is an answer, redirects too:
    /// nothing is followed.
    ///
    /// # Errors
    /// [`Failed`] where there is no whole answer within the limits.
    pub async fn send(&self, request: Request<'_>) -> Result<Answer, Failed> {
        let started = Instant::now();
        let (method, operation) = (request.method.clone(), request.operation);
        let result = {
            let _on_its_way = timings::OnItsWay::now();
            match tokio::time::timeout(PATIENCE, self.room.acquire()).await {
                Ok(Ok(_under_way)) => self.exchange(request).await,
                _ => Err(self.overloaded()),
            }
        };
        timings::record(
            self.name,
            operation,
            &method,
            started.elapsed(),
            result.as_ref().map(|answer| answer.status),
        );
        result
    }

    /// Sends `request`; its answer, of any status, is read as it comes. Neither the beginning nor
    /// any piece of it may take longer than `silence`; there is no limit to the whole.
    ///
    /// # Errors
    /// [`Failed`] where no answer begins.
    pub async fn open(&self, request: Request<'_>, silence: Duration) -> Result<Incoming, Failed> {
        let started = Instant::now();
        let (method, operation) = (request.method.clone(), request.operation);
        let opened = async {
            let outgoing = self.outgoing(request, FOR_EVER)?;
            let answer = tokio::time::timeout(silence, outgoing.send()).await;
            let answer = answer.map_err(|_elapsed| Failed::Silent {
                upstream: self.name,
                limit: silence,
            })?;
            answer.map_err(|error| Failed::before_answer(self.name, silence, error))
        };
        let opened = opened.await;
        let outcome = opened.as_ref().map(reqwest::Response::status);
        timings::record(self.name, operation, &method, started.elapsed(), outcome);
        opened.map(|response| Incoming::new(self.name, silence, response))
    }

    async fn exchange(&self, request: Request<'_>) -> Result<Answer, Failed> {
        let limit = request.timeout.unwrap_or(self.limits.total);
        let max_bytes = request.max_bytes;
        let outgoing = self.outgoing(request, limit)?;
        let mut response = self.begin(outgoing, limit).await?;
        if response
            .content_length()
            .is_some_and(|length| length > max_bytes as u64)
        {
            return Err(Failed::TooLarge {
                upstream: self.name,
                limit: max_bytes,
            });
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        // Room for all of it at once, where it says how long it is and no more than it may be.
        let length = response
            .content_length()
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or_default();
        let mut reserved = Reserved::new();
        reserved.grow(length).await.map_err(|_| self.overloaded())?;
        let mut body = bytes::BytesMut::with_capacity(length);
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| Failed::within_answer(self.name, limit, error))?
        {
            if body.len() + chunk.len() > max_bytes {
                return Err(Failed::TooLarge {
                    upstream: self.name,
                    limit: max_bytes,
                });
            }
            reserved
                .grow(body.len() + chunk.len())
                .await
                .map_err(|_| self.overloaded())?;
            body.extend_from_slice(&chunk);
        }
        Ok(Answer::new(
            status,
            headers,
            reserved.holding(body.freeze()),
        ))
    }

    /// Sends what is `outgoing` and waits for the beginning of the answer, unless the server does
    /// not answer anyway.
    async fn begin(
        &self,
        outgoing: reqwest::RequestBuilder,
        limit: Duration,
    ) -> Result<reqwest::Response, Failed> {
        let sent = async {
            let response = outgoing.send().await;
            response.map_err(|error| Failed::before_answer(self.name, limit, error))
        };
        let Some(breaker) = &self.breaker else {
            return sent.await;
        };
        let check = || self.check();
        let attempt = breaker
            .admit(&check)
            .map_err(|IsOpen { since, next }| Failed::Open {
                upstream: self.name,
                since,
                next,
            })?;
        let response = sent.await;
        match &response {
            Err(Failed::Connect { .. } | Failed::Timeout { .. } | Failed::Cut { .. }) => {
                attempt.failed()
            }
            // A certificate that is not believed is the answer of a server that is there.
            _ => attempt.answered(),
        }
        response
    }

    /// Asks whether the server is there until it is, beside everything else. Nobody's token is
    /// needed for that: any answer will do.
    fn check(&self) {
        let (upstream, Some(breaker)) = (self.clone(), self.breaker.clone()) else {
            return;
        };
        // A request that is dropped because everything ends begins nothing.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            while breaker.is_in_doubt() {
                let request = Request::get("check", "/healthz");
                let Ok(outgoing) = upstream.outgoing(request, CHECK) else {
                    return;
                };
                match outgoing
                    .send()
                    .await
                    .map_err(|error| Failed::before_answer(upstream.name, CHECK, error))
                {
                    Ok(_) | Err(Failed::Tls { .. }) => breaker.answered(),
                    Err(_) => tokio::time::sleep(breaker.is_not_there()).await,
                }
            }
        });
    }

    fn overloaded(&self) -> Failed {
        Failed::Overloaded {
            upstream: self.name,
        }
    }

    fn outgoing(
        &self,
        request: Request<'_>,
        limit: Duration,
    ) -> Result<reqwest::RequestBuilder, Failed> {
        let url = request.url(&self.base).ok_or(Failed::Unsendable {
            upstream: self.name,
            operation: request.operation,
        })?;
        let mut outgoing = self
            .client
            .request(request.method, url)
            .timeout(limit)
            .header(header::ACCEPT, request.accept);
        if let Some(token) = request.bearer {
            let value = token.authorization().ok_or(Failed::Unsendable {
                upstream: self.name,
                operation: request.operation,
            })?;
            outgoing = outgoing.header(header::AUTHORIZATION, value);
        }
        Ok(match request.body {
            Body::Empty => outgoing,
            Body::Json { media_type, bytes } => outgoing
                .header(header::CONTENT_TYPE, media_type)
                .body(bytes),
            Body::Form(fields) => outgoing
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(fields.expose_secret().to_owned()),
        })
    }
}

/// What is read as it comes is limited by its silence alone.
const FOR_EVER: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long a connection may be silent until it is asked whether it still stands, and how long that
/// answer may take: a watch, or a request beside it, would wait for a vanished peer for ever. As
/// the clients of Kubernetes do.
const STILL_THERE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(15));

/// How long an idle connection is kept: no longer than a changed service address may go unnoticed
/// (R21).
const POOL_IDLE: Duration = Duration::from_secs(60);

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that builds clients"
)]
fn builder(trust: &Trust, limits: Limits) -> Result<reqwest::ClientBuilder, verify::TrustError> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("registry-console/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .pool_idle_timeout(POOL_IDLE)
        .http2_keep_alive_interval(STILL_THERE.0)
        .http2_keep_alive_timeout(STILL_THERE.1)
        .tcp_keepalive(STILL_THERE.0)
        .tcp_nodelay(true);
    Ok(match verify::client_config(trust)? {
        Some(tls) => builder.tls_backend_preconfigured(tls),
        None => builder.tls_danger_accept_invalid_certs(true),
    })
}
