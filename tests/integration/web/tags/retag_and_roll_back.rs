//! Giving images other tags, and rolling tags back.

use bytes::Bytes;
use openshift_standin::cluster::{PushedManifest, StoredTagSpec, TagReference, Version};
use openshift_standin::faults::LoggedRequest;
use registry_model::{Digest, Subject, SubjectKind};
use rstest::rstest;
use serde_json::Value;

use crate::harness::seeded_standin::{DOCKER_MANIFEST, exchange, repository};
use crate::harness::{Browser, Page, World, post, send_form};

/// The recorded cluster, with two more images in `team-a/api` that say something else of
/// themselves.
pub(crate) async fn with_images(version: Version) -> World {
    let world = World::start(version).await;
    for number in ["1", "2"] {
        push(&world, version, number, &format!("release-{number}"));
    }
    world
}

/// Pushes an image that is labelled with `number` to a tag of `team-a/api`, and returns its digest.
fn push(world: &World, version: Version, number: &str, tag: &str) -> Digest {
    let of = |name| exchange(version, name).response.body();
    let (mut manifest, mut config) = (of("registry-manifest-tag"), of("registry-config-blob"));
    config["config"]["Labels"]["release"] = number.into();
    let config = Bytes::from(serde_json::to_vec(&config).unwrap());
    manifest["config"]["digest"] = Digest::sha256(&config).to_string().into();
    let manifest = Bytes::from(serde_json::to_vec(&manifest).unwrap());
    let (cluster, api) = (world.demo.cluster(), repository("team-a/api"));
    let (digest, when) = (Digest::sha256(&manifest), world.clock.now());
    let pushed = PushedManifest {
        digest: digest.clone(),
        media_type: DOCKER_MANIFEST.into(),
        manifest,
        config: Some(config),
        pushed_at: when,
        pushed_by: "dev".into(),
    };
    cluster
        .push(
            &api.project,
            &api.stream,
            Some(&tag.parse().unwrap()),
            &pushed,
        )
        .unwrap();
    digest
}

/// Fills the form at `path` and sends it with what it holds besides.
async fn fill(browser: &mut Browser, path: &str, typed: &[(&str, &str)]) -> Page {
    let page = browser.get(path).await;
    send_form(browser, &page, typed).await
}

async fn tag(browser: &mut Browser, stream: &str, name: &str) -> Value {
    let stream = browser.json(stream).await.json();
    stream["tags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|tag| tag["name"] == name)
        .cloned()
        .unwrap_or_default()
}

/// The images of `team-a/api`, each once.
async fn images(browser: &mut Browser) -> Vec<String> {
    let stream = browser.json("/images/team-a/api").await.json();
    let mut found: Vec<String> = Vec::new();
    for tag in stream["tags"].as_array().unwrap() {
        let digest = tag["digest"].as_str().unwrap().to_owned();
        if !found.contains(&digest) {
            found.push(digest);
        }
    }
    found
}

/// Makes the tag `stable` point at each of the images in turn; what it pointed at, newest first.
async fn history(browser: &mut Browser) -> Vec<String> {
    let mut images = images(browser).await;
    for image in &images {
        let form = format!("/images/team-a/api@{image}/tag-as");
        let page = fill(browser, &form, &TARGET).await;
        if page.status == 409 {
            assert_eq!(send_form(browser, &page, &TARGET).await.status, 303);
        }
    }
    images.reverse();
    images
}

const TARGET: [(&str, &str); 3] = [("project", "team-a"), ("stream", "api"), ("tag", "stable")];

#[rstest]
#[tokio::test]
async fn moving_an_existing_tag_requires_confirmation(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = with_images(version).await;
    let mut dev = world.signed_in("dev").await;
    let latest = tag(&mut dev, "/images/team-a/api", "latest").await;
    let image: Digest = latest["digest"].as_str().unwrap().parse().unwrap();
    let done = fill(&mut dev, "/images/team-a/api:latest/tag-as", &TARGET).await;
    assert_eq!(done.location(), "/images/team-a/api", "{}", done.text);
    assert_eq!(
        dev.get("/images/team-a/api").await.text_of(".pf-m-success"),
        format!("team-a/api:stable now points to image {}.", image.short())
    );
    assert_eq!(
        tag(&mut dev, "/images/team-a/api", "stable").await["digest"],
        latest["digest"]
    );

    let older = images(&mut dev)
        .await
        .into_iter()
        .find(|image| latest["digest"] != image.as_str())
        .unwrap();
    let form = format!("/images/team-a/api@{older}/tag-as");
    let asked_again = fill(&mut dev, &form, &TARGET).await;
    assert_eq!(asked_again.status, 409, "{}", asked_again.text);
    assert!(
        asked_again
            .text_of("[role=alert]")
            .contains("already exists")
    );
    assert_eq!(
        tag(&mut dev, "/images/team-a/api", "stable").await["digest"],
        latest["digest"],
        "nothing was changed yet"
    );
    assert_eq!(
        asked_again.attribute("input[name=tag]", "value"),
        "stable",
        "what was typed is still there"
    );
    assert_eq!(send_form(&mut dev, &asked_again, &TARGET).await.status, 303);
    let moved = tag(&mut dev, "/images/team-a/api", "stable").await;
    assert_eq!(moved["digest"], older.as_str());
    assert_eq!(
        moved["history"].as_array().unwrap().len(),
        2,
        "Its current image remains in its history"
    );
}

#[tokio::test]
async fn tag_in_another_project_may_track_the_source_tag() {
    let world = World::start(Version::V4).await;
    let mut root = world.signed_in("root").await;
    let there = [("project", "team-b"), ("stream", "promoted"), ("tag", "v1")];
    assert_eq!(
        fill(&mut root, "/images/team-a/api:latest/tag-as", &there)
            .await
            .location(),
        "/images/team-b/promoted"
    );
    let latest = tag(&mut root, "/images/team-a/api", "latest").await;
    assert_eq!(
        tag(&mut root, "/images/team-b/promoted", "v1").await["digest"],
        latest["digest"]
    );
    let following = [
        ("project", "team-b"),
        ("stream", "promoted"),
        ("tag", "v2"),
        ("follow", "1"),
    ];
    let refused = fill(&mut root, "/images/team-a/api:latest/tag-as", &following).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused
            .text_of("#f-stream-help")
            .contains("the same image stream")
    );
    assert!(
        refused.texts(".rc-terminal code").is_empty(),
        "no command does this: {}",
        refused.text_of(".rc-terminal")
    );
    let following = [
        ("project", "team-a"),
        ("stream", "api"),
        ("tag", "v1"),
        ("follow", "1"),
    ];
    let taken = fill(&mut root, "/images/team-a/api:latest/tag-as", &following).await;
    assert_eq!(
        (taken.status, taken.text_of(".rc-terminal code").as_str()),
        (409, "oc tag --alias api:latest api:v1 -n team-a")
    );
    let following = [
        ("project", "team-a"),
        ("stream", "api"),
        ("tag", "current"),
        ("follow", "1"),
    ];
    assert_eq!(
        fill(&mut root, "/images/team-a/api:latest/tag-as", &following)
            .await
            .status,
        303
    );
    assert_eq!(
        tag(&mut root, "/images/team-a/api", "current").await["source"]["kind"],
        "stream-tag"
    );
}

#[tokio::test]
async fn invalid_tag_name_is_escaped_beside_the_rule() {
    // S30, S40.
    let world = World::start(Version::V3_9).await;
    let mut dev = world.signed_in("dev").await;
    let hostile = "\"><script>alert(1)</script>";
    world.clear_requests();
    let typed = [("project", hostile), ("stream", "UPPER"), ("tag", "-x")];
    let page = fill(&mut dev, "/images/team-a/api:latest/tag-as", &typed).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attribute("input[name=project]", "value"), hostile);
    assert!(page.select("main script").is_empty());
    for field in ["project", "stream", "tag"] {
        assert_eq!(
            page.attribute(&format!("#f-{field}"), "aria-invalid"),
            "true"
        );
    }
    let reads = |seen: &LoggedRequest| seen.method == "GET" || seen.path.contains("accessreviews");
    assert!(world.requests().iter().all(reads), "{:?}", world.requests());
}

#[rstest]
#[tokio::test]
async fn tag_is_rolled_back_and_forward(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = with_images(version).await;
    let mut dev = world.signed_in("dev").await;
    let images = history(&mut dev).await;
    assert!(images.len() > 1);
    let history = dev.get("/images/team-a/api/history?tag=stable").await;
    let link = history
        .select(".rc-events a")
        .into_iter()
        .filter_map(|a| a.attr("href"))
        .find(|href| href.contains("/api:stable/roll-back"));
    let page = dev.get(link.unwrap()).await;
    assert!(
        !page
            .texts("section[aria-labelledby=compare-settings] tbody tr")
            .is_empty(),
        "it says what differs: {}",
        page.text
    );
    assert_eq!(page.text_of("h1"), "Roll back api:stable");
    let sides = page.texts(".rc-compare-side h2");
    assert!(
        sides[0].starts_with("Current ") && sides[1].starts_with("After rollback "),
        "{sides:?}"
    );
    assert_eq!(
        page.text_of(".rc-terminal code"),
        format!("oc tag team-a/api@{} team-a/api:stable", images[1])
    );
    assert_eq!(send_form(&mut dev, &page, &[]).await.status, 303);
    assert_eq!(
        tag(&mut dev, "/images/team-a/api", "stable").await["digest"],
        images[1].as_str()
    );
    assert_eq!(
        send_form(&mut dev, &page, &[]).await.status,
        303,
        "rolling back to where it is changes nothing"
    );

    send_form(&mut dev, &page, &[]).await;
    let text = dev.get("/images/team-a/api").await;
    let fields = text.hidden_fields("[role=status] form");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        dev.post_form(&text.attribute("[role=status] form", "action"), &fields)
            .await
            .status,
        303
    );
    assert_eq!(
        tag(&mut dev, "/images/team-a/api", "stable").await["digest"],
        images[0].as_str(),
        "undone"
    );
}

#[tokio::test]
async fn conflicting_roll_back_changes_nothing_and_shows_current_tag() {
    let world = with_images(Version::V3_9).await;
    let (mut one, mut other) = (world.signed_in("dev").await, world.signed_in("root").await);
    let images = history(&mut one).await;
    let form = |image: &str| format!("/images/team-a/api:stable/roll-back?to={image}");
    let (mine, theirs) = (
        one.get(&form(&images[1])).await,
        other.get(&form(&images[2])).await,
    );
    assert_eq!(send_form(&mut other, &theirs, &[]).await.status, 303);
    let overtaken = send_form(&mut one, &mine, &[]).await;
    assert_eq!(overtaken.status, 409, "{}", overtaken.text);
    assert!(
        overtaken
            .text_of("[role=alert] .pf-v6-c-alert__title")
            .contains("Someone else changed this first")
    );
    assert_eq!(
        tag(&mut one, "/images/team-a/api", "stable").await["digest"],
        images[2].as_str(),
        "nothing was changed"
    );
    assert_eq!(
        send_form(&mut one, &overtaken, &[]).await.status,
        303,
        "the fresh form may"
    );
    assert_eq!(
        tag(&mut one, "/images/team-a/api", "stable").await["digest"],
        images[1].as_str()
    );
}

#[rstest]
#[tokio::test]
async fn viewer_gets_no_tag_actions_and_a_reason(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut viewer = world.signed_in("viewer").await;
    let stream = viewer.get("/images/team-a/api").await;
    assert!(
        !stream.text.contains("roll-back") && !stream.text.contains("/delete"),
        "{}",
        stream.text
    );
    let image = viewer.get("/images/team-a/api:latest").await;
    assert!(
        image
            .select(".rc-page-header__actions a[href$='/delete']")
            .is_empty()
    );
    let form = viewer.get("/images/team-a/api:latest/tag-as").await;
    assert!(
        form.select("main form button[type=submit]").is_empty(),
        "there is no project in which they may"
    );
    let refused = post(&mut viewer, "/images/team-a/api:latest/tag-as", &TARGET).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .text_of("[role=alert]")
            .contains("You don't have permission"),
        "{}",
        refused.text
    );
    assert_eq!(
        tag(&mut viewer, "/images/team-a/api", "stable").await,
        Value::Null
    );
}

#[rstest]
#[tokio::test]
async fn user_tags_pullable_image_into_own_project(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut outsider = world.signed_in("outsider").await;
    let form = "/images/shared-libs/batch:dev/tag-as";
    assert_eq!(
        outsider
            .get("/images/shared-libs/batch:dev")
            .await
            .select(&format!("a[href='{form}']"))
            .len(),
        1
    );
    assert!(
        outsider
            .get(form)
            .await
            .select("main form button[type=submit]")
            .is_empty(),
        "they may tag nowhere yet"
    );

    let editor = Subject {
        kind: SubjectKind::User,
        name: "outsider".to_owned(),
        project: None,
    };
    world.demo.cluster().bind(
        Some(&"team-b".parse().unwrap()),
        "registry-editor",
        &[editor],
    );
    let mut outsider = world.signed_in("outsider").await;
    let page = outsider.get(form).await;
    let offered: Vec<&str> = page
        .select("#projects option")
        .into_iter()
        .filter_map(|option| option.attr("value"))
        .collect();
    assert_eq!(offered, ["team-b"], "where they may, and nowhere else");
    assert_eq!(page.attribute("#f-project", "value"), "team-b");
    let refused = send_form(
        &mut outsider,
        &page,
        &[
            ("project", "shared-libs"),
            ("stream", "batch"),
            ("tag", "mine"),
        ],
    )
    .await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let there = [("project", "team-b"), ("stream", "batch"), ("tag", "mine")];
    assert_eq!(
        send_form(&mut outsider, &page, &there).await.location(),
        "/images/team-b/batch"
    );
    assert!(tag(&mut outsider, "/images/team-b/batch", "mine").await["digest"].is_string());
}

#[rstest]
#[tokio::test]
async fn image_not_visible_to_the_user_gets_no_tag(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = with_images(version).await;
    let mut dev = world.signed_in("dev").await;
    let images = history(&mut dev).await;
    let page = dev.get("/images/team-a/api:stable/tag-as").await;
    let typed = [("project", "team-a"), ("stream", "api"), ("tag", "prod")];
    let back = format!("/images/team-a/api:stable/roll-back?to={}", images[1]);
    assert_eq!(fill(&mut dev, &back, &[]).await.status, 303);
    dev.get("/images/team-a/api").await;
    let stale = send_form(&mut dev, &page, &typed).await;
    assert_eq!(
        stale.status, 409,
        "the source moved since the form was shown: {}",
        stale.text
    );
    assert_eq!(
        tag(&mut dev, "/images/team-a/api", "prod").await,
        Value::Null,
        "nothing was changed"
    );
    assert_eq!(
        send_form(&mut dev, &stale, &typed).await.status,
        303,
        "the form shows the image of now, and may"
    );
    assert_eq!(
        tag(&mut dev, "/images/team-a/api", "prod").await["digest"],
        images[1].as_str()
    );
}

#[tokio::test]
async fn confirmation_applies_to_its_tag_only() {
    let world = with_images(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let images = history(&mut dev).await;
    let at = |image: &str| format!("/images/team-a/api@{image}/tag-as");
    let prod = [("project", "team-a"), ("stream", "api"), ("tag", "prod")];
    assert_eq!(
        fill(&mut dev, &at(&images[0]), &prod).await.status,
        303,
        "prod is where stable is"
    );
    let asked = fill(&mut dev, &at(&images[1]), &TARGET).await;
    assert_eq!(asked.status, 409);
    let other = send_form(&mut dev, &asked, &prod).await;
    assert_eq!(
        other.status, 409,
        "prod was never asked about: {}",
        other.text
    );
    assert_eq!(
        tag(&mut dev, "/images/team-a/api", "prod").await["digest"],
        images[0].as_str()
    );
}

#[rstest]
#[tokio::test]
async fn moving_a_pending_tag_requires_confirmation(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let api = repository("team-a/api");
    let waiting = StoredTagSpec {
        from: Some(TagReference::docker_image(
            "registry.example.com/nothing/there:yet",
        )),
        ..StoredTagSpec::default()
    };
    world.demo.cluster().set_spec_tag(
        &api.project,
        &api.stream,
        &"stable".parse().unwrap(),
        waiting,
    );
    let asked = fill(&mut dev, "/images/team-a/api:latest/tag-as", &TARGET).await;
    assert_eq!(asked.status, 409, "{}", asked.text);
    assert!(asked.text_of("[role=alert]").contains("has no image yet"));
    assert_eq!(
        tag(&mut dev, "/images/team-a/api", "stable").await["source"]["kind"],
        "external",
        "nothing was changed"
    );
    assert_eq!(send_form(&mut dev, &asked, &TARGET).await.status, 303);
    assert!(tag(&mut dev, "/images/team-a/api", "stable").await["digest"].is_string());
}

#[rstest]
#[tokio::test]
async fn pushed_tag_is_no_longer_tracking_its_source(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = with_images(version).await;
    let mut dev = world.signed_in("dev").await;
    let set_to = history(&mut dev).await[0].clone();
    assert_eq!(
        tag(&mut dev, "/images/team-a/api", "stable").await["pushed_since"],
        false
    );
    assert!(
        !dev.get("/images/team-a/api")
            .await
            .text
            .contains("pushed since")
    );

    let pushed = push(&world, version, "3", "stable").to_string();
    let stable = tag(&mut dev, "/images/team-a/api", "stable").await;
    assert_eq!(
        (stable["digest"].as_str(), &stable["pushed_since"]),
        (Some(pushed.as_str()), &true.into())
    );
    let set_to_digest: Digest = set_to.parse().unwrap();
    let expected = format!("pushed since; was set to image {}", set_to_digest.short());
    let page = dev.get("/images/team-a/api").await;
    assert!(
        page.texts(".rc-tag-source").contains(&expected),
        "{:?}",
        page.texts(".rc-tag-source")
    );

    let roll_back = dev
        .get(&format!("/images/team-a/api:stable/roll-back?to={set_to}"))
        .await;
    assert!(
        !roll_back.text_of("main").contains("stop tracking"),
        "{}",
        roll_back.text_of("main")
    );
    let taken = fill(
        &mut dev,
        &format!("/images/team-a/api@{set_to}/tag-as"),
        &TARGET,
    )
    .await;
    assert_eq!(taken.status, 409);
    assert!(
        taken.text_of("[role=alert]").contains(&expected),
        "{}",
        taken.text_of("[role=alert]")
    );
}
