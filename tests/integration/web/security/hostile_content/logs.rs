//! What is written down: no secret of anybody (S44), and one line for each event (S45).

use bytes::Bytes;
use http::StatusCode;
use metrics_exporter_prometheus::PrometheusBuilder;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::config::LogFormat;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Browser, Log, Page, World};

/// Adds a page to `pages`, with where it leads.
async fn see(pages: &mut Vec<String>, browser: &mut Browser, path: &str) -> Page {
    let page = browser.get(path).await;
    let location = page.headers.get("location");
    pages.push(format!("{location:?}\n{}", page.text));
    page
}

/// A user's whole visit, with whatever can fail in it. Returns the pages.
async fn visit(world: &World, browser: &mut Browser) -> Vec<String> {
    let mut pages = Vec::new();
    let callback = browser.callback_of("/login?anyway=1", "dev").await;
    for forged in [
        "/oauth/callback?code=forged&state=forged",
        "/oauth/callback?error=access_denied&error_description=call+0800&state=x",
    ] {
        see(&mut pages, browser, forged).await;
    }
    let signed_in = see(&mut pages, browser, &callback).await;
    assert_eq!(signed_in.status, 303);
    see(&mut pages, browser, &callback).await;
    let paths = [
        "/",
        "/images",
        "/images/team-a/api",
        "/images/team-a/api:v1",
        "/projects",
        "/projects/team-a",
        "/nowhere",
        "/images/%00/x",
    ];
    for path in paths {
        see(&mut pages, browser, path).await;
    }
    for (upstream, fault) in [
        (Endpoint::ApiServer, Fault::Refuse),
        (Endpoint::ApiServer, Fault::NotJson),
        (Endpoint::ApiServer, Fault::TruncateBody),
        (Endpoint::Registry, Fault::Refuse),
        (
            Endpoint::Registry,
            Fault::Status(StatusCode::UNAUTHORIZED, Bytes::new(), "text/plain"),
        ),
    ] {
        world.demo.faults().set(upstream, fault);
        for path in [
            "/projects",
            "/images/team-a/api:v1",
            "/login?next=%2Fprojects",
        ] {
            see(&mut pages, browser, path).await;
        }
        world.demo.faults().clear();
    }
    // A code that the OAuth server rejects, and one that cannot be redeemed while it does not answer.
    let mut other = world.browser();
    let callback = other.callback_of("/login?anyway=1", "viewer").await;
    let refused = other.get(&callback.replace("code=", "code=x")).await;
    assert_eq!(refused.status, 502);
    let callback = other.callback_of("/login?anyway=1", "viewer").await;
    world.demo.faults().set(Endpoint::Oauth, Fault::Refuse);
    pages.extend([refused.text, other.get(&callback).await.text]);
    world.demo.faults().clear();
    let out = browser.sign_out().await;
    assert_eq!(out.status, 303, "{}", out.text);
    pages.push(browser.get(&out.location()).await.text);
    pages
}

/// Tokens, codes, verifiers: everything that was sent to the cluster as one.
fn secrets_of(world: &World) -> Vec<String> {
    let mut secrets = vec![world.demo.oauth_client_secret().to_owned()];
    for seen in world.demo.request_log().all() {
        secrets.extend(seen.bearer().map(str::to_owned));
        let form = seen.form.unwrap_or_default();
        let fields = url::form_urlencoded::parse(&form)
            .filter(|(name, _)| matches!(&**name, "code" | "code_verifier" | "client_secret"));
        secrets.extend(fields.map(|(_, value)| value.into_owned()));
    }
    // What comes behind `sha256~` is the secret, however that is encoded.
    let mut secrets: Vec<String> = secrets
        .iter()
        .map(|secret| secret.trim_start_matches("sha256~").to_owned())
        .collect();
    secrets.sort();
    secrets.dedup();
    secrets
}

// S44
#[rstest]
#[tokio::test]
async fn log_contains_no_secret(#[values(Version::V3_9, Version::V4)] version: Version) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let log = Log::start_as(LogFormat::Text);
    let world = World::builder(version).index().start().await;
    let mut browser = world.browser();
    let before = browser.get("/login?anyway=1").await;
    let pending = browser.cookie_values();
    let pages = visit(&world, &mut browser).await;
    let log = log.stop();
    let mut secrets = secrets_of(&world);
    // Secret, token, two codes, two verifiers at the least.
    assert!(
        secrets.len() >= 6 && secrets.iter().all(|secret| secret.len() > 8),
        "{}",
        secrets.len()
    );
    secrets.extend(pending);
    assert!(
        log.contains("signed in") && log.contains("upstream request"),
        "the log is captured"
    );
    let written = [log, recorder.handle().render(), before.text, pages.concat()].concat();
    for secret in secrets {
        assert!(
            !written.contains(&secret),
            "{version:?}: {secret} in …{}…",
            around(&written, &secret)
        );
    }
}

fn around<'a>(text: &'a str, what: &str) -> &'a str {
    let at = text.find(what).unwrap();
    let start = (0..=at.saturating_sub(200))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    &text[start..at]
}

const FORGED: &str = "a\r\n2026-01-01T00:00:00Z ERROR forged\u{1b}[31m\u{2028}\u{202e}b";

// S45
#[tokio::test]
async fn hostile_values_cannot_forge_log_lines() {
    for format in [LogFormat::Json, LogFormat::Text] {
        let log = Log::start_as(format);
        let world = World::builder(Version::V4).index().start().await;
        world.demo.cluster().add_user(FORGED, FORGED, &[]);
        let mut browser = world.signed_in(FORGED).await;
        browser
            .get("/images/%0d%0a2026-01-01T00:00:00Z%20ERROR%20forged%1b%5b31m%e2%80%a8")
            .await;
        // Nearly as long as a header with a session may be.
        browser.get(&format!("/{}", "x".repeat(12_000))).await;
        let status = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": FORGED, "reason": FORGED, "code": 500 });
        let fault = Fault::Status(
            StatusCode::INTERNAL_SERVER_ERROR,
            status.to_string().into(),
            "application/json",
        );
        world.demo.faults().set(Endpoint::ApiServer, fault);
        assert_eq!(browser.get("/projects").await.status, 502);
        world.demo.faults().clear();
        let text = log.stop();
        assert!(
            text.contains("forged") && text.contains("page failed"),
            "{text}"
        );
        for line in text.lines() {
            assert!(
                line.chars().count() < 5_000
                    && !line.contains(['\u{1b}', '\u{2028}', '\u{202e}', '\r']),
                "{line:?}"
            );
            if format == LogFormat::Json {
                assert!(
                    serde_json::from_str::<Value>(line).unwrap()["level"].is_string(),
                    "{line}"
                );
            }
            let forged = line.starts_with("2026-01-01T00:00:00Z");
            assert!(!forged, "{line}");
        }
    }
}
