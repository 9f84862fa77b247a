//! What can go wrong with an upstream, and how it is told apart.

use std::error::Error as _;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use registry_console::config::Trust;
use registry_console::outbound::{
    Answer, CertificateFault, Failed, Limits, Name, Request, Timings, TlsAlertReason, Upstream,
    UserToken,
};
use registry_console::server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use crate::server::harness::{Authority, PATIENCE, Running, within};

fn upstream(base: &str, total: Duration) -> Upstream {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Upstream::new(
        Name::Registry,
        &Url::parse(base).unwrap(),
        &Trust::Nothing,
        Limits {
            connect: PATIENCE,
            total,
        },
    )
    .unwrap()
}

/// An upstream that reads one request, answers with these bytes, and closes, or else says nothing
/// more.
async fn answering(bytes: &'static [u8], closes: bool, total: Duration) -> Upstream {
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

async fn asked(upstream: &Upstream, max_bytes: usize) -> Result<Answer, Failed> {
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

async fn fault(server: &Running, trust: &Trust) -> CertificateFault {
    match asked(&server.client_with(trust), 100).await {
        Err(Failed::Tls { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_of_an_authority_that_is_not_trusted_is_refused() {
    // S47.
    let server = Running::start(Router::new(), server::Limits::default()).await;
    assert_eq!(
        fault(&server, &Authority::new("another authority").trust()).await,
        CertificateFault::IssuerMissing
    );
    assert_eq!(
        fault(&server, &Authority::new("console authority").trust()).await,
        CertificateFault::Authority,
        "made anew under its old name"
    );
    assert_eq!(
        fault(&server, &Trust::System).await,
        CertificateFault::IssuerMissing
    );
    assert!(asked(&server.client(), 100).await.is_ok());
    let Trust::Only(pem) = server.authority.trust() else {
        unreachable!()
    };
    assert!(
        asked(&server.client_with(&Trust::SystemAnd(pem)), 100)
            .await
            .is_ok()
    );
    assert!(
        asked(&server.client_with(&Trust::Nothing), 100)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    // S47.
    let server = Running::start_as(
        Router::new(),
        server::Limits::default(),
        "127.0.0.1",
        2001,
        true,
    )
    .await;
    assert_eq!(
        fault(&server, &server.authority.trust()).await,
        CertificateFault::Time
    );
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    // S47.
    let server = Running::start_as(
        Router::new(),
        server::Limits::default(),
        "other.example.com",
        2100,
        true,
    )
    .await;
    assert_eq!(
        fault(&server, &server.authority.trust()).await,
        CertificateFault::Host
    );
}

#[tokio::test]
async fn the_alert_that_a_server_ends_the_handshake_with_is_named() {
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
        let failed = asked(&upstream(&base, PATIENCE), 100).await.unwrap_err();
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
async fn plain_http_where_tls_is_expected_is_told_as_such() {
    let server = Running::start_plain(Router::new(), server::Limits::default()).await;
    assert_eq!(
        fault(&server, &server.authority.trust()).await,
        CertificateFault::Other
    );
}

#[tokio::test]
async fn a_closed_port_is_told_with_its_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failed = asked(&upstream(&base, PATIENCE), 100).await.unwrap_err();
    assert!(
        matches!(failed, Failed::Connect { .. }) && failed.source().is_some(),
        "{failed:?}"
    );
}

#[tokio::test]
async fn an_answer_longer_than_allowed_is_not_read_to_its_end() {
    // R12: with a length that says so, and without one.
    let long = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n";
    assert!(matches!(
        asked(&answering(long, false, PATIENCE).await, 100).await,
        Err(Failed::TooLarge { limit: 100, .. })
    ));
    let chunks =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n";
    assert!(matches!(
        asked(&answering(chunks, false, PATIENCE).await, 63).await,
        Err(Failed::TooLarge { limit: 63, .. })
    ));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    // R12.
    for bytes in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 2",
        b"SSH-2.0-x\r\n\r\n",
    ] {
        let outcome = asked(&answering(bytes, true, PATIENCE).await, 1000).await;
        assert!(matches!(outcome, Err(Failed::Cut { .. })), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_upstream_that_hangs_is_given_up() {
    // R2: before its answer, and in the middle of it.
    let short = Duration::from_millis(100);
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    ] {
        let outcome = asked(&answering(bytes, false, short).await, 1000).await;
        assert!(
            matches!(outcome, Err(Failed::Timeout { limit, .. }) if limit == short),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    // S35.
    let bytes = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let answer = asked(&answering(bytes, false, PATIENCE).await, 100)
        .await
        .unwrap();
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::TEMPORARY_REDIRECT, Some("http://127.0.0.1:1/"))
    );
}

#[tokio::test]
async fn only_what_the_request_says_is_sent() {
    let echo = get(|headers: http::HeaderMap| async move { format!("{headers:?}") });
    let server = Running::start(Router::new().route("/", echo), server::Limits::default()).await;
    let timings = Timings::default();
    let answer = within(
        timings.scope(
            server
                .client()
                .send(Request::get("test", "/").accept("a/b")),
        ),
    )
    .await
    .unwrap();
    let seen = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(
        seen.contains("a/b") && !seen.contains("authorization") && !seen.contains("cookie"),
        "{seen}"
    );
    assert_eq!(answer.media_type().as_deref(), Some("text/plain"));
    assert_eq!(timings.of(Name::Master).0, 1);
}

/// R9. Asks until the outcome is one that `wanted` says.
async fn until(
    upstream: &Upstream,
    wanted: impl Fn(&Result<Answer, Failed>) -> bool,
) -> Result<Answer, Failed> {
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
async fn a_server_that_is_gone_is_not_asked_and_is_asked_again_soon_after_it_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let upstream = upstream(&format!("http://{address}"), PATIENCE);
    for _ in 0..7 {
        assert!(matches!(
            asked(&upstream, 100).await,
            Err(Failed::Connect { .. })
        ));
    }
    let Err(open) = until(&upstream, |outcome| {
        matches!(outcome, Err(Failed::Open { .. }))
    })
    .await
    else {
        panic!("not there")
    };
    assert_eq!((open.kind(), open.upstream()), ("open", Name::Registry));
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(
        async move { axum::serve(listener, Router::new().fallback(async || "there")).await },
    );
    assert!(until(&upstream, Result::is_ok).await.is_ok());
}

#[tokio::test]
async fn requests_that_hang_while_the_server_is_there_keep_nobody_else_from_it() {
    let router = Router::new()
        .route("/slow", get(std::future::pending::<()>))
        .fallback(async || "there");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = upstream(
        &format!("http://{}", listener.local_addr().unwrap()),
        PATIENCE,
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    for _ in 0..30 {
        let slow = Request::get("test", "/slow").timeout(Duration::from_millis(10));
        assert!(matches!(
            upstream.send(slow).await,
            Err(Failed::Timeout { .. })
        ));
    }
    assert_eq!(asked(&upstream, 100).await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn errors_and_answers_that_are_too_long_are_answers() {
    let router =
        Router::new().fallback(async || (StatusCode::INTERNAL_SERVER_ERROR, "x".repeat(1000)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = upstream(
        &format!("http://{}", listener.local_addr().unwrap()),
        PATIENCE,
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    for _ in 0..30 {
        assert!(matches!(
            asked(&upstream, 100).await,
            Err(Failed::TooLarge { .. })
        ));
        assert_eq!(
            asked(&upstream, 1000).await.unwrap().status,
            StatusCode::INTERNAL_SERVER_ERROR
        );
    }
}
