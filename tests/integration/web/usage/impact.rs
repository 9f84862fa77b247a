//! What a change of tags does to workloads, before the change is made.

use openshift_standin::cluster::Version;
use rstest::rstest;

use super::{by_digest, digest, pull_spec, world_with_workloads};
use crate::harness::{Page, World, post, push_numbered};
use openshift_standin::cluster::{Workload, WorkloadKind};

/// The groups of workloads: the title of each, and the workloads.
fn groups(page: &Page) -> Vec<(String, Vec<String>)> {
    let titles = page.texts(".rc-impact__rows dt");
    let workloads = |at: usize| {
        page.texts(&format!(
            ".rc-impact__rows > div:nth-child({}) .rc-workload",
            at + 1
        ))
    };
    titles
        .into_iter()
        .enumerate()
        .map(|(at, title)| (title, workloads(at)))
        .collect()
}

#[track_caller]
fn assert_group(page: &Page, title: &str, expected: &[&str]) {
    let groups = groups(page);
    let group = groups.iter().find(|(name, _)| name == title);
    let (_, workloads) = group.unwrap_or_else(|| panic!("no {title}: {groups:?}"));
    assert_eq!(workloads, expected, "{title} of {groups:?}");
}

/// What names the tag `latest`.
const NAMES_LATEST: [&str; 4] = ["dc/web", "deployment/worker", "cronjob/nightly", "bc/site"];
/// What runs its image by digest, which other tags keep.
const RUNS_LATEST: &str = "team-b:statefulset/ledger";

/// Each workload is under one title only.
#[track_caller]
fn assert_named_once(page: &Page) {
    let mut names: Vec<String> = groups(page).into_iter().flat_map(|group| group.1).collect();
    names.sort();
    let all = names.clone();
    names.dedup();
    assert_eq!(names, all, "{:?}", groups(page));
    assert_eq!(names, {
        let mut on_page = page.texts(".rc-workload");
        on_page.sort();
        on_page
    });
}

#[rstest]
#[tokio::test]
async fn moving_a_tag_names_what_redeploys_rebuilds_and_is_paused(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let first = digest(&world, "team-a/api:latest");
    let mut dev = world.signed_in("dev").await;
    // Rolls back to the image that it points to now, after another one was pushed.
    push_numbered(&world, "team-a/api", "latest", 7);
    let roll_back = format!("/images/team-a/api:latest/roll-back?to={first}");
    let checked = [
        ("project", "team-a"),
        ("stream", "api"),
        ("tag", "latest"),
        ("check", "1"),
    ];
    let roll_back = dev.get(&roll_back).await;
    let tag_as = post(
        &mut dev,
        &format!("/images/team-a/api@{first}/tag-as"),
        &checked,
    )
    .await;
    for page in [&roll_back, &tag_as] {
        assert_eq!(page.status, 200, "{}", page.text);
        assert_group(page, "Redeployed", &["dc/web"]);
        assert_group(page, "Rebuilt", &["bc/site"]);
        assert_group(page, "Paused", &["deployment/worker", "cronjob/nightly"]);
        assert_named_once(page);
        let redeployed = page.text_of(".rc-impact__rows > div:first-child");
        assert!(redeployed.contains("runs it now: 2 pods"), "{redeployed}");
    }
}

#[rstest]
#[tokio::test]
async fn removing_tags_or_the_stream_names_what_will_fail_to_pull(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let mut dev = world.signed_in("dev").await;
    let remove = dev.get("/images/team-a/api:latest/delete").await;
    let preview = post(
        &mut dev,
        "/images/team-a/api/remove-tags",
        &[("tag", "latest")],
    )
    .await;
    for page in [&remove, &preview] {
        assert_eq!(page.status, 200, "{}", page.text);
        assert_group(page, "Will fail to pull", &NAMES_LATEST);
        assert_group(page, "Keep working", &[RUNS_LATEST]);
        assert_named_once(page);
        let text = page.text_of(".rc-impact");
        assert!(text.contains("runs it now: 2 pods"), "{text}");
        assert!(text.contains("runs it now: 3 pods"), "{text}");
    }
    let delete = dev.get("/images/team-a/api/delete").await;
    let all = [&NAMES_LATEST[..], &[RUNS_LATEST]].concat();
    assert_group(&delete, "Will fail to pull", &all);
    assert_named_once(&delete);
    let json = dev.json("/images/team-a/api/delete").await.json();
    let broken = json["impact"]["broken"]["workloads"].as_array().unwrap();
    let pods: Vec<_> = broken.iter().map(|one| one["pods"].as_u64()).collect();
    assert_eq!(pods, [Some(2), Some(1), Some(0), Some(0), Some(3)]);
    dev.set_cookie("__Host-language", "zh-CN");
    let chinese = dev.get("/images/team-a/api/delete").await;
    let text = chinese.text_of(".rc-impact");
    assert!(text.contains("正在运行：2 个 Pod"), "{text}");
}

/// What the list of tags calls "in use" is named before the tag is removed.
#[rstest]
#[tokio::test]
async fn removing_one_of_several_tags_of_an_image_names_what_keeps_working(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    for tag in ["v1", "v2"] {
        push_numbered(&world, "team-a/builds", tag, 3);
    }
    let image = by_digest(&world, "team-a/builds:v1");
    let job = Workload::new(WorkloadKind::CronJob, "team-a", "nightly").container("app", &image);
    world.demo.cluster().add_workload(job);
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/builds:v1/delete").await;
    assert_group(&page, "Keep working", &["cronjob/nightly"]);
    let text = page.text_of(".rc-impact");
    assert!(text.contains("stays in the history of v2"), "{text}");
    let both = [("tag", "v1"), ("tag", "v2")];
    let page = post(&mut dev, "/images/team-a/builds/remove-tags", &both).await;
    assert_group(&page, "Will fail to pull", &["cronjob/nightly"]);
}

#[rstest]
#[tokio::test]
async fn change_that_affects_nothing_visible_says_so(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let page = world
        .signed_in("root")
        .await
        .get("/images/shared-libs/batch/delete")
        .await;
    let text = page.text_of(".rc-impact");
    assert!(
        text.contains("Nothing that you can view uses it."),
        "{text}"
    );
}

#[rstest]
#[tokio::test]
async fn user_without_rights_sees_no_workloads(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let page = world
        .signed_in("viewer")
        .await
        .get("/images/team-a/api/delete")
        .await;
    assert!(
        page.select(".rc-impact").is_empty(),
        "nor may they delete it"
    );
    assert!(!page.text.contains("nightly"), "{}", page.text);
}

#[rstest]
#[tokio::test]
async fn cleanup_by_rules_never_selects_tags_in_use(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    for number in 1..=4 {
        push_numbered(&world, "team-a/builds", &format!("pr-{number}"), number);
    }
    let cluster = world.demo.cluster();
    let by_tag = pull_spec(&world, "team-a/builds:pr-1");
    let pod =
        Workload::new(WorkloadKind::Deployment, "team-a", "preview").container("app", &by_tag);
    cluster.add_workload(pod);
    let by_digest = by_digest(&world, "team-a/builds:pr-2");
    let pod = Workload::new(WorkloadKind::Pod, "team-b", "debug").container("app", &by_digest);
    cluster.add_workload(pod);
    let mut dev = world.signed_in("dev").await;
    let fields = [("pattern", "pr-*"), ("select", "rules")];
    let page = post(&mut dev, "/images/team-a/builds/remove-tags", &fields).await;
    let selected = page.attributes("input[type=checkbox][name=tag][checked]", "value");
    assert_eq!(selected, ["pr-3", "pr-4"]);
    let decisions = page.texts(".rc-cleanup__rule");
    let kept = decisions.iter().filter(|text| *text == "Kept: in use");
    assert_eq!(kept.count(), 2, "{decisions:?}");
    let dry_run = page.text_of(".rc-cleanup__dry-run");
    assert!(
        dry_run.contains("2 of the matching tags are kept"),
        "{dry_run}"
    );
}
