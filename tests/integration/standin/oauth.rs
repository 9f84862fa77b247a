//! The embedded OAuth server: answers as the recorded ones, and keeps the rules of codes,
//! challenges and sessions.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta};
use openshift_standin::OAUTH_CLIENT_ID;
use openshift_standin::cluster::{RegisteredOauthClient, Version};
use openshift_standin::faults::Endpoint;
use registry_model::Clock;
use reqwest::Response;
use rstest::rstest;
use scraper::{Html, Selector};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::harness::seeded_standin::{RecordedExchange, SeededStandin, recorded};

const VERIFIER: &str = "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv";
/// Of the recorded client.
const SECRET: &str = "user-secret-0123456789";

fn console(version: Version) -> &'static str {
    match version {
        Version::V3_9 => "https://registry-console-default.example.com",
        Version::V4 => "https://127.0.0.1:9090",
    }
}

/// A browser: it keeps cookies.
struct Browser<'a> {
    world: &'a SeededStandin,
    cookies: std::collections::BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    fn new(world: &'a SeededStandin) -> Self {
        Self {
            world,
            cookies: std::collections::BTreeMap::new(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.world.demo.urls().oauth)
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Response {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                assert!(
                    rest.contains("HttpOnly") && rest.contains("Secure"),
                    "{name}"
                );
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    async fn get(&mut self, path: &str) -> Response {
        let request = self.world.client.get(self.url(path));
        self.send(request).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = with_form(self.world.client.post(self.url(path)), form);
        self.send(request).await
    }

    /// Fills in the form that `path` leads to, and says where that leads.
    async fn sign_in(&mut self, path: &str, user: &str, password: &str) -> String {
        let login = location(&self.get(path).await);
        assert!(
            login.starts_with("/login?then=%2Foauth%2Fauthorize%3F"),
            "{login}"
        );
        let page = self.get(&login).await.text().await.unwrap();
        let fields = hidden_fields(&page);
        let mut form: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        form.extend([("username", user), ("password", password)]);
        location(&self.post("/login", &form).await)
    }

    /// Goes all the way, and says where the client is called back.
    async fn authorize(&mut self, path: &str) -> String {
        let back = self.sign_in(path, "dev", "dev").await;
        assert_eq!(back, path);
        location(&self.get(&back).await)
    }
}

fn with_form(request: reqwest::RequestBuilder, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(serde_urlencoded::to_string(form).unwrap())
}

fn location(response: &Response) -> String {
    assert_eq!(response.status(), StatusCode::FOUND);
    response.headers()["location"].to_str().unwrap().to_owned()
}

fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(page);
    let inputs = Selector::parse("form[method=post] input[type=hidden]").unwrap();
    let hidden = page.select(&inputs).map(|input| {
        let attribute = |name| input.value().attr(name).unwrap().to_owned();
        (attribute("name"), attribute("value"))
    });
    hidden.collect()
}

fn authorize_path(version: Version, more: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let callback = format!("{}/oauth/callback", console(version))
        .replace(':', "%3A")
        .replace('/', "%2F");
    format!(
        "/oauth/authorize?client_id={OAUTH_CLIENT_ID}&redirect_uri={callback}&state=abc&code_challenge={challenge}&code_challenge_method=S256{more}"
    )
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

async fn start(version: Version) -> SeededStandin {
    start_at(version, Clock::system()).await
}

async fn start_at(version: Version, clock: Clock) -> SeededStandin {
    let world = SeededStandin::start_at(version, clock).await;
    world
        .demo
        .cluster()
        .add_oauth_client(RegisteredOauthClient {
            id: OAUTH_CLIENT_ID.to_owned(),
            secret: SECRET.to_owned(),
            redirect_uris: vec![console(version).to_owned()],
            grant_method: "auto".to_owned(),
        });
    world
}

async fn authorization_code(world: &SeededStandin, version: Version) -> String {
    let callback = Browser::new(world)
        .authorize(&authorize_path(version, "&response_type=code"))
        .await;
    parameter(&callback, "code").unwrap()
}

struct TokenResponse {
    status: StatusCode,
    body: Value,
}

impl TokenResponse {
    fn error(&self) -> (u16, &str) {
        (
            self.status.as_u16(),
            self.body["error"].as_str().unwrap_or_default(),
        )
    }
}

/// Exchanges a code; `change` are parameters to change.
async fn exchange(
    world: &SeededStandin,
    version: Version,
    code: &str,
    change: &[(&str, &str)],
) -> TokenResponse {
    let callback = format!("{}/oauth/callback", console(version));
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &callback),
        ("code_verifier", VERIFIER),
        ("client_id", OAUTH_CLIENT_ID),
        ("client_secret", SECRET),
    ];
    for (name, value) in change {
        form.retain(|(known, _)| known != name);
        form.push((name, value));
    }
    let request = world
        .client
        .post(format!("{}/oauth/token", world.demo.urls().oauth));
    let response = with_form(request, &form).send().await.unwrap();
    TokenResponse {
        status: response.status(),
        body: response.json().await.unwrap(),
    }
}

async fn replay(
    world: &SeededStandin,
    version: Version,
    exchange: &RecordedExchange,
    spent: &str,
) -> Response {
    let asked = exchange.request.as_ref().unwrap();
    let body = asked.body.as_str().unwrap_or_default();
    let code = if exchange.name == "oauth-token-code-reused" {
        spent.to_owned()
    } else {
        authorization_code(world, version).await
    };
    let secret = if exchange.name == "oauth-token-wrong-secret" {
        "wrong"
    } else {
        SECRET
    };
    let mut request = world.client.request(
        asked.method.parse().unwrap(),
        format!("{}{}", world.demo.urls().oauth, asked.path),
    );
    for (name, value) in &asked.headers {
        request = match name.as_str() {
            "Authorization" => request.basic_auth(OAUTH_CLIENT_ID, Some(secret)),
            _ => request.header(name, value),
        };
    }
    request
        .body(body.replace("code=CODE", &format!("code={}", code.replace('~', "%7E"))))
        .send()
        .await
        .unwrap()
}

/// Not here: the two `…-logout-…` are requests to the API; `oauth-implicit-callback` holds none
/// (`a_token_can_come_in_the_fragment`).
async fn answers_as_recorded(version: Version) {
    let world = start(version).await;
    let spent = authorization_code(&world, version).await;
    assert_eq!(
        exchange(&world, version, &spent, &[]).await.status,
        StatusCode::OK
    );
    let all = recorded(version, "oauth-").into_iter().filter(|exchange| {
        !exchange.name.ends_with("logout-delete-token")
            && !exchange.name.ends_with("after-logout")
            && exchange.request.is_some()
    });
    for exchange in all {
        let name = exchange.name.as_str();
        let response = replay(&world, version, &exchange, &spent).await;
        let expected = &exchange.response;
        assert_eq!(response.status().as_u16(), expected.status, "{name}");
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        for known in ["content-type", "location", "www-authenticate"] {
            assert_eq!(
                header(known).as_deref(),
                expected.header(known),
                "{name}: {known}"
            );
        }
        // On 3.9 the redirect to the form may be kept; it is not worth a difference.
        if version == Version::V4 || expected.status != 302 {
            assert_eq!(
                header("cache-control").as_deref(),
                expected.header("cache-control"),
                "{name}"
            );
        }
        let length = header("content-length").unwrap();
        let text = response.text().await.unwrap();
        let mut body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if let Some(token) = body.get_mut("access_token") {
            let token = std::mem::replace(token, "TOKEN-new".into());
            assert!(
                world
                    .demo
                    .cluster()
                    .authenticate(token.as_str().unwrap())
                    .is_some()
            );
        }
        assert_eq!(body, expected.body(), "{name}");
        assert_eq!(
            Some(length.as_str()),
            expected.header("content-length"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn standin_oauth_matches_3_9_recordings() {
    answers_as_recorded(Version::V3_9).await;
}

#[tokio::test]
async fn standin_oauth_matches_4_recordings() {
    answers_as_recorded(Version::V4).await;
}

#[rstest]
#[tokio::test]
async fn sign_in_returns_code_and_state_and_ends_the_session(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = start(version).await;
    let path = authorize_path(version, "&response_type=code");
    let mut browser = Browser::new(&world);
    let callback = browser.authorize(&path).await;
    assert!(
        callback.starts_with(&format!("{}/oauth/callback?code=", console(version))),
        "{callback}"
    );
    assert_eq!(parameter(&callback, "state").as_deref(), Some("abc"));
    let (code, prefixed) = (
        parameter(&callback, "code").unwrap(),
        version == Version::V4,
    );
    assert_eq!(
        (code.len(), code.starts_with("sha256~")),
        (if prefixed { 50 } else { 43 }, prefixed)
    );
    assert!(!browser.cookies.contains_key("ssn"));
    // S: an ordinary user types the password again.
    assert!(location(&browser.get(&path).await).starts_with("/login?"));
}

#[tokio::test]
async fn redirect_uri_without_path_gets_no_slash() {
    let world = start(Version::V4).await;
    let path =
        authorize_path(Version::V4, "&response_type=code").replace("%2Foauth%2Fcallback", "");
    let callback = Browser::new(&world).authorize(&path).await;
    assert!(
        callback.starts_with("https://127.0.0.1:9090?code=sha256%7E"),
        "{callback}"
    );
}

#[rstest]
#[tokio::test]
async fn implicit_flow_returns_token_in_fragment(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = start(version).await;
    let callback = Browser::new(&world)
        .authorize(&authorize_path(version, "&response_type=token"))
        .await;
    let (before, fragment) = callback.split_once("#access_token=").unwrap();
    assert_eq!(before, format!("{}/oauth/callback", console(version)));
    let (token, rest) = fragment.split_once('&').unwrap();
    assert_eq!(
        rest,
        "expires_in=86400&scope=user%3Afull&state=abc&token_type=Bearer"
    );
    assert_eq!(
        world
            .demo
            .cluster()
            .authenticate(&token.replace("%7E", "~"))
            .as_deref(),
        Some("dev")
    );
}

#[tokio::test]
async fn wrong_password_returns_to_the_form_with_a_reason() {
    let world = start(Version::V4).await;
    let path = authorize_path(Version::V4, "&response_type=code");
    let mut browser = Browser::new(&world);
    let again = browser.sign_in(&path, "dev", "not it").await;
    assert!(
        again.starts_with("/login?reason=access_denied&then=%2Foauth%2Fauthorize"),
        "{again}"
    );
    let page = browser.get(&again).await.text().await.unwrap();
    let alert = Html::parse_document(&page);
    let alert = alert
        .select(&Selector::parse("[role=alert]").unwrap())
        .next()
        .unwrap();
    assert_eq!(
        alert.text().collect::<String>(),
        "Wrong user name or password."
    );
}

#[tokio::test]
async fn sign_in_form_requires_its_csrf_value() {
    let world = start(Version::V4).await;
    let mut browser = Browser::new(&world);
    browser.get("/login?then=%2F").await;
    let form = [
        ("then", "/"),
        ("csrf", "guessed"),
        ("username", "dev"),
        ("password", "dev"),
    ];
    assert!(
        location(&browser.post("/login", &form).await).starts_with("/login?reason=token_expired")
    );
    assert!(!browser.cookies.contains_key("ssn"));
}

#[tokio::test]
async fn sign_in_form_policy_allows_the_redirect_to_the_client() {
    let world = start(Version::V4).await;
    let mut browser = Browser::new(&world);
    let login = location(
        &browser
            .get(&authorize_path(Version::V4, "&response_type=code"))
            .await,
    );
    let page = browser.get(&login).await;
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none';")
            && policy.ends_with("form-action 'self' https://127.0.0.1:9090"),
        "{policy}"
    );
    let page = Html::parse_document(&page.text().await.unwrap());
    let names: Vec<String> = page
        .select(&Selector::parse("li").unwrap())
        .map(|item| item.text().collect())
        .collect();
    assert_eq!(names, ["dev", "outsider", "root", "viewer"]);
    assert!(
        page.select(&Selector::parse("script, [style]").unwrap())
            .next()
            .is_none()
    );
}

#[tokio::test]
async fn sign_in_form_redirects_to_own_paths_only() {
    let world = start(Version::V4).await;
    for then in [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
    ] {
        let mut browser = Browser::new(&world);
        browser.get("/login").await;
        let csrf = browser.cookies["csrf"].clone();
        let form = [
            ("then", then),
            ("csrf", &csrf),
            ("username", "dev"),
            ("password", "dev"),
        ];
        assert_eq!(
            location(&browser.post("/login", &form).await),
            "/",
            "{then}"
        );
    }
}

#[tokio::test]
async fn foreign_error_parameter_is_reflected_without_sign_in() {
    let world = start(Version::V4).await;
    let path = authorize_path(
        Version::V4,
        "&response_type=code&error=access_denied&error_description=no+%3Cb%3E",
    );
    let callback = location(&Browser::new(&world).get(&path).await);
    assert_eq!(
        callback,
        "https://127.0.0.1:9090/oauth/callback?error=access_denied&error_description=no+%3Cb%3E&state=abc"
    );
}

#[tokio::test]
async fn unknown_scope_error_omits_the_state() {
    let world = start(Version::V4).await;
    let callback = location(
        &Browser::new(&world)
            .get(&authorize_path(
                Version::V4,
                "&response_type=code&scope=openid",
            ))
            .await,
    );
    assert_eq!(
        parameter(&callback, "error").as_deref(),
        Some("invalid_scope")
    );
    assert_eq!(parameter(&callback, "state"), None);
}

#[rstest]
#[tokio::test]
async fn wrong_verifier_is_rejected_without_spending_the_code(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = start(version).await;
    let code = authorization_code(&world, version).await;
    let wrong = exchange(
        &world,
        version,
        &code,
        &[("code_verifier", &"w".repeat(50))],
    )
    .await;
    assert_eq!(wrong.error(), (400, "invalid_grant"));
    let absent = exchange(&world, version, &code, &[("code_verifier", "")]).await;
    assert_eq!(absent.error(), (400, "invalid_request"));
    assert_eq!(
        exchange(&world, version, &code, &[]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn code_expires_after_five_minutes() {
    let clock = Clock::fixed_at(DateTime::UNIX_EPOCH);
    let world = start_at(Version::V4, clock.clone()).await;
    let code = authorization_code(&world, Version::V4).await;
    clock.advance(TimeDelta::minutes(5));
    assert_eq!(
        exchange(&world, Version::V4, &code, &[]).await.error(),
        (400, "invalid_grant")
    );
}

#[tokio::test]
async fn mismatched_token_request_is_rejected() {
    let world = start(Version::V4).await;
    let code = authorization_code(&world, Version::V4).await;
    for (change, error) in [
        (
            vec![("redirect_uri", "https://127.0.0.1:9090/other")],
            "invalid_request",
        ),
        (vec![("grant_type", "password")], "access_denied"),
        (vec![("code", "")], "invalid_grant"),
        (vec![("client_id", "nope")], "unauthorized_client"),
        (vec![("grant_type", "nonsense")], "unsupported_grant_type"),
    ] {
        assert_eq!(
            exchange(&world, Version::V4, &code, &change).await.error(),
            (400, error),
            "{change:?}"
        );
    }
}

#[tokio::test]
async fn journal_separates_oauth_from_api_requests_on_one_port() {
    let world = start(Version::V3_9).await;
    assert_eq!(world.demo.urls().oauth, world.demo.urls().api_server);
    Browser::new(&world).get("/login").await;
    let seen = world.demo.request_log().requests_to(Endpoint::Oauth);
    assert_eq!(
        seen.iter()
            .map(|seen| seen.path.as_str())
            .collect::<Vec<_>>(),
        ["/login"]
    );
    assert!(
        world
            .demo
            .request_log()
            .requests_to(Endpoint::ApiServer)
            .is_empty()
    );
}

#[tokio::test]
async fn sign_out_requires_post() {
    let world = start(Version::V4).await;
    let mut browser = Browser::new(&world);
    assert_eq!(
        browser.get("/logout").await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(
        location(&browser.post("/logout", &[("then", "/")]).await),
        "/"
    );
    for elsewhere in ["https://127.0.0.1:9090/signed-out", "//evil.example", ""] {
        let response = browser.post("/logout", &[("then", elsewhere)]).await;
        assert_eq!(
            (response.status(), response.headers().get("location")),
            (StatusCode::OK, None),
            "{elsewhere}"
        );
    }
    let three = start(Version::V3_9).await;
    assert_eq!(
        Browser::new(&three)
            .post("/logout", &[("then", "/")])
            .await
            .status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn kube_admin_session_lasts_an_hour_unless_signed_out() {
    let clock = Clock::fixed_at(DateTime::from_timestamp(1_767_348_000, 0).unwrap());
    let world = start_at(Version::V4, clock.clone()).await;
    world.demo.cluster().add_kube_admin("secret");
    let path = authorize_path(Version::V4, "&response_type=code");
    let mut browser = Browser::new(&world);
    let back = browser.sign_in(&path, "kubeadmin", "secret").await;
    assert!(location(&browser.get(&back).await).contains("code="));
    clock.advance(TimeDelta::minutes(59));
    assert!(
        location(&browser.get(&path).await).contains("code="),
        "no password is asked for"
    );
    clock.advance(TimeDelta::minutes(1));
    assert!(
        location(&browser.get(&path).await).starts_with("/login?"),
        "an hour is over"
    );

    browser.sign_in(&path, "kubeadmin", "secret").await;
    assert!(location(&browser.get(&path).await).contains("code="));
    browser.post("/logout", &[("then", "/")]).await;
    assert!(
        location(&browser.get(&path).await).starts_with("/login?"),
        "signed out"
    );
    assert!(
        browser
            .sign_in(&path, "kube:admin", "secret")
            .await
            .contains("access_denied"),
        "the user name is not what it signs in as"
    );
}

#[tokio::test]
async fn basic_credentials_are_form_decoded_on_4_only() {
    for (version, status) in [(Version::V3_9, 400), (Version::V4, 200)] {
        let world = start(version).await;
        let code = authorization_code(&world, version).await;
        let callback = format!("{}/oauth/callback", console(version));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &callback),
            ("code_verifier", VERIFIER),
        ];
        let request = world
            .client
            .post(format!("{}/oauth/token", world.demo.urls().oauth));
        let request = request.basic_auth(OAUTH_CLIENT_ID.replace('-', "%2D"), Some(SECRET));
        assert_eq!(
            with_form(request, &form)
                .send()
                .await
                .unwrap()
                .status()
                .as_u16(),
            status
        );
    }
}
