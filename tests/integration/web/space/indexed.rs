//! Sizes that the index has read in the background.

use chrono::TimeDelta;
use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::LoggedRequest;
use serde_json::Value;

use super::{bytes, settled};
use crate::harness::{SERVICE_ACCOUNT_TOKEN, World, push_numbered};

const SPACE: &str = "/projects/team-a/space";

/// What the doctor says about the sizes in the index.
async fn finding(world: &World) -> Value {
    // The page repeats what it has found within half a minute.
    world.advance(TimeDelta::seconds(31));
    let json = world.json("/doctor", "root").await;
    let findings = json["findings"].as_array().unwrap();
    let found = findings.iter().find(|line| line["id"] == "index-sizes");
    found.cloned().unwrap_or_default()
}

async fn wait_for(world: &World, what: &str) -> Value {
    world
        .until(what, async || finding(world).await["what"] == what)
        .await;
    finding(world).await
}

/// The requests for layers, those of the service account first and then those of users.
fn layer_requests(world: &World) -> (Vec<String>, Vec<String>) {
    let requests = world.requests().into_iter();
    let layers = requests.filter(|request| request.path.ends_with("/layers"));
    let (account, users): (Vec<_>, Vec<_>) =
        layers.partition(|request| request.bearer() == Some(SERVICE_ACCOUNT_TOKEN));
    let paths = |requests: Vec<LoggedRequest>| -> Vec<String> {
        requests.into_iter().map(|request| request.path).collect()
    };
    (paths(account), paths(users))
}

/// An index of the recordings lists images that have no object. Nothing is remembered of these, so
/// that the image stream is read again.
fn is_of_incomplete_index(path: &str) -> bool {
    path.ends_with("/imagestreams/multi/layers")
}

#[tokio::test]
async fn pages_request_no_layers_that_the_index_has_read() {
    let without = World::start(Version::V4).await;
    let mut dev = without.signed_in("dev").await;
    let expected = settled(&mut dev, SPACE).await;

    let world = World::builder(Version::V4).size_index().start().await;
    wait_for(&world, "sizes-indexed").await;
    world.clear_requests();
    let mut dev = world.signed_in("dev").await;
    world.advance(TimeDelta::minutes(10));
    let json = settled(&mut dev, SPACE).await;
    assert_eq!(
        bytes(&json["space"]["total"]),
        bytes(&expected["space"]["total"])
    );
    assert_eq!(
        bytes(&json["space"]["own"]),
        bytes(&expected["space"]["own"])
    );
    let (_, of_users) = layer_requests(&world);
    assert!(
        of_users.iter().all(|path| is_of_incomplete_index(path)),
        "{of_users:?}"
    );
    assert!(json["scope"]["sizes_as_of"].is_string(), "{json}");
    let text = dev.get(SPACE).await.text_of(".rc-space");
    let (_, age) = text.split_once("Sizes read: ").unwrap();
    assert!(age.ends_with("minutes ago"), "{age}");
}

#[tokio::test]
async fn sizes_are_shown_only_to_users_who_may_see_the_stream() {
    let world = World::builder(Version::V4).size_index().start().await;
    wait_for(&world, "sizes-indexed").await;
    let mut outsider = world.signed_in("outsider").await;
    let refused = outsider.get(SPACE).await;
    assert_ne!(refused.status, StatusCode::OK, "{}", refused.text);
    let all = settled(&mut outsider, "/space").await;
    let projects = all["projects"].to_string();
    assert!(!projects.contains("team-a"), "{projects}");
}

#[tokio::test]
async fn pushed_image_is_read_before_anyone_looks_at_it() {
    let world = World::builder(Version::V4).size_index().start().await;
    wait_for(&world, "sizes-indexed").await;
    world.clear_requests();
    push_numbered(&world, "team-a/fresh", "latest", 4711);
    let expected = "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams/fresh/layers";
    world
        .until("it was read", async || {
            layer_requests(&world).0 == [expected]
        })
        .await;
    wait_for(&world, "sizes-indexed").await;
    let json = world.json("/images/team-a/fresh/space", "dev").await;
    assert_eq!(json["space"]["images"], 1, "{json}");
    let (_, of_users) = layer_requests(&world);
    assert!(
        of_users.iter().all(|path| is_of_incomplete_index(path)),
        "{of_users:?}"
    );
}

#[tokio::test]
async fn account_without_the_right_leaves_pages_as_they_were() {
    let world = World::builder(Version::V4)
        .index()
        .settings(|config| config.index.sizes_per_second = std::num::NonZeroU32::new(100))
        .start()
        .await;
    let finding = wait_for(&world, "sizes-not-read").await;
    let text = finding.to_string();
    assert!(text.contains("not-allowed"), "{text}");
    let command = "oc create clusterrole registry-console-index-sizes --verb=get";
    assert!(text.contains(command), "{text}");
    let mut dev = world.signed_in("dev").await;
    let json = settled(&mut dev, SPACE).await;
    assert!(bytes(&json["space"]["total"]) > 0, "{json}");
    let (_, of_users) = layer_requests(&world);
    assert!(
        !of_users.iter().all(|path| is_of_incomplete_index(path)),
        "{of_users:?}"
    );
}

#[tokio::test]
async fn version_without_the_path_is_not_asked_again() {
    let world = World::builder(Version::V3_9).size_index().start().await;
    wait_for(&world, "sizes-not-served").await;
    world.clear_requests();
    push_numbered(&world, "team-a/fresh", "latest", 4711);
    world
        .until("the index has the push", async || {
            world
                .json("/images", "dev")
                .await
                .to_string()
                .contains("fresh")
        })
        .await;
    let (of_account, _) = layer_requests(&world);
    assert_eq!(of_account, [""; 0], "the path is missing");
}
