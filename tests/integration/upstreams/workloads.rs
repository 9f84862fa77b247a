//! How the recorded lists of workloads are read, and how API versions are found.

use chrono::{DateTime, TimeDelta};
use registry_console::openshift::{ApiError, ApiServer};
use registry_console::outbound::{UpstreamName, UserToken};
use registry_model::{Clock, ImagePart, Workload, WorkloadKind, WorkloadPhase};
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::canned_server::{CannedResponse, CannedServer};

fn recorded(file: &str) -> Value {
    let path = format!("{}/tests/contract/{file}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn body(file: &str) -> CannedResponse {
    CannedResponse::json(200, &recorded(file)["response"]["body"])
}

/// The workloads of `shop-w`, from an API server that has the recorded API groups and the list at
/// the recorded path only.
async fn list(version: &str, kind: WorkloadKind) -> Vec<Workload> {
    let file = format!("{version}/{}-project", kind.resource());
    let path = recorded(&file)["request"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let stub = CannedServer::start().await;
    stub.set_response("/apis", body(&format!("{version}/api-groups")));
    stub.set_response(format!("{path}?limit=500"), body(&file));
    let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer));
    let token = UserToken::from("TOKEN-dev");
    let listed = api_server
        .for_user(&token)
        .list_workloads(kind, Some(&"shop-w".parse().unwrap()))
        .await
        .unwrap();
    assert_eq!(listed.unreadable_count, 0, "{file}");
    listed.workloads
}

/// Each workload with what it names: as `oc` writes it, and by the first digits of digests.
fn summary(workload: &Workload) -> String {
    let short = |text: String| match text.rsplit_once("@sha256:") {
        Some((name, digits)) => format!("{}@{}", name.rsplit('/').next().unwrap(), &digits[..2]),
        None => text.rsplit('/').next().unwrap().to_owned(),
    };
    let images = workload.images.iter().map(|image| {
        let part = match &image.part {
            ImagePart::InitContainer(name) => format!("init {name}"),
            ImagePart::Container(name) => name.to_string(),
            other => format!("{other:?}"),
        };
        let reference = image.reference.as_ref().map_or_else(
            || "nothing".to_owned(),
            |reference| short(reference.to_string()),
        );
        let running = image.running.as_ref();
        let running = running.map_or_else(String::new, |running| {
            format!(" runs {}", short(running.to_string()))
        });
        format!("{part}={reference}{running}")
    });
    let triggers = workload
        .triggers
        .iter()
        .map(|trigger| format!("on {}", short(trigger.reference.to_string())));
    let facts: Vec<String> = images.chain(triggers).collect();
    let owner = workload
        .owner
        .as_ref()
        .map_or_else(String::new, |owner| format!(" of {owner}"));
    format!("{}{owner}: {}", workload.id, facts.join(", "))
}

#[rstest]
#[case("openshift-3.9", WorkloadKind::DeploymentConfig, &["dc/api: api=api@44, on api:1.0"])]
#[case("openshift-3.9", WorkloadKind::Deployment,
    &["deployment/worker: init migrate=api@49, api=api@44, on api:1.0"])]
#[case("openshift-3.9", WorkloadKind::ReplicaSet, &[
    "replicaset/worker-7f6b7fc58f of deployment/worker: init migrate=api@49, api=api@44",
    "replicaset/worker-f4b454c74 of deployment/worker: init migrate=api@49, api=api:1.0",
])]
#[case("openshift-3.9", WorkloadKind::ReplicationController, &["rc/api-1 of dc/api: api=api@44"])]
#[case("openshift-3.9", WorkloadKind::Pod, &[
    "pod/api-1-deploy of rc/api-1: deployment=origin-deployer:v3.9.0",
    "pod/migrate-k59ps of job/migrate: migrate=api:1.2",
    "pod/run-crio: api=api:1.0 runs api@44",
    "pod/run-docker: api=api:1.0 runs api@44",
    "pod/store-0 of statefulset/store: db=api@44",
    "pod/worker-7f6b7fc58f-p82zc of replicaset/worker-7f6b7fc58f: init migrate=api@49, api=api@44",
    "pod/worker-f4b454c74-gmzrf of replicaset/worker-f4b454c74: init migrate=api@49, api=api:1.0",
    "pod/worker-f4b454c74-l9klg of replicaset/worker-f4b454c74: init migrate=api@49, api=api:1.0",
])]
#[case("openshift-3.9", WorkloadKind::StatefulSet, &["statefulset/store: db=api@44"])]
#[case("openshift-3.9", WorkloadKind::DaemonSet, &["daemonset/agent: agent=api:1.2"])]
#[case("openshift-3.9", WorkloadKind::Job, &["job/migrate: migrate=api:1.2"])]
#[case("openshift-3.9", WorkloadKind::CronJob, &["cronjob/nightly: report=api:1.2"])]
#[case("openshift-3.9", WorkloadKind::BuildConfig, &[
    "bc/base: BuildFrom=api@44, BuildOutput=base:latest",
    "bc/site: BuildFrom=api:1.0, BuildSource=api:1.2, BuildOutput=site:latest, on api:1.0",
])]
#[case("openshift-3.9", WorkloadKind::Build,
    &["build/site-1 of bc/site: BuildFrom=api@44, BuildSource=api@49, BuildOutput=site:latest"])]
#[tokio::test]
async fn recorded_workloads_name_their_images(
    #[case] version: &str,
    #[case] kind: WorkloadKind,
    #[case] expected: &[&str],
) {
    let found: Vec<String> = list(version, kind).await.iter().map(summary).collect();
    assert_eq!(found, expected);
}

/// Versions differ in API groups and in fields that are not read, so that all lists have the same
/// form.
#[rstest]
#[tokio::test]
async fn recorded_workloads_of_all_kinds_are_read(
    #[values("openshift-3.9", "openshift-4")] version: &str,
) {
    for kind in WorkloadKind::ALL {
        let file = format!("{version}/{}-project", kind.resource());
        let items = &recorded(&file)["response"]["body"]["items"];
        let found = list(version, kind).await;
        assert_eq!(found.len(), items.as_array().unwrap().len(), "{file}");
        for workload in &found {
            assert_eq!(workload.id.kind, kind);
            assert_ne!(workload.phase, WorkloadPhase::Ended, "{:?}", workload.id);
            assert!(!workload.images.is_empty(), "{:?}", workload.id);
            assert!(workload.created.is_some(), "{:?}", workload.id);
        }
    }
}

#[rstest]
#[tokio::test]
async fn recorded_refusals_are_forbidden(#[values("openshift-3.9", "openshift-4")] version: &str) {
    for kind in WorkloadKind::ALL {
        let recording = recorded(&format!("{version}/{}-project-forbidden", kind.resource()));
        let path = recording["request"]["path"].as_str().unwrap();
        let stub = CannedServer::start().await;
        stub.set_response("/apis", body(&format!("{version}/api-groups")));
        let response = CannedResponse::json(403, &recording["response"]["body"]);
        stub.set_response(format!("{path}?limit=500"), response);
        let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer));
        let token = UserToken::from("TOKEN-outsider");
        let project = "shop-w".parse().unwrap();
        let listed = api_server
            .for_user(&token)
            .list_workloads(kind, Some(&project))
            .await;
        assert!(
            matches!(listed, Err(ApiError::Forbidden(_))),
            "{path}: {listed:?}"
        );
    }
}

fn groups(groups: &[(&str, &[&str])]) -> CannedResponse {
    let groups: Vec<Value> = groups
        .iter()
        .map(|(name, versions)| {
            let versions: Vec<Value> = versions
                .iter()
                .map(|version| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
                .collect();
            json!({"name": name, "versions": versions})
        })
        .collect();
    CannedResponse::json(200, &json!({"kind": "APIGroupList", "groups": groups}))
}

/// The paths that were requested, without those of API groups.
fn paths(stub: &CannedServer) -> Vec<String> {
    let received = stub.received().into_iter();
    received
        .map(|request| request.path_and_query)
        .filter(|path| path != "/apis")
        .collect()
}

#[tokio::test]
async fn each_kind_is_listed_in_the_version_that_the_api_server_has() {
    let stub = CannedServer::start().await;
    stub.set_response(
        "/apis",
        groups(&[
            ("extensions", &["v1beta1"]),
            ("apps", &["v1beta1"]),
            ("batch", &["v1", "v2alpha1"]),
            ("apps.openshift.io", &["v1"]),
        ]),
    );
    let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer));
    let token = UserToken::from("TOKEN-dev");
    let user = api_server.for_user(&token);
    for (kind, path) in [
        (WorkloadKind::Pod, "/api/v1/pods"),
        (WorkloadKind::Deployment, "/apis/apps/v1beta1/deployments"),
        (WorkloadKind::StatefulSet, "/apis/apps/v1beta1/statefulsets"),
        (
            WorkloadKind::ReplicaSet,
            "/apis/extensions/v1beta1/replicasets",
        ),
        (
            WorkloadKind::DaemonSet,
            "/apis/extensions/v1beta1/daemonsets",
        ),
        (WorkloadKind::CronJob, "/apis/batch/v2alpha1/cronjobs"),
        (WorkloadKind::Job, "/apis/batch/v1/jobs"),
        (
            WorkloadKind::DeploymentConfig,
            "/apis/apps.openshift.io/v1/deploymentconfigs",
        ),
    ] {
        let path = format!("{path}?limit=500");
        stub.set_response(&path, CannedResponse::json(200, &json!({"items": []})));
        user.list_workloads(kind, None).await.unwrap();
        let last = stub.requests().pop().map(|request| request.path_and_query);
        assert_eq!(last, Some(path));
    }
    let builds = user.list_workloads(WorkloadKind::Build, None).await;
    assert!(matches!(builds, Err(ApiError::NotServed)), "{builds:?}");
    let detections = stub
        .received()
        .iter()
        .filter(|request| request.path_and_query == "/apis")
        .count();
    assert_eq!(detections, 1);
}

#[tokio::test]
async fn api_groups_are_read_again_when_a_version_is_gone() {
    let stub = CannedServer::start().await;
    stub.set_response("/apis", groups(&[("apps", &["v1beta2"])]));
    stub.set_response(
        "/apis/apps/v1beta2/deployments?limit=500",
        CannedResponse::json(200, &json!({"items": []})),
    );
    let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer));
    let token = UserToken::from("TOKEN-dev");
    let user = api_server.for_user(&token);
    user.list_workloads(WorkloadKind::Deployment, None)
        .await
        .unwrap();
    let gone = CannedResponse::new(404, "text/plain", "404 page not found\n");
    stub.set_response("/apis/apps/v1beta2/deployments?limit=500", gone);
    stub.set_response("/apis", groups(&[("apps", &["v1"])]));
    stub.set_response(
        "/apis/apps/v1/deployments?limit=500",
        CannedResponse::json(200, &json!({"items": []})),
    );
    user.list_workloads(WorkloadKind::Deployment, None)
        .await
        .unwrap();
    assert_eq!(
        paths(&stub),
        [
            "/apis/apps/v1beta2/deployments?limit=500",
            "/apis/apps/v1beta2/deployments?limit=500",
            "/apis/apps/v1/deployments?limit=500",
        ]
    );
}

#[tokio::test]
async fn api_group_that_appears_later_is_found_within_a_minute() {
    let stub = CannedServer::start().await;
    stub.set_response("/apis", groups(&[("apps", &["v1"])]));
    let clock = Clock::fixed_at(DateTime::UNIX_EPOCH);
    let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer)).with_clock(&clock);
    let token = UserToken::from("TOKEN-dev");
    let builds = async || {
        let user = api_server.for_user(&token);
        user.list_workloads(WorkloadKind::Build, None).await
    };
    assert!(matches!(builds().await, Err(ApiError::NotServed)));
    stub.set_response("/apis", groups(&[("build.openshift.io", &["v1"])]));
    stub.set_response(
        "/apis/build.openshift.io/v1/builds?limit=500",
        CannedResponse::json(200, &json!({"items": []})),
    );
    clock.advance(TimeDelta::seconds(59));
    assert!(matches!(builds().await, Err(ApiError::NotServed)));
    clock.advance(TimeDelta::seconds(1));
    builds().await.unwrap();
}

#[tokio::test]
async fn malformed_workload_is_counted_and_does_not_lose_the_others() {
    let stub = CannedServer::start().await;
    stub.set_response("/apis", groups(&[("apps", &["v1"])]));
    let sound = |name: &str| json!({"metadata": {"name": name, "namespace": "shop"}});
    let first = json!({
        "metadata": {"continue": "next&page"},
        "items": [
            sound("a"),
            {"metadata": {"name": "<b>", "namespace": "shop"}},
            {"metadata": {"name": "b", "namespace": "other"}},
            {"metadata": {"name": "b", "namespace": "shop"}, "spec": {"containers": 7}},
            "text",
        ],
    });
    let path = "/api/v1/namespaces/shop/pods?limit=500";
    stub.set_response(path, CannedResponse::json(200, &first));
    stub.set_response(
        format!("{path}&continue=next%26page"),
        CannedResponse::json(200, &json!({"items": [sound("z")]})),
    );
    let api_server = ApiServer::new(stub.upstream(UpstreamName::ApiServer));
    let token = UserToken::from("TOKEN-dev");
    let listed = api_server
        .for_user(&token)
        .list_workloads(WorkloadKind::Pod, Some(&"shop".parse().unwrap()))
        .await
        .unwrap();
    let names: Vec<&str> = listed
        .workloads
        .iter()
        .map(|found| found.id.name.as_str())
        .collect();
    assert_eq!((names, listed.unreadable_count), (vec!["a", "z"], 4));
}
