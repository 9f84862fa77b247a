//! Providers that refuse or do what they must not, and what the pages say about it.

use bytes::Bytes;
use chrono::TimeDelta;
use http::StatusCode;
use openshift_standin::cluster::{ClaimMappings, TrustedIssuer, Version};
use openshift_standin::faults::{Endpoint, Fault};
use openshift_standin::issuer::IssuerFault;
use registry_console::config::SignInSettings;

use super::{replica, session_parts, token_requests, world};
use crate::harness::tls_server::TestAuthority;
use crate::harness::{Log, Page, World};

/// The page after signing in as `dev`, who did not get a session.
async fn refused(world: &World) -> Page {
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let page = browser.get(&callback).await;
    assert_eq!(session_parts(&browser), 0, "{}", page.text);
    page
}

#[tokio::test]
async fn id_token_that_is_not_valid_begins_no_session() {
    let log = Log::start();
    let world = world().await;
    for (fault, text, reason) in [
        (IssuerFault::WrongIssuer, "another issuer", "another issuer"),
        (
            IssuerFault::WrongAudience,
            "another client",
            "another client",
        ),
        (
            IssuerFault::WrongNonce,
            "another sign-in",
            "another sign-in",
        ),
        (IssuerFault::ExpiredIdToken, "clocks", "expired"),
        (IssuerFault::WrongSignature, "signature", "signature"),
        (
            IssuerFault::Unsigned,
            "not signed with a public key",
            "public key",
        ),
        (IssuerFault::NoIdToken, "no ID token", "no ID token"),
        (IssuerFault::UnreadableClaims, "cannot be read", "be read"),
    ] {
        world
            .issuer()
            .change_settings(|settings| settings.fault = Some(fault));
        let page = refused(&world).await;
        assert_eq!(page.status, 502, "{fault:?}: {}", page.text);
        assert!(page.text.contains(text), "{fault:?}: {}", page.text);
        assert!(log.text().contains(reason), "{fault:?}");
    }
    world
        .issuer()
        .change_settings(|settings| settings.fault = None);
    world.signed_in("dev").await;
}

/// Claims that are not used.
#[tokio::test]
async fn claims_of_other_types_do_not_prevent_a_sign_in() {
    let world = world().await;
    world
        .issuer()
        .change_settings(|settings| settings.fault = Some(IssuerFault::ClaimsOfOtherTypes));
    world.signed_in("dev").await;
}

#[tokio::test]
async fn provider_that_describes_itself_wrongly_is_reported() {
    for (fault, text) in [
        (IssuerFault::OtherIssuerInDiscovery, "names another issuer"),
        (IssuerFault::NoKeys, "signing keys"),
    ] {
        let world = world().await;
        world
            .issuer()
            .change_settings(|settings| settings.fault = Some(fault));
        let replica = replica(&world).await;
        let page = replica.browser().get("/login?next=%2Fprojects").await;
        assert_eq!(page.status, 502, "{fault:?}: {}", page.text);
        assert!(page.text.contains(text), "{fault:?}: {}", page.text);
        assert!(!page.select("a[href='/login?next=%2Fprojects']").is_empty());
    }
}

#[tokio::test]
async fn provider_out_of_reach_is_reported() {
    for (fault, status, text) in [
        (Fault::Refuse, 503, "cannot be reached"),
        (
            Fault::Status(StatusCode::BAD_GATEWAY, Bytes::new(), "text/html"),
            502,
            "returned 502",
        ),
    ] {
        let world = world().await;
        world.fail(Endpoint::Issuer, fault);
        let page = replica(&world).await.browser().get("/login").await;
        assert_eq!(page.status, status, "{}", page.text);
        assert!(page.text.contains(text), "{}", page.text);
    }
}

/// S47.
#[tokio::test]
async fn certificate_of_the_provider_that_is_not_trusted_is_reported() {
    let world = World::builder(Version::V4)
        .oidc()
        .settings(|config| {
            let SignInSettings::Oidc(oidc) = &mut config.sign_in else {
                panic!("OIDC")
            };
            oidc.trust = TestAuthority::new("stranger").trust();
        })
        .start()
        .await;
    let page = world.browser().get("/login").await;
    assert_eq!(page.status, 502, "{}", page.text);
    assert!(page.text.contains("OIDC_CA_FILE"), "{}", page.text);
}

/// The error page for a wrong secret names the settings, not the secret.
#[tokio::test]
async fn wrong_client_secret_is_reported() {
    let world = World::builder(Version::V4)
        .oidc()
        .settings(|config| {
            let SignInSettings::Oidc(oidc) = &mut config.sign_in else {
                panic!("OIDC")
            };
            oidc.client_secret = "very-wrong".into();
        })
        .start()
        .await;
    let page = refused(&world).await;
    assert_eq!(page.status, 502, "{}", page.text);
    assert!(page.text.contains("OIDC_CLIENT_SECRET"), "{}", page.text);
    assert!(!page.text.contains("very-wrong"));
}

/// The discovery document has both ways to send a secret, and the client is registered for the
/// default, Basic.
#[tokio::test]
async fn secret_is_sent_in_the_way_that_the_provider_accepts() {
    let world = world().await;
    world
        .issuer()
        .change_settings(|settings| settings.requires_basic_authentication = true);
    let mut browser = world.signed_in("dev").await;
    assert_eq!(token_requests(&world), 2);
    // The way is known now.
    world.advance(TimeDelta::minutes(61));
    assert_eq!(browser.get("/projects").await.status, 200);
    assert_eq!(token_requests(&world), 3);
}

/// The provider signed the user in, and the API server knows nothing of it.
#[tokio::test]
async fn token_that_the_api_server_refuses_says_what_to_compare() {
    let world = world().await;
    world.demo.cluster().trust_issuer(TrustedIssuer {
        url: world.issuer().url().to_owned(),
        audiences: vec!["another-client".to_owned()],
        claims: ClaimMappings::default(),
    });
    let page = refused(&world).await;
    assert_eq!(page.status, 403, "{}", page.text);
    for part in [
        "does not accept its token",
        world.issuer().url(),
        "oc get authentication.config.openshift.io cluster -o yaml",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

/// RFC 9207: the answer of another provider.
#[tokio::test]
async fn callback_of_another_issuer_is_refused() {
    let world = world().await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let (own, other) = ("iss=https%3A%2F%2F", "iss=https%3A%2F%2Fevil.");
    assert!(callback.contains(own), "{callback}");
    let page = browser.get(&callback.replace(own, other)).await;
    assert_eq!(page.status, 400, "{}", page.text);
    assert_eq!(token_requests(&world), 0);
}

/// S6: the codes of the provider, with texts of the console's own.
#[tokio::test]
async fn error_of_the_provider_is_explained() {
    let world = world().await;
    for (code, status, text) in [
        ("access_denied", 403, "did not sign you in"),
        ("login_required", 403, "needs something from you"),
        ("consent_required", 403, "accept the request"),
        ("invalid_scope", 403, "scopes"),
        ("temporarily_unavailable", 503, "at the moment"),
        ("unauthorized_client", 502, "did not accept the request"),
        ("something-else", 502, "reports an error"),
    ] {
        let mut browser = world.browser();
        let login = browser.get("/login").await.location();
        let state = super::parameter(&login, "state").unwrap();
        let address = format!(
            "/oauth/callback?error={code}&error_description=%3Cb%3Efrom-the-address&state={state}"
        );
        let page = browser.get(&address).await;
        assert_eq!(page.status, status, "{code}: {}", page.text);
        assert!(page.text.contains(text), "{code}: {}", page.text);
        assert!(!page.text.contains("from-the-address"), "{code}");
    }
}
