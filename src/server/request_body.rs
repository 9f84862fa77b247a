//! The body of a request, within limits.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::BoxError;
use axum::body::Body as AxumBody;
use bytes::Bytes;
use http_body_util::Limited;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use thiserror::Error;
use tokio::time::{Sleep, sleep};

use super::ServerLimits;
use super::peers::Peer;
use crate::server::byte_budget::Reservation;

/// A peer took too long to send its request.
#[derive(Debug, Error)]
#[error("the body of the request did not arrive in time")]
struct RequestBodyTimeout;

/// A body bounded in bytes and in time, and by the budget of all requests. Axum's extractors turn
/// too many bytes into 413, everything else into 400.
struct LimitedRequestBody {
    body: Limited<Incoming>,
    timeout: Pin<Box<Sleep>>,
    /// Bytes that can still arrive before more have to be reserved.
    reserved_bytes: usize,
    reservation: SharedReservation,
    peer: Arc<Peer>,
}

/// The bytes of a request and of its body, which grow as the body is read.
pub(super) type SharedReservation = Arc<Mutex<Reservation>>;

/// The budget is exhausted.
#[derive(Debug, Error)]
#[error("the byte budget of all requests is exhausted")]
struct BudgetExhausted;

/// Applies `limits` to `body`. `reservation` covers as much of it as a peer may send before it is
/// read.
pub(super) fn limit_request_body(
    body: Incoming,
    limits: &ServerLimits,
    reservation: &SharedReservation,
    peer: &Arc<Peer>,
) -> AxumBody {
    if body.is_end_stream() {
        return AxumBody::empty();
    }
    AxumBody::new(LimitedRequestBody {
        body: Limited::new(body, limits.max_body_bytes),
        timeout: Box::pin(sleep(limits.body_timeout)),
        reserved_bytes: limits.http2_stream_window_bytes as usize,
        reservation: Arc::clone(reservation),
        peer: Arc::clone(peer),
    })
}

impl LimitedRequestBody {
    /// Returns `false` if the budget is exhausted.
    fn reserve(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.reserved_bytes);
        self.reserved_bytes = self.reserved_bytes.saturating_sub(bytes);
        more == 0
            || self
                .reservation
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .try_grow(more)
    }
}

impl Body for LimitedRequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        match &frame {
            Poll::Pending if self.timeout.as_mut().poll(context).is_ready() => {
                return Poll::Ready(Some(Err(RequestBodyTimeout.into())));
            }
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                if !self.reserve(bytes) {
                    return Poll::Ready(Some(Err(BudgetExhausted.into())));
                }
            }
            Poll::Ready(None) => self.peer.record_progress(),
            _ => {}
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
