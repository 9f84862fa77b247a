//! Peers that take their time (S41).

use std::time::Duration;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use registry_console::outbound::Request;
use registry_console::server::Limits;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::harness::{PATIENCE, Running, until_closed};

/// The real limits, a hundred times shorter.
fn impatient() -> Limits {
    let short = Duration::from_millis(200);
    Limits {
        handshake: short,
        headers: short,
        body: short,
        idle: short * 4,
        ping: short,
        pong: short,
        farewell: short,
        ..Limits::default()
    }
}

fn pages() -> Router {
    Router::new().route("/", post(|_: Bytes| async { "taken" }))
}

/// Sends `begin`, then one byte more every few milliseconds, until the peer closes; gives what
/// came.
async fn drip(stream: impl AsyncRead + AsyncWrite + Unpin, begin: &str) -> String {
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
async fn a_peer_that_says_nothing_is_closed() {
    let server = Running::start(pages(), impatient()).await;
    assert_eq!(until_closed(&mut server.connect().await).await, "");
    let plain = Running::start_plain(pages(), impatient()).await;
    assert_eq!(until_closed(&mut plain.connect().await).await, "");
}

#[tokio::test]
async fn a_peer_that_stops_in_its_client_hello_is_closed() {
    let server = Running::start(pages(), impatient()).await;
    let mut stream = server.connect().await;
    stream.write_all(&[0x16, 3, 1, 2, 0, 1, 0]).await.unwrap();
    until_closed(&mut stream).await;
}

#[tokio::test]
async fn a_peer_that_says_nothing_after_its_handshake_is_closed() {
    let server = Running::start(pages(), impatient()).await;
    for protocol in [&b"http/1.1"[..], b"h2"] {
        until_closed(&mut server.connect_tls(protocol).await).await;
    }
}

#[tokio::test]
async fn a_peer_that_stops_after_the_preface_of_http_2_is_closed() {
    let server = Running::start(pages(), impatient()).await;
    let mut stream = server.connect_tls(b"h2").await;
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    until_closed(&mut stream).await;
}

#[tokio::test]
async fn a_peer_that_does_not_begin_http_2_within_the_time_of_the_handshake_is_closed() {
    let long = PATIENCE * 10;
    let limits = Limits {
        headers: long,
        idle: long,
        ping: long,
        pong: long,
        ..impatient()
    };
    let server = Running::start(pages(), limits).await;
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
async fn a_peer_that_begins_http_2_and_asks_for_nothing_is_closed_sooner_than_one_that_has_asked() {
    let long = PATIENCE * 10;
    let server = Running::start(
        pages(),
        Limits {
            idle: long,
            ping: long,
            pong: long,
            ..impatient()
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
async fn a_peer_that_drips_its_header_is_closed() {
    // The time runs from the first byte, it does not begin anew with each.
    let server = Running::start(pages(), impatient()).await;
    assert_eq!(
        drip(
            server.connect_tls(b"http/1.1").await,
            "POST / HTTP/1.1\r\nHost: a\r\nX-Long: "
        )
        .await,
        ""
    );
    assert_eq!(
        drip(server.connect().await, "GET /ping HTTP/1.1\r\nX-Long: ").await,
        ""
    );
}

#[tokio::test]
async fn a_peer_that_drips_its_body_gets_no_page() {
    let server = Running::start(pages(), impatient()).await;
    let stream = server.connect_tls(b"http/1.1").await;
    let answer = drip(
        stream,
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn a_connection_without_further_requests_is_closed() {
    let server = Running::start(pages(), impatient()).await;
    let mut stream = server.connect_tls(b"http/1.1").await;
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        .await
        .unwrap();
    assert!(until_closed(&mut stream).await.ends_with("taken"));
}

#[tokio::test]
async fn two_thousand_silent_peers_do_not_keep_others_out() {
    let server = Running::start(pages(), Limits::default()).await;
    let mut silent = Vec::new();
    for _ in 0..2000 {
        silent.push(server.connect().await);
    }
    let answer = server
        .client()
        .send(Request::new(http::Method::POST, "test", "/"))
        .await
        .unwrap();
    assert_eq!(&answer.body[..], b"taken");
}
