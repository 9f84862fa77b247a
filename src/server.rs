//! Listeners: TLS and plain HTTP on one port, certificates, limits, graceful drain.
//!
//! A passthrough route gives its pod nothing: no limit of header size, no guard against slow peers, no forwarded address. So all of that is
//! here, below the router: [`serve`] hands a request on only when it came through these limits.

mod activity;
mod body;
pub mod certificates;
mod connection;
pub mod health;
mod limits;
mod plain;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use certificates::Certificates;
use health::Health;

pub use limits::Limits;

/// Whether a listener encrypts.
#[derive(Clone)]
pub enum Security {
    /// Everything in plain HTTP.
    Off,
    /// TLS. On plain HTTP there is nothing but the health checks and the way to `public`.
    Tls {
        /// What to show.
        certificates: Certificates,
        /// Where the console is found: scheme, host and port. Absent: not known, so nobody is sent there.
        public: Option<Url>,
    },
}

/// How a listener behaves.
#[derive(Clone)]
pub struct Options {
    /// TLS or not.
    pub security: Security,
    /// Told when the end begins.
    pub health: Health,
    /// Its limits.
    pub limits: Limits,
}

/// What a connection has to know about the life of its server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    /// No further requests; those begun go on.
    Draining,
    /// Out of time.
    Over,
}

/// What all connections of one listener share.
struct Shared {
    router: Router,
    plain: Router,
    security: Security,
    limits: Limits,
}

/// Serves `router` until `shutdown`, then drains (R17): readiness fails at once, new connections are taken for [`Limits::linger`] longer,
/// requests that have begun may end within [`Limits::drain`] of the shutdown. Returns when all connections are closed.
pub async fn serve(listener: TcpListener, router: Router, options: Options, shutdown: impl Future<Output = ()>) {
    let Options { security, health, limits } = options;
    let plain = match &security {
        Security::Off => router.clone(),
        Security::Tls { public, .. } => plain::router(&health, public.as_ref()),
    };
    let shared = Arc::new(Shared { router, plain, security, limits });
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
        tracing::warn!(connections = phase.receiver_count(), "closing connections that did not end in time");
        phase.send_replace(Phase::Over);
        phase.closed().await;
    }
}

/// Takes connections for ever, as many at a time as the limit says; beyond it they wait in the kernel's queue.
async fn accept_all(listener: &TcpListener, shared: &Arc<Shared>, phase: &watch::Sender<Phase>) {
    let slots = Arc::new(Semaphore::new(shared.limits.connections));
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await.expect("the semaphore is never closed");
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                back_off(&error).await;
                continue;
            }
        };
        guard_against_silence(&stream);
        let connection = connection::run(stream, peer, Arc::clone(shared), phase.subscribe());
        tokio::spawn(async move {
            connection.await;
            drop(slot);
        });
    }
}

/// A connection that was gone before it was taken is nobody's fault; anything else (no file descriptors left, R24) gets time to pass.
async fn back_off(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    metrics::counter!("registry_console_accept_errors_total").increment(1);
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(error = error as &dyn std::error::Error, "cannot take a connection");
        sleep(Duration::from_millis(500)).await;
    }
}

/// A peer that vanished without a word, or that stopped reading, is noticed by the kernel within 75 s (R20), also in the middle of an answer.
fn guard_against_silence(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let keepalive = socket2::TcpKeepalive::new().with_time(Duration::from_secs(45)).with_interval(Duration::from_secs(10)).with_retries(3);
    let set = [socket.set_tcp_keepalive(&keepalive), socket.set_tcp_user_timeout(Some(Duration::from_secs(75))), stream.set_nodelay(true)];
    if let Some(error) = set.into_iter().find_map(Result::err) {
        tracing::debug!(error = &error as &dyn std::error::Error, "cannot set the options of a socket");
    }
}
