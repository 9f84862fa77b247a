//! The end (R17).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use registry_console::outbound::Request;
use registry_console::server::Limits;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use super::harness::{PATIENCE, Running, within};

/// A page that says when it is asked for, and waits to be let go.
struct Page {
    asked: Arc<Semaphore>,
    may_answer: Arc<Semaphore>,
}

impl Page {
    fn new() -> (Self, Router) {
        let page = Self {
            asked: Arc::new(Semaphore::new(0)),
            may_answer: Arc::new(Semaphore::new(0)),
        };
        let (asked, may_answer) = (Arc::clone(&page.asked), Arc::clone(&page.may_answer));
        let handler = move || async move {
            asked.add_permits(1);
            may_answer.acquire().await.unwrap().forget();
            "whole"
        };
        (page, Router::new().route("/slow", get(handler)))
    }
}

#[tokio::test]
async fn a_request_that_has_begun_is_answered_while_no_other_is_taken() {
    let (page, router) = Page::new();
    let mut server = Running::start(
        router,
        Limits {
            linger: Duration::ZERO,
            drain: PATIENCE,
            ..Limits::default()
        },
    )
    .await;
    let client = server.client();
    let request = tokio::spawn(async move { client.send(Request::get("test", "/slow")).await });
    within(page.asked.acquire()).await.unwrap().forget();
    server.stop();
    let address = server.address;
    within(async {
        while TcpStream::connect(address).await.is_ok() {
            yield_now().await;
        }
    })
    .await;
    page.may_answer.add_permits(1);
    let answer = within(request).await.unwrap().unwrap();
    assert_eq!(
        (answer.status, &answer.body[..]),
        (StatusCode::OK, &b"whole"[..])
    );
    server.ended().await;
}

#[tokio::test]
async fn readiness_fails_at_once_while_requests_are_still_taken() {
    let (_, router) = Page::new();
    let mut server = Running::start(
        router,
        Limits {
            linger: PATIENCE * 2,
            ..Limits::default()
        },
    )
    .await;
    let client = server.client();
    assert_eq!(
        client
            .send(Request::get("test", "/readyz"))
            .await
            .unwrap()
            .status,
        StatusCode::OK
    );
    server.stop();
    within(async {
        while client
            .send(Request::get("test", "/readyz"))
            .await
            .unwrap()
            .status
            != StatusCode::SERVICE_UNAVAILABLE
        {
            yield_now().await;
        }
    })
    .await;
    assert_eq!(
        server
            .client()
            .send(Request::get("test", "/healthz"))
            .await
            .unwrap()
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_up_the_end() {
    let (page, router) = Page::new();
    let limits = Limits {
        linger: Duration::ZERO,
        drain: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut server = Running::start(router, limits).await;
    let client = server.client();
    let request = tokio::spawn(async move { client.send(Request::get("test", "/slow")).await });
    within(page.asked.acquire()).await.unwrap().forget();
    server.stop();
    server.ended().await;
    assert!(within(request).await.unwrap().is_err());
}
