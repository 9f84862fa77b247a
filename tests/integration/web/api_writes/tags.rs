//! Setting, rolling back, importing and removing tags.

use openshift_standin::cluster::Version;
use registry_model::Digest;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{done, problem};
use crate::harness::{Browser, World, push_numbered, push_to_tag};
use crate::web::tags::new_tag::world_with_external_registry;
use crate::web::usage::add_workloads;

const TAG: &str = "/images/team-a/api:v9";

async fn put(browser: &mut Browser, path: &str, body: Value) -> crate::harness::Page {
    browser.write(Method::PUT, path, "dev", body).await
}

#[rstest]
#[tokio::test]
async fn tag_is_set_to_an_image_of_this_registry(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let (one, two) = (
        push_numbered(&world, "team-a/builds", "one", 1).digest,
        push_numbered(&world, "team-a/builds", "two", 2).digest,
    );
    let mut browser = world.browser();
    let made = put(&mut browser, TAG, json!({ "image": "builds:one" })).await;
    let made_answer = done(&made, 201);
    assert_eq!(made.header("location"), format!("/api/v1{TAG}"));
    let expected = json!({ "project": "team-a", "stream": "api", "tag": "v9", "changed": true,
        "old_digest": null, "new_digest": one });
    assert_eq!(made_answer, expected);
    let seen = browser.json_with_token(TAG, "TOKEN-dev").await.json();
    assert_eq!(seen["digest"], one.to_string());
    let same = put(
        &mut browser,
        TAG,
        json!({ "image": format!("team-a/builds@{one}") }),
    )
    .await;
    assert_eq!(done(&same, 200)["changed"], false);
    let body = json!({ "image": "team-a/builds:two", "expected_digest": one });
    let moved = done(&put(&mut browser, TAG, body).await, 200);
    assert_eq!(
        (&moved["old_digest"], &moved["new_digest"]),
        (&json!(one), &json!(two))
    );
}

#[tokio::test]
async fn tag_that_is_not_as_expected_is_not_set() {
    let world = World::start(Version::V4).await;
    let one = push_numbered(&world, "team-a/builds", "one", 1).digest;
    push_numbered(&world, "team-a/builds", "two", 2);
    let mut browser = world.browser();
    done(
        &put(&mut browser, TAG, json!({ "image": "builds:one" })).await,
        201,
    );
    let other = Digest::sha256(b"other");
    let body = json!({ "image": "builds:two", "expected_digest": other });
    let stale = problem(&put(&mut browser, TAG, body).await, 409, "stale");
    assert_eq!(stale["current_digest"], one.to_string());
    for (header, value) in [
        ("if-match", format!("\"{other}\"")),
        ("if-none-match", "*".into()),
    ] {
        let request = world
            .browser()
            .request(Method::PUT, &format!("/api/v1{TAG}"));
        let request = request.bearer_auth("TOKEN-dev").header(header, value);
        let page = browser
            .send(request.json(&json!({ "image": "builds:two" })))
            .await;
        problem(&page, 412, "stale");
    }
    let removal = format!("{TAG}?expected_digest={other}");
    let stale = browser
        .write(Method::DELETE, &removal, "dev", Value::Null)
        .await;
    problem(&stale, 409, "stale");
    let body = json!({ "to": one, "expected_digest": other });
    let path = format!("{TAG}/roll-back");
    let stale = browser.write(Method::POST, &path, "dev", body).await;
    problem(&stale, 409, "stale");
    let seen = browser.json_with_token(TAG, "TOKEN-dev").await.json();
    assert_eq!(seen["digest"], one.to_string());
}

#[tokio::test]
async fn value_that_cannot_be_used_is_named() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    for (body, pointer) in [
        (json!({}), "/image"),
        (
            json!({ "image": "x:1", "external_image": "quay.io/x/y" }),
            "/image",
        ),
        (json!({ "image": "not an image" }), "/image"),
        (json!({ "image": "api:nothing" }), "/image"),
        (
            json!({ "image": "team-b/worker:latest", "track": true }),
            "/image",
        ),
        (
            json!({ "external_image": "https://quay.io/x" }),
            "/external_image",
        ),
        (
            json!({ "image": "api:latest", "expected_digest": "x" }),
            "/expected_digest",
        ),
    ] {
        let refused = problem(
            &put(&mut browser, TAG, body.clone()).await,
            422,
            "invalid-value",
        );
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
    }
    let unknown = put(
        &mut browser,
        TAG,
        json!({ "image": "api:latest", "forced": true }),
    )
    .await;
    problem(&unknown, 422, "invalid-value");
    let digest = format!("/images/team-a/api@{}", Digest::sha256(b"x"));
    problem(
        &put(&mut browser, &digest, json!({ "image": "api:latest" })).await,
        404,
        "not-found",
    );
    let path = format!("{TAG}?forced=true");
    let removal = browser.write(Method::DELETE, &path, "dev", Value::Null);
    problem(&removal.await, 422, "invalid-value");
}

#[tokio::test]
async fn rights_of_the_token_decide() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let body = json!({ "image": "api:latest" });
    let refused = browser
        .write(Method::PUT, TAG, "viewer", body.clone())
        .await;
    let refused = problem(&refused, 403, "not-allowed");
    assert!(refused["server_message"].as_str().is_some(), "{refused:#}");
    let outsider = browser.write(Method::PUT, TAG, "outsider", body).await;
    problem(&outsider, 403, "forbidden");
    let removal = browser.write(
        Method::DELETE,
        "/images/team-a/api:latest",
        "viewer",
        Value::Null,
    );
    problem(&removal.await, 403, "not-allowed");
    assert_eq!(browser.json_with_token(TAG, "TOKEN-dev").await.status, 404);
}

#[rstest]
#[tokio::test]
async fn tag_that_workloads_use_is_changed_only_by_force(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    add_workloads(&world);
    push_numbered(&world, "team-a/builds", "two", 2);
    let mut browser = world.browser();
    let latest = "/images/team-a/api:latest";
    let body = json!({ "image": "builds:two" });
    let refused = problem(&put(&mut browser, latest, body).await, 409, "in-use");
    let workloads = refused["workloads"].as_array().unwrap();
    let web = json!({ "project": "team-a", "kind": "DeploymentConfig", "name": "web", "effect": "redeploys" });
    assert!(workloads.contains(&web), "{workloads:#?}");
    let removal = browser
        .write(Method::DELETE, latest, "dev", Value::Null)
        .await;
    problem(&removal, 409, "in-use");
    let body = json!({ "image": "builds:two", "force": true });
    done(&put(&mut browser, latest, body).await, 200);
    let forced = format!("{latest}?force=true");
    let removal = browser
        .write(Method::DELETE, &forced, "dev", Value::Null)
        .await;
    assert_eq!(done(&removal, 200)["tag"], "latest");
}

#[tokio::test]
async fn tag_is_rolled_back() {
    let world = World::start(Version::V4).await;
    let images = push_to_tag(&world, "team-a/app", "live", 2);
    let (first, second) = (&images[0].digest, &images[1].digest);
    let mut browser = world.browser();
    let path = "/images/team-a/app:live/roll-back";
    let body = json!({ "to": first, "expected_digest": second });
    let rolled = browser.write(Method::POST, path, "dev", body.clone()).await;
    let rolled = done(&rolled, 200);
    assert_eq!(
        (
            &rolled["old_digest"],
            &rolled["new_digest"],
            &rolled["changed"]
        ),
        (&json!(second), &json!(first), &true.into())
    );
    let again = browser.write(Method::POST, path, "dev", body).await;
    problem(&again, 409, "stale");
    let missing = "/images/team-a/app:nothing/roll-back";
    let missing = browser
        .write(Method::POST, missing, "dev", json!({ "to": first }))
        .await;
    problem(&missing, 404, "not-found");
}

#[tokio::test]
async fn tags_are_removed_by_list_and_by_rules() {
    let world = World::start(Version::V4).await;
    let mut digests = Vec::new();
    for number in 1..=6 {
        // The token of the user lasts for a day.
        world.advance(chrono::TimeDelta::hours(1));
        digests.push(push_numbered(&world, "team-a/app", &format!("v{number}"), number).digest);
    }
    let mut browser = world.browser();
    let path = "/images/team-a/app/remove-tags";
    let rules = json!({ "rules": { "keep": 4 }, "dry_run": true });
    let planned = done(&browser.write(Method::POST, path, "dev", rules).await, 200);
    let removed = json!([
        { "tag": "v1", "old_digest": digests[0] },
        { "tag": "v2", "old_digest": digests[1] },
    ]);
    assert_eq!(
        (&planned["dry_run"], &planned["removed"]),
        (&true.into(), &removed)
    );
    assert_eq!(
        browser
            .json_with_token("/images/team-a/app:v1", "TOKEN-dev")
            .await
            .status,
        200
    );
    let rules = json!({ "rules": { "keep": 4 } });
    let made = done(&browser.write(Method::POST, path, "dev", rules).await, 200);
    assert_eq!(made["removed"], removed);
    let body = json!({ "tags": [
        { "tag": "v3", "expected_digest": digests[2] },
        { "tag": "v4", "expected_digest": digests[2] },
        { "tag": "nothing" },
    ] });
    let mixed = done(&browser.write(Method::POST, path, "dev", body).await, 200);
    assert_eq!(
        mixed["removed"],
        json!([{ "tag": "v3", "old_digest": digests[2] }])
    );
    assert_eq!(
        (&mixed["missing"], &mixed["refused"][0]["kind"]),
        (&json!(["nothing"]), &"stale".into())
    );
    for (body, pointer) in [
        (json!({}), "/tags"),
        (json!({ "rules": {} }), "/rules"),
        (json!({ "rules": { "keep": 0 } }), "/rules/keep"),
        (json!({ "tags": [{ "tag": "-x" }] }), "/tags/0/tag"),
    ] {
        let refused = browser.write(Method::POST, path, "dev", body).await;
        assert_eq!(
            problem(&refused, 422, "invalid-value")["errors"][0]["pointer"],
            pointer
        );
    }
}

#[tokio::test]
async fn removal_of_many_tags_is_a_job() {
    let world = World::start(Version::V4).await;
    let names: Vec<String> = (0..60).map(|number| format!("b-{number:02}")).collect();
    for name in &names {
        push_numbered(&world, "team-a/builds", name, 1);
    }
    let tags: Vec<Value> = names.iter().map(|name| json!({ "tag": name })).collect();
    let mut browser = world.browser();
    let path = "/images/team-a/builds/remove-tags";
    let body = json!({ "tags": tags });
    let started = browser.write(Method::POST, path, "dev", body).await;
    let answer = done(&started, 202);
    assert_eq!(
        (&answer["total"], &answer["job"]),
        (&60.into(), &started.header("location").into())
    );
    let job = answer["job"]
        .as_str()
        .unwrap()
        .strip_prefix("/api/v1")
        .unwrap()
        .to_owned();
    let id = answer["id"].as_str().unwrap();
    assert!(job.starts_with(&format!("/jobs/{id}")), "{job}");
    world
        .until("the job has ended", async || {
            let job = world
                .browser()
                .json_with_token(&job, "TOKEN-dev")
                .await
                .json();
            job["has_ended"] == true
        })
        .await;
    let ended = browser.json_with_token(&job, "TOKEN-dev").await.json();
    assert_eq!(
        (&ended["done"], &ended["failed"], &ended["stopped"]),
        (&60.into(), &0.into(), &Value::Null)
    );
    let of_another = browser.json_with_token(&job, "TOKEN-root").await;
    assert_eq!(of_another.status, 404);
}

#[rstest]
#[tokio::test]
async fn image_of_another_registry_is_imported(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, digest) = world_with_external_registry(version).await;
    let mut browser = world.browser();
    let body = json!({ "external_image": "registry.example.com/team/app:1.0", "scheduled": true });
    let made = done(&put(&mut browser, TAG, body).await, 201);
    assert_eq!(made["new_digest"], digest.to_string());
    assert_eq!(
        (&made["imports"][0]["tag"], &made["imports"][0]["imported"]),
        (&"v9".into(), &true.into())
    );
    let failing = "/images/team-a/api:v10";
    let body = json!({ "external_image": "registry.example.com/team/app:9" });
    let failing = done(&put(&mut browser, failing, body).await, 201);
    assert_eq!(failing["imports"][0]["imported"], false);
    assert!(failing["imports"][0]["reason"].is_string(), "{failing:#}");
    let one = format!("{TAG}/import");
    let again = done(
        &browser.write(Method::POST, &one, "dev", Value::Null).await,
        200,
    );
    assert_eq!(
        (&again["imported"], &again["failed"]),
        (&1.into(), &0.into())
    );
    let both = "/images/team-a/api/import";
    let body = json!({ "tags": ["v9", "v10"] });
    let both = done(&browser.write(Method::POST, both, "dev", body).await, 200);
    assert_eq!((&both["imported"], &both["failed"]), (&1.into(), &1.into()));
    let pushed = "/images/team-a/api:latest/import";
    let none = browser
        .write(Method::POST, pushed, "dev", Value::Null)
        .await;
    problem(&none, 404, "not-there");
}
