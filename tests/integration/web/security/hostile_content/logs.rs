//! What is written down: no secret of anybody (S44), and one line for each event (S45).

use std::io::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::StatusCode;
use metrics_exporter_prometheus::PrometheusBuilder;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::config::{LogFormat, LogLevel, LogSettings};
use registry_console::telemetry::logs;
use serde_json::{Value, json};
use tracing::subscriber::DefaultGuard;

use crate::harness::console::{Browser, Setup};
use crate::harness::standin_world::VERSIONS;

/// Everything that is logged on this thread, at the finest level.
#[derive(Clone, Default)]
pub(super) struct CapturedLogLines(Arc<Mutex<Vec<u8>>>);

impl Write for CapturedLogLines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl CapturedLogLines {
    pub(super) fn capture(&self) -> DefaultGuard {
        self.capture_as(LogFormat::Text)
    }

    fn capture_as(&self, format: LogFormat) -> DefaultGuard {
        let log = self.clone();
        crate::harness::keep_all_events();
        tracing::subscriber::set_default(logs::subscriber(
            &LogSettings {
                format,
                level: LogLevel::Trace,
            },
            move || log.clone(),
        ))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A person's whole visit, with whatever can go wrong on it. Gives the pages that were seen.
async fn visit(world: &crate::harness::standin_world::World, browser: &Browser) -> Vec<String> {
    let mut pages = Vec::new();
    let mut see = async |path: &str| {
        let page = browser.get(path).await;
        pages.push(format!("{:?}\n{}", page.headers.get("location"), page.body));
        page
    };
    let back = browser.consent("dev").await;
    for forged in [
        "/oauth/callback?code=forged&state=forged",
        "/oauth/callback?error=access_denied&error_description=call+0800&state=x",
    ] {
        see(forged).await;
    }
    let signed_in = browser.get(&back).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
    see(&back).await;
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
        see(path).await;
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
            see(path).await;
        }
        world.demo.faults().clear();
    }
    // A code that the OAuth server does not take, and one that it cannot be asked about.
    let unlucky = Setup::of(&world.demo).browser();
    let back = unlucky.consent("viewer").await;
    let refused = unlucky.get(&back.replace("code=", "code=x")).await;
    assert_eq!(refused.status, StatusCode::BAD_GATEWAY);
    let back = unlucky.consent("viewer").await;
    world.demo.faults().set(Endpoint::Oauth, Fault::Refuse);
    pages.extend([refused.body, unlucky.get(&back).await.body]);
    world.demo.faults().clear();
    let form = browser.get("/projects").await;
    let csrf = form
        .attributes("form[action='/logout'] input[name=csrf]", "value")
        .remove(0);
    let out = browser.post("/logout", &csrf).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.body);
    pages.push(browser.get(out.location()).await.body);
    pages
}

/// Tokens, codes, verifiers: everything that was sent to the cluster as one.
fn secrets_of(world: &crate::harness::standin_world::World) -> Vec<String> {
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
#[tokio::test]
async fn log_contains_no_secret() {
    for version in VERSIONS {
        let (log, counts) = (
            CapturedLogLines::default(),
            PrometheusBuilder::new().build_recorder(),
        );
        let _counting = metrics::set_default_local_recorder(&counts);
        let listening = log.capture();
        let world = crate::harness::standin_world::World::start(version).await;
        let browser = Setup::of(&world.demo).browser();
        let before = browser.get("/login?anyway=1").await;
        let pending = browser.cookie_header();
        let pages = visit(&world, &browser).await;
        drop(listening);
        let mut secrets = secrets_of(&world);
        // Secret, token, two codes, two verifiers at the least.
        assert!(
            secrets.len() >= 6 && secrets.iter().all(|secret| secret.len() > 8),
            "{}",
            secrets.len()
        );
        secrets.extend(
            pending
                .split("; ")
                .map(|cookie| cookie.split_once('=').unwrap().1.to_owned()),
        );
        assert!(
            log.text().contains("signed in") && log.text().contains("upstream request"),
            "the log is captured"
        );
        let written = [
            log.text(),
            counts.handle().render(),
            before.body,
            pages.concat(),
        ]
        .concat();
        for secret in secrets {
            assert!(
                !written.contains(&secret),
                "{version:?}: {secret} in …{}…",
                around(&written, &secret)
            );
        }
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
        let log = CapturedLogLines::default();
        let listening = log.capture_as(format);
        let world =
            crate::harness::standin_world::World::start(openshift_standin::cluster::Version::V4)
                .await;
        world.demo.cluster().add_user(FORGED, FORGED, &[]);
        let browser = Setup::of(&world.demo).browser();
        browser.sign_in(FORGED).await;
        browser
            .get("/images/%0d%0a2026-01-01T00:00:00Z%20ERROR%20forged%1b%5b31m%e2%80%a8")
            .await;
        browser.get(&format!("/{}", "x".repeat(60_000))).await;
        let status = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": FORGED, "reason": FORGED, "code": 500 });
        let fault = Fault::Status(
            StatusCode::INTERNAL_SERVER_ERROR,
            status.to_string().into(),
            "application/json",
        );
        world.demo.faults().set(Endpoint::ApiServer, fault);
        assert_eq!(
            browser.get("/projects").await.status,
            StatusCode::BAD_GATEWAY
        );
        world.demo.faults().clear();
        drop(listening);
        let text = log.text();
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
