//! What uses an image, answered from the workloads of the index.

use bytes::Bytes;
use chrono::TimeDelta;
use http::StatusCode;
use openshift_standin::cluster::{ApiOutage, Version, Workload, WorkloadKind};
use openshift_standin::faults::Fault;
use registry_model::{Subject, SubjectKind};
use reqwest::Method;
use rstest::rstest;
use serde_json::Value;

use super::{add_workloads, by_digest, pull_spec};
use crate::harness::World;

const USED_BY: &str = "/images/team-a/api/used-by";

/// A world with the workloads of [`add_workloads`], which are in the index.
async fn indexed_world(version: Version) -> World {
    let world = World::builder(version).workload_index().start().await;
    add_workloads(&world);
    world
        .until("the index has the workloads", async || {
            workloads(&world, "root").await.len() == 5
        })
        .await;
    world.clear_requests();
    world
}

/// The workloads that a user finds, as `project/kind/name`.
async fn workloads(world: &World, user: &str) -> Vec<String> {
    let json = world.json(USED_BY, user).await;
    let projects = json["projects"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    projects
        .flat_map(|project| {
            let workloads = project["workloads"].as_array().unwrap().iter();
            workloads.map(move |used| {
                let id = &used["workload"];
                let parts = [&project["project"], &id["kind"], &id["name"]];
                parts.map(text).join("/")
            })
        })
        .collect()
}

/// Waits until a user finds so many workloads.
async fn wait_for_workloads(world: &World, user: &str, expected: &[&str]) {
    let what = format!("{user} finds {expected:?}");
    let found = async || workloads(world, user).await == expected;
    world.until(&what, found).await;
}

/// The lists of workloads that were read with a user's token.
fn lists_of(world: &World, user: &str) -> Vec<String> {
    let requests = world.requests_as(user).into_iter();
    requests
        .filter(|request| {
            let list = request.split('?').next().unwrap_or_default();
            request.starts_with("GET")
                && registry_model::WorkloadKind::ALL
                    .iter()
                    .any(|kind| list.ends_with(&format!("/{}", kind.resource())))
        })
        .collect()
}

fn user(name: &str) -> Subject {
    Subject {
        kind: SubjectKind::User,
        name: name.to_owned(),
        project: None,
    }
}

#[rstest]
#[tokio::test]
async fn pages_need_no_lists_of_workloads(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = indexed_world(version).await;
    let expected = [
        "team-a/DeploymentConfig/web",
        "team-a/Deployment/worker",
        "team-a/CronJob/nightly",
        "team-a/BuildConfig/site",
        "team-b/StatefulSet/ledger",
    ];
    for user in ["root", "dev"] {
        assert_eq!(workloads(&world, user).await, expected, "{user}");
        let page = world.json("/projects/team-a/workloads", user).await;
        assert_eq!(page["rows"].as_array().unwrap().len(), 4, "{page:#}");
        assert_eq!(lists_of(&world, user), [""; 0], "{user}");
    }
    let scope = &world.json(USED_BY, "dev").await["scope"];
    assert_eq!(scope["missing"], serde_json::json!([]), "{scope}");
    assert_eq!(scope["not_allowed"], 0, "{scope}");
}

/// As without an index.
#[rstest]
#[tokio::test]
async fn user_without_the_right_to_list_pods_never_sees_them(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = indexed_world(version).await;
    let mut viewer = world.signed_in("viewer").await;
    for path in [
        USED_BY,
        "/images/team-a/api",
        "/images/team-a/api:latest",
        "/projects/team-a/workloads",
    ] {
        let page = viewer.get(path).await;
        let text = page.text_of("main");
        assert!(
            text.contains("You don't have permission to list"),
            "{path}: {text}"
        );
        let json = viewer.json(path).await.text;
        for name in ["nightly", "ledger"] {
            assert!(!page.text.contains(name), "{path} in HTML: {name}");
            assert!(!json.contains(name), "{path} in JSON: {name}");
        }
    }
    let scope = &world.json(USED_BY, "viewer").await["scope"];
    assert!(scope["not_allowed"].as_u64() > Some(0), "{scope}");
}

/// The index has all kinds; the user may list some.
#[tokio::test]
async fn kinds_that_a_user_may_not_list_are_named() {
    let world = indexed_world(Version::V4).await;
    // It may list replication controllers, and nothing else.
    let team = "team-a".parse().unwrap();
    world
        .demo
        .cluster()
        .bind(Some(&team), "system:deployer", &[user("viewer")]);
    let json = world.json(USED_BY, "viewer").await;
    let text = json.to_string();
    assert!(
        !text.contains("nightly") && !text.contains("worker"),
        "{json:#}"
    );
    let missing = json["scope"]["missing"].as_array().unwrap();
    let kinds = missing
        .iter()
        .find(|missing| missing["project"] == "team-a")
        .unwrap()["kinds"]
        .as_array()
        .unwrap();
    assert_eq!(kinds.len(), registry_model::WorkloadKind::ALL.len() - 1);
    assert!(
        !kinds.contains(&"ReplicationController".into()),
        "{kinds:?}"
    );
}

#[tokio::test]
async fn right_that_was_taken_away_is_honored_within_a_minute() {
    let world = indexed_world(Version::V4).await;
    let team = "team-a".parse().unwrap();
    world
        .demo
        .cluster()
        .bind(Some(&team), "view", &[user("viewer")]);
    assert_eq!(workloads(&world, "viewer").await.len(), 4);
    let binding = "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings/view";
    world.request_as_root(Method::DELETE, binding, None).await;
    world.advance(TimeDelta::seconds(60));
    assert_eq!(workloads(&world, "viewer").await, [""; 0]);
    let scope = &world.json(USED_BY, "viewer").await["scope"];
    assert!(scope["not_allowed"].as_u64() > Some(0), "{scope}");
}

#[tokio::test]
async fn access_reviews_of_a_user_are_asked_once_a_minute() {
    let world = indexed_world(Version::V4).await;
    let reviews = || {
        let requests = world.requests_as("dev").into_iter();
        let reviews = requests.filter(|request| request.contains("selfsubjectaccessreviews"));
        reviews.count()
    };
    workloads(&world, "dev").await;
    let first = reviews();
    let kinds = registry_model::WorkloadKind::ALL.len();
    assert!(first >= 4 * kinds, "each kind of each project: {first}");
    workloads(&world, "dev").await;
    assert_eq!(reviews(), first);
    world.advance(TimeDelta::seconds(61));
    workloads(&world, "dev").await;
    assert!(reviews() >= first + 4 * kinds, "{}", reviews());
}

#[rstest]
#[tokio::test]
async fn changes_of_workloads_appear(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::builder(version).workload_index().start().await;
    let cluster = world.demo.cluster();
    let image = pull_spec(&world, "team-a/api:latest");
    let web = |image: &str| {
        Workload::new(WorkloadKind::Deployment, "team-a", "web").container("app", image)
    };
    assert_eq!(workloads(&world, "dev").await, [""; 0]);
    cluster.add_workload(
        Workload::new(WorkloadKind::Pod, "team-a", "lone")
            .container("app", &by_digest(&world, "team-a/api:latest")),
    );
    wait_for_workloads(&world, "dev", &["team-a/Pod/lone"]).await;
    cluster.add_workload(web(&image).replicas(2));
    wait_for_workloads(&world, "dev", &["team-a/Deployment/web", "team-a/Pod/lone"]).await;
    cluster.remove_workload(WorkloadKind::Pod, "team-a", "lone");
    wait_for_workloads(&world, "dev", &["team-a/Deployment/web"]).await;
    // Of the same name, with another image.
    cluster.remove_workload(WorkloadKind::Deployment, "team-a", "web");
    cluster.add_workload(web("quay.io/x/exporter:1"));
    wait_for_workloads(&world, "dev", &[]).await;
    assert_eq!(lists_of(&world, "dev"), [""; 0]);
}

/// The watch of pods is lost and cannot be opened again: pods are read with the user's token.
#[tokio::test]
async fn kind_that_is_not_up_to_date_is_read_with_the_users_token() {
    let world = indexed_world(Version::V4).await;
    let refused = Fault::Status(
        StatusCode::SERVICE_UNAVAILABLE,
        Bytes::from_static(b"later"),
        "text/plain",
    );
    // The path of all pods of the cluster, which only the index asks for here.
    world.demo.faults().set_for_path("/v1/pods", refused);
    world.demo.cluster().set_outage(ApiOutage::Down(&[""]));
    world
        .until("the index has lost the pods", async || {
            let problems = index_problems(&world).await;
            problems.iter().any(|problem| problem.contains("pods"))
        })
        .await;
    world.demo.cluster().set_outage(ApiOutage::None);
    let image = by_digest(&world, "team-a/api:latest");
    let lone = Workload::new(WorkloadKind::Pod, "team-a", "lone").container("app", &image);
    world.demo.cluster().add_workload(lone);
    world.advance(TimeDelta::seconds(61));
    let found = workloads(&world, "dev").await;
    assert!(found.contains(&"team-a/Pod/lone".to_owned()), "{found:?}");
    assert_eq!(found.len(), 6, "{found:?}");
    let lists = lists_of(&world, "dev");
    assert!(
        lists
            .iter()
            .any(|list| list.contains("/namespaces/team-a/pods?")),
        "{lists:?}"
    );
    assert!(
        !lists.iter().any(|list| list.contains("/deployments?")),
        "these are in memory: {lists:?}"
    );
    let viewer = world.json(USED_BY, "viewer").await.to_string();
    assert!(
        !viewer.contains("lone") && !viewer.contains("nightly"),
        "{viewer}"
    );
}

/// What the doctor says about the workloads of the index.
async fn index_finding(world: &World) -> Value {
    let json = world.json("/doctor", "root").await;
    let findings = json["findings"].as_array().unwrap();
    let found = findings.iter().find(|line| line["id"] == "index-workloads");
    found.cloned().unwrap_or_default()
}

async fn index_problems(world: &World) -> Vec<String> {
    // The page repeats what it has found within half a minute.
    world.advance(TimeDelta::seconds(31));
    let finding = index_finding(world).await;
    let facts = finding["facts"].as_array().into_iter().flatten();
    facts
        .filter(|fact| fact["name"] == "problem")
        .map(|fact| fact["value"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn account_without_the_right_leaves_pages_as_they_were() {
    let world = World::builder(Version::V4)
        .index()
        .settings(|config| config.index.has_workloads = true)
        .start()
        .await;
    add_workloads(&world);
    let refused = async || !index_problems(&world).await.is_empty();
    world.until("the account was refused", refused).await;
    assert_eq!(workloads(&world, "dev").await.len(), 5);
    assert!(!lists_of(&world, "dev").is_empty());
    let finding = index_finding(&world).await;
    assert_eq!(finding["what"], "workloads-not-indexed", "{finding:#}");
    let text = finding.to_string();
    assert!(text.contains("not-allowed: "), "{text}");
    assert!(
        text.contains("oc create clusterrole registry-console-index-workloads"),
        "{text}"
    );
}

#[tokio::test]
async fn kind_that_the_cluster_does_not_have_counts_as_known() {
    let world = World::start(Version::V4).await;
    add_workloads(&world);
    let apps = &["apps.openshift.io"];
    world.demo.cluster().remove_api_group(apps[0]);
    let console = world.replica().loading_index().settings(|config| {
        config.index.has_workloads = true;
    });
    world.demo.allow_workload_index();
    let console = console.start().await;
    let mut browser = console.signed_in("dev").await;
    world
        .until("the index has the workloads", async || {
            world.clear_requests();
            browser.json(USED_BY).await;
            lists_of(&world, "dev").is_empty()
                && world.requests().iter().all(|request| {
                    !(request.path.contains("limit=500") && request.path.contains("/namespaces/"))
                })
        })
        .await;
    let json = browser.json(USED_BY).await.json();
    // The pods of the DeploymentConfig are left.
    assert_eq!(json["workload_count"], 5, "{json:#}");
    assert_eq!(json["scope"]["missing"], serde_json::json!([]), "{json:#}");
}

/// The image streams stay in the index.
#[tokio::test]
async fn workloads_that_need_too_much_memory_are_not_kept() {
    let world = World::builder(Version::V4)
        .workload_index()
        .settings(|config| config.index.max_memory_bytes = 400_000)
        .start()
        .await;
    add_workloads(&world);
    let image = pull_spec(&world, "team-a/api:latest");
    let many = Workload::new(WorkloadKind::Deployment, "team-b", "many").container("app", &image);
    world.demo.cluster().add_workload(many.replicas(2_000));
    world
        .until("the pods do not fit", async || {
            let problems = index_problems(&world).await;
            problems.contains(&"too-large: pods".to_owned())
        })
        .await;
    world.clear_requests();
    assert_eq!(workloads(&world, "dev").await.len(), 6);
    let lists = lists_of(&world, "dev");
    assert!(
        !lists.is_empty() && lists.iter().all(|list| list.contains("/pods?")),
        "{lists:?}"
    );
    let json = world.json("/images", "root").await;
    assert!(json.to_string().contains("team-a"), "{json:#}");
}
