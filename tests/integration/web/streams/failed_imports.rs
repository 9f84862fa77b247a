//! The list of image streams whose imports failed.

use openshift_standin::cluster::{StoredTagSpec, TagReference, Version};
use rstest::rstest;

use crate::harness::World;

fn fail(world: &World, project: &str, stream: &str, tag: &str) {
    let (project, stream, tag) = (
        project.parse().unwrap(),
        stream.parse().unwrap(),
        tag.parse().unwrap(),
    );
    let from = Some(TagReference::docker_image(
        "registry.example.com/team/app:1.0",
    ));
    world.demo.cluster().set_spec_tag(
        &project,
        &stream,
        &tag,
        StoredTagSpec {
            from,
            ..StoredTagSpec::default()
        },
    );
    let message =
        "you may not have access to the container image \"registry.example.com/team/app:1.0\"";
    world.demo.cluster().fail_import(
        &project,
        &stream,
        &tag,
        "Unauthorized",
        message,
        world.clock.now(),
    );
}

#[rstest]
#[tokio::test]
async fn failed_import_filter_lists_failing_streams(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    fail(&world, "team-a", "broken", "1");
    fail(&world, "team-a", "broken", "2");
    fail(&world, "team-b", "broken-too", "1");
    let mut dev = world.signed_in("dev").await;
    let list = dev.json("/images?state=failing").await.json();
    let names: Vec<&str> = list["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"broken") && names.contains(&"broken-too") && !names.contains(&"api"),
        "{names:?}"
    );
    assert!(
        list["rows"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["trouble"]["tags"].as_u64() > Some(0)),
        "{list}"
    );
    let found = dev.json("/images?state=failing&q=too").await.json();
    assert_eq!(found["paging"]["total"], 1);
    let one = dev
        .json("/images/team-a?state=failing&sort=pushed")
        .await
        .json();
    assert!(
        one["rows"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["project"] == "team-a")
    );
    let page = dev.get("/images?state=failing").await;
    assert_eq!(
        page.select("input[type=hidden][name=state][value=failing]")
            .len(),
        1,
        "the filter keeps it"
    );
    assert!(!page.select("main a[href='/images']").is_empty());
}

#[tokio::test]
async fn failed_import_count_links_to_their_list() {
    let world = World::start(Version::V4).await;
    fail(&world, "team-a", "broken", "1");
    let mut dev = world.signed_in("dev").await;
    let project = dev.get("/projects/team-a").await;
    assert_eq!(
        project
            .select(".rc-page-header__facts a[href='/projects/team-a?state=failing']")
            .len(),
        1,
        "{}",
        project.text
    );
    let elsewhere = dev.get("/projects/team-b").await;
    assert_eq!(
        elsewhere
            .select(".rc-page-header__facts a[href*='state=failing']")
            .len(),
        0,
        "{}",
        elsewhere.text
    );
    let home = dev.get("/").await;
    assert_eq!(
        home.text_of("a.rc-stat[href='/imports?state=failing'] .rc-stat__figure--failing"),
        "1"
    );
    let failing = home.text_of("section[aria-labelledby=failing] li");
    assert!(
        failing.starts_with("team-a/broken:1") && failing.contains("Sign-in required"),
        "{failing}"
    );
}
