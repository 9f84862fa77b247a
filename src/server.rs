//! Listeners: TLS and plain HTTP on one port, certificates, limits, graceful drain.
//!
//! A passthrough route gives its pod nothing: no limit of header size, no guard against slow peers,
//! no forwarded address. So all of that is here, below the router: [`serve`] hands a request on
//! only when it came through these limits.

mod activity;
mod answer;
mod body;
mod budget;
mod capacity;
pub mod certificates;
mod connection;
mod early_refusal;
pub mod health;
mod limits;
mod outgoing;
mod peers;
mod plain;
mod preface;
mod session_check;
mod stream;
mod transit;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use budget::ByteBudget;
use certificates::Certificates;
use health::Health;
use peers::Peers;

pub use capacity::Capacity;
pub use limits::Limits;
pub use session_check::SessionCheck;

/// Whether a listener encrypts.
#[derive(Clone)]
pub enum Security {
    /// Everything in plain HTTP.
    Off,
    /// TLS. On plain HTTP there is nothing but the health checks and the way to `public`.
    Tls {
        certificates: Certificates,
        /// Where the console is found: scheme, host and port. Absent: not known, so nobody is sent
        /// there.
        public: Option<Url>,
    },
}

/// How a listener behaves.
#[derive(Clone)]
pub struct Options {
    pub security: Security,
    /// Told when the end begins.
    pub health: Health,
    pub limits: Limits,
    /// Which requests have a session.
    pub sessions: SessionCheck,
}

/// What a connection has to know about the life of its server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    /// No further requests; those begun go on.
    Draining,
    Over,
}

/// What all connections of one listener share.
struct Shared {
    router: Router,
    plain: Router,
    security: Security,
    limits: Limits,
    sessions: SessionCheck,
    budget: Arc<ByteBudget>,
    peers: Arc<Peers>,
}

/// Serves `router` until `shutdown`, then drains (R17): readiness fails at once, new connections
/// are taken for [`Limits::linger`] longer, requests that have begun may end within
/// [`Limits::drain`] of the shutdown. Returns when all connections are closed.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: Options,
    shutdown: impl Future<Output = ()>,
) {
    let Options {
        security,
        health,
        limits,
        sessions,
    } = options;
    let plain = match &security {
        Security::Off => router.clone(),
        Security::Tls { public, .. } => plain::router(&health, public.as_ref()),
    };
    let budget = ByteBudget::new(limits.in_flight);
    let peers = Peers::new(limits.connections, limits.patience);
    let shared = Arc::new(Shared {
        router,
        plain,
        security,
        limits,
        sessions,
        budget,
        peers,
    });
    let phase = watch::Sender::new(Phase::Serving);
    let mut deadline = Instant::now();
    tokio::select! {
        () = accept_all(&listener, &shared, &phase) => {}
        () = async {
            shutdown.await;
            deadline = Instant::now() + limits.drain;
            health.drain();
            // Whoever reads this and asks is told that the console drains.
            tracing::info!("asked to stop");
            sleep(limits.linger).await;
        } => {}
    }
    drop(listener);
    phase.send_replace(Phase::Draining);
    if timeout_at(deadline, phase.closed()).await.is_err() {
        tracing::warn!(
            connections = phase.receiver_count(),
            "closing connections that did not end in time"
        );
        phase.send_replace(Phase::Over);
        phase.closed().await;
    }
}

/// Takes connections for ever. At the limit a new one takes the place of the least useful one
/// (S51).
async fn accept_all(listener: &TcpListener, shared: &Arc<Shared>, phase: &watch::Sender<Phase>) {
    bound_buffers(listener, shared.limits.socket_buffer);
    loop {
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                back_off(&error).await;
                continue;
            }
        };
        let Some(admitted) = shared.peers.admit().await else {
            metrics::counter!("registry_console_closed_connections_total", "reason" => "no_place")
                .increment(1);
            continue;
        };
        guard_against_silence(&stream);
        let connection = connection::run(
            stream,
            from,
            Arc::clone(&admitted.peer),
            Arc::clone(shared),
            phase.subscribe(),
        );
        tokio::spawn(async move {
            connection.await;
            drop(admitted);
        });
    }
}

/// Connections take the sizes of their listener's buffers. Without a bound the kernel keeps
/// megabytes for a peer that does not read, and counts them as the pod's memory.
fn bound_buffers(listener: &TcpListener, bytes: usize) {
    let socket = socket2::SockRef::from(listener);
    if let Some(error) = [
        socket.set_send_buffer_size(bytes),
        socket.set_recv_buffer_size(bytes),
    ]
    .into_iter()
    .find_map(Result::err)
    {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "cannot bound the buffers of connections"
        );
    }
}

/// A connection that was gone before it was taken is nobody's fault; anything else (no file
/// descriptors left, R24) gets time to pass.
async fn back_off(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    metrics::counter!("registry_console_accept_errors_total").increment(1);
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "cannot take a connection"
        );
        sleep(Duration::from_millis(500)).await;
    }
}

/// A peer that vanished without a word, or that stopped reading, is noticed by the kernel within 75
/// s (R20), also in the middle of an answer.
fn guard_against_silence(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let keepalive = socket2::TcpKeepalive::new()
        .with_time(Duration::from_secs(45))
        .with_interval(Duration::from_secs(10))
        .with_retries(3);
    let set = [
        socket.set_tcp_keepalive(&keepalive),
        socket.set_tcp_user_timeout(Some(Duration::from_secs(75))),
        stream.set_nodelay(true),
    ];
    if let Some(error) = set.into_iter().find_map(Result::err) {
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "cannot set the options of a socket"
        );
    }
}
