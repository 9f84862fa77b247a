//! The API server works, but a part of it is down, rolling, or has just started: pages come from
//! the index with their age, or say what is not available.

use chrono::TimeDelta;
use http::{Method, StatusCode};
use openshift_standin::cluster::{ApiOutage, Version};
use openshift_standin::faults::{Endpoint, Fault};
use serde_json::Value;

use crate::harness::{Browser, World, json_of};

const MAIN_PAGES: [&str; 7] = [
    "/",
    "/images",
    "/projects/team-a/activity",
    "/images/team-a/api",
    "/projects",
    "/projects/team-a",
    "/search?q=api",
];
const NOT_SERVED: &str = include_str!("../../../cases/42-api-group-missing/response.http");
const STATUS_500: &[u8] = include_bytes!("../../../cases/41-status-503-504-500/500.json");
const STATUS_504: &[u8] = include_bytes!("../../../cases/41-status-503-504-500/504.json");

/// Everybody has looked at their lists, then the outage begins, and the index has noticed it.
async fn outage(version: Version, outage: ApiOutage) -> World {
    let world = World::builder(version).index().start().await;
    for user in ["root", "dev", "viewer", "outsider"] {
        world.json("/images", user).await;
    }
    world.demo.cluster().set_outage(outage);
    world
        .until("the index notices", async || {
            world.json("/images", "dev").await["stale"].is_object()
        })
        .await;
    world
}

fn names(list: &Value) -> Vec<(&str, &str)> {
    let rows = list["rows"].as_array().into_iter().flatten();
    rows.map(|row| {
        (
            row["project"].as_str().unwrap(),
            row["name"].as_str().unwrap(),
        )
    })
    .collect()
}

#[tokio::test]
async fn outage_pages_come_from_the_index_with_their_age() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = world.signed_in("dev").await;
    for path in MAIN_PAGES {
        assert_eq!(dev.get(path).await.status, 200, "{path}");
    }
    world
        .demo
        .cluster()
        .set_outage(ApiOutage::OPENSHIFT_APISERVER);
    world
        .until("the index notices", async || {
            world.json("/images", "dev").await["stale"].is_object()
        })
        .await;
    world.advance(TimeDelta::minutes(3));
    for path in MAIN_PAGES {
        let page = dev.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let titles = page.texts("main .pf-v6-c-alert__title");
        assert!(
            titles
                .iter()
                .any(|title| title.starts_with("As of 2 Jan 2026, 10:00:00 UTC: the API server")),
            "{path}: {titles:?}"
        );
        assert_eq!(page.attribute("[role=status] a", "href"), path);
        assert!(!page.text.contains("could not read the response"), "{path}");
    }
    dev.set_cookie("__Host-language", "zh-CN");
    let page = dev.get("/images").await;
    assert!(
        page.texts("main .pf-v6-c-alert__title")
            .iter()
            .any(|title| title.starts_with("截至 ")),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn data_missing_in_the_index_is_unavailable_with_retry_time() {
    let world = outage(Version::V4, ApiOutage::OPENSHIFT_APISERVER).await;
    let plain = world.replica().start().await;
    let mut dev = Browser::new(world.url());
    let image = dev
        .json_with_token("/images/team-a/api:latest", "TOKEN-dev")
        .await;
    assert_eq!(
        (image.status, image.header("retry-after")),
        (503, "5"),
        "{}",
        image.text
    );
    let mut without = Browser::new(plain.url());
    for path in MAIN_PAGES {
        let page = without.json_with_token(path, "TOKEN-dev").await;
        let error = &page.json();
        assert_eq!(page.status, 503, "{path}: {error}");
        let message = error["detail"].as_str().unwrap();
        assert!(
            message.starts_with("The API server cannot currently serve ")
                && message.contains(".openshift.io"),
            "{path}: {message}"
        );
        assert_eq!(
            error["hint"],
            "Try again in a moment. During a cluster upgrade, this can take some minutes."
        );
    }
}

#[tokio::test]
async fn outage_keeps_each_users_visibility() {
    let world = World::builder(Version::V4).index().start().await;
    let users = ["root", "dev", "viewer", "outsider"];
    let mut before = Vec::new();
    for user in users {
        before.push(world.json("/images", user).await);
    }
    world
        .demo
        .cluster()
        .set_outage(ApiOutage::OPENSHIFT_APISERVER);
    world
        .until("the index notices", async || {
            world.json("/images", "dev").await["stale"].is_object()
        })
        .await;
    // An access review is good for a minute.
    world.advance(TimeDelta::seconds(61));
    for (user, before) in users.into_iter().zip(before) {
        let now = world.json("/images", user).await;
        assert_eq!(
            (names(&now), now["status"].as_u64()),
            (names(&before), Some(200)),
            "{user}"
        );
    }
}

#[tokio::test]
async fn right_revoked_in_outage_applies_if_reviews_are_answered() {
    let world = outage(Version::V4, ApiOutage::OPENSHIFT_APISERVER).await;
    let sees = async || {
        names(&world.json("/images", "viewer").await)
            .iter()
            .any(|(project, _)| *project == "team-a")
    };
    assert!(sees().await);
    world
        .request_as_root(
            Method::DELETE,
            "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings/registry-viewer",
            None,
        )
        .await;
    world.advance(TimeDelta::seconds(61));
    assert!(!sees().await);
    assert_eq!(world.json("/images/team-a", "viewer").await["status"], 503);
}

#[tokio::test]
async fn confirmed_visibility_lasts_fifteen_minutes_in_full_outage() {
    let world = World::builder(Version::V3_9).index().start().await;
    world.json("/images", "dev").await;
    world.fail(Endpoint::ApiServer, Fault::unavailable());
    world
        .demo
        .cluster()
        .set_outage(ApiOutage::OPENSHIFT_APISERVER);
    world
        .until("the index notices", async || {
            world.json("/images", "dev").await["stale"].is_object()
        })
        .await;
    world.advance(TimeDelta::minutes(14));
    assert_eq!(world.json("/images", "dev").await["status"], 200);
    assert_eq!(
        world.json("/images", "viewer").await["status"],
        503,
        "nothing was ever confirmed for this person"
    );
    world.advance(TimeDelta::minutes(2));
    assert_eq!(world.json("/images", "dev").await["status"], 503);
}

#[tokio::test]
async fn unloaded_roles_are_not_a_denial() {
    let world = outage(Version::V4, ApiOutage::RolesNotLoaded).await;
    let plain = world.replica().start().await;
    world.advance(TimeDelta::seconds(61));
    let list = world.json("/images", "dev").await;
    assert!(list["status"] == 200 && !names(&list).is_empty(), "{list}");
    let without = json_of(&mut Browser::new(plain.url()), "/images", "dev").await;
    let text = without["detail"].as_str().unwrap().to_owned();
    assert!(
        without["status"] == 503 && text.starts_with("The API server has just started"),
        "{without}"
    );
    world.demo.cluster().set_outage(ApiOutage::None);
    world
        .until("the index is back", async || {
            world.json("/images", "dev").await["stale"].is_null()
        })
        .await;
    assert_eq!(world.json("/images", "dev").await["status"], 200);
}

#[tokio::test]
async fn cluster_without_image_api_is_named() {
    let world = World::start(Version::V4).await;
    world.demo.cluster().set_outage(ApiOutage::NO_IMAGES);
    let mut dev = world.signed_in("dev").await;
    for path in ["/", "/images", "/images/team-a/api"] {
        let page = dev.get(path).await;
        assert_eq!(
            (page.status, page.text_of("h1")),
            (501, "This cluster does not have this API".to_owned()),
            "{path}"
        );
        assert!(
            page.text
                .contains("This API server does not serve image streams (image.openshift.io)."),
            "{path}: {}",
            page.text
        );
    }
    assert_eq!(dev.get("/projects").await.status, 200);
    world.demo.cluster().set_outage(ApiOutage::None);
    world.fail(
        Endpoint::ApiServer,
        Fault::RawResponse(Method::GET, NOT_SERVED),
    );
    let page = dev.get("/images/team-a/api").await;
    assert_eq!(
        page.status, 501,
        "in the very words of a real one: {}",
        page.text
    );
    assert!(
        page.text
            .contains("This API server does not serve image streams (image.openshift.io)."),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn api_server_failure_message_is_shown() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for (status, body, title, words) in [
        (
            StatusCode::GATEWAY_TIMEOUT,
            STATUS_504,
            "Temporarily unavailable",
            "unable to return a response in the time allotted",
        ),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            STATUS_500,
            "The API server failed",
            "etcdserver: request timed out",
        ),
    ] {
        world.fail(
            Endpoint::ApiServer,
            Fault::Status(status, body.into(), "application/json"),
        );
        let page = dev.get("/projects/team-a").await;
        assert_eq!(page.text_of("h1"), title);
        assert!(page.text_of("main").contains(words), "{}", page.text);
        assert_eq!(
            page.attribute("main a.pf-m-primary", "href"),
            "/projects/team-a"
        );
    }
    for status in [
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ] {
        world.fail(
            Endpoint::ApiServer,
            Fault::Status(
                status,
                "<h1>Application is not available</h1>".into(),
                "text/html",
            ),
        );
        let page = dev.get("/projects/team-a").await;
        let text = format!(
            "A proxy or load balancer returned {} instead of the API server.",
            status.as_u16()
        );
        assert!(
            page.status == 503 && page.text_of("main").contains(&text),
            "{}",
            page.text
        );
        assert!(!page.text.contains("Application is not available"));
    }
}

#[tokio::test]
async fn retry_after_of_the_api_server_is_shown() {
    const HOUR: &str = "HTTP/1.1 503 Service Unavailable\nRetry-After: 3600\nContent-Type: text/plain\n\nservice unavailable\n";
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(Endpoint::ApiServer, Fault::RawResponse(Method::GET, HOUR));
    let page = dev.get("/projects").await;
    assert_eq!((page.status, page.header("retry-after")), (503, "3600"));
    assert!(
        page.text_of("main").contains("Try again in an hour."),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn user_api_outage_keeps_sessions_and_is_named_at_sign_in() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.demo.cluster().set_outage(ApiOutage::OAUTH_APISERVER);
    assert_eq!(dev.get("/images").await.status, 200);
    let mut other = world.browser();
    let callback = other.callback_of("/login", "viewer").await;
    let page = other.get(&callback).await;
    assert_eq!(page.status, 503, "{}", page.text);
    assert!(
        page.text_of("main")
            .contains("The API server cannot currently return your user name"),
        "{}",
        page.text
    );
    world.demo.cluster().set_outage(ApiOutage::None);
    other.sign_in("viewer").await;
    assert_eq!(other.get("/images").await.status, 200);
}

#[tokio::test]
async fn doctor_names_unavailable_api_groups_and_index_state() {
    let world = World::builder(Version::V4).index().start().await;
    let seen = async |id: &str| {
        let report = world.json("/doctor", "dev").await;
        let findings: Vec<Value> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|found| found["id"] == id)
            .cloned()
            .collect();
        (
            findings
                .iter()
                .map(|found| found["what"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>(),
            format!("{findings:?}"),
        )
    };
    assert_eq!(
        (seen("api-groups").await.0, seen("index").await.0),
        (
            vec!["apis-served".to_owned()],
            vec!["index-ready".to_owned()]
        )
    );
    world
        .demo
        .cluster()
        .set_outage(ApiOutage::OPENSHIFT_APISERVER);
    world
        .until("the index notices", async || {
            world.json("/images", "dev").await["stale"].is_object()
        })
        .await;
    let (groups, text) = seen("api-groups").await;
    assert_eq!(groups, ["api-unavailable", "api-unavailable"], "{text}");
    for part in [
        "image.openshift.io",
        "project.openshift.io",
        "oc get apiservice v1.image.openshift.io",
        "oc get clusteroperator openshift-apiserver",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (index, text) = seen("index").await;
    assert!(
        index == ["index-stale"]
            && text.contains("2026-01-02 10:00:00 UTC")
            && text.contains("unavailable"),
        "{text}"
    );
}
