//! Tests of the layers around a handler that fails.

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusBuilder;
use tower::ServiceExt as _;

use super::*;
use crate::config::{Config, FixedVariables};
use crate::index::IndexReader;
use crate::outbound::TimeLimits;

/// A console whose upstreams are never called.
fn app() -> AppState {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let vars = FixedVariables::default()
        .with_var("COCKPIT_KUBE_URL", "https://console.test")
        .with_var("OPENSHIFT_OAUTH_PROVIDER_URL", "https://127.0.0.1:9")
        .with_var("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        .with_var("KUBERNETES_SERVICE_PORT", "9");
    let config = Config::from_variables(&vars).unwrap();
    let (clock, limits) = (Clock::system(), TimeLimits::default());
    AppState::from_config(&config, IndexReader::disabled(), clock, limits).unwrap()
}

fn with_handlers(deadline: Duration) -> Router {
    let panics = async || -> StatusCode { panic!("secret words") };
    let routes = routes::reads()
        .route("/panics", get(panics))
        .route("/never", get(std::future::pending::<StatusCode>));
    with_middleware(routes, routes::forms(), Router::new(), app(), deadline)
}

async fn get_page(router: &Router, path: &str) -> (StatusCode, axum::http::HeaderMap, String) {
    let request = Request::get(path)
        .header(header::HOST, "console.test")
        .body(Body::empty())
        .unwrap();
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    (
        parts.status,
        parts.headers,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

/// R23.
#[tokio::test]
async fn panic_renders_an_error_page_and_is_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _counts = metrics::set_default_local_recorder(&recorder);
    let router = with_handlers(PAGE_TIMEOUT);
    let (status, headers, page) = get_page(&router, "/panics").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        page.contains("Something went wrong") && !page.contains("secret words"),
        "{page}"
    );
    assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY));
    assert_eq!(get_page(&router, "/signed-out").await.0, StatusCode::OK);
    assert!(
        recorder
            .handle()
            .render()
            .contains("registry_console_panics_total 1"),
        "{}",
        recorder.handle().render()
    );
}

/// R2.
#[tokio::test]
async fn slow_page_ends_at_the_deadline() {
    let (status, headers, page) =
        get_page(&with_handlers(Duration::from_millis(1)), "/never").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.contains("The request timed out") && headers.contains_key(header::RETRY_AFTER),
        "{page}"
    );
}
