//! The renewal of sessions whose ID token expires before they do.

use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::future::join_all;
use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use openshift_standin::issuer::RefreshTokenPolicy;
use reqwest::Method;

use super::{SESSION_COOKIE, replica, token_requests, world};
use crate::harness::{Log, World};

/// A world whose ID tokens last an hour, of which 59 and a half minutes have passed since `dev`
/// signed in.
async fn world_before_expiry() -> (World, crate::harness::Browser) {
    let world = world().await;
    let browser = world.signed_in("dev").await;
    world.advance(TimeDelta::seconds(60 * 60 - 30));
    world.clear_requests();
    (world, browser)
}

#[tokio::test]
async fn token_is_renewed_before_it_expires() {
    let (world, mut browser) = world_before_expiry().await;
    let before = browser.cookie(SESSION_COOKIE).unwrap().to_owned();
    assert_eq!(browser.get("/projects").await.status, 200);
    assert_eq!(token_requests(&world), 1);
    assert_ne!(browser.cookie(SESSION_COOKIE), Some(&*before));
    // The new token lasts an hour again.
    world.advance(TimeDelta::minutes(50));
    assert_eq!(browser.get("/projects").await.status, 200);
    assert_eq!(token_requests(&world), 1);
    // Again and again, until the session ends.
    world.advance(TimeDelta::minutes(20));
    assert_eq!(browser.get("/projects").await.status, 200);
    assert_eq!(token_requests(&world), 2);
    world.advance(TimeDelta::hours(24));
    assert_eq!(browser.get("/projects").await.status, 303);
    assert_eq!(token_requests(&world), 2, "SESSION_MAX has passed");
}

/// The same refresh token, and a token that expires in the same second as the one before.
#[tokio::test]
async fn token_of_a_few_seconds_is_renewed_again_and_again() {
    let world = world().await;
    world.issuer().change_settings(|settings| {
        settings.token_lifetime = TimeDelta::seconds(4);
        settings.refresh_tokens = RefreshTokenPolicy::Reusable;
    });
    let mut browser = world.signed_in("dev").await;
    for _ in 0..3 {
        assert_eq!(browser.get("/projects").await.status, 200);
        world.advance(TimeDelta::seconds(5));
    }
    assert_eq!(browser.get("/projects").await.status, 200);
}

/// The provider accepts a refresh token once: a second use would end all sessions of the sign-in.
#[tokio::test]
async fn requests_of_one_browser_share_a_renewal() {
    let (world, browser) = world_before_expiry().await;
    let pages = ["/projects", "/images", "/connect", "/", "/search"];
    let at_once = pages.map(|path| {
        let mut same = browser.clone();
        async move { (same.get(path).await.status, same) }
    });
    let answers = join_all(at_once).await;
    assert!(answers.iter().all(|(status, _)| *status == 200));
    assert_eq!(token_requests(&world), 1);
    // A request that is late, with the old cookies.
    let mut late = browser.clone();
    assert_eq!(late.get("/projects").await.status, 200);
    assert_eq!(token_requests(&world), 1);
    // All of them got the new session.
    world.advance(TimeDelta::minutes(58));
    for (_, mut browser) in answers {
        assert_eq!(browser.get("/projects").await.status, 200);
    }
    assert_eq!(token_requests(&world), 1);
    world.advance(TimeDelta::minutes(2));
    assert_eq!(late.get("/projects").await.status, 200);
    assert_eq!(token_requests(&world), 2, "the rotated refresh token");
}

#[tokio::test]
async fn expired_token_is_renewed_without_signing_in() {
    let world = world().await;
    let mut browser = world.signed_in("dev").await;
    world.advance(TimeDelta::hours(3));
    assert_eq!(browser.get("/projects").await.status, 200);
}

/// A provider that sends no new refresh token accepts the old one again, also while the result of
/// its last use is shared with other requests.
#[tokio::test]
async fn refresh_token_that_the_provider_keeps_is_used_again() {
    let world = world().await;
    world
        .issuer()
        .change_settings(|settings| settings.refresh_tokens = RefreshTokenPolicy::Reusable);
    let mut browser = world.signed_in("dev").await;
    world.clear_requests();
    // Half a minute before the token expires, twice, and after it has.
    for (renewals, seconds) in [(1, 3_570), (2, 3_570), (3, 3_660)] {
        world.advance(TimeDelta::seconds(seconds));
        assert_eq!(browser.get("/projects").await.status, 200, "{renewals}");
        assert_eq!(token_requests(&world), renewals);
    }
}

/// Scripts load JSON and event streams: their responses carry the cookies as well.
#[tokio::test]
async fn response_that_is_no_page_sets_the_renewed_cookies() {
    let (world, mut browser) = world_before_expiry().await;
    let before = browser.cookie(SESSION_COOKIE).unwrap().to_owned();
    assert_eq!(browser.json("/projects").await.status, 200);
    assert_ne!(browser.cookie(SESSION_COOKIE), Some(&*before));
    assert_eq!(token_requests(&world), 1);
}

#[tokio::test]
async fn refused_renewal_ends_the_session_only_with_its_token() {
    let log = Log::start();
    let (world, mut browser) = world_before_expiry().await;
    world.issuer().end_sessions();
    assert_eq!(browser.get("/projects").await.status, 200, "still valid");
    assert_eq!(browser.get("/projects").await.status, 200);
    assert_eq!(token_requests(&world), 1, "not tried again");
    world.advance(TimeDelta::seconds(31));
    let page = browser.get("/projects?q=x").await;
    assert_eq!(page.status, 303);
    assert_eq!(page.location(), "/login?next=%2Fprojects%3Fq%3Dx");
    assert!(log.text().contains("renewal-failed"), "{}", log.text());
}

/// Another replica has renewed the session and used up its refresh token.
#[tokio::test]
async fn second_replica_keeps_the_session_while_its_token_is_valid() {
    let (world, mut browser) = world_before_expiry().await;
    let replica = replica(&world).await;
    let mut elsewhere = browser.clone().moved_to(replica.url());
    assert_eq!(browser.get("/projects").await.status, 200);
    assert_eq!(elsewhere.get("/projects").await.status, 200);
}

#[tokio::test]
async fn form_of_an_expired_session_is_kept() {
    let world = world().await;
    world
        .issuer()
        .change_settings(|settings| settings.refresh_tokens = RefreshTokenPolicy::Never);
    let mut browser = world.signed_in("dev").await;
    let csrf = browser.csrf().await;
    world.advance(TimeDelta::hours(2));
    let fields = [("csrf", csrf.as_str()), ("name", "typed-by-hand")];
    let page = browser.post_form("/new-project", &fields).await;
    assert_eq!(page.status, 401);
    assert!(page.text.contains("typed-by-hand"), "{}", page.text);
}

/// A form that was begun before the renewal still belongs to the session.
#[tokio::test]
async fn form_token_survives_a_renewal() {
    let (world, mut browser) = world_before_expiry().await;
    let csrf = browser.csrf().await;
    assert_eq!(browser.get("/projects").await.status, 200);
    let signed_out = browser.post_form("/logout", &[("csrf", &csrf)]).await;
    assert_eq!(signed_out.status, 303);
    assert!(browser.cookie(SESSION_COOKIE).is_none());
    assert_eq!(token_requests(&world), 1);
}

#[tokio::test]
async fn outage_of_the_provider_does_not_end_the_session() {
    let (world, mut browser) = world_before_expiry().await;
    let down = Fault::Status(StatusCode::SERVICE_UNAVAILABLE, Bytes::new(), "text/html");
    world.fail(Endpoint::Issuer, down);
    assert_eq!(browser.get("/projects").await.status, 200);
    world.advance(TimeDelta::minutes(1));
    assert_eq!(browser.get("/projects").await.status, 303, "expired");
    world.fail(Endpoint::Issuer, Fault::None);
    assert_eq!(browser.get("/projects").await.status, 200, "as before");
}

/// The provider replaced its keys: they are read again once.
#[tokio::test]
async fn new_key_of_the_provider_is_found() {
    let world = world().await;
    let mut browser = world.signed_in("dev").await;
    world.advance(TimeDelta::seconds(20));
    world.issuer().rotate_keys();
    world.issuer().withdraw_earlier_keys();
    let other = world.signed_in("viewer").await;
    assert!(other.cookie(SESSION_COOKIE).is_some());
    world.advance(TimeDelta::minutes(61));
    assert_eq!(browser.get("/projects").await.status, 200);
}

/// `SESSION_IDLE`: a renewal is no use of the session.
#[tokio::test]
async fn renewal_does_not_prolong_an_idle_session() {
    let world = World::builder(Version::V4)
        .oidc()
        .settings(|config| config.session.limits.idle_timeout = Some(TimeDelta::minutes(90)))
        .start()
        .await;
    let mut browser = world.signed_in("dev").await;
    world.advance(TimeDelta::minutes(60));
    let script = browser
        .request(Method::GET, "/projects")
        .header("sec-fetch-dest", "empty");
    assert_eq!(browser.send(script).await.status, 200);
    world.advance(TimeDelta::minutes(31));
    assert_eq!(browser.get("/projects").await.status, 303);
}
