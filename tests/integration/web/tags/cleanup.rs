//! Selecting tags to remove: by rules, by hand, with filter, order and pages.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use openshift_standin::cluster::{StoredTagSpec, TagReference, Version};
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;
use serde_json::Value;

use crate::harness::seeded_standin::repository;
use crate::harness::{Browser, Page, World, post, push_numbered};

const FORM: &str = "/images/team-a/builds/remove-tags";

/// `team-a/builds` with a tag on each of eight days, the last of which is today: `1.0` and `pr-1` to
/// `pr-6` with images of their own, and `pr-7`, which pointed to the image of `pr-6` before.
async fn world_with_builds(version: Version) -> (World, Browser) {
    let world = World::start(version).await;
    push_numbered(&world, "team-a/builds", "1.0", 100);
    for number in 1..=7 {
        world.advance(TimeDelta::days(1));
        push_numbered(&world, "team-a/builds", &format!("pr-{number}"), number);
    }
    push_numbered(&world, "team-a/builds", "pr-7", 6);
    world.advance(TimeDelta::minutes(1));
    push_numbered(&world, "team-a/builds", "pr-7", 8);
    // A session lasts no longer than a day.
    let dev = world.signed_in("dev").await;
    (world, dev)
}

/// Makes `tag` of `team-a/builds` track another tag of it.
fn track(world: &World, tag: &str, source: &str) {
    let builds = repository("team-a/builds");
    let from = TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: format!("builds:{source}"),
        namespace: None,
    };
    let spec = StoredTagSpec {
        from: Some(from),
        ..StoredTagSpec::default()
    };
    world
        .demo
        .cluster()
        .set_spec_tag(&builds.project, &builds.stream, &tag.parse().unwrap(), spec);
}

/// The tags whose boxes are ticked, and those that are carried in hidden fields.
fn selected(page: &Page) -> (Vec<String>, Vec<String>) {
    (
        page.attributes("input[type=checkbox][name=tag][checked]", "value"),
        page.attributes("input[type=hidden][name=tag]", "value"),
    )
}

fn shown(page: &Page) -> Vec<String> {
    page.attributes("input[type=checkbox][name=tag]", "value")
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// How many tags the image stream has, and how many images in their histories.
async fn tags_and_images(browser: &mut Browser) -> (usize, usize) {
    let stream = browser.json("/images/team-a/builds").await.json();
    let tags = stream["tags"].as_array().unwrap();
    let images: BTreeSet<&str> = tags
        .iter()
        .flat_map(|tag| tag["history"].as_array().unwrap())
        .map(|event| event["image"].as_str().unwrap())
        .collect();
    (tags.len(), images.len())
}

#[rstest]
#[tokio::test]
async fn dry_run_figures_are_what_happens(#[values(Version::V3_9, Version::V4)] version: Version) {
    let (_world, mut dev) = world_with_builds(version).await;
    assert_eq!(tags_and_images(&mut dev).await, (8, 9));
    let query = "?keep=2&days=3&pattern=pr-*&select=rules";
    let page = dev.get(&format!("{FORM}{query}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(selected(&page).0, ["pr-1", "pr-2", "pr-3", "pr-4"]);
    assert_eq!(
        page.text_of(".rc-cleanup__dry-run"),
        "Dry run: 4 tags would be removed and 4 images would leave the image stream, while 4 tags and 5 images would stay."
    );
    let rules: Vec<(String, String)> = shown(&page)
        .into_iter()
        .zip(page.texts("td.rc-cleanup__rule"))
        .collect();
    for (tag, text) in [
        ("1.0", "Kept: name does not match"),
        ("pr-1", "Meets the rules"),
        ("pr-5", "Kept: updated in the last 3 days"),
        ("pr-7", "Kept: one of the newest 2"),
    ] {
        assert!(
            rules.contains(&(tag.to_owned(), text.to_owned())),
            "{tag}: {rules:?}"
        );
    }
    let json = dev.json(&format!("{FORM}{query}")).await.json();
    let dry_run = &json["dry_run"];
    assert_eq!(
        (
            &dry_run["removed"],
            &dry_run["released_images"],
            &dry_run["remaining"],
            &dry_run["remaining_images"]
        ),
        (&4.into(), &4.into(), &4.into(), &5.into()),
        "{dry_run}"
    );

    let ticked = selected(&page).0;
    let fields: Vec<(&str, &str)> = ticked.iter().map(|tag| ("tag", tag.as_str())).collect();
    let review = post(&mut dev, FORM, &fields).await;
    assert_eq!(review.text_of("h1"), "Remove 4 tags from team-a/builds");
    assert!(
        review
            .text_of(".rc-consequences")
            .contains("4 images, which can no longer be pulled"),
        "{}",
        review.text
    );
    let sure: Vec<(&str, &str)> = fields.iter().copied().chain([("sure", "1")]).collect();
    assert_eq!(post(&mut dev, FORM, &sure).await.status, 303);
    assert_eq!(tags_and_images(&mut dev).await, (4, 5));
}

#[tokio::test]
async fn newest_are_counted_among_tags_whose_name_matches() {
    let (_world, mut dev) = world_with_builds(Version::V4).await;
    for (rules, expected) in [
        ("keep=7", &["1.0"] as &[&str]),
        ("keep=7&pattern=pr-*", &[]),
        ("keep=6&pattern=pr-*", &["pr-1"]),
        ("days=6", &["1.0", "pr-1"]),
        ("pattern=pr-%3F&days=5", &["pr-1", "pr-2"]),
        ("pattern=1.*", &["1.0"]),
    ] {
        let page = dev.get(&format!("{FORM}?{rules}&select=rules")).await;
        assert_eq!(selected(&page).0, expected, "{rules}");
        let page = dev.get(&format!("{FORM}?{rules}")).await;
        assert!(selected(&page).0.is_empty(), "not asked to select: {rules}");
        assert!(!page.select(".rc-cleanup__dry-run").is_empty(), "{rules}");
    }
}

#[rstest]
#[tokio::test]
async fn tags_that_others_track_are_protected(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, mut dev) = world_with_builds(version).await;
    track(&world, "stable", "pr-1");
    let page = dev
        .get(&format!("{FORM}?pattern=pr-*&keep=3&select=rules"))
        .await;
    assert_eq!(selected(&page).0, ["pr-2", "pr-3", "pr-4"]);
    assert!(
        page.text_of(".rc-cleanup__dry-run")
            .ends_with("1 tag is protected because another tag tracks it."),
        "{}",
        page.text
    );
    assert!(
        page.texts("td.rc-cleanup__rule")
            .contains(&"Kept: stable tracks it".to_owned())
    );

    // By hand it can be selected, and the review says what that means.
    let review = post(&mut dev, FORM, &[("tag", "pr-1")]).await;
    assert!(
        review
            .text_of(".rc-consequences")
            .contains("stable tracks pr-1. It keeps its image and is no longer updated."),
        "{}",
        review.text
    );
}

#[tokio::test]
async fn selection_by_hand_survives_rules_filter_order_and_pages() {
    let (world, mut dev) = world_with_builds(Version::V4).await;
    world.advance(TimeDelta::minutes(1));
    for number in 0..110 {
        push_numbered(
            &world,
            "team-a/builds",
            &format!("nightly-{number:03}"),
            200,
        );
    }
    let first = dev.get(&format!("{FORM}?tag=pr-7&tag=1.0")).await;
    assert_eq!(
        selected(&first),
        (names(&["1.0", "pr-7"]), Vec::new()),
        "as the page of the image stream links to it"
    );
    assert_eq!(shown(&first).len(), 100);

    let carried = [("tag", "1.0"), ("tag", "pr-7"), ("sort", "oldest")];
    let with = |more: &[(&'static str, &'static str)]| [&carried[..], more].concat();
    let second = post(&mut dev, FORM, &with(&[("to-page", "2")])).await;
    assert_eq!(shown(&second).len(), 18);
    assert_eq!(selected(&second).1, ["1.0", "pr-7"]);
    assert_eq!(
        second.text_of("[data-selection-count]"),
        "2 selected, 2 not shown"
    );
    let all = post(&mut dev, FORM, &with(&[("page", "2"), ("select", "shown")])).await;
    assert_eq!(
        (selected(&all).0.len(), selected(&all).1),
        (18, names(&["1.0", "pr-7"]))
    );
    let sorted = post(&mut dev, FORM, &with(&[("sort-by", "name-descending")])).await;
    assert_eq!(shown(&sorted)[0], "1.0");
    assert_eq!(sorted.attribute("th[aria-sort]", "aria-sort"), "descending");

    let filtered = post(
        &mut dev,
        FORM,
        &with(&[
            ("q", "pr-"),
            ("keep", "1"),
            ("pattern", "pr-*"),
            ("filter", "1"),
        ]),
    )
    .await;
    assert_eq!(shown(&filtered).len(), 7);
    assert_eq!(
        selected(&filtered),
        (names(&["pr-7"]), names(&["1.0"])),
        "a filter selects nothing"
    );
    assert_eq!(filtered.attribute("#f-keep", "value"), "1");
    let inverted = post(&mut dev, FORM, &with(&[("q", "pr-"), ("select", "invert")])).await;
    assert_eq!(
        selected(&inverted),
        (
            names(&["pr-1", "pr-2", "pr-3", "pr-4", "pr-5", "pr-6"]),
            names(&["1.0"])
        )
    );
    let by_rules = post(
        &mut dev,
        FORM,
        &with(&[
            ("q", "pr-1"),
            ("keep", "5"),
            ("pattern", "pr-*"),
            ("select", "rules"),
        ]),
    )
    .await;
    assert_eq!(
        selected(&by_rules),
        (names(&["pr-1"]), names(&["1.0", "pr-2", "pr-7"])),
        "rules add to the selection, also what the filter hides"
    );
}

#[tokio::test]
async fn invalid_rules_are_reported_and_kept() {
    let (_world, mut dev) = world_with_builds(Version::V4).await;
    let typed = [
        ("keep", "many"),
        ("days", "0"),
        ("pattern", "pr-*"),
        ("tag", "1.0"),
        ("select", "rules"),
    ];
    let page = post(&mut dev, FORM, &typed).await;
    assert_eq!(page.status, 422);
    assert_eq!(
        page.text_of("#f-keep-help"),
        "Error: Enter a whole number from 1 to 9,999."
    );
    assert_eq!(
        page.text_of("#f-days-help"),
        "Error: Enter a whole number from 1 to 36,500."
    );
    for (field, value) in [("keep", "many"), ("days", "0"), ("pattern", "pr-*")] {
        assert_eq!(page.attribute(&format!("#f-{field}"), "value"), value);
    }
    assert_eq!(selected(&page).0, ["1.0"], "the other rule selects nothing");
    let page = post(&mut dev, FORM, &[("tag", "1.0"), ("select", "rules")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.text_of("[role=alert]"), "Set at least one rule.");
    assert_eq!(selected(&page).0, ["1.0"]);
}

#[tokio::test]
async fn api_server_outage_keeps_rules_and_selection() {
    let (world, mut dev) = world_with_builds(Version::V4).await;
    let fields = [
        ("keep", "3"),
        ("pattern", "pr-*"),
        ("tag", "1.0"),
        ("tag", "pr-2"),
        ("select", "rules"),
    ];
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    let page = post(&mut dev, FORM, &fields).await;
    assert_eq!(page.status, 503);
    let kept = page.hidden_fields(&format!("form[action='{FORM}']"));
    for (name, value) in fields {
        assert!(
            kept.contains(&(name.to_owned(), value.to_owned())),
            "{name}={value}: {kept:?}"
        );
    }
    assert!(page.text_of("main").contains("Keep the newest (tags)"));
}

#[tokio::test]
async fn rules_that_select_too_many_tags_select_the_oldest() {
    let world = World::start(Version::V4).await;
    for number in 0..300 {
        push_numbered(&world, "team-a/builds", &format!("b-{number:03}"), 1);
    }
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(&format!("{FORM}?pattern=b-*&select=rules")).await;
    let (ticked, hidden) = selected(&page);
    assert_eq!(ticked.len() + hidden.len(), 290);
    assert!(
        page.text_of(".rc-cleanup__dry-run")
            .ends_with("Up to 290 tags can be removed at a time, so 10 tags are not selected yet."),
        "{}",
        page.text
    );
    let json: Value = dev.json(&format!("{FORM}?pattern=b-*")).await.json();
    assert_eq!(json["dry_run"]["removed"], 300);
}

/// The button next to the rules displays the preview at once.
#[tokio::test]
async fn rules_lead_to_the_preview() {
    let (_world, mut dev) = world_with_builds(Version::V4).await;
    let fields = [
        ("pattern", "pr-*"),
        ("keep", "2"),
        ("tag", "1.0"),
        ("review", "rules"),
    ];
    let page = post(&mut dev, FORM, &fields).await;
    assert_eq!(page.status, 200, "{}", page.text_of("main"));
    assert_eq!(page.text_of("h1"), "Remove 6 tags from team-a/builds");

    for (fields, status, text) in [
        (
            &[("pattern", "none-*"), ("review", "rules")][..],
            200,
            "no tag meets these rules",
        ),
        (&[("review", "rules")], 422, "Set at least one rule"),
        (
            &[("keep", "many"), ("pattern", "pr-*"), ("review", "rules")],
            422,
            "Enter a whole number",
        ),
    ] {
        let page = post(&mut dev, FORM, fields).await;
        let main = page.text_of("main");
        assert_eq!(page.status, status, "{fields:?}: {main}");
        assert!(main.contains(text), "{fields:?}: {main}");
        assert!(!page.select("input[type=checkbox][name=tag]").is_empty());
        assert!(selected(&page).0.is_empty(), "{fields:?}");
    }
}

#[tokio::test]
async fn user_without_the_right_sees_a_calm_sentence() {
    let (world, _dev) = world_with_builds(Version::V4).await;
    let mut viewer = world.signed_in("viewer").await;
    let page = viewer.get(FORM).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.text_of("main .rc-missing"),
        "You don't have permission to remove tags here. Ask a project administrator for the role registry-editor."
    );
    assert!(page.select("main form, main .pf-v6-c-alert").is_empty());
}
