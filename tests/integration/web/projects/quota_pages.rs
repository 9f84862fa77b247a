//! Quotas and limits on the pages of projects, image streams and forms.

use http::StatusCode;
use openshift_standin::cluster::{ImageLimits, Version};
use openshift_standin::faults::Fault;
use rstest::rstest;

use crate::harness::{World, post};

/// The card with the quotas and limits.
const CARD: &str = "[aria-labelledby=quota]";
/// The line with the quotas and limits on the page of a project.
const LINE: &str = ".rc-quota-line";

fn set_limits(world: &World, tags: usize, images: usize) {
    let limits = ImageLimits {
        image_size: Some("1Gi".to_owned()),
        tags: Some(tags),
        images: Some(images),
    };
    world
        .demo
        .cluster()
        .set_image_limits("team-a", "images", limits);
}

#[rstest]
#[tokio::test]
async fn project_shows_its_quotas_and_limits_with_their_use(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let cluster = world.demo.cluster();
    cluster.set_stream_quota("team-a", "streams", 40);
    cluster.set_cluster_stream_quota("teams", &["team-a", "team-b"], 100);
    set_limits(&world, 20, 30);
    let quota = &world.json("/projects/team-a", "dev").await["quota"];
    let used = quota["quotas"][0]["used"].as_u64().unwrap();
    assert!(used > 0);
    assert_eq!(
        quota["quotas"][0],
        serde_json::json!({
            "name": "streams", "scope": "project", "resource": "openshift.io/imagestreams", "hard": 40, "used": used,
        })
    );
    assert_eq!(quota["cluster_quotas"][0]["used_here"], used);
    assert_eq!(
        quota["limits"][0],
        serde_json::json!({ "range": "images", "kind": "image-size", "max": 1 << 30 })
    );
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/projects/team-a").await;
    let text = page.text_of(LINE);
    let figures = format!("{used} of 40");
    assert!(
        text.contains(&format!("{figures} (quota streams)"))
            && text.contains(&format!("(quota teams, {used} of them in this project)"))
            && text.contains("Maximum image size: 1.0 GiB"),
        "{text}"
    );
    assert_eq!(
        page.attributes(&format!("{LINE} svg"), "aria-label")[0],
        figures
    );
    let settings = dev.get("/projects/team-a/edit").await;
    let rows = settings.texts(&format!("{CARD} tbody tr"));
    assert!(
        rows.iter()
            .any(|row| row.contains("api") && row.contains("of 20")),
        "{rows:?}"
    );
    let text = settings.text_of(CARD);
    assert!(
        text.contains("Only a cluster administrator can change them")
            && text.contains("oc describe quota,limitrange -n team-a"),
        "{text}"
    );
}

#[tokio::test]
async fn project_without_quotas_has_no_card() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for path in ["/projects/team-a", "/projects/team-a/edit"] {
        let page = dev.get(path).await;
        assert_eq!(
            (page.select(CARD).len(), page.select(LINE).len()),
            (0, 0),
            "{path}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn user_who_may_not_read_quotas_is_told_in_the_settings_only(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world
        .demo
        .cluster()
        .set_stream_quota("team-a", "streams", 1);
    let mut viewer = world.signed_in("viewer").await;
    let project = viewer.get("/projects/team-a").await;
    assert_eq!((project.status, project.select(LINE).len()), (200, 0));
    let settings = viewer.get("/projects/team-a/edit").await;
    let text = settings.text_of(CARD);
    assert!(
        text.contains("You don't have permission to view quotas and limits"),
        "{text}"
    );
    assert!(!text.contains("oc describe"), "{text}");
    let json = world.json("/projects/team-a", "viewer").await;
    for part in ["quotas", "cluster_quotas", "limits"] {
        assert_eq!(
            json["quota"][part]["missing"]["why"], "not-allowed",
            "{part}"
        );
    }
}

#[tokio::test]
async fn form_says_what_a_quota_would_refuse() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let cluster = world.demo.cluster();
    let form = "/new-image-stream?project=team-a";
    let title = "The project has reached its quota of image streams";
    cluster.set_stream_quota("team-a", "streams", 100);
    assert!(!dev.get(form).await.text_of("main").contains(title));
    cluster.set_stream_quota("team-a", "streams", 1);
    let page = dev.get(form).await;
    let text = page.text_of("main");
    assert!(
        text.contains(title) && text.contains("ResourceQuota streams: "),
        "{text}"
    );
    assert_eq!(
        page.select("main form button.pf-m-primary").len(),
        1,
        "the form can be sent nevertheless"
    );
    let json = world.json(form, "dev").await;
    assert_eq!(json["would_refuse"]["quota"]["name"], "streams");
    // A push creates an image stream as well.
    let connect = dev.get("/connect?project=team-a").await;
    assert!(connect.text_of("main").contains(title));
    let connect = dev.get("/connect?project=team-a&image=api").await;
    assert!(!connect.text_of("main").contains(title));
}

#[tokio::test]
async fn form_says_what_a_limit_would_refuse() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let title = "The image stream has reached its limit of tags";
    let forms = [
        "/images/team-a/api/new-tag",
        "/images/team-a/api:latest/tag-as",
    ];
    set_limits(&world, 100, 100);
    for form in forms {
        assert!(
            !dev.get(form).await.text_of("main").contains(title),
            "{form}"
        );
    }
    set_limits(&world, 0, 100);
    for form in forms {
        let text = dev.get(form).await.text_of("main");
        assert!(
            text.contains(title) && text.contains("LimitRange images: "),
            "{text}"
        );
    }
    // A tag that exists is not added.
    let check = |tag: &'static str| {
        [
            ("project", "team-a"),
            ("stream", "api"),
            ("tag", tag),
            ("check", "1"),
        ]
    };
    let action = "/images/team-a/api:latest/tag-as";
    let page = post(&mut dev, action, &check("new")).await;
    assert!(page.text_of("main").contains(title), "{}", page.text);
    let page = post(&mut dev, action, &check("latest")).await;
    assert!(!page.text_of("main").contains(title), "{}", page.text);
}

#[tokio::test]
async fn push_command_says_what_the_limits_refuse() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let size = "Images larger than 1.0 GiB are refused.";
    let full = "The image stream has reached its limit of images";
    set_limits(&world, 100, 100);
    let text = dev.get("/images/team-a/api").await.text_of("#pull");
    assert!(text.contains(size) && !text.contains(full), "{text}");
    set_limits(&world, 100, 0);
    // What a session has read is shown for half a minute.
    let mut dev = world.signed_in("dev").await;
    let text = dev.get("/images/team-a/api").await.text_of("#pull");
    assert!(text.contains(size) && text.contains(full), "{text}");
    let json = world.json("/images/team-a/api", "dev").await;
    let refused = &json["push_limits"]["would_refuse"]["limit"];
    assert_eq!(
        (&refused["kind"], &refused["max"]),
        (&"stream-images".into(), &0.into())
    );
    // Without the right to push there is no push command.
    let mut viewer = world.signed_in("viewer").await;
    let text = viewer.get("/images/team-a/api").await.text_of("#pull");
    assert!(!text.contains(size), "{text}");
}

#[tokio::test]
async fn expected_refusals_are_said_in_chinese_too() {
    let world = World::start(Version::V4).await;
    set_limits(&world, 0, 0);
    let cluster = world.demo.cluster();
    cluster.set_stream_quota("team-a", "streams", 1);
    let mut dev = world.signed_in("dev").await;
    dev.set_cookie("__Host-language", "zh-CN");
    for (path, title, cause) in [
        (
            "/new-image-stream?project=team-a",
            "项目的镜像流配额已用完",
            "ResourceQuota streams",
        ),
        (
            "/images/team-a/api:latest/tag-as",
            "镜像流的标签数已达上限",
            "LimitRange images",
        ),
        (
            "/images/team-a/api",
            "镜像流的镜像数已达上限",
            "LimitRange images",
        ),
    ] {
        let text = dev.get(path).await.text_of("main");
        assert!(
            text.contains(title) && text.contains(cause),
            "{path}: {text}"
        );
    }
}

#[tokio::test]
async fn quotas_that_cannot_be_read_do_not_hide_the_others() {
    let world = World::start(Version::V4).await;
    set_limits(&world, 20, 30);
    let faults = world.demo.faults();
    let group = "/apis/quota.openshift.io/";
    // Clusters without this API group have no such quotas.
    let absent = Fault::Status(
        StatusCode::NOT_FOUND,
        (&b"404 page not found"[..]).into(),
        "text/plain",
    );
    faults.set_for_path(group, absent);
    let quota = world.json("/projects/team-a", "dev").await["quota"].clone();
    assert_eq!(quota["cluster_quotas"], serde_json::json!([]));
    let failing = Fault::Status(
        StatusCode::INTERNAL_SERVER_ERROR,
        (&b"{}"[..]).into(),
        "application/json",
    );
    faults.set_for_path(group, failing);
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/projects/team-a/edit").await;
    let text = page.text_of(CARD);
    assert!(text.contains("Tags per image stream"), "{text}");
    assert_eq!(
        page.select(&format!("{CARD} .rc-missing")).len(),
        1,
        "{text}"
    );
}
