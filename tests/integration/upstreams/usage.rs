//! Which workloads use an image, as the users of the embedded cluster see it.

mod cluster_lists;

use std::time::Duration;

use axum::body::Bytes;
use http::StatusCode;
use openshift_standin::cluster::{ProjectText, Version, Workload, WorkloadKind as StandinKind};
use openshift_standin::faults::Fault;
use registry_console::app::lists::RowLimit;
use registry_console::app::section::UnavailableReason;
use registry_console::app::usage::{
    ChangeImpact, ImpactGroup, Pullability, TagChange, UsageScope, UsageState, UsageTarget,
    UsageView, UseKind, WorkloadTable,
};
use registry_console::outbound::{TimeLimits, UserToken};
use registry_model::{ProjectName, WorkloadKind};
use rstest::rstest;

use cluster_lists::{kinds_missing_everywhere, refusal, server_error};

use super::sample_site::SampleSite;
use crate::harness::canned_server::LIMIT;
use crate::harness::console::SHORT_LIMITS;

impl SampleSite {
    async fn usage(&self, user: &str, target: UsageTarget) -> UsageView {
        let token = UserToken::from(&*format!("TOKEN-{user}"));
        let usage = self
            .app
            .for_user(&token)
            .image_usage(target, LIMIT, RowLimit::Page)
            .await;
        usage.unwrap()
    }

    async fn impact(&self, user: &str, change: TagChange) -> ChangeImpact {
        let token = UserToken::from(&*format!("TOKEN-{user}"));
        let (project, stream) = ("shop".parse().unwrap(), "storefront".parse().unwrap());
        let user = self.app.for_user(&token);
        user.change_impact(&project, &stream, &change, LIMIT)
            .await
            .unwrap()
    }

    async fn table(&self, user: &str, project: &str) -> WorkloadTable {
        let token = UserToken::from(&*format!("TOKEN-{user}"));
        let project: ProjectName = project.parse().unwrap();
        let user = self.app.for_user(&token);
        user.workload_table(&project, LIMIT, RowLimit::Page)
            .await
            .unwrap()
    }
}

fn tag(project: &str, stream: &str, tag: &str) -> UsageTarget {
    UsageTarget::Tag {
        project: project.parse().unwrap(),
        stream: stream.parse().unwrap(),
        tag: tag.parse().unwrap(),
    }
}

fn workloads(usage: &UsageView) -> Vec<String> {
    let projects = usage.projects.iter();
    projects
        .flat_map(|project| {
            let name = &project.project;
            let workloads = project.workloads.iter();
            workloads.map(move |used| format!("{name} {}", used.workload))
        })
        .collect()
}

fn names(group: &ImpactGroup) -> Vec<String> {
    let workloads = group.workloads.iter();
    workloads
        .map(|affected| affected.workload.to_string())
        .collect()
}

fn kinds(usage: &UsageView, workload: &str) -> Vec<UseKind> {
    let workloads = usage.projects.iter().flat_map(|project| &project.workloads);
    let mut kinds: Vec<UseKind> = workloads
        .filter(|used| used.workload.to_string() == workload)
        .flat_map(|used| &used.uses)
        .map(|used| used.kind)
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[rstest]
#[tokio::test]
async fn tag_is_used_by_what_runs_follows_or_names_it(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let site = SampleSite::start(version, TimeLimits::default()).await;
    let usage = site
        .usage("developer", tag("shop", "storefront", "production"))
        .await;
    let found = workloads(&usage);
    for name in [
        "shop dc/web",
        "shop deployment/worker",
        "shop cronjob/nightly",
    ] {
        assert!(found.contains(&name.to_owned()), "{name}: {found:?}");
    }
    assert!(
        !found.iter().any(|name| name.contains("partner")),
        "another registry: {found:?}"
    );
    assert!(kinds(&usage, "dc/web").contains(&UseKind::Running));
    assert!(kinds(&usage, "dc/web").contains(&UseKind::Trigger));
    assert_eq!(kinds(&usage, "cronjob/nightly"), [UseKind::Trigger]);
    assert!(usage.running_pods >= 5, "{}", usage.running_pods);
    assert!(usage.is_tracking_known);
}

/// Every host of the registry names the same image stream.
#[tokio::test]
async fn stream_is_used_by_pull_specs_of_both_hosts() {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    let stream = "checkout-frontend-with-quite-a-long-name-for-an-image-stream";
    let usage = site.usage("developer", tag("shop", stream, "0.10.0")).await;
    assert!(workloads(&usage).contains(&"shop deployment/checkout".to_owned()));
    let curl = site
        .usage("admin", tag("public-tools", "curl", "8.10.1"))
        .await;
    let found = workloads(&curl);
    assert!(
        found.contains(&"shop daemonset/probe".to_owned()),
        "{found:?}"
    );
    assert!(
        found.contains(&"shop bc/storefront".to_owned()),
        "{found:?}"
    );
}

#[rstest]
#[tokio::test]
async fn moving_a_tag_names_what_redeploys_and_what_is_paused(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let site = SampleSite::start(version, TimeLimits::default()).await;
    let production = vec!["production".parse().unwrap()];
    let moved = site
        .impact("developer", TagChange::Move(production.clone()))
        .await;
    assert_eq!(names(&moved.redeploys), ["dc/web", "deployment/worker"]);
    assert_eq!(names(&moved.paused), ["cronjob/nightly"]);
    assert!(moved.redeploys.workloads[0].pods > 0, "it runs the image");
    assert!(!names(&moved.running).contains(&"dc/web".to_owned()));
    assert!(moved.broken.is_empty());
    let removed = site
        .impact("developer", TagChange::Remove(production))
        .await;
    assert!(names(&removed.broken).contains(&"dc/web".to_owned()));
    assert!(removed.redeploys.is_empty());
    let deleted = site.impact("developer", TagChange::DeleteStream).await;
    assert!(deleted.broken.len() >= removed.broken.len());
    let storefront = deleted
        .broken
        .workloads
        .iter()
        .chain(&deleted.pushing.workloads);
    let storefront: Vec<_> = storefront
        .filter(|one| one.workload.to_string() == "bc/storefront")
        .collect();
    assert_eq!(storefront.len(), 1, "{storefront:?}");
}

/// A viewer of the registry may not list pods: they see that, and never the pods.
#[rstest]
#[tokio::test]
async fn user_without_the_right_to_list_workloads_sees_only_that(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let site = SampleSite::start(version, TimeLimits::default()).await;
    let usage = site
        .usage("viewer", tag("shop", "storefront", "production"))
        .await;
    assert_eq!(workloads(&usage), Vec::<String>::new());
    assert!(usage.scope.is_forbidden(), "{:?}", usage.scope);
    let moved = TagChange::Move(vec!["production".parse().unwrap()]);
    let impact = site.impact("viewer", moved).await;
    assert!(impact.is_empty() && impact.scope.not_allowed > 0);
    let table = site.table("viewer", "shop").await;
    assert!(table.rows.is_empty());
    assert_eq!(table.scope.not_allowed, 1);
    let token = UserToken::from("TOKEN-viewer");
    let summary = site
        .app
        .for_user(&token)
        .usage_summary(LIMIT)
        .await
        .unwrap();
    let state = summary.stream_state(&"shop".parse().unwrap(), &"storefront".parse().unwrap());
    assert_eq!(state, UsageState::Unknown);
}

#[tokio::test]
async fn what_one_user_sees_is_not_shown_to_another() {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    let target = || tag("shop", "storefront", "production");
    assert!(!site.usage("admin", target()).await.is_empty());
    assert!(workloads(&site.usage("viewer", target()).await).is_empty());
    assert!(!site.usage("developer", target()).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn table_names_what_is_outdated_and_what_cannot_be_pulled(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let site = SampleSite::start(version, TimeLimits::default()).await;
    let table = site.table("developer", "shop").await;
    let image = |name: &str| {
        let row = table
            .rows
            .iter()
            .find(|row| row.workload.to_string() == name);
        row.unwrap_or_else(|| panic!("{name}")).images[0].clone()
    };
    let cart = image("deployment/cart");
    assert_eq!(cart.tag.as_ref().unwrap().as_str(), "latest");
    assert!(
        cart.versions.iter().any(|tag| tag.as_str() == "1.9.0"),
        "{cart:?}"
    );
    assert!(
        cart.newer.is_some() && cart.newer != cart.digest,
        "{cart:?}"
    );
    assert_eq!(cart.pullability, Pullability::Pullable);
    assert_eq!(
        image("deployment/recommendations").pullability,
        Pullability::NoTag
    );
    assert_eq!(
        image("deployment/partner-storefront").pullability,
        Pullability::Elsewhere
    );
    assert_eq!(
        image("deployment/fraud-widget").pullability,
        Pullability::NotAllowed
    );
    assert_eq!(image("daemonset/probe").pullability, Pullability::Pullable);
    assert!(table.outdated >= 1 && table.unpullable >= 2, "{table:?}");
    assert!(table.scope.is_complete(), "{:?}", table.scope);
}

#[tokio::test]
async fn summary_says_what_is_used_where_everything_was_searched() {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    let token = UserToken::from("TOKEN-admin");
    let summary = site
        .app
        .for_user(&token)
        .usage_summary(LIMIT)
        .await
        .unwrap();
    assert!(summary.scope.whole_cluster, "{:?}", summary.scope);
    let state = |stream: &str, tag: &str| {
        let (project, stream) = ("shop".parse().unwrap(), stream.parse().unwrap());
        summary.tag_state(&project, &stream, &tag.parse().unwrap(), None)
    };
    assert_eq!(state("storefront", "production"), UsageState::Used);
    assert_eq!(state("storefront", "1.2.0"), UsageState::Used);
    assert_eq!(state("storefront", "1.3.0"), UsageState::Unused);
}

fn reasons(scope: &UsageScope, project: &str) -> Vec<(Vec<WorkloadKind>, UnavailableReason)> {
    let missing = scope.missing.iter();
    missing
        .filter(|missing| missing.project.as_str() == project)
        .map(|missing| (missing.kinds.clone(), missing.why))
        .collect()
}

/// One API group is silent, one kind is forbidden, and one group is not there: what can be read is
/// shown, and the rest is named.
#[tokio::test]
async fn kinds_that_cannot_be_listed_are_named_with_their_reason() {
    let site = SampleSite::start(Version::V4, SHORT_LIMITS).await;
    let faults = site.demo.faults();
    faults.set_for_path("/deploymentconfigs", Fault::Hang);
    faults.set_for_path("/statefulsets", refusal());
    let gone = Bytes::from_static(b"404 page not found\n");
    faults.set_for_path(
        "/apis/build.openshift.io/",
        Fault::Status(StatusCode::NOT_FOUND, gone, "text/plain"),
    );
    let usage = site
        .usage("developer", tag("shop", "storefront", "production"))
        .await;
    assert!(workloads(&usage).contains(&"shop deployment/worker".to_owned()));
    assert_eq!(
        reasons(&usage.scope, "shop"),
        [(
            vec![WorkloadKind::StatefulSet],
            UnavailableReason::NotAllowed
        )]
    );
    assert_eq!(
        kinds_missing_everywhere(&usage.scope),
        [(
            vec![WorkloadKind::DeploymentConfig],
            UnavailableReason::Late
        )]
    );
    assert!(!usage.scope.is_complete());
    faults.clear();
    let usage = site
        .usage("developer", tag("shop", "storefront", "production"))
        .await;
    assert!(
        workloads(&usage).contains(&"shop dc/web".to_owned()),
        "partial values are not kept"
    );
    assert_eq!(reasons(&usage.scope, "shop"), []);
}

#[tokio::test]
async fn ten_thousand_pods_in_four_hundred_projects_stay_within_bounds() {
    const PROJECTS: usize = 400;
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    let cluster = site.demo.cluster();
    let host = cluster.hosts().registry_internal.clone();
    for number in 0..PROJECTS {
        let project = format!("many-{number:03}");
        let text = ProjectText {
            display_name: "",
            description: "",
        };
        cluster
            .create_project(&project.parse().unwrap(), text, "admin")
            .unwrap();
        for part in ["a", "b"] {
            let workload = Workload::new(StandinKind::Deployment, &project, part)
                .container("app", &format!("{host}/public-tools/curl:8.10.1"))
                .replicas(if part == "a" { 13 } else { 12 });
            cluster.add_workload(workload);
        }
    }
    let token = UserToken::from("TOKEN-admin");
    let user = site.app.for_user(&token);
    let target = tag("public-tools", "curl", "8.10.1");
    let usage = user
        .image_usage(target, Duration::from_secs(60), RowLimit::Page)
        .await
        .unwrap();
    assert!(usage.workload_count >= 2 * PROJECTS);
    assert!(
        usage.running_pods >= 25 * PROJECTS,
        "{}",
        usage.running_pods
    );
    assert_eq!(workloads(&usage).len(), 500);
    assert_eq!(usage.more_workloads, usage.workload_count - 500);
    assert!(usage.scope.whole_cluster);

    // A list that fails for all projects is named once.
    cluster.adopt_token("TOKEN-again", "admin");
    let lists = ["/apis/apps/v1/deployments", "/apis/apps/v1/replicasets"];
    for list in lists {
        site.demo.faults().set_for_path(list, server_error());
    }
    let target = tag("public-tools", "curl", "8.10.1");
    let again = UserToken::from("TOKEN-again");
    let user = site.app.for_user(&again);
    let usage = user
        .image_usage(target, Duration::from_secs(60), RowLimit::Page)
        .await
        .unwrap();
    assert!(usage.running_pods >= 25 * PROJECTS);
    let kinds: Vec<_> = usage.scope.missing_kinds.iter().collect();
    assert_eq!(kinds.len(), 1, "{kinds:?}");
    assert_eq!(
        kinds[0].kinds,
        [WorkloadKind::Deployment, WorkloadKind::ReplicaSet]
    );
    assert!(usage.scope.missing.is_empty());
}
