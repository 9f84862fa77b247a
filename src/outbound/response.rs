//! What an upstream answered.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{AsHeaderName, CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

/// A whole answer of any status.
///
/// `Debug` shows the status and the length: bodies and headers may hold tokens and codes.
pub struct UpstreamResponse {
    pub status: StatusCode,
    /// The body, within the request's limit.
    pub body: Bytes,
    headers: HeaderMap,
}

impl UpstreamResponse {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            status,
            body,
            headers,
        }
    }

    /// A header's first value, where it is there and readable.
    #[must_use]
    pub fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The time of day where it was answered, to the second (RFC 9110, 6.6.1).
    #[must_use]
    pub fn date(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc2822(self.header(DATE)?)
            .ok()
            .map(|date| date.to_utc())
    }

    /// How long the server wants to be left alone: `Retry-After` in seconds, an hour at most. (None
    /// of the servers sends a date.)
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds: u64 = self.header(RETRY_AFTER)?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds.min(3600)))
    }

    /// The media type, without parameters, in small letters.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header(CONTENT_TYPE)?;
        Some(
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase(),
        )
    }
}

impl fmt::Debug for UpstreamResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
