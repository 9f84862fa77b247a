//! Upstreams whose certificates are not to be believed (S47).

use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::config::{Config, Trust};
use rstest::rstest;

use crate::harness::{Browser, World};

/// An authority that has signed nothing here.
fn unrelated_trust() -> Trust {
    Trust::Only(
        rcgen::generate_simple_self_signed(vec!["authority.example".to_owned()])
            .unwrap()
            .cert
            .pem(),
    )
}

async fn distrusting(version: Version, side: impl FnOnce(&mut Config) -> &mut Trust) -> World {
    World::builder(version)
        .settings(|config| *side(config) = unrelated_trust())
        .start()
        .await
}

/// `handshake failure`, `certificate required`, `unrecognized name`.
const ALERTS: [(u8, &str); 3] = [
    (
        40,
        "with the alert “handshake failure”: the server and this console have no protocol, cipher, or certificate type in common",
    ),
    (
        116,
        "with the alert “certificate required”: the server requires a client certificate",
    ),
    (
        112,
        "with the alert “unrecognized name”: the server does not serve the host name",
    ),
];

async fn get_in_chinese(browser: &mut Browser, path: &str) -> String {
    let request = browser
        .request(reqwest::Method::GET, path)
        .header("accept-language", "zh-CN");
    browser.send(request).await.text_of("main")
}

#[rstest]
#[tokio::test]
async fn untrusted_api_server_names_its_trust_setting(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = distrusting(version, |config| &mut config.cluster.trust).await;
    let mut browser = world.browser();
    let login = browser.get("/login").await.text_of("main");
    assert!(
        login.contains("The API server presented a certificate that is not signed by")
            && login.contains("KUBERNETES_CA_DATA"),
        "{login}"
    );
    let login = get_in_chinese(&mut browser, "/login").await;
    assert!(
        login.contains("API 服务器出示的证书") && login.contains("KUBERNETES_CA_DATA"),
        "{login}"
    );
    let json = browser.json_with_token("/projects", "TOKEN-dev").await;
    let error = &json.json();
    assert_eq!((json.status, error["status"].as_u64()), (503, Some(503)));
    assert!(
        error["hint"]
            .as_str()
            .unwrap()
            .contains("KUBERNETES_CA_DATA"),
        "{error}"
    );
    assert!(
        world.requests().is_empty(),
        "no token went there: {:?}",
        world.requests()
    );
}

/// On 3.9 the OAuth server is found without the API server, and the sign-in gets as far as asking who
/// it is.
#[tokio::test]
async fn sign_in_reports_an_untrusted_api_server() {
    let world = distrusting(Version::V3_9, |config| &mut config.cluster.trust).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login?anyway=1", "dev").await;
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 503);
    assert_eq!(page.text_of("h1"), "A certificate is not trusted");
    assert!(page.text_of("main").contains("KUBERNETES_CA_DATA"));
    assert!(browser.cookie("__Host-registry-console").is_none());
}

#[rstest]
#[tokio::test]
async fn untrusted_oauth_server_gets_neither_code_nor_secret(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = distrusting(version, |config| {
        &mut config.sign_in.oauth_mut().unwrap().trust
    })
    .await;
    let mut browser = world.browser();
    let page = browser.get("/login").await;
    assert_eq!(
        page.text_of(".pf-v6-c-alert__title"),
        "The certificate of the OAuth server is not trusted"
    );
    let callback = browser.callback_of("/login?anyway=1", "dev").await;
    world.clear_requests();
    let page = browser.get(&callback).await;
    let text = page.text_of("main");
    assert_eq!(page.status, 502);
    assert!(
        text.contains("The OAuth server presented a certificate") && text.contains("OAUTH_CA_FILE"),
        "{text}"
    );
    assert!(world.requests().is_empty(), "{:?}", world.requests());
}

#[rstest]
#[tokio::test]
async fn untrusted_registry_costs_a_section_naming_the_setting(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = distrusting(version, |config| &mut config.registry.trust).await;
    let mut browser = world.signed_in("dev").await;
    for path in ["/images/team-a/api:latest", "/images/team-a/api"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let image_is_there = page.text.contains("sha256:");
        assert!(
            image_is_there && page.text.contains("REGISTRY_CA_FILE"),
            "{path}: {}",
            page.text_of("main")
        );
    }
    let text = get_in_chinese(&mut browser, "/images/team-a/api:latest").await;
    assert!(
        text.contains("镜像仓库出示的证书不是由此控制台信任的证书颁发机构（CA）签发的")
            && text.contains("REGISTRY_CA_FILE"),
        "{text}"
    );
    assert_eq!(
        browser.json("/images/team-a/api:latest").await.json()["registry_missing"]["why"],
        "untrusted"
    );
}

#[tokio::test]
async fn tls_alert_is_not_reported_as_untrusted_certificate() {
    for (alert, says) in ALERTS {
        let world = World::start(Version::V4).await;
        let mut dev = world.signed_in("dev").await;
        world.fail(Endpoint::Registry, Fault::TlsAlert(alert));
        let page = dev.get("/images/team-a/api:latest").await;
        let text = page.text_of("main");
        assert_eq!(page.status, 200);
        assert!(
            text.contains(&format!(
                "The image registry ended the TLS handshake {says}"
            )),
            "{text}"
        );
        assert!(
            !text.contains("does not trust") && !text.contains("REGISTRY_CA_FILE"),
            "{text}"
        );
        let json = dev.json("/images/team-a/api:latest").await.json();
        assert_eq!(json["registry_missing"]["why"], "no-secure-connection");
    }
}

#[tokio::test]
async fn sign_in_names_tls_alerts_of_both_servers() {
    for (alert, says) in ALERTS {
        let world = World::start(Version::V4).await;
        world.fail(Endpoint::Oauth, Fault::TlsAlert(alert));
        let replica = world.replica().start().await;
        let page = Browser::new(replica.url()).get("/login").await;
        assert_eq!(
            page.text_of(".pf-v6-c-alert__title"),
            "No secure connection to the OAuth server"
        );
        let text = page.text_of("main");
        assert!(
            text.contains(says) && !text.contains("OAUTH_CA_FILE"),
            "{text}"
        );
        let world = World::start(Version::V3_9).await;
        world.fail(Endpoint::ApiServer, Fault::TlsAlert(alert));
        // A console without a connection from before.
        let replica = world.replica().start().await;
        let page = Browser::new(replica.url())
            .json_with_token("/projects", "TOKEN-dev")
            .await;
        let error = page.json();
        assert!(error["detail"].as_str().unwrap().contains(says), "{error}");
        assert!(
            !error["hint"]
                .as_str()
                .unwrap()
                .contains("KUBERNETES_CA_DATA"),
            "{error}"
        );
    }
}
