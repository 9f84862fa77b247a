//! Adding tags to a stream: for images of this registry and of others.

use bytes::Bytes;
use openshift_standin::cluster::{PushedManifest, Version};
use registry_model::Digest;
use rstest::rstest;
use serde_json::Value;

use crate::harness::seeded_standin::{DOCKER_MANIFEST, exchange};
use crate::harness::{Browser, Page, World, send_form};
use crate::web::streams::edit::rows;

const NEW_TAG_PATH: &str = "/images/team-a/api/new-tag";
const EXTERNAL_IMAGE: &str = "registry.example.com/team/app:1.0";

/// The recorded cluster, beside another registry that offers [`THERE`]; and the digest of that.
pub(crate) async fn world_with_external_registry(version: Version) -> (World, Digest) {
    let world = World::start(version).await;
    let of = |name| exchange(version, name).response;
    let mut config = of("registry-config-blob").body();
    config["author"] = "somebody else".into();
    let config = Bytes::from(serde_json::to_vec(&config).unwrap());
    let mut manifest = of("registry-manifest-tag").body();
    manifest["config"]["digest"] = Digest::sha256(&config).to_string().into();
    let manifest = Bytes::from(serde_json::to_vec(&manifest).unwrap());
    let digest = Digest::sha256(&manifest);
    let when = world.clock.now();
    let image = PushedManifest {
        digest: digest.clone(),
        media_type: DOCKER_MANIFEST.into(),
        manifest,
        config: Some(config),
        pushed_at: when,
        pushed_by: String::new(),
    };
    world
        .demo
        .cluster()
        .add_external_image(EXTERNAL_IMAGE, image);
    (world, digest)
}

async fn add(browser: &mut Browser, typed: &[(&str, &str)]) -> Page {
    let page = browser.get(NEW_TAG_PATH).await;
    send_form(browser, &page, typed).await
}

async fn tag(browser: &mut Browser, name: &str) -> Value {
    let stream = browser.json("/images/team-a/api").await.json();
    stream["tags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|tag| tag["name"] == name)
        .cloned()
        .unwrap_or_default()
}

fn elsewhere<'a>(tag: &'a str, from: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("tag", tag),
        ("source", "elsewhere"),
        ("from", from),
        ("policy", "source"),
    ]
}

fn here<'a>(tag: &'a str, image: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("tag", tag), ("source", "here"), ("here", image)]
}

#[rstest]
#[tokio::test]
async fn external_image_is_previewed_then_imported_as_new_tag(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, digest) = world_with_external_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    assert_eq!(
        dev.get("/images/team-a/api")
            .await
            .select(&format!("a[href='{NEW_TAG_PATH}']"))
            .len(),
        1,
        "it is offered"
    );

    let mut fields = elsewhere("vendor", EXTERNAL_IMAGE);
    fields.extend([("scheduled", "1"), ("insecure", "1"), ("look", "1")]);
    let confirmation = add(&mut dev, &fields).await;
    assert_eq!(confirmation.status, 200, "{}", confirmation.text);
    assert!(
        confirmation
            .text_of("main [role=status] tbody tr")
            .contains(&digest.short()),
        "{}",
        confirmation.text
    );
    let mode = if version == Version::V4 {
        " --import-mode=PreserveOriginal"
    } else {
        ""
    };
    let oc = format!(
        "oc tag --source=docker {EXTERNAL_IMAGE} team-a/api:vendor --scheduled --insecure{mode}"
    );
    assert_eq!(confirmation.text_of(".rc-terminal code"), oc);
    assert_eq!(
        confirmation.attribute("#f-from", "value"),
        EXTERNAL_IMAGE,
        "what was typed is still there"
    );
    assert_eq!(
        confirmation.select("input[name=scheduled][checked]").len(),
        1
    );
    assert_eq!(
        tag(&mut dev, "vendor").await,
        Value::Null,
        "looking makes nothing"
    );

    fields.pop();
    let done = send_form(&mut dev, &confirmation, &fields).await;
    assert_eq!(done.location(), "/images/team-a/api", "{}", done.text);
    let text = dev.get("/images/team-a/api").await.text_of(".pf-m-success");
    assert!(
        text.contains(EXTERNAL_IMAGE) && text.contains(&digest.short()),
        "{text}"
    );
    let made = tag(&mut dev, "vendor").await;
    assert_eq!(
        (&made["digest"], &made["source"]["name"]),
        (&digest.to_string().into(), &EXTERNAL_IMAGE.into())
    );
    assert_eq!(
        (&made["scheduled"], &made["insecure"]),
        (&true.into(), &true.into())
    );
}

#[tokio::test]
async fn local_reference_policy_can_be_chosen_and_survives_edits() {
    let (world, _) = world_with_external_registry(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let local = [
        ("tag", "near"),
        ("source", "elsewhere"),
        ("from", EXTERNAL_IMAGE),
        ("policy", "local"),
    ];
    let confirmation = add(&mut dev, &[&local[..], &[("look", "1")]].concat()).await;
    assert!(
        confirmation
            .text_of(".rc-terminal code")
            .ends_with("--reference-policy=local --import-mode=PreserveOriginal")
    );
    assert_eq!(
        confirmation.attribute("input[name=policy][checked]", "value"),
        "local"
    );
    assert_eq!(send_form(&mut dev, &confirmation, &local).await.status, 303);
    let form = dev.get("/images/team-a/api/edit").await;
    assert_eq!(
        rows(&form),
        [("near".to_owned(), EXTERNAL_IMAGE.to_owned())]
    );
    assert_eq!(
        form.attributes("main form .rc-source option[selected]", "value"),
        ["PreserveOriginal", "local"]
    );
}

#[rstest]
#[tokio::test]
async fn failed_import_leaves_a_pending_tag_with_a_message(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, _) = world_with_external_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    for (name, from, why) in [
        ("lost", "registry.example.com/team/app:9", "not found"),
        ("far", "nowhere.example/x/y:1", "no such host"),
    ] {
        assert_eq!(add(&mut dev, &elsewhere(name, from)).await.status, 303);
        let page = dev.get("/images/team-a/api").await;
        let text = page.text_of(".pf-v6-c-alert.pf-m-warning .pf-v6-c-alert__title");
        assert!(text.contains(from) && text.contains(why), "{text}");
        assert_eq!(tag(&mut dev, name).await["digest"], Value::Null);
    }
}

#[rstest]
#[tokio::test]
async fn blocked_registry_is_a_field_error(#[values(Version::V3_9, Version::V4)] version: Version) {
    let (world, _) = world_with_external_registry(version).await;
    world
        .demo
        .cluster()
        .allow_imports_from(Some(&["docker.io:443"]));
    let mut dev = world.signed_in("dev").await;
    for look in [None, Some(("look", "1"))] {
        let fields: Vec<_> = elsewhere("vendor", EXTERNAL_IMAGE)
            .into_iter()
            .chain(look)
            .collect();
        let refused = add(&mut dev, &fields).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(
            refused
                .text_of("#f-from-help.rc-field__error")
                .contains("not allowed by whitelist"),
            "{}",
            refused.text
        );
        assert_eq!(refused.attribute("#f-from", "value"), EXTERNAL_IMAGE);
    }
    assert_eq!(tag(&mut dev, "vendor").await, Value::Null);
}

#[rstest]
#[tokio::test]
async fn overwriting_a_tag_requires_confirmation_of_the_shown_state(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, digest) = world_with_external_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    let before = tag(&mut dev, "v1").await;
    let fields = elsewhere("v1", EXTERNAL_IMAGE);
    let page = add(&mut dev, &fields).await;
    assert_eq!(page.status, 409, "{}", page.text);
    assert!(page.text_of("[role=alert]").contains("already exists"));
    assert_eq!(
        tag(&mut dev, "v1").await["digest"],
        before["digest"],
        "nothing was changed yet"
    );
    let other = send_form(&mut dev, &page, &elsewhere("v2", EXTERNAL_IMAGE)).await;
    assert_eq!(other.status, 409, "v2 was never asked about");
    assert_eq!(send_form(&mut dev, &page, &fields).await.status, 303);
    assert_eq!(tag(&mut dev, "v1").await["digest"], digest.to_string());
}

#[rstest]
#[tokio::test]
async fn new_tag_accepts_every_form_of_local_reference(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let latest = tag(&mut dev, "latest").await["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    let host = world
        .demo
        .urls()
        .registry
        .trim_start_matches("https://")
        .trim_end_matches('/')
        .to_owned();
    let by_digest = format!("team-a/api@{latest}");
    let with_host = format!("{host}/team-a/api:v1");
    for (name, image, oc) in [
        (
            "one",
            "api:latest",
            "oc tag team-a/api:latest team-a/api:one".to_owned(),
        ),
        (
            "two",
            "team-a/api:v1",
            "oc tag team-a/api:v1 team-a/api:two".to_owned(),
        ),
        (
            "three",
            by_digest.as_str(),
            format!("oc tag {by_digest} team-a/api:three"),
        ),
        (
            "four",
            with_host.as_str(),
            "oc tag team-a/api:v1 team-a/api:four".to_owned(),
        ),
    ] {
        let confirmation = add(
            &mut dev,
            &[&here(name, image)[..], &[("look", "1")]].concat(),
        )
        .await;
        assert_eq!(confirmation.text_of(".rc-terminal code"), oc);
        assert!(
            confirmation
                .text_of("main [role=status] tbody tr")
                .contains(&latest[7..19]),
            "{}",
            confirmation.text
        );
        assert_eq!(
            send_form(&mut dev, &confirmation, &here(name, image))
                .await
                .status,
            303,
            "{name}"
        );
        assert_eq!(tag(&mut dev, name).await["digest"], latest, "{name}");
    }
    let follow = [&here("current", "api:latest")[..], &[("follow", "1")]].concat();
    // `oc tag --alias` looks for the source in the current project: with `team-a/` before it,
    // the command fails in every other.
    let confirmation = add(&mut dev, &[&follow[..], &[("look", "1")]].concat()).await;
    assert_eq!(
        confirmation.text_of(".rc-terminal code"),
        "oc tag --alias api:latest api:current -n team-a"
    );
    assert_eq!(add(&mut dev, &follow).await.status, 303);
    assert_eq!(
        tag(&mut dev, "current").await["source"]["kind"],
        "stream-tag"
    );
    let taken = add(&mut dev, &here("one", "shared-libs/batch:dev")).await;
    assert_eq!(
        taken.status, 303,
        "it points there already: the recorded images are one"
    );
}

#[tokio::test]
async fn invalid_image_is_a_field_error_without_upstream_request() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let hostile = "\"><script>alert(1)</script>";
    let host = world
        .demo
        .urls()
        .registry
        .trim_start_matches("https://")
        .trim_end_matches('/')
        .to_owned();
    let own = format!("{host}/team-a/api:v1");
    for (fields, field) in [
        (here("-x", "api:v1"), "tag"),
        (here(".x", "api:v1"), "tag"),
        (here("", "api:v1"), "tag"),
        (here("a b", "api:v1"), "tag"),
        (here("ok", "api"), "here"),
        (here("ok", hostile), "here"),
        (here("ok", "docker.io/library/nginx:1"), "here"),
        (elsewhere("ok", hostile), "from"),
        (elsewhere("ok", ""), "from"),
        (elsewhere("ok", &own), "from"),
        (vec![("tag", "ok"), ("source", "odd")], "source"),
        (
            [&here("ok", "shared-libs/batch:dev")[..], &[("follow", "1")]].concat(),
            "here",
        ),
    ] {
        world.clear_requests();
        let page = add(&mut dev, &fields).await;
        assert_eq!(page.status, 422, "{fields:?}: {}", page.text);
        assert_eq!(
            page.select(&format!("#f-{field}-help.rc-field__error"))
                .len(),
            1,
            "{fields:?}"
        );
        assert!(page.select("main script").is_empty());
        assert!(
            world
                .requests()
                .iter()
                .all(|request| request.method == "GET" || request.path.contains("accessreviews")),
            "{:?}",
            world.requests()
        );
    }
    for gone in ["api:nothing", "team-a/nothing:v1", "nowhere/api:v1"] {
        let page = add(&mut dev, &here("ok", gone)).await;
        assert_eq!(page.status, 422, "{gone}");
        assert!(
            page.text_of("#f-here-help")
                .contains("This image does not exist"),
            "{gone}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn viewer_gets_no_new_tag_form_and_a_localized_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, _) = world_with_external_registry(version).await;
    let mut viewer = world.signed_in("viewer").await;
    viewer.set_cookie("__Host-language", "zh-CN");
    assert!(
        viewer
            .get("/images/team-a/api")
            .await
            .select(&format!("a[href='{NEW_TAG_PATH}']"))
            .is_empty()
    );
    assert!(
        viewer
            .get(NEW_TAG_PATH)
            .await
            .select("main button[type=submit]")
            .is_empty()
    );
    let csrf = viewer.csrf().await;
    for fields in [here("mine", "api:v1"), elsewhere("mine", EXTERNAL_IMAGE)] {
        let fields = [&fields[..], &[("csrf", csrf.as_str())]].concat();
        let refused = viewer.post_form(NEW_TAG_PATH, &fields).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        assert_eq!(
            refused.text_of("[role=alert] .pf-v6-c-alert__title"),
            "您没有执行此操作的权限"
        );
    }
    assert_eq!(tag(&mut viewer, "mine").await, Value::Null);
}

#[tokio::test]
async fn form_says_what_it_will_do() {
    let (world, _) = world_with_external_registry(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(NEW_TAG_PATH).await;
    assert_eq!(
        page.text_of("#plan bdi"),
        "Enter a tag and an image to see what will happen."
    );
    let cases: [(Vec<(&str, &str)>, &str); 5] = [
        (
            here("next", "api:v1"),
            "team-a/api:next will point to api:v1.",
        ),
        (
            [here("next", "api:v1"), vec![("follow", "1")]].concat(),
            "team-a/api:next will track api:v1 and be updated with it.",
        ),
        (
            elsewhere("vendor", EXTERNAL_IMAGE),
            "team-a/api:vendor will be imported from registry.example.com/team/app:1.0.",
        ),
        (
            [
                elsewhere("vendor", EXTERNAL_IMAGE),
                vec![("scheduled", "1")],
            ]
            .concat(),
            "team-a/api:vendor will be imported from registry.example.com/team/app:1.0, now and periodically.",
        ),
        (here("v2", "api:v1"), "team-a/api:v2 will point to api:v1."),
    ];
    for (fields, expected) in cases {
        let preview = [fields.clone(), vec![("look", "1")]].concat();
        let page = send_form(&mut dev, &page, &preview).await;
        assert_eq!(page.text_of("#plan bdi"), expected);
        let is_new = !page.select("#plan [data-plan-exists][hidden]").is_empty();
        assert_eq!(is_new, fields[0].1 != "v2", "{expected}");
    }
}
