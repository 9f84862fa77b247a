//! The body of an answer on its way out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body as AxumBody;
use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, SizeHint};

use super::activity::UnderWay;
use super::budget::Reservation;
use super::peers::{Awaited, Peer};
use super::transit::UntakenPart;

/// An answer is handed out in parts of so many bytes: each has to be taken in time, so their size
/// sets how slow a peer may be.
const PART: usize = 16 << 10;

/// So much of an answer is made before the first byte is sent: all of it, except for streams and
/// what is not made from memory.
const MADE_AHEAD: usize = 4 << 20;

/// What there is of an answer before it is sent.
pub(super) struct Made {
    bytes: Bytes,
    /// What is still to come.
    rest: Option<AxumBody>,
    /// What ended it before its end.
    error: Option<axum::Error>,
}

/// An answer's body, which knows what its peer has not taken yet.
pub(super) struct Outgoing {
    made: Made,
    /// For `made`; each part takes its share along.
    reservation: Option<Reservation>,
    peer: Arc<Peer>,
    /// While there is more to come, the peer waits for the console.
    awaited: Option<Awaited>,
    _under_way: UnderWay,
}

/// A part with what it holds until it is taken.
struct AnswerPart {
    bytes: Bytes,
    peer: Arc<Peer>,
    _untaken: UntakenPart,
    _reservation: Option<Reservation>,
}

impl Made {
    /// Takes what `body` has without waiting. A page that is compressed as it is sent would hold
    /// its compressor (300 KiB) for as long as its peer does not read; made ahead it holds its
    /// bytes alone.
    pub(super) async fn from(mut body: AxumBody) -> Self {
        std::future::poll_fn(move |context| Poll::Ready(Self::poll(&mut body, context))).await
    }

    fn poll(body: &mut AxumBody, context: &mut Context<'_>) -> Self {
        let (mut first, mut all, mut failed) = (Bytes::new(), BytesMut::new(), None);
        let whole = loop {
            if body.is_end_stream() {
                break true;
            }
            if first.len().max(all.len()) >= MADE_AHEAD {
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

    /// Bytes that are held.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is more to come.
    pub(super) fn is_stream(&self) -> bool {
        self.rest.is_some()
    }
}

impl Outgoing {
    pub(super) fn new(
        made: Made,
        reservation: Option<Reservation>,
        peer: Arc<Peer>,
        under_way: UnderWay,
    ) -> Self {
        let awaited = made.is_stream().then(|| peer.awaits());
        Self {
            made,
            reservation,
            peer,
            awaited,
            _under_way: under_way,
        }
    }

    fn hand_out(&mut self, bytes: Bytes) -> Bytes {
        let reservation = self
            .reservation
            .as_mut()
            .map(|reservation| reservation.split(bytes.len()));
        let untaken = self.peer.transit.hand_out();
        Bytes::from_owner(AnswerPart {
            bytes,
            peer: Arc::clone(&self.peer),
            _untaken: untaken,
            _reservation: reservation,
        })
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if !self.made.bytes.is_empty() {
            let length = PART.min(self.made.bytes.len());
            let bytes = self.made.bytes.split_to(length);
            return Poll::Ready(Some(Ok(Frame::data(self.hand_out(bytes)))));
        }
        if let Some(error) = self.made.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let Some(rest) = self.made.rest.as_mut() else {
            return Poll::Ready(None);
        };
        match Pin::new(rest).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(frame.map_data(|bytes| {
                if bytes.is_empty() {
                    bytes
                } else {
                    self.hand_out(bytes)
                }
            })))),
            Poll::Ready(None) => {
                self.awaited = None;
                Poll::Ready(None)
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.made.bytes.is_empty()
            && self.made.error.is_none()
            && self.made.rest.as_ref().is_none_or(AxumBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let made = self.made.bytes.len() as u64;
        if self.made.error.is_some() {
            return SizeHint::default();
        }
        let Some(rest) = &self.made.rest else {
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

impl AsRef<[u8]> for AnswerPart {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for AnswerPart {
    fn drop(&mut self) {
        self.peer.progressed();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::{FutureExt as _, StreamExt as _, stream};
    use http_body_util::BodyExt as _;

    use super::super::activity::Activity;
    use super::super::budget::{ByteBudget, Share};
    use super::super::peers::Peers;
    use super::*;

    /// A body of these pieces; without an end if `endless`.
    fn pieces(sizes: &[usize], endless: bool) -> AxumBody {
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

    fn next(outgoing: &mut Outgoing) -> Option<Bytes> {
        let frame = outgoing.frame().now_or_never()?;
        Some(frame?.expect("no error").into_data().expect("data"))
    }

    #[tokio::test]
    async fn an_answer_is_made_whole_before_its_peer_takes_any_of_it() {
        let made = Made::from(pieces(&[5000; 10], false)).await;
        assert_eq!((made.len(), made.is_stream()), (50_000, false));
        let outgoing = Outgoing::new(made, None, peer().await, Activity::new().begin());
        assert_eq!(
            outgoing.size_hint().exact(),
            Some(50_000),
            "its length is known"
        );
    }

    /// Else a broken answer would look like a whole one.
    #[tokio::test]
    async fn an_error_of_the_body_ends_the_answer_after_what_came_before_it() {
        let broken = stream::iter([
            Ok(Bytes::from_static(b"begin")),
            Err(std::io::Error::other("broken")),
        ]);
        let made = Made::from(AxumBody::from_stream(broken)).await;
        let mut outgoing = Outgoing::new(made, None, peer().await, Activity::new().begin());
        assert_eq!(
            (next(&mut outgoing).unwrap(), outgoing.size_hint().exact()),
            (Bytes::from_static(b"begin"), None)
        );
        assert!(!outgoing.is_end_stream() && outgoing.frame().await.unwrap().is_err());
        assert!(outgoing.is_end_stream());
    }

    #[tokio::test]
    async fn what_is_not_there_yet_is_not_waited_for() {
        let made = Made::from(pieces(&[10], true)).await;
        assert_eq!((made.len(), made.is_stream()), (10, true));
        let mut outgoing = Outgoing::new(made, None, peer().await, Activity::new().begin());
        assert_eq!(next(&mut outgoing).unwrap().len(), 10);
        assert!(next(&mut outgoing).is_none() && !outgoing.is_end_stream());
    }

    #[tokio::test]
    async fn a_part_is_held_and_counts_as_not_taken_until_it_is_dropped() {
        let (budget, peer) = (ByteBudget::new(100_000), peer().await);
        let reservation = budget.reserve(Share::SignedIn, 100_000);
        let made = Made::from(pieces(&[100_000], false)).await;
        let mut outgoing = Outgoing::new(
            made,
            reservation,
            Arc::clone(&peer),
            Activity::new().begin(),
        );
        let mut parts = Vec::new();
        while !outgoing.is_end_stream() {
            parts.push(next(&mut outgoing).unwrap());
        }
        assert!(
            parts.len() == 7 && parts.iter().all(|part| part.len() <= PART),
            "{}",
            parts.len()
        );
        drop(outgoing);
        assert!(budget.reserve(Share::SignedIn, 1).is_none() && !peer.transit.is_empty());
        // As it is cut for frames.
        let end = parts[0].split_off(1000);
        drop(parts);
        assert!(
            budget.reserve(Share::SignedIn, PART).is_some()
                && budget.reserve(Share::SignedIn, 100_000).is_none()
        );
        assert!(!peer.transit.is_empty());
        drop(end);
        assert!(budget.reserve(Share::SignedIn, 100_000).is_some() && peer.transit.is_empty());
    }
}
