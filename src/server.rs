//! Listeners: TLS and plain HTTP on one port, certificates, limits, graceful shutdown.
//!
//! A passthrough route does nothing for its pod: it limits no header sizes, does not protect
//! against slow peers and adds no forwarded address. All of that is therefore done here, below the
//! router: [`serve`] passes a request on only within these limits.

mod byte_budget;
mod capacity;
pub mod certificates;
mod connection;
mod early_refusal;
pub mod health;
mod http2_preface;
mod limits;
mod peer_stream;
mod peers;
mod plain_http;
mod request_body;
mod request_counter;
mod request_handler;
mod response_body;
mod session_check;
mod unsent_chunks;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use byte_budget::ByteBudget;
use certificates::Certificates;
use health::Health;
use peers::Peers;

pub use capacity::Capacity;
pub use limits::ServerLimits;
pub use session_check::SessionCheck;

/// Whether a listener uses TLS.
#[derive(Clone)]
pub enum TransportSecurity {
    /// Everything in plain HTTP.
    Off,
    /// TLS. Plain HTTP serves only the health checks, and redirects to `public`.
    Tls {
        certificates: Certificates,
        /// The address of the console: scheme, host and port. Absent: not known, so nothing is
        /// redirected.
        public: Option<Url>,
    },
}

/// The configuration of a listener.
#[derive(Clone)]
pub struct ServerOptions {
    pub security: TransportSecurity,
    /// Informed when the shutdown begins.
    pub health: Health,
    pub limits: ServerLimits,
    /// Decides which requests have a session.
    pub session_check: SessionCheck,
}

/// The phase of a server, as its connections need to know it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ServerPhase {
    Serving,
    /// No further requests; those that have begun continue.
    Draining,
    Stopped,
}

/// Shared by all connections of a listener.
struct ServerShared {
    router: Router,
    plain_router: Router,
    security: TransportSecurity,
    limits: ServerLimits,
    session_check: SessionCheck,
    budget: Arc<ByteBudget>,
    peers: Arc<Peers>,
}

/// Serves `router` until `shutdown`, then drains (R17): readiness fails at once, new connections
/// are accepted for [`ServerLimits::shutdown_delay`] longer, and requests that have begun may
/// finish within [`ServerLimits::drain_timeout`] of the shutdown. Returns when all connections are
/// closed.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ServerOptions,
    shutdown: impl Future<Output = ()>,
) {
    let ServerOptions {
        security,
        health,
        limits,
        session_check: sessions,
    } = options;
    let plain = match &security {
        TransportSecurity::Off => router.clone(),
        TransportSecurity::Tls { public, .. } => plain_http::router(&health, public.as_ref()),
    };
    let budget = ByteBudget::new(limits.max_in_flight_bytes);
    let peers = Peers::new(limits.max_connections, limits.contended_stall_timeout);
    let shared = Arc::new(ServerShared {
        router,
        plain_router: plain,
        security,
        limits,
        session_check: sessions,
        budget,
        peers,
    });
    let phase = watch::Sender::new(ServerPhase::Serving);
    let mut deadline = Instant::now();
    tokio::select! {
        () = accept_connections(&listener, &shared, &phase) => {}
        () = async {
            shutdown.await;
            deadline = Instant::now() + limits.drain_timeout;
            health.drain();
            // Logged after the drain has begun, so that readiness agrees with the log.
            tracing::info!("shutting down");
            sleep(limits.shutdown_delay).await;
        } => {}
    }
    drop(listener);
    phase.send_replace(ServerPhase::Draining);
    if timeout_at(deadline, phase.closed()).await.is_err() {
        tracing::warn!(
            connections = phase.receiver_count(),
            "closing connections that did not end in time"
        );
        phase.send_replace(ServerPhase::Stopped);
        phase.closed().await;
    }
}

/// Accepts connections for ever. At the limit a new one replaces the least useful one (S51).
async fn accept_connections(
    listener: &TcpListener,
    shared: &Arc<ServerShared>,
    phase: &watch::Sender<ServerPhase>,
) {
    set_socket_buffer_sizes(listener, shared.limits.socket_buffer_bytes);
    loop {
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                handle_accept_error(&error).await;
                continue;
            }
        };
        let Some(admitted) = shared.peers.admit().await else {
            metrics::counter!("registry_console_closed_connections_total", "reason" => "no_capacity")
                .increment(1);
            continue;
        };
        set_socket_timeouts(&stream);
        let connection = connection::serve_connection(
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

/// Connections inherit the buffer sizes of their listener. Without a bound the kernel keeps
/// megabytes for a peer that does not read, and counts them as the pod's memory.
fn set_socket_buffer_sizes(listener: &TcpListener, bytes: usize) {
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
            "cannot set the buffer sizes of the listener"
        );
    }
}

/// A connection that was closed before it was accepted is harmless. After any other error (no file
/// descriptors left, R24) the listener waits.
async fn handle_accept_error(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    metrics::counter!("registry_console_accept_errors_total").increment(1);
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::warn!(error = error as &dyn std::error::Error, "accept failed");
        sleep(Duration::from_millis(500)).await;
    }
}

/// The kernel notices within 75 s a peer that vanished, or that stopped reading (R20), also in the
/// middle of a response.
fn set_socket_timeouts(stream: &TcpStream) {
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
            "cannot set socket options"
        );
    }
}
