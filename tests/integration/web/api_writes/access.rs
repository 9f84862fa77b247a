//! Members, the access policy, and credentials.

use openshift_standin::cluster::Version;
use registry_console::config::LogFormat;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{done, problem};
use crate::harness::{Browser, Log, World};

const MEMBERS: &str = "/projects/team-a/members";

async fn roles(browser: &mut Browser, name: &str) -> Vec<String> {
    let access = browser.json_with_token(MEMBERS, "TOKEN-dev").await.json();
    let members = access["members"].as_array().unwrap().iter();
    let roles = members
        .filter(|member| member["who"]["name"] == name)
        .flat_map(|member| member["roles"].as_array().unwrap());
    roles
        .map(|role| role["role"].as_str().unwrap().to_owned())
        .collect()
}

#[rstest]
#[tokio::test]
async fn role_is_granted_replaced_and_removed(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.browser();
    let body =
        json!({ "kind": "user", "name": "outsider", "role": "registry-viewer", "force": true });
    let added = browser.write(Method::POST, MEMBERS, "dev", body).await;
    assert_eq!(done(&added, 201)["added"], json!(["registry-viewer"]));
    assert_eq!(roles(&mut browser, "outsider").await, ["registry-viewer"]);
    let body = json!({ "kind": "user", "name": "outsider", "role": "registry-viewer", "new_role": "registry-editor" });
    let changed = done(&browser.write(Method::PUT, MEMBERS, "dev", body).await, 200);
    assert_eq!(
        (&changed["added"], &changed["removed"]),
        (&json!(["registry-editor"]), &json!(["registry-viewer"]))
    );
    let path = format!("{MEMBERS}?kind=user&name=outsider&role=registry-editor");
    let removed = done(
        &browser
            .write(Method::DELETE, &path, "dev", Value::Null)
            .await,
        200,
    );
    assert_eq!(removed["removed"], json!(["registry-editor"]));
    assert!(roles(&mut browser, "outsider").await.is_empty());
}

#[tokio::test]
async fn risky_and_invalid_changes_of_members_are_refused() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let viewer =
        json!({ "kind": "user", "name": "outsider", "role": "registry-viewer", "force": true });
    let refused = browser.write(Method::POST, MEMBERS, "viewer", viewer).await;
    problem(&refused, 403, "not-allowed");
    let unknown = json!({ "kind": "service-account", "name": "nobody", "role": "registry-viewer" });
    let unknown = browser.write(Method::POST, MEMBERS, "dev", unknown).await;
    problem(&unknown, 409, "unknown-name");
    for (body, pointer) in [
        (
            json!({ "kind": "robot", "name": "x", "role": "registry-viewer" }),
            "/kind",
        ),
        (
            json!({ "kind": "user", "name": "a/b", "role": "registry-viewer" }),
            "/name",
        ),
        (
            json!({ "kind": "user", "name": "viewer", "role": "cluster-admin" }),
            "/role",
        ),
    ] {
        let refused = browser.write(Method::POST, MEMBERS, "dev", body).await;
        assert_eq!(
            problem(&refused, 422, "invalid-value")["errors"][0]["pointer"],
            pointer
        );
    }
    let without_kind = format!("{MEMBERS}?name=viewer&role=registry-viewer");
    let refused = browser
        .write(Method::DELETE, &without_kind, "dev", Value::Null)
        .await;
    assert_eq!(
        problem(&refused, 422, "invalid-value")["errors"][0]["pointer"],
        "kind"
    );
    let own = json!({ "kind": "user", "name": "dev", "role": "registry-admin", "force": true });
    done(&browser.write(Method::POST, MEMBERS, "dev", own).await, 201);
    let path = format!("{MEMBERS}?kind=user&name=dev&role=registry-admin");
    let own = browser
        .write(Method::DELETE, &path, "dev", Value::Null)
        .await;
    problem(&own, 409, "own-role");
}

#[tokio::test]
async fn access_policy_is_set() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let path = "/projects/team-a/access";
    let shared = browser
        .write(Method::PUT, path, "dev", json!({ "policy": "shared" }))
        .await;
    assert_eq!(
        done(&shared, 200),
        json!({ "project": "team-a", "policy": "shared" })
    );
    assert_eq!(
        browser.json_with_token(path, "TOKEN-dev").await.json()["policy"],
        "shared"
    );
    let open = json!({ "policy": "anonymous" });
    let open = browser.write(Method::PUT, path, "dev", open).await;
    problem(&open, 409, "anonymous-access");
    let open = json!({ "policy": "anonymous", "force": true });
    done(&browser.write(Method::PUT, path, "dev", open).await, 200);
    let odd = browser
        .write(Method::PUT, path, "dev", json!({ "policy": "odd" }))
        .await;
    problem(&odd, 422, "invalid-value");
}

#[rstest]
#[tokio::test]
async fn credential_is_created_with_its_token_and_revoked(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let log = Log::start_as(LogFormat::Json);
    let world = World::start(version).await;
    let mut browser = world.browser();
    let logins = "/projects/team-a/logins";
    let body = json!({ "name": "robot", "may": "pull" });
    let made = browser
        .write(Method::POST, logins, "dev", body.clone())
        .await;
    let answer = done(&made, 201);
    assert_eq!(made.header("cache-control"), "no-store");
    let token = answer["token"].as_str().unwrap().to_owned();
    assert!(token.len() > 20 && answer["docker_config"].as_str().unwrap().contains("auths"));
    let again = browser.write(Method::POST, logins, "dev", body).await;
    let again = problem(&again, 409, "exists");
    assert!(!again.to_string().contains(&token));
    let listed = browser.json_with_token(logins, "TOKEN-dev").await;
    assert!(listed.text.contains("robot") && !listed.text.contains(&token));
    let path = format!("{logins}/robot");
    let viewer = browser
        .write(Method::DELETE, &path, "viewer", Value::Null)
        .await;
    problem(&viewer, 403, "forbidden");
    let gone = browser
        .write(Method::DELETE, &path, "dev", Value::Null)
        .await;
    assert_eq!(
        done(&gone, 200),
        json!({ "project": "team-a", "name": "robot" })
    );
    let gone = browser
        .write(Method::DELETE, &path, "dev", Value::Null)
        .await;
    problem(&gone, 404, "not-found");
    let log = log.stop();
    assert!(log.contains("credential-shown") && !log.contains(&token));
}

#[tokio::test]
async fn credential_that_cannot_be_created_is_explained() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let logins = "/projects/team-a/logins";
    for (body, pointer) in [
        (json!({ "name": "CI", "may": "pull" }), "/name"),
        (json!({ "name": "ci", "may": "pull", "days": 0 }), "/days"),
        (json!({ "name": "ci", "may": "all" }), "/may"),
    ] {
        let refused = browser.write(Method::POST, logins, "dev", body).await;
        assert_eq!(
            problem(&refused, 422, "invalid-value")["errors"][0]["pointer"],
            pointer
        );
    }
}
