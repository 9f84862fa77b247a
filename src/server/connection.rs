//! A connection, from its first byte to its last.

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

use super::peers::Peer;
use super::{ServerLimits, ServerPhase, ServerShared, TransportSecurity};
use crate::server::http2_preface;
use crate::server::http2_preface::RewoundStream;
use crate::server::peer_stream::{PeerStream, ResetOnClose};
use crate::server::request_handler::{RequestHandler, handle_request};

/// The first byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE_RECORD: u8 = 0x16;

/// How many bytes TLS may buffer for sending.
const TLS_BUFFER_BYTES: usize = 32 << 10;

enum NegotiatedStream {
    Plain(PeerStream),
    Http1(Box<TlsStream<PeerStream>>),
    Http2(Box<RewoundStream<TlsStream<PeerStream>>>),
}

/// Serves a connection until it ends.
pub(super) async fn serve_connection(
    stream: TcpStream,
    from: SocketAddr,
    peer: Arc<Peer>,
    shared: Arc<ServerShared>,
    mut phase: watch::Receiver<ServerPhase>,
) {
    metrics::gauge!("registry_console_connections").increment(1);
    let stream = PeerStream::new(stream, shared.limits.stall_timeout);
    let reset = stream.reset_handle();
    // Each state is boxed: a connection that is open for hours does not take the memory of states
    // that it has left or never enters.
    let opened = {
        let opening = Box::pin(timeout(
            shared.limits.handshake_timeout,
            negotiate(stream, &shared.security),
        ));
        tokio::select! {
            opened = opening => opened.ok().flatten(),
            () = peer.close_requested() => {
                reset.set();
                None
            }
            () = wait_for_phase(&mut phase, ServerPhase::Stopped) => None,
        }
    };
    peer.record_progress();
    let serving = |router: &Router| {
        let (shared, router, peer) = (Arc::clone(&shared), router.clone(), Arc::clone(&peer));
        ConnectionHandler {
            requests: Arc::new(RequestHandler {
                shared,
                router,
                peer_address: from,
                peer,
            }),
            reset,
            phase,
        }
    };
    match opened {
        Some(NegotiatedStream::Plain(stream)) => {
            Box::pin(serving(&shared.plain_router).serve_http1(stream)).await
        }
        Some(NegotiatedStream::Http1(stream)) => {
            Box::pin(serving(&shared.router).serve_http1(stream)).await
        }
        Some(NegotiatedStream::Http2(stream)) => {
            Box::pin(serving(&shared.router).serve_http2(stream)).await
        }
        None => metrics::counter!("registry_console_failed_handshakes_total").increment(1),
    }
    metrics::gauge!("registry_console_connections").decrement(1);
}

/// Peeks at the first byte, does the handshake if it is that of TLS, and reads the HTTP/2 preface.
async fn negotiate(stream: PeerStream, security: &TransportSecurity) -> Option<NegotiatedStream> {
    let TransportSecurity::Tls { certificates, .. } = security else {
        return Some(NegotiatedStream::Plain(stream));
    };
    match stream.peek_first_byte().await {
        Some(TLS_HANDSHAKE_RECORD) => {}
        Some(_) => return Some(NegotiatedStream::Plain(stream)),
        None => return None,
    }
    let mut stream = match TlsAcceptor::from(certificates.server_config())
        .accept(stream)
        .await
    {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "TLS handshake failed"
            );
            return None;
        }
    };
    stream.get_mut().1.set_buffer_limit(Some(TLS_BUFFER_BYTES));
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return Some(NegotiatedStream::Http1(Box::new(stream)));
    }
    match http2_preface::read_preface(stream).await {
        Ok(stream) => Some(NegotiatedStream::Http2(Box::new(stream))),
        Err(error) => {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "missing or invalid HTTP/2 preface"
            );
            None
        }
    }
}

/// A connection after its handshake.
struct ConnectionHandler {
    requests: Arc<RequestHandler>,
    reset: ResetOnClose,
    phase: watch::Receiver<ServerPhase>,
}

impl ConnectionHandler {
    fn limits(&self) -> &ServerLimits {
        &self.requests.shared.limits
    }

    /// The protocol is chosen by ALPN and not by the content: only then does the time limit of the
    /// header begin before the first byte.
    async fn serve_http1(self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let (limits, requests) = (self.limits(), Arc::clone(&self.requests));
        let service =
            service_fn(move |request| Box::pin(handle_request(request, Arc::clone(&requests))));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .max_headers(limits.parser_header_fields())
            .max_header_size(limits.parser_header_bytes())
            .max_buf_size(limits.parser_header_bytes().next_power_of_two())
            .serve_connection(TokioIo::new(stream), service);
        self.drive(Box::pin(connection)).await;
    }

    async fn serve_http2(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let (limits, requests) = (self.limits(), Arc::clone(&self.requests));
        let service =
            service_fn(move |request| Box::pin(handle_request(request, Arc::clone(&requests))));
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.max_http2_streams)
            .max_header_list_size(u32::try_from(limits.parser_header_bytes()).unwrap_or(u32::MAX))
            .initial_stream_window_size(limits.http2_stream_window_bytes)
            .initial_connection_window_size(limits.http2_connection_window_bytes)
            .max_frame_size(limits.max_http2_frame_bytes)
            .max_send_buf_size(limits.http2_send_buffer_bytes)
            .keep_alive_interval(limits.ping_interval)
            .keep_alive_timeout(limits.ping_timeout)
            .serve_connection(TokioIo::new(stream), service);
        self.drive(Box::pin(connection)).await;
    }

    /// Runs a connection until it ends, is replaced by another, stalls, is idle for too long, or
    /// the server shuts down. In the last two cases it ends gracefully.
    async fn drive<C>(mut self, mut connection: Pin<Box<C>>)
    where
        C: GracefulConnection,
        C::Error: std::error::Error + 'static,
    {
        let (requests, limits) = (Arc::clone(&self.requests), *self.limits());
        let peer = &requests.peer;
        let counter = &peer.requests;
        let mut unfit = Box::pin(wait_until_unserviceable(peer, &limits));
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error = &error as &dyn std::error::Error, "connection error");
                }
                return;
            }
            () = &mut unfit => return self.reset.set(),
            () = counter.wait_until_idle(limits.header_timeout, limits.idle_timeout) => {}
            () = wait_for_phase(&mut self.phase, ServerPhase::Draining) => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ = connection.as_mut() => {}
            () = &mut unfit => self.reset.set(),
            () = counter.wait_until_idle(limits.close_timeout, limits.close_timeout) => {}
            () = wait_for_phase(&mut self.phase, ServerPhase::Stopped) => {}
        }
    }
}

/// Waits until a connection has to be closed at once: it is replaced by another, or its peer does
/// not read what is sent (S51).
async fn wait_until_unserviceable(peer: &Peer, limits: &ServerLimits) {
    tokio::select! {
        () = peer.close_requested() => tracing::debug!("connection evicted"),
        () = peer.unsent.wait_for_stall(limits.stall_timeout) => {
            tracing::debug!("peer stalled; closing the connection");
            metrics::counter!("registry_console_closed_connections_total", "reason" => "stalled").increment(1);
        }
    }
}

/// Waits until the server is in `phase` or a later one.
async fn wait_for_phase(phases: &mut watch::Receiver<ServerPhase>, phase: ServerPhase) {
    // An error means that the server has ended.
    let _ = phases.wait_for(|now| *now >= phase).await;
}
