//! The end (R17).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use registry_console::outbound::Request;
use registry_console::server::ServerLimits;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use crate::harness::tls_server::{RunningServer, TEST_TIMEOUT, within};

/// A page that reports each request, and does not answer before it is allowed to.
struct BlockingPage {
    asked: Arc<Semaphore>,
    may_answer: Arc<Semaphore>,
}

impl BlockingPage {
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
async fn draining_server_finishes_requests_and_accepts_none() {
    let (page, router) = BlockingPage::new();
    let mut server = RunningServer::start(
        router,
        ServerLimits {
            shutdown_delay: Duration::ZERO,
            drain_timeout: TEST_TIMEOUT,
            ..ServerLimits::default()
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
    server.wait_until_stopped().await;
}

#[tokio::test]
async fn readiness_fails_before_the_listener_closes() {
    let (_, router) = BlockingPage::new();
    let mut server = RunningServer::start(
        router,
        ServerLimits {
            shutdown_delay: TEST_TIMEOUT * 2,
            ..ServerLimits::default()
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
async fn endless_request_does_not_block_shutdown() {
    let (page, router) = BlockingPage::new();
    let limits = ServerLimits {
        shutdown_delay: Duration::ZERO,
        drain_timeout: Duration::from_millis(100),
        ..ServerLimits::default()
    };
    let mut server = RunningServer::start(router, limits).await;
    let client = server.client();
    let request = tokio::spawn(async move { client.send(Request::get("test", "/slow")).await });
    within(page.asked.acquire()).await.unwrap().forget();
    server.stop();
    server.wait_until_stopped().await;
    assert!(within(request).await.unwrap().is_err());
}
