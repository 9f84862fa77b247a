//! Peers that keep their place and take nothing (S51).

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use registry_console::outbound::Request;
use registry_console::server::ServerLimits;
use registry_console::web::SESSION_COOKIE;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::harness::tls_server::{RunningServer, TEST_TIMEOUT, until_closed, within};

/// More than all buffers between the console and a peer that does not read.
const LARGE_BODY_BYTES: usize = 3 << 20;

/// Nothing but a peer that takes nothing is closed.
fn short_stall() -> ServerLimits {
    let long = TEST_TIMEOUT * 10;
    ServerLimits {
        header_timeout: long,
        idle_timeout: long,
        body_timeout: long,
        stall_timeout: Duration::from_millis(300),
        ..ServerLimits::default()
    }
}

fn pages() -> Router {
    Router::new()
        .route("/", get(async || "small"))
        .route("/large", get(async || "a".repeat(LARGE_BODY_BYTES)))
}

/// The frames with which an HTTP/2 client begins that gives streams a window of `window` bytes, and
/// its request for `/`.
fn http_2_request(window: u8) -> Vec<u8> {
    let settings = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0",
        &[window][..],
    ]
    .concat();
    // GET, https, /, authority "a", by the static table of RFC 7541; ends headers and stream.
    [
        &settings[..],
        b"\0\0\x06\x01\x05\0\0\0\x01\x82\x87\x84\x41\x01a",
    ]
    .concat()
}

/// Answers every ping until the peer closes; gives the types of the frames that came.
async fn answer_pings(stream: &mut TlsStream<TcpStream>) -> Vec<u8> {
    let mut types = Vec::new();
    loop {
        let mut head = [0; 9];
        if within(stream.read_exact(&mut head)).await.is_err() {
            return types;
        }
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        within(stream.read_exact(&mut payload)).await.unwrap();
        types.push(head[3]);
        if head[3] == 6 && head[4] & 1 == 0 {
            head[4] = 1;
            stream
                .write_all(&[&head[..], &payload].concat())
                .await
                .unwrap();
        }
    }
}

const HEADERS: u8 = 1;
const DATA: u8 = 0;

#[tokio::test]
async fn http_2_peer_with_zero_window_is_closed_despite_pings() {
    let server = RunningServer::start(
        pages(),
        ServerLimits {
            ping_interval: Duration::from_millis(50),
            ..short_stall()
        },
    )
    .await;
    // With one byte, the answer is handed over and only its end waits for permission.
    for window in [0, 1] {
        let mut stream = server.connect_tls(b"h2").await;
        stream.write_all(&http_2_request(window)).await.unwrap();
        let frames = within(answer_pings(&mut stream)).await;
        assert!(frames.contains(&HEADERS), "{frames:?}");
        assert_eq!(frames.contains(&DATA), window > 0, "{frames:?}");
    }
}

/// Asks again and again and reads nothing, until the connection is closed.
async fn ask_without_reading(mut stream: impl AsyncWrite + Unpin) {
    within(async {
        while stream
            .write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .is_ok()
        {}
    })
    .await;
}

#[tokio::test]
async fn http_1_peer_not_reading_its_response_is_closed() {
    let server = RunningServer::start(pages(), short_stall()).await;
    ask_without_reading(server.connect_tls(b"http/1.1").await).await;
    let plain = RunningServer::start_plain(pages(), short_stall()).await;
    ask_without_reading(plain.connect().await).await;
}

#[tokio::test]
async fn event_stream_without_events_is_not_closed() {
    let quiet = async || {
        axum::body::Body::from_stream(
            futures_util::stream::pending::<Result<&str, std::io::Error>>(),
        )
    };
    let server =
        RunningServer::start_plain(Router::new().route("/live", get(quiet)), short_stall()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let read_on = async {
        let mut text = Vec::new();
        stream.read_to_end(&mut text).await
    };
    assert!(
        tokio::time::timeout(short_stall().stall_timeout * 4, read_on)
            .await
            .is_err(),
        "the connection is still open"
    );
}

#[tokio::test]
async fn full_server_replaces_idle_connections() {
    let server = RunningServer::start(
        pages(),
        ServerLimits {
            max_connections: 4,
            ..ServerLimits::default()
        },
    )
    .await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(server.connect().await);
    }
    for _ in 0..20 {
        let response = within(server.client().send(Request::get("test", "/")))
            .await
            .unwrap();
        assert_eq!(&response.body[..], b"small");
    }
    until_closed(&mut silent[0]).await;
}

#[tokio::test]
async fn signed_in_connection_survives_connection_churn() {
    let server = RunningServer::start_plain(
        pages(),
        ServerLimits {
            max_connections: 4,
            ..ServerLimits::default()
        },
    )
    .await;
    let mut person = server.connect().await;
    let request = format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {SESSION_COOKIE}=valid\r\n\r\n");
    let mut others = Vec::new();
    for _ in 0..5 {
        person.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"small") {
            assert_ne!(
                within(person.read_buf(&mut answer)).await.unwrap(),
                0,
                "the connection is still open"
            );
        }
        for _ in 0..8 {
            let mut other = server.connect().await;
            other
                .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                .await
                .unwrap();
            others.push(other);
        }
    }
}
