//! The session: its cookie, what ends it, and what does not (S14-S19, S22, S23).

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::TimeDelta;
use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault, LoggedRequest};
use rstest::rstest;
use sha2::{Digest as _, Sha256};

use crate::harness::console::Console;
use crate::harness::{Browser, World};

const SESSION: &str = "__Host-registry-console";

/// The token that the session of `browser` acts with.
async fn token_of(world: &World, browser: &mut Browser) -> String {
    world.clear_requests();
    browser.get("/projects").await;
    let tokens: BTreeSet<String> = world
        .requests()
        .iter()
        .filter_map(|request| request.bearer().map(str::to_owned))
        .collect();
    assert_eq!(tokens.len(), 1, "one session acts with one token");
    tokens.into_iter().next().unwrap()
}

fn deletions(world: &World) -> Vec<LoggedRequest> {
    world
        .requests()
        .into_iter()
        .filter(|request| request.method == "DELETE")
        .collect()
}

/// The name of the object of a token (S16's vector is a unit test of the client).
fn token_object_name(version: Version, token: &str) -> String {
    let hash = |secret: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(secret));
    match version {
        Version::V3_9 => format!("/apis/oauth.openshift.io/v1/oauthaccesstokens/{token}"),
        Version::V4 => {
            format!(
                "/apis/oauth.openshift.io/v1/useroauthaccesstokens/sha256~{}",
                hash(token.strip_prefix("sha256~").unwrap())
            )
        }
    }
}

/// Whether this cookie is still a session. No upstream is called where it is not.
async fn assert_session_rejected(world: &World, cookie: &str) {
    let mut thief = world.browser();
    thief.set_cookie(SESSION, cookie);
    world.clear_requests();
    assert_eq!(
        thief.get("/projects").await.location(),
        "/login?next=%2Fprojects"
    );
    assert_eq!(thief.json("/projects").await.status, 401);
    assert!(world.requests().is_empty());
}

#[rstest]
#[tokio::test]
async fn signed_in_user_sees_own_projects(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    let mut browser = world.browser();
    assert_eq!(
        browser.get("/projects").await.location(),
        "/login?next=%2Fprojects"
    );
    assert_eq!(
        browser.sign_in_from("/login?next=%2Fprojects", "dev").await,
        "/projects"
    );
    let page = browser.get("/projects").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(
        page.texts("tbody th[scope=row] a"),
        ["demo", "shared-libs", "team-a", "team-b"]
    );
    assert_eq!(page.text_of(".rc-menu__name"), "dev");
    assert_eq!(
        browser.json("/projects").await.json()["rows"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    assert_eq!(
        world
            .browser()
            .json_with_token("/projects", "TOKEN-viewer")
            .await
            .status,
        200
    );
}

/// S14.
#[rstest]
#[tokio::test]
async fn session_cookie_is_host_only_and_hides_the_token(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let page = browser.get(&callback).await;
    let cookie = page
        .set_cookies()
        .into_iter()
        .find(|cookie| cookie.starts_with(SESSION))
        .unwrap();
    for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(
        !cookie.contains("Domain") && !cookie.contains("Max-Age") && !cookie.contains("Expires"),
        "ends with the browser: {cookie}"
    );
    let token = token_of(&world, &mut browser).await;
    let value = browser
        .cookie(SESSION)
        .unwrap()
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    let raw = STANDARD.decode(&value).unwrap();
    let secret = token.trim_start_matches("sha256~");
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    for hidden in [
        secret,
        &hex,
        STANDARD.encode(secret).trim_end_matches('='),
        &STANDARD.encode(&token)[..40],
    ] {
        assert!(
            !value.contains(hidden) && !String::from_utf8_lossy(&raw).contains(hidden),
            "{hidden}"
        );
    }
}

/// S15.
#[tokio::test]
async fn session_cookie_planted_before_sign_in_is_replaced() {
    let world = World::start(Version::V4).await;
    let old = world
        .signed_in("outsider")
        .await
        .cookie(SESSION)
        .unwrap()
        .to_owned();
    for planted in ["chosen-by-somebody", &old] {
        let mut browser = world.browser();
        browser.set_cookie(SESSION, planted);
        browser.sign_in("dev").await;
        assert_ne!(browser.cookie(SESSION), Some(planted));
        assert_eq!(browser.get("/").await.text_of(".rc-menu__name"), "dev");
    }
    assert_session_rejected(&world, "chosen-by-somebody").await;
}

/// S16.
#[rstest]
#[tokio::test]
async fn sign_out_deletes_the_token_object_once(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("dev").await;
    let token = token_of(&world, &mut browser).await;
    let cookie = browser.cookie(SESSION).unwrap().to_owned();
    world.clear_requests();
    let page = browser.sign_out().await;
    let [deleted] = &deletions(&world)[..] else {
        panic!("{:?}", world.requests())
    };
    assert_eq!(deleted.path, token_object_name(version, &token));
    assert_eq!(deleted.bearer(), Some(token.as_str()));
    assert!(browser.cookie(SESSION).is_none());
    let page = browser.get(&page.location()).await;
    assert!(
        page.text_of("main")
            .contains("Your access token has been revoked."),
        "{}",
        page.text_of("main")
    );
    assert_session_rejected(&world, &cookie).await;
    world.advance(TimeDelta::minutes(3));
    assert_eq!(world.demo.cluster().authenticate(&token), None);
}

/// S16: whatever becomes of the token, the session here ends, and the page does not claim more than
/// is known.
#[rstest]
#[tokio::test]
async fn sign_out_ends_the_session_if_token_deletion_fails(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let no = |status| Fault::Status(status, Bytes::from_static(b"Unauthorized"), "text/plain");
    let faults = [
        no(StatusCode::UNAUTHORIZED),
        no(StatusCode::FORBIDDEN),
        no(StatusCode::NOT_FOUND),
        no(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::NotJson,
        Fault::Refuse,
    ];
    let world = World::start(version).await;
    for fault in faults.clone() {
        signs_out_uncertain(&world, fault).await;
    }
}

/// S16: the API server that never answers.
#[tokio::test]
async fn sign_out_has_a_time_limit() {
    let world = World::start(Version::V4).await;
    signs_out_uncertain(&world, Fault::Hang).await;
}

async fn signs_out_uncertain(world: &World, fault: Fault) {
    let mut browser = world.signed_in("dev").await;
    let cookie = browser.cookie(SESSION).unwrap().to_owned();
    world.fail(Endpoint::ApiServer, fault.clone());
    let page = browser.sign_out().await;
    let page = browser.get(&page.location()).await;
    world.fail(Endpoint::ApiServer, Fault::None);
    let text = page.text_of("main");
    assert!(
        text.contains("You are signed out")
            && text.contains("Your access token could not be revoked"),
        "{fault:?}: {text}"
    );
    assert!(browser.cookie(SESSION).is_none(), "{fault:?}");
    assert_session_rejected(world, &cookie).await;
}

/// S16: a session that expired leaves a token that may still be valid.
#[tokio::test]
async fn sign_out_without_session_claims_no_token_revocation() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let page = browser.post_form("/logout", &[]).await;
    let text = browser.get(&page.location()).await.text_of("main");
    assert!(
        text.contains("You are signed out") && !text.contains("token"),
        "{text}"
    );
}

/// S17.
#[tokio::test]
async fn cross_site_or_get_request_cannot_sign_out() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    let csrf = browser.csrf().await;
    world.clear_requests();
    assert_eq!(browser.get("/logout").await.status, 405);
    let foreign = browser
        .form("/logout", &[("csrf", &csrf)])
        .header("origin", "https://evil.example");
    assert_eq!(browser.send(foreign).await.status, 403);
    assert!(world.requests().is_empty());
    assert_eq!(browser.get("/projects").await.status, 200);
}

/// S18: 401 with a `Status`, and in plain text as 3.6 and 3.7 answer.
#[rstest]
#[tokio::test]
async fn invalid_token_redirects_the_next_page_to_sign_in(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let status = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#;
    let world = World::start(version).await;
    for (body, content_type) in [
        (status, "application/json"),
        ("Unauthorized\n", "text/plain; charset=utf-8"),
    ] {
        let mut browser = world.signed_in("dev").await;
        world.fail(
            Endpoint::ApiServer,
            Fault::Status(
                StatusCode::UNAUTHORIZED,
                Bytes::from_static(body.as_bytes()),
                content_type,
            ),
        );
        for path in [
            "/",
            "/images",
            "/images/team-a",
            "/images/team-a/api",
            "/images/team-a/api:latest",
            "/projects",
            "/projects/team-a",
        ] {
            let expected = format!(
                "/login?next={}",
                path.replace('/', "%2F").replace(':', "%3A")
            );
            assert_eq!(
                browser.get(path).await.location(),
                expected,
                "{content_type}"
            );
            let json = browser.json(path).await;
            assert_eq!(json.status, 401, "{path}");
            assert_eq!(
                json.header("www-authenticate"),
                "Bearer realm=\"registry-console\""
            );
        }
        world.fail(Endpoint::ApiServer, Fault::None);
    }
}

/// S18: not only a made-up answer.
#[rstest]
#[tokio::test]
async fn token_deleted_elsewhere_ends_the_session(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("dev").await;
    let token = token_of(&world, &mut browser).await;
    let request = reqwest::Method::DELETE;
    let url = format!(
        "{}{}",
        world.demo.urls().api_server,
        token_object_name(version, &token)
    );
    let request = browser.request(request, &url).bearer_auth("TOKEN-root");
    let path_of_root = url.replace("useroauthaccesstokens", "oauthaccesstokens");
    let response = browser.send(request).await;
    if response.status == 404 {
        let request = browser
            .request(reqwest::Method::DELETE, &path_of_root)
            .bearer_auth("TOKEN-root");
        assert_eq!(browser.send(request).await.status, 200);
    }
    world.advance(TimeDelta::minutes(3));
    assert_eq!(
        browser.get("/projects").await.location(),
        "/login?next=%2Fprojects"
    );
}

/// S19.
#[rstest]
#[tokio::test]
async fn registry_denial_costs_a_section_and_keeps_session(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("dev").await;
    let denied =
        r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}"#;
    world.fail(
        Endpoint::Registry,
        Fault::Status(
            StatusCode::UNAUTHORIZED,
            Bytes::from_static(denied.as_bytes()),
            "application/json",
        ),
    );
    let page = browser.get("/images/team-a/api:latest").await;
    assert_eq!(page.status, 200);
    assert!(
        page.text_of("main")
            .contains("The image registry denied the request"),
        "{}",
        page.text_of("main")
    );
    let json = browser.json("/images/team-a/api:latest").await.json();
    assert_eq!(json["registry_missing"]["why"], "not-allowed", "{json}");
    assert_eq!(
        browser.get("/projects").await.status,
        200,
        "still signed in"
    );
}

fn session_key(byte: u8) -> secrecy::SecretSlice<u8> {
    vec![byte; 64].into()
}

async fn world_with_key(byte: u8) -> World {
    World::builder(Version::V4)
        .settings(move |config| config.session.keys = vec![session_key(byte)])
        .start()
        .await
}

/// Another console of the cluster, with these session keys.
async fn replica_with_keys<const N: usize>(world: &World, bytes: [u8; N]) -> Console {
    world
        .replica()
        .settings(move |config| config.session.keys = bytes.map(session_key).into())
        .start()
        .await
}

/// S22: replicas and a key that is being replaced.
#[tokio::test]
async fn sessions_are_shared_by_replicas_with_the_same_key() {
    let world = world_with_key(1).await;
    let json = replica_with_keys(&world, [1]).await;
    let renewed = replica_with_keys(&world, [2, 1]).await;
    let forgetful = replica_with_keys(&world, [2]).await;
    let mut browser = world.signed_in("dev").await;
    for console in [&json, &forgetful, &renewed] {
        browser = browser.moved_to(console.url());
        let page = browser.get("/projects").await;
        if console.url() == forgetful.url() {
            assert_eq!(page.location(), "/login?next=%2Fprojects");
        } else {
            assert_eq!(page.status, 200);
        }
    }
}

/// S22: the rotation that docs/operate.md describes, with replicas of before and after each step side
/// by side.
#[tokio::test]
async fn session_key_rotation_keeps_sessions() {
    let world = world_with_key(1).await;
    let appended = replica_with_keys(&world, [1, 2]).await;
    let first = replica_with_keys(&world, [2, 1]).await;
    let alone = replica_with_keys(&world, [2]).await;
    let mut browser = world.signed_in("dev").await;
    let sealed = browser.cookie(SESSION).unwrap().to_owned();
    for (step, before, after) in [
        ("append", world.url(), appended.url()),
        ("put first", appended.url(), first.url()),
        ("drop", first.url(), alone.url()),
    ] {
        for console in [before, after, before] {
            browser = browser.moved_to(console);
            assert_eq!(browser.get("/projects").await.status, 200, "{step}");
        }
    }
    assert_ne!(
        browser.cookie(SESSION),
        Some(sealed.as_str()),
        "sealed again by the new key"
    );
    let mut late = world.browser().moved_to(alone.url());
    late.set_cookie(SESSION, &sealed);
    assert_eq!(
        late.get("/projects").await.location(),
        "/login?next=%2Fprojects",
        "the old key is gone"
    );
}

/// S22: a page that a person signs out of is not the one that brings the session back.
#[tokio::test]
async fn old_key_session_is_resealed_by_pages_only() {
    let world = world_with_key(1).await;
    let renewed = replica_with_keys(&world, [2, 1]).await;
    let mut browser = world.signed_in("dev").await.moved_to(renewed.url());
    assert!(
        browser.json("/projects").await.set_cookies().is_empty(),
        "JSON is not for browsers"
    );
    let old = browser.cookie(SESSION).unwrap().to_owned();
    let set = browser.get("/projects").await;
    let [cookie] = set.set_cookies()[..] else {
        panic!("{:?}", set.set_cookies())
    };
    for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(
            cookie.starts_with(SESSION) && cookie.contains(part),
            "{part} in {cookie}"
        );
    }
    assert!(
        browser.get("/projects").await.set_cookies().is_empty(),
        "once"
    );
    let csrf = browser.csrf().await;
    browser.set_cookie(SESSION, &old);
    let page = browser.post_form("/logout", &[("csrf", &csrf)]).await;
    assert!(
        browser.cookie(SESSION).is_none(),
        "{:?}",
        page.set_cookies()
    );
}

/// S23.
#[tokio::test]
async fn tampered_cookie_is_handled_as_missing() {
    let world = World::start(Version::V4).await;
    let cookie = world
        .signed_in("dev")
        .await
        .cookie(SESSION)
        .unwrap()
        .to_owned();
    let mut tampered = vec![
        String::new(),
        "x".to_owned(),
        cookie[..cookie.len() / 2].to_owned(),
        "A".repeat(12 << 10),
        format!("{cookie}A"),
    ];
    for at in (0..cookie.len()).step_by(17) {
        let changed = if cookie.as_bytes()[at] == b'A' {
            "B"
        } else {
            "A"
        };
        tampered.push(format!("{}{changed}{}", &cookie[..at], &cookie[at + 1..]));
    }
    let mut browser = world.browser();
    world.clear_requests();
    for value in tampered {
        browser.set_cookie(SESSION, &value);
        let page = browser.get("/projects").await;
        assert_eq!(
            (page.status, page.location().as_str()),
            (303, "/login?next=%2Fprojects"),
            "{value:.40}"
        );
        assert!(page.text.is_empty());
    }
    browser.set_cookie(SESSION, &"A".repeat(20 << 10));
    let request = browser.request(reqwest::Method::GET, "/projects");
    assert!(
        browser
            .attempt(request)
            .await
            .is_none_or(|page| page.status == 431)
    );
    assert!(world.requests().is_empty());
}

fn with_idle_timeout(config: &mut registry_console::config::Config) {
    config.session.limits.idle_timeout = Some(TimeDelta::minutes(30));
}

#[tokio::test]
async fn opened_pages_keep_a_session_in_use_and_scripts_do_not() {
    let world = World::builder(Version::V4)
        .settings(with_idle_timeout)
        .start()
        .await;
    let mut dev = world.signed_in("dev").await;
    for _ in 0..3 {
        world.advance(TimeDelta::minutes(20));
        assert_eq!(dev.get("/projects").await.status, 200, "in use");
    }
    world.advance(TimeDelta::minutes(20));
    let from_script = dev
        .request(http::Method::GET, "/projects")
        .header("sec-fetch-dest", "empty");
    assert_eq!(dev.send(from_script).await.status, 200);
    world.advance(TimeDelta::minutes(10));
    let page = dev.get("/projects").await;
    assert_eq!(page.location(), "/login?next=%2Fprojects", "not in use");
}

#[tokio::test]
async fn session_lasts_no_longer_than_configured_and_says_so_before() {
    let limit = |config: &mut registry_console::config::Config| {
        config.session.limits.max_lifetime = TimeDelta::hours(1);
    };
    let world = World::builder(Version::V4).settings(limit).start().await;
    let mut dev = world.signed_in("dev").await;
    world.advance(TimeDelta::seconds(49 * 60 + 59));
    let notice = "#rc-session-end";
    let is_hidden =
        |page: &crate::harness::Page| page.only(notice).value().attr("hidden").is_some();
    assert!(is_hidden(&dev.get("/projects").await));
    world.advance(TimeDelta::seconds(1));
    let page = dev.get("/projects?q=team").await;
    assert!(!is_hidden(&page));
    let text = page.text_of(notice);
    assert!(
        text.contains("Your session ends in 10 minutes, at "),
        "{text}"
    );
    assert_eq!(
        page.attribute(&format!("{notice} a"), "href"),
        "/login?next=%2Fprojects%3Fq%3Dteam"
    );
    world.advance(TimeDelta::minutes(10));
    let page = dev.get("/projects").await;
    assert_eq!(page.location(), "/login?next=%2Fprojects");
}
