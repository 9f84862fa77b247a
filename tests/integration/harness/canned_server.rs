//! A server that gives canned responses, and keeps the requests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, Method};
use registry_console::config::Trust;
use registry_console::outbound::{TimeLimits, Upstream, UpstreamName};
use url::Url;

/// More time than any response takes.
pub(crate) const LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

#[derive(Clone, Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) method: Method,
    pub(crate) path_and_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

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
    /// Each for one request, in this order, whatever its path is.
    queue: Arc<Mutex<VecDeque<CannedResponse>>>,
    /// By path and query, for requests that find the queue empty.
    by_path: Arc<Mutex<BTreeMap<String, CannedResponse>>>,
    received: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl CannedScript {
    fn response(&self, path_and_query: &str) -> CannedResponse {
        let queued = self.queue.lock().unwrap().pop_front();
        let known = || self.by_path.lock().unwrap().get(path_and_query).cloned();
        let is_queue_only = self.by_path.lock().unwrap().is_empty();
        queued.or_else(known).unwrap_or_else(|| {
            let status = if is_queue_only { 599 } else { 404 };
            CannedResponse::new(status, "text/plain", "no canned response")
        })
    }
}

/// The server. It ends with the test's runtime.
pub(crate) struct CannedServer {
    script: CannedScript,
    pub(crate) url: Url,
}

impl CannedServer {
    /// Answers 404 to paths without a response, and 599 as long as no path has one.
    pub(crate) async fn start() -> Self {
        let script = CannedScript::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let router = Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { script, url }
    }

    /// The responses to the next requests, in place of those that are left.
    pub(crate) fn enqueue(&self, responses: impl IntoIterator<Item = CannedResponse>) {
        *self.script.queue.lock().unwrap() = responses.into_iter().collect();
    }

    /// The response to each request with this path and query.
    pub(crate) fn set_response(&self, path: impl Into<String>, response: CannedResponse) {
        let mut by_path = self.script.by_path.lock().unwrap();
        by_path.insert(path.into(), response);
    }

    /// The requests since the last call.
    pub(crate) fn received(&self) -> Vec<ReceivedRequest> {
        std::mem::take(&mut self.script.received.lock().unwrap())
    }

    /// All requests since the last call of [`CannedServer::received`].
    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.script.received.lock().unwrap().clone()
    }

    /// Their paths with queries, sorted.
    pub(crate) fn requested_paths(&self) -> Vec<String> {
        let requests = self.requests().into_iter();
        let mut paths: Vec<String> = requests.map(|request| request.path_and_query).collect();
        paths.sort();
        paths
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
    let canned = script.response(&path_and_query);
    script.received.lock().unwrap().push(ReceivedRequest {
        method: parts.method,
        path_and_query,
        headers: parts.headers,
        body,
    });
    let mut response = Response::builder().status(canned.status);
    for (name, value) in &canned.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(canned.body)).unwrap()
}
