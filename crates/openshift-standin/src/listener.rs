//! A listener of the embedded cluster: TLS, the request log, the faults, then the router.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::faults::{ConnectionAborted, Endpoint, Fault, Faults, LoggedRequest, RequestLog};
use super::tls::TlsServerConfigs;
use registry_model::Clock;

/// The largest form that is logged, and read at all, in bytes.
const MAX_FORM_BYTES: usize = 64 << 10;
/// The largest headers of a request over HTTP/2: `DefaultMaxHeaderBytes` of Go's `net/http`.
const MAX_HEADER_BYTES: u32 = 1 << 20;
/// How long active requests may take once the cluster stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// The content of a listener.
#[derive(Clone)]
pub(super) struct ListenerConfig {
    pub(super) endpoint: Endpoint,
    pub(super) app: Router,
    /// Whether it also serves the paths of the OAuth server.
    pub(super) with_oauth: bool,
    pub(super) faults: Faults,
    pub(super) request_log: RequestLog,
    /// The clock for the dates of responses.
    pub(super) clock: Clock,
}

/// Serves until `stop` is set (or dropped), then waits for active requests.
pub(super) async fn serve(
    listener: TcpListener,
    tls: TlsServerConfigs,
    part: ListenerConfig,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                // Dropped at once: the closest to a closed port that keeps the port.
                Ok(_) if matches!(part.faults.get(part.endpoint), Fault::Refuse) => {}
                Ok((socket, _)) => drop(connections.spawn(serve_connection(socket, part.tls_acceptor(&tls), part.clone(), stop.clone()))),
                // Most likely out of file descriptors: some have to be closed first.
                Err(_) => drop(connections.join_next().await),
            },
            () = wait_for_stop(&mut stop) => break,
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    // What is not done by then (a watch, a fault that hangs) is aborted when `connections` is
    // dropped.
    let all_done = async { while connections.join_next().await.is_some() {} };
    let _late = tokio::time::timeout(DRAIN_TIMEOUT, all_done).await;
}

/// Waits until the cluster is to stop, or the sender is dropped.
async fn wait_for_stop(stop: &mut watch::Receiver<bool>) {
    let _gone = stop.wait_for(|stop| *stop).await;
}

async fn serve_connection(
    socket: TcpStream,
    acceptor: TlsAcceptor,
    part: ListenerConfig,
    mut stop: watch::Receiver<bool>,
) {
    // Small responses are sent at once. If the system refuses the option, they are sent late.
    let _slow = socket.set_nodelay(true);
    if let Fault::TlsAlert(alert) = part.faults.get(part.endpoint) {
        return end_with_alert(socket, alert).await;
    }
    let Ok(stream) = acceptor.accept(socket).await else {
        return;
    };
    let service = service_fn(move |request| part.clone().answer(request));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    // ID tokens can be larger than the default.
    builder.http2().max_header_list_size(MAX_HEADER_BYTES);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _done = connection.as_mut() => return,
        () = wait_for_stop(&mut stop) => connection.as_mut().graceful_shutdown(),
    }
    // A broken connection is the client's error, or a requested fault.
    let _broken = connection.await;
}

/// Answers the beginning of a handshake with a fatal alert.
async fn end_with_alert(mut socket: TcpStream, alert: u8) {
    let mut hello = [0; 4096];
    let read = socket.read(&mut hello).await.unwrap_or_default();
    // Record: alert, TLS 1.2, two bytes; level fatal.
    if read > 0 && socket.write_all(&[21, 3, 3, 0, 2, 2, alert]).await.is_ok() {
        let _gone = socket.shutdown().await;
    }
}

impl ListenerConfig {
    /// Selects the certificate for the fault.
    fn tls_acceptor(&self, tls: &TlsServerConfigs) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(match self.faults.get(self.endpoint) {
            Fault::ExpiredCertificate => &tls.expired,
            Fault::WrongHostCertificate => &tls.wrong_host,
            _ => &tls.valid,
        }))
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Body>, ConnectionAborted> {
        let upstream = if self.with_oauth && is_oauth_path(request.uri().path()) {
            Endpoint::Oauth
        } else {
            self.endpoint
        };
        let (written, path) = (!request.method().is_safe(), request.uri().path());
        let last = matches!(self.faults.get(upstream), Fault::RefuseAfterWrite(end) if written && path.ends_with(end));
        let fault = self.faults.for_path(upstream, path);
        let request = self.record_request(upstream, request).await?;
        if let Some(answer) = self
            .faults
            .take_prepared_response(upstream, request.method())
        {
            return Ok(answer);
        }
        let app = self.app;
        let answer = async move {
            app.oneshot(request)
                .await
                .unwrap_or_else(|never| match never {})
        };
        let answer = fault
            .apply(answer)
            .await
            .map(|answer| with_date_header(answer, &self.clock, &self.faults.get(upstream)));
        if last {
            self.faults.set(upstream, Fault::Refuse);
        }
        answer
    }

    /// Logs the request. A form is read for that, and put back.
    async fn record_request(
        &self,
        upstream: Endpoint,
        request: Request<Incoming>,
    ) -> Result<Request<Body>, ConnectionAborted> {
        let (parts, body) = request.into_parts();
        let content_type = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (form, body): (Option<Bytes>, Body) =
            if content_type.starts_with("application/x-www-form-urlencoded") {
                let form = Limited::new(body, MAX_FORM_BYTES)
                    .collect()
                    .await
                    .map_err(|_| ConnectionAborted)?
                    .to_bytes();
                (Some(form.clone()), Body::from(form))
            } else {
                (None, Body::new(body))
            };
        let path = parts
            .uri
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default();
        self.request_log.record(LoggedRequest {
            endpoint: upstream,
            method: parts.method.clone(),
            path,
            headers: parts.headers.clone(),
            form,
        });
        Ok(Request::from_parts(parts, body))
    }
}

/// Adds the date of the response, to the second.
fn with_date_header(mut answer: Response<Body>, clock: &Clock, fault: &Fault) -> Response<Body> {
    let off = if let Fault::ClockSkew(off) = fault {
        *off
    } else {
        chrono::TimeDelta::zero()
    };
    let date = (clock.now() + off)
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    answer
        .headers_mut()
        .insert(header::DATE, date.parse().expect("a date is a header"));
    answer
}

fn is_oauth_path(path: &str) -> bool {
    path == "/logout"
        || path == "/login"
        || path.starts_with("/login/")
        || path.starts_with("/oauth/")
}
