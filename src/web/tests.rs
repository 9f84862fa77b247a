//! What the layers make of a handler that fails by itself.

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use metrics_exporter_prometheus::PrometheusBuilder;
use tower::ServiceExt as _;
use url::Url;

use super::*;
use crate::app::doctor::Settings;
use crate::config::{self, Trust};
use crate::openshift::Master;
use crate::openshift::oauth::Discovery;
use crate::outbound::{Limits, Name, Upstream};
use crate::registry::Registry;

/// A console whose upstreams are never asked.
fn app() -> App {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let nowhere = Url::parse("https://127.0.0.1:9").unwrap();
    let upstream =
        |name| Upstream::new(name, &nowhere, &Trust::Nothing, Limits::default()).unwrap();
    let (master, clock) = (upstream(Name::Master), Clock::system());
    let settings = config::Oauth {
        provider: nowhere.clone(),
        client_id: "console".to_owned(),
        client_secret: "secret".into(),
        implicit_flow: true,
        trust: Trust::Nothing,
    };
    let told = Settings {
        address: None,
        callback: links::CALLBACK,
        oauth: settings.clone(),
        cluster: config::Cluster {
            api: nowhere.clone(),
            trust: Trust::Nothing,
        },
        registry: config::Registry {
            url: nowhere.clone(),
            trust: Trust::Nothing,
            public_host: None,
            storage: config::BlobStorage::beside(&Trust::Nothing, None),
        },
        index: crate::config::Index::off(),
        certificate: None,
        shared_key: false,
        pod: config::Pod::default(),
    };
    let doctor = Doctor::new(told, clock.clone());
    let oauth = OauthClient::new(
        settings,
        Discovery::new(master.clone(), nowhere.clone(), clock.clone()),
    );
    let console = Console::new(
        Master::new(master),
        Registry::new(upstream(Name::Registry)),
        None,
    );
    App::new(
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
    let routes = routes()
        .route("/panics", get(panics))
        .route("/never", get(std::future::pending::<StatusCode>));
    layered(routes, forms(), Router::new(), app(), deadline)
}

async fn ask(router: &Router, path: &str) -> (StatusCode, axum::http::HeaderMap, String) {
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
async fn a_panic_is_a_page_of_its_own_is_counted_and_harms_nobody_else() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _counts = metrics::set_default_local_recorder(&recorder);
    let router = with_handlers(DEADLINE);
    let (status, headers, page) = ask(&router, "/panics").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        page.contains("The console made a mistake") && !page.contains("secret words"),
        "{page}"
    );
    assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY));
    assert_eq!(ask(&router, "/signed-out").await.0, StatusCode::OK);
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
async fn a_page_that_would_take_for_ever_ends_at_the_deadline() {
    let (status, headers, page) = ask(&with_handlers(Duration::from_millis(1)), "/never").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.contains("This took too long") && headers.contains_key(header::RETRY_AFTER),
        "{page}"
    );
}
