//! What was asked of the embedded cluster.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, header};

use super::Upstream;

/// How many requests are remembered.
const REMEMBERED: usize = 10_000;

/// One request that arrived.
#[derive(Clone)]
pub struct Seen {
    /// The part of the cluster that was asked.
    pub upstream: Upstream,
    pub method: Method,
    /// Path and query, as sent.
    pub path: String,
    pub headers: HeaderMap,
    /// The body, of forms only.
    pub form: Option<Bytes>,
}

impl Seen {
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
impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} {}", self.upstream, self.method, self.path)
    }
}

/// The latest requests to all parts, oldest first. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<VecDeque<Seen>>>);

impl Journal {
    /// All that is remembered.
    #[must_use]
    pub fn all(&self) -> Vec<Seen> {
        self.lock().iter().cloned().collect()
    }

    /// What one part was asked.
    #[must_use]
    pub fn of(&self, upstream: Upstream) -> Vec<Seen> {
        self.lock()
            .iter()
            .filter(|seen| seen.upstream == upstream)
            .cloned()
            .collect()
    }

    /// Forgets everything so far.
    pub fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn write(&self, seen: Seen) {
        let mut all = self.lock();
        if all.len() == REMEMBERED {
            all.pop_front();
        }
        all.push_back(seen);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
