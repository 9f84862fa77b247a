//! Changes of one image stream at the same time: by several people, by several tags of one form,
//! and by others than this console.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use openshift_standin::cluster::{Cluster, PushedManifest, Version};
use registry_model::Digest;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::harness::seeded_standin::{DOCKER_MANIFEST, exchange, repository};
use crate::harness::{Browser, Page, World};

const API: &str = "/images/team-a/api";

/// Another image for `team-a/api`, not yet pushed.
fn image(version: Version, number: usize) -> PushedManifest {
    let mut manifest = exchange(version, "registry-manifest-tag").response.body();
    manifest["annotations"] = json!({ "number": number });
    let manifest = Bytes::from(serde_json::to_vec(&manifest).unwrap());
    let config = Bytes::from(
        serde_json::to_vec(&exchange(version, "registry-config-blob").response.body()).unwrap(),
    );
    let (digest, when) = (
        Digest::sha256(&manifest),
        "2026-11-28T12:00:00Z".parse().unwrap(),
    );
    PushedManifest {
        digest,
        media_type: DOCKER_MANIFEST.into(),
        manifest,
        config: Some(config),
        pushed_at: when,
        pushed_by: "pipeline".into(),
    }
}

fn push(cluster: &Cluster, tag: &str, image: &PushedManifest) {
    let api = repository("team-a/api");
    cluster
        .push(
            &api.project,
            &api.stream,
            Some(&tag.parse().unwrap()),
            image,
        )
        .unwrap();
}

/// Something outside of the console pushes `tag` during the next changes, one for each number:
/// these images.
fn push_before_each_update(world: &World, tag: &'static str, numbers: Range<usize>) {
    let (cluster, version) = (world.demo.cluster().clone(), world.demo.cluster().version());
    let left = Mutex::new(numbers);
    world.demo.cluster().on_stream_writes(move |_| {
        if let Some(number) = left.lock().unwrap().next() {
            push(&cluster, tag, &image(version, number));
        }
        std::future::ready(())
    });
}

/// Holds each change up, after it has read the image stream, for as long as a second one needs to
/// do so too. The most that were there at once.
fn synchronize_changes(world: &World) -> Arc<AtomicUsize> {
    let (there, most, met) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(Notify::new()),
    );
    let seen = Arc::clone(&most);
    world.demo.cluster().on_stream_writes(move |_| {
        let (there, most, met) = (Arc::clone(&there), Arc::clone(&most), Arc::clone(&met));
        async move {
            let now = there.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            if now > 1 {
                met.notify_waiters();
            } else {
                let _nobody_came =
                    tokio::time::timeout(Duration::from_millis(5), met.notified()).await;
            }
            there.fetch_sub(1, Ordering::SeqCst);
        }
    });
    seen
}

/// How many requests of this method changed something since `forget_asked`.
fn changes(world: &World, method: &Method) -> usize {
    world
        .requests()
        .iter()
        .filter(|request| {
            request.method == method && request.path.contains("/namespaces/team-a/imagestream")
        })
        .count()
}

async fn send(browser: &mut Browser, page: &Page, form: &str, typed: &[(&str, &str)]) -> Page {
    let fields = page.hidden_fields(form);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(typed.iter().copied())
        .collect();
    browser
        .post_form(&page.attribute(form, "action"), &fields)
        .await
}

/// Opens the page and sends its form with what is typed.
async fn fill(browser: &mut Browser, path: &str, typed: &[(&str, &str)]) -> Page {
    let page = browser.get(path).await;
    send(browser, &page, "main form", typed).await
}

async fn tags(browser: &mut Browser) -> Vec<String> {
    let stream = browser.json(API).await.json();
    let mut tags: Vec<String> = stream["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect();
    tags.sort();
    tags
}

async fn tag(browser: &mut Browser, name: &str) -> Value {
    let stream = browser.json(API).await.json();
    stream["tags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|tag| tag["name"] == name)
        .cloned()
        .unwrap_or_default()
}

/// Chooses tags and looks at what their removal would mean.
async fn open_confirmation(browser: &mut Browser, tags: &[String]) -> Page {
    let csrf = browser.csrf().await;
    let fields: Vec<(&str, &str)> = tags
        .iter()
        .map(|tag| ("tag", tag.as_str()))
        .chain([("csrf", csrf.as_str())])
        .collect();
    browser
        .post_form(&format!("{API}/remove-tags"), &fields)
        .await
}

#[rstest]
#[tokio::test]
async fn two_users_remove_tags_of_one_stream_concurrently(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let (mut one, mut other) = (world.signed_in("dev").await, world.signed_in("root").await);
    let (first, second) = (
        one.get(&format!("{API}:v1/delete")).await,
        other.get(&format!("{API}:v2/delete")).await,
    );
    let most = synchronize_changes(&world);
    world.clear_requests();
    let (first, second) = tokio::join!(
        send(&mut one, &first, "main form", &[]),
        send(&mut other, &second, "main form", &[])
    );
    assert_eq!(
        (first.status, second.status),
        (303, 303),
        "{} {}",
        first.text,
        second.text
    );
    assert_eq!(
        (
            most.load(Ordering::SeqCst),
            changes(&world, &Method::DELETE)
        ),
        (1, 2),
        "one after the other, without a conflict"
    );
    assert_eq!(tags(&mut one).await, ["latest", "v3"]);
}

#[rstest]
#[tokio::test]
async fn twenty_tags_are_removed_and_restored_without_conflict(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let many: Vec<String> = (10..30).map(|number| format!("build-{number}")).collect();
    many.iter()
        .for_each(|tag| push(world.demo.cluster(), tag, &image(version, 0)));
    push(world.demo.cluster(), "keeps-the-image", &image(version, 0));
    let mut dev = world.signed_in("dev").await;
    let most = synchronize_changes(&world);
    let confirmation = open_confirmation(&mut dev, &many).await;
    world.clear_requests();
    let removed = send(
        &mut dev,
        &confirmation,
        "main form[action$='remove-tags']",
        &[],
    )
    .await;
    assert_eq!(removed.status, 303, "{}", removed.text);
    let removed = dev.get(&removed.location()).await;
    assert_eq!(
        removed.text_of("main [role=status] .pf-v6-c-alert__title"),
        "20 tags were removed from team-a/api."
    );
    assert_eq!(tags(&mut dev).await.len(), 5);
    assert_eq!(changes(&world, &Method::DELETE), 20);

    let restored = send(&mut dev, &removed, "main form[action$='restore']", &[]).await;
    assert_eq!(restored.status, 303, "{}", restored.text);
    assert_eq!(tags(&mut dev).await.len(), 25);
    assert_eq!(
        (changes(&world, &Method::POST), most.load(Ordering::SeqCst)),
        (20, 1)
    );
}

#[rstest]
#[tokio::test]
async fn conflicting_change_is_retried_on_fresh_state(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let (world, _) = crate::web::tags::new_tag::world_with_external_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    let target = [("project", "team-a"), ("stream", "api"), ("tag", "stable")];
    let elsewhere = [
        ("tag", "there"),
        ("source", "elsewhere"),
        ("from", "registry.example.com/team/app:1.0"),
        ("policy", "source"),
    ];

    push_before_each_update(&world, "elsewhere", 1..2);
    world.clear_requests();
    assert_eq!(
        fill(&mut dev, &format!("{API}:v1/delete"), &[])
            .await
            .status,
        303
    );
    assert_eq!(
        (changes(&world, &Method::DELETE), tag(&mut dev, "v1").await),
        (2, Value::Null)
    );

    push_before_each_update(&world, "elsewhere", 2..3);
    let notice = dev.get(API).await;
    assert_eq!(
        send(&mut dev, &notice, "[role=status] form", &[])
            .await
            .status,
        303
    );
    assert_eq!(changes(&world, &Method::POST), 2);
    assert!(
        dev.get(API)
            .await
            .text_of(".pf-v6-c-alert.pf-m-success")
            .starts_with("The tag v1 was restored.")
    );

    push_before_each_update(&world, "elsewhere", 3..4);
    assert_eq!(
        fill(&mut dev, &format!("{API}:latest/tag-as"), &target)
            .await
            .status,
        303
    );
    assert_eq!(changes(&world, &Method::PUT), 2);

    let before = changes(&world, &Method::POST);
    push_before_each_update(&world, "elsewhere", 4..5);
    let imported = fill(&mut dev, &format!("{API}/new-tag"), &elsewhere).await;
    assert_eq!(imported.status, 303, "{}", imported.text);
    assert_eq!(changes(&world, &Method::POST), before + 2);
    assert!(tag(&mut dev, "there").await["digest"].is_string());

    push_before_each_update(&world, "elsewhere", 5..6);
    assert!(
        fill(&mut dev, &format!("{API}:there/import"), &[])
            .await
            .status
            < 400
    );
    assert_eq!(changes(&world, &Method::POST), before + 4);
}

#[rstest]
#[tokio::test]
async fn tag_moved_during_a_change_is_left_alone(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    push_before_each_update(&world, "v1", 6..7);
    world.clear_requests();
    let removed = fill(&mut dev, &format!("{API}:v1/delete"), &[]).await;
    assert_eq!(
        (
            removed.status,
            removed.text_of("[role=alert] .pf-v6-c-alert__title")
        ),
        (409, "Someone else changed this first".to_owned())
    );
    assert_eq!(changes(&world, &Method::DELETE), 1);
    assert_eq!(
        tag(&mut dev, "v1").await["digest"],
        image(version, 6).digest.to_string()
    );

    push_before_each_update(&world, "v2", 7..8);
    let confirmation = open_confirmation(&mut dev, &["v2".to_owned(), "v3".to_owned()]).await;
    let removed = send(
        &mut dev,
        &confirmation,
        "main form[action$='remove-tags']",
        &[],
    )
    .await;
    assert_eq!(removed.status, 303, "{}", removed.text);
    let report = dev.get(&removed.location()).await;
    assert_eq!(
        report.texts("main [role=status] li"),
        [
            "v2: It points to another image since you opened the page. Review it before you remove it."
        ]
    );

    push_before_each_update(&world, "v1", 8..9);
    let target = [("project", "team-a"), ("stream", "api"), ("tag", "v1")];
    let taken = fill(&mut dev, &format!("{API}:latest/tag-as"), &target).await;
    let moved = send(&mut dev, &taken, "main form", &target).await;
    assert_eq!(moved.status, 409, "{}", moved.text);
    assert_eq!(
        tag(&mut dev, "v1").await["digest"],
        image(version, 8).digest.to_string()
    );
}

#[tokio::test]
async fn permanent_conflict_is_reported() {
    let world = World::start(Version::V3_9).await;
    let mut dev = world.signed_in("dev").await;
    push_before_each_update(&world, "elsewhere", 0..usize::MAX);
    world.clear_requests();
    let page = fill(&mut dev, &format!("{API}:v1/delete"), &[]).await;
    let title = page.text_of("[role=alert] .pf-v6-c-alert__title");
    assert_eq!(
        (page.status, title.as_str()),
        (409, "This image stream changes too often"),
        "{}",
        page.text
    );
    assert!(
        page.text_of("[role=alert]").contains("Nothing was changed"),
        "{}",
        page.text
    );
    assert_eq!(changes(&world, &Method::DELETE), 6);
    assert!(tags(&mut dev).await.contains(&"v1".to_owned()));
}

#[rstest]
#[tokio::test]
async fn standin_conflict_matches_the_recording(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let file =
        include_str!("../../../contract/openshift-3.9-console/delete-imagestreamtags-500-1.json");
    let recorded: Value = serde_json::from_str(&file.replace("many", "api")).unwrap();
    let world = crate::harness::seeded_standin::SeededStandin::start(version).await;
    let cluster = world.demo.cluster().clone();
    let mut number = 0;
    let counted = Arc::new(AtomicUsize::new(0));
    world.demo.cluster().on_stream_writes(move |_| {
        push(
            &cluster,
            "elsewhere",
            &image(version, counted.fetch_add(1, Ordering::SeqCst)),
        );
        std::future::ready(())
    });
    let mut asked = async |method: Method, path: &str, body: Value| {
        number += 1;
        let url = format!(
            "{}/apis/image.openshift.io/v1/namespaces/team-a/{path}",
            world.demo.urls().api_server
        );
        let request = world.client.request(method, url).bearer_auth("TOKEN-dev");
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let response = request.send().await.unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    let (status, body) = asked(Method::DELETE, "imagestreamtags/api:v1", Value::Null).await;
    assert_eq!((status, &body), (500, &recorded["response"]["body"]));
    let from = json!({"kind": "ImageStreamTag", "name": "api:v1"});
    let wanted = json!({"metadata": {"name": "api:new"}, "tag": {"name": "new", "from": from}});
    for (method, path) in [
        (Method::POST, "imagestreamtags"),
        (Method::PUT, "imagestreamtags/api:new"),
    ] {
        let (status, body) = asked(method, path, wanted.clone()).await;
        assert_eq!(
            (status, &body["reason"]),
            (409, &json!("Conflict")),
            "{body}"
        );
    }
}
