//! Lists from the index: the same rows as without it, only those that the user may see, and no
//! request to the API server.

use chrono::TimeDelta;
use openshift_standin::cluster::{ProjectText, Rule, Version};
use openshift_standin::faults::{Endpoint, Fault};
use registry_model::Subject;
use reqwest::Method;
use rstest::rstest;
use serde_json::Value;

use crate::harness::{Browser, Log, SERVICE_ACCOUNT_TOKEN, World, json_of, keep_all_events};

const LISTS: [&str; 22] = [
    "/",
    "/?changed=30",
    "/projects/team-a",
    "/projects/team-a/activity?changed=30",
    "/projects?sort=streams",
    "/projects?sort=pushed&order=asc",
    "/images?state=importing",
    "/images?state=empty",
    "/images?project=team&per_page=100",
    "/images",
    "/images?sort=pushed",
    "/images?sort=tags&order=asc",
    "/images?order=desc",
    "/images?q=V2",
    "/images?q=team+a",
    "/images/team-a",
    "/images/team-a?q=latest",
    "/images/no-such-project",
    "/images/shared-libs",
    "/projects",
    "/imports",
    "/imports?q=app&state=failing",
];

#[rstest]
#[tokio::test]
async fn lists_are_equal_with_and_without_the_index(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).index().start().await;
    let plain = world.replica().start().await;
    let mut without = Browser::new(plain.url());
    for user in ["root", "dev", "viewer", "outsider"] {
        for path in LISTS {
            let (with, without) = (
                world.json(path, user).await,
                json_of(&mut without, path, user).await,
            );
            assert_eq!(with, without, "{path} of {user} on {version:?}");
        }
    }
    assert!(
        world.json("/images", "dev").await["rows"]
            .as_array()
            .unwrap()
            .len()
            >= 5
    );
}

#[tokio::test]
async fn cached_list_sends_no_api_request() {
    let world = World::builder(Version::V4).index().start().await;
    for user in ["root", "dev", "viewer"] {
        for path in [
            "/",
            "/images",
            "/images/team-a",
            "/images?q=api&sort=pushed",
        ] {
            world.json(path, user).await;
            world.clear_requests();
            world.json(path, user).await;
            assert_eq!(
                world.requests_as(user),
                Vec::<String>::new(),
                "{path} of {user}"
            );
        }
    }
    world.clear_requests();
    world.json("/images", "outsider").await;
    let robots = world
        .requests()
        .into_iter()
        .filter(|request| request.bearer() == Some(SERVICE_ACCOUNT_TOKEN))
        .count();
    assert_eq!(
        robots, 0,
        "S48: nothing is asked for a person with the console's own token"
    );
}

#[tokio::test]
async fn watched_change_appears_without_api_request() {
    let world = World::builder(Version::V3_9).index().start().await;
    let names = |list: &Value| {
        list["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    world.json("/images", "dev").await;
    world.clear_requests();
    let streams = "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams";
    let fresh = serde_json::json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": "fresh"}});
    world
        .request_as_root(Method::POST, streams, Some(fresh))
        .await;
    world
        .until("the new stream", async || {
            names(&world.json("/images", "dev").await).contains(&"fresh".to_owned())
        })
        .await;
    world
        .request_as_root(Method::DELETE, &format!("{streams}/fresh"), None)
        .await;
    world
        .until("without the stream", async || {
            !names(&world.json("/images", "dev").await).contains(&"fresh".to_owned())
        })
        .await;
    assert_eq!(world.requests_as("dev"), Vec::<String>::new());
}

#[tokio::test]
async fn revoked_right_hides_streams_everywhere_within_a_minute() {
    let world = World::builder(Version::V4).index().start().await;
    let digest = world.json("/images/team-a/api:latest", "root").await["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    let seen = async || {
        let json = async |path: &str| world.json(path, "viewer").await;
        let (all, filtered, home) = (
            json("/images").await,
            json("/images?q=team-a").await,
            json("/?changed=30").await,
        );
        let (by_name, by_digest) = (
            json("/search?q=api").await,
            json(&format!("/search?q={digest}")).await,
        );
        let found = [
            &all["rows"],
            &filtered["rows"],
            &home["activity"]["days"],
            &by_name["groups"],
            &by_digest["groups"],
        ];
        let mentions = found.map(|found| found.to_string().contains("team-a"));
        (
            mentions,
            world.json("/images/team-a", "viewer").await["status"]
                .as_u64()
                .unwrap(),
            home["counts"]["streams"].clone(),
        )
    };
    let (mentions, status, before) = seen().await;
    assert_eq!((mentions, status), ([true; 5], 200));
    world
        .request_as_root(
            Method::DELETE,
            "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings/registry-viewer",
            None,
        )
        .await;
    world.advance(TimeDelta::seconds(60));
    let (mentions, status, after) = seen().await;
    assert_eq!((mentions, status), ([false; 5], 403));
    assert!(after.as_u64() < before.as_u64());
}

#[rstest]
#[tokio::test]
async fn own_change_is_on_the_next_page_at_one_request(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).index().start().await;
    let mut dev = Browser::new(world.url());
    dev.sign_in("dev").await;
    dev.get("/images").await;
    let csrf = dev.csrf().await;
    for name in ["one", "two", "three"] {
        world.clear_requests();
        let fields = [
            ("csrf", csrf.as_str()),
            ("project", "team-a"),
            ("name", name),
            ("source", "none"),
        ];
        assert_eq!(
            dev.post_form("/new-image-stream", &fields).await.status,
            303
        );
        assert!(
            dev.get("/images")
                .await
                .text
                .contains(&format!("/images/team-a/{name}")),
            "{name}"
        );
        let lists: Vec<_> = world
            .requests()
            .into_iter()
            .filter(|seen| seen.path.contains("imagestreams?limit"))
            .collect();
        assert!(
            lists
                .iter()
                .all(|seen| seen.path.contains("/namespaces/team-a/"))
                && lists.len() == 1,
            "{lists:?}"
        );
        assert!(
            dev.get("/projects/team-a")
                .await
                .text
                .contains(&format!("/images/team-a/{name}")),
            "{name}"
        );
    }
    world.json("/images", "viewer").await;
    assert!(
        world
            .requests_as("viewer")
            .iter()
            .all(|request| !request.contains("imagestreams?limit"))
    );
}

#[tokio::test]
async fn created_or_renamed_project_is_on_the_next_page() {
    let world = World::builder(Version::V4).index().start().await;
    let mut outsider = Browser::new(world.url());
    outsider.sign_in("outsider").await;
    let csrf = outsider.csrf().await;
    let pages = async |browser: &mut Browser| {
        [
            browser.get("/").await.text,
            browser.get("/projects").await.text,
        ]
    };
    pages(&mut outsider).await;
    let made = [
        ("csrf", csrf.as_str()),
        ("name", "sandbox"),
        ("display-name", "Sandy box"),
    ];
    assert_eq!(outsider.post_form("/new-project", &made).await.status, 303);
    assert!(
        pages(&mut outsider)
            .await
            .iter()
            .all(|page| page.contains("Sandy box"))
    );
    let version = outsider
        .get("/projects/sandbox/edit")
        .await
        .attribute("main input[name=version]", "value");
    let renamed = [
        ("csrf", csrf.as_str()),
        ("version", &version),
        ("display-name", "Muddy box"),
        ("description", ""),
    ];
    assert_eq!(
        outsider
            .post_form("/projects/sandbox/edit", &renamed)
            .await
            .status,
        303
    );
    assert!(
        pages(&mut outsider)
            .await
            .iter()
            .all(|page| page.contains("Muddy box"))
    );
}

#[tokio::test]
async fn sign_out_drops_cached_visibility() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = Browser::new(world.url());
    dev.sign_in("dev").await;
    dev.get("/images").await;
    let token = world
        .requests()
        .iter()
        .rev()
        .find_map(|request| {
            request
                .path
                .ends_with("/projects")
                .then(|| request.bearer().unwrap().to_owned())
        })
        .unwrap();
    let reviews = || {
        world
            .requests()
            .iter()
            .filter(|request| request.path.ends_with("selfsubjectaccessreviews"))
            .count()
    };
    let mut elsewhere = Browser::new(world.url());
    world.clear_requests();
    elsewhere.json_with_token("/images", &token).await;
    assert_eq!(reviews(), 0);
    dev.sign_out().await;
    elsewhere.json_with_token("/images", &token).await;
    assert!(
        reviews() > 1,
        "the token lives on for two minutes, but nothing of it is remembered"
    );
}

#[tokio::test]
async fn concurrent_requests_of_one_user_share_a_list() {
    let world = World::builder(Version::V4)
        .settings(|config| config.index.list_ttl = std::time::Duration::from_secs(3))
        .start()
        .await;
    let lists = |world: &World| {
        world
            .requests()
            .iter()
            .filter(|request| request.path.contains("imagestreams?limit"))
            .count()
    };
    let ask = async || json_of(&mut Browser::new(world.url()), "/images", "dev").await;
    let pages = futures_util::future::join_all((0..8).map(|_| ask())).await;
    assert!(pages.iter().all(|page| page == &pages[0]));
    assert_eq!(lists(&world), 4, "each of dev's projects once");
    world.advance(TimeDelta::seconds(3));
    ask().await;
    assert_eq!(lists(&world), 8);
    json_of(&mut Browser::new(world.url()), "/images", "viewer").await;
    assert!(lists(&world) > 8, "what is one person's is not another's");
}

#[tokio::test]
async fn lists_without_index_use_cached_project_names() {
    let world = World::start(Version::V4).await;
    json_of(&mut Browser::new(world.url()), "/images", "dev").await;
    lists_begin_though_the_master_hangs(&world, async {
        json_of(&mut Browser::new(world.url()), "/images", "dev")
            .await
            .to_string()
    })
    .await;
}

#[tokio::test]
async fn sign_in_prefetches_project_names_without_index() {
    let world = World::start(Version::V4).await;
    let mut dev = Browser::new(world.url());
    dev.sign_in("dev").await;
    lists_begin_though_the_master_hangs(&world, async { dev.get("/images").await.text }).await;
}

async fn lists_begin_though_the_master_hangs(world: &World, page: impl Future<Output = String>) {
    world.clear_requests();
    world.fail(Endpoint::ApiServer, Fault::Hang);
    let lists = || {
        world
            .requests()
            .iter()
            .filter(|request| request.path.contains("imagestreams?limit"))
            .count()
    };
    let mut other = Browser::new(world.url());
    let confirmation = async {
        while lists() < 4 {
            other.get("/healthz").await;
        }
    };
    tokio::select! {
        page = page => panic!("{page}"),
        () = confirmation => {}
    }
}

#[tokio::test]
async fn unlisted_project_is_hidden_even_if_readable() {
    let world = World::builder(Version::V4).index().start().await;
    let plain = world.replica().start().await;
    let (team, sandbox, cluster) = (
        "team-a".parse().unwrap(),
        "sandbox".parse().unwrap(),
        world.demo.cluster(),
    );
    let shown = async || {
        let list = json_of(&mut Browser::new(plain.url()), "/images", "outsider").await;
        ["team-a", "sandbox"].map(|project| list["rows"].to_string().contains(project))
    };
    assert_eq!(shown().await, [false, false]);
    cluster
        .create_project(&sandbox, ProjectText::default(), "dev")
        .unwrap();
    let stream = serde_json::json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": "castle"}});
    world
        .request_as_root(
            Method::POST,
            "/apis/image.openshift.io/v1/namespaces/sandbox/imagestreams",
            Some(stream),
        )
        .await;
    for project in [&team, &sandbox] {
        cluster.bind(Some(project), "view", &[Subject::user("outsider")]);
    }
    assert_eq!(
        shown().await,
        [true, true],
        "projects that are new to somebody are on their next page"
    );
    world
        .request_as_root(
            Method::DELETE,
            "/apis/rbac.authorization.k8s.io/v1/namespaces/sandbox/rolebindings/view",
            None,
        )
        .await;
    let rule = Rule {
        groups: &["image.openshift.io"],
        resources: &["imagestreams"],
        verbs: &["list"],
        names: &[],
        only_on_4: false,
    };
    cluster.bind_project_role(&sandbox, "reader", rule, &[Subject::user("outsider")]);
    world.clear_requests();
    // The short list comes before the long one, which is waited for.
    world.fail(
        Endpoint::ApiServer,
        Fault::Throttle(std::time::Duration::from_millis(5)),
    );
    assert_eq!(shown().await, [true, false]);
    assert!(
        world
            .requests_as("outsider")
            .iter()
            .any(|request| request.contains("/sandbox/imagestreams")),
        "it was read, all the same"
    );
}

/// S44.
#[tokio::test]
async fn log_contains_no_service_account_token() {
    keep_all_events();
    let log = Log::start();
    let world = World::builder(Version::V3_9).index().start().await;
    world.json("/images", "dev").await;
    assert!(log.text().contains("the index is ready"), "{}", log.text());
    assert!(!log.text().contains(SERVICE_ACCOUNT_TOKEN));
}
