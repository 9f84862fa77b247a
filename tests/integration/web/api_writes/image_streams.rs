//! Creating, changing and deleting image streams.

use openshift_standin::cluster::Version;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{done, problem};
use crate::web::tags::new_tag::world_with_external_registry;

#[rstest]
#[tokio::test]
async fn image_stream_is_created_changed_and_deleted(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, _) = world_with_external_registry(version).await;
    let mut browser = world.browser();
    let body = json!({ "name": "mirror", "tags": [
        { "tag": "1.0", "from": "registry.example.com/team/app:1.0" },
    ] });
    let made = browser
        .write(Method::POST, "/images/team-a", "dev", body.clone())
        .await;
    assert_eq!(
        done(&made, 201),
        json!({ "project": "team-a", "stream": "mirror" })
    );
    let path = "/images/team-a/mirror";
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    let again = browser
        .write(Method::POST, "/images/team-a", "dev", body)
        .await;
    problem(&again, 409, "exists");

    let body = json!({ "description": "Mirrored", "labels": { "team": "web" } });
    done(&browser.write(Method::PATCH, path, "dev", body).await, 200);
    let settings = format!("{path}/settings");
    let settings = browser.json_with_token(&settings, "TOKEN-dev").await.json();
    assert!(settings.to_string().contains("Mirrored"), "{settings:#}");
    let tags = browser.json_with_token(path, "TOKEN-dev").await.json()["tags"].clone();
    assert_eq!(
        tags[0]["source"]["name"], "registry.example.com/team/app:1.0",
        "{tags:#}"
    );

    let body = json!({ "tags": [] });
    let refused = browser.write(Method::PATCH, path, "dev", body).await;
    problem(&refused, 409, "loses-source");
    let body = json!({ "description": "x", "resource_version": "1" });
    let stale = browser.write(Method::PATCH, path, "dev", body).await;
    problem(&stale, 409, "stale");
    let body = json!({ "tags": [], "force": true });
    done(&browser.write(Method::PATCH, path, "dev", body).await, 200);

    let viewer = browser
        .write(Method::DELETE, path, "viewer", Value::Null)
        .await;
    problem(&viewer, 403, "not-allowed");
    let gone = done(
        &browser
            .write(Method::DELETE, path, "dev", Value::Null)
            .await,
        200,
    );
    assert_eq!(gone["tags"], json!(["1.0"]));
    let gone = browser
        .write(Method::DELETE, path, "dev", Value::Null)
        .await;
    problem(&gone, 404, "not-found");
}

#[tokio::test]
async fn source_that_cannot_be_used_is_named() {
    let (world, _) = world_with_external_registry(Version::V4).await;
    let mut browser = world.browser();
    for (body, pointer) in [
        (json!({ "name": "Bad" }), "/name"),
        (
            json!({ "name": "x", "repository": { "name": "https://quay.io/x" } }),
            "/repository/name",
        ),
        (
            json!({ "name": "x", "tags": [{ "tag": "a b", "from": "quay.io/x/y" }] }),
            "/tags/0/tag",
        ),
        (
            json!({ "name": "x", "tags": [{ "tag": "a", "from": "quay.io/x/y" }, { "tag": "b", "from": "" }] }),
            "/tags/1/from",
        ),
        (
            json!({ "name": "x", "repository": { "name": "quay.io/x/y" }, "tags": [{ "tag": "a", "from": "quay.io/x/y" }] }),
            "/repository",
        ),
    ] {
        let refused = browser
            .write(Method::POST, "/images/team-a", "dev", body.clone())
            .await;
        let refused = problem(&refused, 422, "invalid-value");
        assert_eq!(
            refused["errors"][0]["pointer"], pointer,
            "{body}: {refused:#}"
        );
    }
    let body = json!({ "name": "x", "tag": [] });
    let unknown = browser
        .write(Method::POST, "/images/team-a", "dev", body)
        .await;
    problem(&unknown, 422, "invalid-value");
}

#[tokio::test]
async fn quota_that_prevents_an_image_stream_is_named() {
    let (world, _) = world_with_external_registry(Version::V4).await;
    world
        .demo
        .cluster()
        .set_stream_quota("team-a", "streams", 0);
    let mut browser = world.browser();
    let body = json!({ "name": "one-more" });
    let refused = browser
        .write(Method::POST, "/images/team-a", "dev", body)
        .await;
    let refused = problem(&refused, 403, "over-quota");
    assert_eq!(refused["exceeded"]["name"], "streams", "{refused:#}");
}
