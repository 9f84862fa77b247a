//! How failures of an upstream are distinguished.

use std::error::Error as _;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use registry_console::config::Trust;
use registry_console::outbound::{
    CertificateFault, Request, TimeLimits, Timings, TlsAlertReason, TransportError, Upstream,
    UpstreamName, UpstreamResponse, UserToken,
};
use registry_console::server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use crate::harness::tls_server::{RunningServer, TEST_TIMEOUT, TestAuthority, within};

fn upstream(base: &str, total: Duration) -> Upstream {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Upstream::new(
        UpstreamName::Registry,
        &Url::parse(base).unwrap(),
        &Trust::Unverified,
        TimeLimits {
            connect: TEST_TIMEOUT,
            total,
        },
    )
    .unwrap()
}

/// An upstream that reads one request, answers with these bytes, and closes, or else says nothing
/// more.
async fn raw_response_server(bytes: &'static [u8], closes: bool, total: Duration) -> Upstream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let read = stream.read(&mut request).await.unwrap();
        assert!(read > 0);
        stream.write_all(bytes).await.unwrap();
        if !closes {
            std::future::pending::<()>().await;
        }
    });
    upstream(&base, total)
}

async fn send_request(
    upstream: &Upstream,
    max_bytes: usize,
) -> Result<UpstreamResponse, TransportError> {
    let token = UserToken::from("sha256~very-secret");
    let outcome = within(
        upstream.send(
            Request::get("test", "/v2/?a=very-secret")
                .bearer(&token)
                .max_bytes(max_bytes),
        ),
    )
    .await;
    // S44: neither token nor path is in what could be logged.
    assert!(
        !format!("{outcome:?}").contains("very-secret"),
        "{outcome:?}"
    );
    outcome
}

async fn certificate_fault(server: &RunningServer, trust: &Trust) -> CertificateFault {
    match send_request(&server.client_with(trust), 100).await {
        Err(TransportError::Tls { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn certificate_of_untrusted_authority_is_rejected() {
    // S47.
    let server = RunningServer::start(Router::new(), server::ServerLimits::default()).await;
    assert_eq!(
        certificate_fault(&server, &TestAuthority::new("another authority").trust()).await,
        CertificateFault::IssuerMissing
    );
    assert_eq!(
        certificate_fault(&server, &TestAuthority::new("console authority").trust()).await,
        CertificateFault::UntrustedAuthority,
        "made anew under its old name"
    );
    assert_eq!(
        certificate_fault(&server, &Trust::System).await,
        CertificateFault::IssuerMissing
    );
    assert!(send_request(&server.client(), 100).await.is_ok());
    let Trust::Only(pem) = server.authority.trust() else {
        unreachable!()
    };
    assert!(
        send_request(&server.client_with(&Trust::SystemAnd(pem)), 100)
            .await
            .is_ok()
    );
    assert!(
        send_request(&server.client_with(&Trust::Unverified), 100)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn expired_certificate_is_rejected() {
    // S47.
    let server = RunningServer::start_as(
        Router::new(),
        server::ServerLimits::default(),
        "127.0.0.1",
        2001,
        true,
    )
    .await;
    assert_eq!(
        certificate_fault(&server, &server.authority.trust()).await,
        CertificateFault::OutsideValidity
    );
}

#[tokio::test]
async fn certificate_for_another_host_is_rejected() {
    // S47.
    let server = RunningServer::start_as(
        Router::new(),
        server::ServerLimits::default(),
        "other.example.com",
        2100,
        true,
    )
    .await;
    assert_eq!(
        certificate_fault(&server, &server.authority.trust()).await,
        CertificateFault::WrongHost
    );
}

#[tokio::test]
async fn tls_alert_is_named() {
    for (number, name, reason) in [
        (40, "handshake failure", TlsAlertReason::NothingInCommon),
        (42, "bad certificate", TlsAlertReason::ClientCertificate),
        (48, "unknown CA", TlsAlertReason::ClientCertificate),
        (49, "access denied", TlsAlertReason::Refused),
        (70, "protocol version", TlsAlertReason::ProtocolVersion),
        (80, "internal error", TlsAlertReason::ServerFailed),
        (112, "unrecognized name", TlsAlertReason::UnknownName),
        (
            116,
            "certificate required",
            TlsAlertReason::ClientCertificate,
        ),
        (200, "alert 200", TlsAlertReason::Other),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 4096];
            assert!(stream.read(&mut hello).await.unwrap() > 0);
            stream
                .write_all(&[21, 3, 3, 0, 2, 2, number])
                .await
                .unwrap();
        });
        let failed = send_request(&upstream(&base, TEST_TIMEOUT), 100)
            .await
            .unwrap_err();
        let Some(CertificateFault::Alert(alert)) = failed.certificate_fault() else {
            panic!("{number}: {failed:?}")
        };
        assert_eq!(
            (alert.number(), alert.to_string().as_str(), alert.reason()),
            (number, name, reason)
        );
        assert!(failed.to_string().contains(name), "{failed}");
    }
}

#[tokio::test]
async fn plain_http_instead_of_tls_is_recognized() {
    let server = RunningServer::start_plain(Router::new(), server::ServerLimits::default()).await;
    assert_eq!(
        certificate_fault(&server, &server.authority.trust()).await,
        CertificateFault::Other
    );
}

#[tokio::test]
async fn closed_port_error_has_its_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failed = send_request(&upstream(&base, TEST_TIMEOUT), 100)
        .await
        .unwrap_err();
    assert!(
        matches!(failed, TransportError::Connect { .. }) && failed.source().is_some(),
        "{failed:?}"
    );
}

#[tokio::test]
async fn oversized_response_is_not_read_to_its_end() {
    // R12: with a length that says so, and without one.
    let long = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n";
    assert!(matches!(
        send_request(&raw_response_server(long, false, TEST_TIMEOUT).await, 100).await,
        Err(TransportError::TooLarge { limit: 100, .. })
    ));
    let chunks =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n";
    assert!(matches!(
        send_request(&raw_response_server(chunks, false, TEST_TIMEOUT).await, 63).await,
        Err(TransportError::TooLarge { limit: 63, .. })
    ));
}

#[tokio::test]
async fn truncated_response_is_a_transport_error() {
    // R12.
    for bytes in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 2",
        b"SSH-2.0-x\r\n\r\n",
    ] {
        let outcome =
            send_request(&raw_response_server(bytes, true, TEST_TIMEOUT).await, 1000).await;
        assert!(
            matches!(outcome, Err(TransportError::ConnectionLost { .. })),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn hanging_upstream_times_out() {
    // R2: before its answer, and in the middle of it.
    let short = Duration::from_millis(100);
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    ] {
        let outcome = send_request(&raw_response_server(bytes, false, short).await, 1000).await;
        assert!(
            matches!(outcome, Err(TransportError::Timeout { limit, .. }) if limit == short),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn redirect_is_returned_and_not_followed() {
    // S35.
    let bytes = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let answer = send_request(&raw_response_server(bytes, false, TEST_TIMEOUT).await, 100)
        .await
        .unwrap();
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::TEMPORARY_REDIRECT, Some("http://127.0.0.1:1/"))
    );
}

#[tokio::test]
async fn request_sends_no_extra_headers() {
    let echo = get(|headers: http::HeaderMap| async move { format!("{headers:?}") });
    let server = RunningServer::start(
        Router::new().route("/", echo),
        server::ServerLimits::default(),
    )
    .await;
    let timings = Timings::default();
    let response = within(
        timings.scope(
            server
                .client()
                .send(Request::get("test", "/").accept("a/b")),
        ),
    )
    .await
    .unwrap();
    let seen = String::from_utf8_lossy(&response.body).into_owned();
    assert!(
        seen.contains("a/b") && !seen.contains("authorization") && !seen.contains("cookie"),
        "{seen}"
    );
    assert_eq!(response.media_type().as_deref(), Some("text/plain"));
    assert_eq!(timings.calls_to(UpstreamName::ApiServer).0, 1);
}

/// R9. Asks until the outcome is one that `wanted` says.
async fn wait_until(
    upstream: &Upstream,
    wanted: impl Fn(&Result<UpstreamResponse, TransportError>) -> bool,
) -> Result<UpstreamResponse, TransportError> {
    let asking = async {
        loop {
            let outcome = upstream.send(Request::get("test", "/v2/")).await;
            if wanted(&outcome) {
                return outcome;
            }
            tokio::task::yield_now().await;
        }
    };
    within(asking).await
}

#[tokio::test]
async fn breaker_opens_for_dead_server_and_closes_when_it_returns() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let upstream = upstream(&format!("http://{address}"), TEST_TIMEOUT);
    for _ in 0..7 {
        assert!(matches!(
            send_request(&upstream, 100).await,
            Err(TransportError::Connect { .. })
        ));
    }
    let Err(open) = wait_until(&upstream, |outcome| {
        matches!(outcome, Err(TransportError::CircuitOpen { .. }))
    })
    .await
    else {
        panic!("not there")
    };
    assert_eq!(
        (open.kind(), open.upstream()),
        ("open", UpstreamName::Registry)
    );
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(
        async move { axum::serve(listener, Router::new().fallback(async || "there")).await },
    );
    assert!(wait_until(&upstream, Result::is_ok).await.is_ok());
}

#[tokio::test]
async fn hanging_requests_do_not_open_the_breaker() {
    let router = Router::new()
        .route("/slow", get(std::future::pending::<()>))
        .fallback(async || "there");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = upstream(
        &format!("http://{}", listener.local_addr().unwrap()),
        TEST_TIMEOUT,
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    for _ in 0..30 {
        let slow = Request::get("test", "/slow").timeout(Duration::from_millis(10));
        assert!(matches!(
            upstream.send(slow).await,
            Err(TransportError::Timeout { .. })
        ));
    }
    assert_eq!(
        send_request(&upstream, 100).await.unwrap().status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn error_and_oversized_responses_do_not_open_the_breaker() {
    let router =
        Router::new().fallback(async || (StatusCode::INTERNAL_SERVER_ERROR, "x".repeat(1000)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = upstream(
        &format!("http://{}", listener.local_addr().unwrap()),
        TEST_TIMEOUT,
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    for _ in 0..30 {
        assert!(matches!(
            send_request(&upstream, 100).await,
            Err(TransportError::TooLarge { .. })
        ));
        assert_eq!(
            send_request(&upstream, 1000).await.unwrap().status,
            StatusCode::INTERNAL_SERVER_ERROR
        );
    }
}
