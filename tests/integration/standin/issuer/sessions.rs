//! Refresh tokens, the session of the browser, and logout.

use openshift_standin::issuer::RefreshTokenPolicy;
use serde_json::{Value, json};

use super::{CONSOLE, OidcCluster, claims_of, query_of, value_of};

const INVALID_GRANT: (u16, &str) = (400, "invalid_grant");

fn error_of((status, body): &(u16, Value)) -> (u16, &str) {
    (*status, body["error"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn refreshed_id_token_is_of_same_sign_in() {
    let mut cluster = OidcCluster::start().await;
    let first = cluster.sign_in().await;
    cluster.clock.advance(chrono::TimeDelta::minutes(50));
    let (status, second) = cluster.refresh(&first["refresh_token"]).await;
    assert_eq!(status, 200, "{second}");
    let (before, after) = (
        claims_of(&first["id_token"]),
        claims_of(&second["id_token"]),
    );
    for claim in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert_eq!(after["exp"], before["exp"].as_i64().unwrap() + 50 * 60);
    assert_eq!(after["nonce"], Value::Null);
}

#[tokio::test]
async fn reused_refresh_token_revokes_its_family() {
    let mut cluster = OidcCluster::start().await;
    let first = cluster.sign_in().await;
    let other_family = cluster.sign_in_again().await;
    let (_, second) = cluster.refresh(&first["refresh_token"]).await;
    let again = cluster.refresh(&first["refresh_token"]).await;
    assert_eq!(error_of(&again), INVALID_GRANT);
    let newest = cluster.refresh(&second["refresh_token"]).await;
    assert_eq!(error_of(&newest), INVALID_GRANT);
    assert_eq!(cluster.refresh(&other_family["refresh_token"]).await.0, 200);
}

#[tokio::test]
async fn reused_code_revokes_its_tokens() {
    let mut cluster = OidcCluster::start().await;
    let code = cluster.code().await;
    let (_, tokens) = cluster.redeem(&code).await;
    assert_eq!(error_of(&cluster.redeem(&code).await), INVALID_GRANT);
    let refreshed = cluster.refresh(&tokens["refresh_token"]).await;
    assert_eq!(error_of(&refreshed), INVALID_GRANT);
}

#[tokio::test]
async fn refresh_cannot_widen_scope() {
    let mut cluster = OidcCluster::start().await;
    let tokens = cluster.sign_in().await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
    fields.push(("scope", "openid email"));
    let refused = cluster.request_tokens(&fields).await;
    assert_eq!(error_of(&refused), (400, "invalid_scope"));
    assert_eq!(cluster.refresh(&tokens["refresh_token"]).await.0, 200);
}

#[tokio::test]
async fn refresh_tokens_follow_policy() {
    let mut cluster = OidcCluster::start().await;
    for (policy, is_issued) in [
        (RefreshTokenPolicy::WithOfflineAccess, true),
        (RefreshTokenPolicy::Always, true),
        (RefreshTokenPolicy::Never, false),
    ] {
        cluster
            .issuer()
            .change_settings(|settings| settings.refresh_tokens = policy);
        let tokens = if is_issued && policy == RefreshTokenPolicy::WithOfflineAccess {
            cluster.sign_in().await
        } else {
            cluster.sign_in_again().await
        };
        assert_eq!(tokens["refresh_token"].is_string(), is_issued, "{policy:?}");
    }
}

#[tokio::test]
async fn session_of_browser_needs_no_password() {
    let mut cluster = OidcCluster::start().await;
    cluster.sign_in().await;
    let silent = cluster.authentication_url(&[("prompt", "none")]);
    let back = cluster.open(&silent).await.location();
    assert!(!value_of(&query_of(&back), "code").is_empty());
    let again = cluster.authentication_url(&[("prompt", "login")]);
    let form = cluster.open(&again).await.location();
    assert!(form.starts_with("/oidc/login?"), "{form}");
    let url = cluster.authentication_url(&[("prompt", "login")]);
    let back = cluster.browser.authorize(&url, "dev").await;
    assert!(back.starts_with("/oauth/callback?code="), "{back}");
}

#[tokio::test]
async fn end_session_ends_browser_session_and_refresh_tokens() {
    let mut cluster = OidcCluster::start().await;
    let tokens = cluster.sign_in().await;
    // The token may have expired by then.
    cluster.clock.advance(chrono::TimeDelta::hours(2));
    let back = format!("{CONSOLE}/oauth/callback/signed-out");
    let url = cluster.end_session_url(&[
        ("id_token_hint", tokens["id_token"].as_str().unwrap()),
        ("post_logout_redirect_uri", &back),
        ("state", "s-1"),
    ]);
    assert_eq!(
        cluster.open(&url).await.location(),
        format!("{back}?state=s-1")
    );
    let refreshed = cluster.refresh(&tokens["refresh_token"]).await;
    assert_eq!(error_of(&refreshed), INVALID_GRANT);
    let silent = cluster.authentication_url(&[("prompt", "none")]);
    let silent = query_of(&cluster.open(&silent).await.location());
    assert_eq!(value_of(&silent, "error"), "login_required");
}

#[tokio::test]
async fn logout_redirects_only_to_registered_addresses() {
    let mut cluster = OidcCluster::start().await;
    let tokens = cluster.sign_in().await;
    let hint = tokens["id_token"].as_str().unwrap().to_owned();
    let registered = format!("{CONSOLE}/oauth/callback/signed-out");
    for (parameters, status) in [
        (
            vec![
                ("id_token_hint", hint.as_str()),
                ("post_logout_redirect_uri", CONSOLE),
            ],
            400,
        ),
        (vec![("post_logout_redirect_uri", registered.as_str())], 400),
        (
            vec![
                ("id_token_hint", "e30.e30.AAAA"),
                ("post_logout_redirect_uri", &registered),
            ],
            400,
        ),
        (
            vec![
                ("client_id", "another"),
                ("post_logout_redirect_uri", &registered),
            ],
            400,
        ),
        (
            vec![
                ("client_id", "registry-console"),
                ("post_logout_redirect_uri", &registered),
            ],
            302,
        ),
        (vec![("id_token_hint", &hint)], 200),
    ] {
        let url = cluster.end_session_url(&parameters);
        assert_eq!(cluster.open(&url).await.status, status, "{parameters:?}");
    }
}

/// Some issuers refuse what RP-Initiated Logout only recommends against.
#[tokio::test]
async fn issuer_can_require_an_id_token_to_end_a_session() {
    let mut cluster = OidcCluster::start().await;
    let tokens = cluster.sign_in().await;
    cluster
        .issuer()
        .change_settings(|settings| settings.requires_id_token_hint = true);
    let back = format!("{CONSOLE}/oauth/callback/signed-out");
    let mut parameters = vec![
        ("client_id", "registry-console"),
        ("post_logout_redirect_uri", &*back),
    ];
    let url = cluster.end_session_url(&parameters);
    assert_eq!(cluster.open(&url).await.status, 400);
    parameters.push(("id_token_hint", tokens["id_token"].as_str().unwrap()));
    let url = cluster.end_session_url(&parameters);
    assert_eq!(cluster.open(&url).await.status, 302);
}

impl OidcCluster {
    fn end_session_url(&self, parameters: &[(&str, &str)]) -> String {
        let query = serde_urlencoded::to_string(parameters).unwrap();
        self.at_issuer(&format!("/end-session?{query}"))
    }

    /// The tokens of another authorization in the session of the browser.
    async fn sign_in_again(&mut self) -> Value {
        let url = self.authentication_url(&[]);
        let back = self.open(&url).await.location();
        let (status, tokens) = self.redeem(&value_of(&query_of(&back), "code")).await;
        assert_eq!((status, &tokens["token_type"]), (200, &json!("Bearer")));
        tokens
    }
}
