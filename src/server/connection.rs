//! One connection, from its first byte to its last.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::answer::{Requests, answer};
use super::peers::Peer;
use super::preface::{self, RewoundStream};
use super::stream::{PeerStream, ResetOnClose};
use super::{Limits, Phase, Security, Shared};

/// The first byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// How much TLS may hold of what is sent.
const TLS_BUFFER: usize = 32 << 10;

enum Opened {
    Plain(PeerStream),
    Http1(Box<TlsStream<PeerStream>>),
    Http2(Box<RewoundStream<TlsStream<PeerStream>>>),
}

/// Serves one connection to its end.
pub(super) async fn run(
    stream: TcpStream,
    from: SocketAddr,
    peer: Arc<Peer>,
    shared: Arc<Shared>,
    mut phase: watch::Receiver<Phase>,
) {
    metrics::gauge!("registry_console_connections").increment(1);
    let stream = PeerStream::new(stream, shared.limits.stall);
    let reset = stream.reset();
    // Each in a box of its own: a connection that is open for hours takes no room for what it was
    // once or is not.
    let opened = {
        let opening = Box::pin(timeout(
            shared.limits.handshake,
            open(stream, &shared.security),
        ));
        tokio::select! {
            opened = opening => opened.ok().flatten(),
            () = peer.told_to_close() => {
                reset.set();
                None
            }
            () = reached(&mut phase, Phase::Over) => None,
        }
    };
    peer.progressed();
    let serving = |router: &Router| {
        let (shared, router, peer) = (Arc::clone(&shared), router.clone(), Arc::clone(&peer));
        Serving {
            requests: Arc::new(Requests {
                shared,
                router,
                from,
                peer,
            }),
            reset,
            phase,
        }
    };
    match opened {
        Some(Opened::Plain(stream)) => Box::pin(serving(&shared.plain).http1(stream)).await,
        Some(Opened::Http1(stream)) => Box::pin(serving(&shared.router).http1(stream)).await,
        Some(Opened::Http2(stream)) => Box::pin(serving(&shared.router).http2(stream)).await,
        None => metrics::counter!("registry_console_unopened_connections_total").increment(1),
    }
    metrics::gauge!("registry_console_connections").decrement(1);
}

/// Looks at the first byte, without taking it, shakes hands if it is TLS's, and reads what must
/// begin HTTP/2.
async fn open(stream: PeerStream, security: &Security) -> Option<Opened> {
    let Security::Tls { certificates, .. } = security else {
        return Some(Opened::Plain(stream));
    };
    match stream.first_byte().await {
        Some(TLS_HANDSHAKE) => {}
        Some(_) => return Some(Opened::Plain(stream)),
        None => return None,
    }
    let mut stream = match TlsAcceptor::from(certificates.current())
        .accept(stream)
        .await
    {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "no TLS handshake");
            return None;
        }
    };
    stream.get_mut().1.set_buffer_limit(Some(TLS_BUFFER));
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return Some(Opened::Http1(Box::new(stream)));
    }
    match preface::read(stream).await {
        Ok(stream) => Some(Opened::Http2(Box::new(stream))),
        Err(error) => {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "no beginning of HTTP/2"
            );
            None
        }
    }
}

/// A connection after its handshake.
struct Serving {
    requests: Arc<Requests>,
    reset: ResetOnClose,
    phase: watch::Receiver<Phase>,
}

impl Serving {
    fn limits(&self) -> &Limits {
        &self.requests.shared.limits
    }

    /// The builder is chosen by ALPN, not by looking at what is sent: only so does the time for the
    /// header begin before the first byte.
    async fn http1(self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let (limits, requests) = (self.limits(), Arc::clone(&self.requests));
        let service = service_fn(move |request| Box::pin(answer(request, Arc::clone(&requests))));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.headers)
            .max_headers(limits.header_fields_parsed())
            .max_header_size(limits.header_bytes_parsed())
            .max_buf_size(limits.header_bytes_parsed().next_power_of_two())
            .serve_connection(TokioIo::new(stream), service);
        self.drive(Box::pin(connection)).await;
    }

    async fn http2(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let (limits, requests) = (self.limits(), Arc::clone(&self.requests));
        let service = service_fn(move |request| Box::pin(answer(request, Arc::clone(&requests))));
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.header_bytes_parsed()).unwrap_or(u32::MAX))
            .initial_stream_window_size(limits.stream_window)
            .initial_connection_window_size(limits.connection_window)
            .max_frame_size(limits.frame)
            .max_send_buf_size(limits.send_buffer)
            .keep_alive_interval(limits.ping)
            .keep_alive_timeout(limits.pong)
            .serve_connection(TokioIo::new(stream), service);
        self.drive(Box::pin(connection)).await;
    }

    /// Runs a connection until it ends, must leave its place, does not take what it is sent, is
    /// idle for too long, or the server wants to end; the latter two by saying good-bye first.
    async fn drive<C>(mut self, mut connection: Pin<Box<C>>)
    where
        C: GracefulConnection,
        C::Error: std::error::Error + 'static,
    {
        let (requests, limits) = (Arc::clone(&self.requests), *self.limits());
        let peer = &requests.peer;
        let activity = &peer.activity;
        let mut unfit = Box::pin(unfit(peer, &limits));
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke");
                }
                return;
            }
            () = &mut unfit => return self.reset.set(),
            () = activity.quiet(limits.headers, limits.idle) => {}
            () = reached(&mut self.phase, Phase::Draining) => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ = connection.as_mut() => {}
            () = &mut unfit => self.reset.set(),
            () = activity.quiet(limits.farewell, limits.farewell) => {}
            () = reached(&mut self.phase, Phase::Over) => {}
        }
    }
}

/// Waits until a connection has to end at once: another one needs its place, or its peer does not
/// take what it is sent (S51).
async fn unfit(peer: &Peer, limits: &Limits) {
    tokio::select! {
        () = peer.told_to_close() => tracing::debug!("a connection is closed for another one"),
        () = peer.transit.stalled(limits.stall) => {
            tracing::debug!("a peer does not take what it is sent");
            metrics::counter!("registry_console_closed_connections_total", "reason" => "stalled").increment(1);
        }
    }
}

/// Waits until the server is in `phase` or past it.
async fn reached(phases: &mut watch::Receiver<Phase>, phase: Phase) {
    // An error means that the server is gone altogether.
    let _ = phases.wait_for(|now| *now >= phase).await;
}
