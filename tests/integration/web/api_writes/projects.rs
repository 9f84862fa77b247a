//! Creating, changing and deleting projects.

use openshift_standin::cluster::Version;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{done, problem};
use crate::harness::World;
use crate::web::usage::add_workloads;

#[rstest]
#[tokio::test]
async fn project_is_created_changed_and_deleted(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.browser();
    let body = json!({ "name": "brand-new", "display_name": "New", "policy": "shared" });
    let made = browser
        .write(Method::POST, "/projects", "dev", body.clone())
        .await;
    assert_eq!(done(&made, 201), json!({ "project": "brand-new" }));
    let path = "/projects/brand-new";
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    let again = browser.write(Method::POST, "/projects", "dev", body).await;
    problem(&again, 409, "exists");
    let body = json!({ "description": "For tests" });
    done(&browser.write(Method::PATCH, path, "dev", body).await, 200);
    let edited = browser
        .json_with_token(&format!("{path}/edit"), "TOKEN-dev")
        .await
        .json();
    assert_eq!(
        (
            &edited["project"]["display_name"],
            &edited["project"]["description"]
        ),
        (&"New".into(), &"For tests".into())
    );
    let body = json!({ "description": "x", "resource_version": "1" });
    let stale = browser.write(Method::PATCH, path, "dev", body).await;
    problem(&stale, 409, "stale");
    let other = browser
        .write(Method::DELETE, path, "viewer", Value::Null)
        .await;
    problem(&other, 403, "not-allowed");
    done(
        &browser
            .write(Method::DELETE, path, "dev", Value::Null)
            .await,
        200,
    );
}

#[tokio::test]
async fn project_with_workloads_is_deleted_only_by_force() {
    let world = World::start(Version::V4).await;
    add_workloads(&world);
    let mut browser = world.browser();
    let refused = browser
        .write(Method::DELETE, "/projects/team-a", "dev", Value::Null)
        .await;
    let refused = problem(&refused, 409, "in-use");
    assert!(
        refused["workloads"].to_string().contains("ledger"),
        "{refused:#}"
    );
    assert_eq!(
        browser
            .json_with_token("/projects/team-a", "TOKEN-dev")
            .await
            .status,
        200
    );
    let forced = "/projects/team-a?force=true";
    done(
        &browser
            .write(Method::DELETE, forced, "dev", Value::Null)
            .await,
        200,
    );
}

#[tokio::test]
async fn project_that_cannot_be_created_is_explained() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let named = browser
        .write(Method::POST, "/projects", "dev", json!({ "name": "A" }))
        .await;
    assert_eq!(
        problem(&named, 422, "invalid-value")["errors"][0]["pointer"],
        "/name"
    );
    let unknown = json!({ "name": "ab", "labels": {} });
    let unknown = browser
        .write(Method::POST, "/projects", "dev", unknown)
        .await;
    problem(&unknown, 422, "invalid-value");
    let open = json!({ "name": "ab", "policy": "anonymous" });
    let open = browser.write(Method::POST, "/projects", "dev", open).await;
    problem(&open, 409, "anonymous-access");
}
