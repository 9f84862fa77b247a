//! Changes below `/api/v1` with a bearer token.

mod access;
mod groups;
mod image_streams;
mod projects;
mod tags;
mod users;

use openshift_standin::cluster::Version;
use registry_console::config::LogFormat;
use registry_console::web::routes::ROUTES;
use serde_json::{Value, json};

use crate::harness::{Log, Page, World};
use crate::web::security::audit_log::{change, events};

/// The problem of an answer, whose status and kind are these.
#[track_caller]
fn problem(page: &Page, status: u16, kind: &str) -> Value {
    let problem = page.json();
    assert_eq!(
        (page.status, &problem["kind"]),
        (status, &kind.into()),
        "{problem:#}"
    );
    problem
}

/// The value of a successful answer.
#[track_caller]
fn done(page: &Page, status: u16) -> Value {
    assert_eq!(page.status, status, "{}", page.text);
    page.json()
}

/// A page of another site can make a browser send the cookie, but not a bearer token.
#[tokio::test]
async fn session_cookie_is_never_accepted_for_changes() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    world.clear_requests();
    let writes = ROUTES.iter().filter(|route| route.is_api_write());
    let mut count = 0;
    for route in writes {
        let path = route
            .path()
            .replace("{project}", "team-a")
            .replace("{image}", "api:latest")
            .replace("{name}", "robot")
            .replace("{group}", "ops")
            .replace("{user}", "viewer");
        assert!(!path.contains('{'), "{path}: say what to put there");
        let request = || {
            let request = world
                .browser()
                .request(route.method(), &format!("/api/v1{path}"));
            request.json(&json!({ "csrf": csrf, "force": true }))
        };
        let from_page = request()
            .header("origin", world.origin())
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf-token", &csrf);
        for request in [request(), from_page] {
            let page = dev.send(request).await;
            problem(&page, 401, "bearer-token-needed");
            assert!(
                page.header("www-authenticate").starts_with("Bearer"),
                "{path}"
            );
        }
        count += 1;
    }
    assert!(
        count > 10 && world.requests().is_empty(),
        "{:?}",
        world.requests()
    );
}

#[tokio::test]
async fn changes_of_the_api_are_logged_with_user_and_channel() {
    let log = Log::start_as(LogFormat::Json);
    let world = World::start(Version::V4).await;
    let body = json!({ "image": "api:latest" });
    let mut browser = world.browser();
    let set = browser
        .write(
            reqwest::Method::PUT,
            "/images/team-a/api:logged",
            "dev",
            body,
        )
        .await;
    let set = done(&set, 201);
    let log = log.stop();
    let events = events(&log);
    let event = change(&events, "point tag");
    assert_eq!(
        (&event["user"], &event["channel"], &event["digest_after"]),
        (&"dev".into(), &"api".into(), &set["new_digest"]),
        "{event:#}"
    );
    assert_eq!(event.get("session_id"), None);
}
