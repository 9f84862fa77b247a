//! Comparing two images.

use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::case_files::OpenCase;
use crate::harness::{Browser, Page, World};
use crate::web::tags::retag_and_roll_back::with_images;

const STREAM: &str = "/images/team-a/api/compare";

/// The rows of the settings that differ: the text of each cell.
fn settings(page: &Page) -> Vec<Vec<String>> {
    let cells = page.texts("section[aria-labelledby=compare-settings] tbody tr > *");
    cells.chunks(3).map(<[String]>::to_vec).collect()
}

async fn digest(browser: &mut Browser, tag: &str) -> String {
    let image = browser.json(&format!("/images/team-a/api:{tag}")).await;
    image.json()["digest"].as_str().unwrap().to_owned()
}

async fn pair(browser: &mut Browser, path: &str) -> Value {
    let json = browser.json(path).await.json();
    assert!(json["pair"].is_object(), "{json}");
    json["pair"].clone()
}

#[rstest]
#[tokio::test]
async fn two_tags_of_a_stream_are_compared(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = with_images(version).await;
    let mut dev = world.signed_in("dev").await;
    let path = format!("{STREAM}?from=release-1&to=release-2");
    let page = dev.get(&path).await;
    assert_eq!(
        settings(&page),
        [["Label release", "1", "2"].map(str::to_owned)],
        "{}",
        page.text
    );
    assert_eq!(
        page.texts(".rc-compare-side h2"),
        ["release-1", "release-2"]
    );
    assert_eq!(
        page.attribute("a.rc-compare-swap", "href"),
        format!("{STREAM}?from=release-2&to=release-1")
    );
    assert_eq!(page.attribute("input[name=from]", "value"), "release-1");

    let pair = pair(&mut dev, &path).await;
    assert_eq!(pair["result"], "compared");
    let comparison = &pair["comparison"];
    assert_eq!(
        comparison["settings"]["differences"]["items"],
        json!([{ "part": "label", "name": "release", "from": "1", "to": "2" }])
    );
    let layers = &comparison["layers"];
    assert!(layers["common"]["count"].as_u64() > Some(0), "{layers}");
    assert_eq!(
        (&layers["only_from"]["count"], &comparison["size_change"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn without_a_query_the_newest_images_are_compared() {
    let world = with_images(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let pair = pair(&mut dev, STREAM).await;
    assert_ne!(
        pair["from"]["image"]["digest"],
        pair["to"]["image"]["digest"]
    );
    assert_eq!(pair["result"], "compared");
}

#[tokio::test]
async fn images_are_named_by_digest_and_in_other_streams() {
    let world = with_images(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let first = digest(&mut dev, "release-1").await;
    for (from, to, result) in [
        (first.clone(), "release-2".to_owned(), "compared"),
        (first.clone(), "team-a/api:release-1".to_owned(), "same"),
        (first.clone(), format!("team-a/api@{first}"), "same"),
        ("api:release-1".to_owned(), first.clone(), "same"),
    ] {
        let path = format!("{STREAM}?from={from}&to={to}");
        assert_eq!(pair(&mut dev, &path).await["result"], result, "{path}");
    }
    let page = dev
        .get(&format!("{STREAM}?from={first}&to=team-a/api@{first}"))
        .await;
    assert_eq!(
        page.text_of(".pf-v6-c-alert__title"),
        "Both names refer to the same image"
    );
}

#[tokio::test]
async fn missing_tag_does_not_hide_the_other_image() {
    let world = with_images(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let path = format!("{STREAM}?from=nothing&to=release-2");
    let page = dev.get(&path).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.select(".rc-compare-side:first-child .rc-missing")
            .len(),
        1,
        "{}",
        page.text
    );
    assert_eq!(page.select(".rc-compare-side .rc-digest").len(), 1);
    let pair = pair(&mut dev, &path).await;
    assert_eq!(pair["result"], "incomplete");
    assert_eq!(pair["from"]["image"]["missing"]["why"], "not-there");
    assert!(pair["to"]["image"]["digest"].is_string());
}

#[tokio::test]
async fn image_of_a_project_that_the_user_cannot_see_is_not_permitted() {
    let world = World::start(Version::V4).await;
    let mut outsider = world.signed_in("outsider").await;
    let streams = outsider.json("/images").await.json();
    let own = streams["rows"][0].clone();
    let (project, stream) = (
        own["project"].as_str().unwrap(),
        own["name"].as_str().unwrap(),
    );
    let tags = outsider
        .json(&format!("/images/{project}/{stream}"))
        .await
        .json();
    let tag = tags["tags"][0]["name"].as_str().unwrap().to_owned();
    let path = format!("/images/{project}/{stream}/compare?from={tag}&to=team-a/api:latest");
    let pair = pair(&mut outsider, &path).await;
    assert_eq!(pair["to"]["image"]["missing"]["why"], "not-allowed");
    assert!(pair["from"]["image"]["digest"].is_string(), "{pair}");
    let page = outsider.get(&path).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.select(".rc-missing--not-permitted").len(), 1);
}

#[tokio::test]
async fn what_the_api_server_knows_is_compared_without_the_registry() {
    let world = with_images(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(Endpoint::Registry, Fault::Refuse);
    let path = format!("{STREAM}?from=release-1&to=release-2");
    let pair = pair(&mut dev, &path).await;
    assert_eq!(pair["result"], "compared");
    assert!(pair["from"]["image"]["registry_missing"]["why"].is_string());
    assert_eq!(
        pair["comparison"]["settings"]["differences"]["items"][0]["name"],
        "release"
    );
    let page = dev.get(&path).await;
    assert_eq!(
        page.select(".rc-compare-side .rc-missing").len(),
        2,
        "{}",
        page.text
    );
}

#[tokio::test]
async fn indexes_are_compared_by_platform() {
    let mut case = OpenCase::open("01-mixed-docker-oci-list").await;
    let index = case.tag_json("latest").await;
    let child = index["facts"]["platforms"][1]["digest"].as_str().unwrap();
    let path = format!("/images/team-a/case/compare?from=latest&to={child}");
    let pair = pair(&mut case.browser, &path).await;
    assert_eq!(pair["platforms"]["compared"], "linux/arm64/v8", "{pair}");
    assert_eq!(pair["from"]["image"]["platform_digest"], child);
    assert_eq!(pair["result"], "compared");
    let page = case.browser.get(&path).await;
    assert_eq!(
        page.texts(".rc-compare-platforms [aria-current]"),
        ["linux/arm64/v8"]
    );

    let other = format!("{path}&platform=linux/amd64");
    let pair = self::pair(&mut case.browser, &other).await;
    assert_eq!(pair["platforms"]["compared"], "linux/amd64");
    assert_ne!(pair["from"]["image"]["platform_digest"], child);
}

#[tokio::test]
async fn artifacts_are_not_compared_in_detail() {
    let mut case = OpenCase::open("10-empty-config-artifact").await;
    let path = "/images/team-a/case/compare?from=trivy&to=cyclonedx";
    assert_eq!(pair(&mut case.browser, path).await["result"], "not-images");
    let page = case.browser.get(path).await;
    assert_eq!(
        page.text_of(".pf-v6-c-alert__title"),
        "These cannot be compared in detail"
    );
    assert_eq!(page.select(".rc-compare-side .rc-digest").len(), 2);
}

#[tokio::test]
async fn selected_tags_are_compared_older_first() {
    let world = with_images(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev
        .get(&format!("{STREAM}?tag=release-2&tag=release-1&tag=latest"))
        .await;
    assert_eq!(page.select(".rc-compare-side").len(), 2);
    assert!(
        page.text_of(".pf-m-warning .pf-v6-c-alert__title")
            .contains("3 tags were selected"),
        "{}",
        page.text
    );
    let one = dev.get(&format!("{STREAM}?tag=release-2")).await;
    assert_eq!(one.attribute("input[name=from]", "value"), "release-2");
    assert!(one.select(".rc-compare-side").is_empty());
}

#[tokio::test]
async fn name_that_is_no_image_is_shown_beside_its_field() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev
        .get(&format!("{STREAM}?from=%3Cscript%3E%E2%80%AE&to=latest"))
        .await;
    assert_eq!(page.status, 422);
    assert_eq!(
        page.attribute("input[name=from]", "aria-invalid"),
        "true",
        "{}",
        page.text
    );
    assert_eq!(page.attribute("input[name=to]", "value"), "latest");
    assert!(!page.text.contains("<script>"));
}

#[tokio::test]
async fn hostile_settings_are_escaped_and_bounded() {
    let world = World::builder(Version::V4).sample().start().await;
    let mut admin = world.signed_in("admin").await;
    let path = "/images/shop/storefront/compare?from=latest&to=untrusted/evil:latest";
    let stream = admin.json("/images/untrusted/evil").await.json();
    let tag = stream["tags"][0]["name"].as_str().unwrap();
    let page = admin
        .get(&path.replace(":latest", &format!(":{tag}")))
        .await;
    assert_eq!(page.status, 200);
    assert!(page.text.len() < 1 << 20, "{}", page.text.len());
    assert!(!page.text.contains("<img") && !page.text.contains('\u{202e}'));
}

#[tokio::test]
async fn image_page_links_to_comparisons() {
    let world = with_images(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/api:release-1").await;
    let links = page.attributes(".rc-menu--actions a", "href");
    assert!(
        links.contains(&format!("{STREAM}?from=release-1")),
        "{links:?}"
    );
    let viewer = world
        .signed_in("viewer")
        .await
        .get("/images/team-a/api:release-1")
        .await;
    let links = viewer.attributes(".rc-menu--actions a", "href");
    let elsewhere = "/images/team-a/api:release-1/tag-as".to_owned();
    assert_eq!(links, [elsewhere, format!("{STREAM}?from=release-1")]);
}

#[tokio::test]
async fn name_that_does_not_exist_is_an_error_of_its_field() {
    let world = with_images(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(&format!("{STREAM}?from=nope&to=latest")).await;
    assert_eq!(
        page.text_of("#f-from-help"),
        "Error: The image stream team-a/api has no tag nope."
    );
    assert!(page.select("#f-to-help").is_empty());
    let sides = page.select(".rc-compare-side").len();
    let links = page.select(".rc-compare-side h2 a").len();
    assert_eq!((sides, links), (2, 1), "only the other image has a page");
}
