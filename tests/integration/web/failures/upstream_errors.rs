//! Answers of the API server, the OAuth server and the registry that are no success, each in its
//! own words: reads, writes and sign-in.

use http::{Method, StatusCode};
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};

use crate::harness::{Browser, World};

const STATUS_500: &[u8] = include_bytes!("../../../cases/41-status-503-504-500/500.json");
const STATUS_504: &[u8] = include_bytes!("../../../cases/41-status-503-504-500/504.json");
const HTML_502: &[u8] =
    b"<html><head><title>502</title></head><body>No server is available</body></html>";
const BUSY_FOR_AN_HOUR: &str = "HTTP/1.1 429 Too Many Requests\nRetry-After: 3600\nContent-Type: application/json\n\n\
    {\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"storage is (re)initializing\",\"reason\":\"TooManyRequests\",\"code\":429}";

fn json(status: u16, body: &'static [u8]) -> Fault {
    Fault::Status(
        StatusCode::from_u16(status).unwrap(),
        body.into(),
        "application/json",
    )
}

fn html() -> Fault {
    Fault::Status(StatusCode::BAD_GATEWAY, HTML_502.into(), "text/html")
}

fn plain_503() -> Fault {
    Fault::unavailable()
}

#[tokio::test]
async fn registry_error_has_the_consoles_own_message() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let unknown = br#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":"filesystem: no space left on device"}]}"#;
    let unavailable = br#"{"errors":[{"code":"UNAVAILABLE","message":"service unavailable","detail":"health check failed"}]}"#;
    let busy =
        "HTTP/1.1 429 Too Many Requests\nRetry-After: 3600\nContent-Type: application/json\n\n{}";
    for (fault, why, says) in [
        (
            json(500, unknown),
            "failed",
            "returned an internal error (500)",
        ),
        (
            json(503, unavailable),
            "unavailable",
            "temporarily unavailable. Reload the page in a moment. Message: “service unavailable: health check failed”",
        ),
        (
            html(),
            "proxy",
            "A proxy or load balancer returned 502 instead of this server: The image registry.",
        ),
        (
            plain_503(),
            "unavailable",
            "The image registry is temporarily unavailable.",
        ),
        (
            Fault::RawResponse(Method::GET, busy),
            "busy",
            "Try again in an hour",
        ),
    ] {
        world.fail(Endpoint::Registry, fault);
        let page = dev.get("/images/team-a/api:latest").await;
        let text = page.text_of("main");
        assert!(page.status == 200 && text.contains(says), "{why}: {text}");
        assert!(
            !text.contains("could not read") && !text.contains("No server is available"),
            "{why}: {text}"
        );
        assert_eq!(
            dev.json("/images/team-a/api:latest").await.json()["registry_missing"]["why"],
            why
        );
    }
    world.fail(Endpoint::Registry, json(500, unknown));
    assert!(
        dev.get("/images/team-a/api:latest")
            .await
            .text_of("main")
            .contains("“unknown error: filesystem: no space left on device”")
    );
}

#[tokio::test]
async fn throttling_api_server_is_quoted_with_retry_time() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(
        Endpoint::ApiServer,
        Fault::RawResponse(Method::GET, BUSY_FOR_AN_HOUR),
    );
    let page = dev.get("/projects").await;
    let text = page.text_of("main");
    assert_eq!((page.status, page.header("retry-after")), (503, "3600"));
    assert!(
        text.contains("“storage is (re)initializing”") && text.contains("Try again in an hour."),
        "{text}"
    );
}

#[tokio::test]
async fn failed_change_quotes_only_the_api_server() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    let origin = world.origin();
    for (fault, title, quoted) in [
        (
            json(500, STATUS_500),
            "The connection to the cluster was lost",
            Some("etcdserver: request timed out"),
        ),
        (
            json(504, STATUS_504),
            "The connection to the cluster was lost",
            Some("unable to return a response in the time allotted"),
        ),
        (html(), "A proxy returned 502", None),
        (
            plain_503(),
            "The API server is temporarily unavailable",
            None,
        ),
        (
            Fault::RawResponse(Method::POST, BUSY_FOR_AN_HOUR),
            "The cluster is busy",
            Some("storage is (re)initializing"),
        ),
    ] {
        world.fail(Endpoint::ApiServer, fault);
        let form = dev
            .form("/new-project", &[("name", "typed"), ("csrf", &csrf)])
            .header("origin", &origin);
        let page = dev.send(form).await;
        let text = page.text_of("main");
        assert!(text.contains(title), "{title}: {text}");
        let quotes = page.texts("main blockquote, main .rc-server-message, main [lang=en]");
        match quoted {
            Some(quoted) => assert!(text.contains(quoted), "{title}: {text}"),
            None => assert!(
                quotes.is_empty() && !text.contains("No server is available"),
                "{title}: {quotes:?}"
            ),
        }
        assert!(!text.contains("could not read"), "{text}");
    }
}

#[tokio::test]
async fn sign_in_explains_a_failed_user_lookup() {
    let no_roles = br#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"users.user.openshift.io \"~\" is forbidden: User \"dev\" cannot get users.user.openshift.io at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io \"system:basic-user\" not found","reason":"Forbidden","code":403}"#;
    for (fault, status, says) in [
        (
            json(500, STATUS_500),
            502,
            "the API server failed to return your user name. Message: “Internal error occurred: etcdserver: request timed out”",
        ),
        (
            json(504, STATUS_504),
            503,
            "Message: “the server was unable to return a response in the time allotted",
        ),
        (
            html(),
            503,
            "a proxy or load balancer returned 502 instead of the API server",
        ),
        (
            plain_503(),
            503,
            "The API server cannot currently return your user name",
        ),
        (
            Fault::RawResponse(Method::GET, BUSY_FOR_AN_HOUR),
            503,
            "Sign in again in an hour.",
        ),
        (json(403, no_roles), 503, "has not loaded its roles yet"),
        (
            Fault::Status(
                StatusCode::NOT_FOUND,
                "404 page not found\n".into(),
                "text/plain",
            ),
            502,
            "does not serve users (user.openshift.io)",
        ),
        (
            Fault::Refuse,
            503,
            "the API server, which has your user name, could not be reached",
        ),
    ] {
        let world = World::start(Version::V4).await;
        let mut browser = world.browser();
        let callback = browser.callback_of("/login", "dev").await;
        world.fail(Endpoint::ApiServer, fault);
        let page = browser.get(&callback).await;
        let text = page.text_of("main");
        assert_eq!(page.status, status, "{says}: {text}");
        assert!(
            text.contains(says) && !text.contains("could not read"),
            "{says}: {text}"
        );
        assert_eq!(page.attribute("main a.pf-m-primary", "href"), "/login");
        assert!(browser.cookie("__Host-registry-console").is_none());
    }
}

#[tokio::test]
async fn throttling_oauth_server_is_reported_with_retry_time() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    world.fail(
        Endpoint::Oauth,
        Fault::RawResponse(Method::POST, BUSY_FOR_AN_HOUR),
    );
    let page = browser.get(&callback).await;
    let text = page.text_of("main");
    assert!(
        text.contains("The OAuth server is busy") && text.contains("Sign in again in an hour."),
        "{text}"
    );
    let world = World::start(Version::V4).await;
    world.fail(
        Endpoint::Oauth,
        Fault::RawResponse(Method::GET, BUSY_FOR_AN_HOUR),
    );
    let replica = world.replica().start().await;
    let text = Browser::new(replica.url())
        .get("/login")
        .await
        .text_of("main");
    assert!(
        text.contains("The OAuth server is busy") && text.contains("Try again in an hour."),
        "{text}"
    );
}
