//! The page of the workloads that use an image, and the section on other pages.

use bytes::Bytes;
use http::StatusCode;
use openshift_standin::cluster::{
    BuildConfig, BuildStrategy, TagReference, Version, Workload, WorkloadKind,
};
use openshift_standin::faults::Fault;
use rstest::rstest;

use super::{digest, pull_spec, world_with_workloads};
use crate::harness::{Page, World};

/// The workloads in the table of a project.
fn workloads_in(page: &Page, project: &str) -> Vec<String> {
    page.texts(&format!(
        "[aria-labelledby=in-{project}] tbody th[scope=row] a"
    ))
}

#[rstest]
#[tokio::test]
async fn workloads_are_grouped_by_project_with_reference_and_pods(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/api/used-by").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.text_of(".rc-tabs a[aria-current]"), "Used by");
    assert_eq!(
        page.texts(".pf-v6-c-card__header h2 a"),
        ["team-a", "team-b"]
    );
    assert_eq!(
        workloads_in(&page, "team-a"),
        ["cronjob/nightly", "bc/site", "dc/web", "deployment/worker"]
    );
    assert_eq!(workloads_in(&page, "team-b"), ["statefulset/ledger"]);
    let rows = page.texts(".rc-uses tbody tr");
    let row = |name: &str| {
        let row = rows.iter().find(|row| row.contains(name));
        row.unwrap_or_else(|| panic!("{name}: {rows:?}")).clone()
    };
    let short = &digest(&world, "team-a/api:latest")[7..19];
    assert!(row("dc/web").contains("latest trigger 2 pods"), "{rows:?}");
    assert!(row("deployment/worker").contains("Paused"), "{rows:?}");
    assert!(
        row("cronjob/nightly").contains("latest trigger (paused)"),
        "{rows:?}"
    );
    assert!(row("cronjob/nightly").contains("No pods"), "{rows:?}");
    assert!(
        row("bc/site").contains("Base image latest trigger"),
        "{rows:?}"
    );
    assert!(
        row("statefulset/ledger").contains(&format!("{short} by digest 3 pods"))
            && row("statefulset/ledger").matches(short).count() == 1,
        "{rows:?}"
    );
    assert_eq!(page.texts(".rc-missing"), [""; 0]);

    let json = dev.json("/images/team-a/api/used-by").await.json();
    assert_eq!(json["workload_count"], 5);
    assert_eq!(json["projects"][0]["project"], "team-a");
    assert_eq!(
        json["projects"][0]["workloads"][0]["workload"]["kind"],
        "DeploymentConfig"
    );
}

/// A build that pushes to an image stream does not use its images: it is named and not counted.
#[tokio::test]
async fn workloads_that_only_push_are_not_counted() {
    let world = world_with_workloads(Version::V4).await;
    let tag = |name: &str| TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: name.to_owned(),
        namespace: None,
    };
    world.demo.cluster().add_build_config(
        &BuildConfig::new("team-a", "maker", BuildStrategy::Source, tag("tools:1.0"))
            .output(tag("api:latest")),
    );
    let mut dev = world.signed_in("dev").await;
    let stream = dev.get("/images/team-a/api").await;
    let counted = stream.text_of(".rc-usage__figures a");
    let page = dev.get("/images/team-a/api/used-by").await;
    assert!(workloads_in(&page, "team-a").contains(&"bc/maker".to_owned()));
    let rows = page.texts("[aria-labelledby=in-team-a] tbody tr");
    let group = rows.iter().position(|row| row == "Builds that push to it");
    assert_eq!(group, Some(rows.len() - 2), "{rows:?}");
    assert!(rows.last().unwrap().starts_with("bc/maker"), "{rows:?}");
    let figures = page.text_of(".rc-used-by__figures");
    assert!(figures.starts_with(&counted), "{counted}, then {figures}");
    assert_eq!(counted, "5 workloads");
}

#[rstest]
#[tokio::test]
async fn pages_of_stream_tag_and_image_name_what_uses_them(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let mut dev = world.signed_in("dev").await;
    let digest = digest(&world, "team-a/api:latest");
    for path in [
        "/images/team-a/api".to_owned(),
        "/images/team-a/api:latest".to_owned(),
        format!("/images/team-a/api@{digest}"),
    ] {
        let page = dev.get(&path).await;
        let section = page.text_of(".rc-usage");
        assert!(
            section.starts_with("Used by") && section.contains("workloads in 2 projects"),
            "{path}: {section}"
        );
        assert!(section.contains("dc/web"), "{path}: {section}");
        assert!(
            section.contains("team-b:statefulset/ledger"),
            "{path}: {section}"
        );
        let links = page.attributes(".rc-usage__figures a", "href");
        assert_eq!(links, [format!("{path}/used-by")]);
        assert_eq!(dev.get(&links[0]).await.status, 200);
    }
}

#[rstest]
#[tokio::test]
async fn user_without_the_right_to_list_pods_never_sees_them(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let mut viewer = world.signed_in("viewer").await;
    for path in [
        "/images/team-a/api/used-by",
        "/images/team-a/api",
        "/images/team-a/api:latest",
        "/projects/team-a/workloads",
    ] {
        let page = viewer.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let text = page.text_of("main");
        assert!(
            text.contains("You don't have permission to list"),
            "{path}: {text}"
        );
        assert!(
            page.select(".rc-missing:not(.rc-missing--not-permitted)")
                .is_empty()
        );
        let json = viewer.json(path).await.text;
        for name in ["nightly", "ledger"] {
            assert!(!page.text.contains(name), "{path} in HTML: {name}");
            assert!(!json.contains(name), "{path} in JSON: {name}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn part_that_the_user_may_not_list_is_counted_and_not_shown(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let libs = pull_spec(&world, "shared-libs/batch:latest");
    let cluster = world.demo.cluster();
    for project in ["team-a", "team-b"] {
        cluster.add_workload(
            Workload::new(WorkloadKind::Deployment, project, "consumer").container("app", &libs),
        );
    }
    // The outsider sees the image stream, and may list the workloads of no project.
    let mut outsider = world.signed_in("outsider").await;
    let page = outsider.get("/images/shared-libs/batch/used-by").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(!page.text.contains("consumer"), "{}", page.text);
    let json = world
        .json("/images/shared-libs/batch/used-by", "outsider")
        .await;
    assert_eq!(json["workload_count"], 0);
    assert_eq!(json["scope"]["searched"], 0);
    assert!(json["scope"]["not_allowed"].as_u64().unwrap() > 0, "{json}");
}

#[rstest]
#[tokio::test]
async fn image_that_nothing_uses_says_so(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    let page = root.get("/images/shared-libs/batch/used-by").await;
    let text = page.text_of(".rc-empty");
    assert!(text.starts_with("Not used by any workload"), "{text}");
    let page = root.get("/images/shared-libs/batch").await;
    let section = page.text_of(".rc-usage");
    assert!(section.contains("Not used by any workload"), "{section}");
}

#[rstest]
#[tokio::test]
async fn kinds_that_cannot_be_read_are_named_and_the_others_are_shown(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let mut dev = world.signed_in("dev").await;
    let unavailable = Fault::Status(
        StatusCode::SERVICE_UNAVAILABLE,
        Bytes::from_static(b"{}"),
        "application/json",
    );
    world
        .demo
        .faults()
        .set_for_path("/statefulsets", unavailable);
    let page = dev.get("/images/team-a/api/used-by").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(workloads_in(&page, "team-a").contains(&"dc/web".to_owned()));
    let missing = page.text_of("main .rc-missing");
    assert!(
        missing.contains("Not searched in any project: statefulsets. The API server"),
        "{missing}"
    );
    let section = dev.get("/images/team-a/api").await;
    let links = section.attributes(".rc-usage .rc-missing a", "href");
    assert_eq!(links, ["/images/team-a/api/used-by"]);
}

#[tokio::test]
async fn page_of_an_image_stream_is_complete_without_the_workloads() {
    let world = world_with_workloads(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.demo.faults().set_for_path("/pods", Fault::Hang);
    let page = dev.get("/images/team-a/api").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(!page.select("#tags tbody tr").is_empty());
    let section = page.text_of(".rc-usage");
    assert!(
        section.contains("Workloads are still being read"),
        "{section}"
    );
}
