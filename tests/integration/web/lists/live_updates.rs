//! Live updates of open pages: all that has changed since the page was rendered, and nothing that
//! the user may not see.

use chrono::TimeDelta;
use openshift_standin::cluster::Version;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::harness::{Browser, SERVICE_ACCOUNT_TOKEN, SseClient, World};

const STREAMS: &str = "/apis/image.openshift.io/v1/namespaces";

/// Another user creates an image stream.
async fn create(world: &World, path: &str) {
    let (project, name) = path.split_once('/').unwrap();
    let stream = json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": name}});
    world
        .request_as_root(
            Method::POST,
            &format!("{STREAMS}/{project}/imagestreams"),
            Some(stream),
        )
        .await;
}

async fn delete(world: &World, path: &str) {
    let (project, name) = path.split_once('/').unwrap();
    world
        .request_as_root(
            Method::DELETE,
            &format!("{STREAMS}/{project}/imagestreams/{name}"),
            None,
        )
        .await;
}

/// Another user gives an image of `team-a/api` one more tag.
async fn tag(world: &World, tag: &str) {
    let twin = world.json("/images/team-a/api:latest", "root").await;
    let from = json!({"kind": "ImageStreamImage", "name": format!("api@{}", twin["digest"].as_str().unwrap())});
    let body = json!({
        "kind": "ImageStreamTag", "apiVersion": "image.openshift.io/v1",
        "metadata": {"name": format!("api:{tag}"), "namespace": "team-a"}, "tag": {"name": tag, "from": from},
    });
    world
        .request_as_root(
            Method::POST,
            &format!("{STREAMS}/team-a/imagestreamtags"),
            Some(body),
        )
        .await;
}

/// Waits until the index has the stream.
async fn seen(world: &World, path: &str) {
    let (project, name) = path.split_once('/').unwrap();
    let row = json!(name);
    world
        .until(path, async || {
            let list = world
                .json(&format!("/images/{project}?q={name}"), "root")
                .await;
            list["rows"]
                .as_array()
                .unwrap()
                .iter()
                .any(|found| found["name"] == row)
        })
        .await;
}

#[rstest]
#[tokio::test]
async fn open_list_receives_changes_by_name(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).index().start().await;
    let mut dev = world.signed_in("dev").await;
    for path in [
        "/",
        "/images",
        "/projects/team-a?q=x",
        "/projects/team-a/activity",
    ] {
        let page = dev.get(path).await;
        let mut updates = SseClient::open_for_page(&mut dev, &page).await;
        create(&world, "team-a/fresh").await;
        assert_eq!(
            updates.next_text().await,
            "1 image stream has changed: team-a/fresh",
            "{path} on {version:?}"
        );
        delete(&world, "team-a/fresh").await;
        create(&world, "team-a/second").await;
        updates
            .wait_for_text("2 image streams have changed: team-a/fresh, team-a/second")
            .await;
        delete(&world, "team-a/second").await;
        world
            .until("all is as before", async || {
                world.json("/images/team-a?q=second", "root").await["rows"] == json!([])
            })
            .await;
    }
}

/// R16: no change is lost with a connection.
#[tokio::test]
async fn reconnect_to_any_replica_delivers_missed_changes() {
    let world = World::builder(Version::V4).index().start().await;
    let another = world.replica().index().start().await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images").await;
    create(&world, "team-a/fresh").await;
    seen(&world, "team-a/fresh").await;
    for _ in 0..2 {
        assert_eq!(
            SseClient::open_for_page(&mut dev, &page)
                .await
                .next_text()
                .await,
            "1 image stream has changed: team-a/fresh"
        );
    }
    let mut elsewhere = Browser::new(another.url());
    elsewhere.sign_in("dev").await;
    assert_eq!(
        SseClient::open_for_page(&mut elsewhere, &page)
            .await
            .next_text()
            .await,
        "1 image stream has changed: team-a/fresh"
    );
}

#[tokio::test]
async fn live_updates_respect_visibility() {
    let world = World::builder(Version::V3_9).index().start().await;
    let mut viewer = world.signed_in("viewer").await;
    let page = viewer.get("/images").await;
    let mut updates = SseClient::open_for_page(&mut viewer, &page).await;
    let project = json!({"kind": "ProjectRequest", "apiVersion": "project.openshift.io/v1", "metadata": {"name": "secret"}});
    world
        .request_as_root(
            Method::POST,
            "/apis/project.openshift.io/v1/projectrequests",
            Some(project),
        )
        .await;
    create(&world, "secret/plan").await;
    seen(&world, "secret/plan").await;
    create(&world, "team-a/fresh").await;
    assert_eq!(
        updates.next_text().await,
        "1 image stream has changed: team-a/fresh"
    );
    let mut outsider = world.signed_in("outsider").await;
    for scope in [
        "project=team-a",
        "project=team-a&stream=api",
        "project=nowhere",
    ] {
        assert_eq!(
            outsider.get(&format!("/live?since=1&{scope}")).await.status,
            204,
            "{scope}"
        );
    }
}

#[tokio::test]
async fn revoked_right_stops_live_updates_within_a_minute() {
    let world = World::builder(Version::V4).index().start().await;
    let mut viewer = world.signed_in("viewer").await;
    let page = viewer.get("/images").await;
    let mut updates = SseClient::open_for_page(&mut viewer, &page).await;
    world
        .request_as_root(
            Method::DELETE,
            "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings/registry-viewer",
            None,
        )
        .await;
    world.advance(TimeDelta::seconds(60));
    create(&world, "team-a/fresh").await;
    let last = updates.next().await.unwrap();
    assert_eq!(
        (last.event.as_str(), last.data.as_str()),
        ("reconnect", "0")
    );
    assert_eq!(updates.next().await, None);
    let mut again = SseClient::open_for_page(&mut viewer, &page).await;
    create(&world, "shared-libs/open").await;
    assert_eq!(
        again.next_text().await,
        "1 image stream has changed: shared-libs/open"
    );
    assert_eq!(viewer.get("/live?since=1&project=team-a").await.status, 204);
}

/// S20: an open page keeps no session alive.
#[tokio::test]
async fn open_page_sends_no_api_requests() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images").await;
    let mut updates = SseClient::open_for_page(&mut dev, &page).await;
    world.clear_requests();
    create(&world, "team-a/fresh").await;
    updates.next_text().await;
    world.advance(TimeDelta::minutes(30));
    create(&world, "team-a/late").await;
    assert_eq!(updates.next().await.unwrap().event, "reconnect");
    assert_eq!(updates.next().await, None);
    let others = |token: Option<&str>| !matches!(token, Some(SERVICE_ACCOUNT_TOKEN | "TOKEN-root"));
    let requests: Vec<_> = world
        .requests()
        .into_iter()
        .filter(|request| others(request.bearer()))
        .collect();
    assert!(requests.is_empty(), "{requests:?}");
}

/// S26.
#[tokio::test]
async fn live_connection_requires_a_session_and_ends_with_it() {
    let world = World::builder(Version::V4).index().start().await;
    assert_eq!(
        Browser::new(world.url()).get("/live?since=1").await.status,
        401
    );
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images").await;
    let foreign = |name: &'static str, value: &'static str| {
        dev.request(Method::GET, "/live?since=1")
            .header(name, value)
    };
    let foreign = [
        foreign("origin", "https://evil.example"),
        foreign("sec-fetch-site", "cross-site"),
        foreign("sec-fetch-site", "same-site"),
    ];
    for request in foreign {
        assert_eq!(dev.send(request).await.status, 403);
    }
    assert_eq!(dev.get("/live?since=yesterday").await.status, 400);
    let mut updates = SseClient::open_for_page(&mut dev, &page).await;
    let mut other = SseClient::open_for_page(&mut dev, &page).await;
    dev.sign_out().await;
    for updates in [&mut updates, &mut other] {
        assert_eq!(updates.next().await.unwrap().event, "end");
        assert_eq!(updates.next().await, None);
    }
}

/// R17.
#[tokio::test]
async fn shutdown_reconnects_live_pages_at_once() {
    let world = World::builder(Version::V4).index().start().await;
    let another = world.replica().index().start().await;
    let mut dev = Browser::new(another.url());
    dev.sign_in("dev").await;
    let page = dev.get("/images").await;
    let mut updates = SseClient::open_for_page(&mut dev, &page).await;
    drop(another);
    let last = updates.next().await.unwrap();
    assert_eq!(
        (last.event.as_str(), last.data.parse().ok()),
        ("reconnect", last.retry)
    );
    assert_eq!(updates.next().await, None);
}

#[rstest]
#[tokio::test]
async fn own_change_is_not_a_live_update(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::builder(version).index().start().await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    let fields = [
        ("csrf", csrf.as_str()),
        ("project", "team-a"),
        ("name", "mine"),
        ("source", "none"),
    ];
    assert_eq!(
        dev.post_form("/new-image-stream", &fields).await.status,
        303
    );
    for path in ["/images", "/projects/team-a", "/", "/images/team-a/mine"] {
        let page = dev.get(path).await;
        seen(&world, "team-a/mine").await;
        let mut updates = SseClient::open_for_page(&mut dev, &page).await;
        create(&world, "team-a/theirs").await;
        if path.ends_with("/mine") {
            delete(&world, "team-a/mine").await;
            assert_eq!(updates.next_text().await, "This image stream was deleted.");
        } else {
            assert_eq!(
                updates.next_text().await,
                "1 image stream has changed: team-a/theirs",
                "{path} on {version:?}"
            );
            delete(&world, "team-a/theirs").await;
            world
                .until("theirs is gone", async || {
                    world.json("/images/team-a?q=theirs", "root").await["rows"] == json!([])
                })
                .await;
        }
    }
}

#[tokio::test]
async fn live_updates_match_the_scope_of_the_page() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = world.signed_in("dev").await;
    let (stream, image) = (
        dev.get("/images/team-a/api").await,
        dev.get("/images/team-a/api:latest").await,
    );
    let mut of_stream = SseClient::open_for_page(&mut dev, &stream).await;
    let mut of_tag = SseClient::open_for_page(&mut dev, &image).await;
    tag(&world, "green").await;
    assert_eq!(of_stream.next_text().await, "1 tag has changed: green");
    tag(&world, "blue").await;
    assert_eq!(
        of_stream.next_text().await,
        "2 tags have changed: blue, green"
    );
    world
        .request_as_root(
            Method::DELETE,
            &format!("{STREAMS}/team-a/imagestreamtags/api:latest"),
            None,
        )
        .await;
    assert_eq!(
        of_tag.next_text().await,
        "This tag now points to another image, or was removed."
    );
    assert_eq!(
        of_stream.next_text().await,
        "3 tags have changed: blue, green, latest"
    );
    let digest = image
        .attribute("#rc-live", "data-live")
        .split("image=")
        .nth(1)
        .unwrap()
        .replace("%3A", ":");
    assert!(
        dev.get(&format!("/images/team-a/api@{digest}"))
            .await
            .select("#rc-live")
            .is_empty(),
        "a digest never changes"
    );
}

#[tokio::test]
async fn live_updates_use_the_language_of_the_page() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = world.signed_in("dev").await;
    dev.set_cookie("__Host-language", "zh-CN");
    let page = dev.get("/images").await;
    assert_eq!(page.text_of("#rc-live-show"), "显示");
    let mut updates = SseClient::open_for_page(&mut dev, &page).await;
    create(&world, "team-a/fresh").await;
    assert_eq!(updates.next_text().await, "1 个镜像流有变动：team-a/fresh");
}

#[tokio::test]
async fn page_without_index_has_no_live_updates() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for path in [
        "/",
        "/images",
        "/projects/team-a/activity",
        "/images/team-a/api",
        "/images/team-a/api:latest",
        "/projects/team-a",
    ] {
        assert!(
            dev.get(path)
                .await
                .select("#rc-live, script[src*=live]")
                .is_empty(),
            "{path}"
        );
    }
    assert_eq!(dev.get("/live?since=1").await.status, 204);
}
