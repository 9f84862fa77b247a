//! The list of image streams: its states, its filter for projects, its page sizes; and the address
//! that the list of a project had.

use openshift_standin::cluster::{StoredTagSpec, TagReference, Version};
use serde_json::Value;

use crate::harness::World;

fn names(list: &Value) -> Vec<String> {
    let rows = list["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            format!(
                "{}/{}",
                row["project"].as_str().unwrap(),
                row["name"].as_str().unwrap()
            )
        })
        .collect()
}

#[tokio::test]
async fn states_reduce_the_list() {
    let world = World::start(Version::V4).await;
    let from = TagReference::docker_image("registry.example.com/team/app:1.0");
    world.demo.cluster().set_spec_tag(
        &"team-a".parse().unwrap(),
        &"mirror".parse().unwrap(),
        &"1.0".parse().unwrap(),
        StoredTagSpec {
            from: Some(from),
            ..StoredTagSpec::default()
        },
    );
    let mut dev = world.signed_in("dev").await;
    let importing = dev.json("/images?state=importing").await.json();
    assert!(names(&importing).contains(&"team-a/mirror".to_owned()));
    assert!(!names(&importing).contains(&"team-a/api".to_owned()));
    let empty = names(&dev.json("/images?state=empty").await.json());
    assert!(empty.contains(&"team-a/mirror".to_owned()), "{empty:?}");
    assert!(!empty.contains(&"team-a/api".to_owned()), "{empty:?}");
    let page = dev.get("/images?state=empty&q=mirror").await;
    assert_eq!(page.text_of(".rc-chips [aria-current]"), "No images 1");
    assert_eq!(
        page.attribute(
            ".rc-list__filters > div:first-child li:first-child a",
            "href"
        ),
        "/images?q=mirror",
        "the other filters stay"
    );
    assert_eq!(
        page.text_of(".rc-rows tbody tr td:last-child .rc-secondary-text"),
        "Not imported yet"
    );
    let none = dev.get("/images?state=failing&q=api").await;
    assert_eq!(none.text_of(".rc-empty h2"), "No results found");
    let text = none.text_of(".rc-empty");
    assert!(!text.contains("No match for"), "the name matches: {text}");
}

/// Nothing is pushed to an image stream whose tags all track others.
#[tokio::test]
async fn image_stream_that_only_tracks_others_is_not_called_pushed() {
    let world = World::start(Version::V4).await;
    let from = TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: "api:latest".to_owned(),
        namespace: None,
    };
    world.demo.cluster().set_spec_tag(
        &"team-a".parse().unwrap(),
        &"tracking".parse().unwrap(),
        &"latest".parse().unwrap(),
        StoredTagSpec {
            from: Some(from),
            ..StoredTagSpec::default()
        },
    );
    let mut dev = world.signed_in("dev").await;
    let source = async |name: &str, dev: &mut crate::harness::Browser| {
        let page = dev.get(&format!("/images?q={name}")).await;
        page.text_of(".rc-rows tbody tr:first-child td:last-child")
    };
    assert_eq!(source("team-a/api", &mut dev).await, "Pushed");
    assert_eq!(
        source("team-a/tracking", &mut dev).await,
        "Other image streams"
    );
}

#[tokio::test]
async fn project_filter_prefers_the_exact_name() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let projects = async |browser: &mut crate::harness::Browser, text: &str| {
        let list = browser.json(&format!("/images?project={text}")).await;
        let mut projects: Vec<String> = names(&list.json())
            .into_iter()
            .map(|name| name.split('/').next().unwrap().to_owned())
            .collect();
        projects.dedup();
        projects
    };
    assert_eq!(projects(&mut dev, "team").await, ["team-a", "team-b"]);
    assert_eq!(projects(&mut dev, "TEAM-A").await, ["team-a"]);
    assert!(projects(&mut dev, "no-such").await.is_empty());
    let page = dev.get("/images?project=team-a").await;
    assert_eq!(page.attribute("input[name=project]", "value"), "team-a");
    assert!(page.select("datalist option[value='team-b']").len() == 1);
}

#[tokio::test]
async fn former_list_of_a_project_leads_to_the_project_with_its_query() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for (from, to) in [
        ("/images/team-a", "/projects/team-a"),
        (
            "/images/team-a?q=a+b&sort=pushed&order=asc&page=2",
            "/projects/team-a?q=a+b&sort=pushed&order=asc&page=2",
        ),
        (
            "/images/team-a?state=failing",
            "/projects/team-a?state=failing",
        ),
    ] {
        let page = dev.get(from).await;
        assert_eq!((page.status, page.location().as_str()), (303, to));
    }
    let json = dev.json("/images/team-a?q=api").await.json();
    assert_eq!(names(&json), ["team-a/api", "team-a/oci-api"]);
    let project = dev.get("/projects/team-a?q=api").await;
    assert_eq!(project.texts(".rc-rows tbody th a"), ["api", "oci-api"]);
    assert_eq!(project.attribute("main input[name=q]", "value"), "api");
}

#[tokio::test]
async fn system_projects_are_hidden_until_they_are_wanted() {
    let world = World::start(Version::V4).await;
    let mut root = world.signed_in("root").await;
    let page = root.get("/projects").await;
    let names = page.texts("tbody th a");
    assert!(
        names.contains(&"team-a".to_owned()) && !names.contains(&"default".to_owned()),
        "{names:?}"
    );
    let all = root.get(&page.attribute(".rc-list__head a", "href")).await;
    assert!(
        all.texts("tbody th a").contains(&"default".to_owned()),
        "{}",
        all.text
    );
    assert_eq!(
        all.attribute("input[type=hidden][name=system]", "value"),
        "show"
    );
    let sorted = root.json("/projects?sort=streams").await.json();
    let counts: Vec<u64> = sorted["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["streams"].as_u64().unwrap())
        .collect();
    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
}
