//! Streaming responses: watches, and lists that are too long to be held in memory.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;

use super::{TransportError, UpstreamName, UpstreamResponse};

/// A response whose body is not read yet. Dropping it closes the response.
///
/// `Debug` shows the status only.
pub struct StreamingResponse {
    pub status: StatusCode,
    upstream: UpstreamName,
    idle_timeout: Duration,
    response: reqwest::Response,
}

impl StreamingResponse {
    pub(super) fn new(
        upstream: UpstreamName,
        idle_timeout: Duration,
        response: reqwest::Response,
    ) -> Self {
        Self {
            status: response.status(),
            upstream,
            idle_timeout,
            response,
        }
    }

    /// The next chunk of the body; `None` at its end. Cancel safe: a dropped call loses no data.
    ///
    /// # Errors
    /// The connection was lost, or nothing arrived within the idle timeout of
    /// [`super::Upstream::send_streaming`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        match tokio::time::timeout(self.idle_timeout, self.response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| {
                TransportError::during_response(self.upstream, self.idle_timeout, error)
            }),
            Err(_) => Err(TransportError::IdleTimeout {
                upstream: self.upstream,
                limit: self.idle_timeout,
            }),
        }
    }

    /// Reads the whole response. For error responses, which are short.
    ///
    /// # Errors
    /// As [`StreamingResponse::chunk`], and if the body is longer than `max_bytes`.
    pub async fn into_response(
        mut self,
        max_bytes: usize,
    ) -> Result<UpstreamResponse, TransportError> {
        let headers = std::mem::take(self.response.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > max_bytes {
                return Err(TransportError::TooLarge {
                    upstream: self.upstream,
                    limit: max_bytes,
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(UpstreamResponse::new(self.status, headers, body.freeze()))
    }
}

impl fmt::Debug for StreamingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
