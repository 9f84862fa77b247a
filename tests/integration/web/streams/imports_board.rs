//! The list of everything that is imported, and importing many tags again.

use chrono::TimeDelta;
use openshift_standin::cluster::{StoredTagSpec, TagReference, Version};
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;

use crate::harness::{World, post};
use crate::web::tags::new_tag::world_with_external_registry;

pub(crate) const SOURCE: &str = "registry.example.com/team/app:1.0";

/// A tag that tracks an image of another registry.
pub(crate) fn track(world: &World, stream: &str, tag: &str, from: &str, scheduled: bool) {
    let (project, stream) = stream.split_once('/').unwrap();
    world.demo.cluster().set_spec_tag(
        &project.parse().unwrap(),
        &stream.parse().unwrap(),
        &tag.parse().unwrap(),
        StoredTagSpec {
            from: Some(TagReference::docker_image(from)),
            scheduled,
            ..StoredTagSpec::default()
        },
    );
}

fn fail(world: &World, stream: &str, tag: &str, reason: &str, message: &str) {
    let (project, stream) = stream.split_once('/').unwrap();
    let when = world.clock.now() - TimeDelta::hours(5);
    world.demo.cluster().fail_import(
        &project.parse().unwrap(),
        &stream.parse().unwrap(),
        &tag.parse().unwrap(),
        reason,
        message,
        when,
    );
}

#[rstest]
#[tokio::test]
async fn imports_are_grouped_by_registry_with_failing_ones_first(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let before = world.json("/imports", "dev").await["visible"].clone();
    track(&world, "team-a/up", "ok", SOURCE, true);
    track(&world, "team-a/up", "bad", "quay.io/x/y:1", true);
    fail(&world, "team-a/up", "bad", "Unauthorized", "no access");
    track(&world, "team-b/other", "gone", "quay.io/x/gone:1", false);
    fail(
        &world,
        "team-b/other",
        "gone",
        "NotFound",
        "<b>not found</b>",
    );
    let view = world.json("/imports", "dev").await;
    assert_eq!(
        view["visible"].as_u64().unwrap(),
        before.as_u64().unwrap() + 3
    );
    let quay = &view["groups"][0];
    assert_eq!(quay["host"], "quay.io", "it has the most failing imports");
    assert_eq!(quay["matching"], 2);
    assert_eq!(quay["rows"][0]["state"], "failing");
    assert_eq!(quay["rows"][0]["failure"]["kind"], "login-required");
    assert_eq!(quay["rows"][0]["may_import"], true);

    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/imports?state=failing").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let text = page.text_of("main");
    assert!(
        text.contains("Sign-in required") && text.contains("<b>not found</b>"),
        "{text}"
    );
    assert!(!text.contains("registry.example.com/team/app"), "{text}");
    let policies = page.texts(".rc-imports__policy");
    assert_eq!(policies, ["Scheduled", "Once"]);
    assert!(page.text_of(".rc-chips [aria-current]").contains("Failing"));
    assert_eq!(
        page.select("svg.rc-import-health rect").len(),
        policies.len(),
        "the pictures show what the list does"
    );

    let viewer = world
        .json("/imports?host=quay.io&project=team-a", "viewer")
        .await;
    assert_eq!(viewer["groups"][0]["rows"].as_array().unwrap().len(), 1);
    assert_eq!(viewer["groups"][0]["rows"][0]["may_import"], false);
    let page = world
        .signed_in("viewer")
        .await
        .get("/imports?project=team-a")
        .await;
    assert!(
        page.select("main form[method=post] button").is_empty(),
        "{}",
        page.text
    );
    let outsider = world.json("/imports", "outsider").await;
    assert!(!outsider.to_string().contains("quay.io"), "{outsider}");
}

#[rstest]
#[tokio::test]
async fn import_again_reports_a_result_for_each_tag(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, digest) = world_with_external_registry(version).await;
    track(&world, "team-a/up", "ok", SOURCE, false);
    track(&world, "team-a/up", "bad", "nowhere.example/x/y:1", false);
    fail(&world, "team-a/up", "bad", "InternalError", "no such host");
    let mut dev = world.signed_in("dev").await;
    let fields = [
        ("shown", "team-a/up:ok"),
        ("shown", "team-a/up:bad"),
        ("shown", "team-a/up:missing"),
        ("shown", "not a target"),
        ("do", "shown"),
    ];
    let page = post(&mut dev, "/imports", &fields).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(
        page.text_of("main [role=status] .pf-v6-c-alert__title"),
        "1 imported, 2 failed"
    );
    let rows = page.texts("main table tbody tr");
    assert_eq!(rows.len(), 3, "{rows:?}");
    let row = |tag: &str| rows.iter().find(|row| row.contains(tag)).unwrap();
    assert!(
        row("up:ok").contains("Imported") && row("up:ok").contains(&digest.short()),
        "{rows:?}"
    );
    assert!(
        row("up:bad").contains("Registry unreachable")
            && row("up:bad").contains("network between the cluster and the registry"),
        "{rows:?}"
    );
    assert!(row("up:missing").contains("Refused"), "{rows:?}");
    let imported = dev.json("/imports?q=up:ok").await.json();
    assert_eq!(imported["groups"][0]["rows"][0]["state"], "ok");

    let host = [("retry-host", "nowhere.example")];
    let page = post(&mut dev, "/imports", &host).await;
    assert_eq!(page.texts("main table tbody tr").len(), 1, "{}", page.text);

    let refused = post(
        &mut world.signed_in("viewer").await,
        "/imports",
        &[("retry", "team-a/up:ok")],
    )
    .await;
    let text = refused.text_of("main table tbody tr");
    assert!(
        text.contains("Refused") && text.contains("You don't have permission"),
        "{text}"
    );
}

/// Nothing is lost while the API server does not answer: each tag has a result, from which it is
/// imported again.
#[tokio::test]
async fn import_again_while_the_api_server_is_down_keeps_every_tag() {
    let world = World::start(Version::V4).await;
    track(&world, "team-a/up", "ok", SOURCE, false);
    let mut dev = world.signed_in("dev").await;
    let targets = [("retry", "team-a/up:ok"), ("retry", "team-a/other")];
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    let page = post(&mut dev, "/imports", &targets).await;
    world.fail(Endpoint::ApiServer, Fault::None);
    assert_eq!(page.status, 200, "{}", page.text);
    let rows = page.texts("main table tbody tr");
    assert!(
        rows.len() == 2 && rows.iter().all(|row| row.contains("API server")),
        "{rows:?}"
    );
    assert_eq!(
        page.attributes("main table button[name=retry]", "value"),
        ["team-a/up:ok", "team-a/other"]
    );
}
