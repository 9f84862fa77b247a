//! Changes of so many tags that a job makes them.

use bytes::Bytes;
use chrono::TimeDelta;
use http::{Method, StatusCode};
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;

use crate::harness::console::share_session_key;
use crate::harness::{Browser, Page, World, post, push_numbered};

const STREAM: &str = "/images/team-a/builds";
const FORM: &str = "/images/team-a/builds/remove-tags";

/// `team-a/builds` with 60 tags of one image, and a tag that keeps that image.
async fn world_with_builds(version: Version) -> World {
    let world = World::start(version).await;
    push_numbered(&world, "team-a/builds", "keep", 1);
    for name in names() {
        push_numbered(&world, "team-a/builds", &name, 1);
    }
    world
}

fn names() -> Vec<String> {
    (0..60).map(|number| format!("b-{number:02}")).collect()
}

/// Starts the removal of the 60 tags, and returns the address of the job.
async fn start(dev: &mut Browser) -> String {
    let names = names();
    let fields: Vec<(&str, &str)> = names
        .iter()
        .map(|name| ("tag", name.as_str()))
        .chain([("sure", "1")])
        .collect();
    let started = post(dev, FORM, &fields).await;
    assert_eq!(started.status, 303, "{}", started.text);
    let job = started.location();
    assert!(
        job.starts_with("/jobs/") && job.ends_with("?image=team-a%2Fbuilds"),
        "{job}"
    );
    job
}

/// Loads the page of the job until it has ended.
async fn result(world: &World, browser: &mut Browser, job: &str) -> Page {
    let mut ended = None;
    let has_ended = async || {
        let page = browser.get(job).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let is_running = page.select("progress").len() == 1;
        let refresh = page
            .headers
            .get("refresh")
            .map(|value| value.to_str().unwrap());
        assert_eq!(refresh, is_running.then_some("2"), "{}", page.text);
        if is_running {
            assert!(
                page.text_of("#job-progress").ends_with(" of 60 tags"),
                "{}",
                page.text
            );
        }
        ended = Some(page);
        !is_running
    };
    world.until("the job ends", has_ended).await;
    ended.unwrap()
}

async fn tag_count(browser: &mut Browser) -> u64 {
    let stream = browser.json(STREAM).await.json();
    stream["tag_count"].as_u64().unwrap()
}

#[rstest]
#[tokio::test]
async fn sixty_tags_are_removed_by_a_job_and_restored(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_builds(version).await;
    let mut dev = world.signed_in("dev").await;
    let job = start(&mut dev).await;
    let page = result(&world, &mut dev, &job).await;
    assert_eq!(page.text_of("h1"), "Remove 60 tags from team-a/builds");
    let text = page.text_of("main [role=status]");
    assert!(
        text.starts_with(
            "60 tags were removed from team-a/builds.Undo can restore all of these tags."
        ),
        "{text}"
    );
    assert_eq!(tag_count(&mut dev).await, 1);
    let json = dev.json(&job).await.json();
    assert_eq!(
        (
            &json["kind"],
            &json["total"],
            &json["done"],
            &json["failed"]
        ),
        (&"remove-tags".into(), &60.into(), &60.into(), &0.into())
    );

    let fields = page.hidden_fields("main form[action$='/restore']");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let restoring = dev
        .post_form(&page.attribute("main form", "action"), &fields)
        .await;
    assert_eq!(restoring.status, 303, "{}", restoring.text);
    let page = result(&world, &mut dev, &restoring.location()).await;
    assert_eq!(
        page.text_of("main [role=status]"),
        "60 tags of team-a/builds were restored."
    );
    assert_eq!(tag_count(&mut dev).await, 61);
}

#[tokio::test]
async fn job_is_known_only_to_its_user_and_its_process() {
    let world = {
        let world = World::builder(Version::V4)
            .settings(share_session_key)
            .start()
            .await;
        push_numbered(&world, "team-a/builds", "keep", 1);
        for name in names() {
            push_numbered(&world, "team-a/builds", &name, 1);
        }
        world
    };
    let replica = world.replica().settings(share_session_key).start().await;
    let mut dev = world.signed_in("dev").await;
    let job = start(&mut dev).await;
    result(&world, &mut dev, &job).await;
    let mut on_replica = dev.clone().moved_to(replica.url());
    let mut viewer = world.signed_in("viewer").await;
    for (unknown, page) in [
        ("other user", viewer.get(&job).await),
        ("other replica", on_replica.get(&job).await),
        ("unknown id", dev.get("/jobs/x?image=team-a/builds").await),
    ] {
        assert_eq!(page.status, 404, "{unknown}");
        assert!(
            page.text_of("main").contains(
                "This console does not know this job. Open the image stream to see its state."
            ),
            "{unknown}: {}",
            page.text
        );
        assert_eq!(page.attribute("main a", "href"), STREAM, "{unknown}");
        assert!(page.headers.get("refresh").is_none(), "{unknown}");
    }
    assert_eq!(viewer.json(&job).await.status, 404);
    for image in ["", "?image=x", "?image=..%2F..", "?image=team-a%2F..%2Fx"] {
        let page = dev.get(&format!("/jobs/x{image}")).await;
        assert_eq!(page.attribute("main a", "href"), "/images", "{image}");
    }

    world.advance(TimeDelta::minutes(30));
    assert_eq!(dev.get(&job).await.status, 404, "its result has expired");
}

#[tokio::test]
async fn job_ends_when_the_token_is_refused() {
    const REFUSED: &[u8] =
        br#"{"kind":"Status","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#;
    let world = world_with_builds(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(
        Endpoint::ApiServer,
        Fault::FailNext(
            1,
            Method::DELETE,
            StatusCode::UNAUTHORIZED,
            Bytes::from_static(REFUSED),
        ),
    );
    let job = start(&mut dev).await;
    let is_refused = async || dev.get(&job).await.status == 303;
    world.until("the token is refused", is_refused).await;
    // The token is accepted again after a minute.
    world.advance(TimeDelta::seconds(61));
    let mut dev = world.signed_in("dev").await;
    let page = result(&world, &mut dev, &job).await;
    let text = page.text_of("main [role=status]");
    assert!(
        text.contains("60 tags were left unchanged.")
            && text.contains("The job stopped because your session ended."),
        "{text}"
    );
    assert!(
        page.attribute("main [role=status] a", "href")
            .starts_with(&format!("{FORM}?tag=b-00&tag=b-01")),
        "the rest can be reviewed"
    );
    assert_eq!(tag_count(&mut dev).await, 61);
}

#[tokio::test]
async fn job_stops_when_every_tag_is_refused() {
    let world = world_with_builds(Version::V4).await;
    let mut viewer = world.signed_in("viewer").await;
    let job = start(&mut viewer).await;
    let page = result(&world, &mut viewer, &job).await;
    let text = page.text_of("main [role=status]");
    assert!(
        text.contains("5 tags were not removed.")
            && text.contains("55 tags were left unchanged.")
            && text.contains("several tags in a row were refused"),
        "{text}"
    );
    assert_eq!(page.texts("main [role=status] li").len(), 5);
    assert!(page.select("main [role=status] form").is_empty());
}
