//! What open pages are told: all that has changed since they were made, and nothing that the person
//! may not see.

use chrono::TimeDelta;
use openshift_standin::cluster::Version;
use reqwest::Method;
use serde_json::json;

use crate::harness::standin_world::VERSIONS;
use crate::harness::{Both, Browser, Ear, ROBOT, World};

const STREAMS: &str = "/apis/image.openshift.io/v1/namespaces";

/// Somebody else creates an image stream.
async fn create(both: &Both, path: &str) {
    let (project, name) = path.split_once('/').unwrap();
    let stream = json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": name}});
    both.as_root(
        Method::POST,
        &format!("{STREAMS}/{project}/imagestreams"),
        Some(stream),
    )
    .await;
}

async fn delete(both: &Both, path: &str) {
    let (project, name) = path.split_once('/').unwrap();
    both.as_root(
        Method::DELETE,
        &format!("{STREAMS}/{project}/imagestreams/{name}"),
        None,
    )
    .await;
}

/// Somebody else gives an image of `team-a/api` one more tag.
async fn tag(both: &Both, tag: &str) {
    let twin = both.json("/images/team-a/api:latest", "root").await;
    let from = json!({"kind": "ImageStreamImage", "name": format!("api@{}", twin["digest"].as_str().unwrap())});
    let body = json!({
        "kind": "ImageStreamTag", "apiVersion": "image.openshift.io/v1",
        "metadata": {"name": format!("api:{tag}"), "namespace": "team-a"}, "tag": {"name": tag, "from": from},
    });
    both.as_root(
        Method::POST,
        &format!("{STREAMS}/team-a/imagestreamtags"),
        Some(body),
    )
    .await;
}

/// Waits until the index has heard of the stream.
async fn seen(both: &Both, path: &str) {
    let (project, name) = path.split_once('/').unwrap();
    let row = json!(name);
    both.until(path, async || {
        let list = both
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

#[tokio::test]
async fn open_list_receives_changes_by_name() {
    for version in VERSIONS {
        let both = Both::start(version).await;
        let mut dev = both.signed_in("dev").await;
        for path in ["/", "/images", "/images/team-a?q=x", "/projects/team-a"] {
            let page = dev.get(path).await;
            let mut ear = Ear::of(&mut dev, &page).await;
            create(&both, "team-a/fresh").await;
            assert_eq!(
                ear.news().await,
                "1 image stream has changed: team-a/fresh",
                "{path} on {version:?}"
            );
            delete(&both, "team-a/fresh").await;
            create(&both, "team-a/second").await;
            while ear.news().await != "2 image streams have changed: team-a/fresh, team-a/second" {}
            delete(&both, "team-a/second").await;
            both.until("all is as before", async || {
                both.json("/images/team-a?q=second", "root").await["rows"] == json!([])
            })
            .await;
        }
    }
}

/// R16: whoever loses the connection loses nothing with it.
#[tokio::test]
async fn reconnect_to_any_replica_delivers_missed_changes() {
    let both = Both::start(Version::V4).await;
    let another = both.another().await;
    let mut dev = both.signed_in("dev").await;
    let page = dev.get("/images").await;
    create(&both, "team-a/fresh").await;
    seen(&both, "team-a/fresh").await;
    for _ in 0..2 {
        assert_eq!(
            Ear::of(&mut dev, &page).await.news().await,
            "1 image stream has changed: team-a/fresh"
        );
    }
    let mut elsewhere = Browser::of(another.url());
    elsewhere.sign_in("dev").await;
    assert_eq!(
        Ear::of(&mut elsewhere, &page).await.news().await,
        "1 image stream has changed: team-a/fresh"
    );
}

#[tokio::test]
async fn live_updates_respect_visibility() {
    let both = Both::start(Version::V3_9).await;
    let mut viewer = both.signed_in("viewer").await;
    let page = viewer.get("/images").await;
    let mut ear = Ear::of(&mut viewer, &page).await;
    let project = json!({"kind": "ProjectRequest", "apiVersion": "project.openshift.io/v1", "metadata": {"name": "secret"}});
    both.as_root(
        Method::POST,
        "/apis/project.openshift.io/v1/projectrequests",
        Some(project),
    )
    .await;
    create(&both, "secret/plan").await;
    seen(&both, "secret/plan").await;
    create(&both, "team-a/fresh").await;
    assert_eq!(ear.news().await, "1 image stream has changed: team-a/fresh");
    let mut outsider = both.signed_in("outsider").await;
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
    let both = Both::start(Version::V4).await;
    let mut viewer = both.signed_in("viewer").await;
    let page = viewer.get("/images").await;
    let mut ear = Ear::of(&mut viewer, &page).await;
    both.as_root(
        Method::DELETE,
        "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings/registry-viewer",
        None,
    )
    .await;
    both.world.advance(TimeDelta::seconds(60));
    create(&both, "team-a/fresh").await;
    let last = ear.next().await.unwrap();
    assert_eq!(
        (last.event.as_str(), last.data.as_str()),
        ("reconnect", "0")
    );
    assert_eq!(ear.next().await, None);
    let mut again = Ear::of(&mut viewer, &page).await;
    create(&both, "shared-libs/open").await;
    assert_eq!(
        again.news().await,
        "1 image stream has changed: shared-libs/open"
    );
    assert_eq!(viewer.get("/live?since=1&project=team-a").await.status, 204);
}

/// S20: an open page keeps no session alive.
#[tokio::test]
async fn open_page_sends_no_api_requests() {
    let both = Both::start(Version::V4).await;
    let mut dev = both.signed_in("dev").await;
    let page = dev.get("/images").await;
    let mut ear = Ear::of(&mut dev, &page).await;
    both.world.forget_asked();
    create(&both, "team-a/fresh").await;
    ear.news().await;
    both.world.advance(TimeDelta::minutes(30));
    create(&both, "team-a/late").await;
    assert_eq!(ear.next().await.unwrap().event, "reconnect");
    assert_eq!(ear.next().await, None);
    let others = |token: Option<&str>| !matches!(token, Some(ROBOT | "TOKEN-root"));
    let asked: Vec<_> = both
        .world
        .asked()
        .into_iter()
        .filter(|seen| others(seen.bearer()))
        .collect();
    assert!(asked.is_empty(), "{asked:?}");
}

/// S26.
#[tokio::test]
async fn live_connection_requires_a_session_and_ends_with_it() {
    let both = Both::start(Version::V4).await;
    assert_eq!(
        Browser::of(both.indexed.url())
            .get("/live?since=1")
            .await
            .status,
        401
    );
    let mut dev = both.signed_in("dev").await;
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
    let mut ear = Ear::of(&mut dev, &page).await;
    let mut other = Ear::of(&mut dev, &page).await;
    dev.sign_out().await;
    for ear in [&mut ear, &mut other] {
        assert_eq!(ear.next().await.unwrap().event, "end");
        assert_eq!(ear.next().await, None);
    }
}

/// R17.
#[tokio::test]
async fn shutdown_reconnects_live_pages_at_once() {
    let both = Both::start(Version::V4).await;
    let another = both.another().await;
    let mut dev = Browser::of(another.url());
    dev.sign_in("dev").await;
    let page = dev.get("/images").await;
    let mut ear = Ear::of(&mut dev, &page).await;
    drop(another);
    let last = ear.next().await.unwrap();
    assert_eq!(
        (last.event.as_str(), last.data.parse().ok()),
        ("reconnect", last.retry)
    );
    assert_eq!(ear.next().await, None);
}

#[tokio::test]
async fn own_change_is_not_a_live_update() {
    for version in VERSIONS {
        let both = Both::start(version).await;
        let mut dev = both.signed_in("dev").await;
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
        for path in ["/images", "/images/team-a", "/", "/images/team-a/mine"] {
            let page = dev.get(path).await;
            seen(&both, "team-a/mine").await;
            let mut ear = Ear::of(&mut dev, &page).await;
            create(&both, "team-a/theirs").await;
            if path.ends_with("/mine") {
                delete(&both, "team-a/mine").await;
                assert_eq!(ear.news().await, "This image stream was deleted.");
            } else {
                assert_eq!(
                    ear.news().await,
                    "1 image stream has changed: team-a/theirs",
                    "{path} on {version:?}"
                );
                delete(&both, "team-a/theirs").await;
                both.until("theirs is gone", async || {
                    both.json("/images/team-a?q=theirs", "root").await["rows"] == json!([])
                })
                .await;
            }
        }
    }
}

#[tokio::test]
async fn live_updates_match_the_scope_of_the_page() {
    let both = Both::start(Version::V4).await;
    let mut dev = both.signed_in("dev").await;
    let (stream, image) = (
        dev.get("/images/team-a/api").await,
        dev.get("/images/team-a/api:latest").await,
    );
    let mut of_stream = Ear::of(&mut dev, &stream).await;
    let mut of_tag = Ear::of(&mut dev, &image).await;
    tag(&both, "green").await;
    assert_eq!(of_stream.news().await, "1 tag has changed: green");
    tag(&both, "blue").await;
    assert_eq!(of_stream.news().await, "2 tags have changed: blue, green");
    both.as_root(
        Method::DELETE,
        &format!("{STREAMS}/team-a/imagestreamtags/api:latest"),
        None,
    )
    .await;
    assert_eq!(
        of_tag.news().await,
        "This tag now points at another image, or was removed."
    );
    assert_eq!(
        of_stream.news().await,
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
    let both = Both::start(Version::V4).await;
    let mut dev = both.signed_in("dev").await;
    dev.set_cookie("__Host-language", "zh-CN");
    let page = dev.get("/images").await;
    assert_eq!(page.text_of("#rc-live-show"), "显示");
    let mut ear = Ear::of(&mut dev, &page).await;
    create(&both, "team-a/fresh").await;
    assert_eq!(ear.news().await, "1 个镜像流有变动：team-a/fresh");
}

#[tokio::test]
async fn page_without_index_has_no_live_updates() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for path in [
        "/",
        "/images",
        "/images/team-a",
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
