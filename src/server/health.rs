//! Liveness and readiness probes.
//!
//! Both are independent of the API server and the registry, which a restart of the console would
//! not repair (R1, R29).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::routing::get;
use http::{StatusCode, header};

/// The path of the old console's probe.
pub const PING_PATH: &str = "/ping";
/// The path of the liveness probe.
pub const HEALTH_PATH: &str = "/healthz";
/// The path of the readiness probe.
pub const READY_PATH: &str = "/readyz";

/// Readiness, shared by all listeners. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Health {
    draining: Arc<AtomicBool>,
}

impl Health {
    /// Makes the process not ready, permanently.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the process is ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.draining.load(Ordering::Relaxed)
    }

    /// `/ping` (the old console's probe, still in every 3.x template), `/healthz` and `/readyz`:
    /// without sign-in, on TLS and on plain HTTP.
    pub fn router(&self) -> Router {
        let health = self.clone();
        let ready = move || async move {
            if health.is_ready() {
                (StatusCode::OK, PROBE_HEADERS, "ready\n")
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, PROBE_HEADERS, "draining\n")
            }
        };
        Router::new()
            .route(PING_PATH, get(ping))
            .route(HEALTH_PATH, get(|| async { (PROBE_HEADERS, "alive\n") }))
            .route(READY_PATH, get(ready))
    }
}

const PROBE_HEADERS: [(header::HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

async fn ping() -> ([(header::HeaderName, &'static str); 3], &'static str) {
    let mut headers = PROBE_HEADERS;
    headers[0].1 = "application/json";
    (headers, r#"{"service":"registry-console"}"#)
}
