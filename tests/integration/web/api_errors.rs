//! Errors below `/api/v1`: problem details.

use openshift_standin::cluster::Version;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Page, World};

/// What every problem has, and that the answer says the same.
#[track_caller]
fn check(page: &Page, status: u16, kind: &str) {
    let problem = page.json();
    assert_eq!(page.status, status, "{problem:#}");
    assert_eq!(
        (&problem["type"], &problem["status"], &problem["kind"]),
        (&"about:blank".into(), &status.into(), &kind.into()),
        "{problem:#}"
    );
    assert_eq!(problem["request_id"], page.header("x-request-id"));
    for text in ["title", "detail", "hint", "instance"] {
        let is_there = problem[text].as_str().is_some_and(|text| !text.is_empty());
        assert!(is_there, "{text}: {problem:#}");
    }
}

#[tokio::test]
async fn every_error_is_a_problem() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let nobody = browser.json("/projects").await;
    check(&nobody, 401, "token-refused");
    assert!(nobody.header("www-authenticate").starts_with("Bearer"));
    for (path, status, kind) in [
        ("/nowhere", 404, "not-found"),
        ("/projects/team-a/nowhere", 404, "not-found"),
        ("/images/team-a/nothing", 404, "not-found"),
        ("/images/nowhere/api", 403, "forbidden"),
        ("/images?format=xml", 400, "unknown-format"),
        ("/connect?format=csv", 400, "unknown-format"),
        (
            "/images/team-a/api:latest?format=csv",
            400,
            "unknown-format",
        ),
        (
            "/images/team-a/api/remove-tags?keep=x",
            422,
            "invalid-value",
        ),
    ] {
        let page = browser.json_with_token(path, "TOKEN-dev").await;
        check(&page, status, kind);
        let instance = page.json()["instance"].clone();
        assert_eq!(
            instance,
            format!("/api/v1{}", path.split('?').next().unwrap())
        );
    }
    let elsewhere = browser
        .write(Method::POST, "/images", "dev", json!({}))
        .await;
    check(&elsewhere, 405, "method-not-allowed");
    assert_eq!(elsewhere.header("allow"), "GET,HEAD");
    let tag = browser
        .write(Method::POST, "/images/team-a/api:latest", "dev", json!({}))
        .await;
    check(&tag, 405, "method-not-allowed");
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        assert!(tag.header("allow").contains(method), "{method}");
    }
}

#[tokio::test]
async fn value_that_a_parameter_cannot_have_is_refused_when_reading() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let long = format!("/images?q={}", "x".repeat(201));
    for (path, name, accepted) in [
        ("/?changed=2", "changed", "1, 7, 30"),
        ("?changed=x", "changed", "1, 7, 30"),
        ("/images?state=bogus", "state", "failing"),
        ("/images?page=0", "page", "from 1"),
        ("/images?page=x", "page", "from 1"),
        ("/images?per_page=51", "per_page", "50, 100, 200"),
        ("/images?order=", "order", "asc, desc"),
        ("/images?format=csv&order=up", "order", "asc, desc"),
        (&*long, "q", "at most 200"),
        ("/images/team-a/api?sort=bogus", "sort", "updated, name"),
        ("/images/team-a/api/history?tag=a+b", "tag", "^[A-Za-z0-9_]"),
        ("/projects/team-a/activity?changed=2", "changed", "1, 7, 30"),
        (
            "/projects/team-a/access?who=dev&kind=robot",
            "kind",
            "user, group, service-account",
        ),
        ("/projects/nowhere/access?kind=robot", "kind", "user"),
        ("/imports?project=A", "project", "^[a-z0-9]"),
        ("/space?wait=short", "wait", "long"),
        (
            "/images/team-a/api/remove-tags?tag=latest&tag=-x",
            "tag",
            "^[A-Za-z0-9_]",
        ),
    ] {
        let page = dev.json(path).await;
        check(&page, 400, "invalid-parameter");
        let errors = page.json()["errors"].clone();
        assert_eq!(errors.as_array().map(Vec::len), Some(1), "{path}");
        assert_eq!(errors[0]["pointer"], name, "{path}");
        let detail = errors[0]["detail"].as_str().unwrap();
        assert!(detail.contains(accepted), "{path}: {detail}");
    }
    let several = dev.json("/images?state=x&page=y&use=z&other=1").await;
    check(&several, 400, "invalid-parameter");
    let named: Vec<_> = several.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].clone())
        .collect();
    assert_eq!(named, ["state", "page", "use"]);
    for path in [
        "/images?other=1",
        "/images?page=4294967296",
        "/images/team-a/api:latest?sort=bogus",
        "/users/dev?page=x",
    ] {
        let page = dev.json(path).await;
        assert_ne!(page.status, 400, "{path}: {}", page.text);
    }
    let page = dev.get("/images?state=bogus&page=x&order=up").await;
    assert_eq!(page.status, 200, "pages ignore such values");
}

#[tokio::test]
async fn body_that_is_not_valid_is_explained() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let put = |body: &'static str, content_type: &'static str| {
        let request = world
            .browser()
            .request(Method::PUT, "/api/v1/images/team-a/api:x");
        let request = request.bearer_auth("TOKEN-dev");
        request.header("content-type", content_type).body(body)
    };
    let syntax = browser
        .send(put("{\"image\":\n 1,}", "application/json"))
        .await;
    check(&syntax, 400, "invalid-json");
    let detail = syntax.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("line 2, column 4"), "{detail}");
    check(
        &browser.send(put("image=x", "text/plain")).await,
        415,
        "unsupported-media-type",
    );
    for (body, pointer) in [
        (r#"{"imagee": "x"}"#, "/imagee"),
        (r#"{"image": 1}"#, "/image"),
        ("[]", ""),
        (r#"{"image": "api:v", "force": 1}"#, "/force"),
        (r#"{"image": "api:v", "import_mode": "x"}"#, "/import_mode"),
        (r#"{"a/b~c": 1}"#, "/a~1b~0c"),
    ] {
        let page = browser
            .send(put(body, "application/json; charset=utf-8"))
            .await;
        check(&page, 422, "invalid-value");
        let errors = page.json()["errors"].clone();
        assert_eq!(errors.as_array().map(Vec::len), Some(1), "{body}");
        assert_eq!(errors[0]["pointer"], pointer, "{body}");
    }
    for (path, body, pointer) in [
        ("/images/team-a", json!({}), "/name"),
        (
            "/images/team-a",
            json!({ "name": "x", "tags": [{ "tag": "1", "from": "a/b" }, { "tag": "2" }] }),
            "/tags/1/from",
        ),
        (
            "/images/team-a/api/remove-tags",
            json!({ "rules": { "keep": "3" } }),
            "/rules/keep",
        ),
    ] {
        let page = browser.write(Method::POST, path, "dev", body).await;
        check(&page, 422, "invalid-value");
        assert_eq!(page.json()["errors"][0]["pointer"], pointer, "{path}");
    }
    let large = "x".repeat(65 * 1024);
    let large = browser
        .write(
            Method::PUT,
            "/images/team-a/api:x",
            "dev",
            json!({ "image": large }),
        )
        .await;
    check(&large, 413, "too-large");
    let refused = world
        .browser()
        .request(Method::PUT, "/api/v1/images/team-a/api:x");
    let refused = refused.bearer_auth("sha256~made-up").json(&json!({}));
    check(&browser.send(refused).await, 401, "token-refused");
}
