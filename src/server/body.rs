//! The body of a request, within limits.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::BoxError;
use bytes::Bytes;
use http_body_util::Limited;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use thiserror::Error;
use tokio::time::{Sleep, sleep};

use super::Limits;

/// A peer took too long to send its request.
#[derive(Debug, Error)]
#[error("the body of the request did not arrive in time")]
struct TooSlow;

/// Bounded in bytes and in time. Axum's extractors turn too many bytes into 413, too much time into 400.
pub(super) struct Bounded {
    body: Limited<Incoming>,
    end: Pin<Box<Sleep>>,
}

/// Puts `body` under `limits`.
pub(super) fn bounded(body: Incoming, limits: &Limits) -> axum::body::Body {
    if body.is_end_stream() {
        return axum::body::Body::empty();
    }
    axum::body::Body::new(Bounded { body: Limited::new(body, limits.body_bytes), end: Box::pin(sleep(limits.body)) })
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_pending() && self.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(TooSlow.into())));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
