//! Removing one tag, and taking that back.

use openshift_standin::cluster::{StoredTagSpec, TagReference, Version};
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;

use crate::harness::seeded_standin::repository;
use crate::harness::{Browser, Page, World, push_to_tag};

const FORM: &str = "/images/team-a/api:v1.0/delete";

/// Presses the button of the form at `path`: sends what it holds.
async fn press(browser: &mut Browser, path: &str) -> Page {
    let page = browser.get(path).await;
    let fields = page.hidden_fields("main form");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let action = page.attribute("main form", "action");
    browser.post_form(&action, &fields).await
}

/// A tag of `team-a/api` to remove.
async fn tags(browser: &mut Browser) -> Vec<String> {
    let stream = browser.json("/images/team-a/api").await.json();
    stream["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect()
}

#[rstest]
#[tokio::test]
async fn removed_tag_can_be_restored_and_others_stay(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let before = tags(&mut dev).await;
    let confirmation = dev.get("/images/team-a/api:latest/delete").await;
    assert_eq!(confirmation.text_of("h1"), "Remove tag api:latest?");
    assert!(
        confirmation
            .text_of("title")
            .starts_with("Remove tag latest from team-a/api")
    );
    assert_eq!(
        confirmation.texts("main nav li"),
        ["Projects", "team-a", "api", "latest", "Remove"]
    );
    assert_eq!(
        confirmation.text_of("main form button[type=submit]"),
        "Remove tag latest"
    );
    assert!(
        confirmation
            .texts(".rc-terminal code")
            .contains(&"oc tag -d team-a/api:latest".to_owned()),
        "{:?}",
        confirmation.texts(".rc-terminal code")
    );
    let removed = press(&mut dev, "/images/team-a/api:latest/delete").await;
    assert_eq!(
        (removed.status, removed.location().as_str()),
        (303, "/images/team-a/api"),
        "{}",
        removed.text
    );

    let page = dev.get("/images/team-a/api").await;
    assert_eq!(
        page.text_of("[role=status] .pf-v6-c-alert__title"),
        "The tag latest was removed from team-a/api."
    );
    let others: Vec<String> = before
        .iter()
        .filter(|name| *name != "latest")
        .cloned()
        .collect();
    assert_eq!(tags(&mut dev).await, others);
    assert!(
        dev.get("/images/team-a/api")
            .await
            .select(".pf-v6-c-alert.pf-m-success")
            .is_empty(),
        "it is said once"
    );

    let undo: Vec<(String, String)> = page.hidden_fields("[role=status] form");
    let fields: Vec<(&str, &str)> = undo
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let action = page.attribute("[role=status] form", "action");
    assert_eq!(dev.post_form(&action, &fields).await.status, 303);
    let text = dev
        .get("/images/team-a/api")
        .await
        .text_of(".pf-v6-c-alert.pf-m-success");
    assert!(
        text.starts_with("The tag latest was restored. It is set to "),
        "{text}"
    );
    assert!(tags(&mut dev).await.contains(&"latest".to_owned()));
    let twice = dev.post_form(&action, &fields).await;
    assert_eq!(twice.status, 409, "an undo overwrites nothing");
    let text = twice.text_of(".pf-v6-c-alert.pf-m-warning");
    assert!(text.contains("A new tag with this name exists."), "{text}");
    let kept = twice.hidden_fields("main form[action$='/restore']");
    assert!(
        undo.iter()
            .all(|field| field.0 == "csrf" || kept.contains(field)),
        "{kept:?}"
    );
}

#[rstest]
#[tokio::test]
async fn viewer_gets_no_removal_and_a_localized_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut viewer = world.signed_in("viewer").await;
    viewer.set_cookie("__Host-language", "zh-CN");
    let page = viewer.get("/images/team-a/api:latest/delete").await;
    assert!(
        page.select("main button[type=submit]").is_empty(),
        "{}",
        page.text
    );
    assert_eq!(
        page.text_of("main .rc-missing"),
        "您没有在此处移除标签的权限。请向项目管理员申请角色 registry-editor。"
    );
    assert!(page.select("main .pf-v6-c-alert").is_empty());
    let csrf = viewer.csrf().await;
    let refused = viewer
        .post_form("/images/team-a/api:latest/delete", &[("csrf", &csrf)])
        .await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.text_of("[role=alert] .pf-v6-c-alert__title"),
        "您没有执行此操作的权限"
    );
    assert!(
        refused.text_of("[role=alert]").contains("cannot delete"),
        "what the cluster said is there: {}",
        refused.text
    );
    assert!(tags(&mut viewer).await.contains(&"latest".to_owned()));
}

#[tokio::test]
async fn missing_tag_counts_as_removed() {
    let world = World::start(Version::V4).await;
    let (mut one, mut other) = (world.signed_in("dev").await, world.signed_in("dev").await);
    let csrf = other.csrf().await;
    press(&mut one, "/images/team-a/api:latest/delete").await;
    assert_eq!(
        other
            .post_form("/images/team-a/api:latest/delete", &[("csrf", &csrf)])
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn access_reviews_are_cached_for_thirty_seconds() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    dev.get("/images/team-a/api/settings").await;
    world.clear_requests();
    dev.get("/images/team-a/api/settings").await;
    assert!(
        !world
            .requests()
            .iter()
            .any(|request| request.path.contains("accessreviews")),
        "{:?}",
        world.requests()
    );
}

#[tokio::test]
async fn removal_form_names_the_api_server_outage() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    let page = dev.post_form(FORM, &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 503, "{}", page.text);
}

#[rstest]
#[tokio::test]
async fn undo_restores_the_tags_source_and_policies(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let api = repository("team-a/api");
    let from = TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: "api:latest".to_owned(),
        namespace: None,
    };
    let annotations = Some([("description".to_owned(), "the \"tested\" one".to_owned())].into());
    let spec = StoredTagSpec {
        from: Some(from),
        reference_policy: Some("Local".to_owned()),
        annotations,
        ..StoredTagSpec::default()
    };
    let name = "tracking".parse().unwrap();
    world
        .demo
        .cluster()
        .set_spec_tag(&api.project, &api.stream, &name, spec);
    let mut dev = world.signed_in("dev").await;
    let shown = |stream: serde_json::Value| {
        stream["tags"]
            .as_array()
            .unwrap()
            .iter()
            .find(|tag| tag["name"] == "tracking")
            .cloned()
    };
    let before = shown(dev.json("/images/team-a/api").await.json()).unwrap();
    assert_eq!(
        (&before["source"]["kind"], &before["local"]),
        (&"stream-tag".into(), &true.into()),
        "{before}"
    );
    press(&mut dev, "/images/team-a/api:tracking/delete").await;

    let page = dev.get("/images/team-a/api").await;
    let undo = page.hidden_fields("[role=status] form");
    let fields: Vec<(&str, &str)> = undo
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        dev.post_form(&page.attribute("[role=status] form", "action"), &fields)
            .await
            .status,
        303
    );
    let text = dev
        .get("/images/team-a/api")
        .await
        .text_of(".pf-v6-c-alert.pf-m-success");
    assert!(
        text.contains("It is set to team-a/api:latest again"),
        "{text}"
    );
    let after = shown(dev.json("/images/team-a/api").await.json()).unwrap();
    for field in [
        "source",
        "local",
        "digest",
        "scheduled",
        "insecure",
        "reference",
    ] {
        assert_eq!(after[field], before[field], "{field} on {version:?}");
    }
    let kept = world
        .demo
        .cluster()
        .tag_annotations("team-a", "api", "tracking");
    assert_eq!(
        kept.get("description").map(String::as_str),
        Some("the \"tested\" one")
    );
}

#[tokio::test]
async fn forged_undo_changes_nothing() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    for spec in [
        "",
        "{}",
        r#"{"from":{"Tag":["team-a","../x","1"]}}"#,
        r#"{"from":{"External":"a b"}}"#,
    ] {
        let refused = dev
            .post_form(
                "/images/team-a/api:new/restore",
                &[("csrf", &csrf), ("spec", spec)],
            )
            .await;
        assert_eq!(refused.status, 400, "{spec}");
    }
    assert!(!tags(&mut dev).await.contains(&"new".to_owned()));
}

#[tokio::test]
async fn removal_counts_images_held_by_no_other_tag() {
    let world = World::start(Version::V4).await;
    let pushed = push_to_tag(&world, "team-a/weeklies", "weekly", 26);
    let mut dev = world.signed_in("dev").await;
    let path = "/images/team-a/weeklies:weekly/delete";
    let goes = dev
        .get(path)
        .await
        .text_of(".rc-consequences ul:first-of-type");
    assert!(
        goes.contains(
            "25 earlier images in its history can no longer be pulled from this image stream"
        ),
        "{goes}"
    );

    // Of the oldest image and the newest, another tag holds one each; of the others, none.
    let weeklies = repository("team-a/weeklies");
    for (tag, image) in [("first", &pushed[0]), ("second", &pushed[25])] {
        world
            .demo
            .cluster()
            .push(
                &weeklies.project,
                &weeklies.stream,
                Some(&tag.parse().unwrap()),
                image,
            )
            .unwrap();
    }
    let json = dev.json(path).await.json();
    assert_eq!(
        (&json["history"], &json["history_images_lost"]),
        (&26.into(), &24.into()),
        "{json}"
    );
    dev.set_cookie("__Host-language", "zh-CN");
    let goes = dev
        .get(path)
        .await
        .text_of(".rc-consequences ul:first-of-type");
    assert!(
        goes.contains("24 个较早的镜像将无法再从该镜像流拉取"),
        "{goes}"
    );

    let one = dev
        .json("/images/team-a/weeklies:first/delete")
        .await
        .json();
    assert_eq!(
        one["history_images_lost"], 0,
        "a tag with one image has no earlier ones"
    );
}
