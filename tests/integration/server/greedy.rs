//! Peers that send too much (S42).

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use http::{Method, StatusCode};
use registry_console::outbound::Request;
use registry_console::server::Limits;

use super::harness::Running;

fn pages() -> Router {
    Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }))
}

async fn status_of(header: &str) -> String {
    let server = Running::start_plain(pages(), Limits::default()).await;
    let answer = server.said_to(&format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n{header}\r\n")).await;
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_hundred_header_fields_are_enough() {
    let fields = |count: usize| (0..count).map(|n| format!("X-{n}: a\r\n")).collect::<String>();
    assert_eq!(status_of(&fields(97)).await, "200");
    assert_eq!(status_of(&fields(98)).await, "431");
}

#[tokio::test]
async fn sixteen_kibibytes_of_header_are_enough() {
    let field = |bytes: usize| format!("X-Long: {}\r\n", "a".repeat(bytes));
    assert_eq!(status_of(&field(16_000)).await, "200");
    assert_eq!(status_of(&field(16_400)).await, "431");
}

#[tokio::test]
async fn a_mebibyte_of_body_is_enough() {
    let server = Running::start(pages(), Limits::default()).await;
    let client = server.client();
    let text = |bytes: usize| Request::new(Method::POST, "test", "/").json(&"a".repeat(bytes - 2));
    let taken = client.send(text(1 << 20)).await.unwrap();
    assert_eq!((taken.status, &taken.body[..]), (StatusCode::OK, &b"1048576"[..]));
    assert_eq!(client.send(text((1 << 20) + 1)).await.unwrap().status, StatusCode::PAYLOAD_TOO_LARGE);
}
