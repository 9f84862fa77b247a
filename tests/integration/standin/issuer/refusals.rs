//! What the issuer refuses, and with which error.

use openshift_standin::OIDC_CLIENT_ID;
use serde_json::Value;

use super::{CONSOLE, OidcCluster, VERIFIER, query_of, value_of};

/// Nothing is sent to an address that is not registered.
#[tokio::test]
async fn request_of_unknown_client_or_redirect_uri_is_not_redirected() {
    let mut cluster = OidcCluster::start().await;
    for change in [
        ("client_id", "another"),
        ("client_id", ""),
        (
            "redirect_uri",
            "https://console.example.com/oauth/callback/",
        ),
        (
            "redirect_uri",
            "https://console.example.com/oauth/callback?x=1",
        ),
        ("redirect_uri", "https://console.example.com/oauth"),
        ("redirect_uri", ""),
    ] {
        let url = cluster.authentication_url(&[change]);
        let page = cluster.open(&url).await;
        assert_eq!(page.status, 400, "{change:?}: {}", page.text);
    }
    let twice = cluster.authentication_url(&[]) + "&client_id=again";
    assert_eq!(cluster.open(&twice).await.status, 400);
}

#[tokio::test]
async fn invalid_authentication_requests_are_refused_with_their_error() {
    let mut cluster = OidcCluster::start().await;
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (
            ("response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (("response_type", ""), "invalid_request"),
        (("response_mode", "fragment"), "invalid_request"),
        (("scope", "profile"), "invalid_scope"),
        (("scope", ""), "invalid_scope"),
        (("scope", "openid user:full"), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("request", "eyJ"), "request_not_supported"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "none"), "login_required"),
    ] {
        let url = cluster.authentication_url(&[change]);
        let back = cluster.open(&url).await.location();
        assert!(
            back.starts_with(&format!("{CONSOLE}/oauth/callback?")),
            "{back}"
        );
        let query = query_of(&back);
        assert_eq!(value_of(&query, "error"), error, "{change:?}");
        assert_eq!(value_of(&query, "state"), "abc", "{change:?}");
    }
}

#[tokio::test]
async fn canceled_sign_in_is_access_denied() {
    let mut cluster = OidcCluster::start().await;
    let login = cluster.open(&cluster.authentication_url(&[])).await;
    let login = format!("{}{}", origin(&cluster), login.location());
    let form = cluster.open(&login).await;
    let mut fields = form.hidden_fields("form[method=post]");
    fields.push(("cancel".to_owned(), "true".to_owned()));
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let request = cluster.browser.form(&cluster.at_issuer("/login"), &fields);
    let query = query_of(&cluster.browser.send(request).await.location());
    assert_eq!(value_of(&query, "error"), "access_denied");
    assert_eq!(value_of(&query, "state"), "abc");
}

fn origin(cluster: &OidcCluster) -> String {
    let url = url::Url::parse(cluster.issuer().url()).unwrap();
    url.origin().ascii_serialization()
}

/// Each case has a code of its own, as a code can be used once.
#[tokio::test]
async fn invalid_token_requests_are_refused_with_their_error() {
    let mut cluster = OidcCluster::start().await;
    let callback = format!("{CONSOLE}/oauth/callback");
    let secret = cluster.secret();
    for (changes, status, error) in [
        (&[("grant_type", "")][..], 400, "invalid_request"),
        (&[("grant_type", "password")], 400, "unsupported_grant_type"),
        (&[("grant_type", "refresh_token")], 400, "invalid_request"),
        (&[("code", "")], 400, "invalid_request"),
        (&[("code", "unknown")], 400, "invalid_grant"),
        (
            &[("redirect_uri", "https://console.example.com/")],
            400,
            "invalid_grant",
        ),
        (&[("redirect_uri", "")], 400, "invalid_grant"),
        (
            &[(
                "code_verifier",
                "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
            )],
            400,
            "invalid_grant",
        ),
        (&[("code_verifier", "")], 400, "invalid_grant"),
        (&[("client_secret", "wrong")], 401, "invalid_client"),
        (&[("client_secret", "")], 401, "invalid_client"),
        (&[("client_id", "another")], 401, "invalid_client"),
    ] {
        let code = cluster.code().await;
        let mut form = vec![
            ("client_id", OIDC_CLIENT_ID),
            ("client_secret", &secret),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &callback),
            ("code_verifier", VERIFIER),
        ];
        form.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        form.extend(changes);
        form.retain(|(_, value)| !value.is_empty());
        let request = cluster.browser.form(&cluster.at_issuer("/token"), &form);
        let (answered, body) = cluster.send_for_json(request).await;
        assert_eq!(
            (answered, &body["error"]),
            (status, &Value::from(error)),
            "{changes:?}"
        );
    }
}

#[tokio::test]
async fn expired_code_is_invalid() {
    let mut cluster = OidcCluster::start().await;
    let code = cluster.code().await;
    cluster.clock.advance(chrono::TimeDelta::minutes(1));
    let (status, body) = cluster.redeem(&code).await;
    assert_eq!(
        (status, &body["error"]),
        (400, &Value::from("invalid_grant"))
    );
}

#[tokio::test]
async fn client_can_use_basic_authentication_but_not_both_ways() {
    let mut cluster = OidcCluster::start().await;
    let secret = cluster.secret();
    let callback = format!("{CONSOLE}/oauth/callback");
    for (more, status, error) in [
        (None, 200, Value::Null),
        (
            Some(("client_secret", secret.as_str())),
            400,
            "invalid_request".into(),
        ),
    ] {
        let code = cluster.code().await;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &callback),
            ("code_verifier", VERIFIER),
        ];
        form.extend(more);
        let request = cluster
            .browser
            .form(&cluster.at_issuer("/token"), &form)
            .basic_auth(OIDC_CLIENT_ID, Some(&secret));
        let (answered, body) = cluster.send_for_json(request).await;
        assert_eq!((answered, &body["error"]), (status, &error), "{body}");
    }
    let request = cluster
        .browser
        .form(
            &cluster.at_issuer("/token"),
            &[("grant_type", "refresh_token")],
        )
        .basic_auth(OIDC_CLIENT_ID, Some("wrong"));
    let page = cluster.browser.send(request).await;
    assert_eq!(page.status, 401);
    assert!(page.header("www-authenticate").starts_with("Basic "));
}

#[tokio::test]
async fn public_client_has_no_secret() {
    let mut cluster = OidcCluster::start().await;
    let mut client = cluster.issuer().client();
    client.secret = None;
    cluster.issuer().register_client(client);
    let callback = format!("{CONSOLE}/oauth/callback");
    for (more, status) in [(None, 200), (Some(("client_secret", "any")), 401)] {
        let code = cluster.code().await;
        let mut form = vec![
            ("client_id", OIDC_CLIENT_ID),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &callback),
            ("code_verifier", VERIFIER),
        ];
        form.extend(more);
        let request = cluster.browser.form(&cluster.at_issuer("/token"), &form);
        assert_eq!(cluster.send_for_json(request).await.0, status);
    }
}
