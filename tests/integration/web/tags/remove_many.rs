//! Removing many tags at once, and taking that back.

use bytes::Bytes;
use openshift_standin::cluster::{PushedManifest, Version};
use openshift_standin::faults::{Endpoint, Fault};
use registry_model::Digest;
use rstest::rstest;

use crate::harness::seeded_standin::{DOCKER_MANIFEST, exchange, repository};
use crate::harness::{Browser, Page, World};

const FORM: &str = "/images/team-a/api/remove-tags";

/// Sends a form of the page with what it holds.
async fn send(browser: &mut Browser, page: &Page, form: &str) -> Page {
    let form = format!("main form[action$='{form}']");
    let fields = page.hidden_fields(&form);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser
        .post_form(&page.attribute(&form, "action"), &fields)
        .await
}

async fn look(browser: &mut Browser, tags: &[&str]) -> Page {
    let csrf = browser.csrf().await;
    let fields: Vec<(&str, &str)> = tags
        .iter()
        .map(|tag| ("tag", *tag))
        .chain([("csrf", csrf.as_str())])
        .collect();
    browser.post_form(FORM, &fields).await
}

/// The names of the tags of `team-a/api`, sorted.
async fn tags(browser: &mut Browser) -> Vec<String> {
    let stream = browser.json("/images/team-a/api").await.json();
    let mut tags: Vec<String> = stream["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect();
    tags.sort();
    tags
}

/// Pushes an image of its own to `team-a/api` under this tag.
fn push(world: &World, tag: &str) -> Digest {
    let version = world.demo.cluster().version();
    let mut manifest = exchange(version, "registry-manifest-tag").response.body();
    manifest["annotations"] =
        serde_json::json!({ "pushed-as": tag, "number": world.requests().len() });
    let manifest = Bytes::from(serde_json::to_vec(&manifest).unwrap());
    let config = Bytes::from(
        serde_json::to_vec(&exchange(version, "registry-config-blob").response.body()).unwrap(),
    );
    let (digest, when, api) = (
        Digest::sha256(&manifest),
        world.clock.now(),
        repository("team-a/api"),
    );
    let pushed = PushedManifest {
        digest: digest.clone(),
        media_type: DOCKER_MANIFEST.into(),
        manifest,
        config: Some(config),
        pushed_at: when,
        pushed_by: "dev".into(),
    };
    world
        .demo
        .cluster()
        .push(
            &api.project,
            &api.stream,
            Some(&tag.parse().unwrap()),
            &pushed,
        )
        .unwrap();
    digest
}

/// The message about the last change, on the page of the image stream.
async fn said(browser: &mut Browser, removed: &Page) -> Page {
    assert_eq!(
        (removed.status, removed.location().as_str()),
        (303, "/images/team-a/api"),
        "{}",
        removed.text
    );
    browser.get("/images/team-a/api").await
}

#[rstest]
#[tokio::test]
async fn selected_tags_are_removed_and_the_others_stay(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let choice = dev
        .get("/images/team-a/api/remove-tags?q=v&sort=name")
        .await;
    assert_eq!(choice.text_of("h1"), "Clean up team-a/api");
    assert_eq!(
        choice.attributes("input[type=checkbox][name=tag]", "value"),
        ["v1", "v2", "v3"]
    );
    let confirmation = look(&mut dev, &["v1", "v3", "never-there", "v1"]).await;
    assert_eq!(confirmation.status, 200);
    assert_eq!(confirmation.text_of("h1"), "Remove 2 tags from team-a/api");
    assert_eq!(
        confirmation.texts("main nav li"),
        ["Projects", "team-a", "api", "Clean up", "Review"]
    );
    assert_eq!(confirmation.text_of("main .pf-m-danger"), "Remove 2 tags");
    assert_eq!(
        confirmation.texts("tbody .rc-path"),
        ["v1", "v3"],
        "each once"
    );
    assert_eq!(
        confirmation.texts(".rc-name-list li"),
        ["never-there"],
        "it is gone already"
    );
    assert_eq!(
        confirmation.text_of(".rc-terminal code"),
        "oc tag -d team-a/api:v1 team-a/api:v3"
    );
    let kept = confirmation.texts(".rc-consequences ul:nth-of-type(2) li");
    assert!(kept[0].starts_with("2 tags and "), "{kept:?}");
    assert_eq!(tags(&mut dev).await.len(), 4, "looking removes nothing");
    let removed = send(&mut dev, &confirmation, "remove-tags").await;
    let page = said(&mut dev, &removed).await;
    assert_eq!(
        page.text_of("[role=status] .pf-v6-c-alert__title"),
        "2 tags were removed from team-a/api."
    );
    assert_eq!(
        page.text_of("[role=status].pf-m-success form button"),
        "Undo"
    );
    assert_eq!(tags(&mut dev).await, ["latest", "v2"]);
}

#[rstest]
#[tokio::test]
async fn undo_restores_removed_tags_whose_images_exist(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    push(&world, "lonely");
    let mut dev = world.signed_in("dev").await;
    let confirmation = look(&mut dev, &["v1", "v2", "v3", "lonely"]).await;
    let rows = confirmation.texts("tbody tr");
    assert!(
        rows.iter()
            .any(|row| row.starts_with("v1") && row.contains("remains under latest")),
        "{rows:?}"
    );
    assert!(
        rows.iter().any(|row| row.starts_with("lonely")
            && row.ends_with("can no longer be pulled from this image stream")),
        "{rows:?}"
    );
    let sentences = [
        "Undo can restore 3 tags.",
        "1 tag cannot be restored, because no other tag refers to its image.",
    ];
    assert_eq!(confirmation.texts(".rc-consequences > p"), sentences);
    let removed = send(&mut dev, &confirmation, "remove-tags").await;
    let removed = said(&mut dev, &removed).await;
    assert_eq!(removed.texts("[role=status] .rc-flash > p"), sentences);
    assert_eq!(tags(&mut dev).await, ["latest"]);

    push(&world, "v2");
    let back = send(&mut dev, &removed, "restore").await;
    let back = said(&mut dev, &back).await;
    assert_eq!(
        back.text_of("[role=status].pf-m-warning .pf-v6-c-alert__title"),
        "2 tags of team-a/api were restored. 1 tag could not be restored."
    );
    assert_eq!(
        back.texts("[role=status] li"),
        ["v2: A new tag with this name exists."]
    );
    assert_eq!(tags(&mut dev).await, ["latest", "v1", "v2", "v3"]);
}

#[rstest]
#[tokio::test]
async fn late_undo_reports_each_pruned_image(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let confirmation = look(&mut dev, &["v1", "v2"]).await;
    let removed = send(&mut dev, &confirmation, "remove-tags").await;
    let removed = said(&mut dev, &removed).await;
    let rest = look(&mut dev, &["v3", "latest"]).await;
    let gone = send(&mut dev, &rest, "remove-tags").await;
    let gone = said(&mut dev, &gone).await;
    assert!(
        gone.select("main form[action$='restore']").is_empty(),
        "no way back is offered"
    );
    assert_eq!(
        gone.texts("[role=status] .rc-flash > p"),
        ["The tags cannot be restored, because no other tag refers to their images."]
    );
    let late = send(&mut dev, &removed, "restore").await;
    assert_eq!(late.status, 422, "{}", late.text);
    let text = late.texts("main [role=status] li");
    assert!(
        text.len() == 2 && text[0].starts_with("v1: The image stream no longer has its image."),
        "{text:?}"
    );
    assert!(tags(&mut dev).await.is_empty());
}

/// The form of an undo that fails is offered again, with the tags that are not restored yet.
#[rstest]
#[case::unavailable(
    Fault::unavailable(),
    ["2 tags could not be restored.", "Nothing was changed."]
)]
#[case::connection_lost(
    Fault::Refuse,
    [
        "2 tags might have been restored.",
        "The response of the cluster was incomplete. Check the list of tags.",
    ]
)]
#[tokio::test]
async fn undo_during_an_outage_can_be_repeated(
    #[case] outage: Fault,
    #[case] sentences: [&str; 2],
) {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let confirmation = look(&mut dev, &["v1", "v2"]).await;
    let removed = send(&mut dev, &confirmation, "remove-tags").await;
    let removed = said(&mut dev, &removed).await;
    world.fail(Endpoint::ApiServer, outage);
    let refused = send(&mut dev, &removed, "restore").await;
    world.fail(Endpoint::ApiServer, Fault::None);
    world.advance(chrono::TimeDelta::minutes(2));
    assert!(refused.status >= 500, "{}", refused.text);
    assert_eq!(
        refused.texts("main [role=status] .pf-v6-c-alert__title, main .rc-flash > p"),
        sentences
    );
    assert_eq!(refused.text_of("main .rc-flash button"), "Try again");

    push(&world, "v2");
    let partly = send(&mut dev, &refused, "restore").await;
    let partly = said(&mut dev, &partly).await;
    assert_eq!(tags(&mut dev).await, ["latest", "v1", "v2", "v3"]);
    let kept: Vec<String> = partly
        .hidden_fields("main form[action$='restore']")
        .into_iter()
        .filter_map(|(name, value)| (name == "tag").then_some(value))
        .collect();
    assert!(
        kept.len() == 1 && kept[0].starts_with("v2@sha256:"),
        "{kept:?}"
    );
}

#[rstest]
#[tokio::test]
async fn moved_tag_is_not_removed_and_is_reported(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let confirmation = look(&mut dev, &["v1", "v2"]).await;
    let pushed = push(&world, "v2");
    let removed = send(&mut dev, &confirmation, "remove-tags").await;
    let removed = said(&mut dev, &removed).await;
    assert_eq!(
        removed.text_of("[role=status].pf-m-warning .pf-v6-c-alert__title"),
        "1 tag was removed from team-a/api. 1 tag was not removed."
    );
    assert_eq!(
        removed.texts("[role=status] li"),
        [
            "v2: It points to another image since you opened the page. Review it before you remove it."
        ]
    );
    assert_eq!(tags(&mut dev).await, ["latest", "v2", "v3"]);

    let rest = removed.attribute("[role=status] a", "href");
    assert_eq!(rest, format!("{FORM}?tag=v2"));
    assert_eq!(selected(&dev.get(&rest).await).0, ["v2"]);
    let again = look(&mut dev, &["v2"]).await;
    assert!(
        again.text_of("tbody").contains(&pushed.short()),
        "it shows what is there now: {}",
        again.text
    );
    assert_eq!(send(&mut dev, &again, "remove-tags").await.status, 303);
    assert_eq!(tags(&mut dev).await, ["latest", "v3"]);
}

#[tokio::test]
async fn removal_without_selection_is_a_form_error() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    for fields in [
        vec![("csrf", csrf.as_str())],
        vec![("csrf", csrf.as_str()), ("sure", "1"), ("tag", "-no name-")],
    ] {
        let page = dev.post_form(FORM, &fields).await;
        assert_eq!(page.status, 422, "{}", page.text);
        assert_eq!(page.text_of("#f-tag-help"), "Select at least one tag.");
        assert_eq!(
            page.select("input[name=tag]").len(),
            4,
            "they are still there to choose from"
        );
    }
    let gone = look(&mut dev, &["never-there"]).await;
    assert!(gone.select("main input[name=sure]").is_empty());
    assert!(gone.text_of("main").contains("already removed"));
}

#[rstest]
#[tokio::test]
async fn refused_removals_are_listed_and_can_be_reviewed(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut viewer = world.signed_in("viewer").await;
    let review = look(&mut viewer, &["v1"]).await;
    assert!(
        review.select("main button[type=submit]").is_empty(),
        "nothing is offered"
    );
    assert!(review.texts("main .rc-missing").contains(
        &"You don't have permission to remove tags here. Ask a project administrator for the role registry-editor.".to_owned()
    ));
    let csrf = viewer.csrf().await;
    let sure = [
        ("csrf", csrf.as_str()),
        ("tag", "v1"),
        ("tag", "v2"),
        ("sure", "1"),
    ];
    let refused = viewer.post_form(FORM, &sure).await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.text_of("main .pf-v6-c-alert__title"),
        "2 tags were not removed."
    );
    let reasons = refused.texts("main [role=status] li");
    assert!(
        reasons.len() == 2 && reasons[0].starts_with("v1: You don't have permission"),
        "{reasons:?}"
    );
    assert_eq!(
        refused.attribute("main [role=status] a", "href"),
        format!("{FORM}?tag=v1&tag=v2")
    );
    assert_eq!(tags(&mut viewer).await.len(), 4);
}

#[tokio::test]
async fn api_server_outage_removes_nothing_and_is_named() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let confirmation = look(&mut dev, &["v1"]).await;
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    assert_eq!(
        send(&mut dev, &confirmation, "remove-tags").await.status,
        503
    );
    world.fail(Endpoint::ApiServer, Fault::None);
    assert_eq!(tags(&mut dev).await.len(), 4);
}

/// The tags whose boxes are ticked, and those that are carried in hidden fields.
fn selected(page: &Page) -> (Vec<String>, Vec<String>) {
    let values = |selector: &str| {
        page.select(selector)
            .into_iter()
            .filter_map(|input| input.attr("value").map(str::to_owned))
            .collect()
    };
    (
        values("input[type=checkbox][name=tag][checked]"),
        values("input[type=hidden][name=tag]"),
    )
}

#[tokio::test]
async fn filter_keeps_the_selection_of_hidden_tags() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    let none = Vec::<String>::new();
    assert_eq!(
        selected(&dev.get(&format!("{FORM}?q=v")).await),
        (none.clone(), none.clone()),
        "a filter ticks nothing"
    );

    let fields = [
        ("csrf", csrf.as_str()),
        ("q", "v2"),
        ("tag", "latest"),
        ("tag", "v2"),
        ("tag", "never-there"),
        ("filter", "1"),
    ];
    let page = dev.post_form(FORM, &fields).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(
        selected(&page),
        (
            vec!["v2".to_owned()],
            vec!["latest".to_owned(), "never-there".to_owned()]
        )
    );
    assert_eq!(
        page.text_of("[data-selection-count]"),
        "3 selected, 2 not shown"
    );

    let fields = [
        ("csrf", csrf.as_str()),
        ("q", "v"),
        ("tag", "latest"),
        ("select", "shown"),
    ];
    let page = dev.post_form(FORM, &fields).await;
    let (mut ticked, hidden) = selected(&page);
    ticked.sort();
    assert_eq!(
        (ticked, hidden),
        (
            ["v1", "v2", "v3"].map(str::to_owned).to_vec(),
            vec!["latest".to_owned()]
        )
    );
    let fields = [
        ("csrf", csrf.as_str()),
        ("q", "v"),
        ("tag", "latest"),
        ("tag", "v1"),
        ("select", "none"),
    ];
    assert_eq!(
        selected(&dev.post_form(FORM, &fields).await),
        (none.clone(), none)
    );

    let fields = [
        ("csrf", csrf.as_str()),
        ("tag", "v1"),
        ("sure", "1"),
        ("filter", "1"),
    ];
    let page = dev.post_form(FORM, &fields).await;
    assert_eq!(selected(&page).0, ["v1"], "back from the preview");
    assert_eq!(tags(&mut dev).await.len(), 4, "nothing was removed");
}

#[tokio::test]
async fn selection_over_the_limit_is_reported_and_kept() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    let names: Vec<String> = (0..300).map(|number| format!("build-{number}")).collect();
    let fields: Vec<(&str, &str)> = names
        .iter()
        .map(|name| ("tag", name.as_str()))
        .chain([("csrf", csrf.as_str())])
        .collect();
    let page = dev.post_form(FORM, &fields).await;
    assert_eq!(page.status, 422);
    assert_eq!(
        page.text_of("#f-tag-help"),
        "You can remove no more than 290 tags at a time. Clear some of the checkboxes, and remove those tags later."
    );
    assert_eq!(selected(&page).1.len(), 300, "the selection is kept");
}

#[tokio::test]
async fn tag_filter_matches_digests() {
    let world = World::start(Version::V4).await;
    let digest = push(&world, "lonely");
    let mut dev = world.signed_in("dev").await;
    let page = dev
        .get(&format!(
            "{FORM}?q={}",
            digest.short().trim_start_matches("sha256:")
        ))
        .await;
    assert_eq!(page.texts("tbody .rc-path"), ["lonely"], "{}", page.text);
}

#[tokio::test]
async fn lost_response_reports_the_removal_as_uncertain() {
    const LOST: &[u8] = br#"{"kind":"Status","status":"Failure","message":"the server was unable to return a response in the time allotted, but may still be processing the request","reason":"Timeout","code":504}"#;
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let confirmation = look(&mut dev, &["v1", "v3"]).await;
    world.fail(
        Endpoint::ApiServer,
        Fault::FailNext(
            1,
            http::Method::DELETE,
            http::StatusCode::GATEWAY_TIMEOUT,
            Bytes::from_static(LOST),
        ),
    );
    let removed = send(&mut dev, &confirmation, "/remove-tags").await;
    let report = said(&mut dev, &removed).await;
    assert_eq!(
        report.text_of("[role=status].pf-m-warning .pf-v6-c-alert__title"),
        "1 tag was removed from team-a/api. 1 tag might have been removed."
    );
    assert_eq!(report.texts("[role=status] strong"), ["v1"]);
    assert!(
        report
            .text_of("main [role=status]")
            .contains("Check the list of tags.")
    );
    assert_eq!(
        report.attribute("[role=status] a", "href"),
        format!("{FORM}?tag=v1")
    );
}
