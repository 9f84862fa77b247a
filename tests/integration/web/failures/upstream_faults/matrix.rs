//! Every part of the cluster × every fault × every page (R30): no internal error of the console, and
//! an end in time.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::StatusCode;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::outbound::TimeLimits;

use super::{ALL_UPSTREAMS, replica_with_limits, world_with_limits};
use crate::harness::{Browser, Page};

fn faults() -> [(&'static str, Fault); 13] {
    let status = |status: u16| {
        Fault::Status(
            StatusCode::from_u16(status).unwrap(),
            Bytes::from_static(b"<b>no</b>"),
            "text/html",
        )
    };
    [
        ("refuse", Fault::Refuse),
        ("hang", Fault::Hang),
        ("truncate", Fault::TruncateBody),
        ("slow", Fault::SlowBody),
        ("not JSON", Fault::NotJson),
        (
            "400 empty",
            Fault::Status(StatusCode::BAD_REQUEST, Bytes::new(), "text/plain"),
        ),
        ("401", status(401)),
        ("403", status(403)),
        ("429", status(429)),
        ("500", status(500)),
        ("502", status(502)),
        ("503", status(503)),
        ("504", status(504)),
    ]
}

/// Every page that calls an upstream, both as HTML and as JSON.
fn pages(digest: &str) -> Vec<String> {
    let image = format!("/images/team-a/api@{digest}");
    let asked = [
        "",
        "/images",
        "/projects/team-a/activity",
        "/images/team-a/api",
        "/images/team-a/api:v1",
        &image,
        "/projects",
        "/projects/team-a",
    ];
    let html = asked.iter().map(|path| {
        if path.is_empty() {
            "/".to_owned()
        } else {
            (*path).to_owned()
        }
    });
    html.chain(asked.iter().map(|path| format!("/api/v1{path}")))
        .chain(std::iter::once("/api/v1/images/team-a".to_owned()))
        .collect()
}

/// The status of a page (with all sections or without some), of a redirect to the sign-in, or of an
/// error that names the cluster. Never an internal error.
fn is_allowed_status(upstream: Endpoint, fault: &str, status: u16) -> bool {
    match (upstream, fault) {
        (Endpoint::ApiServer, "401") => matches!(status, 303 | 401),
        (Endpoint::ApiServer, "403") => matches!(status, 200 | 403),
        (Endpoint::ApiServer, _) => matches!(status, 200 | 502 | 503),
        _ => status == 200,
    }
}

/// A page is whole whatever happened: one heading, or an object.
fn is_complete_page(path: &str, page: &Page) -> bool {
    if (300..400).contains(&page.status) {
        page.location().starts_with("/login?next=")
    } else if path.starts_with("/api/") {
        page.json().is_object()
    } else {
        page.texts("main h1").len() == 1 && page.text.trim_end().ends_with("</html>")
    }
}

async fn row(browser: &Browser, paths: &[String]) -> Vec<(String, u16, bool)> {
    let visit = async |path: &String| {
        let page = browser.clone().get(path).await;
        (path.clone(), page.status, is_complete_page(path, &page))
    };
    // As many as a user may request at once.
    let mut visited = Vec::new();
    for batch in paths.chunks(16) {
        visited.extend(join_all(batch.iter().map(visit)).await);
    }
    visited
}

#[tokio::test]
async fn upstream_faults_never_yield_an_internal_error() {
    // Enough for sixteen pages at once, and no more waiting than must be.
    let limits = TimeLimits {
        total: Duration::from_secs(4),
        ..TimeLimits::default()
    };
    let (world, _console, dev) = world_with_limits(limits).await;
    let cluster = world.demo.cluster();
    let digest = cluster
        .tag_digest(
            &"team-a".parse().unwrap(),
            &"api".parse().unwrap(),
            &"v1".parse().unwrap(),
        )
        .unwrap();
    let paths = pages(&digest.to_string());
    let mut wrong = String::new();
    for upstream in ALL_UPSTREAMS {
        for (name, fault) in faults() {
            // A console whose circuit breakers are closed.
            let console = replica_with_limits(&world, limits).await;
            let dev = dev.clone().moved_to(console.url());
            world.fail(upstream, fault);
            for (path, status, whole) in row(&dev, &paths).await {
                if !whole || !is_allowed_status(upstream, name, status) {
                    writeln!(
                        wrong,
                        "{upstream:?} {name}: {path}: {status}{}",
                        if whole { "" } else { ", not whole" }
                    )
                    .unwrap();
                }
            }
            world.demo.faults().clear();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
