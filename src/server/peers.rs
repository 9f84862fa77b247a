//! All connections of a listener, and which of them ends where a new one has no place (S51).
//!
//! A listener at its limit goes on to take connections and closes others in their place: first
//! those without a session, longest without progress first. So whoever opens connections and uses
//! none of them loses them to others, and people who sign in get in. Behind a router all peers
//! share an address, so addresses are not considered.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::activity::Activity;
use super::transit::Transit;

/// A connection on which a request with a session made progress so short a time ago is not closed
/// for another one.
const JUST_USED: Duration = Duration::from_secs(5);

/// Of a full listener so many connections are closed at a time, as one part of the limit: one look
/// at all of them serves many new ones.
const CLOSED_AT_A_TIME: usize = 64;

/// The connections of one listener.
pub(super) struct Peers {
    limit: usize,
    /// How long a peer may make no progress while others need what it holds.
    patience: Duration,
    slots: Arc<Semaphore>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    peers: HashMap<u64, Arc<Peer>>,
    next: u64,
}

/// One connection, as far as the others are concerned.
pub(super) struct Peer {
    signed_in: AtomicBool,
    /// Requests whose answers are being made: the peer waits for the console.
    awaited: AtomicUsize,
    /// When the peer last did its part: a handshake, a whole request, a part of an answer that it
    /// took.
    progress: Mutex<Instant>,
    closing: AtomicBool,
    told_to_close: Notify,
    /// What was handed out to this peer and not taken yet.
    pub(super) transit: Arc<Transit>,
    pub(super) activity: Activity,
}

/// A connection that has a place, until dropped.
pub(super) struct Admitted {
    pub(super) peer: Arc<Peer>,
    peers: Arc<Peers>,
    id: u64,
    _slot: OwnedSemaphorePermit,
}

/// An answer that is being made. Ends when dropped.
pub(super) struct Awaited(Arc<Peer>);

impl Peers {
    pub(super) fn new(limit: usize, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            limit,
            patience,
            slots: Arc::new(Semaphore::new(limit)),
            open: Mutex::default(),
        })
    }

    /// A place for a new connection, made by closing others if need be. Nothing where none of them
    /// may be closed.
    pub(super) async fn admit(self: &Arc<Self>) -> Option<Admitted> {
        let slot = match Arc::clone(&self.slots).try_acquire_owned() {
            Ok(slot) => slot,
            Err(_) if self.close_some() => Arc::clone(&self.slots)
                .acquire_owned()
                .await
                .expect("the semaphore is never closed"),
            Err(_) => return None,
        };
        let peer = Arc::new(Peer::new());
        let mut open = self.lock();
        let id = open.next;
        open.next += 1;
        open.peers.insert(id, Arc::clone(&peer));
        drop(open);
        Some(Admitted {
            peer,
            peers: Arc::clone(self),
            id,
            _slot: slot,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the least useful connections, so that others get their places. False where there is
    /// none that may be closed.
    fn close_some(&self) -> bool {
        self.close(
            |_| true,
            |closed, idle| closed == 0 || idle >= self.patience,
        )
    }

    /// Closes connections without a session that hold bytes and make no progress, so that others
    /// get the bytes. False where there is none.
    pub(super) fn free_bytes(&self) -> bool {
        self.close(
            |peer| peer.holds_bytes() && !peer.signed_in.load(Ordering::Relaxed),
            |_, idle| idle >= self.patience,
        )
    }

    /// Of those that `may` be closed, closes the least useful ones as long as `goes_on` says so, by
    /// how many there were and how long the next one is idle.
    fn close(&self, may: impl Fn(&Peer) -> bool, goes_on: impl Fn(u64, Duration) -> bool) -> bool {
        let now = Instant::now();
        let open = self.lock();
        // Closed a moment ago, and about to leave what they hold.
        if open
            .peers
            .values()
            .any(|peer| peer.closing.load(Ordering::Relaxed) && may(peer))
        {
            return true;
        }
        let candidates = open.peers.values().filter(|peer| may(peer));
        let mut idle: Vec<(bool, Duration, &Arc<Peer>)> =
            candidates.filter_map(|peer| peer.idle(now)).collect();
        idle.sort_unstable_by_key(|(signed_in, idle, _)| (*signed_in, std::cmp::Reverse(*idle)));
        let mut closed = 0;
        for (_, idle, peer) in idle
            .into_iter()
            .take((self.limit / CLOSED_AT_A_TIME).max(1))
        {
            if !goes_on(closed, idle) {
                break;
            }
            peer.close();
            closed += 1;
        }
        metrics::counter!("registry_console_closed_connections_total", "reason" => "replaced")
            .increment(closed);
        closed > 0
    }
}

impl Peer {
    fn new() -> Self {
        Self {
            signed_in: AtomicBool::new(false),
            awaited: AtomicUsize::new(0),
            progress: Mutex::new(Instant::now()),
            closing: AtomicBool::new(false),
            told_to_close: Notify::new(),
            transit: Arc::new(Transit::default()),
            activity: Activity::new(),
        }
    }

    /// A request with a valid session came by this connection.
    pub(super) fn signed_in(&self) {
        self.signed_in.store(true, Ordering::Relaxed);
    }

    /// The peer has done its part.
    pub(super) fn progressed(&self) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// The peer waits for an answer from now on.
    pub(super) fn awaits(self: &Arc<Self>) -> Awaited {
        self.awaited.fetch_add(1, Ordering::Relaxed);
        Awaited(Arc::clone(self))
    }

    /// Waits until the connection has to end for another one.
    pub(super) async fn told_to_close(&self) {
        self.told_to_close.notified().await;
    }

    fn holds_bytes(&self) -> bool {
        self.activity.is_busy() || !self.transit.is_empty()
    }

    fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        self.told_to_close.notify_one();
    }

    /// Whether it has a session, and how long it has made no progress. Nothing where it may not be
    /// closed.
    fn idle(self: &Arc<Self>, now: Instant) -> Option<(bool, Duration, &Arc<Self>)> {
        let signed_in = self.signed_in.load(Ordering::Relaxed);
        if self.awaited.load(Ordering::Relaxed) > 0 && self.transit.is_empty() {
            return None;
        }
        let idle = now.saturating_duration_since(
            *self.progress.lock().unwrap_or_else(PoisonError::into_inner),
        );
        (!signed_in || idle >= JUST_USED).then_some((signed_in, idle, self))
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.peers.lock().peers.remove(&self.id);
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.awaited.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::time::advance;

    use super::*;

    /// Which of these connections was told to close.
    fn closing(admitted: &[Admitted]) -> Vec<usize> {
        admitted
            .iter()
            .enumerate()
            .filter(|(_, one)| one.peer.told_to_close().now_or_never().is_some())
            .map(|(at, _)| at)
            .collect()
    }

    async fn full(limit: usize) -> (Arc<Peers>, Vec<Admitted>) {
        let peers = Peers::new(limit, Duration::from_secs(1));
        let mut admitted = Vec::new();
        for _ in 0..limit {
            admitted.push(
                peers
                    .admit()
                    .now_or_never()
                    .expect("there is room")
                    .expect("there is room"),
            );
            advance(Duration::from_secs(10)).await;
        }
        (peers, admitted)
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_listener_closes_the_connection_without_progress_for_longest_and_takes_the_new_one()
     {
        let (peers, mut admitted) = full(3).await;
        admitted[0].peer.progressed();
        let mut admission = std::pin::pin!(peers.admit());
        assert!(
            admission.as_mut().now_or_never().is_none(),
            "the place is not free yet"
        );
        assert_eq!(closing(&admitted), [1]);
        admitted.remove(1);
        assert!(admission.await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn connections_with_a_session_are_closed_last_and_not_just_after_they_were_used() {
        let (peers, admitted) = full(2).await;
        admitted[0].peer.signed_in();
        assert!(peers.admit().now_or_never().is_none());
        assert_eq!(
            closing(&admitted),
            [1],
            "though the other one made no progress for longer"
        );

        let (peers, admitted) = full(2).await;
        admitted.iter().for_each(|one| one.peer.signed_in());
        admitted[0].peer.progressed();
        assert!(peers.admit().now_or_never().is_none());
        assert_eq!(closing(&admitted), [1]);

        let (peers, admitted) = full(2).await;
        admitted.iter().for_each(|one| {
            one.peer.signed_in();
            one.peer.progressed();
        });
        assert!(
            peers
                .admit()
                .now_or_never()
                .expect("an answer at once")
                .is_none()
        );
        assert_eq!(closing(&admitted), [0; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_waits_for_the_console_is_not_closed_unless_it_does_not_take_what_it_is_sent()
     {
        let (peers, admitted) = full(2).await;
        let _answers = [admitted[0].peer.awaits(), admitted[1].peer.awaits()];
        assert!(
            peers
                .admit()
                .now_or_never()
                .expect("an answer at once")
                .is_none()
        );
        let _not_taken = admitted[1].peer.transit.hand_out();
        assert!(peers.admit().now_or_never().is_none());
        assert_eq!(closing(&admitted), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_listener_closes_several_idle_connections_at_a_time() {
        let (peers, admitted) = full(128).await;
        assert!(peers.admit().now_or_never().is_none());
        assert_eq!(closing(&admitted), [0, 1]);
        assert!(
            peers.admit().now_or_never().is_none(),
            "those that are closing are enough"
        );
        assert_eq!(closing(&admitted), [0; 0]);
    }
    #[tokio::test(start_paused = true)]
    async fn bytes_are_freed_by_closing_whoever_holds_some_without_a_session_and_makes_no_progress()
    {
        let (peers, admitted) = full(4).await;
        assert!(!peers.free_bytes(), "nobody holds any");
        let _requests: Vec<_> = admitted[1..]
            .iter()
            .map(|one| one.peer.activity.begin())
            .collect();
        admitted[1].peer.signed_in();
        admitted[2].peer.progressed();
        admitted[3].peer.progressed();
        assert!(!peers.free_bytes());
        advance(Duration::from_secs(1)).await;
        admitted[3].peer.progressed();
        assert!(peers.free_bytes());
        assert_eq!(closing(&admitted), [2]);
    }
}
