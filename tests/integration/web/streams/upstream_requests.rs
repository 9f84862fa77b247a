//! The requests that the page of an image stream causes.

use openshift_standin::cluster::Version;
use openshift_standin::faults::Endpoint;
use rstest::rstest;
use serde_json::Value;

use crate::harness::{Browser, World};

const STREAM: &str = "/images/team-a/api";

/// The page as JSON, and the paths of its requests to the API server and to the registry.
async fn view(world: &World, browser: &mut Browser, page: &str) -> (Value, [Vec<String>; 2]) {
    world.clear_requests();
    let json = browser.json(page).await.json();
    let requests = world.requests();
    let paths = |endpoint| {
        let to_endpoint = requests
            .iter()
            .filter(|request| request.endpoint == endpoint);
        to_endpoint.map(|request| request.path.clone()).collect()
    };
    (
        json,
        [paths(Endpoint::ApiServer), paths(Endpoint::Registry)],
    )
}

fn sizes(page: &Value) -> Vec<(String, u64)> {
    let tags = page["tags"].as_array().unwrap().iter();
    tags.map(|tag| {
        let size = tag["image"]["size"].as_u64().unwrap();
        (tag["name"].as_str().unwrap().to_owned(), size)
    })
    .collect()
}

#[rstest]
#[tokio::test]
async fn warm_stream_page_takes_one_request_to_each_upstream(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).index().start().await;
    let mut dev = world.signed_in("dev").await;
    let (cold, _) = view(&world, &mut dev, STREAM).await;
    let (warm, [api_server, registry]) = view(&world, &mut dev, STREAM).await;
    let [stream] = api_server.as_slice() else {
        panic!("{api_server:?}");
    };
    assert!(
        stream.ends_with("/imagestreams/api"),
        "what the user may see is never remembered: {stream}"
    );
    let [tags] = registry.as_slice() else {
        panic!("{registry:?}");
    };
    assert!(tags.contains("/tags/list"), "{tags}");
    assert_eq!(warm["used_by"], cold["used_by"]);
    assert!(warm["used_by"]["scope"].is_object(), "{warm}");
    assert_eq!(sizes(&warm), sizes(&cold));
    assert_eq!(sizes(&cold).len(), 4);
}

#[tokio::test]
async fn sizes_of_platforms_are_remembered() {
    let world = World::builder(Version::V4).sample().index().start().await;
    let mut developer = world.signed_in("developer").await;
    let page = "/images/edge/gateway";
    let platforms = |page: &Value| {
        let mut tags = page["tags"].as_array().unwrap().iter();
        let index = tags.find(|tag| tag["name"] == "2.4").unwrap();
        index["image"]["platforms"].clone()
    };
    let (cold, [api_server, _]) = view(&world, &mut developer, page).await;
    let is_layers = |path: &&String| path.ends_with("/layers");
    assert_eq!(api_server.iter().filter(is_layers).count(), 1);
    let (warm, [api_server, _]) = view(&world, &mut developer, page).await;
    assert_eq!(api_server.len(), 1, "{api_server:?}");
    assert_eq!(platforms(&warm), platforms(&cold));
    assert!(platforms(&cold)[0]["size"].as_u64().unwrap() > 40 << 20);
}

#[rstest]
#[tokio::test]
async fn remembered_images_are_not_shown_to_users_who_may_not_see_the_stream(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).index().start().await;
    let (page, _) = view(&world, &mut world.signed_in("dev").await, STREAM).await;
    let digest = page["tags"][0]["digest"].as_str().unwrap().to_owned();
    let mut outsider = world.signed_in("outsider").await;
    for hidden in [STREAM.to_owned(), format!("{STREAM}@{digest}")] {
        let refused = outsider.get(&hidden).await;
        assert!([403, 404].contains(&refused.status), "{}", refused.status);
        assert!(!refused.text_of("main").contains("KiB"), "{}", refused.text);
    }
}
