//! What was asked of the embedded cluster.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, header};

use super::Endpoint;

/// How many requests are remembered.
const MAX_LOGGED_REQUESTS: usize = 10_000;

/// One request that arrived.
#[derive(Clone)]
pub struct LoggedRequest {
    /// The part of the cluster that was asked.
    pub endpoint: Endpoint,
    pub method: Method,
    /// Path and query, as sent.
    pub path: String,
    pub headers: HeaderMap,
    /// The body, of forms only.
    pub form: Option<Bytes>,
}

impl LoggedRequest {
    /// The bearer token that came along.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        self.headers
            .get(header::AUTHORIZATION)?
            .to_str()
            .ok()?
            .strip_prefix("Bearer ")
    }
}

/// Without headers and form: they hold tokens.
impl fmt::Debug for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} {}", self.endpoint, self.method, self.path)
    }
}

/// The latest requests to all parts, oldest first. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct RequestLog(Arc<Mutex<VecDeque<LoggedRequest>>>);

impl RequestLog {
    /// All that is remembered.
    #[must_use]
    pub fn all(&self) -> Vec<LoggedRequest> {
        self.lock().iter().cloned().collect()
    }

    /// What one part was asked.
    #[must_use]
    pub fn requests_to(&self, upstream: Endpoint) -> Vec<LoggedRequest> {
        self.lock()
            .iter()
            .filter(|seen| seen.endpoint == upstream)
            .cloned()
            .collect()
    }

    /// Forgets everything so far.
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
