//! Lists reduced to what is in use, or to what is not; and the search for what a pod runs.

use openshift_standin::cluster::Version;
use rstest::rstest;
use serde_json::Value;

use super::{digest, world_with_workloads};
use crate::harness::push_numbered;

fn names(list: &Value) -> Vec<String> {
    let rows = list["rows"].as_array().unwrap().iter();
    let name = |row: &Value| format!("{}/{}", row["project"], row["name"]).replace('"', "");
    rows.map(name).collect()
}

#[rstest]
#[tokio::test]
async fn image_streams_can_be_reduced_to_those_in_use_and_the_others(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let all = names(&world.json("/images", "dev").await);
    let used = world.json("/images?use=some", "dev").await;
    assert_eq!(names(&used), ["team-a/api"]);
    assert_eq!(used["query"]["use"], "some");
    assert!(used["usage_scope"]["searched"].as_u64().unwrap() > 0);
    let unused = names(&world.json("/images?use=none", "dev").await);
    assert_eq!(unused.len() + 1, all.len());
    assert!(!unused.contains(&"team-a/api".to_owned()));
    assert!(world.json("/images", "dev").await["usage_scope"].is_null());

    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images?use=none").await;
    assert_eq!(
        page.texts(".rc-chips a[aria-current]"),
        ["All", "Not in use"]
    );
    let page = dev.get("/projects/team-a?use=some").await;
    assert_eq!(page.texts("tbody th[scope=row] .rc-path"), ["api"]);
}

/// Listing the workloads of all projects takes long, so that a list does it only when asked to.
#[tokio::test]
async fn list_without_the_filter_reads_no_workloads() {
    let world = world_with_workloads(Version::V4).await;
    world.clear_requests();
    world.json("/images", "dev").await;
    let requests = world.requests_as("dev");
    assert!(
        !requests.iter().any(|request| request.contains("/pods")),
        "{requests:?}"
    );
    world.json("/images?use=some", "dev").await;
    let requests = world.requests_as("dev");
    assert!(
        requests.iter().any(|request| request.contains("/pods")),
        "{requests:?}"
    );
}

#[rstest]
#[tokio::test]
async fn tags_can_be_reduced_to_those_in_use(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    push_numbered(&world, "team-a/api", "spare", 7);
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/api?use=none").await;
    let unused = page.texts("#tags .rc-tag-name");
    assert!(unused.contains(&"spare".to_owned()), "{unused:?}");
    assert!(!unused.contains(&"latest".to_owned()), "{unused:?}");
    let page = dev.get("/images/team-a/api?use=some").await;
    let used = page.texts("#tags .rc-tag-name");
    assert!(used.contains(&"latest".to_owned()), "{used:?}");
    assert!(!used.contains(&"spare".to_owned()), "{used:?}");
    let links = page.attributes("#tags .rc-in-use", "href");
    assert!(
        links.contains(&"/images/team-a/api:latest/used-by".to_owned()),
        "{links:?}"
    );
}

#[rstest]
#[tokio::test]
async fn image_id_of_a_container_finds_its_image(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let digest = digest(&world, "team-a/api:latest");
    let host = &world.demo.cluster().hosts().registry_internal;
    for text in [
        format!("docker-pullable://{host}/team-a/api@{digest}"),
        format!("Image ID: {host}/team-a/api@{digest}"),
        format!("cri-o://{digest}"),
        digest[7..].to_owned(),
    ] {
        let query = url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let hits = world.json(&format!("/search?q={query}"), "dev").await;
        assert!(hits.to_string().contains(&digest), "{text}: {hits}");
    }
}
