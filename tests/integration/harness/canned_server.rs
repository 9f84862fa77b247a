//! A server that gives the answers it was told, in order, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, Method};
use registry_console::config::Trust;
use registry_console::outbound::{TimeLimits, Upstream, UpstreamName};
use url::Url;

/// More time than any answer takes.
pub(crate) const LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

/// What a stub was asked.
pub(crate) struct ReceivedRequest {
    pub(crate) method: Method,
    pub(crate) path_and_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What a stub is to answer.
#[derive(Clone)]
pub(crate) struct CannedResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl CannedResponse {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

#[derive(Clone, Default)]
struct CannedScript {
    told: Arc<Mutex<VecDeque<CannedResponse>>>,
    seen: Arc<Mutex<Vec<ReceivedRequest>>>,
}

/// The server. It ends with the test's runtime.
pub(crate) struct CannedServer {
    script: CannedScript,
    pub(crate) url: Url,
}

impl CannedServer {
    /// Answers 599 to everything that it was not told about.
    pub(crate) async fn start() -> Self {
        let script = CannedScript::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let router = Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { script, url }
    }

    pub(crate) fn enqueue(&self, answers: impl IntoIterator<Item = CannedResponse>) {
        *self.script.told.lock().unwrap() = answers.into_iter().collect();
    }

    /// What was asked since the last time.
    pub(crate) fn received(&self) -> Vec<ReceivedRequest> {
        std::mem::take(&mut self.script.seen.lock().unwrap())
    }

    pub(crate) fn upstream(&self, name: UpstreamName) -> Upstream {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Upstream::new(name, &self.url, &Trust::Unverified, TimeLimits::default()).unwrap()
    }
}

async fn answer(State(script): State<CannedScript>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let path_and_query = parts.uri.path_and_query().unwrap().to_string();
    script.seen.lock().unwrap().push(ReceivedRequest {
        method: parts.method,
        path_and_query,
        headers: parts.headers,
        body,
    });
    let told = script
        .told
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or_else(|| CannedResponse::new(599, "text/plain", "not told"));
    let mut response = Response::builder().status(told.status);
    for (name, value) in &told.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(told.body)).unwrap()
}
