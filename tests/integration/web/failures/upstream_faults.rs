//! Pages while the cluster fails: each ends in time, sessions are kept, and what did load is shown
//! (R1-R6, R11, R12, R22).

pub(crate) mod broken_bodies;
pub(crate) mod matrix;

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::outbound::TimeLimits;
use registry_model::Clock;
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

use crate::harness::console::{SHORT_LIMITS, share_session_key};
use crate::harness::{Browser, Console, World};

const ALL_UPSTREAMS: [Endpoint; 3] = [Endpoint::ApiServer, Endpoint::Oauth, Endpoint::Registry];
const UNREACHABLE: &str = "The image registry cannot be reached. Try again in a moment. If the problem persists, contact the cluster administrator.";
const LATE: &str =
    "The image registry did not respond within the time limit of this page. Reload the page.";

/// A cluster, and `dev` signed in to a replica with an index whose upstreams have little time. The
/// world's own console has no index and the limits of a console that is served.
async fn world_with_limits(limits: TimeLimits) -> (World, Console, Browser) {
    let world = World::builder(Version::V4)
        .settings(share_session_key)
        .start()
        .await;
    let console = replica_with_limits(&world, limits).await;
    let dev = world.signed_in("dev").await.moved_to(console.url());
    (world, console, dev)
}

async fn replica_with_limits(world: &World, limits: TimeLimits) -> Console {
    world
        .replica()
        .settings(share_session_key)
        .time_limits(limits)
        .index()
        .start()
        .await
}

// R1
#[tokio::test]
async fn api_server_errors_do_not_break_the_console() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = world.signed_in("dev").await;
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    // The address of the OAuth server is cached for five minutes.
    world.advance(TimeDelta::minutes(6));
    for path in ["/healthz", "/readyz", "/ping"] {
        assert_eq!(dev.get(path).await.status, 200, "{path}");
    }
    let login = world.browser().get("/login?next=%2Fprojects").await;
    assert_eq!(login.status, 200);
    assert_eq!(
        login.text_of(".pf-v6-c-alert__title"),
        "The OAuth server cannot be reached"
    );
    let note = login.text_of(".pf-v6-c-alert__description");
    assert!(
        note.starts_with("The API server has not responded since 2 Jan 2026, 10:06:00 UTC."),
        "{note}"
    );
    let page = dev.get("/projects").await;
    assert_eq!((page.status, page.header("retry-after")), (503, "5"));
    assert_eq!(page.text_of("h1"), "The cluster does not respond");
    assert!(
        page.texts("main p")
            .iter()
            .any(|text| text.contains("You are still signed in.")),
        "{}",
        page.text
    );
    assert_eq!(page.attribute("main a.pf-m-primary", "href"), "/projects");
    assert!(page.set_cookies().is_empty(), "the session is kept");
    world.fail(Endpoint::ApiServer, Fault::None);
    assert_eq!(dev.get("/projects").await.status, 200);
}

// R2
#[tokio::test]
async fn hanging_api_server_yields_an_error_page_and_keeps_session() {
    let (world, _console, mut dev) = world_with_limits(SHORT_LIMITS).await;
    world.fail(Endpoint::ApiServer, Fault::Hang);
    let page = dev.get("/projects").await;
    assert_eq!(page.status, 503);
    assert_eq!(page.text_of("h1"), "The cluster does not respond");
    let json = dev.get("/api/v1/projects").await;
    assert_eq!(
        (json.status, &json.json()["kind"]),
        (503, &"unreachable".into())
    );
    world.demo.faults().clear();
    let console = replica_with_limits(&world, TimeLimits::default()).await;
    let mut dev = dev.moved_to(console.url());
    assert_eq!(dev.get("/projects").await.status, 200);
}

// R3
#[tokio::test]
async fn images_are_shown_from_api_server_without_registry() {
    let (world, _console, dev) = world_with_limits(SHORT_LIMITS).await;
    // The image page calls the API server too, which needs its time.
    let console = replica_with_limits(&world, TimeLimits::default()).await;
    let patient = dev.clone().moved_to(console.url());
    for (fault, browser, says) in [
        (Fault::Refuse, &patient, UNREACHABLE),
        (Fault::Hang, &patient, LATE),
        (Fault::Hang, &dev, LATE),
    ] {
        world.fail(Endpoint::Registry, fault);
        let mut browser = browser.clone();
        let stream = browser.get("/images/team-a/api").await;
        assert_eq!(
            (stream.status, stream.missing()),
            (200, vec![says.to_owned()])
        );
        assert_eq!(
            stream.texts("#tags tbody th").len(),
            4,
            "the tags are the master's"
        );
        let image = browser.get("/images/team-a/api:v1").await;
        assert_eq!(
            (image.status, image.missing()),
            (200, vec![says.to_owned()])
        );
        assert!(
            !image.texts("#layers tbody tr").is_empty(),
            "the layers are the master's"
        );
        let json = browser.get("/api/v1/images/team-a/api:v1").await.json();
        assert_eq!(json["registry_missing"]["upstream"], "registry");
    }
}

// R4
#[tokio::test]
async fn registry_without_api_server_is_retried_then_reported() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = world.signed_in("dev").await;
    world.fail(
        Endpoint::Registry,
        Fault::Status(StatusCode::BAD_REQUEST, Bytes::new(), "text/plain"),
    );
    world.clear_requests();
    let page = dev.get("/images/team-a/api:v1").await;
    let says = "The image registry could not reach the API server to check your permission. Try again in a moment. If the problem persists, contact the cluster administrator.";
    assert_eq!((page.status, page.missing()), (200, vec![says.to_owned()]));
    let requests = world.demo.request_log().requests_to(Endpoint::Registry);
    assert_eq!(
        requests
            .iter()
            .map(|request| request.path.as_str())
            .collect::<Vec<_>>(),
        ["/v2/team-a/api/manifests/v1"; 2]
    );
}

// R5
#[tokio::test]
async fn oauth_server_outage_does_not_affect_sessions() {
    let world = World::builder(Version::V4).index().start().await;
    let mut dev = world.signed_in("dev").await;
    let mut newcomer = world.browser();
    let callback = newcomer.callback_of("/login", "viewer").await;
    world.fail(Endpoint::Oauth, Fault::Refuse);
    for path in ["/", "/projects/team-a", "/images/team-a/api:v1"] {
        let page = dev.get(path).await;
        assert_eq!((page.status, page.missing()), (200, vec![]), "{path}");
    }
    let page = newcomer.get(&callback).await;
    assert_eq!(
        (page.status, page.text_of("h1")),
        (502, "Sign-in failed".to_owned())
    );
    assert!(
        page.text.contains("OAuth server cannot be reached."),
        "{}",
        page.text
    );
    assert_eq!(page.attributes("main a.pf-m-primary", "href"), ["/login"]);
    world.demo.faults().clear();
    newcomer.sign_in("viewer").await;
}

// R6
#[tokio::test]
async fn console_started_during_an_outage_recovers() {
    let world = World::builder(Version::V4).index().start().await;
    for upstream in ALL_UPSTREAMS {
        world.fail(upstream, Fault::Refuse);
    }
    let replica = world.replica().loading_index().start().await;
    let mut browser = Browser::new(replica.url());
    assert_eq!(browser.get("/readyz").await.status, 200);
    assert_eq!(
        browser.get("/login").await.text_of(".pf-v6-c-alert__title"),
        "The OAuth server cannot be reached"
    );
    for upstream in ALL_UPSTREAMS {
        world.fail(upstream, Fault::None);
    }
    world.advance(TimeDelta::seconds(30));
    browser.sign_in_from("/login?anyway=1", "dev").await;
    assert_eq!(browser.get("/projects").await.status, 200);
}

/// An API server that takes requests and never answers; how many connections are open, and how many
/// were.
async fn hanging_api_server() -> (Url, watch::Receiver<(usize, usize)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let (counts, seen) = watch::channel((0, 0));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counts = counts.clone();
            counts.send_modify(|(open, ever)| (*open, *ever) = (*open + 1, *ever + 1));
            tokio::spawn(async move {
                // Ends when the console hangs up, orderly or not.
                let _end = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
                counts.send_modify(|(open, _)| *open -= 1);
            });
        }
    });
    (url, seen)
}

/// Shorter than the console's time limit for the API server, after which it would close the
/// connection anyway.
const MAX_ABORT_DELAY: Duration = Duration::from_secs(6);

// R11
#[tokio::test]
async fn disconnected_browser_cancels_upstream_requests() {
    for http1 in [false, true] {
        let (url, mut connections) = hanging_api_server().await;
        let world = World::builder(Version::V4)
            .settings(|config| config.cluster.url = url)
            .start()
            .await;
        let browser = if http1 {
            world.browser().with_http1()
        } else {
            world.browser()
        };
        let request = browser
            .request(reqwest::Method::GET, "/api/v1/projects")
            .bearer_auth("TOKEN-dev");
        let asking = tokio::spawn(async move {
            let mut browser = browser;
            browser.send(request).await.status
        });
        let wait = async |connections: &mut watch::Receiver<(usize, usize)>,
                          so: fn(&(usize, usize)) -> bool| {
            tokio::time::timeout(MAX_ABORT_DELAY, connections.wait_for(so))
                .await
                .expect("in time")
                .unwrap();
        };
        wait(&mut connections, |(open, _)| *open > 0).await;
        assert!(!asking.is_finished());
        asking.abort();
        wait(&mut connections, |(open, ever)| *open == 0 && *ever > 0).await;
    }
}

// R22
#[tokio::test]
async fn ten_minutes_of_clock_skew_is_tolerated() {
    let now: DateTime<Utc> = "2026-05-01T12:00:00Z".parse().unwrap();
    for (skew, age) in [(-10, "1 May 2026"), (0, "just now"), (10, "10 minutes ago")] {
        let world = World::builder(Version::V4)
            .time(now)
            .console_clock(Clock::fixed_at(now + TimeDelta::minutes(skew)))
            .index()
            .start()
            .await;
        let mut dev = world.signed_in("dev").await;
        for _ in 0..2 {
            let page = dev.get("/images/team-a/api").await;
            assert_eq!(page.status, 200, "no way back to the login");
            let ages = page.texts("#tags tbody time");
            assert!(
                !ages.is_empty() && ages.iter().all(|shown| shown.contains(age)),
                "{skew}: {ages:?}"
            );
        }
    }
}
