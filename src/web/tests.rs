//! Tests of the layers around a handler that fails.

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusBuilder;
use tower::ServiceExt as _;
use url::Url;

use super::*;
use crate::app::doctor::Settings;
use crate::config::{self, Trust};
use crate::openshift::ApiServer;
use crate::openshift::oauth::OauthDiscovery;
use crate::outbound::{TimeLimits, Upstream, UpstreamName};
use crate::registry::Registry;

/// A console whose upstreams are never called.
fn app() -> AppState {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let nowhere = Url::parse("https://127.0.0.1:9").unwrap();
    let upstream =
        |name| Upstream::new(name, &nowhere, &Trust::Unverified, TimeLimits::default()).unwrap();
    let (api_server, clock) = (upstream(UpstreamName::ApiServer), Clock::system());
    let oauth_settings = config::OauthSettings {
        provider: nowhere.clone(),
        client_id: "console".to_owned(),
        client_secret: "secret".into(),
        implicit_flow: true,
        trust: Trust::Unverified,
    };
    let settings = Settings {
        address: None,
        callback_path: links::OAUTH_CALLBACK,
        oauth: oauth_settings.clone(),
        api_server: config::ApiServerSettings {
            url: nowhere.clone(),
            trust: Trust::Unverified,
        },
        registry: config::RegistrySettings {
            url: nowhere.clone(),
            trust: Trust::Unverified,
            public_host: None,
            storage: config::BlobStorageSettings::from_registry_trust(&Trust::Unverified, None),
        },
        index: crate::config::IndexSettings::disabled(),
        certificate: None,
        has_shared_session_key: false,
        pod: config::Pod::default(),
    };
    let doctor = Doctor::new(settings, clock.clone());
    let oauth = OauthClient::new(
        oauth_settings,
        OauthDiscovery::new(api_server.clone(), nowhere.clone(), clock.clone()),
    );
    let console = crate::app::App::new(
        ApiServer::new(api_server),
        Registry::new(upstream(UpstreamName::Registry)),
        None,
    );
    AppState::new(
        console,
        oauth,
        doctor,
        clock,
        Url::parse("https://console.test").unwrap(),
        vec![Key::from(&[7; 64])],
    )
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
        page.contains("The console made a mistake") && !page.contains("secret words"),
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
        page.contains("This took too long") && headers.contains_key(header::RETRY_AFTER),
        "{page}"
    );
}
