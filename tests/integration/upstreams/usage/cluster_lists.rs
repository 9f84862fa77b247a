//! Lists of the whole cluster, for a user who may have them, of which some fail.

use std::time::Duration;

use axum::body::Bytes;
use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::Fault;
use registry_console::app::lists::RowLimit;
use registry_console::app::section::UnavailableReason;
use registry_console::app::usage::{UsageScope, UsageState};
use registry_console::outbound::{TimeLimits, UserToken};
use registry_model::WorkloadKind;
use rstest::rstest;

use super::{SampleSite, reasons, tag, workloads};
use crate::harness::canned_server::LIMIT;

/// The list of deployments of the whole cluster, and not that of a project.
const ALL_DEPLOYMENTS: &str = "/apis/apps/v1/deployments";
const ALL_PODS: &str = "/api/v1/pods";

pub(super) fn refusal() -> Fault {
    let status =
        r#"{"kind":"Status","status":"Failure","reason":"Forbidden","message":"no","code":403}"#;
    Fault::Status(
        StatusCode::FORBIDDEN,
        Bytes::from_static(status.as_bytes()),
        "application/json",
    )
}

pub(super) fn server_error() -> Fault {
    let body = Bytes::from_static(b"{}");
    Fault::Status(StatusCode::INTERNAL_SERVER_ERROR, body, "application/json")
}

pub(super) fn kinds_missing_everywhere(
    scope: &UsageScope,
) -> Vec<(Vec<WorkloadKind>, UnavailableReason)> {
    let missing = scope.missing_kinds.iter();
    missing
        .map(|missing| (missing.kinds.clone(), missing.why))
        .collect()
}

#[rstest]
#[tokio::test]
async fn kind_that_may_not_be_listed_in_the_whole_cluster_is_listed_in_each_project(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let site = SampleSite::start(version, TimeLimits::default()).await;
    let faults = site.demo.faults();
    faults.set_for_path(ALL_DEPLOYMENTS, refusal());
    let production = || tag("shop", "storefront", "production");
    let usage = site.usage("admin", production()).await;
    for name in ["shop dc/web", "shop deployment/worker"] {
        let found = workloads(&usage);
        assert!(found.contains(&name.to_owned()), "{name}: {found:?}");
    }
    assert!(usage.scope.whole_cluster && usage.scope.is_complete());

    site.demo.cluster().adopt_token("TOKEN-again", "admin");
    faults.set_for_path("/namespaces/shop/deployments", refusal());
    let usage = site.usage("again", production()).await;
    assert!(workloads(&usage).contains(&"shop dc/web".to_owned()));
    assert_eq!(
        reasons(&usage.scope, "shop"),
        [(
            vec![WorkloadKind::Deployment],
            UnavailableReason::NotAllowed
        )]
    );
    assert_eq!(usage.scope.missing.len(), 1, "{:?}", usage.scope);
}

/// One list breaks off, one API group fails and one is not there: what can be read is shown, and what
/// was not found is not called unused.
#[rstest]
#[tokio::test]
async fn kinds_that_fail_in_the_whole_cluster_are_named_and_the_others_shown(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let site = SampleSite::start(version, TimeLimits::default()).await;
    let faults = site.demo.faults();
    faults.set_for_path(ALL_PODS, Fault::TruncateBody);
    faults.set_for_path("/apis/apps.openshift.io/", server_error());
    let gone = Bytes::from_static(b"404 page not found\n");
    faults.set_for_path(
        "/apis/build.openshift.io/",
        Fault::Status(StatusCode::NOT_FOUND, gone, "text/plain"),
    );
    let production = || tag("shop", "storefront", "production");
    let usage = site.usage("admin", production()).await;
    assert!(workloads(&usage).contains(&"shop deployment/worker".to_owned()));
    assert!(usage.scope.missing.is_empty(), "{:?}", usage.scope);
    let missing = kinds_missing_everywhere(&usage.scope);
    let of_kind = |kind| missing.iter().find(|(kinds, _)| kinds.contains(&kind));
    assert!(of_kind(WorkloadKind::Pod).is_some(), "{missing:?}");
    assert!(of_kind(WorkloadKind::DeploymentConfig).is_some());
    assert!(of_kind(WorkloadKind::Build).is_none(), "{missing:?}");
    assert!(of_kind(WorkloadKind::Deployment).is_none(), "{missing:?}");

    let admin = UserToken::from("TOKEN-admin");
    let summary = site
        .app
        .for_user(&admin)
        .usage_summary(LIMIT)
        .await
        .unwrap();
    let unused = ("storefront".parse().unwrap(), "1.3.0".parse().unwrap());
    let state = summary.tag_state(&"shop".parse().unwrap(), &unused.0, &unused.1, None);
    assert_eq!(state, UsageState::Unknown);

    faults.clear();
    let usage = site.usage("admin", production()).await;
    assert!(usage.scope.is_complete(), "partial values are not kept");
}

/// A cluster in which nothing could be listed is not one in which nothing runs.
#[tokio::test]
async fn cluster_of_which_nothing_can_be_listed_is_not_searched() {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    let faults = site.demo.faults();
    for api in [
        ALL_PODS,
        "/api/v1/replicationcontrollers",
        "/apis/apps/v1/",
        "/apis/apps.openshift.io/",
        "/apis/batch/",
        "/apis/build.openshift.io/",
    ] {
        faults.set_for_path(api, server_error());
    }
    let usage = site
        .usage("admin", tag("shop", "storefront", "production"))
        .await;
    assert!(workloads(&usage).is_empty());
    assert!(!usage.scope.is_complete(), "{:?}", usage.scope);
}

/// What is slower than the page waits is missing, and nothing else is.
#[rstest]
#[case::whole_cluster("admin", ALL_PODS)]
#[case::each_project("developer", "/pods")]
#[tokio::test]
async fn kinds_that_have_arrived_in_time_are_shown(
    #[case] user: &str,
    #[case] silent: &'static str,
) {
    let site = SampleSite::start(Version::V4, TimeLimits::default()).await;
    site.demo.faults().set_for_path(silent, Fault::Hang);
    let token = UserToken::from(&*format!("TOKEN-{user}"));
    let user = site.app.for_user(&token);
    let target = tag("shop", "storefront", "production");
    let usage = user
        .image_usage(target, Duration::from_secs(4), RowLimit::Page)
        .await
        .unwrap();
    let found = workloads(&usage);
    assert!(
        found.contains(&"shop deployment/worker".to_owned()),
        "{found:?}"
    );
    let late = (vec![WorkloadKind::Pod], UnavailableReason::Late);
    let missing = [
        reasons(&usage.scope, "shop"),
        kinds_missing_everywhere(&usage.scope),
    ];
    assert_eq!(missing.concat(), [late]);
}
