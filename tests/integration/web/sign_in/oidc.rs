//! Signing in through an external OIDC provider, from the browser's side.

mod refusals;
mod renewal;

use chrono::TimeDelta;
use openshift_standin::cluster::Version;
use openshift_standin::faults::Endpoint;
use url::Url;

use crate::harness::console::{Console, share_session_key};
use crate::harness::{Browser, Log, World};

const SESSION_COOKIE: &str = "__Host-registry-console";

async fn world() -> World {
    World::builder(Version::V4)
        .oidc()
        .settings(share_session_key)
        .start()
        .await
}

/// One more console that opens the sessions of the first. It has not asked the provider for
/// anything.
async fn replica(world: &World) -> Console {
    world.replica().settings(share_session_key).start().await
}

fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).unwrap();
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// How many requests the token endpoint has received.
fn token_requests(world: &World) -> usize {
    let requests = world.demo.request_log().requests_to(Endpoint::Issuer);
    requests
        .iter()
        .filter(|request| request.path.ends_with("/token"))
        .count()
}

/// How many cookies the session takes.
fn session_parts(browser: &Browser) -> usize {
    let is_part = |name: &&&str| name.starts_with(SESSION_COOKIE);
    browser.cookie_names().iter().filter(is_part).count()
}

/// Signs in while the provider remembers the user.
async fn sign_in_again(browser: &mut Browser) {
    let authorize = browser.get("/login").await.location();
    let callback = browser.get(&authorize).await.location();
    let signed_in = browser.get(&callback).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text);
}

/// S1: a state, a nonce and a challenge, all of them new each time.
#[tokio::test]
async fn sign_in_starts_at_the_provider_with_pkce_and_nonce() {
    let world = world().await;
    let mut browser = world.browser();
    let first = browser.get("/login").await;
    assert_eq!(first.status, 303, "{}", first.text);
    let first = first.location();
    assert!(first.starts_with(world.issuer().url()), "{first}");
    let expected = [
        ("response_type", "code".to_owned()),
        ("code_challenge_method", "S256".to_owned()),
        ("client_id", world.issuer().client().id),
        ("redirect_uri", format!("{}/oauth/callback", world.origin())),
        ("scope", "openid profile email offline_access".to_owned()),
    ];
    for (name, value) in expected {
        assert_eq!(parameter(&first, name), Some(value), "{name}");
    }
    let second = browser.get("/login").await.location();
    for name in ["state", "nonce", "code_challenge"] {
        let (one, other) = (parameter(&first, name), parameter(&second, name));
        assert!(one.as_ref().is_some_and(|one| one.len() >= 43), "{name}");
        assert_ne!(one, other, "{name}");
    }
}

#[tokio::test]
async fn user_of_the_provider_signs_in_and_works() {
    let log = Log::start();
    let world = world().await;
    let mut browser = world.browser();
    let landed = browser.sign_in_from("/login?next=%2Fprojects", "dev").await;
    assert_eq!(landed, "/projects");
    let page = browser.get("/projects").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("team-a"), "{}", page.text);
    let images = browser.get("/images?project=team-a").await;
    assert_eq!(images.status, 200, "{}", images.text);
    assert!(browser.cookie("__Host-login").is_none());
    let token = world.issuer().issue_id_token("dev");
    let written = log.text();
    assert!(written.contains("sign-in"), "{written}");
    let header = token.split('.').next().unwrap();
    assert!(!written.contains(header), "an ID token is logged");
    assert!(!page.text.contains(header) && !images.text.contains(header));
}

/// The cluster has no `user.openshift.io`: nothing leads to its pages, and they say why.
#[tokio::test]
async fn users_and_groups_are_not_linked_to() {
    let world = world().await;
    let mut admin = world.signed_in("root").await;
    let home = admin.get("/").await;
    assert!(home.select("a[href^='/users']").is_empty(), "{}", home.text);
    let users = admin.get("/users").await;
    assert_eq!(users.status, 501, "{}", users.text);
    assert!(
        users.text.contains("external identity provider"),
        "{}",
        users.text
    );
}

#[tokio::test]
async fn large_id_token_takes_several_cookies() {
    let world = world().await;
    for groups in [80, 200] {
        world
            .issuer()
            .change_settings(|settings| settings.additional_groups = groups);
        let mut browser = world.signed_in("dev").await;
        let parts = session_parts(&browser);
        assert!((2..=5).contains(&parts), "{groups}: {parts}");
        assert_eq!(browser.get("/projects").await.status, 200, "{groups}");
        // A smaller session removes the parts that it does not need.
        world
            .issuer()
            .change_settings(|settings| settings.additional_groups = 0);
        sign_in_again(&mut browser).await;
        assert!(session_parts(&browser) < parts, "{groups}");
        assert_eq!(browser.get("/projects").await.status, 200, "{groups}");
        let signed_out = browser.sign_out().await;
        assert_eq!(signed_out.status, 303);
        assert_eq!(session_parts(&browser), 0, "{groups}");
    }
}

#[tokio::test]
async fn too_large_id_token_says_what_to_do() {
    let world = world().await;
    world
        .issuer()
        .change_settings(|settings| settings.additional_groups = 2_000);
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 502, "{}", page.text);
    assert!(page.text.contains("limit the groups"), "{}", page.text);
    assert_eq!(session_parts(&browser), 0);
}

/// S16: here and at the provider; a copy of the cookies is of no use.
#[tokio::test]
async fn sign_out_ends_the_session_and_leads_to_the_provider() {
    let world = world().await;
    let mut browser = world.signed_in("dev").await;
    let mut copy = browser.clone();
    let signed_out = browser.sign_out().await;
    let page = browser.get(&signed_out.location()).await;
    assert!(page.text.contains("cannot be revoked"), "{}", page.text);
    let end = page.attribute("#rc-end-provider-session", "href");
    assert_eq!(
        parameter(&end, "client_id"),
        Some(world.issuer().client().id)
    );
    assert_eq!(
        parameter(&end, "post_logout_redirect_uri"),
        Some(format!("{}/oauth/callback/signed-out", world.origin()))
    );
    assert_eq!(parameter(&end, "id_token_hint"), None, "a bearer token");
    let address = browser.get(&end).await.location();
    assert!(address.starts_with(&world.origin()), "{address}");
    let back = browser.get(&address).await;
    let last = browser.get(&back.location()).await;
    assert_eq!(last.status, 200);
    assert!(last.select("#rc-end-provider-session").is_empty());
    assert!(last.text.contains("cannot be revoked"), "{}", last.text);
    assert_eq!(copy.get("/projects").await.status, 303);
}

/// Signing out of a provider that demands the ID token, which the settings allow.
#[tokio::test]
async fn sign_out_gives_the_provider_the_id_token_if_the_settings_allow_it() {
    let world = World::builder(Version::V4)
        .oidc()
        .settings(|config| config.sign_in.oidc_mut().unwrap().sends_id_token_hint = true)
        .start()
        .await;
    world
        .issuer()
        .change_settings(|settings| settings.requires_id_token_hint = true);
    let mut browser = world.signed_in("dev").await;
    let mut copy = browser.clone();
    let page = browser.sign_out().await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(session_parts(&browser), 0);
    assert!(page.select("form[action='/logout']").is_empty());
    assert!(page.text.contains("cannot be revoked"), "{}", page.text);
    let end = page.attribute("#rc-end-provider-session", "href");
    assert!(parameter(&end, "id_token_hint").is_some(), "{end}");
    let address = browser.get(&end).await.location();
    let last = browser.get(&address).await.location();
    assert!(last.starts_with("/signed-out?until="), "{last}");
    assert_eq!(copy.get("/projects").await.status, 303);
}

/// An address of that length would be refused: signing out then works as without the setting.
#[tokio::test]
async fn id_token_that_no_address_can_contain_is_not_sent() {
    let world = World::builder(Version::V4)
        .oidc()
        .settings(|config| config.sign_in.oidc_mut().unwrap().sends_id_token_hint = true)
        .start()
        .await;
    world
        .issuer()
        .change_settings(|settings| settings.additional_groups = 200);
    let mut browser = world.signed_in("dev").await;
    let signed_out = browser.sign_out().await.location();
    let page = browser.get(&signed_out).await;
    let end = page.attribute("#rc-end-provider-session", "href");
    assert_eq!(parameter(&end, "id_token_hint"), None);
}

/// The API with a bearer token, and the page with the user's own.
#[tokio::test]
async fn id_token_is_a_bearer_token() {
    let world = world().await;
    let token = world.issuer().issue_id_token("dev");
    let answer = world.browser().json_with_token("/projects", &token).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let refused = world
        .browser()
        .json_with_token("/projects", "no-token")
        .await;
    assert_eq!(refused.status, 401);
    let mut browser = world.signed_in("dev").await;
    let csrf = browser.csrf().await;
    let page = browser
        .post_form("/connect/token", &[("csrf", &csrf)])
        .await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("Signing out does not revoke it"),
        "{}",
        page.text
    );
    world.advance(TimeDelta::hours(2));
    let expired = world.browser().json_with_token("/projects", &token).await;
    assert_eq!(expired.status, 401);
}

#[tokio::test]
async fn any_replica_opens_a_session_in_parts() {
    let world = world().await;
    world
        .issuer()
        .change_settings(|settings| settings.additional_groups = 100);
    let browser = world.signed_in("dev").await;
    assert!(session_parts(&browser) > 1);
    let replica = replica(&world).await;
    let mut moved = browser.moved_to(replica.url());
    assert_eq!(moved.get("/projects").await.status, 200);
}
