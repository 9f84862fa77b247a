//! A log of the requests to the embedded cluster.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, header};

use super::Endpoint;

/// How many requests are kept.
const MAX_LOGGED_REQUESTS: usize = 10_000;

/// One request that arrived.
#[derive(Clone)]
pub struct LoggedRequest {
    /// The part of the cluster that was called.
    pub endpoint: Endpoint,
    pub method: Method,
    /// Path and query, as sent.
    pub path: String,
    pub headers: HeaderMap,
    /// The body, only of forms.
    pub form: Option<Bytes>,
}

impl LoggedRequest {
    /// The bearer token of the request.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        self.headers
            .get(header::AUTHORIZATION)?
            .to_str()
            .ok()?
            .strip_prefix("Bearer ")
    }
}

/// Without headers and form, which contain tokens.
impl fmt::Debug for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} {}", self.endpoint, self.method, self.path)
    }
}

/// The latest requests to all parts, oldest first. Cheap to clone; clones share the state.
#[derive(Clone, Debug, Default)]
pub struct RequestLog(Arc<Mutex<VecDeque<LoggedRequest>>>);

impl RequestLog {
    /// All requests that are kept.
    #[must_use]
    pub fn all(&self) -> Vec<LoggedRequest> {
        self.lock().iter().cloned().collect()
    }

    /// The requests to one part.
    #[must_use]
    pub fn requests_to(&self, upstream: Endpoint) -> Vec<LoggedRequest> {
        self.lock()
            .iter()
            .filter(|seen| seen.endpoint == upstream)
            .cloned()
            .collect()
    }

    /// Discards all requests so far.
    pub fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn record(&self, seen: LoggedRequest) {
        let mut all = self.lock();
        if all.len() == MAX_LOGGED_REQUESTS {
            all.pop_front();
        }
        all.push_back(seen);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<LoggedRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
