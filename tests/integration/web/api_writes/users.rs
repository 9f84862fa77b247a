//! Creating, changing and deleting users.

use openshift_standin::cluster::Version;
use registry_console::config::LogFormat;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{done, problem};
use crate::harness::{Browser, Log, World};
use crate::web::security::audit_log::{change, events};

async fn user(browser: &mut Browser, name: &str) -> Value {
    let path = format!("/users/{name}");
    let page = browser.json_with_token(&path, "TOKEN-root");
    done(&page.await, 200)
}

#[rstest]
#[tokio::test]
async fn user_is_created_changed_and_deleted(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let log = Log::start_as(LogFormat::Json);
    let world = World::start(version).await;
    let mut browser = world.browser();
    let body = json!({ "name": "王芳", "full_name": "Wang Fang", "identities": ["ldap:wf"] });
    let made = browser
        .write(Method::POST, "/users", "root", body.clone())
        .await;
    assert_eq!(done(&made, 201), json!({ "user": "王芳" }));
    let location = made.header("location").to_owned();
    assert_eq!(location, "/api/v1/users/%E7%8E%8B%E8%8A%B3");
    let path = location.strip_prefix("/api/v1").unwrap();
    let again = browser.write(Method::POST, "/users", "root", body).await;
    problem(&again, 409, "exists");
    let seen = user(&mut browser, "王芳").await;
    assert_eq!(
        (&seen["user"]["full_name"], &seen["user"]["identities"]),
        (&"Wang Fang".into(), &json!(["ldap:wf"]))
    );
    let version = seen["resource_version"].clone();
    let body = json!({ "identities": ["ldap:wang"], "resource_version": version });
    let changed = browser
        .write(Method::PATCH, path, "root", body.clone())
        .await;
    assert_eq!(done(&changed, 200), json!({ "user": "王芳" }));
    let seen = user(&mut browser, "王芳").await;
    assert_eq!(
        (&seen["user"]["full_name"], &seen["user"]["identities"]),
        (&"Wang Fang".into(), &json!(["ldap:wang"])),
        "what is absent stays"
    );
    let stale = browser.write(Method::PATCH, path, "root", body).await;
    problem(&stale, 409, "stale");
    let gone = browser.write(Method::DELETE, path, "root", Value::Null);
    assert_eq!(done(&gone.await, 200)["user"], "王芳");
    for method in [Method::DELETE, Method::PATCH] {
        let body = if method == Method::PATCH {
            json!({ "full_name": "" })
        } else {
            Value::Null
        };
        let absent = browser.write(method, path, "root", body).await;
        problem(&absent, 404, "not-found");
    }
    let log = log.stop();
    let events = events(&log);
    let made = change(&events, "delete user");
    assert_eq!(
        (&made["name"], &made["user"], &made["channel"]),
        (&"王芳".into(), &"root".into(), &"api".into())
    );
    let creations = events
        .iter()
        .filter(|event| event["operation"] == "create user");
    let results: Vec<_> = creations.map(|event| event["result"].clone()).collect();
    assert_eq!(results, ["made", "refused"]);
}

#[rstest]
#[tokio::test]
async fn deletion_of_a_user_says_what_goes_and_what_stays(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("dev", "dev", &["ops"]);
    let mut browser = world.browser();
    let path = "/users/dev?delete_identities=true&dry_run=true";
    let planned = browser.write(Method::DELETE, path, "root", Value::Null);
    let planned = done(&planned.await, 200);
    assert_eq!(
        (&planned["dry_run"], &planned["groups"]),
        (&true.into(), &json!(["ops"]))
    );
    assert!(planned["roles"].is_array() && planned["remaining_roles"].is_array());
    assert_eq!(planned["identities"].as_array().map(Vec::len), Some(1));
    assert_eq!(user(&mut browser, "dev").await["groups"], json!(["ops"]));
    let path = "/users/dev?delete_identities=true";
    let gone = browser.write(Method::DELETE, path, "root", Value::Null);
    let gone = done(&gone.await, 200);
    for member in ["groups", "roles", "remaining_roles", "identities"] {
        assert_eq!(gone[member], planned[member], "{member}");
    }
    let group = browser.json_with_token("/groups/ops", "TOKEN-root").await;
    assert_eq!(group.json()["group"]["users"], json!([]));
}

#[tokio::test]
async fn own_user_is_deleted_only_by_force() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let own = browser
        .write(Method::DELETE, "/users/root", "root", Value::Null)
        .await;
    problem(&own, 409, "own-user");
    user(&mut browser, "root").await;
    let own = browser
        .write(
            Method::DELETE,
            "/users/root?force=true",
            "root",
            Value::Null,
        )
        .await;
    assert_eq!(done(&own, 200)["user"], "root");
}

#[rstest]
#[tokio::test]
async fn changes_of_users_need_a_cluster_role(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.browser();
    let body = json!({ "name": "new" });
    let refused = browser.write(Method::POST, "/users", "dev", body).await;
    let refused = problem(&refused, 403, "not-allowed");
    let hint = refused["hint"].as_str().unwrap();
    assert!(hint.contains("cluster role"), "{hint}");
    let body = json!({ "full_name": "x" });
    let refused = browser.write(Method::PATCH, "/users/viewer", "dev", body);
    problem(&refused.await, 403, "forbidden");
    let refused = browser.write(Method::DELETE, "/users/viewer", "dev", Value::Null);
    problem(&refused.await, 403, "forbidden");
}

#[tokio::test]
async fn user_that_cannot_be_created_is_explained() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    for (body, pointer) in [
        (json!({ "name": "a/b" }), "/name"),
        (json!({ "name": "new", "fullname": "x" }), "/fullname"),
        (
            json!({ "name": "new", "identities": ["ldap:a", "b"] }),
            "/identities/1",
        ),
    ] {
        let refused = browser.write(Method::POST, "/users", "root", body).await;
        let refused = problem(&refused, 422, "invalid-value");
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    let path = "/users/viewer?forced=true";
    let unknown = browser.write(Method::DELETE, path, "root", Value::Null);
    problem(&unknown.await, 422, "invalid-value");
}

/// The second step fails: the identity belongs to another user.
#[tokio::test]
async fn user_that_was_created_in_part_is_reported() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let body = json!({ "name": "new", "identities": ["htpasswd:dev"] });
    let refused = browser.write(Method::POST, "/users", "root", body).await;
    let refused = refused.json();
    assert_eq!(refused["may_have_changed"], true, "{refused:#}");
    assert_eq!(user(&mut browser, "new").await["user"]["name"], "new");
}

/// External OIDC: the API server has no users and groups.
#[tokio::test]
async fn users_and_groups_that_the_cluster_does_not_have_are_not_served() {
    let world = World::start(Version::V4).await;
    world.demo.cluster().remove_api_group("user.openshift.io");
    let mut browser = world.browser();
    for (method, path, body) in [
        (Method::POST, "/users", json!({ "name": "new" })),
        (Method::PATCH, "/users/dev", json!({ "full_name": "x" })),
        (Method::DELETE, "/users/dev", Value::Null),
        (Method::POST, "/groups", json!({ "name": "new" })),
        (Method::DELETE, "/groups/ops", Value::Null),
        (
            Method::POST,
            "/groups/ops/users",
            json!({ "users": ["dev"] }),
        ),
        (Method::DELETE, "/groups/ops/users/dev", Value::Null),
    ] {
        let page = browser.write(method.clone(), path, "root", body).await;
        assert_eq!(page.json()["kind"], "not-served", "{method} {path}");
    }
}
