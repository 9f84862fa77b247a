//! All connections of a listener, and which of them is closed if there is no place for a new one
//! (S51).
//!
//! A listener at its limit continues to accept connections and closes others instead: first those
//! without a session, the longest without progress first. A client that opens connections without
//! using them thus loses them to others, and users can still sign in. Behind a router all peers
//! share an address, so addresses are not considered.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::request_counter::RequestCounter;
use crate::server::unsent_chunks::UnsentChunks;

/// A connection on which a request with a session made progress within this time is not closed for
/// another one.
const RECENT_USE_PERIOD: Duration = Duration::from_secs(5);

/// This fraction of a full listener's connections is closed at a time, so that one scan makes room
/// for many new connections.
const CLOSE_BATCH_DIVISOR: usize = 64;

/// The connections of one listener.
pub(super) struct Peers {
    max_peers: usize,
    /// How long a peer may make no progress while others need its resources.
    min_idle: Duration,
    slots: Arc<Semaphore>,
    open: Mutex<OpenPeers>,
}

#[derive(Default)]
struct OpenPeers {
    peers: HashMap<u64, Arc<Peer>>,
    next_id: u64,
}

/// A connection, as the other connections see it.
pub(super) struct Peer {
    signed_in: AtomicBool,
    /// Requests whose responses are being made: the peer waits for the console.
    pending_responses: AtomicUsize,
    /// When the peer last made progress: a handshake, a complete request, a part of a response that
    /// it read.
    last_progress: Mutex<Instant>,
    closing: AtomicBool,
    close_requested: Notify,
    /// What was passed on for sending to this peer and is not sent yet.
    pub(super) unsent: Arc<UnsentChunks>,
    pub(super) requests: RequestCounter,
}

/// A connection that was admitted, until dropped.
pub(super) struct AdmittedPeer {
    pub(super) peer: Arc<Peer>,
    peers: Arc<Peers>,
    id: u64,
    _slot: OwnedSemaphorePermit,
}

/// A response that is being made. Ends when dropped.
pub(super) struct PendingResponse(Arc<Peer>);

impl Peers {
    pub(super) fn new(limit: usize, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            max_peers: limit,
            min_idle: patience,
            slots: Arc::new(Semaphore::new(limit)),
            open: Mutex::default(),
        })
    }

    /// Admits a new connection, closing others if necessary. `None` if none of them may be closed.
    pub(super) async fn admit(self: &Arc<Self>) -> Option<AdmittedPeer> {
        let slot = match Arc::clone(&self.slots).try_acquire_owned() {
            Ok(slot) => slot,
            Err(_) if self.close_idle() => Arc::clone(&self.slots)
                .acquire_owned()
                .await
                .expect("the semaphore is never closed"),
            Err(_) => return None,
        };
        let peer = Arc::new(Peer::new());
        let mut open = self.lock();
        let id = open.next_id;
        open.next_id += 1;
        open.peers.insert(id, Arc::clone(&peer));
        drop(open);
        Some(AdmittedPeer {
            peer,
            peers: Arc::clone(self),
            id,
            _slot: slot,
        })
    }

    fn lock(&self) -> MutexGuard<'_, OpenPeers> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the least useful connections. Returns `false` if none may be closed.
    fn close_idle(&self) -> bool {
        self.close_least_useful(
            |_| true,
            |closed, idle| closed == 0 || idle >= self.min_idle,
        )
    }

    /// Closes connections without a session that hold bytes and make no progress. Returns `false`
    /// if there is none.
    pub(super) fn close_to_free_bytes(&self) -> bool {
        self.close_least_useful(
            |peer| peer.holds_bytes() && !peer.signed_in.load(Ordering::Relaxed),
            |_, idle| idle >= self.min_idle,
        )
    }

    /// Closes the least useful of the connections that `may` be closed, while `goes_on` returns
    /// true for the number of closed ones and the idle time of the next.
    fn close_least_useful(
        &self,
        may: impl Fn(&Peer) -> bool,
        goes_on: impl Fn(u64, Duration) -> bool,
    ) -> bool {
        let now = Instant::now();
        let open = self.lock();
        // Already being closed, about to release what they hold.
        if open
            .peers
            .values()
            .any(|peer| peer.closing.load(Ordering::Relaxed) && may(peer))
        {
            return true;
        }
        let candidates = open.peers.values().filter(|peer| may(peer));
        let mut idle: Vec<(bool, Duration, &Arc<Peer>)> =
            candidates.filter_map(|peer| peer.idle_time(now)).collect();
        idle.sort_unstable_by_key(|(signed_in, idle, _)| (*signed_in, std::cmp::Reverse(*idle)));
        let mut closed = 0;
        for (_, idle, peer) in idle
            .into_iter()
            .take((self.max_peers / CLOSE_BATCH_DIVISOR).max(1))
        {
            if !goes_on(closed, idle) {
                break;
            }
            peer.request_close();
            closed += 1;
        }
        metrics::counter!("registry_console_closed_connections_total", "reason" => "evicted")
            .increment(closed);
        closed > 0
    }
}

impl Peer {
    fn new() -> Self {
        Self {
            signed_in: AtomicBool::new(false),
            pending_responses: AtomicUsize::new(0),
            last_progress: Mutex::new(Instant::now()),
            closing: AtomicBool::new(false),
            close_requested: Notify::new(),
            unsent: Arc::new(UnsentChunks::default()),
            requests: RequestCounter::new(),
        }
    }

    /// Records that a request with a valid session arrived on this connection.
    pub(super) fn mark_signed_in(&self) {
        self.signed_in.store(true, Ordering::Relaxed);
    }

    /// Records that the peer made progress.
    pub(super) fn record_progress(&self) {
        *self
            .last_progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Records that the peer waits for a response.
    pub(super) fn begin_response(self: &Arc<Self>) -> PendingResponse {
        self.pending_responses.fetch_add(1, Ordering::Relaxed);
        PendingResponse(Arc::clone(self))
    }

    /// Waits until the connection has to be closed for another one.
    pub(super) async fn close_requested(&self) {
        self.close_requested.notified().await;
    }

    fn holds_bytes(&self) -> bool {
        self.requests.is_busy() || !self.unsent.is_empty()
    }

    fn request_close(&self) {
        self.closing.store(true, Ordering::Relaxed);
        self.close_requested.notify_one();
    }

    /// Whether it has a session, and how long it has made no progress. `None` if it may not be
    /// closed.
    fn idle_time(self: &Arc<Self>, now: Instant) -> Option<(bool, Duration, &Arc<Self>)> {
        let signed_in = self.signed_in.load(Ordering::Relaxed);
        if self.pending_responses.load(Ordering::Relaxed) > 0 && self.unsent.is_empty() {
            return None;
        }
        let idle = now.saturating_duration_since(
            *self
                .last_progress
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        (!signed_in || idle >= RECENT_USE_PERIOD).then_some((signed_in, idle, self))
    }
}

impl Drop for AdmittedPeer {
    fn drop(&mut self) {
        self.peers.lock().peers.remove(&self.id);
    }
}

impl Drop for PendingResponse {
    fn drop(&mut self) {
        self.0.pending_responses.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::time::advance;

    use super::*;

    /// Which of these connections have been asked to close.
    fn indexes_of_closing(admitted: &[AdmittedPeer]) -> Vec<usize> {
        admitted
            .iter()
            .enumerate()
            .filter(|(_, one)| one.peer.close_requested().now_or_never().is_some())
            .map(|(at, _)| at)
            .collect()
    }

    async fn full_peers(limit: usize) -> (Arc<Peers>, Vec<AdmittedPeer>) {
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
    async fn full_listener_replaces_the_longest_idle_connection() {
        let (peers, mut admitted) = full_peers(3).await;
        admitted[0].peer.record_progress();
        let mut admission = std::pin::pin!(peers.admit());
        assert!(
            admission.as_mut().now_or_never().is_none(),
            "the place is not free yet"
        );
        assert_eq!(indexes_of_closing(&admitted), [1]);
        admitted.remove(1);
        assert!(admission.await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn signed_in_connections_are_closed_last() {
        let (peers, admitted) = full_peers(2).await;
        admitted[0].peer.mark_signed_in();
        assert!(peers.admit().now_or_never().is_none());
        assert_eq!(
            indexes_of_closing(&admitted),
            [1],
            "though the other one made no progress for longer"
        );

        let (peers, admitted) = full_peers(2).await;
        admitted.iter().for_each(|one| one.peer.mark_signed_in());
        admitted[0].peer.record_progress();
        assert!(peers.admit().now_or_never().is_none());
        assert_eq!(indexes_of_closing(&admitted), [1]);

        let (peers, admitted) = full_peers(2).await;
        admitted.iter().for_each(|one| {
            one.peer.mark_signed_in();
            one.peer.record_progress();
        });
        assert!(
            peers
                .admit()
                .now_or_never()
                .expect("an answer at once")
                .is_none()
        );
        assert_eq!(indexes_of_closing(&admitted), [0; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn awaiting_connection_is_closed_only_if_its_peer_stalls() {
        let (peers, admitted) = full_peers(2).await;
        let _answers = [
            admitted[0].peer.begin_response(),
            admitted[1].peer.begin_response(),
        ];
        assert!(
            peers
                .admit()
                .now_or_never()
                .expect("an answer at once")
                .is_none()
        );
        let _not_taken = admitted[1].peer.unsent.track();
        assert!(peers.admit().now_or_never().is_none());
        assert_eq!(indexes_of_closing(&admitted), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn large_listener_closes_idle_connections_in_batches() {
        let (peers, admitted) = full_peers(128).await;
        assert!(peers.admit().now_or_never().is_none());
        assert_eq!(indexes_of_closing(&admitted), [0, 1]);
        assert!(
            peers.admit().now_or_never().is_none(),
            "those that are closing are enough"
        );
        assert_eq!(indexes_of_closing(&admitted), [0; 0]);
    }
    #[tokio::test(start_paused = true)]
    async fn idle_anonymous_connections_are_closed_to_free_bytes() {
        let (peers, admitted) = full_peers(4).await;
        assert!(!peers.close_to_free_bytes(), "no peer holds bytes");
        let _requests: Vec<_> = admitted[1..]
            .iter()
            .map(|one| one.peer.requests.begin_request())
            .collect();
        admitted[1].peer.mark_signed_in();
        admitted[2].peer.record_progress();
        admitted[3].peer.record_progress();
        assert!(!peers.close_to_free_bytes());
        advance(Duration::from_secs(1)).await;
        admitted[3].peer.record_progress();
        assert!(peers.close_to_free_bytes());
        assert_eq!(indexes_of_closing(&admitted), [2]);
    }
}
