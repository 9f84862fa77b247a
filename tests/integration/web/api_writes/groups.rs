//! Creating and deleting groups, and changing their members.

use openshift_standin::cluster::Version;
use registry_console::config::LogFormat;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{done, problem};
use crate::harness::{Browser, Log, World};
use crate::web::security::audit_log::{change, events};

async fn members(browser: &mut Browser, group: &str) -> Value {
    let path = format!("/groups/{group}");
    let page = browser.json_with_token(&path, "TOKEN-root");
    done(&page.await, 200)["group"]["users"].clone()
}

#[rstest]
#[tokio::test]
async fn group_is_created_changed_and_deleted(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let log = Log::start_as(LogFormat::Json);
    let world = World::start(version).await;
    let mut browser = world.browser();
    let body = json!({ "name": "ops", "users": ["dev", "dev"] });
    let made = browser
        .write(Method::POST, "/groups", "root", body.clone())
        .await;
    assert_eq!(
        done(&made, 201),
        json!({ "group": "ops", "added": ["dev"], "removed": [] })
    );
    assert_eq!(made.header("location"), "/api/v1/groups/ops");
    let again = browser.write(Method::POST, "/groups", "root", body).await;
    problem(&again, 409, "exists");
    let body = json!({ "users": ["viewer", "dev"] });
    let added = browser
        .write(Method::POST, "/groups/ops/users", "root", body)
        .await;
    assert_eq!(
        done(&added, 200),
        json!({ "group": "ops", "added": ["viewer"], "removed": [] })
    );
    let path = "/groups/ops/users/dev";
    let removed = browser.write(Method::DELETE, path, "root", Value::Null);
    assert_eq!(
        done(&removed.await, 200),
        json!({ "group": "ops", "added": [], "removed": ["dev"] })
    );
    let absent = browser.write(Method::DELETE, path, "root", Value::Null);
    problem(&absent.await, 404, "not-found");
    assert_eq!(members(&mut browser, "ops").await, json!(["viewer"]));
    let role = json!({ "kind": "group", "name": "ops", "role": "registry-viewer", "force": true });
    let role = browser.write(Method::POST, "/projects/team-a/members", "dev", role);
    done(&role.await, 201);
    let path = "/groups/ops?dry_run=true";
    let planned = browser.write(Method::DELETE, path, "root", Value::Null);
    let planned = done(&planned.await, 200);
    assert_eq!(
        (&planned["roles"][0]["project"], &planned["dry_run"]),
        (&"team-a".into(), &true.into()),
        "{planned:#}"
    );
    members(&mut browser, "ops").await;
    let gone = browser.write(Method::DELETE, "/groups/ops", "root", Value::Null);
    let gone = done(&gone.await, 200);
    assert_eq!(
        (&gone["roles"], &gone["dry_run"]),
        (&planned["roles"], &false.into())
    );
    for (method, path, body) in [
        (Method::DELETE, "/groups/ops", Value::Null),
        (
            Method::POST,
            "/groups/ops/users",
            json!({ "users": ["dev"] }),
        ),
        (Method::DELETE, "/groups/ops/users/dev", Value::Null),
    ] {
        let absent = browser.write(method, path, "root", body).await;
        problem(&absent, 404, "not-found");
    }
    let log = log.stop();
    let events = events(&log);
    let deletion = change(&events, "delete group");
    assert_eq!(
        (&deletion["name"], &deletion["user"], &deletion["channel"]),
        (&"ops".into(), &"root".into(), &"api".into())
    );
    let replaced = events
        .iter()
        .filter(|event| event["operation"] == "replace group");
    assert_eq!(replaced.count(), 2, "one for each change: {events:#?}");
}

#[rstest]
#[tokio::test]
async fn changes_of_groups_need_a_cluster_role(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("dev", "dev", &["ops"]);
    let mut browser = world.browser();
    let body = json!({ "name": "new" });
    let refused = browser.write(Method::POST, "/groups", "dev", body).await;
    problem(&refused, 403, "not-allowed");
    let body = json!({ "users": ["viewer"] });
    let refused = browser.write(Method::POST, "/groups/ops/users", "dev", body);
    problem(&refused.await, 403, "not-allowed");
    let path = "/groups/ops/users/dev";
    let refused = browser.write(Method::DELETE, path, "dev", Value::Null);
    problem(&refused.await, 403, "not-allowed");
    let refused = browser.write(Method::DELETE, "/groups/ops", "dev", Value::Null);
    problem(&refused.await, 403, "forbidden");
    assert_eq!(members(&mut browser, "ops").await, json!(["dev"]));
}

#[tokio::test]
async fn names_that_are_not_valid_are_named() {
    let world = World::start(Version::V4).await;
    world.demo.cluster().add_user("dev", "dev", &["ops"]);
    let mut browser = world.browser();
    for (path, body, pointer) in [
        ("/groups", json!({ "name": "~" }), "/name"),
        (
            "/groups",
            json!({ "name": "new", "users": ["a", "<b>"] }),
            "/users/1",
        ),
        ("/groups/ops/users", json!({}), "/users"),
        ("/groups/ops/users", json!({ "users": [] }), "/users"),
        (
            "/groups/ops/users",
            json!({ "users": ["a b", ""] }),
            "/users/1",
        ),
    ] {
        let refused = browser.write(Method::POST, path, "root", body).await;
        let refused = problem(&refused, 422, "invalid-value");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{path}");
    }
    let path = "/groups/ops?force=true";
    let unknown = browser.write(Method::DELETE, path, "root", Value::Null);
    problem(&unknown.await, 422, "invalid-value");
}
