//! Workloads beyond single exchanges: rights, pages, triggers, API groups that are missing, quotas,
//! and watches.

use axum::Router;
use axum::http::StatusCode;
use openshift_standin::api;
use openshift_standin::cluster::{
    BuildConfig, BuildStrategy, Cluster, StoredTagSpec, TagReference, Version, Workload,
    WorkloadKind,
};
use openshift_standin::sample;
use registry_model::{Subject, SubjectKind};
use rstest::rstest;
use serde_json::{Value, json};

use super::recording::exchange;
use super::{get, seed, send};

const PODS: &str = "/api/v1/namespaces/shop-w/pods";
const CONFIGS: &str = "/apis/apps.openshift.io/v1/namespaces/shop-w/deploymentconfigs";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/shop-w/deployments";

/// A cluster whose project `shop-w` has a stream `api` with two tags.
fn with_shop(version: Version) -> (Cluster, Router) {
    let cluster = seed::empty(version);
    seed::seed_users_and_projects(&cluster);
    seed::seed_shop_project(&cluster);
    let router = api::router(cluster.clone());
    (cluster, router)
}

/// The tags of `api`.
fn tags(version: Version) -> [&'static str; 2] {
    match version {
        Version::V3_9 => ["1.0", "1.2"],
        Version::V4 => ["oci", "s2"],
    }
}

fn stream_tag(name: &str) -> TagReference {
    TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: name.to_owned(),
        namespace: None,
    }
}

/// Points the tag `live` of `api` to the image of another tag.
fn set_live(cluster: &Cluster, source: &str) {
    let spec = StoredTagSpec {
        from: Some(stream_tag(&format!("api:{source}"))),
        ..StoredTagSpec::default()
    };
    let (project, stream) = ("shop-w".parse().unwrap(), "api".parse().unwrap());
    cluster.set_spec_tag(&project, &stream, &"live".parse().unwrap(), spec);
}

fn digest(cluster: &Cluster, tag: &str) -> String {
    let (project, stream) = ("shop-w".parse().unwrap(), "api".parse().unwrap());
    cluster
        .tag_digest(&project, &stream, &tag.parse().unwrap())
        .unwrap()
        .to_string()
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap()
}

/// The images by which the pods of a container run, as `imageID` names them.
async fn running(router: &Router, container: &str) -> Vec<String> {
    let pods = get(router, PODS, "dev").await.1;
    let mut ids: Vec<String> = items(&pods)
        .iter()
        .flat_map(|pod| pod["status"]["containerStatuses"].as_array())
        .flatten()
        .filter(|status| status["name"] == container)
        .map(|status| status["imageID"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

#[rstest]
#[tokio::test]
async fn moved_tag_rolls_out_what_follows_it_and_nothing_that_is_paused(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (cluster, router) = with_shop(version);
    let [first, second] = tags(version);
    set_live(&cluster, first);
    let image = format!("{}/shop-w/api:live", cluster.hosts().registry_internal);
    let new = |kind, name: &str| Workload::new(kind, "shop-w", name).container(name, &image);
    cluster.add_workload(
        new(WorkloadKind::DeploymentConfig, "web")
            .trigger("web", "api:live")
            .replicas(2),
    );
    cluster.add_workload(new(WorkloadKind::Deployment, "worker").trigger("worker", "api:live"));
    let paused = new(WorkloadKind::Deployment, "held").trigger("held", "api:live");
    cluster.add_workload(paused.paused());
    let paused = new(WorkloadKind::StatefulSet, "fixed").paused_trigger("fixed", "api:live");
    cluster.add_workload(paused);
    cluster.add_build_config(
        &BuildConfig::new(
            "shop-w",
            "site",
            BuildStrategy::Source,
            stream_tag("api:live"),
        )
        .output(stream_tag("api:built"))
        .trigger(),
    );
    let before = digest(&cluster, first);
    let ends = |ids: &[String], digest: &str| ids.iter().all(|id| id.ends_with(digest));
    assert!(ends(&running(&router, "web").await, &before));

    set_live(&cluster, second);
    let after = digest(&cluster, second);
    assert_ne!(before, after);
    for (container, pods, expected) in [
        ("web", 2, &after),
        ("worker", 1, &after),
        ("held", 1, &before),
        ("fixed", 1, &before),
    ] {
        let ids = running(&router, container).await;
        assert_eq!(ids.len(), pods, "{container}");
        assert!(ends(&ids, expected), "{container}: {ids:?}");
    }
    let config = &get(&router, &format!("{CONFIGS}/web"), "dev").await.1;
    let trigger = &config["spec"]["triggers"][1]["imageChangeParams"];
    let template = &config["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(trigger["lastTriggeredImage"], *template);
    assert!(template.as_str().unwrap().ends_with(&after));
    assert_eq!(config["status"]["latestVersion"], 2);
    assert_eq!(
        config["status"]["details"]["causes"][0]["type"],
        "ImageChange"
    );
    let controllers = get(
        &router,
        "/api/v1/namespaces/shop-w/replicationcontrollers",
        "dev",
    )
    .await
    .1;
    let replicas: Vec<_> = items(&controllers)
        .iter()
        .map(|controller| controller["spec"]["replicas"].as_u64())
        .collect();
    assert_eq!(replicas, [Some(0), Some(2)]);
    let builds = "/apis/build.openshift.io/v1/namespaces/shop-w/builds";
    let builds = get(&router, builds, "dev").await.1;
    let phases: Vec<_> = items(&builds)
        .iter()
        .map(|build| build["status"]["phase"].as_str().unwrap())
        .collect();
    assert_eq!(phases, ["Complete", "Running"]);
    let from = &items(&builds)[1]["spec"]["strategy"]["sourceStrategy"]["from"];
    assert_eq!(from["kind"], "DockerImage");
    assert!(from["name"].as_str().unwrap().ends_with(&after));
}

#[rstest]
#[tokio::test]
async fn roles_of_the_registry_do_not_show_what_runs(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (cluster, router) = with_shop(version);
    let project = "shop-w".parse().unwrap();
    let cron_jobs = match version {
        Version::V3_9 => "/apis/batch/v1beta1/namespaces/shop-w/cronjobs",
        Version::V4 => "/apis/batch/v1/namespaces/shop-w/cronjobs",
    };
    let quotas = "/apis/quota.openshift.io/v1/namespaces/shop-w/appliedclusterresourcequotas";
    for (role, expected) in [
        ("admin", StatusCode::OK),
        ("edit", StatusCode::OK),
        ("view", StatusCode::OK),
        ("registry-admin", StatusCode::FORBIDDEN),
        ("registry-editor", StatusCode::FORBIDDEN),
        ("registry-viewer", StatusCode::FORBIDDEN),
    ] {
        let user = format!("user-{role}");
        cluster.add_user(&user, "secret", &[]);
        cluster.adopt_token(&format!("TOKEN-{user}"), &user);
        let subject = Subject {
            kind: SubjectKind::User,
            name: user.clone(),
            project: None,
        };
        cluster.bind(Some(&project), role, &[subject]);
        for path in [
            PODS,
            CONFIGS,
            DEPLOYMENTS,
            cron_jobs,
            quotas,
            "/api/v1/namespaces/shop-w/replicationcontrollers",
            "/api/v1/namespaces/shop-w/resourcequotas",
            "/api/v1/namespaces/shop-w/limitranges",
            "/apis/apps/v1/namespaces/shop-w/replicasets",
            "/apis/apps/v1/namespaces/shop-w/statefulsets",
            "/apis/apps/v1/namespaces/shop-w/daemonsets",
            "/apis/batch/v1/namespaces/shop-w/jobs",
            "/apis/build.openshift.io/v1/namespaces/shop-w/buildconfigs",
            "/apis/build.openshift.io/v1/namespaces/shop-w/builds",
        ] {
            assert_eq!(get(&router, path, &user).await.0, expected, "{role} {path}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn pages_of_pods_are_complete_and_disjoint(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let cluster = seed::empty(version);
    seed::seed_users_and_projects(&cluster);
    sample::add_pods(&cluster, 40, 1_003);
    let router = api::router(cluster);
    let (mut names, mut after) = (std::collections::BTreeSet::new(), String::new());
    loop {
        let path = format!("/api/v1/pods?limit=200&continue={after}");
        let (status, page) = get(&router, &path, "root").await;
        assert_eq!(status, StatusCode::OK);
        assert!(items(&page).len() <= 200);
        for pod in items(&page) {
            let name = format!(
                "{}/{}",
                pod["metadata"]["namespace"], pod["metadata"]["name"]
            );
            assert!(names.insert(name));
        }
        match page["metadata"]["continue"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    assert_eq!(names.len(), 1_003);
    let project = "/api/v1/namespaces/bench-0/pods?limit=20";
    let page = get(&router, project, "root").await.1;
    assert_eq!(items(&page).len(), 20);
    assert!(page["metadata"]["continue"].is_string());
}

#[rstest]
#[case::older(true, &["v1beta1"], &["v1", "v2alpha1"])]
#[case::current(false, &["v1", "v1beta1", "v1beta2"], &["v1", "v1beta1", "v2alpha1"])]
#[tokio::test]
async fn each_version_of_a_group_serves_its_own_kinds(
    #[case] is_older: bool,
    #[case] apps: &[&str],
    #[case] batch: &[&str],
) {
    let (cluster, router) = with_shop(Version::V3_9);
    if is_older {
        cluster.remove_rbac_group();
    }
    for (group, expected) in [("apps", apps), ("batch", batch)] {
        let group = get(&router, &format!("/apis/{group}"), "dev").await.1;
        let versions: Vec<_> = group["versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|version| version["version"].as_str().unwrap())
            .collect();
        assert_eq!(versions, expected);
    }
    let new = |kind| Workload::new(kind, "shop-w", "w").container("w", "registry.example.com/w:1");
    cluster.add_workload(new(WorkloadKind::Deployment));
    cluster.add_workload(new(WorkloadKind::CronJob));
    let found = |status| {
        if is_older {
            StatusCode::NOT_FOUND
        } else {
            status
        }
    };
    for (path, expected) in [
        ("apps/v1beta1/namespaces/shop-w/deployments", StatusCode::OK),
        (
            "extensions/v1beta1/namespaces/shop-w/deployments",
            StatusCode::OK,
        ),
        ("batch/v2alpha1/namespaces/shop-w/cronjobs", StatusCode::OK),
        (
            "apps/v1/namespaces/shop-w/deployments",
            found(StatusCode::OK),
        ),
        (
            "batch/v1beta1/namespaces/shop-w/cronjobs",
            found(StatusCode::OK),
        ),
        (
            "apps/v1beta1/namespaces/shop-w/daemonsets",
            StatusCode::NOT_FOUND,
        ),
    ] {
        let (status, list) = get(&router, &format!("/apis/{path}"), "dev").await;
        assert_eq!(status, expected, "{path}");
        if status == StatusCode::OK {
            let version = path.split("/namespaces").next().unwrap();
            assert_eq!(list["apiVersion"], version);
            assert_eq!(items(&list).len(), 1);
        }
    }
}

#[tokio::test]
async fn removed_group_is_missing_and_forbidden_group_is_refused() {
    let (cluster, router) = with_shop(Version::V4);
    cluster.remove_api_group("apps.openshift.io");
    assert_eq!(get(&router, CONFIGS, "dev").await.0, StatusCode::NOT_FOUND);
    let groups = get(&router, "/apis", "dev").await.1.to_string();
    assert!(!groups.contains("apps.openshift.io"));
    assert!(groups.contains("build.openshift.io"));

    cluster.forbid_api_group("apps", true);
    assert_eq!(
        get(&router, DEPLOYMENTS, "dev").await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(get(&router, PODS, "dev").await.0, StatusCode::OK);
    let review = json!({"spec": {"resourceAttributes":
        {"namespace": "shop-w", "verb": "list", "group": "apps", "resource": "deployments"}}});
    let reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let review = send(&router, "POST", reviews, "dev", &review).await.1;
    assert_eq!(review["status"]["allowed"], false);
    cluster.forbid_api_group("apps", false);
    assert_eq!(get(&router, DEPLOYMENTS, "dev").await.0, StatusCode::OK);
}

#[tokio::test]
async fn quota_of_several_projects_is_shown_and_refuses() {
    let (cluster, router) = with_shop(Version::V4);
    let used = 1;
    cluster.set_cluster_stream_quota("division", &["shop-w", "demo"], used);
    let path = "/apis/quota.openshift.io/v1/namespaces/demo/appliedclusterresourcequotas";
    let quotas = get(&router, path, "dev").await.1;
    let total = &items(&quotas)[0]["status"]["total"];
    assert_eq!(total["hard"]["openshift.io/imagestreams"], "1");
    assert_eq!(total["used"]["openshift.io/imagestreams"], "1");
    let stream = json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": "more"}});
    let streams = "/apis/image.openshift.io/v1/namespaces/demo/imagestreams";
    let (status, refusal) = send(&router, "POST", streams, "dev", &stream).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let recorded =
        exchange(Version::V3_9, "imagestream-create-over-quota")["response"]["body"]["message"]
            .take();
    let expected = recorded
        .as_str()
        .unwrap()
        .replace("one-too-many", "more")
        .replace("streams, requested", "division, requested");
    assert_eq!(refusal["message"], expected);
}

#[tokio::test]
async fn workload_is_removed_with_all_that_it_owns() {
    let (cluster, router) = with_shop(Version::V4);
    let workload = Workload::new(WorkloadKind::DeploymentConfig, "shop-w", "web");
    cluster.add_workload(workload.container("web", "registry.example.com/w:1"));
    assert_eq!(items(&get(&router, PODS, "dev").await.1).len(), 2);
    cluster.remove_workload(WorkloadKind::DeploymentConfig, "shop-w", "web");
    for path in [
        PODS,
        CONFIGS,
        "/api/v1/namespaces/shop-w/replicationcontrollers",
    ] {
        assert!(items(&get(&router, path, "dev").await.1).is_empty());
    }
}

#[tokio::test]
async fn watch_reports_pods_from_a_revision_on() {
    let (cluster, router) = with_shop(Version::V4);
    let revision = get(&router, PODS, "dev").await.1["metadata"]["resourceVersion"].take();
    let pod = Workload::new(WorkloadKind::Pod, "shop-w", "one").container("c", "quay.io/a/b:1");
    cluster.add_workload(pod);
    cluster.remove_workload(WorkloadKind::Pod, "shop-w", "one");
    let path = format!(
        "{PODS}?watch=true&timeoutSeconds=1&resourceVersion={}",
        revision.as_str().unwrap()
    );
    let (status, body) =
        super::send_as(&router, "GET", &path, Some("TOKEN-dev"), &[], String::new()).await;
    assert_eq!(status, StatusCode::OK);
    let lines = super::lines(body, 2).await;
    let seen: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["type"].as_str(),
                line["object"]["metadata"]["name"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [(Some("ADDED"), Some("one")), (Some("DELETED"), Some("one"))]
    );
}
