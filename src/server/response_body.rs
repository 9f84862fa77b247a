//! The body of a response.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body as AxumBody;
use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, SizeHint};

use super::peers::{Peer, PendingResponse};
use super::request_counter::ActiveRequest;
use crate::server::byte_budget::Reservation;
use crate::server::unsent_chunks::UnsentChunk;

/// A response is passed on in chunks of so many bytes. Each has to be sent in time, so their size
/// sets how slow a peer may be.
const CHUNK_BYTES: usize = 16 << 10;

/// How much of a response is buffered before the first byte is sent: all of it, except for streams
/// and bodies that are not in memory.
const MAX_BUFFERED_BYTES: usize = 4 << 20;

/// The part of a response that is made before it is sent.
pub(super) struct BufferedBody {
    bytes: Bytes,
    /// What is still to come.
    rest: Option<AxumBody>,
    /// The error that ended it early.
    error: Option<axum::Error>,
}

/// A response body that records what its peer has not read yet.
pub(super) struct ResponseBody {
    buffered: BufferedBody,
    /// For the buffered part; each chunk takes its share.
    reservation: Option<Reservation>,
    peer: Arc<Peer>,
    /// While more is to come, the peer waits for the console.
    pending: Option<PendingResponse>,
    _under_way: ActiveRequest,
}

/// A chunk with what it holds until it is sent.
struct ResponseChunk {
    bytes: Bytes,
    peer: Arc<Peer>,
    _unsent: UnsentChunk,
    _reservation: Option<Reservation>,
}

impl BufferedBody {
    /// Reads what `body` has without waiting. A page that is compressed while it is sent would hold
    /// its compressor (300 KiB) for as long as its peer does not read; buffered, it holds only its
    /// bytes.
    pub(super) async fn buffer(mut body: AxumBody) -> Self {
        std::future::poll_fn(move |context| Poll::Ready(Self::poll(&mut body, context))).await
    }

    fn poll(body: &mut AxumBody, context: &mut Context<'_>) -> Self {
        let (mut first, mut all, mut failed) = (Bytes::new(), BytesMut::new(), None);
        let whole = loop {
            if body.is_end_stream() {
                break true;
            }
            if first.len().max(all.len()) >= MAX_BUFFERED_BYTES {
                break false;
            }
            match Pin::new(&mut *body).poll_frame(context) {
                Poll::Ready(None) => break true,
                Poll::Ready(Some(Err(error))) => {
                    failed = Some(error);
                    break true;
                }
                Poll::Pending => break false,
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(bytes) = frame.into_data() else {
                        continue;
                    };
                    if first.is_empty() && all.is_empty() {
                        first = bytes;
                    } else {
                        all.extend_from_slice(&std::mem::take(&mut first));
                        all.extend_from_slice(&bytes);
                    }
                }
            }
        };
        let bytes = if all.is_empty() { first } else { all.freeze() };
        Self {
            bytes,
            rest: (!whole).then(|| std::mem::take(body)),
            error: failed,
        }
    }

    /// The number of buffered bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is more to come.
    pub(super) fn is_stream(&self) -> bool {
        self.rest.is_some()
    }
}

impl ResponseBody {
    pub(super) fn new(
        made: BufferedBody,
        reservation: Option<Reservation>,
        peer: Arc<Peer>,
        under_way: ActiveRequest,
    ) -> Self {
        let awaited = made.is_stream().then(|| peer.begin_response());
        Self {
            buffered: made,
            reservation,
            peer,
            pending: awaited,
            _under_way: under_way,
        }
    }

    fn next_chunk(&mut self, bytes: Bytes) -> Bytes {
        let reservation = self
            .reservation
            .as_mut()
            .map(|reservation| reservation.split(bytes.len()));
        let untaken = self.peer.unsent.track();
        Bytes::from_owner(ResponseChunk {
            bytes,
            peer: Arc::clone(&self.peer),
            _unsent: untaken,
            _reservation: reservation,
        })
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if !self.buffered.bytes.is_empty() {
            let length = CHUNK_BYTES.min(self.buffered.bytes.len());
            let bytes = self.buffered.bytes.split_to(length);
            return Poll::Ready(Some(Ok(Frame::data(self.next_chunk(bytes)))));
        }
        if let Some(error) = self.buffered.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let Some(rest) = self.buffered.rest.as_mut() else {
            return Poll::Ready(None);
        };
        match Pin::new(rest).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(frame.map_data(|bytes| {
                if bytes.is_empty() {
                    bytes
                } else {
                    self.next_chunk(bytes)
                }
            })))),
            Poll::Ready(None) => {
                self.pending = None;
                Poll::Ready(None)
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.buffered.bytes.is_empty()
            && self.buffered.error.is_none()
            && self
                .buffered
                .rest
                .as_ref()
                .is_none_or(AxumBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let made = self.buffered.bytes.len() as u64;
        if self.buffered.error.is_some() {
            return SizeHint::default();
        }
        let Some(rest) = &self.buffered.rest else {
            return SizeHint::with_exact(made);
        };
        let (rest, mut both) = (rest.size_hint(), SizeHint::new());
        both.set_lower(rest.lower().saturating_add(made));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(made)) {
            both.set_upper(upper);
        }
        both
    }
}

impl AsRef<[u8]> for ResponseChunk {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for ResponseChunk {
    fn drop(&mut self) {
        self.peer.record_progress();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::{FutureExt as _, StreamExt as _, stream};
    use http_body_util::BodyExt as _;

    use super::super::peers::Peers;
    use super::super::request_counter::RequestCounter;
    use super::*;
    use crate::server::byte_budget::{BudgetShare, ByteBudget};

    /// A body of these chunks, which never ends if `endless`.
    fn body_of_chunks(sizes: &[usize], endless: bool) -> AxumBody {
        let pieces: Vec<_> = sizes
            .iter()
            .map(|size| Ok::<_, std::io::Error>(Bytes::from(vec![b'a'; *size])))
            .collect();
        let rest = if endless {
            stream::pending().left_stream()
        } else {
            stream::empty().right_stream()
        };
        AxumBody::from_stream(stream::iter(pieces).chain(rest))
    }

    async fn peer() -> Arc<Peer> {
        Arc::clone(
            &Peers::new(1, Duration::ZERO)
                .admit()
                .await
                .expect("there is room")
                .peer,
        )
    }

    fn next_chunk_of(outgoing: &mut ResponseBody) -> Option<Bytes> {
        let frame = outgoing.frame().now_or_never()?;
        Some(frame?.expect("no error").into_data().expect("data"))
    }

    #[tokio::test]
    async fn response_is_buffered_before_it_is_sent() {
        let made = BufferedBody::buffer(body_of_chunks(&[5000; 10], false)).await;
        assert_eq!((made.len(), made.is_stream()), (50_000, false));
        let outgoing = ResponseBody::new(
            made,
            None,
            peer().await,
            RequestCounter::new().begin_request(),
        );
        assert_eq!(
            outgoing.size_hint().exact(),
            Some(50_000),
            "its length is known"
        );
    }

    /// Otherwise a truncated response would look complete.
    #[tokio::test]
    async fn body_error_ends_the_response_after_earlier_chunks() {
        let broken = stream::iter([
            Ok(Bytes::from_static(b"begin")),
            Err(std::io::Error::other("broken")),
        ]);
        let made = BufferedBody::buffer(AxumBody::from_stream(broken)).await;
        let mut outgoing = ResponseBody::new(
            made,
            None,
            peer().await,
            RequestCounter::new().begin_request(),
        );
        assert_eq!(
            (
                next_chunk_of(&mut outgoing).unwrap(),
                outgoing.size_hint().exact()
            ),
            (Bytes::from_static(b"begin"), None)
        );
        assert!(!outgoing.is_end_stream() && outgoing.frame().await.unwrap().is_err());
        assert!(outgoing.is_end_stream());
    }

    #[tokio::test]
    async fn pending_chunks_are_not_awaited() {
        let made = BufferedBody::buffer(body_of_chunks(&[10], true)).await;
        assert_eq!((made.len(), made.is_stream()), (10, true));
        let mut outgoing = ResponseBody::new(
            made,
            None,
            peer().await,
            RequestCounter::new().begin_request(),
        );
        assert_eq!(next_chunk_of(&mut outgoing).unwrap().len(), 10);
        assert!(next_chunk_of(&mut outgoing).is_none() && !outgoing.is_end_stream());
    }

    #[tokio::test]
    async fn chunk_counts_as_unsent_until_dropped() {
        let (budget, peer) = (ByteBudget::new(100_000), peer().await);
        let reservation = budget.try_reserve(BudgetShare::SignedIn, 100_000);
        let made = BufferedBody::buffer(body_of_chunks(&[100_000], false)).await;
        let mut outgoing = ResponseBody::new(
            made,
            reservation,
            Arc::clone(&peer),
            RequestCounter::new().begin_request(),
        );
        let mut parts = Vec::new();
        while !outgoing.is_end_stream() {
            parts.push(next_chunk_of(&mut outgoing).unwrap());
        }
        assert!(
            parts.len() == 7 && parts.iter().all(|part| part.len() <= CHUNK_BYTES),
            "{}",
            parts.len()
        );
        drop(outgoing);
        assert!(budget.try_reserve(BudgetShare::SignedIn, 1).is_none() && !peer.unsent.is_empty());
        // As it is split into frames.
        let end = parts[0].split_off(1000);
        drop(parts);
        assert!(
            budget
                .try_reserve(BudgetShare::SignedIn, CHUNK_BYTES)
                .is_some()
                && budget.try_reserve(BudgetShare::SignedIn, 100_000).is_none()
        );
        assert!(!peer.unsent.is_empty());
        drop(end);
        assert!(
            budget.try_reserve(BudgetShare::SignedIn, 100_000).is_some() && peer.unsent.is_empty()
        );
    }
}
