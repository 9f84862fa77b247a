//! The embedded OIDC issuer: it keeps the rules of OpenID Connect, and refuses with its errors.

pub(crate) mod refusals;
pub(crate) mod sessions;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta};
use openshift_standin::cluster::{ClaimMappings, Version};
use openshift_standin::issuer::Issuer;
use openshift_standin::{IdentityProvider, OIDC_CLIENT_ID, Standin, StandinOptions};
use registry_model::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::harness::seeded_standin::SeededStandin;
use crate::harness::{Browser, Page};

const VERIFIER: &str = "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv";
const CONSOLE: &str = "https://console.example.com";

/// A cluster with an issuer, and a browser that can sign in there.
pub(crate) struct OidcCluster {
    pub(crate) demo: Standin,
    pub(crate) clock: Clock,
    pub(crate) browser: Browser,
}

impl OidcCluster {
    pub(crate) async fn start() -> Self {
        Self::start_with(ClaimMappings::default()).await
    }

    pub(crate) async fn start_with(claims: ClaimMappings) -> Self {
        let clock = Clock::fixed_at(DateTime::from_timestamp(1_767_348_000, 0).unwrap());
        let options = StandinOptions {
            version: Version::V4,
            clock: clock.clone(),
            identity_provider: IdentityProvider::EmbeddedIssuer(claims),
            ..StandinOptions::default()
        };
        let demo = SeededStandin::start_with(options).await.demo;
        demo.register_console(&[CONSOLE]);
        let browser = Browser::new(&Url::parse(CONSOLE).unwrap());
        Self {
            demo,
            clock,
            browser,
        }
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        self.demo.issuer().unwrap()
    }

    fn secret(&self) -> String {
        self.issuer().client().secret.unwrap()
    }

    fn at_issuer(&self, path: &str) -> String {
        format!("{}{path}", self.issuer().url())
    }

    /// The address of an authentication request with these parameters changed; an empty one is left
    /// out.
    fn authentication_url(&self, changes: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let redirect_uri = format!("{CONSOLE}/oauth/callback");
        let mut parameters = vec![
            ("client_id", OIDC_CLIENT_ID),
            ("redirect_uri", &redirect_uri),
            ("response_type", "code"),
            ("scope", "openid offline_access"),
            ("state", "abc"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        parameters.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        parameters.extend(changes);
        parameters.retain(|(_, value)| !value.is_empty());
        let query = serde_urlencoded::to_string(parameters).unwrap();
        self.at_issuer(&format!("/authorize?{query}"))
    }

    async fn open(&mut self, url: &str) -> Page {
        let request = self.browser.request(Method::GET, url);
        self.browser.send(request).await
    }

    /// Signs in as `dev`, if nobody is signed in, and returns the query with which the console is called back.
    async fn callback(&mut self) -> Vec<(String, String)> {
        let url = self.authentication_url(&[]);
        let next = self.open(&url).await.location();
        if next.starts_with(CONSOLE) {
            // The issuer remembers the user of this browser.
            return query_of(&next);
        }
        let back = self.browser.authorize(&url, "dev").await;
        query_of(&format!("{CONSOLE}{back}"))
    }

    async fn code(&mut self) -> String {
        value_of(&self.callback().await, "code")
    }

    /// A token request with the secret in the form.
    async fn request_tokens(&mut self, fields: &[(&str, &str)]) -> (u16, Value) {
        let secret = self.secret();
        let mut form = vec![("client_id", OIDC_CLIENT_ID), ("client_secret", &secret)];
        form.extend(fields);
        let request = self.browser.form(&self.at_issuer("/token"), &form);
        self.send_for_json(request).await
    }

    async fn send_for_json(&mut self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let page = self.browser.send(request).await;
        (page.status, serde_json::from_str(&page.text).unwrap())
    }

    async fn redeem(&mut self, code: &str) -> (u16, Value) {
        let redirect_uri = format!("{CONSOLE}/oauth/callback");
        self.request_tokens(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    async fn refresh(&mut self, token: &Value) -> (u16, Value) {
        let token = token.as_str().unwrap();
        self.request_tokens(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    /// The tokens of a sign-in.
    async fn sign_in(&mut self) -> Value {
        let code = self.code().await;
        let (status, tokens) = self.redeem(&code).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    /// Who the API server says that a token's user is, with the status.
    pub(crate) async fn who_am_i(&mut self, token: &str) -> (u16, Value) {
        let url = format!(
            "{}/apis/authentication.k8s.io/v1/selfsubjectreviews",
            self.demo.urls().api_server
        );
        let review = json!({"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"});
        let request = self
            .browser
            .request(Method::POST, &url)
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body(review.to_string());
        self.send_for_json(request).await
    }
}

fn query_of(url: &str) -> Vec<(String, String)> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().into_owned().collect()
}

fn value_of(query: &[(String, String)], name: &str) -> String {
    let found = query.iter().find(|(known, _)| known == name);
    found
        .unwrap_or_else(|| panic!("{name} in {query:?}"))
        .1
        .clone()
}

fn claims_of(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn discovery_document_leads_to_endpoints_and_keys() {
    let mut cluster = OidcCluster::start().await;
    let url = cluster.at_issuer("/.well-known/openid-configuration");
    let document: Value = serde_json::from_str(&cluster.open(&url).await.text).unwrap();
    assert_eq!(document["issuer"], cluster.issuer().url());
    assert_eq!(
        document["code_challenge_methods_supported"],
        json!(["S256"])
    );
    let keys = document["jwks_uri"].as_str().unwrap();
    let keys: Value = serde_json::from_str(&cluster.open(keys).await.text).unwrap();
    assert_eq!(keys["keys"][0]["alg"], "ES256", "{keys}");
}

#[tokio::test]
async fn code_is_exchanged_for_id_token_of_user() {
    let mut cluster = OidcCluster::start().await;
    let query = cluster.callback().await;
    assert_eq!(value_of(&query, "state"), "abc");
    assert_eq!(value_of(&query, "iss"), cluster.issuer().url());
    let (status, tokens) = cluster.redeem(&value_of(&query, "code")).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = claims_of(&tokens["id_token"]);
    let now = cluster.clock.now().timestamp();
    for (claim, expected) in [
        ("iss", json!(cluster.issuer().url())),
        ("aud", json!(OIDC_CLIENT_ID)),
        ("nonce", json!("n-1")),
        ("preferred_username", json!("dev")),
        ("iat", json!(now)),
        ("exp", json!(now + 3600)),
    ] {
        assert_eq!(claims[claim], expected, "{claim}");
    }
    let hash = Sha256::digest(tokens["access_token"].as_str().unwrap());
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&hash[..16]));
    let (status, review) = cluster.who_am_i(tokens["id_token"].as_str().unwrap()).await;
    assert_eq!(
        (status, &review["status"]["userInfo"]["username"]),
        (201, &json!("dev"))
    );
    let user_info = cluster
        .browser
        .request(Method::GET, &cluster.at_issuer("/userinfo"))
        .bearer_auth(tokens["access_token"].as_str().unwrap());
    let (_, user) = cluster.send_for_json(user_info).await;
    assert_eq!(
        (&user["sub"], &user["email"]),
        (&claims["sub"], &json!("dev@example.com"))
    );
}

/// The earlier keys remain published, as at real issuers, until they are withdrawn.
#[tokio::test]
async fn tokens_of_withdrawn_keys_are_refused() {
    let mut cluster = OidcCluster::start().await;
    let early = cluster.issuer().issue_id_token("dev");
    cluster.issuer().rotate_keys();
    let late = cluster.issuer().issue_id_token("dev");
    assert_eq!(cluster.who_am_i(&early).await.0, 201);
    assert_eq!(cluster.who_am_i(&late).await.0, 201);
    cluster.issuer().withdraw_earlier_keys();
    assert_eq!(cluster.who_am_i(&early).await.0, 401);
    assert_eq!(cluster.who_am_i(&late).await.0, 201);
}

#[tokio::test]
async fn token_lifetime_can_be_changed() {
    let mut cluster = OidcCluster::start().await;
    cluster
        .issuer()
        .change_settings(|settings| settings.token_lifetime = TimeDelta::seconds(30));
    let tokens = cluster.sign_in().await;
    assert_eq!(tokens["expires_in"], 30);
    let token = tokens["id_token"].as_str().unwrap().to_owned();
    cluster.clock.advance(TimeDelta::seconds(30));
    assert_eq!(cluster.who_am_i(&token).await.0, 201);
    cluster.clock.advance(TimeDelta::seconds(1));
    assert_eq!(cluster.who_am_i(&token).await.0, 401);
}
