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

use super::Limits;
use super::budget::Reservation;
use super::peers::Peer;

/// A peer took too long to send its request.
#[derive(Debug, Error)]
#[error("the body of the request did not arrive in time")]
struct TooSlow;

/// Bounded in bytes and in time, and by what all requests may hold. Axum's extractors turn too many
/// bytes into 413, everything else into 400.
struct Bounded {
    body: Limited<Incoming>,
    end: Pin<Box<Sleep>>,
    /// Bytes that can still come before more have to be reserved.
    reserved: usize,
    reservation: SharedReservation,
    peer: Arc<Peer>,
}

/// The bytes of a request and of its body, which grow as the body is read.
pub(super) type SharedReservation = Arc<Mutex<Reservation>>;

/// There is no memory for the rest of the body.
#[derive(Debug, Error)]
#[error("all requests together hold as many bytes as they may")]
struct BudgetExhausted;

/// Puts `body` under `limits`. `reservation` covers as much of it as a peer may send unasked.
pub(super) fn bounded(
    body: Incoming,
    limits: &Limits,
    reservation: &SharedReservation,
    peer: &Arc<Peer>,
) -> AxumBody {
    if body.is_end_stream() {
        return AxumBody::empty();
    }
    AxumBody::new(Bounded {
        body: Limited::new(body, limits.body_bytes),
        end: Box::pin(sleep(limits.body)),
        reserved: limits.stream_window as usize,
        reservation: Arc::clone(reservation),
        peer: Arc::clone(peer),
    })
}

impl Bounded {
    /// False where there is no memory for so many bytes.
    fn reserve(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.reserved);
        self.reserved = self.reserved.saturating_sub(bytes);
        more == 0
            || self
                .reservation
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .grow(more)
    }
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        match &frame {
            Poll::Pending if self.end.as_mut().poll(context).is_ready() => {
                return Poll::Ready(Some(Err(TooSlow.into())));
            }
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                if !self.reserve(bytes) {
                    return Poll::Ready(Some(Err(BudgetExhausted.into())));
                }
            }
            Poll::Ready(None) => self.peer.progressed(),
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
