//! The doctor's page: what all users see of it, and what needs a right.

use chrono::TimeDelta;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::config::DoctorAudience;
use rstest::rstest;
use serde_json::Value;
use url::Url;

use crate::harness::{Browser, Page, World};

fn checks(page: &Page, what: &str) -> Vec<String> {
    page.select(&format!("[data-check={what}]"))
        .into_iter()
        .map(|line| line.text().collect::<String>())
        .collect()
}

/// The masthead shows what the last checks found, and no page waits for them.
#[tokio::test]
async fn masthead_links_to_the_last_result_of_the_checks() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    let before = browser.get("/projects").await;
    assert_eq!(before.attribute(".rc-diagnosis", "data-health"), "unknown");
    browser.get("/doctor").await;
    let page = browser.get("/projects").await;
    assert_eq!(page.attribute(".rc-diagnosis", "data-health"), "warning");
    assert_eq!(page.attribute(".rc-diagnosis", "href"), "/doctor");
    world.fail(Endpoint::Registry, Fault::NotJson);
    world.advance(TimeDelta::seconds(31));
    browser.get("/doctor").await;
    let page = browser.get("/projects").await;
    assert_eq!(page.attribute(".rc-diagnosis", "data-health"), "danger");
    assert_eq!(
        page.attribute(".rc-diagnosis", "aria-label"),
        "Diagnostics: checks failed"
    );
}

#[tokio::test]
async fn masthead_shows_no_result_where_the_page_is_disabled() {
    let world = World::builder(Version::V4)
        .settings(|config| config.pages.doctor = DoctorAudience::Nobody)
        .start()
        .await;
    let mut browser = world.signed_in("dev").await;
    assert!(browser.get("/").await.select(".rc-diagnosis").is_empty());
}

async fn finding(browser: &mut Browser, id: &str) -> Value {
    finding_of(&browser.json("/doctor").await.json(), id)
}

async fn finding_with_token(world: &World, id: &str, token: &str) -> Value {
    let response = world.browser().json_with_token("/doctor", token).await;
    finding_of(&response.json(), id)
}

fn finding_of(json: &Value, id: &str) -> Value {
    let found = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["id"] == id);
    found
        .unwrap_or_else(|| panic!("no {id} in {json:#}"))
        .clone()
}

#[rstest]
#[tokio::test]
async fn signed_in_user_sees_every_check(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("outsider").await;
    let link = browser.get("/").await;
    assert_eq!(link.select("footer a[href='/doctor']").len(), 1);
    let page = browser.get("/doctor").await;
    assert_eq!(
        (page.status, page.text_of("h1")),
        (200, "Diagnostics".to_owned())
    );
    // What needs attention comes first, and names its component; what passed is folded.
    let sections = page.texts("main h2");
    assert_eq!(sections[..2], ["Problems", "Notes"]);
    assert!(sections[2].ends_with("checks passed"), "{sections:?}");
    assert!(checks(&page, "session-key")[0].contains("Console"));
    assert!(page.select("details[open] > .rc-findings").is_empty());
    let components = page.texts("#passed h3");
    assert_eq!(
        components,
        [
            "Console",
            "Sign-in",
            "API server",
            "Registry (internal)",
            "Registry (external)",
            "You"
        ]
    );
    let report = page.text_of("#report-text");
    assert!(
        report.starts_with("[Warning]") && report.contains("[OK] "),
        "{report}"
    );
    assert!(
        checks(&page, "user")[0].contains("The API server accepts your token."),
        "{}",
        page.text
    );
    assert!(
        checks(&page, "client-secret")[0].contains("was correct when you signed in"),
        "{}",
        page.text
    );
    assert!(
        checks(&page, "session-key")[0].contains("Each restart signs out all users"),
        "{}",
        page.text
    );
    assert!(
        checks(&page, "redirect-uris")[0]
            .contains("You don't have permission to read the OAuth client")
    );
    assert!(
        page.select(".pf-m-danger").is_empty(),
        "{}",
        page.text_of("main")
    );
    let secret = world.demo.oauth_client_secret();
    assert!(!page.text.contains(secret) && !browser.json("/doctor").await.text.contains(secret));
}

#[rstest]
#[tokio::test]
async fn oauth_client_reader_sees_redirect_uris_but_no_secret(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("root").await;
    let page = browser.get("/doctor").await;
    assert!(
        checks(&page, "redirect-uris")[0].contains(&world.origin()),
        "{}",
        page.text
    );
    assert!(!page.text.contains(world.demo.oauth_client_secret()));
    // Another console took the only place.
    world.demo.register_console(&["https://other.example.com"]);
    let page = browser.get("/doctor").await;
    let line = &checks(&page, "redirect-uris")[0];
    assert!(
        line.contains("No registered redirect URI") && line.contains("https://other.example.com"),
        "{line}"
    );
}

#[rstest]
#[tokio::test]
async fn unregistered_redirect_uri_is_shown_with_its_patch(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("dev").await;
    world.demo.register_console(&["https://other.example.com"]);
    let page = browser.get("/doctor").await;
    let line = &checks(&page, "oauth-client")[0];
    let origin = world.origin();
    assert!(line.contains("none of its redirect URIs matches"), "{line}");
    assert!(
        line.contains(&format!(
            r#"[{{"op":"add","path":"/redirectURIs/-","value":"{origin}/oauth/callback"}}]"#
        )),
        "{line}"
    );
    assert!(
        page.text_of("section[aria-labelledby=problems] .pf-v6-c-card__header")
            .contains("1 check failed"),
        "{}",
        page.text
    );
    let request = browser
        .request(reqwest::Method::GET, "/doctor")
        .header("accept-language", "zh-CN");
    let chinese = browser.send(request).await;
    assert!(
        checks(&chinese, "oauth-client")[0].contains("没有匹配的重定向 URI"),
        "{}",
        chinese.text
    );
    world.demo.register_console(&[]);
    world.advance(TimeDelta::seconds(31));
}

#[tokio::test]
async fn certificate_clock_and_host_faults_have_commands() {
    let (upstream, fault) = (Endpoint::Registry, Fault::ExpiredCertificate);
    for (fault, id, sentence, command) in [
        (
            fault,
            "tls-registry",
            "A certificate of the registry has expired.",
            "openssl s_client",
        ),
        (
            Fault::WrongHostCertificate,
            "tls-registry",
            "The certificate of the registry is for different names.",
            "REGISTRY_URL=https://other.example.com",
        ),
        (
            Fault::ClockSkew(TimeDelta::minutes(10)),
            "clock-registry",
            "differ by more than five minutes",
            "chronyc tracking",
        ),
        (
            Fault::NotJson,
            "registry",
            "The server at the address of the registry is not a registry.",
            "oc get service",
        ),
    ] {
        let world = World::start(Version::V4).await;
        let mut browser = world.signed_in("dev").await;
        world.fail(upstream, fault);
        let page = browser.get("/doctor").await;
        let line = &checks(&page, id)[0];
        assert!(line.contains(sentence) && line.contains(command), "{line}");
        assert_eq!(finding(&mut browser, id).await["state"], "failure");
    }
    let world = World::builder(Version::V4)
        .settings(|config| config.registry.public_host = Some("registry.invalid".to_owned()))
        .start()
        .await;
    let mut browser = world.signed_in("dev").await;
    let line = finding(&mut browser, "tls-public-registry").await;
    assert_eq!(line["what"], "no-such-name");
}

#[rstest]
#[tokio::test]
async fn registry_without_api_server_differs_from_a_denial(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("dev").await;
    world.fail(
        Endpoint::Registry,
        Fault::Status(
            http::StatusCode::BAD_REQUEST,
            bytes::Bytes::new(),
            "text/plain",
        ),
    );
    assert_eq!(
        finding(&mut browser, "registry-user").await["what"],
        "registry-alone"
    );
    let denied = Fault::Status(
        http::StatusCode::UNAUTHORIZED,
        bytes::Bytes::new(),
        "text/plain",
    );
    world.fail(Endpoint::Registry, denied);
    assert_eq!(
        finding(&mut browser, "registry-user").await["what"],
        "registry-refuses"
    );
}

/// What is the same for all users is checked at most once in half a minute.
#[tokio::test]
async fn reloading_the_doctor_page_uses_cached_findings() {
    let world = World::start(Version::V4).await;
    let (mut dev, mut viewer) = (
        world.signed_in("dev").await,
        world.signed_in("viewer").await,
    );
    let versions = |world: &World| {
        world
            .requests()
            .iter()
            .filter(|request| request.path == "/version")
            .count()
    };
    world.clear_requests();
    tokio::join!(dev.get("/doctor"), viewer.get("/doctor"));
    for _ in 0..3 {
        dev.get("/doctor").await;
    }
    assert_eq!(versions(&world), 1);
    world.advance(TimeDelta::seconds(31));
    dev.get("/doctor").await;
    assert_eq!(versions(&world), 2);
}

#[tokio::test]
async fn shared_checks_send_no_token() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    world.clear_requests();
    browser.get("/doctor").await;
    for request in world.requests() {
        let is_personal = request.path.starts_with("/apis/") || request.path.starts_with("/v2/");
        assert!(
            is_personal || !request.headers.contains_key("authorization"),
            "{request:?}"
        );
    }
    let with_token = world
        .requests()
        .iter()
        .filter(|request| request.path == "/v2/" && request.headers.contains_key("authorization"))
        .count();
    assert_eq!(with_token, 1, "the registry itself, once");
}

#[tokio::test]
async fn index_check_requires_the_role() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for (token, what) in [
        ("TOKEN-root", "account-may-index"),
        ("TOKEN-dev", "account-may-not-index"),
        ("sha256~dead", "account-refused"),
    ] {
        std::fs::write(file.path(), token).unwrap();
        let path = file.path().to_owned();
        let world = World::builder(Version::V4)
            .settings(|config| config.pod.token_file = Some(path))
            .start()
            .await;
        let mut browser = world.signed_in("dev").await;
        let line = finding(&mut browser, "service-account").await;
        assert_eq!(line["what"], what, "{line}");
        assert!(!browser.get("/doctor").await.text.contains(token));
    }
}

#[tokio::test]
async fn route_check_runs_for_users_who_may_list_routes() {
    let world = World::builder(Version::V4)
        .settings(|config| {
            let port = config.listen.public_url.as_ref().unwrap().port();
            let mut localhost = Url::parse("https://localhost").unwrap();
            localhost.set_port(port).unwrap();
            config.listen.public_url = Some(localhost);
        })
        .start()
        .await;
    let route = finding_with_token(&world, "route", "TOKEN-root").await;
    assert_eq!(
        (route["what"].as_str(), route["state"].as_str()),
        (Some("route-lacks"), Some("warning"))
    );
    let route = finding_with_token(&world, "route", "TOKEN-outsider").await;
    assert_eq!(route["what"], "route-not-allowed");
}

/// With the old template the console has its address from the requests of browsers.
#[tokio::test]
async fn implicit_flow_findings_use_the_browsers_address() {
    let world = World::builder(Version::V3_9).stock().start().await;
    let json = world
        .browser()
        .json_with_token("/doctor", "TOKEN-dev")
        .await
        .json();
    let what = |id: &str| {
        json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|line| line["id"] == id)
            .unwrap()["what"]
            .clone()
    };
    assert_eq!(
        (what("address"), what("oauth-client"), what("login-flow")),
        (
            "address-from-host".into(),
            "redirect-registered".into(),
            "flow-implicit".into()
        )
    );
}

/// Whether the footer of the overview leads to the doctor's page, and the status of that page and
/// of its JSON.
async fn access(browser: &mut Browser) -> (bool, u16, u16) {
    let link = !browser
        .get("/")
        .await
        .select("footer a[href='/doctor']")
        .is_empty();
    (
        link,
        browser.get("/doctor").await.status,
        browser.json("/doctor").await.status,
    )
}

#[rstest]
#[tokio::test]
async fn doctor_page_can_be_restricted_or_disabled(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    for (audience, others, root) in [
        (
            DoctorAudience::Everybody,
            (true, 200, 200),
            (true, 200, 200),
        ),
        (
            DoctorAudience::Administrators,
            (false, 403, 403),
            (true, 200, 200),
        ),
        (DoctorAudience::Nobody, (false, 404, 404), (false, 404, 404)),
    ] {
        let world = World::builder(version)
            .settings(|config| config.pages.doctor = audience)
            .start()
            .await;
        let anonymous = world.browser().get("/doctor").await;
        assert!(
            matches!(anonymous.status, 302 | 303) && anonymous.select("[data-check]").is_empty(),
            "{}",
            anonymous.text
        );
        for user in ["outsider", "viewer", "dev"] {
            let mut browser = world.signed_in(user).await;
            assert_eq!(access(&mut browser).await, others, "{audience:?} {user}");
            let page = browser.get("/doctor").await;
            assert_eq!(
                page.select("[data-check]").is_empty(),
                audience != DoctorAudience::Everybody
            );
        }
        assert_eq!(
            access(&mut world.signed_in("root").await).await,
            root,
            "{audience:?} root"
        );
    }
}

#[tokio::test]
async fn failed_review_denies_the_administrator_page() {
    let world = World::builder(Version::V4)
        .settings(|config| config.pages.doctor = DoctorAudience::Administrators)
        .start()
        .await;
    let mut root = world.signed_in("root").await;
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    let page = root.get("/doctor").await;
    assert_eq!(page.status, 503);
    assert!(page.select("[data-check]").is_empty(), "{}", page.text);
}

/// The certificates of the embedded cluster end with the year 4095.
#[tokio::test]
async fn certificate_expiring_within_thirty_days_is_a_warning() {
    let end: chrono::DateTime<chrono::Utc> = "4096-01-01T00:00:00Z".parse().unwrap();
    for (left, what, state) in [
        (
            TimeDelta::days(30) + TimeDelta::hours(1),
            "tls-trusted",
            "ok",
        ),
        (
            TimeDelta::days(30) - TimeDelta::hours(1),
            "tls-expires-soon",
            "warning",
        ),
        (TimeDelta::hours(1), "tls-expires-soon", "warning"),
        (TimeDelta::hours(-1), "tls-expired", "failure"),
    ] {
        let world = World::start(Version::V4).await;
        world.advance(end - left - world.clock.now());
        let mut browser = world.signed_in("root").await;
        let found = finding(&mut browser, "tls-registry").await;
        assert_eq!(
            (found["what"].as_str(), found["state"].as_str()),
            (Some(what), Some(state)),
            "{left}: {found:#}"
        );
    }
}
