//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::IntoResponse as _;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
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
use tower::ServiceExt as _;

use super::activity::{Activity, Answering};
use super::{Limits, Phase, Security, Shared, body};

/// The first byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

enum Opened {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Serves one connection to its end.
pub(super) async fn run(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>, mut phase: watch::Receiver<Phase>) {
    metrics::gauge!("registry_console_connections").increment(1);
    // Each in a box of its own: a connection that is open for hours takes no room for what it was once or is not.
    let opened = {
        let opening = Box::pin(timeout(shared.limits.handshake, open(stream, &shared.security)));
        tokio::select! {
            opened = opening => opened.ok().flatten(),
            () = reached(&mut phase, Phase::Over) => None,
        }
    };
    match opened {
        Some(Opened::Plain(stream)) => Box::pin(http1(stream, peer, &shared.plain, &shared.limits, phase)).await,
        Some(Opened::Tls(stream)) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
            Box::pin(http2(stream, peer, &shared.router, &shared.limits, phase)).await;
        }
        Some(Opened::Tls(stream)) => Box::pin(http1(stream, peer, &shared.router, &shared.limits, phase)).await,
        None => metrics::counter!("registry_console_unopened_connections_total").increment(1),
    }
    metrics::gauge!("registry_console_connections").decrement(1);
}

/// Looks at the first byte, without taking it, and shakes hands if it is TLS's.
async fn open(stream: TcpStream, security: &Security) -> Option<Opened> {
    let Security::Tls { certificates, .. } = security else { return Some(Opened::Plain(stream)) };
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1) if first[0] == TLS_HANDSHAKE => {}
        Ok(1) => return Some(Opened::Plain(stream)),
        _ => return None,
    }
    match TlsAcceptor::from(certificates.current()).accept(stream).await {
        Ok(stream) => Some(Opened::Tls(Box::new(stream))),
        Err(error) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "no TLS handshake");
            None
        }
    }
}

/// The builder is chosen by ALPN, not by looking at what is sent: only so does the time for the header begin before the first byte.
async fn http1<S>(stream: S, peer: SocketAddr, router: &Router, limits: &Limits, phase: watch::Receiver<Phase>)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let activity = Activity::new();
    let service = service_fn(|request| Box::pin(answer(request, peer, router.clone(), *limits, activity.clone())));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .max_headers(limits.header_fields)
        .max_header_size(limits.header_bytes.into())
        .serve_connection(TokioIo::new(stream), service);
    drive(Box::pin(connection), &activity, limits, phase).await;
}

async fn http2<S>(stream: S, peer: SocketAddr, router: &Router, limits: &Limits, phase: watch::Receiver<Phase>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Activity::new();
    let (router, limits_of_requests, requests) = (router.clone(), *limits, activity.clone());
    let service = service_fn(move |request| Box::pin(answer(request, peer, router.clone(), limits_of_requests, requests.clone())));
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.header_bytes.into())
        .keep_alive_interval(limits.ping)
        .keep_alive_timeout(limits.pong)
        .serve_connection(TokioIo::new(stream), service);
    drive(Box::pin(connection), &activity, limits, phase).await;
}

/// Runs a connection until it ends, is idle for too long, or the server wants to end; the latter two by saying good-bye first.
async fn drive<C>(mut connection: Pin<Box<C>>, activity: &Activity, limits: &Limits, mut phase: watch::Receiver<Phase>)
where
    C: GracefulConnection,
    C::Error: std::error::Error + 'static,
{
    tokio::select! {
        ended = connection.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke");
            }
            return;
        }
        () = activity.quiet(limits.idle) => {}
        () = reached(&mut phase, Phase::Draining) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection.as_mut() => {}
        () = activity.quiet(limits.farewell) => {}
        () = reached(&mut phase, Phase::Over) => {}
    }
}

async fn answer(
    request: Request<Incoming>,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    activity: Activity,
) -> Result<Response<Answering>, Infallible> {
    let under_way = activity.begin();
    let response = if request.headers().len() > limits.header_fields {
        // HTTP/1.1 is refused while it is parsed; HTTP/2 counts only bytes.
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response()
    } else {
        let mut request = request.map(|body| body::bounded(body, &limits));
        request.extensions_mut().insert(ConnectInfo(peer));
        router.oneshot(request).await?
    };
    Ok(response.map(|body| Answering { body, _under_way: under_way }))
}

/// Waits until the server is in `phase` or past it.
async fn reached(phases: &mut watch::Receiver<Phase>, phase: Phase) {
    // An error means that the server is gone altogether.
    let _ = phases.wait_for(|now| *now >= phase).await;
}
