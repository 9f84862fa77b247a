//! What people see when the cluster fails: nobody waits for ever, nobody is signed out, and half an
//! answer beats none (R1-R6, R11, R12, R22).

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

use crate::harness;
use crate::harness::console::{Browser, Setup};

/// Upstreams get this long where a test waits for them in vain.
const SHORT_LIMITS: TimeLimits = TimeLimits {
    connect: Duration::from_secs(2),
    total: Duration::from_millis(300),
};

const ALL_UPSTREAMS: [Endpoint; 3] = [Endpoint::ApiServer, Endpoint::Oauth, Endpoint::Registry];
const UNREACHABLE: &str = "The image registry could not be reached. \
    Try again in a moment; if it stays so, tell whoever runs the cluster.";
const LATE: &str = "The image registry did not answer within the time that this page can wait. Reload the page to ask again.";

/// A cluster, and `dev` signed in to a console whose upstreams have little time.
async fn world_with_short_limits(
    limits: TimeLimits,
) -> (crate::harness::standin_world::World, Browser) {
    let world = crate::harness::standin_world::World::start(Version::V4).await;
    let patient = Setup::of(&world.demo).browser();
    patient.sign_in("dev").await;
    let browser = patient.moved_to(&Setup::of(&world.demo).limits(limits));
    (world, browser)
}

// R1
#[tokio::test]
async fn api_server_errors_do_not_break_the_console() {
    let world = harness::World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    // What the OAuth server's address is, was asked five minutes ago.
    world.advance(TimeDelta::minutes(6));
    for path in ["/healthz", "/readyz", "/ping"] {
        assert_eq!(dev.get(path).await.status, 200, "{path}");
    }
    let login = world.browser().get("/login?next=%2Fprojects").await;
    assert_eq!(login.status, 200);
    assert_eq!(
        login.text_of(".pf-v6-c-alert__title"),
        "The cluster's login cannot be reached at the moment"
    );
    let note = login.text_of(".pf-v6-c-alert__description");
    assert!(
        note.starts_with("The OpenShift master has not answered since 2 Jan 2026, 10:06:00 UTC."),
        "{note}"
    );
    let page = dev.get("/projects").await;
    assert_eq!((page.status, page.header("retry-after")), (503, "5"));
    assert_eq!(page.text_of("h1"), "No answer from the cluster");
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
    let (world, dev) = world_with_short_limits(SHORT_LIMITS).await;
    world.demo.faults().set(Endpoint::ApiServer, Fault::Hang);
    let page = dev.get("/projects").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.text("h1"), "No answer from the cluster");
    let json = dev.get("/api/v1/projects").await;
    assert_eq!(
        (json.status.as_u16(), &json.json()["error"]["kind"]),
        (503, &"Service Unavailable".into())
    );
    world.demo.faults().clear();
    let patient = dev.moved_to(&Setup::of(&world.demo));
    assert_eq!(patient.get("/projects").await.status, StatusCode::OK);
}

// R3
#[tokio::test]
async fn images_are_shown_from_api_server_without_registry() {
    let (world, dev) = world_with_short_limits(SHORT_LIMITS).await;
    // The image page asks the master too, which needs its time.
    let patient = dev.moved_to(&Setup::of(&world.demo));
    for (fault, browser, says) in [
        (Fault::Refuse, &patient, UNREACHABLE),
        (Fault::Hang, &patient, LATE),
        (Fault::Hang, &dev, LATE),
    ] {
        world.demo.faults().set(Endpoint::Registry, fault);
        let stream = browser.get("/images/team-a/api").await;
        assert_eq!(
            (stream.status, stream.missing()),
            (StatusCode::OK, vec![says.to_owned()])
        );
        assert_eq!(
            stream.texts("#tags tbody th").len(),
            4,
            "the tags are the master's"
        );
        let image = browser.get("/images/team-a/api:v1").await;
        assert_eq!(
            (image.status, image.missing()),
            (StatusCode::OK, vec![says.to_owned()])
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
    let (world, dev) = world_with_short_limits(SHORT_LIMITS).await;
    let dev = dev.moved_to(&Setup::of(&world.demo));
    world.demo.faults().set(
        Endpoint::Registry,
        Fault::Status(StatusCode::BAD_REQUEST, Bytes::new(), "text/plain"),
    );
    world.demo.request_log().clear();
    let page = dev.get("/images/team-a/api:v1").await;
    let says = "The image registry could not find out from the master whether you may see this. \
        Try again in a moment; if it stays so, tell whoever runs the cluster.";
    assert_eq!(
        (page.status, page.missing()),
        (StatusCode::OK, vec![says.to_owned()])
    );
    let asked = world.demo.request_log().requests_to(Endpoint::Registry);
    assert_eq!(
        asked
            .iter()
            .map(|seen| seen.path.as_str())
            .collect::<Vec<_>>(),
        ["/v2/team-a/api/manifests/v1"; 2]
    );
}

// R5
#[tokio::test]
async fn oauth_server_outage_does_not_affect_sessions() {
    let world = crate::harness::standin_world::World::start(Version::V4).await;
    let dev = Setup::of(&world.demo).browser();
    dev.sign_in("dev").await;
    let newcomer = Setup::of(&world.demo).browser();
    let back = newcomer.consent("viewer").await;
    world.demo.faults().set(Endpoint::Oauth, Fault::Refuse);
    for path in ["/", "/projects/team-a", "/images/team-a/api:v1"] {
        let page = dev.get(path).await;
        assert_eq!(
            (page.status, page.missing()),
            (StatusCode::OK, vec![]),
            "{path}"
        );
    }
    let page = newcomer.get(&back).await;
    assert_eq!(
        (page.status, page.text("h1")),
        (
            StatusCode::BAD_GATEWAY,
            "Signing in did not work".to_owned()
        )
    );
    assert!(
        page.body.contains("OAuth server could not be reached."),
        "{}",
        page.body
    );
    assert_eq!(page.attributes("main a.pf-m-primary", "href"), ["/login"]);
    world.demo.faults().clear();
    newcomer.sign_in("viewer").await;
}

// R6
#[tokio::test]
async fn console_started_during_an_outage_recovers() {
    let world = harness::World::start(Version::V4).await;
    for upstream in ALL_UPSTREAMS {
        world.fail(upstream, Fault::Refuse);
    }
    let replica = world.replica(|_| {}).await;
    let mut browser = harness::Browser::of(replica.url());
    assert_eq!(browser.get("/readyz").await.status, 200);
    assert_eq!(
        browser.get("/login").await.text_of(".pf-v6-c-alert__title"),
        "The cluster's login cannot be reached at the moment"
    );
    for upstream in ALL_UPSTREAMS {
        world.fail(upstream, Fault::None);
    }
    world.advance(TimeDelta::seconds(30));
    browser.sign_in_from("/login?anyway=1", "dev").await;
    assert_eq!(browser.get("/projects").await.status, 200);
}

/// A master that takes requests and never answers; how many connections are open, and how many
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

/// Shorter than the console's own patience with the master, after which it would hang up anyway.
const MAX_ABORT_DELAY: Duration = Duration::from_secs(6);

// R11
#[tokio::test]
async fn disconnected_browser_cancels_upstream_requests() {
    for http1 in [false, true] {
        let (url, mut connections) = hanging_api_server().await;
        let world =
            harness::World::configured(Version::V4, |config| config.cluster.url = url).await;
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
        let world =
            crate::harness::standin_world::World::start_at(Version::V4, Clock::fixed_at(now)).await;
        let dev = Setup::of(&world.demo)
            .clock(Clock::fixed_at(now + TimeDelta::minutes(skew)))
            .browser();
        dev.sign_in("dev").await;
        for _ in 0..2 {
            let page = dev.get("/images/team-a/api").await;
            assert_eq!(page.status, StatusCode::OK, "no way back to the login");
            let ages = page.texts("#tags tbody time");
            assert!(
                !ages.is_empty() && ages.iter().all(|shown| shown.contains(age)),
                "{skew}: {ages:?}"
            );
        }
    }
}
