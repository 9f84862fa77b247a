//! Faults that can be switched on for each part of the embedded cluster, and the log of its
//! requests.

mod request_log;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};

pub use request_log::{LoggedRequest, RequestLog};

/// The largest response that can be tampered with, in bytes.
const MAX_TAMPERED_BODY_BYTES: usize = 64 << 20;
/// How long [`Fault::SlowBody`] takes for each byte.
const SLOW_BYTE_INTERVAL: Duration = Duration::from_millis(100);

/// A part of the cluster that the console calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    ApiServer,
    /// The OAuth server: on 3.9 the paths `/oauth/…`, `/login` and `/logout` of the API server.
    Oauth,
    Registry,
    /// The object storage that the registry can redirect to.
    Storage,
    /// The OIDC issuer.
    Issuer,
}

/// How a part of the cluster fails.
#[derive(Clone, Debug, Default)]
pub enum Fault {
    #[default]
    None,
    /// Connections are closed as soon as they are accepted, open ones at their next request.
    Refuse,
    /// Requests are never answered.
    Hang,
    /// Every request gets this status, body and content type.
    Status(StatusCode, Bytes, &'static str),
    /// The response breaks off after half of its body.
    TruncateBody,
    /// The body is sent at one byte each tenth of a second.
    SlowBody,
    /// 200 with a page of HTML, like the sign-in page of a proxy in between.
    NotJson,
    /// Works until it has answered a write (POST, PUT, …) to a path with this suffix, then behaves
    /// as [`Fault::Refuse`]: it fails between two calls.
    RefuseAfterWrite(&'static str),
    /// The next so many requests of this method get this status and JSON; all others are answered
    /// normally.
    FailNext(usize, Method, StatusCode, Bytes),
    /// All requests of this method get this response, in the format of HTTP/1.1: status line,
    /// headers, body.
    RawResponse(Method, &'static str),
    /// The normal response, sent no sooner than this long after the request for each KiB of its
    /// body, as real API servers take for lists: for measurements. Watches are not affected.
    Throttle(Duration),
    /// The normal response, sent this long after it was ready.
    Delay(Duration),
    /// New connections get an expired certificate.
    ExpiredCertificate,
    /// New connections get a certificate for another host.
    WrongHostCertificate,
    /// New connections are ended with this TLS alert (RFC 8446, section 6).
    TlsAlert(u8),
    /// The normal response, from a clock that is wrong by this much.
    ClockSkew(chrono::TimeDelta),
}

/// The request is not answered; its connection is to be closed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection breaks, as the fault that is switched on demands")]
pub(super) struct ConnectionAborted;

/// The faults that are on. Cheap to clone; clones share the state.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<RwLock<FaultState>>);

#[derive(Debug, Default)]
struct FaultState {
    by_endpoint: [Fault; 5],
    /// Parts of paths of the API server.
    by_path: Vec<(&'static str, Fault)>,
}

impl Faults {
    /// Switches a fault on, or off with [`Fault::None`].
    pub fn set(&self, upstream: Endpoint, fault: Fault) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .by_endpoint[upstream as usize] = fault;
    }

    /// Switches a fault on for those requests to the API server whose path contains this, such as
    /// `/apis/apps/` or `/pods`, or off with [`Fault::None`]. It has precedence over that of the
    /// endpoint, and does not affect connections.
    pub fn set_for_path(&self, part: &'static str, fault: Fault) {
        let mut faults = self.0.write().unwrap_or_else(PoisonError::into_inner);
        faults.by_path.retain(|(known, _)| *known != part);
        if !matches!(fault, Fault::None) {
            faults.by_path.push((part, fault));
        }
    }

    /// Switches all faults off.
    pub fn clear(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Default::default();
    }

    /// The fault that is on.
    #[must_use]
    pub fn get(&self, upstream: Endpoint) -> Fault {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_endpoint[upstream as usize]
            .clone()
    }

    /// The fault that is on for requests to this path.
    pub(super) fn for_path(&self, upstream: Endpoint, path: &str) -> Fault {
        let faults = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let of_path = faults
            .by_path
            .iter()
            .find(|(part, _)| upstream == Endpoint::ApiServer && path.contains(part));
        of_path
            .map_or(&faults.by_endpoint[upstream as usize], |(_, fault)| fault)
            .clone()
    }

    /// Whether the fault prevents a normal response, which other parts that depend on this one must
    /// notice.
    pub(super) fn prevents_answer(&self, upstream: Endpoint) -> bool {
        matches!(
            self.get(upstream),
            Fault::Refuse
                | Fault::Hang
                | Fault::Status(..)
                | Fault::TruncateBody
                | Fault::NotJson
                | Fault::ExpiredCertificate
                | Fault::WrongHostCertificate
                | Fault::TlsAlert(_)
        )
    }

    /// The response of [`Fault::FailNext`] or [`Fault::RawResponse`] to another request of that
    /// method, if any is left.
    pub(super) fn take_prepared_response(
        &self,
        upstream: Endpoint,
        method: &Method,
    ) -> Option<http::Response<Body>> {
        let mut faults = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match &mut faults.by_endpoint[upstream as usize] {
            Fault::FailNext(left, of, status, body) if *left > 0 && of == method => {
                *left -= 1;
                Some(prepared_response(*status, body.clone(), "application/json"))
            }
            Fault::RawResponse(of, text) if of == method => Some(parse_raw_response(text)),
            _ => None,
        }
    }
}

impl Fault {
    /// What the API server answers while a server that it passes requests to is not available.
    #[must_use]
    pub fn unavailable() -> Self {
        let (status, body) = (
            StatusCode::SERVICE_UNAVAILABLE,
            "service unavailable".into(),
        );
        Self::Status(status, body, "text/plain")
    }

    /// The response under the fault. `answer` returns the normal one, if it is needed.
    pub(super) async fn apply(
        self,
        answer: impl Future<Output = http::Response<Body>>,
    ) -> Result<http::Response<Body>, ConnectionAborted> {
        match self {
            Self::None
            | Self::RefuseAfterWrite(_)
            | Self::FailNext(..)
            | Self::RawResponse(..)
            | Self::ExpiredCertificate
            | Self::WrongHostCertificate
            | Self::TlsAlert(_)
            | Self::ClockSkew(_) => Ok(answer.await),
            Self::Refuse => Err(ConnectionAborted),
            Self::Hang => std::future::pending().await,
            Self::Status(status, body, content_type) => {
                Ok(prepared_response(status, body, content_type))
            }
            Self::NotJson => Ok(prepared_response(
                StatusCode::OK,
                Bytes::from_static(SIGN_IN_PAGE),
                "text/html; charset=utf-8",
            )),
            Self::TruncateBody => truncate_body(answer.await).await,
            Self::SlowBody => slow_body(answer.await).await,
            Self::Delay(delay) => {
                let answer = answer.await;
                tokio::time::sleep(delay).await;
                Ok(answer)
            }
            Self::Throttle(each) => {
                let asked = tokio::time::Instant::now();
                let answer = answer.await;
                let kib = hyper::body::Body::size_hint(answer.body())
                    .exact()
                    .unwrap_or_default()
                    >> 10;
                tokio::time::sleep_until(
                    asked + each.saturating_mul(u32::try_from(kib).unwrap_or(u32::MAX)),
                )
                .await;
                Ok(answer)
            }
        }
    }
}

const SIGN_IN_PAGE: &[u8] =
    b"<!doctype html>\n<title>Sign in</title>\n<p>Please sign in to the proxy first.</p>\n";

fn prepared_response(
    status: StatusCode,
    body: Bytes,
    content_type: &'static str,
) -> http::Response<Body> {
    let mut response = http::Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn parse_raw_response(text: &'static str) -> http::Response<Body> {
    let (head, body) = text
        .split_once("\n\n")
        .or_else(|| text.split_once("\r\n\r\n"))
        .unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
    let response = headers.fold(
        http::Response::builder().status(status),
        |response, (name, value)| response.header(name, value),
    );
    response
        .body(Body::from(body))
        .expect("a test's answer is one")
}

/// Announces the whole body and sends half of it.
async fn truncate_body(
    response: http::Response<Body>,
) -> Result<http::Response<Body>, ConnectionAborted> {
    let (mut parts, body) = collect_body(response).await?;
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    // Ends too early, without an error: on HTTP/1 the server then closes the connection, on HTTP/2
    // the client counts the bytes.
    let half = body.slice(..body.len() / 2);
    let body = Body::from_stream(stream::iter([Ok::<_, ConnectionAborted>(half)]));
    Ok(http::Response::from_parts(parts, body))
}

async fn slow_body(
    response: http::Response<Body>,
) -> Result<http::Response<Body>, ConnectionAborted> {
    let (parts, body) = collect_body(response).await?;
    let bytes = stream::unfold(body, |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(SLOW_BYTE_INTERVAL).await;
        let byte = rest.split_to(1);
        Some((Ok::<_, ConnectionAborted>(byte), rest))
    });
    Ok(http::Response::from_parts(parts, Body::from_stream(bytes)))
}

async fn collect_body(
    response: http::Response<Body>,
) -> Result<(http::response::Parts, Bytes), ConnectionAborted> {
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_TAMPERED_BODY_BYTES)
        .collect()
        .await
        .map_err(|_| ConnectionAborted)?;
    Ok((parts, body.to_bytes()))
}
