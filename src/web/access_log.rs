//! The access log: one line for each request, with a request id.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, header::HeaderName};
use axum::middleware::Next;
use axum::response::Response;

use super::context::RequestContext;
use crate::outbound::Timings;

/// Contains the request id, which is also in the log and on error pages.
pub(super) const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The request id. It is always generated: what a client sends under this header is ignored.
#[derive(Clone, Debug)]
struct RequestId(String);

pub(super) fn request_id(request: &Request) -> String {
    request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default()
}

/// Assigns the request id, times the request and its upstream calls, and writes the access log. The
/// query is left out: on the way back from the OAuth server it contains the code (S44).
pub(super) async fn access_log(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = format!("{:016x}", rand::random::<u64>());
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let timings = Timings::default();
    let mut response = timings.scope(next.run(request)).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
    let status = response.status().as_u16();
    let took = started.elapsed();
    let user = response
        .extensions()
        .get::<RequestContext>()
        .and_then(|context| context.user_name().map(str::to_owned));
    tracing::info!(
        request_id = id,
        %method,
        route,
        path,
        status,
        duration_ms = took.as_millis() as u64,
        upstream_wait_us = timings.waiting_time().as_micros() as u64,
        decode_us = timings.decoding_time().as_micros() as u64,
        user,
        upstream_calls = %timings,
        "request"
    );
    metrics::histogram!("registry_console_http_request_duration_seconds", "route" => route, "status" => status_class(status)).record(took.as_secs_f64());
    response
}

fn status_class(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
