//! Signing in, from the browser's side (S1-S9).

use bytes::Bytes;
use chrono::TimeDelta;
use http::StatusCode;
use registry_console::demo::faults::{Fault, Seen, Upstream};
use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::demo_world::VERSIONS;
use crate::harness::{Log, Page, World};

/// A parameter of the address that a page leads to.
fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse("https://base.invalid").unwrap().join(address).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

fn token_requests(world: &World) -> Vec<Seen> {
    world.asked().into_iter().filter(|seen| seen.path.starts_with("/oauth/token")).collect()
}

fn field(seen: &Seen, name: &str) -> Option<String> {
    let form = seen.form.as_ref().unwrap();
    url::form_urlencoded::parse(form).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

#[track_caller]
fn is_refused_and_nobody_asked(world: &World, page: &Page, what: &str) {
    assert_eq!(page.status, 400, "{what}");
    assert!(page.set_cookies().is_empty(), "{what}");
    assert!(world.asked().is_empty(), "{what}: {:?}", world.asked());
}

/// S1.
#[tokio::test]
async fn a_sign_in_begins_with_a_fresh_state_and_challenge_at_the_oauth_server() {
    for version in VERSIONS {
        let world = World::start(version).await;
        let mut browser = world.browser();
        let (first, second) = (browser.get("/login").await, browser.get("/login").await);
        for page in [&first, &second] {
            let to = page.location();
            assert!(to.starts_with(&format!("{}/oauth/authorize?", world.demo.urls().oauth)), "{to}");
            let callback = format!("{}/oauth/callback", world.origin());
            let fixed = [("response_type", "code"), ("client_id", "cockpit-oauth-client"), ("redirect_uri", &callback)];
            for (name, value) in fixed.into_iter().chain([("code_challenge_method", "S256"), ("scope", "user:full")]) {
                assert_eq!(parameter(&to, name).as_deref(), Some(value), "{name}");
            }
            assert_eq!(parameter(&to, "code_challenge").unwrap().len(), 43);
            assert!(parameter(&to, "state").unwrap().len() >= 22, "128 bits");
            let text = format!("{to}{}{:?}", page.text, page.headers);
            assert!(!text.contains(world.demo.oauth_client_secret()) && !text.contains("verifier"), "{text}");
        }
        for name in ["state", "code_challenge"] {
            assert_ne!(parameter(&first.location(), name), parameter(&second.location(), name), "{name}");
        }
    }
}

/// S2.
#[tokio::test]
async fn a_pending_sign_in_is_a_cookie_of_this_host_alone_for_ten_minutes() {
    let world = World::start(VERSIONS[0]).await;
    let page = world.browser().get("/login").await;
    let [cookie] = page.set_cookies()[..] else { panic!("{:?}", page.set_cookies()) };
    assert!(cookie.starts_with("__Host-login-"), "{cookie}");
    for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=600"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains(&parameter(&page.location(), "state").unwrap()), "the state is sealed");
}

/// S2.
#[tokio::test]
async fn a_sign_in_that_takes_longer_than_ten_minutes_is_refused() {
    let world = World::start(VERSIONS[1]).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    world.advance(TimeDelta::minutes(10));
    world.forget_asked();
    let page = browser.get(&callback).await;
    is_refused_and_nobody_asked(&world, &page, "late");
}

/// S3.
#[tokio::test]
async fn sign_ins_in_three_tabs_all_end_well() {
    let world = World::start(VERSIONS[1]).await;
    let mut browser = world.browser();
    let mut callbacks = Vec::new();
    for page in ["/images", "/projects", "/"] {
        callbacks.push((page, browser.callback_of(&format!("/login?next={}", page.replace('/', "%2F")), "dev").await));
    }
    for (page, callback) in callbacks {
        assert_eq!(browser.get(&callback).await.location(), page);
    }
    assert_eq!(browser.cookie_names(), ["__Host-registry-console"], "nothing is left of the sign-ins");
}

/// S3.
#[tokio::test]
async fn of_twenty_sign_ins_under_way_the_oldest_are_forgotten_and_the_newest_end_well() {
    let world = World::start(VERSIONS[1]).await;
    let mut browser = world.browser();
    let mut begun = Vec::new();
    for _ in 0..20 {
        begun.push(browser.get("/login").await.location());
        world.advance(TimeDelta::seconds(1));
    }
    let names = browser.cookie_names();
    let bytes: usize = names.iter().map(|name| name.len() + browser.cookie(name).unwrap().len() + 3).sum();
    assert!(names.len() < 20 && bytes < 8 << 10, "{} cookies, {bytes} bytes", names.len());
    let oldest = browser.authorize(&begun[0], "dev").await;
    assert_eq!(browser.get(&oldest).await.status, 400);
    let newest = browser.authorize(&begun[19], "dev").await;
    assert_eq!(browser.get(&newest).await.location(), "/");
}

/// S4.
#[tokio::test]
async fn a_callback_whose_state_is_not_this_browsers_is_refused_before_anybody_is_asked() {
    for version in VERSIONS {
        let world = World::start(version).await;
        let (mut browser, mut other) = (world.browser(), world.browser());
        let callback = browser.callback_of("/login", "dev").await;
        let theirs = other.callback_of("/login", "outsider").await;
        let (state, code) = (parameter(&callback, "state").unwrap(), parameter(&callback, "code").unwrap());
        let with = |state: &str| format!("/oauth/callback?code={code}&state={state}");
        let cases = [
            ("none", format!("/oauth/callback?code={code}")),
            ("empty", with("")),
            ("wrong", with("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
            ("cut", with(&state[..state.len() - 1])),
            ("of someone else", theirs.clone()),
            ("someone else's code and state mixed", with(&parameter(&theirs, "state").unwrap())),
        ];
        world.forget_asked();
        for (what, address) in cases {
            let page = browser.get(&address).await;
            is_refused_and_nobody_asked(&world, &page, what);
        }
        assert_eq!(browser.get(&callback).await.location(), "/", "the true one still works");
    }
}

/// S5.
#[tokio::test]
async fn a_callback_works_once_and_its_replay_leaves_the_session_alone() {
    let world = World::start(VERSIONS[1]).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let name = browser.cookie_names()[0].to_owned();
    let pending = browser.cookie(&name).unwrap().to_owned();
    assert_eq!(browser.get(&callback).await.location(), "/");
    world.forget_asked();
    let page = browser.get(&callback).await;
    is_refused_and_nobody_asked(&world, &page, "from the history");
    browser.set_cookie(&name, &pending);
    let page = browser.get(&callback).await;
    is_refused_and_nobody_asked(&world, &page, "with the cookie of before");
    assert_eq!(browser.get("/projects").await.status, 200);
}

/// S6.
#[tokio::test]
async fn what_the_callback_says_in_words_of_its_own_is_not_repeated() {
    let world = World::start(VERSIONS[1]).await;
    let mut browser = world.browser();
    let words = "error_description=%3Cscript%3Ecall+0800+555%3C/script%3E&error_uri=https://evil.example";
    world.forget_asked();
    let page = browser.get(&format!("/oauth/callback?error=access_denied&{words}")).await;
    is_refused_and_nobody_asked(&world, &page, "without a state");
    assert_eq!(page.text_of("h1"), "Signing in did not work");
    assert!(!page.text.contains("0800") && !page.text.contains("evil.example"), "{}", page.text);
    let known = [
        ("access_denied", 403, "The cluster did not grant the console access on your behalf."),
        ("invalid_scope", 403, "The cluster does not grant this console the scope that it asks for."),
        ("call+0800+555", 502, "The OAuth server answered something that this console cannot use."),
    ];
    for (error, status, said) in known {
        let state = parameter(&browser.get("/login").await.location(), "state").unwrap();
        let page = browser.get(&format!("/oauth/callback?error={error}&{words}&state={state}")).await;
        assert_eq!(page.status, status, "{error}");
        assert!(page.text_of("main").contains(said), "{}", page.text_of("main"));
        assert!(!page.text.contains("0800") && !page.text.contains("evil.example"), "{}", page.text);
        assert!(browser.cookie("__Host-registry-console").is_none());
    }
    assert!(token_requests(&world).is_empty());
}

/// S6: no page takes its words from its address.
#[tokio::test]
async fn no_page_for_everybody_shows_text_of_its_address() {
    let world = World::start(VERSIONS[1]).await;
    for path in ["/signed-out", "/nowhere", "/oauth/callback", "/login/x"] {
        let page =
            world.browser().get(&format!("{path}?error=call0800&reason=call0800&token=call0800&message=call0800&next=/call0800")).await;
        let seen = page.texts("h1, main p, main a").join(" ");
        assert!(!seen.contains("call0800"), "{path}: {seen}");
    }
}

/// S7.
#[tokio::test]
async fn a_callback_with_contradictory_or_doubled_or_endless_parameters_is_refused() {
    let world = World::start(VERSIONS[1]).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let state = parameter(&callback, "state").unwrap();
    world.forget_asked();
    for more in
        ["&error=access_denied".to_owned(), format!("&state={state}"), "&code=another".to_owned(), format!("&x={}", "x".repeat(8 << 10))]
    {
        let page = browser.get(&format!("{callback}{more}")).await;
        is_refused_and_nobody_asked(&world, &page, &more[..8]);
    }
    let flood = format!("{callback}&x={}", "x".repeat(64 << 10));
    let request = browser.request(Method::GET, &flood);
    let refused = browser.attempt(request).await;
    assert!(refused.is_none_or(|page| matches!(page.status, 414 | 431)), "64 KiB is no query");
    assert!(world.asked().is_empty());
}

/// S8.
#[tokio::test]
async fn the_code_is_redeemed_by_one_post_with_everything_in_its_body() {
    for version in VERSIONS {
        let world = World::start(version).await;
        let mut browser = world.browser();
        let callback = browser.callback_of("/login", "dev").await;
        world.forget_asked();
        let page = browser.get(&callback).await;
        let [request] = &token_requests(&world)[..] else { panic!("{:?}", world.asked()) };
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/oauth/token"));
        assert_eq!(field(request, "client_id").as_deref(), Some("cockpit-oauth-client"));
        assert_eq!(field(request, "client_secret").as_deref(), Some(world.demo.oauth_client_secret()));
        assert_eq!(field(request, "redirect_uri"), Some(format!("{}/oauth/callback", world.origin())));
        let verifier = field(request, "code_verifier").unwrap();
        assert!(verifier.len() >= 43);
        assert_eq!(request.headers["accept"], "application/json");
        assert!(!request.headers.contains_key("authorization") && !request.headers.contains_key("cookie"));
        assert!(!format!("{:?}{}", page.headers, page.text).contains(&verifier));
    }
}

/// S8: whatever the token endpoint says, its words stay out of page and log.
#[tokio::test]
async fn a_token_answer_of_no_use_is_a_page_of_its_own_and_its_body_is_not_logged() {
    let marker = "MARKED-BODY";
    let long = format!("{{\"access_token\":\"{marker}\",\"token_type\":\"Bearer\",\"x\":\"{}\"}}", "x".repeat(64 << 10));
    let answers = [
        (StatusCode::OK, long.clone(), "application/json"),
        (StatusCode::OK, format!("<p>{marker}"), "text/html"),
        (StatusCode::OK, format!("{{\"token_type\":\"Bearer\",\"x\":\"{marker}\"}}"), "application/json"),
        (StatusCode::OK, format!("{{\"access_token\":\"{marker}\",\"expires_in\":-1,\"token_type\":\"Bearer\"}}"), "application/json"),
        (StatusCode::INTERNAL_SERVER_ERROR, marker.to_owned(), "text/plain"),
        (StatusCode::BAD_REQUEST, format!("{{\"error\":\"odd\",\"error_description\":\"{marker}\"}}"), "application/json"),
    ];
    let log = Log::start();
    let world = World::start(VERSIONS[1]).await;
    for (status, body, content_type) in answers {
        let mut browser = world.browser();
        let callback = browser.callback_of("/login", "dev").await;
        world.fail(Upstream::Oauth, Fault::Status(status, Bytes::from(body.clone()), content_type));
        let page = browser.get(&callback).await;
        world.fail(Upstream::Oauth, Fault::None);
        assert_eq!(page.status, 502, "{body:.60}");
        assert_eq!(page.text_of("h1"), "Signing in did not work");
        assert!(page.text_of("main").contains("The OAuth server answered something that this console cannot use."));
        assert!(!page.text.contains(marker) && browser.cookie("__Host-registry-console").is_none());
    }
    assert!(log.text().contains("could not be redeemed"), "the failure itself is logged: {}", log.text());
    assert!(!log.text().contains(marker), "{}", log.text());
}

/// S8: the codes of RFC 6749 that have words of their own.
#[tokio::test]
async fn a_wrong_client_secret_and_an_expired_code_are_told_apart() {
    for version in VERSIONS {
        let world = World::configured(version, |config| config.oauth.client_secret = "wrong".into()).await;
        let mut browser = world.browser();
        let callback = browser.callback_of("/login", "dev").await;
        let page = browser.get(&callback).await;
        assert_eq!(page.status, 502);
        assert!(page.text_of("main").contains("OPENSHIFT_OAUTH_CLIENT_SECRET"), "{}", page.text_of("main"));
        assert!(!page.text.contains("wrong\""));
    }
    let world = World::start(VERSIONS[1]).await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    world.advance(TimeDelta::minutes(6));
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 502);
    assert!(page.text_of("main").contains("had expired"), "{}", page.text_of("main"));
}

/// S9.
#[tokio::test]
async fn a_session_lasts_as_long_as_its_token_and_a_day_at_the_most() {
    for (expires_in, seconds) in [(json!(3600), 3600), (json!(0), 86_400), (json!(1_000_000_000_000_u64), 86_400), (json!(null), 86_400)] {
        let world = World::start(VERSIONS[1]).await;
        let mut browser = world.browser();
        let callback = browser.callback_of("/login", "dev").await;
        let token = json!({"access_token": "TOKEN-dev", "expires_in": expires_in, "token_type": "Bearer"});
        world.fail(Upstream::Oauth, Fault::Status(StatusCode::OK, token.to_string().into(), "application/json"));
        assert_eq!(browser.get(&callback).await.location(), "/");
        world.advance(TimeDelta::seconds(seconds - 1));
        assert!(browser.get("/signed-out").await.texts(".rc-menu__name").contains(&"dev".to_owned()), "{expires_in}");
        world.advance(TimeDelta::seconds(1));
        world.forget_asked();
        assert_eq!(browser.get("/projects").await.location(), "/login?next=%2Fprojects", "{expires_in}");
        assert!(world.asked().is_empty());
    }
}
