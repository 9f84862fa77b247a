//! Role bindings under several hands, of several masters, and of people who may not give what they
//! do not have.

use bytes::Bytes;
use futures_util::future::join_all;
use openshift_standin::cluster::{Rule, Version};
use openshift_standin::faults::{Endpoint, Fault};
use registry_model::Subject;
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::seeded_standin::VERSIONS;
use crate::harness::{Browser, Page, World, post};

const MEMBERS: &str = "/projects/team-a/members";
const ACCESS: &str = "/projects/team-a/access";
const REMOVE: &str = "/projects/team-a/members/remove";

async fn add(browser: &mut Browser, name: &str, role: &str) -> Page {
    post(
        browser,
        MEMBERS,
        &[
            ("do", "add"),
            ("kind", "user"),
            ("name", name),
            ("role", role),
        ],
    )
    .await
}

async fn remove(browser: &mut Browser, name: &str, role: &str) -> Page {
    post(
        browser,
        REMOVE,
        &[("kind", "user"), ("name", name), ("role", role)],
    )
    .await
}

/// The bindings of team-a, as one API group of the API server lists them.
async fn bindings(world: &World, group: &str) -> Vec<Value> {
    let url = format!(
        "{}/apis/{group}/v1/namespaces/team-a/rolebindings",
        world.demo.urls().api_server
    );
    let client = crate::harness::seeded_standin::http_client(world.demo.ca_pem());
    let response = client
        .get(url)
        .bearer_auth("TOKEN-root")
        .send()
        .await
        .unwrap();
    let list: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    list["items"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| panic!("{list}"))
}

async fn binding(world: &World, name: &str) -> Option<Value> {
    bindings(world, "authorization.openshift.io")
        .await
        .into_iter()
        .find(|binding| binding["metadata"]["name"] == name)
}

fn conflict() -> Bytes {
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Conflict", "code": 409,
        "message": "the object has been modified; please apply your changes to the latest version and try again"});
    Bytes::from(status.to_string())
}

fn not_found() -> Bytes {
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
        "message": "rolebindings \"registry-viewer\" not found", "details": {"name": "registry-viewer"}});
    Bytes::from(status.to_string())
}

#[tokio::test]
async fn legacy_bindings_are_changed_through_the_legacy_api() {
    let world = World::start(Version::V3_9).await;
    world.demo.cluster().remove_rbac_group();
    let mut dev = world.signed_in("dev").await;
    assert_eq!(add(&mut dev, "ann", "registry-viewer").await.status, 303);
    let viewers = binding(&world, "registry-viewer").await.unwrap();
    assert_eq!(
        (&viewers["userNames"], &viewers["groupNames"]),
        (&json!(["viewer", "ann"]), &Value::Null)
    );
    assert_eq!(
        remove(&mut dev, "viewer", "registry-viewer").await.status,
        303
    );
    let viewers = binding(&world, "registry-viewer").await.unwrap();
    assert_eq!(
        (&viewers["userNames"], &viewers["subjects"]),
        (&json!(["ann"]), &json!([{"kind": "User", "name": "ann"}]))
    );
    world.clear_requests();
    dev.get(ACCESS).await;
    let requests = world.requests();
    assert!(
        requests
            .iter()
            .all(|request| !request.path.contains("rbac.authorization")),
        "once known, the missing group is left alone: {requests:?}"
    );

    assert_eq!(add(&mut dev, "viewer", "registry-viewer").await.status, 303);
    let mut viewer = world.signed_in("viewer").await;
    let page = add(&mut viewer, "viewer", "registry-admin").await;
    assert_eq!(
        (page.status, page.select("[role=alert]").len()),
        (403, 1),
        "{}",
        page.text
    );
}

#[rstest]
#[tokio::test]
async fn emptied_binding_is_deleted_with_a_precondition(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    assert_eq!(
        remove(&mut dev, "viewer", "registry-viewer").await.status,
        303
    );
    let left = binding(&world, "registry-viewer").await;
    // Before OpenShift 4 an API server deletes whatever the binding has become by then.
    assert_eq!(left.is_some(), version == Version::V3_9, "{left:?}");
    assert_eq!(add(&mut dev, "viewer", "registry-viewer").await.status, 303);
    assert_eq!(
        binding(&world, "registry-viewer").await.unwrap()["userNames"],
        json!(["viewer"])
    );
}

#[tokio::test]
async fn concurrent_binding_changes_lose_no_member() {
    for older in [None, Some(false), Some(true)] {
        let world = World::start(VERSIONS[usize::from(older.is_none())]).await;
        if older == Some(true) {
            world.demo.cluster().remove_rbac_group();
        }
        let mut browsers = [
            world.signed_in("dev").await,
            world.signed_in("root").await,
            world.signed_in("dev").await,
        ];
        for round in 0..5 {
            for name in [format!("{round}-0"), format!("{round}-1")] {
                world.demo.cluster().add_user(&name, &name, &[]);
            }
            let last = format!("{}-0", round - 1);
            // One of them takes away who came in the round before: the binding may be empty in
            // between.
            let work = browsers
                .iter_mut()
                .enumerate()
                .map(async |(number, browser)| {
                    let page = if number == 0 && round > 0 {
                        remove(browser, &last, "registry-editor").await
                    } else {
                        add(
                            browser,
                            &format!("{round}-{}", number % 2),
                            "registry-editor",
                        )
                        .await
                    };
                    assert_eq!(page.status, 303, "{}", page.text);
                });
            join_all(work).await;
        }
        let users = binding(&world, "registry-editor").await.unwrap()["userNames"].clone();
        let users: Vec<&str> = users
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user.as_str().unwrap())
            .collect();
        for round in 0..5 {
            assert!(
                users.contains(&format!("{round}-1").as_str()),
                "{round}: {users:?}"
            );
        }
    }
}

#[tokio::test]
async fn repeated_conflicts_are_reported_without_a_write() {
    for (language, title) in [
        ("en", "Someone else changed this first"),
        ("zh-CN", "其他用户已先行更改"),
    ] {
        let world = World::start(Version::V4).await;
        let mut dev = world.signed_in("dev").await;
        dev.set_cookie("__Host-language", language);
        let csrf = dev.csrf().await;
        world.fail(
            Endpoint::ApiServer,
            Fault::FailNext(usize::MAX, Method::PUT, StatusCode::CONFLICT, conflict()),
        );
        world.clear_requests();
        let fields = [
            ("csrf", csrf.as_str()),
            ("do", "add"),
            ("kind", "user"),
            ("name", "ann"),
            ("role", "registry-viewer"),
        ];
        let page = dev.post_form(MEMBERS, &fields).await;
        assert_eq!(
            (
                page.status,
                page.text_of("[role=alert] .pf-v6-c-alert__title").as_str()
            ),
            (409, title)
        );
        assert_eq!(
            page.attribute("#f-name", "value"),
            "ann",
            "what was typed stays"
        );
        assert_eq!(
            world
                .requests()
                .iter()
                .filter(|request| request.method == Method::PUT)
                .count(),
            5
        );
        let viewers = binding(&world, "registry-viewer").await.unwrap();
        assert_eq!(viewers["userNames"], json!(["viewer"]));

        for answer in [
            (StatusCode::CONFLICT, conflict()),
            (StatusCode::NOT_FOUND, not_found()),
        ] {
            world.fail(
                Endpoint::ApiServer,
                Fault::FailNext(4, Method::PUT, answer.0, answer.1),
            );
            let name = format!("late-{}", answer.0.as_u16());
            assert_eq!(
                add(&mut dev, &name, "registry-viewer").await.status,
                303,
                "the fifth time counts"
            );
            let viewers = binding(&world, "registry-viewer").await.unwrap();
            assert!(
                viewers["userNames"]
                    .as_array()
                    .unwrap()
                    .contains(&json!(name)),
                "{viewers}"
            );
        }
    }
}

#[rstest]
#[tokio::test]
async fn privilege_escalation_is_denied_with_the_missing_rights(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let rule = Rule {
        groups: &["rbac.authorization.k8s.io", "authorization.openshift.io"],
        resources: &["rolebindings"],
        verbs: &["get", "list", "create", "update", "delete"],
        names: &[],
        only_on_4: false,
    };
    world.demo.cluster().bind_project_role(
        &"team-a".parse().unwrap(),
        "keeper",
        rule,
        &[Subject::user("viewer")],
    );
    let mut viewer = world.signed_in("viewer").await;
    viewer.set_cookie("__Host-language", "zh-CN");
    assert!(
        !viewer.get(ACCESS).await.select("#f-name").is_empty(),
        "may change bindings, and is offered it"
    );
    let page = add(&mut viewer, "ann", "registry-admin").await;
    assert_eq!(page.status, 403);
    assert_eq!(
        page.text_of("[role=alert] .pf-v6-c-alert__title"),
        "您没有执行此操作的权限"
    );
    let text = page.text_of(".rc-form__detail q");
    let words = if version == Version::V3_9 {
        "attempt to grant extra privileges"
    } else {
        "RBAC permissions not currently held"
    };
    assert!(text.contains(words), "{text}");
    assert!(binding(&world, "registry-admin").await.is_none());
    assert_eq!(
        add(&mut viewer, "ann", "registry-viewer").await.status,
        303,
        "their own role they may give"
    );
}

/// A new binding that is not found lacks its project: another try would find it no sooner (recorded
/// in `post-rolebindings-404-1`).
#[rstest]
#[tokio::test]
async fn role_in_missing_project_is_not_retried(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    let csrf = root.csrf().await;
    world.clear_requests();
    let fields = [
        ("csrf", csrf.as_str()),
        ("do", "add"),
        ("kind", "user"),
        ("name", "outsider"),
        ("role", "registry-viewer"),
    ];
    assert_eq!(
        root.post_form("/projects/nowhere/members", &fields)
            .await
            .status,
        404
    );
    let writes = world
        .requests()
        .into_iter()
        .filter(|request| request.path.contains("/rolebindings") && request.method != "GET")
        .count();
    assert_eq!(writes, 1);
}
