//! Peers that take their time (S41).

use std::time::Duration;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use registry_console::outbound::Request;
use registry_console::server::ServerLimits;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::harness::tls_server::{RunningServer, TEST_TIMEOUT, until_closed};

/// The real limits, a hundred times shorter.
fn short_limits() -> ServerLimits {
    let short = Duration::from_millis(200);
    ServerLimits {
        handshake_timeout: short,
        header_timeout: short,
        body_timeout: short,
        idle_timeout: short * 4,
        ping_interval: short,
        ping_timeout: short,
        close_timeout: short,
        ..ServerLimits::default()
    }
}

fn pages() -> Router {
    Router::new().route("/", post(|_: Bytes| async { "taken" }))
}

/// Sends `begin`, then one byte more every few milliseconds, until the peer closes; gives what
/// came.
async fn send_slowly(stream: impl AsyncRead + AsyncWrite + Unpin, begin: &str) -> String {
    let (mut read, mut write) = tokio::io::split(stream);
    write.write_all(begin.as_bytes()).await.unwrap();
    let drops = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            if write.write_all(b"a").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        text = until_closed(&mut read) => text,
        () = drops => unreachable!(),
    }
}

#[tokio::test]
async fn silent_peer_is_closed() {
    let server = RunningServer::start(pages(), short_limits()).await;
    assert_eq!(until_closed(&mut server.connect().await).await, "");
    let plain = RunningServer::start_plain(pages(), short_limits()).await;
    assert_eq!(until_closed(&mut plain.connect().await).await, "");
}

#[tokio::test]
async fn peer_stalled_in_client_hello_is_closed() {
    let server = RunningServer::start(pages(), short_limits()).await;
    let mut stream = server.connect().await;
    stream.write_all(&[0x16, 3, 1, 2, 0, 1, 0]).await.unwrap();
    until_closed(&mut stream).await;
}

#[tokio::test]
async fn peer_silent_after_handshake_is_closed() {
    let server = RunningServer::start(pages(), short_limits()).await;
    for protocol in [&b"http/1.1"[..], b"h2"] {
        until_closed(&mut server.connect_tls(protocol).await).await;
    }
}

#[tokio::test]
async fn peer_stalled_after_http_2_preface_is_closed() {
    let server = RunningServer::start(pages(), short_limits()).await;
    let mut stream = server.connect_tls(b"h2").await;
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    until_closed(&mut stream).await;
}

#[tokio::test]
async fn http_2_preface_must_arrive_within_handshake_timeout() {
    let long = TEST_TIMEOUT * 10;
    let limits = ServerLimits {
        header_timeout: long,
        idle_timeout: long,
        ping_interval: long,
        ping_timeout: long,
        ..short_limits()
    };
    let server = RunningServer::start(pages(), limits).await;
    for begin in [
        &b""[..],
        b"PRI * HTTP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0",
    ] {
        let mut stream = server.connect_tls(b"h2").await;
        stream.write_all(begin).await.unwrap();
        assert_eq!(until_closed(&mut stream).await, "");
    }
}

#[tokio::test]
async fn http_2_peer_without_request_has_a_shorter_timeout() {
    let long = TEST_TIMEOUT * 10;
    let server = RunningServer::start(
        pages(),
        ServerLimits {
            idle_timeout: long,
            ping_interval: long,
            ping_timeout: long,
            ..short_limits()
        },
    )
    .await;
    let mut stream = server.connect_tls(b"h2").await;
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    until_closed(&mut stream).await;
}

#[tokio::test]
async fn peer_dripping_its_header_is_closed() {
    // The time runs from the first byte, it does not begin anew with each.
    let server = RunningServer::start(pages(), short_limits()).await;
    assert_eq!(
        send_slowly(
            server.connect_tls(b"http/1.1").await,
            "POST / HTTP/1.1\r\nHost: a\r\nX-Long: "
        )
        .await,
        ""
    );
    assert_eq!(
        send_slowly(server.connect().await, "GET /ping HTTP/1.1\r\nX-Long: ").await,
        ""
    );
}

#[tokio::test]
async fn peer_dripping_its_body_gets_no_page() {
    let server = RunningServer::start(pages(), short_limits()).await;
    let stream = server.connect_tls(b"http/1.1").await;
    let answer = send_slowly(
        stream,
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn idle_connection_is_closed() {
    let server = RunningServer::start(pages(), short_limits()).await;
    let mut stream = server.connect_tls(b"http/1.1").await;
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        .await
        .unwrap();
    assert!(until_closed(&mut stream).await.ends_with("taken"));
}

#[tokio::test]
async fn two_thousand_silent_peers_do_not_block_others() {
    let server = RunningServer::start(pages(), ServerLimits::default()).await;
    let mut silent = Vec::new();
    for _ in 0..2000 {
        silent.push(server.connect().await);
    }
    let response = server
        .client()
        .send(Request::new(http::Method::POST, "test", "/"))
        .await
        .unwrap();
    assert_eq!(&response.body[..], b"taken");
}
