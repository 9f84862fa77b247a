//! An answer that is read as it comes: lists that are too long to be kept whole, and watches.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;

use super::{TransportError, UpstreamName, UpstreamResponse};

/// An answer whose body is still on its way. Dropped, it is broken off.
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
        silence: Duration,
        response: reqwest::Response,
    ) -> Self {
        Self {
            status: response.status(),
            upstream,
            idle_timeout: silence,
            response,
        }
    }

    /// The next piece of the body; nothing at its end. A call that is given up loses nothing: the
    /// next one goes on.
    ///
    /// # Errors
    /// The upstream broke off, or said nothing for as long as
    /// [`super::Upstream::send_streaming`] was told to wait.
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

    /// The whole answer after all: a refusal, which is short.
    ///
    /// # Errors
    /// As [`StreamingResponse::chunk`], and where there are more than `max_bytes`.
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
        f.debug_struct("Incoming")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
