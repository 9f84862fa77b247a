//! Responses of upstreams.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{AsHeaderName, CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

/// A complete response of any status.
///
/// `Debug` shows the status and the length: bodies and headers can contain tokens and codes.
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

    /// The first value of a header, if it is present and readable.
    #[must_use]
    pub fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The `Date` of the response, to the second (RFC 9110, 6.6.1).
    #[must_use]
    pub fn date(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc2822(self.header(DATE)?)
            .ok()
            .map(|date| date.to_utc())
    }

    /// `Retry-After` in seconds, at most an hour. (None of the servers sends a date.)
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds: u64 = self.header(RETRY_AFTER)?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds.min(3600)))
    }

    /// The media type in lower case, without parameters.
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
        f.debug_struct("UpstreamResponse")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
