//! Signing in, from the browser's side (S1-S9).

use bytes::Bytes;
use chrono::TimeDelta;
use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault, LoggedRequest};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use url::Url;

use crate::harness::{Log, Page, World};

const ERROR_WITHOUT_STATE: &str =
    include_str!("../../../cases/58-oauth-error-without-state/callback.txt");
const COOKIES_BLOCKED: &str = include_str!("../../../cases/59-cookies-blocked/steps.txt");

/// A parameter of the address that a page leads to.
fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse("https://base.invalid")
        .unwrap()
        .join(address)
        .unwrap();
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

fn token_requests(world: &World) -> Vec<LoggedRequest> {
    world
        .requests()
        .into_iter()
        .filter(|request| request.path.starts_with("/oauth/token"))
        .collect()
}

fn field(seen: &LoggedRequest, name: &str) -> Option<String> {
    let form = seen.form.as_ref().unwrap();
    url::form_urlencoded::parse(form)
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

#[track_caller]
fn is_refused_and_nobody_asked(world: &World, page: &Page, what: &str) {
    assert_eq!(page.status, 400, "{what}");
    assert!(page.set_cookies().is_empty(), "{what}");
    assert!(
        world.requests().is_empty(),
        "{what}: {:?}",
        world.requests()
    );
}

/// S1.
#[rstest]
#[tokio::test]
async fn sign_in_starts_with_fresh_state_and_challenge(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.browser();
    let (first, second) = (browser.get("/login").await, browser.get("/login").await);
    for page in [&first, &second] {
        let to = page.location();
        assert!(
            to.starts_with(&format!("{}/oauth/authorize?", world.demo.urls().oauth)),
            "{to}"
        );
        let callback = format!("{}/oauth/callback", world.origin());
        let fixed = [
            ("response_type", "code"),
            ("client_id", "cockpit-oauth-client"),
            ("redirect_uri", &callback),
        ];
        for (name, value) in fixed
            .into_iter()
            .chain([("code_challenge_method", "S256"), ("scope", "user:full")])
        {
            assert_eq!(parameter(&to, name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(parameter(&to, "code_challenge").unwrap().len(), 43);
        assert!(parameter(&to, "state").unwrap().len() >= 22, "128 bits");
        let text = format!("{to}{}{:?}", page.text, page.headers);
        assert!(
            !text.contains(world.demo.oauth_client_secret()) && !text.contains("verifier"),
            "{text}"
        );
    }
    for name in ["state", "code_challenge"] {
        assert_ne!(
            parameter(&first.location(), name),
            parameter(&second.location(), name),
            "{name}"
        );
    }
}

/// S2.
#[tokio::test]
async fn pending_sign_in_cookie_is_host_only_for_ten_minutes() {
    let world = World::start(Version::V3_9).await;
    let page = world.browser().get("/login").await;
    let [cookie] = page.set_cookies()[..] else {
        panic!("{:?}", page.set_cookies())
    };
    assert!(cookie.starts_with("__Host-login="), "{cookie}");
    for part in [
        "; Secure",
        "; HttpOnly",
        "; SameSite=Lax",
        "; Path=/",
        "; Max-Age=600",
    ] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(
        !cookie.contains(&parameter(&page.location(), "state").unwrap()),
        "the state is sealed"
    );
}

/// S2.
#[tokio::test]
async fn sign_in_expires_after_ten_minutes() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login?next=%2Fprojects", "dev").await;
    world.advance(TimeDelta::minutes(10));
    world.clear_requests();
    let page = browser.get(&callback).await;
    is_refused_and_nobody_asked(&world, &page, "late");
    assert!(
        page.text_of("main").contains("longer than ten minutes"),
        "{}",
        page.text_of("main")
    );
    assert_eq!(
        page.attribute("main .pf-m-primary", "href"),
        "/login?next=%2Fprojects"
    );
}

/// S3.
#[tokio::test]
async fn sign_ins_in_three_tabs_all_succeed() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let mut callbacks = Vec::new();
    for page in ["/images", "/projects", "/"] {
        callbacks.push((
            page,
            browser
                .callback_of(&format!("/login?next={}", page.replace('/', "%2F")), "dev")
                .await,
        ));
    }
    for (page, callback) in callbacks {
        assert_eq!(browser.get(&callback).await.location(), page);
    }
    assert_eq!(
        browser.cookie_names(),
        ["__Host-registry-console"],
        "nothing is left of the sign-ins"
    );
}

/// S3, S54.
#[tokio::test]
async fn twenty_pending_sign_ins_share_one_small_cookie() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let mut begun = Vec::new();
    for number in 0..20 {
        begun.push(
            browser
                .get(&format!("/login?next=/images%3Fq%3D{number}"))
                .await
                .location(),
        );
        world.advance(TimeDelta::seconds(1));
    }
    assert_eq!(browser.cookie_names(), ["__Host-login"]);
    assert!(browser.cookie("__Host-login").unwrap().len() < 256);
    for (number, authorize) in begun.iter().enumerate().rev() {
        let callback = browser.authorize(authorize, "dev").await;
        assert!(callback.len() < 1_000, "{callback}");
        assert_eq!(
            browser.get(&callback).await.location(),
            format!("/images?q={number}")
        );
    }
    assert_eq!(
        token_requests(&world).len(),
        1,
        "the other tabs find the session"
    );
}

/// S54: what an address asks for has no part in the size of cookies and states.
#[tokio::test]
async fn long_url_does_not_enlarge_cookie_or_state() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    for (next, leads_to) in [
        (format!("/images%3Fq%3D{}", "x".repeat(1_900)), "/images"),
        (format!("/{}", "y".repeat(1_900)), "/"),
    ] {
        let page = browser.get(&format!("/login?next={next}")).await;
        let set: usize = page.set_cookies().iter().map(|cookie| cookie.len()).sum();
        assert!(
            set < 300 && page.location().len() < 1_000,
            "{set} {}",
            page.location()
        );
        let callback = browser.authorize(&page.location(), "dev").await;
        assert_eq!(browser.get(&callback).await.location(), leads_to);
    }
}

/// S54: another page of the same site, or a script, begins no sign-in.
#[tokio::test]
async fn sign_in_starts_only_for_top_level_navigation() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    world.demo.request_log().clear();
    let loads = [
        ("no-cors", "empty"),
        ("cors", "empty"),
        ("no-cors", "image"),
        ("navigate", "iframe"),
        ("navigate", "object"),
    ];
    for (mode, dest) in loads {
        let request = browser
            .request(Method::GET, "/login?next=/images")
            .header("sec-fetch-mode", mode)
            .header("sec-fetch-dest", dest);
        let page = browser.send(request).await;
        assert_eq!(page.status, 400, "{mode} {dest}");
        assert!(page.set_cookies().is_empty(), "{mode} {dest}");
    }
    assert!(
        world.demo.request_log().all().is_empty(),
        "no upstream request"
    );
    let request = browser
        .request(Method::GET, "/login")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document");
    assert_eq!(browser.send(request).await.status, 303);
}

/// Tabs that are restored at once, before any of them has the cookie: each is given another one,
/// and the last one stays.
#[tokio::test]
async fn simultaneous_tabs_without_cookie_all_reach_their_pages() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let mut begun = Vec::new();
    for number in 0..12 {
        begun.push(
            world
                .browser()
                .get(&format!("/login?next=/images%3Fq%3D{number}"))
                .await
                .location(),
        );
    }
    // The answer that arrives last.
    let last = browser.get("/login?next=/projects").await.location();
    world.clear_requests();
    let callback = browser.authorize(&begun[0], "dev").await;
    let page = browser.get(&callback).await;
    is_refused_and_nobody_asked(&world, &page, "the cookie is another tab's");
    assert!(
        page.text_of("main").contains("Another tab"),
        "{}",
        page.text_of("main")
    );
    let refresh = page.attribute("meta[http-equiv=refresh]", "content");
    let again = refresh.strip_prefix("0; url=").unwrap();
    assert_eq!(again, "/login?next=%2Fimages%3Fq%3D0&attempt=1");
    assert_eq!(browser.sign_in_from(again, "dev").await, "/images?q=0");
    for (number, authorize) in begun.iter().enumerate().skip(1) {
        let callback = browser.authorize(authorize, "dev").await;
        assert_eq!(
            browser.get(&callback).await.location(),
            format!("/images?q={number}"),
            "the session is there"
        );
    }
    let callback = browser.authorize(&last, "dev").await;
    assert_eq!(browser.get(&callback).await.location(), "/projects");
    assert_eq!(token_requests(&world).len(), 1);
}

/// A browser whose cookie is another one each time is not sent round for ever.
#[tokio::test]
async fn automatic_sign_in_restarts_are_limited() {
    let world = World::start(Version::V4).await;
    let (mut browser, mut other) = (world.browser(), world.browser());
    let mut login = "/login?next=%2Fimages".to_owned();
    let mut rounds = 0;
    loop {
        let callback = browser.callback_of(&login, "dev").await;
        other.get("/login").await;
        let foreign = other.cookie("__Host-login").unwrap().to_owned();
        browser.set_cookie("__Host-login", &foreign);
        let page = browser.get(&callback).await;
        assert_eq!(page.status, 400);
        assert_eq!(
            page.attribute("main .pf-m-primary", "href"),
            "/login?next=%2Fimages",
            "by hand it can always be started again"
        );
        let Some(refresh) = page
            .select("meta[http-equiv=refresh]")
            .first()
            .map(|meta| meta.attr("content").unwrap().to_owned())
        else {
            break;
        };
        login = refresh.strip_prefix("0; url=").unwrap().to_owned();
        rounds += 1;
        other = world.browser();
        assert!(rounds < 10, "for ever");
    }
    assert_eq!(rounds, 3);
}

#[rstest]
#[tokio::test]
async fn blocked_cookies_are_explained_without_a_redirect_loop(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    assert!(
        COOKIES_BLOCKED.starts_with("sign in with a browser (or client) that keeps no cookie"),
        "these are the steps below"
    );
    let world = World::start(version).await;
    let callback = world
        .browser()
        .callback_of("/login?next=%2Fimages", "dev")
        .await;
    world.clear_requests();
    let page = world.browser().get(&callback).await;
    is_refused_and_nobody_asked(&world, &page, "no cookie");
    assert!(
        page.text_of("main").contains("did not send the cookie"),
        "{}",
        page.text_of("main")
    );
    assert!(
        page.select("meta[http-equiv=refresh]").is_empty(),
        "it would end here again"
    );
    assert_eq!(
        page.attribute("main .pf-m-primary", "href"),
        "/login?next=%2Fimages"
    );
}

/// OpenShift's OAuth server leaves the state out of some errors.
#[tokio::test]
async fn oauth_error_without_state_has_its_own_message() {
    let world = World::start(Version::V3_9).await;
    let mut browser = world.browser();
    browser.get("/login").await;
    world.clear_requests();
    for (error, text) in [
        ("access_denied", "reports that access was denied"),
        ("invalid_scope", "the requested scope is not granted"),
        ("call+0800+555", "reports an error"),
    ] {
        let page = browser
            .get(&format!(
                "/oauth/callback?error={error}&error_description=scope+denied+0800"
            ))
            .await;
        is_refused_and_nobody_asked(&world, &page, error);
        assert!(
            page.text_of("main").contains(text) && !page.text.contains("0800"),
            "{}",
            page.text_of("main")
        );
    }
    let reported = ERROR_WITHOUT_STATE
        .strip_prefix("GET ")
        .and_then(|line| line.split_whitespace().next())
        .unwrap();
    let page = browser.get(reported).await;
    is_refused_and_nobody_asked(&world, &page, reported);
    assert!(
        page.text_of("main")
            .contains("reports that access was denied"),
        "{}",
        page.text_of("main")
    );
    let page = browser.get("/oauth/callback?code=x").await;
    is_refused_and_nobody_asked(&world, &page, "a code without a state");
    assert!(
        page.text_of("main")
            .contains("the address has no state parameter"),
        "{}",
        page.text_of("main")
    );
}

/// Back to the OAuth server's form after signing in, and signing in once more.
#[rstest]
#[tokio::test]
async fn sign_in_from_browser_history_reaches_the_page(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.browser();
    let response = browser.get("/login?next=%2Fimages").await.location();
    let first = browser.authorize(&response, "dev").await;
    assert_eq!(browser.get(&first).await.location(), "/images");
    world.clear_requests();
    let second = browser.authorize(&response, "dev").await;
    assert_eq!(browser.get(&second).await.location(), "/images");
    assert!(
        token_requests(&world).is_empty(),
        "the second code is not needed"
    );
    assert_eq!(
        browser
            .get("/oauth/callback?code=x&state=AAAA")
            .await
            .location(),
        "/",
        "an unknown state leads home"
    );
    world.advance(TimeDelta::minutes(11));
    assert_eq!(
        browser.get(&second).await.location(),
        "/images",
        "a late one as well"
    );
}

/// S4.
#[rstest]
#[tokio::test]
async fn callback_with_foreign_state_sends_no_upstream_request(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let (mut browser, mut other) = (world.browser(), world.browser());
    let callback = browser.callback_of("/login", "dev").await;
    let theirs = other.callback_of("/login", "outsider").await;
    let (state, code) = (
        parameter(&callback, "state").unwrap(),
        parameter(&callback, "code").unwrap(),
    );
    let with = |state: &str| format!("/oauth/callback?code={code}&state={state}");
    let cases = [
        ("none", format!("/oauth/callback?code={code}")),
        ("empty", with("")),
        ("wrong", with("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("cut", with(&state[..state.len() - 1])),
        ("of someone else", theirs.clone()),
        (
            "someone else's code and state mixed",
            with(&parameter(&theirs, "state").unwrap()),
        ),
    ];
    world.clear_requests();
    for (what, address) in cases {
        let page = browser.get(&address).await;
        is_refused_and_nobody_asked(&world, &page, what);
    }
    assert_eq!(
        browser.get(&callback).await.location(),
        "/",
        "the true one still works"
    );
}

/// S5.
#[tokio::test]
async fn replayed_callback_keeps_the_session() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let name = browser.cookie_names()[0].to_owned();
    let pending = browser.cookie(&name).unwrap().to_owned();
    assert_eq!(browser.get(&callback).await.location(), "/");
    let session = browser
        .cookie("__Host-registry-console")
        .unwrap()
        .to_owned();
    for what in ["from the history", "with the cookie of before"] {
        world.clear_requests();
        let page = browser.get(&callback).await;
        assert_eq!(
            (page.status, page.location().as_str()),
            (303, "/"),
            "{what}"
        );
        assert!(
            page.set_cookies().is_empty() && world.requests().is_empty(),
            "{what}: {:?}",
            world.requests()
        );
        assert_eq!(
            browser.cookie("__Host-registry-console"),
            Some(session.as_str()),
            "{what}"
        );
        browser.set_cookie(&name, &pending);
    }
    let mut thief = world.browser();
    thief.set_cookie(&name, &pending);
    let page = thief.get(&callback).await;
    is_refused_and_nobody_asked(&world, &page, "without the session");
    assert!(
        page.text_of("main").contains("already completed"),
        "{}",
        page.text_of("main")
    );
    assert_eq!(browser.get("/projects").await.status, 200);
}

/// S6.
#[tokio::test]
async fn callback_error_description_is_not_echoed() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let words =
        "error_description=%3Cscript%3Ecall+0800+555%3C/script%3E&error_uri=https://evil.example";
    world.clear_requests();
    let page = browser
        .get(&format!("/oauth/callback?error=access_denied&{words}"))
        .await;
    is_refused_and_nobody_asked(&world, &page, "without a state");
    assert_eq!(page.text_of("h1"), "Sign-in failed");
    assert!(
        !page.text.contains("0800") && !page.text.contains("evil.example"),
        "{}",
        page.text
    );
    let known = [
        (
            "access_denied",
            403,
            "The cluster did not grant the console access on your behalf.",
        ),
        (
            "invalid_scope",
            403,
            "The cluster does not grant the scope that this console requests.",
        ),
        (
            "call+0800+555",
            502,
            "The OAuth server returned a response that this console cannot use.",
        ),
    ];
    for (error, status, text) in known {
        let state = parameter(&browser.get("/login").await.location(), "state").unwrap();
        let page = browser
            .get(&format!(
                "/oauth/callback?error={error}&{words}&state={state}"
            ))
            .await;
        assert_eq!(page.status, status, "{error}");
        assert!(
            page.text_of("main").contains(text),
            "{}",
            page.text_of("main")
        );
        assert!(
            !page.text.contains("0800") && !page.text.contains("evil.example"),
            "{}",
            page.text
        );
        assert!(browser.cookie("__Host-registry-console").is_none());
    }
    assert!(token_requests(&world).is_empty());
}

/// S6: no page takes its words from its address.
#[tokio::test]
async fn public_pages_never_echo_url_text() {
    let world = World::start(Version::V4).await;
    for path in ["/signed-out", "/nowhere", "/oauth/callback", "/login/x"] {
        let page =
            world.browser().get(&format!("{path}?error=call0800&reason=call0800&token=call0800&message=call0800&next=/call0800")).await;
        let seen = page.texts("h1, main p, main a").join(" ");
        assert!(!seen.contains("call0800"), "{path}: {seen}");
    }
}

/// S7.
#[tokio::test]
async fn callback_with_contradictory_or_long_parameters_is_rejected() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let state = parameter(&callback, "state").unwrap();
    world.clear_requests();
    for more in [
        "&error=access_denied".to_owned(),
        format!("&state={state}"),
        "&code=another".to_owned(),
        format!("&x={}", "x".repeat(5 << 10)),
    ] {
        let page = browser.get(&format!("{callback}{more}")).await;
        is_refused_and_nobody_asked(&world, &page, &more[..8]);
    }
    let flood = format!("{callback}&x={}", "x".repeat(64 << 10));
    let request = browser.request(Method::GET, &flood);
    let refused = browser.attempt(request).await;
    assert!(
        refused.is_none_or(|page| matches!(page.status, 414 | 431)),
        "64 KiB is no query"
    );
    assert!(world.requests().is_empty());
}

/// S8.
#[rstest]
#[tokio::test]
async fn code_is_exchanged_by_one_post_with_form_body(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    world.clear_requests();
    let page = browser.get(&callback).await;
    let [request] = &token_requests(&world)[..] else {
        panic!("{:?}", world.requests())
    };
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/oauth/token")
    );
    assert_eq!(
        field(request, "client_id").as_deref(),
        Some("cockpit-oauth-client")
    );
    assert_eq!(
        field(request, "client_secret").as_deref(),
        Some(world.demo.oauth_client_secret())
    );
    assert_eq!(
        field(request, "redirect_uri"),
        Some(format!("{}/oauth/callback", world.origin()))
    );
    let verifier = field(request, "code_verifier").unwrap();
    assert!(verifier.len() >= 43);
    assert_eq!(request.headers["accept"], "application/json");
    assert!(
        !request.headers.contains_key("authorization") && !request.headers.contains_key("cookie")
    );
    assert!(!format!("{:?}{}", page.headers, page.text).contains(&verifier));
}

/// S8: whatever the token endpoint says, its words stay out of page and log.
#[tokio::test]
async fn malformed_token_response_has_its_page_and_is_not_logged() {
    let marker = "MARKED-BODY";
    let long = format!(
        "{{\"access_token\":\"{marker}\",\"token_type\":\"Bearer\",\"x\":\"{}\"}}",
        "x".repeat(64 << 10)
    );
    let answers = [
        (StatusCode::OK, long.clone(), "application/json"),
        (StatusCode::OK, format!("<p>{marker}"), "text/html"),
        (
            StatusCode::OK,
            format!("{{\"token_type\":\"Bearer\",\"x\":\"{marker}\"}}"),
            "application/json",
        ),
        (
            StatusCode::OK,
            format!(
                "{{\"access_token\":\"{marker}\",\"expires_in\":-1,\"token_type\":\"Bearer\"}}"
            ),
            "application/json",
        ),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            marker.to_owned(),
            "text/plain",
        ),
        (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("<p>{marker}"),
            "text/html",
        ),
        (
            StatusCode::BAD_REQUEST,
            format!("{{\"error\":\"odd\",\"error_description\":\"{marker}\"}}"),
            "application/json",
        ),
    ];
    let log = Log::start();
    let world = World::start(Version::V4).await;
    for (status, body, content_type) in answers {
        let mut browser = world.browser();
        let callback = browser.callback_of("/login", "dev").await;
        world.fail(
            Endpoint::Oauth,
            Fault::Status(status, Bytes::from(body.clone()), content_type),
        );
        let page = browser.get(&callback).await;
        world.fail(Endpoint::Oauth, Fault::None);
        assert_eq!(page.status, 502, "{body:.60}");
        assert_eq!(page.text_of("h1"), "Sign-in failed");
        let text = if status.is_server_error() {
            format!(
                "The OAuth server, or the router in front of it, returned HTTP {}.",
                status.as_u16()
            )
        } else {
            "The OAuth server returned a response that this console cannot use.".to_owned()
        };
        assert!(
            page.text_of("main").contains(&text),
            "{}",
            page.text_of("main")
        );
        assert!(!page.text.contains(marker) && browser.cookie("__Host-registry-console").is_none());
    }
    assert!(
        log.text().contains("cannot redeem the authorization code"),
        "the failure itself is logged: {}",
        log.text()
    );
    assert!(!log.text().contains(marker), "{}", log.text());
}

/// S8: the codes of RFC 6749 that have words of their own.
#[rstest]
#[tokio::test]
async fn wrong_client_secret_is_named(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::builder(version)
        .settings(|config| config.sign_in.oauth_mut().unwrap().client_secret = "wrong".into())
        .start()
        .await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 502);
    assert!(
        page.text_of("main")
            .contains("OPENSHIFT_OAUTH_CLIENT_SECRET"),
        "{}",
        page.text_of("main")
    );
    assert!(!page.text.contains("wrong\""));
}

/// S8.
#[tokio::test]
async fn expired_code_is_named() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    world.advance(TimeDelta::minutes(6));
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 502);
    assert!(
        page.text_of("main").contains("has expired"),
        "{}",
        page.text_of("main")
    );
}

/// S9.
#[tokio::test]
async fn session_lifetime_is_that_of_its_token_up_to_a_day() {
    for (expires_in, seconds) in [
        (json!(3600), 3600),
        (json!(0), 86_400),
        (json!(1_000_000_000_000_u64), 86_400),
        (json!(null), 86_400),
    ] {
        let world = World::start(Version::V4).await;
        let mut browser = world.browser();
        let callback = browser.callback_of("/login", "dev").await;
        let token =
            json!({"access_token": "TOKEN-dev", "expires_in": expires_in, "token_type": "Bearer"});
        world.fail(
            Endpoint::Oauth,
            Fault::Status(StatusCode::OK, token.to_string().into(), "application/json"),
        );
        assert_eq!(browser.get(&callback).await.location(), "/");
        world.advance(TimeDelta::seconds(seconds - 1));
        assert!(
            browser
                .get("/signed-out")
                .await
                .texts(".rc-menu__name")
                .contains(&"dev".to_owned()),
            "{expires_in}"
        );
        world.advance(TimeDelta::seconds(1));
        world.clear_requests();
        assert_eq!(
            browser.get("/projects").await.location(),
            "/login?next=%2Fprojects",
            "{expires_in}"
        );
        assert!(world.requests().is_empty());
    }
}
