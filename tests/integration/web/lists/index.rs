//! Lists from the index: the same rows as without, nobody else's rows, and no question to the
//! master.

use chrono::TimeDelta;
use openshift_standin::cluster::{ProjectText, Rule, Version};
use openshift_standin::faults::{Endpoint, Fault};
use registry_model::Subject;
use reqwest::Method;
use serde_json::Value;

use crate::harness::standin_world::VERSIONS;
use crate::harness::{Both, Browser, Log, ROBOT, World, json_of, keep_all_events};

const LISTS: [&str; 12] = [
    "/",
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
];

#[tokio::test]
async fn lists_are_equal_with_and_without_the_index() {
    for version in VERSIONS {
        let both = Both::start(version).await;
        let mut without = Browser::of(both.world.url());
        for user in ["root", "dev", "viewer", "outsider"] {
            for path in LISTS {
                let (with, without) = (
                    both.json(path, user).await,
                    json_of(&mut without, path, user).await,
                );
                assert_eq!(with, without, "{path} of {user} on {version:?}");
            }
        }
        assert!(
            both.json("/images", "dev").await["rows"]
                .as_array()
                .unwrap()
                .len()
                >= 5
        );
    }
}

#[tokio::test]
async fn cached_list_sends_no_api_request() {
    let both = Both::start(Version::V4).await;
    for user in ["root", "dev", "viewer"] {
        for path in [
            "/",
            "/images",
            "/images/team-a",
            "/images?q=api&sort=pushed",
        ] {
            both.json(path, user).await;
            both.world.forget_asked();
            both.json(path, user).await;
            assert_eq!(
                both.asked_as(user),
                Vec::<String>::new(),
                "{path} of {user}"
            );
        }
    }
    both.world.forget_asked();
    both.json("/images", "outsider").await;
    let robots = both
        .world
        .asked()
        .into_iter()
        .filter(|seen| seen.bearer() == Some(ROBOT))
        .count();
    assert_eq!(
        robots, 0,
        "S48: nothing is asked for a person with the console's own token"
    );
}

#[tokio::test]
async fn watched_change_appears_without_api_request() {
    let both = Both::start(Version::V3_9).await;
    let names = |list: &Value| {
        list["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    both.json("/images", "dev").await;
    both.world.forget_asked();
    let streams = "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams";
    let fresh = serde_json::json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": "fresh"}});
    both.as_root(Method::POST, streams, Some(fresh)).await;
    both.until("the new stream", async || {
        names(&both.json("/images", "dev").await).contains(&"fresh".to_owned())
    })
    .await;
    both.as_root(Method::DELETE, &format!("{streams}/fresh"), None)
        .await;
    both.until("without the stream", async || {
        !names(&both.json("/images", "dev").await).contains(&"fresh".to_owned())
    })
    .await;
    assert_eq!(both.asked_as("dev"), Vec::<String>::new());
}

#[tokio::test]
async fn revoked_right_hides_streams_everywhere_within_a_minute() {
    let both = Both::start(Version::V4).await;
    let digest = both.json("/images/team-a/api:latest", "root").await["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    let seen = async || {
        let json = async |path: &str| both.json(path, "viewer").await;
        let (all, filtered, overview) = (
            json("/images").await,
            json("/images?q=team-a").await,
            json("/").await,
        );
        let (by_name, by_digest) = (
            json("/search?q=api").await,
            json(&format!("/search?q={digest}")).await,
        );
        let found = [
            &all["rows"],
            &filtered["rows"],
            &overview["recent"],
            &by_name["groups"],
            &by_digest["groups"],
        ];
        let mentions = found.map(|found| found.to_string().contains("team-a"));
        (
            mentions,
            both.json("/images/team-a", "viewer").await["status"]
                .as_u64()
                .unwrap(),
            overview["counts"]["streams"].clone(),
        )
    };
    let (mentions, status, before) = seen().await;
    assert_eq!((mentions, status), ([true; 5], 200));
    both.as_root(
        Method::DELETE,
        "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings/registry-viewer",
        None,
    )
    .await;
    both.world.advance(TimeDelta::seconds(60));
    let (mentions, status, after) = seen().await;
    assert_eq!((mentions, status), ([false; 5], 403));
    assert!(after.as_u64() < before.as_u64());
}

#[tokio::test]
async fn own_change_is_on_the_next_page_at_one_request() {
    for version in VERSIONS {
        let both = Both::start(version).await;
        let mut dev = Browser::of(both.indexed.url());
        dev.sign_in("dev").await;
        dev.get("/images").await;
        let csrf = dev.csrf().await;
        for name in ["one", "two", "three"] {
            both.world.forget_asked();
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
            let lists: Vec<_> = both
                .world
                .asked()
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
                dev.get("/images/team-a")
                    .await
                    .text
                    .contains(&format!("/images/team-a/{name}")),
                "{name}"
            );
        }
        both.json("/images", "viewer").await;
        assert!(
            both.asked_as("viewer")
                .iter()
                .all(|asked| !asked.contains("imagestreams?limit"))
        );
    }
}

#[tokio::test]
async fn created_or_renamed_project_is_on_the_next_page() {
    let both = Both::start(Version::V4).await;
    let mut outsider = Browser::of(both.indexed.url());
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
    let both = Both::start(Version::V4).await;
    let mut dev = Browser::of(both.indexed.url());
    dev.sign_in("dev").await;
    dev.get("/images").await;
    let token = both
        .world
        .asked()
        .iter()
        .rev()
        .find_map(|seen| {
            seen.path
                .ends_with("/projects")
                .then(|| seen.bearer().unwrap().to_owned())
        })
        .unwrap();
    let reviews = || {
        both.world
            .asked()
            .iter()
            .filter(|seen| seen.path.ends_with("selfsubjectaccessreviews"))
            .count()
    };
    let mut elsewhere = Browser::of(both.indexed.url());
    both.world.forget_asked();
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
    let world = World::configured(Version::V4, |config| {
        config.index.list_ttl = std::time::Duration::from_secs(3)
    })
    .await;
    let lists = |world: &World| {
        world
            .asked()
            .iter()
            .filter(|seen| seen.path.contains("imagestreams?limit"))
            .count()
    };
    let ask = async || json_of(&mut Browser::of(world.url()), "/images", "dev").await;
    let pages = futures_util::future::join_all((0..8).map(|_| ask())).await;
    assert!(pages.iter().all(|page| page == &pages[0]));
    assert_eq!(lists(&world), 4, "each of dev's projects once");
    world.advance(TimeDelta::seconds(3));
    ask().await;
    assert_eq!(lists(&world), 8);
    json_of(&mut Browser::of(world.url()), "/images", "viewer").await;
    assert!(lists(&world) > 8, "what is one person's is not another's");
}

#[tokio::test]
async fn lists_without_index_use_cached_project_names() {
    let world = World::start(Version::V4).await;
    json_of(&mut Browser::of(world.url()), "/images", "dev").await;
    lists_begin_though_the_master_hangs(&world, async {
        json_of(&mut Browser::of(world.url()), "/images", "dev")
            .await
            .to_string()
    })
    .await;
}

#[tokio::test]
async fn sign_in_prefetches_project_names_without_index() {
    let world = World::start(Version::V4).await;
    let mut dev = Browser::of(world.url());
    dev.sign_in("dev").await;
    lists_begin_though_the_master_hangs(&world, async { dev.get("/images").await.text }).await;
}

async fn lists_begin_though_the_master_hangs(world: &World, page: impl Future<Output = String>) {
    world.forget_asked();
    world.fail(Endpoint::ApiServer, Fault::Hang);
    let lists = || {
        world
            .asked()
            .iter()
            .filter(|seen| seen.path.contains("imagestreams?limit"))
            .count()
    };
    let mut other = Browser::of(world.url());
    let asked = async {
        while lists() < 4 {
            other.get("/healthz").await;
        }
    };
    tokio::select! {
        page = page => panic!("{page}"),
        () = asked => {}
    }
}

#[tokio::test]
async fn unlisted_project_is_hidden_even_if_readable() {
    let both = Both::start(Version::V4).await;
    let (team, sandbox, cluster) = (
        "team-a".parse().unwrap(),
        "sandbox".parse().unwrap(),
        both.world.demo.cluster(),
    );
    let shown = async || {
        let list = json_of(&mut Browser::of(both.world.url()), "/images", "outsider").await;
        ["team-a", "sandbox"].map(|project| list["rows"].to_string().contains(project))
    };
    assert_eq!(shown().await, [false, false]);
    cluster
        .create_project(&sandbox, ProjectText::default(), "dev")
        .unwrap();
    let stream = serde_json::json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": "castle"}});
    both.as_root(
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
    both.as_root(
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
    both.world.forget_asked();
    // The short list comes before the long one, which is waited for.
    both.world.fail(
        Endpoint::ApiServer,
        Fault::Throttle(std::time::Duration::from_millis(5)),
    );
    assert_eq!(shown().await, [true, false]);
    assert!(
        both.asked_as("outsider")
            .iter()
            .any(|asked| asked.contains("/sandbox/imagestreams")),
        "it was read, all the same"
    );
}

/// S44.
#[tokio::test]
async fn log_contains_no_service_account_token() {
    keep_all_events();
    let log = Log::start();
    let both = Both::start(Version::V3_9).await;
    both.json("/images", "dev").await;
    assert!(log.text().contains("the index is ready"), "{}", log.text());
    assert!(!log.text().contains(ROBOT));
}
