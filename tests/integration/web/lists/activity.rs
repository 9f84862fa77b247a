//! The home page and the activity of a project: what changed, for whom, and since when.

use openshift_standin::cluster::{StoredTagSpec, TagReference, Version};
use rstest::rstest;
use serde_json::Value;

use crate::harness::images::push_to_tag;
use crate::harness::seeded_standin::repository;
use crate::harness::{Browser, World, json_of};

const ACTIVITY: &str = "/projects/team-a/activity?changed=30";

/// `stream:tag kind`, newest first.
fn events(activity: &Value) -> Vec<String> {
    let days = activity["days"].as_array().unwrap();
    days.iter()
        .flat_map(|day| day["events"].as_array().unwrap())
        .map(|event| {
            let text = |field: &str| event[field].as_str().unwrap();
            format!("{}:{} {}", text("stream"), text("tag"), text("kind"))
        })
        .collect()
}

/// Sets a tag of `team-a/history` to an image of it.
fn set_tag(world: &World, tag: &str, image: &registry_model::Digest) {
    let history = repository("team-a/history");
    let from = TagReference {
        kind: "ImageStreamImage".to_owned(),
        name: format!("history@{image}"),
        namespace: None,
    };
    world.demo.cluster().set_spec_tag(
        &history.project,
        &history.stream,
        &tag.parse().unwrap(),
        StoredTagSpec {
            from: Some(from),
            ..StoredTagSpec::default()
        },
    );
}

fn fail_import(world: &World, project: &str, stream: &str) {
    let (project, stream, tag) = (
        project.parse().unwrap(),
        stream.parse().unwrap(),
        "1".parse().unwrap(),
    );
    let from = TagReference::docker_image("registry.example.com/team/app:1.0");
    world.demo.cluster().set_spec_tag(
        &project,
        &stream,
        &tag,
        StoredTagSpec {
            from: Some(from),
            ..StoredTagSpec::default()
        },
    );
    let message = "Internal error occurred: Get \"https://registry.example.com/v2/\": x509: certificate signed by unknown authority";
    world.demo.cluster().fail_import(
        &project,
        &stream,
        &tag,
        "InternalError",
        message,
        world.clock.now(),
    );
}

#[rstest]
#[tokio::test]
async fn pushed_moved_and_new_tags_are_told_apart(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let images = push_to_tag(&world, "team-a/history", "1.0", 2);
    world.advance(chrono::TimeDelta::minutes(1));
    set_tag(&world, "stable", &images[0].digest);
    world.advance(chrono::TimeDelta::minutes(1));
    set_tag(&world, "stable", &images[1].digest);
    let mut dev = world.signed_in("dev").await;
    let json = dev.json(ACTIVITY).await.json();
    let mine: Vec<String> = events(&json["activity"])
        .into_iter()
        .filter(|event| event.starts_with("history:"))
        .collect();
    assert_eq!(
        mine,
        [
            "history:stable moved",
            "history:stable new-tag",
            "history:1.0 pushed",
            "history:1.0 new-tag",
        ]
    );
    let page = dev.get(ACTIVITY).await;
    let compare = format!(
        "/images/team-a/history/compare?from={}&to={}",
        images[0].digest, images[1].digest
    )
    .replace("sha256:", "sha256%3A");
    assert!(
        !page.select(&format!("a[href='{compare}']")).is_empty(),
        "{}",
        page.text
    );
    let roll_back = |page: &crate::harness::Page| {
        page.attributes(".rc-event a[href*='roll-back']", "href")
            .join(" ")
    };
    let back = format!(
        "/images/team-a/history:stable/roll-back?to={}",
        images[0].digest
    );
    let back = back.replace("sha256:", "sha256%3A");
    assert_eq!(roll_back(&page), back, "only the current move is offered");
    assert_eq!(roll_back(&dev.get("/").await), back);
    let mut viewer = world.signed_in("viewer").await;
    for path in ["/", ACTIVITY] {
        let page = viewer.get(path).await;
        assert!(
            !page.select(".rc-event a[href*='compare']").is_empty(),
            "{path}"
        );
        assert_eq!(roll_back(&page), "", "{path}");
    }
    assert_eq!(page.texts("[role=img]").len(), 1);
    let label = page.attribute("svg[role=img]", "aria-label");
    assert!(label.starts_with("Pushes per day"), "{label}");
    let home = dev.get("/").await;
    let first = home.text_of(".rc-event:first-child a[href='/images/team-a/history:stable']");
    assert_eq!(first, "stable");
}

#[tokio::test]
async fn failing_import_is_shown_with_its_cause_on_home_and_in_the_activity() {
    let world = World::start(Version::V4).await;
    fail_import(&world, "team-a", "broken");
    let mut dev = world.signed_in("dev").await;
    for (path, reason) in [
        ("/", ".rc-brief__reason"),
        ("/projects/team-a/activity", ".rc-event__message"),
    ] {
        let page = dev.get(path).await;
        assert_eq!(page.texts(reason), ["Certificate not trusted"], "{path}");
        let import = page.select("main a[href='/images/team-a/broken:1/import']");
        assert_eq!(import.len(), 1, "{path}: it is shown once");
        let mut viewer = world.signed_in("viewer").await;
        let page = viewer.get(path).await;
        assert_eq!(page.select(reason).len(), 1, "{path}");
        assert!(
            page.select("main a[href$='/import']").is_empty(),
            "{path}: the viewer may not import"
        );
    }
    let home = dev.get("/").await;
    assert_eq!(
        home.texts(".rc-event__message"),
        ["Certificate not trusted"]
    );
    let failed = ".rc-event:has(.rc-event__message) a[href='/images/team-a/broken:1']";
    assert_eq!(home.text_of(failed), "1", "when it began to fail");
    let import_again = ".rc-brief a[href='/images/team-a/broken:1/import']";
    assert_eq!(home.text_of(import_again), "Import now team-a/broken:1");
    assert_eq!(
        home.attribute("a.rc-stat:has(.rc-stat__figure--failing)", "href"),
        "/imports?state=failing"
    );
}

#[tokio::test]
async fn activity_is_equal_with_and_without_the_index_and_only_of_visible_projects() {
    let world = World::builder(Version::V4).index().start().await;
    push_to_tag(&world, "team-a/history", "1.0", 2);
    fail_import(&world, "team-b", "secret");
    let plain = world.replica().start().await;
    let mut without = Browser::new(plain.url());
    world
        .until("the index has the failure", async || {
            world.json("/", "root").await["failing"]
                .to_string()
                .contains("secret")
        })
        .await;
    for user in ["root", "dev", "viewer", "outsider"] {
        for path in ["/", "/?changed=7", "/?changed=30", ACTIVITY] {
            let with = world.json(path, user).await;
            assert_eq!(
                with,
                json_of(&mut without, path, user).await,
                "{path} of {user}"
            );
        }
        let home = world.json("/?changed=30", user).await;
        let sees = |name: &str| home.to_string().contains(name);
        assert_eq!(
            (sees("secret"), sees("\"history\"")),
            match user {
                "root" | "dev" => (true, true),
                "viewer" => (false, true),
                _ => (false, false),
            },
            "{user}: {home}"
        );
    }
}

#[tokio::test]
async fn ranges_and_pages_of_the_activity_have_links() {
    let world = World::start(Version::V4).await;
    push_to_tag(&world, "team-a/history", "nightly", 60);
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/projects/team-a/activity").await;
    assert_eq!(page.select(".rc-event").len(), 50);
    assert_eq!(
        page.text_of(".rc-segments [aria-current]"),
        "Since yesterday"
    );
    let next = page.attribute(".rc-pager a[rel=next]", "href");
    assert_eq!(next, "/projects/team-a/activity?changed=1&page=2");
    let rest = dev.get(&next).await;
    assert!(rest.select(".rc-event").len() >= 10);
    let home = dev.get("/").await;
    assert_eq!(home.select(".rc-event").len(), 30);
    assert!(
        !home
            .select(".rc-feed__more a[href='/projects/team-a/activity?changed=1']")
            .is_empty()
    );
}

#[tokio::test]
async fn home_says_nothing_about_rights_that_the_user_lacks() {
    let world = World::start(Version::V4).await;
    let mut outsider = world.signed_in("outsider").await;
    let home = outsider.get("/").await;
    assert!(
        home.select("main .rc-missing, main .rc-missing-items")
            .is_empty(),
        "{}",
        home.text
    );
    assert!(home.select("a[href='/new-image-stream']").is_empty());
    let mut dev = world.signed_in("dev").await;
    let home = dev.get("/").await;
    assert_eq!(
        home.select(".rc-page-header a[href='/new-image-stream']")
            .len(),
        1
    );
}
