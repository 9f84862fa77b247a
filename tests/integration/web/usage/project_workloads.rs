//! The workloads of a project and what they run.

use openshift_standin::cluster::{Version, Workload, WorkloadKind};
use rstest::rstest;

use super::{digest, pull_spec};
use crate::harness::{Page, World, push_numbered};

/// The text of a workload's row.
#[track_caller]
fn row(page: &Page, name: &str) -> String {
    let rows = page.texts(".rc-workloads tbody tr");
    let row = rows.iter().find(|row| row.starts_with(name));
    row.unwrap_or_else(|| panic!("no {name}: {rows:?}")).clone()
}

/// `team-a` with a workload that is not current, one whose tag is gone, one of another registry,
/// and one whose pods may not pull their image.
async fn world_with_problems(version: Version) -> World {
    let world = World::start(version).await;
    push_numbered(&world, "team-a/cart", "latest", 1);
    push_numbered(&world, "team-a/cart", "1.0", 1);
    push_numbered(&world, "team-a/private", "latest", 5);
    let cluster = world.demo.cluster();
    let first = digest(&world, "team-a/cart:latest");
    push_numbered(&world, "team-a/cart", "latest", 2);
    push_numbered(&world, "team-a/cart", "1.1", 2);
    let new =
        |kind, name: &str, image: &str| Workload::new(kind, "team-a", name).container("app", image);
    let cart = pull_spec(&world, "team-a/cart:latest");
    cluster.add_workload(
        new(WorkloadKind::Deployment, "cart", &cart)
            .running(&first)
            .replicas(2),
    );
    let gone = pull_spec(&world, "team-a/cart:0.1");
    cluster.add_workload(new(WorkloadKind::CronJob, "gone", &gone));
    cluster.add_workload(new(
        WorkloadKind::DaemonSet,
        "exporter",
        "quay.io/x/exporter:1",
    ));
    world
}

#[rstest]
#[tokio::test]
async fn workload_says_how_current_its_image_is_and_whether_it_can_be_pulled(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_problems(version).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/projects/team-a/workloads").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text_of(".rc-tabs a[aria-current]")
            .starts_with("Workloads")
    );
    let cart = row(&page, "deployment/cart");
    assert!(cart.contains("cart:latest"), "{cart}");
    assert!(cart.contains("Running 1.0; the tag is at 1.1."), "{cart}");
    assert!(cart.contains("2 of 2 pods"), "{cart}");
    let compare = page.attributes("#deployment-cart .rc-workloads__state a", "href");
    assert_eq!(dev.get(&compare[0]).await.status, 200);
    let gone = row(&page, "cronjob/gone");
    assert!(gone.contains("The tag no longer exists"), "{gone}");
    let exporter = row(&page, "daemonset/exporter");
    assert!(exporter.contains("quay.io/x/exporter"), "{exporter}");
    assert!(!exporter.contains("pulled"), "{exporter}");

    let page = dev.get("/projects/team-a/workloads?state=unpullable").await;
    let names = page.texts(".rc-workloads tbody th");
    assert!(names.contains(&"cronjob/gone".to_owned()), "{names:?}");
    assert!(!names.contains(&"deployment/cart".to_owned()), "{names:?}");
}

#[rstest]
#[tokio::test]
async fn user_without_the_right_reads_why_the_list_is_empty(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_problems(version).await;
    let page = world
        .signed_in("viewer")
        .await
        .get("/projects/team-a/workloads")
        .await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(
        page.text_of(".rc-missing--not-permitted"),
        "You don't have permission to list the workloads of this project. Ask a project administrator for the role view."
    );
    assert!(page.select(".rc-workloads").is_empty());
}

#[tokio::test]
async fn sample_names_the_followers_of_production() {
    let world = World::builder(Version::V4).sample().start().await;
    let page = world.signed_in("developer").await;
    let mut developer = page;
    let page = developer.get("/projects/shop/workloads").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(row(&page, "dc/web").contains("storefront:production"));
    let page = developer.get("/images/shop/storefront/delete").await;
    let impact = page.text_of(".rc-impact");
    for name in [
        "dc/web",
        "deployment/worker",
        "cronjob/nightly",
        "bc/storefront",
    ] {
        assert!(impact.contains(name), "{name}: {impact}");
    }
}

#[tokio::test]
async fn deletion_of_a_project_names_its_workloads_and_those_that_pull_from_it() {
    let world = World::builder(Version::V4).sample().start().await;
    let mut admin = world.signed_in("admin").await;
    let page = admin.get("/projects/shop/delete").await;
    let impact = page.text_of(".rc-impact");
    assert!(
        impact.contains("dc/web") && impact.contains("cronjob/nightly"),
        "{impact}"
    );
    let page = admin.get("/projects/public-tools/delete").await;
    let impact = page.text_of(".rc-impact");
    assert!(
        impact.contains("In other projects") && impact.contains("shop:daemonset/probe"),
        "{impact}"
    );
}
