//! Peers that send too much (S42).

use std::time::Duration;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use http::{Method, StatusCode};
use registry_console::outbound::{Request, UserToken};
use registry_console::server::ServerLimits;
use registry_console::web::SESSION_COOKIE;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::harness::tls_server::{RunningServer, TEST_TIMEOUT, until_closed, within};

fn pages() -> Router {
    Router::new().route(
        "/",
        post(|body: Bytes| async move { body.len().to_string() }),
    )
}

async fn answer_to(header: &str) -> String {
    let server = RunningServer::start_plain(pages(), ServerLimits::default()).await;
    server
        .raw_response_to(&format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n{header}\r\n"
        ))
        .await
}

async fn status_of(header: &str) -> String {
    answer_to(header)
        .await
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn request_over_a_hundred_header_fields_is_rejected() {
    let fields = |count: usize| {
        (0..count)
            .map(|n| format!("X-{n}: a\r\n"))
            .collect::<String>()
    };
    assert_eq!(status_of(&fields(97)).await, "200");
    assert_eq!(status_of(&fields(98)).await, "431");
}

#[tokio::test]
async fn header_limit_is_8_kib_or_16_kib_with_session_cookie() {
    let field = |bytes: usize| format!("X-Long: {}\r\n", "a".repeat(bytes));
    let with_cookie = |bytes: usize| {
        format!(
            "Cookie: theme=dark; {SESSION_COOKIE}=expired\r\n{}",
            field(bytes)
        )
    };
    assert_eq!(status_of(&field(8_000)).await, "200");
    assert_eq!(status_of(&field(8_200)).await, "431");
    assert_eq!(status_of(&with_cookie(16_000)).await, "200");
    assert_eq!(status_of(&with_cookie(16_400)).await, "431");
}

#[tokio::test]
async fn oversized_header_error_is_localized_with_security_headers() {
    // S27.
    let long = "a".repeat(9_000);
    for (language, words) in [
        ("en", "The console accepts 8 KiB of headers"),
        ("zh-CN", "控制台最多接受 8 KiB"),
    ] {
        let answer = answer_to(&format!(
            "Accept-Language: {language}\r\nX-Long: {long}\r\n"
        ))
        .await;
        assert!(
            answer.starts_with("HTTP/1.1 431 ") && answer.contains(words),
            "{answer}"
        );
        assert!(
            answer.contains("\r\ncontent-security-policy: default-src 'none'")
                && answer.contains("\r\ncache-control: no-store"),
            "{answer}"
        );
        assert!(
            !answer.contains("aaaa"),
            "nothing of the request is repeated"
        );
    }
}

#[tokio::test]
async fn oversized_headers_are_rejected_over_http_2() {
    let server = RunningServer::start(pages(), ServerLimits::default()).await;
    let status = async |bytes: usize| {
        let token = UserToken::from("a".repeat(bytes).as_str());
        let request = Request::new(Method::POST, "test", "/").bearer(&token);
        server.client().send(request).await.unwrap().status
    };
    assert_eq!(status(7_900).await, StatusCode::OK);
    assert_eq!(
        status(8_200).await,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
    );
}

/// A connection with a form of a mebibyte of which one byte is sent, and `headers`.
async fn half_sent_form(server: &RunningServer, headers: &str) -> TcpStream {
    let mut stream = server.connect().await;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\nConnection: close\r\n{headers}\r\na"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn partial_forms_cannot_exhaust_the_signed_in_budget() {
    // S50. One of them may hold 64 KiB before it is read, so three fit into half of 512 KiB.
    let server = RunningServer::start_plain(
        pages(),
        ServerLimits {
            max_in_flight_bytes: 512 << 10,
            contended_stall_timeout: TEST_TIMEOUT * 10,
            ..ServerLimits::default()
        },
    )
    .await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(half_sent_form(&server, "").await);
    }
    let refused = within(async {
        loop {
            // The others may not have been read yet.
            let mut stream = half_sent_form(&server, "").await;
            let mut first = [0; 12];
            if timeout(Duration::from_millis(100), stream.read_exact(&mut first))
                .await
                .is_ok()
            {
                break String::from_utf8_lossy(&first).into_owned()
                    + &until_closed(&mut stream).await;
            }
            held.push(stream);
        }
    })
    .await;
    assert!(
        refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nretry-after: 5\r\n"),
        "{refused}"
    );
    assert!(held.len() < 6, "{}", held.len());

    let cookie = format!("Cookie: {SESSION_COOKIE}=valid\r\n");
    let signed_in = server
        .raw_response_to(&format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n{cookie}\r\na"
        ))
        .await;
    assert!(signed_in.starts_with("HTTP/1.1 200 "), "{signed_in}");

    drop(held);
    within(async {
        while !server
            .raw_response_to(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\na",
            )
            .await
            .starts_with("HTTP/1.1 200 ")
        {
            yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn stalled_forms_release_their_bytes() {
    let server = RunningServer::start_plain(
        pages(),
        ServerLimits {
            max_in_flight_bytes: 512 << 10,
            contended_stall_timeout: Duration::ZERO,
            ..ServerLimits::default()
        },
    )
    .await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(half_sent_form(&server, "").await);
    }
    let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\na";
    let answer = server.raw_response_to(request).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(
        until_closed(&mut held[0]).await,
        "",
        "the oldest one was closed"
    );
}

#[tokio::test]
async fn body_over_one_mebibyte_is_rejected() {
    let server = RunningServer::start(pages(), ServerLimits::default()).await;
    let client = server.client();
    let text = |bytes: usize| Request::new(Method::POST, "test", "/").json(&"a".repeat(bytes - 2));
    let taken = client.send(text(1 << 20)).await.unwrap();
    assert_eq!(
        (taken.status, &taken.body[..]),
        (StatusCode::OK, &b"1048576"[..])
    );
    assert_eq!(
        client.send(text((1 << 20) + 1)).await.unwrap().status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}
