//! How much one user, or an unknown token, can make the console do at once (R10, R28).

use std::collections::BTreeSet;

use futures_util::future::join_all;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault, LoggedRequest};
use reqwest::{Method, RequestBuilder};
use tokio::task::JoinHandle;

use crate::harness::{Browser, SseClient, World};

const SESSION: &str = "__Host-registry-console";

/// A request of the same session, beside others of it.
fn beside(browser: &Browser, path: &str) -> RequestBuilder {
    browser.request(Method::GET, path).header(
        "cookie",
        format!("{SESSION}={}", browser.cookie(SESSION).unwrap()),
    )
}

fn paths(asked: &[LoggedRequest]) -> Vec<&str> {
    asked.iter().map(|request| request.path.as_str()).collect()
}

/// How many requests for projects the API server has received.
fn project_lists(world: &World) -> usize {
    let requests = world.requests();
    let lists = requests
        .iter()
        .filter(|request| request.path.ends_with("/projects"));
    lists.count()
}

/// As many requests of `browser` as a user may have in progress, which the API server does not answer.
async fn fill_limit(
    world: &World,
    browser: &Browser,
) -> Vec<JoinHandle<reqwest::Result<reqwest::Response>>> {
    let hanging = (0..16)
        .map(|_| tokio::spawn(beside(browser, "/projects").send()))
        .collect();
    while project_lists(world) < 16 {
        tokio::task::yield_now().await;
    }
    hanging
}

#[tokio::test]
async fn user_over_the_request_limit_gets_429_and_others_are_served() {
    let world = World::start(Version::V4).await;
    let (dev, mut viewer) = (
        world.signed_in("dev").await,
        world.signed_in("viewer").await,
    );
    world.fail(Endpoint::ApiServer, Fault::Hang);
    world.clear_requests();
    let hanging = fill_limit(&world, &dev).await;
    let one_more = tokio::spawn(beside(&dev, "/projects").send());
    assert_eq!(viewer.get("/signed-out").await.status, 200, "not held up");
    let refused = one_more.await.unwrap().unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (429, &"3".parse().unwrap())
    );
    let page = refused.text().await.unwrap();
    assert!(
        page.contains("You have more requests in progress than this console allows"),
        "{page}"
    );
    assert_eq!(
        project_lists(&world),
        16,
        "the cluster was not asked for it"
    );
    hanging.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn sign_out_is_exempt_from_the_request_limit() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    world.fail(Endpoint::Registry, Fault::Hang);
    world.fail(Endpoint::ApiServer, Fault::Hang);
    world.clear_requests();
    let hanging = fill_limit(&world, &dev).await;
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    assert_eq!(
        dev.post_form("/logout", &[("csrf", &csrf)]).await.status,
        303
    );
    hanging.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn invalid_token_costs_one_upstream_request() {
    let world = World::start(Version::V4).await;
    let browser = world.browser();
    for _ in 0..2 {
        let twins = [
            "/api/v1/images",
            "/api/v1/projects",
            "/api/v1/search?q=a",
            "/api/v1/images/team-a/api:v1",
            "/api/v1/users",
        ];
        let requests = twins.iter().cycle().take(40).map(|path| {
            browser
                .request(Method::GET, path)
                .bearer_auth("sha256~made-up")
                .send()
        });
        let statuses: BTreeSet<u16> = join_all(requests)
            .await
            .into_iter()
            .map(|answer| answer.unwrap().status().as_u16())
            .collect();
        assert_eq!(statuses, BTreeSet::from([401]));
        let asked = world.requests();
        assert_eq!(paths(&asked), ["/apis/user.openshift.io/v1/users/~"]);
    }
    let others = (0..30).map(|n| {
        browser
            .request(Method::GET, "/api/v1/images")
            .bearer_auth(format!("sha256~{n}"))
            .send()
    });
    join_all(others)
        .await
        .into_iter()
        .for_each(|answer| assert_eq!(answer.unwrap().status(), 401));
    assert_eq!(world.requests().len(), 31, "one for each token");
}

/// There is no such form: the API server is not asked for the user of the token.
#[tokio::test]
async fn bearer_token_change_is_rejected_without_upstream_request() {
    let world = World::start(Version::V4).await;
    let browser = world.browser();
    for method in [Method::POST, Method::DELETE, Method::PUT] {
        let response = browser
            .request(method.clone(), "/api/v1/images")
            .bearer_auth("sha256~made-up")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 405, "{method}");
    }
    assert!(world.requests().is_empty(), "{:?}", world.requests());
}

#[tokio::test]
async fn token_user_is_looked_up_once() {
    let world = World::start(Version::V4).await;
    let browser = world.browser();
    let requests = (0..20).map(|_| {
        browser
            .request(Method::GET, "/api/v1/projects")
            .bearer_auth("TOKEN-dev")
            .send()
    });
    join_all(requests)
        .await
        .into_iter()
        .for_each(|answer| assert_eq!(answer.unwrap().status(), 200));
    let asked = world.requests();
    assert_eq!(
        asked
            .iter()
            .filter(|request| request.path.ends_with("/users/~"))
            .count(),
        1
    );
}

/// Where the API server cannot say whose token it is (its user API is down), the pages that work
/// without it still do.
#[tokio::test]
async fn failed_user_lookup_does_not_reject_the_token() {
    let world = World::start(Version::V4).await;
    let failed = (http::StatusCode::SERVICE_UNAVAILABLE, "{}".into());
    world.fail(
        Endpoint::ApiServer,
        Fault::FailNext(1, Method::GET, failed.0, failed.1),
    );
    let response = world
        .browser()
        .json_with_token("/projects", "TOKEN-dev")
        .await;
    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn sixty_fifth_live_page_closes_the_users_first() {
    let world = World::builder(Version::V4).index().start().await;
    // Over HTTP/1.1: one connection of HTTP/2 has no room for so many streams.
    let (mut dev, mut viewer) = (
        world.signed_in("dev").await.with_http1(),
        world.signed_in("viewer").await,
    );
    let theirs = viewer.get("/images").await;
    let mut other = SseClient::open_for_page(&mut viewer, &theirs).await;
    let page = dev.get("/images").await;
    let mut mine = Vec::new();
    for _ in 0..65 {
        mine.push(SseClient::open_for_page(&mut dev, &page).await);
    }
    let last = mine[0].next().await.unwrap();
    assert_eq!(last.event, "reconnect");
    assert!(
        last.retry
            .is_some_and(|wait| (30_000..60_000).contains(&wait))
            && last.data == last.retry.unwrap().to_string(),
        "{last:?}"
    );
    assert!(mine[0].next().await.is_none(), "it is over");
    let stream = serde_json::json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "metadata": {"name": "fresh"}});
    world
        .request_as_root(
            Method::POST,
            "/apis/image.openshift.io/v1/namespaces/team-a/imagestreams",
            Some(stream),
        )
        .await;
    assert_eq!(
        other.next_text().await,
        "1 image stream has changed: team-a/fresh"
    );
    assert_eq!(
        mine[1].next_text().await,
        "1 image stream has changed: team-a/fresh"
    );
    assert_eq!(
        mine[64].next_text().await,
        "1 image stream has changed: team-a/fresh"
    );
}
