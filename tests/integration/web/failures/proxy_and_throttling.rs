//! Answers that come from something in between, or that ask for patience: what a page says of them.

use http::Method;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};

use crate::harness::{World, post};

const HTML_502: &str = include_str!("../../../cases/55-write-html-502/response.http");
const RETRY_AFTER_HOUR: &str = include_str!("../../../cases/56-retry-after-hour/response.http");

const NEW_STREAM: [(&str, &str); 3] = [
    ("project", "team-a"),
    ("name", "new-one"),
    ("source", "none"),
];

#[tokio::test]
async fn proxy_response_to_a_write_is_not_quoted_as_the_clusters() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(
        Endpoint::ApiServer,
        Fault::RawResponse(Method::POST, HTML_502),
    );
    let page = post(&mut dev, "/new-image-stream", &NEW_STREAM).await;
    assert_eq!(
        (
            page.status,
            page.text_of("[role=alert] .pf-v6-c-alert__title")
        ),
        (502, "A proxy returned 502".to_owned())
    );
    let text = page.text_of("[role=alert]");
    assert!(
        text.contains("might already be made")
            && !text.contains("No server is available")
            && !text.contains("explain"),
        "{text}"
    );
    assert_eq!(
        page.attribute("#f-name", "value"),
        "new-one",
        "what was typed is still there"
    );

    dev.set_cookie("__Host-language", "zh-CN");
    let page = post(&mut dev, "/new-image-stream", &NEW_STREAM).await;
    assert_eq!(
        page.text_of("[role=alert] .pf-v6-c-alert__title"),
        "代理返回了 502"
    );
}

#[tokio::test]
async fn throttling_cluster_retry_after_is_shown() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(
        Endpoint::ApiServer,
        Fault::RawResponse(Method::POST, RETRY_AFTER_HOUR),
    );
    let page = post(&mut dev, "/new-image-stream", &NEW_STREAM).await;
    assert_eq!(page.status, 503, "{}", page.text);
    let text = page.text_of("[role=alert]");
    assert!(
        text.contains("Nothing was changed. Send the form again in an hour"),
        "{text}"
    );
    assert_eq!(page.attribute("#f-name", "value"), "new-one");
}

#[tokio::test]
async fn throttling_registry_costs_only_its_section() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(
        Endpoint::Registry,
        Fault::RawResponse(Method::GET, RETRY_AFTER_HOUR),
    );
    let page = dev.get("/images/team-a/api:latest").await;
    assert_eq!(page.status, 200);
    assert!(
        page.text_of("main")
            .contains("The image registry is limiting requests. Try again in an hour"),
        "{}",
        page.text
    );
    let json = dev.json("/images/team-a/api:latest").await.json();
    assert_eq!(
        (
            &json["registry_missing"]["why"],
            &json["registry_missing"]["retry_after_seconds"]
        ),
        (&"busy".into(), &3600.into())
    );
}

#[tokio::test]
async fn proxy_in_place_of_the_registry_is_named() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(
        Endpoint::Registry,
        Fault::RawResponse(Method::GET, HTML_502),
    );
    let json = dev.json("/images/team-a/api:latest").await.json();
    assert_eq!(json["registry_missing"]["why"], "proxy");
}
