//! Importing so many tags again that a job does it.

use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;

use super::imports_board::{SOURCE, track};
use crate::harness::{Browser, Page, World, post};
use crate::web::tags::new_tag::world_with_external_registry;

/// Loads the page of the job until it has ended.
async fn result(world: &World, browser: &mut Browser, job: &str) -> Page {
    let mut ended = None;
    let has_ended = async || {
        let page = browser.get(job).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let is_running = page.select("progress").len() == 1;
        let refresh = page.headers.get("refresh");
        assert_eq!(refresh.is_some(), is_running, "{}", page.text);
        if is_running {
            let progress = page.text_of("#job-progress");
            assert!(progress.ends_with("imports finished"), "{progress}");
        }
        ended = Some(page);
        !is_running
    };
    world.until("the job ends", has_ended).await;
    ended.unwrap()
}

#[rstest]
#[tokio::test]
async fn all_matching_imports_are_repeated_by_a_job_with_a_result_for_each(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, digest) = world_with_external_registry(version).await;
    for number in 0..57 {
        let tag = format!("job-{number:02}");
        let (stream, from) = match number {
            0..54 => ("team-a/up", SOURCE),
            _ => ("team-a/bad", "nowhere.example/x/y:1"),
        };
        track(&world, stream, &tag, from, false);
    }
    let mut dev = world.signed_in("dev").await;
    let board = dev.get("/imports?q=job-").await;
    let texts = board.texts("button[name=do]");
    assert_eq!(texts, ["Import all 50 on this page", "Import all 57"]);

    let started = post(&mut dev, "/imports", &[("q", "job-"), ("do", "all")]).await;
    assert_eq!(started.status, 303, "{}", started.text);
    let job = started.location();
    assert!(
        job.starts_with("/jobs/") && job.ends_with("?list=imports"),
        "{job}"
    );
    let page = result(&world, &mut dev, &job).await;
    assert_eq!(page.text_of("h1"), "Import results");
    assert_eq!(
        page.text_of("main [role=status] .pf-v6-c-alert__title"),
        "54 imported, 3 failed"
    );
    let rows = page.texts("main table tbody tr");
    assert_eq!(rows.len(), 50);
    assert!(
        rows[..3].iter().all(|row| row.contains("team-a/bad:job-5")),
        "failures come first: {rows:?}"
    );
    assert!(rows[3].contains(&digest.short()), "{rows:?}");
    let rest = dev.get(&page.attribute("a[rel=next]", "href")).await;
    assert_eq!(rest.texts("main table tbody tr").len(), 7);
    assert_eq!(
        page.attribute("main form a.pf-v6-c-button", "href"),
        "/imports?q=job-",
        "it leads back to the list that it was started from"
    );
    let json = dev.json(&job).await.json();
    assert_eq!(
        (&json["kind"], &json["total"], &json["processed"]),
        (&"retry-imports".into(), &57.into(), &57.into())
    );
    assert_eq!(
        (&json["done"], &json["failed"], &json["has_ended"]),
        (&54.into(), &3.into(), &true.into())
    );
    let board = dev.json("/imports?q=up:job-").await.json();
    assert_eq!(board["counts"]["ok"], 54);

    let (_, id) = job.rsplit_once('/').unwrap();
    let (id, _) = id.split_once('?').unwrap();
    let failed = [("job", id), ("retry-job", "failed")];
    let again = post(&mut dev, "/imports", &failed).await;
    assert_eq!(again.status, 200, "three are few: {}", again.text);
    assert_eq!(again.texts("main table tbody tr").len(), 3);

    let mut viewer = world.signed_in("viewer").await;
    let unknown = viewer.get(&job).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.attribute("main a", "href"), "/imports");
    let unknown = post(&mut viewer, "/imports", &failed).await;
    assert_eq!(unknown.status, 404, "{}", unknown.text);
}

#[tokio::test]
async fn imports_that_the_user_may_not_repeat_are_not_in_the_job() {
    let (world, _) = world_with_external_registry(Version::V4).await;
    track(&world, "team-a/up", "job-1", SOURCE, false);
    let mut viewer = world.signed_in("viewer").await;
    let page = post(&mut viewer, "/imports", &[("q", "job-"), ("do", "all")]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let text = page.text_of("main");
    assert!(
        text.contains("No import was started")
            && text.contains("1 more import is in a project where you don't have permission"),
        "{text}"
    );
}

#[tokio::test]
async fn job_stops_while_the_api_server_is_down_and_can_be_continued() {
    let (world, _) = world_with_external_registry(Version::V4).await;
    let targets: Vec<String> = (0..30)
        .map(|number| format!("team-a/s{number}:1"))
        .collect();
    let fields: Vec<(&str, &str)> = targets
        .iter()
        .map(|target| ("retry", target.as_str()))
        .collect();
    let mut dev = world.signed_in("dev").await;
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    let job = post(&mut dev, "/imports", &fields).await.location();
    let page = result(&world, &mut dev, &job).await;
    world.fail(Endpoint::ApiServer, Fault::None);
    let json = dev.json(&job).await.json();
    assert_eq!(json["stopped"], "refused", "{json}");
    let (failed, rest) = (
        json["failed"].as_u64().unwrap(),
        json["not_attempted"].as_u64().unwrap(),
    );
    assert!(rest > 10 && failed + rest == 30, "{json}");
    let text = page.text_of("main");
    assert!(
        text.contains(&format!("Continue with {rest} imports")),
        "{text}"
    );

    let id = page.attribute("main form input[name=job]", "value");
    let again = post(&mut dev, "/imports", &[("job", &id), ("retry-job", "rest")]).await;
    assert_eq!(again.status, 303, "{}", again.text);
    let page = dev.json(&again.location()).await.json();
    assert_eq!(page["total"].as_u64(), Some(rest));
}
