//! One port: TLS and plain HTTP, certificates, slow and greedy peers, the end.

pub(crate) mod request_size_limits;
pub(crate) mod shutdown;
pub(crate) mod slow_peers;
pub(crate) mod stalled_peers;

use crate::harness::tls_server::{RunningServer, TestAuthority, until_closed};
use axum::Router;
use axum::extract::Request as HttpRequest;
use axum::routing::get;
use http::StatusCode;
use registry_console::outbound::{CertificateFault, Request, TransportError};
use registry_console::server::ServerLimits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn pages() -> Router {
    Router::new().route(
        "/images",
        get(|request: HttpRequest| async move { format!("images by {:?}", request.version()) }),
    )
}

#[tokio::test]
async fn tls_and_plain_http_are_served_on_one_port() {
    let server = RunningServer::start(pages(), ServerLimits::default()).await;
    let page = server
        .client()
        .send(Request::get("test", "/images"))
        .await
        .unwrap();
    assert_eq!(
        (page.status, &page.body[..]),
        (StatusCode::OK, &b"images by HTTP/2.0"[..])
    );
    let plain = server
        .raw_response_to(
            "GET /images?a=b HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        )
        .await;
    // S11: the host of the request counts for nothing.
    assert!(plain.starts_with("HTTP/1.1 308 "), "{plain}");
    assert!(
        plain.contains("\r\nlocation: https://console.example.com/images?a=b\r\n")
            && plain.ends_with("please use https\n"),
        "{plain}"
    );
    assert!(!plain.contains("evil"), "{plain}");
}

#[tokio::test]
async fn http_1_is_served_over_tls_by_alpn() {
    let server = RunningServer::start(pages(), ServerLimits::default()).await;
    let mut stream = server.connect_tls(b"http/1.1").await;
    stream
        .write_all(b"GET /images HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    assert!(
        until_closed(&mut stream)
            .await
            .ends_with("images by HTTP/1.1")
    );
}

#[tokio::test]
async fn probes_work_with_and_without_tls() {
    // R29: the probes of the old template speak plain HTTP to the TLS port.
    let server = RunningServer::start(pages(), ServerLimits::default()).await;
    for (path, body) in [
        ("/ping", r#"{"service":"registry-console"}"#),
        ("/healthz", "alive\n"),
        ("/readyz", "ready\n"),
    ] {
        let plain = server
            .raw_response_to(&format!(
                "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert!(
            plain.starts_with("HTTP/1.1 200 ") && plain.ends_with(body),
            "{plain}"
        );
        let secure = server
            .client()
            .send(Request::get("test", path))
            .await
            .unwrap();
        assert_eq!(
            (secure.status, &secure.body[..]),
            (StatusCode::OK, body.as_bytes())
        );
    }
}

#[tokio::test]
async fn tls_off_serves_plain_pages_without_redirect() {
    let server = RunningServer::start_plain(pages(), ServerLimits::default()).await;
    let plain = server
        .raw_response_to("GET /images HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await;
    assert!(
        plain.starts_with("HTTP/1.1 200 ") && plain.ends_with("images by HTTP/1.1"),
        "{plain}"
    );
}

/// The first seven bytes of the answer to a ClientHello of TLS 1.`minor`, which is well-formed and
/// acceptable otherwise.
async fn answer_to_hello(server: &RunningServer, minor: u8) -> [u8; 7] {
    let mut hello = vec![0x16, 3, 1, 0, 69, 1, 0, 0, 65, 3, minor + 1];
    hello.extend([7; 32]);
    // ECDHE_ECDSA with AES-128-GCM; no compression; ECDSA P-256, X25519, uncompressed points.
    hello.extend([
        0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 22, 0, 13, 0, 4, 0, 2, 4, 3, 0, 10, 0, 4, 0, 2, 0, 29, 0, 11,
        0, 2, 1, 0,
    ]);
    let mut stream = server.connect().await;
    stream.write_all(&hello).await.unwrap();
    let mut answer = [0; 7];
    crate::harness::tls_server::within(stream.read_exact(&mut answer))
        .await
        .unwrap();
    answer
}

#[tokio::test]
async fn tls_1_1_is_rejected_and_1_2_accepted() {
    // S43.
    let server = RunningServer::start(pages(), ServerLimits::default()).await;
    assert_eq!(
        answer_to_hello(&server, 2).await[0],
        0x16,
        "a handshake goes on"
    );
    // One alert, fatal: protocol_version (RFC 5246, 7.2).
    assert_eq!(answer_to_hello(&server, 1).await, [0x15, 3, 3, 0, 2, 2, 70]);
}

#[tokio::test]
async fn replaced_certificate_file_is_reloaded() {
    // S43.
    let server = RunningServer::start(pages(), ServerLimits::default()).await;
    let newer = TestAuthority::new("newer authority");
    newer.write(server.files.path(), "127.0.0.1", 2100);
    assert!(server.certificates.reload().unwrap());
    assert!(
        server
            .client_with(&newer.trust())
            .send(Request::get("test", "/images"))
            .await
            .is_ok()
    );
    let old = server.client().send(Request::get("test", "/images")).await;
    assert!(
        matches!(
            old,
            Err(TransportError::Tls {
                fault: CertificateFault::IssuerMissing,
                ..
            })
        ),
        "{old:?}"
    );
}

#[tokio::test]
async fn invalid_new_certificate_keeps_the_previous_one() {
    // R27: emptied, half-written, of another key, gone.
    let server = RunningServer::start(pages(), ServerLimits::default()).await;
    let (certificate, key) = (
        server.files.path().join("tls.crt"),
        server.files.path().join("tls.key"),
    );
    let good = std::fs::read(&certificate).unwrap();
    let other_key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    std::fs::write(&certificate, "").unwrap();
    assert!(server.certificates.reload().is_err());
    std::fs::write(&certificate, &good[..good.len() / 2]).unwrap();
    assert!(server.certificates.reload().is_err());
    assert!(
        !server.certificates.reload().unwrap(),
        "the same mistake is told once"
    );
    std::fs::write(&certificate, &good).unwrap();
    std::fs::write(&key, other_key).unwrap();
    assert!(server.certificates.reload().is_err());
    std::fs::remove_file(&certificate).unwrap();
    assert!(server.certificates.reload().is_err());
    assert!(
        server
            .client()
            .send(Request::get("test", "/images"))
            .await
            .is_ok()
    );
}
