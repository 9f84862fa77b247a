//! A console that was told no more than the template of OpenShift 3.11 tells it: it takes its
//! address from the browser, and the token too.

use chrono::TimeDelta;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::config::{ClientSecret, Config, FixedVariables, Trust};
use reqwest::Method;
use rstest::rstest;
use url::Url;

use crate::harness::recording::ClientRecording;
use crate::harness::{Browser, Log, Page, World};

const SESSION: &str = "__Host-registry-console";

fn fields(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

fn field(text: &str, name: &str) -> String {
    fields(text)
        .into_iter()
        .find(|(known, _)| known == name)
        .unwrap_or_else(|| panic!("no {name} in {text}"))
        .1
}

/// The state of a sign-in that begins now.
async fn begun(browser: &mut Browser) -> String {
    let to = browser.get("/login").await.location();
    field(Url::parse(&to).unwrap().query().unwrap(), "state")
}

/// The fragment with which the OAuth server redirects this user.
async fn fragment(browser: &mut Browser, user: &str) -> String {
    let callback = browser.callback_of("/login?next=%2Fprojects", user).await;
    let (path, fragment) = callback.split_once('#').unwrap();
    assert_eq!(path, "/oauth/callback");
    fragment.to_owned()
}

#[track_caller]
fn is_refused(browser: &Browser, page: &Page, status: u16, what: &str) {
    assert_eq!(
        (page.status, page.text_of("h1").as_str()),
        (status, "Sign-in failed"),
        "{what}: {}",
        page.text
    );
    assert!(
        browser.cookie(SESSION).is_none() && page.set_cookies().is_empty(),
        "{what}"
    );
}

#[rstest]
#[tokio::test]
async fn user_signs_in_with_the_implicit_flow_token(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).stock().start().await;
    let mut browser = world.browser();
    let to = browser.get("/login").await.location();
    let asked = Url::parse(&to).unwrap().query().unwrap().to_owned();
    assert_eq!(
        (
            field(&asked, "response_type"),
            asked.contains("code_challenge")
        ),
        ("token".to_owned(), false)
    );
    assert_eq!(
        field(&asked, "redirect_uri"),
        format!("{}/oauth/callback", world.origin())
    );
    assert_eq!(
        browser.sign_in_from("/login?next=%2Fprojects", "dev").await,
        "/projects"
    );
    assert_eq!(browser.get("/projects").await.status, 200);
    assert!(
        world
            .demo
            .request_log()
            .all()
            .iter()
            .all(|request| !request.path.starts_with("/oauth/token")),
        "there is no code to exchange"
    );
    world.advance(TimeDelta::hours(24));
    assert_eq!(
        browser.get("/projects").await.location(),
        "/login?next=%2Fprojects",
        "as long as the token says"
    );
}

/// Nothing but the variables of the stock pod, and what every pod has.
#[rstest]
#[tokio::test]
async fn openshift_3_11_template_variables_are_enough(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version)
        .settings(|config| {
            let (api, Trust::Only(authority)) = (&config.cluster.url, &config.cluster.trust) else {
                panic!("the demo's own authority")
            };
            let stock = FixedVariables::default()
                .with_var("OPENSHIFT_OAUTH_PROVIDER_URL", api.as_str())
                .with_var("OPENSHIFT_OAUTH_CLIENT_ID", "cockpit-oauth-client")
                .with_var("KUBERNETES_INSECURE", "false")
                .with_var("COCKPIT_KUBE_INSECURE", "false")
                .with_var("REGISTRY_ONLY", "true")
                .with_var("REGISTRY_HOST", "docker-registry-default.apps.example.com")
                .with_var("KUBERNETES_SERVICE_HOST", api.host_str().unwrap())
                .with_var("KUBERNETES_SERVICE_PORT", api.port().unwrap().to_string())
                .with_file(
                    "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
                    authority.as_str(),
                );
            *config = Config::from_variables(&stock).unwrap();
        })
        .start()
        .await;
    assert_eq!(world.browser().get("/ping").await.status, 200);
    let mut dev = world.signed_in("dev").await;
    assert_eq!(dev.get("/projects").await.status, 200);
    assert!(
        dev.get("/")
            .await
            .text
            .contains("docker-registry-default.apps.example.com")
    );
}

#[rstest]
#[tokio::test]
async fn disabled_implicit_flow_neither_redirects_nor_accepts_tokens(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let off = |config: &mut Config| {
        let oauth = config.sign_in.oauth_mut().unwrap();
        (oauth.client_secret, oauth.implicit_flow) = (ClientSecret::Unknown, false);
    };
    let world = World::builder(version).settings(off).start().await;
    let mut browser = world.browser();
    for path in ["/login", "/login?next=%2Fprojects", "/login?anyway=1"] {
        let page = browser.get(path).await;
        assert_eq!(
            (
                page.status,
                page.text_of("main .pf-v6-c-alert__title").as_str()
            ),
            (200, "No one can sign in: the console has no client secret")
        );
        assert!(page.set_cookies().is_empty(), "no sign-in has begun");
        assert!(page.text_of("main").contains("OAUTH_IMPLICIT_FLOW"));
        let commands = page.texts(".rc-remediation .rc-command code");
        assert_eq!(commands.len(), 3);
        assert!(
            commands[2].contains("OPENSHIFT_OAUTH_CLIENT_SECRET_FILE="),
            "{commands:?}"
        );
    }
    world.clear_requests();
    let page = browser.get("/oauth/callback").await;
    assert_eq!(
        (page.status, page.select("#rc-implicit-callback").len()),
        (400, 0),
        "nothing that reads the fragment"
    );
    let page = browser
        .post_form(
            "/oauth/callback",
            &[("fragment", "access_token=TOKEN-dev&state=x")],
        )
        .await;
    assert!(
        page.status == 405 && browser.cookie(SESSION).is_none() && page.set_cookies().is_empty(),
        "a token"
    );
    assert!(world.requests().is_empty());
}

#[tokio::test]
async fn callback_page_warns_about_the_browser_history() {
    let world = World::builder(Version::V4).stock().start().await;
    let mut browser = world.browser();
    let text = browser.get("/oauth/callback").await.text_of("main");
    assert!(
        text.contains("might have saved it in its history")
            && text.contains("Sign out when you are done"),
        "{text}"
    );
}

/// What the real servers send.
#[tokio::test]
async fn recorded_fragments_are_parsed() {
    let recordings = ClientRecording::all();
    let recorded = recordings
        .iter()
        .filter(|recording| recording.name == "oauth-implicit-callback");
    let mut tried = 0;
    for (recording, version) in recorded.zip([Version::V3_9, Version::V4]) {
        let location = recording.json["response"]["headers"][0][1]
            .as_str()
            .unwrap();
        let (to, recorded) = location.split_once('#').unwrap();
        assert!(to.ends_with("/oauth/callback"));
        let world = World::builder(version).stock().start().await;
        let mut browser = world.browser();
        let names = |text: &str| {
            fields(text)
                .into_iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(&fragment(&mut browser, "dev").await),
            names(recorded),
            "{}",
            recording.title()
        );
        let state = begun(&mut browser).await;
        let real = recorded
            .replace("TOKEN-new", "TOKEN-dev")
            .replace("state=abc", &format!("state={state}"));
        assert_eq!(browser.hand_over(&real).await.location(), "/");
        tried += 1;
    }
    assert_eq!(tried, 2);
}

/// S4, S5, S7.
#[tokio::test]
async fn token_with_foreign_state_is_rejected_before_any_request() {
    let world = World::builder(Version::V4).stock().start().await;
    let (mut browser, mut attacker) = (world.browser(), world.browser());
    let mine = fragment(&mut browser, "dev").await;
    let theirs = fragment(&mut attacker, "outsider").await;
    let with_state = |state: &str| {
        format!(
            "access_token={}&expires_in=86400&state={state}",
            field(&theirs, "access_token")
        )
    };
    let cases = [
        ("nothing", String::new()),
        (
            "no state",
            format!("access_token={}", field(&theirs, "access_token")),
        ),
        ("an empty state", with_state("")),
        (
            "a made-up state",
            with_state("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ),
        ("somebody else's answer", theirs.clone()),
        ("a code", format!("code=c&state={}", field(&mine, "state"))),
        ("token and error", format!("{mine}&error=access_denied")),
        ("two tokens", format!("{mine}&access_token=x")),
        (
            "a lifetime that is none",
            mine.replace("expires_in=86400", "expires_in=-1"),
        ),
    ];
    world.clear_requests();
    for (what, fragment) in cases {
        let page = browser.hand_over(&fragment).await;
        is_refused(&browser, &page, 400, what);
        assert!(
            world.requests().is_empty(),
            "{what}: {:?}",
            world.requests()
        );
    }
    let page = browser.get(&format!("/oauth/callback?{mine}")).await;
    is_refused(&browser, &page, 400, "a token in the query");
    assert_eq!(
        browser.hand_over(&mine).await.location(),
        "/projects",
        "the true one still works"
    );
    world.clear_requests();
    let session = browser.cookie(SESSION).unwrap().to_owned();
    let again = browser.hand_over(&mine).await;
    assert_eq!(
        (again.location().as_str(), browser.cookie(SESSION)),
        ("/projects", Some(session.as_str())),
        "each is good once"
    );
    assert!(world.requests().is_empty());
}

#[rstest]
#[tokio::test]
async fn unknown_token_makes_no_session(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::builder(version).stock().start().await;
    let mut browser = world.browser();
    let state = begun(&mut browser).await;
    let page =
        browser.hand_over(&format!("access_token=sha256~of-another-cluster&expires_in=86400&state={state}&token_type=Bearer")).await;
    is_refused(&browser, &page, 403, "a stranger's token");
    assert!(
        page.text_of("main")
            .contains("does not belong to this cluster")
    );
    world.clear_requests();
    let state = begun(&mut browser).await;
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    let page = browser
        .hand_over(&format!(
            "access_token=TOKEN-dev&expires_in=86400&state={state}&token_type=Bearer"
        ))
        .await;
    is_refused(&browser, &page, 503, "nobody could say whose it is");
}

/// S6.
#[tokio::test]
async fn oauth_errors_are_never_echoed() {
    let world = World::builder(Version::V4).stock().start().await;
    let mut browser = world.browser();
    for in_query in [true, false] {
        let state = begun(&mut browser).await;
        let error = format!("error=access_denied&error_description=call+0800+555&state={state}");
        let page = if in_query {
            browser.get(&format!("/oauth/callback?{error}")).await
        } else {
            browser.hand_over(&error).await
        };
        is_refused(&browser, &page, 403, "denied");
        assert!(
            page.text_of("main")
                .contains("did not grant the console access")
                && !page.text.contains("0800"),
            "{}",
            page.text
        );
    }
}

#[rstest]
#[tokio::test]
async fn console_with_secret_rejects_browser_tokens(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.browser();
    assert_eq!(browser.get("/oauth/callback").await.status, 400);
    let state = begun(&mut browser).await;
    world.clear_requests();
    let fragment = format!("access_token=TOKEN-dev&expires_in=86400&state={state}");
    let page = browser
        .post_form("/oauth/callback", &[("fragment", &fragment)])
        .await;
    assert_eq!(
        (page.status, page.header("allow")),
        (405, "GET, HEAD"),
        "a token in place of a code"
    );
    assert!(browser.cookie(SESSION).is_none() && page.set_cookies().is_empty());
    assert!(world.requests().is_empty());
}

/// S24, S25: a session's form token proves that the form is from a page of the console.
#[tokio::test]
async fn cross_origin_token_post_is_rejected() {
    let world = World::builder(Version::V4).stock().start().await;
    let mut browser = world.browser();
    let mine = fragment(&mut browser, "dev").await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let form = browser
            .form("/oauth/callback", &[("fragment", &mine)])
            .header(name, value);
        assert_eq!(browser.send(form).await.status, 403, "{name}: {value}");
    }
    assert_eq!(browser.hand_over(&mine).await.location(), "/projects");
    let again = fragment(&mut browser, "dev").await;
    let form = browser.form("/oauth/callback", &[("fragment", &again)]);
    assert_eq!(
        browser.send(form).await.status,
        403,
        "neither the session's own token nor an origin"
    );
    let form = browser
        .form("/oauth/callback", &[("fragment", &again)])
        .header("origin", world.origin());
    assert_eq!(
        browser.send(form).await.location(),
        "/projects",
        "a page that was opened before the session began"
    );
}

/// S50.
#[tokio::test]
async fn callback_without_pending_sign_in_is_rejected() {
    let world = World::builder(Version::V4).stock().start().await;
    let mut browser = world.browser();
    let large = "x".repeat(80 << 10);
    let request = browser
        .form("/oauth/callback", &[("fragment", &large)])
        .header("origin", world.origin());
    let page = browser.send(request).await;
    assert_eq!(page.status, 400, "before its size is looked at");
    assert!(
        page.text_of("main").contains("did not send the cookie"),
        "{}",
        page.text_of("main")
    );
}

/// S44.
#[rstest]
#[tokio::test]
async fn token_is_absent_from_log_pages_and_urls(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let log = Log::start();
    let world = World::builder(version).stock().start().await;
    let mut browser = world.browser();
    let fragment = fragment(&mut browser, "dev").await;
    let token = field(&fragment, "access_token");
    let mut pages = vec![
        browser.hand_over(&fragment).await,
        browser.hand_over(&fragment).await,
    ];
    for path in ["/oauth/callback", "/", "/projects"] {
        pages.push(browser.get(path).await);
    }
    let secret = token.trim_start_matches("sha256~");
    for page in pages {
        assert!(
            !page.text.contains(secret) && !format!("{:?}", page.headers).contains(secret),
            "{}",
            page.text
        );
    }
    assert!(!log.text().contains(secret), "{}", log.text());
    assert!(
        world
            .demo
            .request_log()
            .all()
            .iter()
            .all(|request| !request.path.contains(secret))
    );
    assert!(log.text().contains("signed in"));
}

#[tokio::test]
async fn callback_without_script_explains_the_requirement() {
    let world = World::builder(Version::V4).stock().start().await;
    let page = world.browser().get("/oauth/callback").await;
    assert_eq!(page.status, 200);
    let advice = page.text_of("noscript");
    assert!(
        advice.contains("JavaScript") && advice.contains("OPENSHIFT_OAUTH_CLIENT_SECRET"),
        "{advice}"
    );
    let scripts = page.select("script");
    assert!(scripts.iter().all(|script| {
        script
            .attr("src")
            .is_some_and(|src| src.starts_with("/assets/"))
            && script.inner_html().is_empty()
    }));
}

/// The OAuth server's list is the judge: a name that is not on it leads nowhere but there.
#[rstest]
#[tokio::test]
async fn unregistered_host_is_explained_without_redirect(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).stock().start().await;
    let mut browser = world.browser().with_http1();
    world.advance(TimeDelta::seconds(2));
    let request = browser
        .request(Method::GET, "/login")
        .header("host", "evil.example:444");
    let page = browser.send(request).await;
    assert_eq!(
        (page.status, page.texts("main dl dd code")[1].as_str()),
        (200, "https://evil.example:444")
    );
    assert!(
        page.text_of("main dl")
            .contains("From the Host header of your browser: COCKPIT_KUBE_URL is not set.")
    );
    assert!(
        page.texts(".rc-command code")
            .iter()
            .any(|line| line.contains("\"value\":\"https://evil.example:444/oauth/callback\""))
    );
    assert!(page.set_cookies().is_empty() && !page.headers.contains_key("location"));
    for path in [
        "/",
        "/projects",
        "/registry",
        "/signed-out",
        "/oauth/callback",
    ] {
        let request = browser
            .request(Method::GET, path)
            .header("host", "evil.example:444");
        let page = browser.send(request).await;
        let to = page
            .headers
            .get("location")
            .map_or("/", |to| to.to_str().unwrap());
        assert!(to.starts_with('/') && !to.starts_with("//"), "{path}: {to}");
    }
    world.fail(Endpoint::Oauth, Fault::Refuse);
    world.advance(TimeDelta::minutes(5));
    let request = browser
        .request(Method::GET, "/login")
        .header("host", "evil.example:444");
    let page = browser.send(request).await;
    assert_eq!(
        page.text_of(".pf-v6-c-alert__title"),
        "The OAuth server cannot be reached"
    );
    let request = browser
        .request(Method::GET, "/login?anyway=1")
        .header("host", "evil.example:444");
    let to = browser.send(request).await.location();
    assert!(
        to.starts_with(&format!("{}/oauth/authorize?", world.demo.urls().oauth)),
        "only to the one who judges: {to}"
    );
}

/// S11.
#[tokio::test]
async fn invalid_host_header_gets_no_page() {
    let world = World::builder(Version::V4).stock().start().await;
    let mut browser = world.browser().with_http1();
    for host in [
        "a@evil.example",
        "evil.example/x",
        "evil'example",
        "evil.example:99999",
        "evil,example",
    ] {
        let request = browser.request(Method::GET, "/login").header("host", host);
        let page = browser.attempt(request).await.expect("an answer");
        assert!(matches!(page.status, 400 | 421), "{host}: {}", page.status);
        assert!(
            !page.text.contains("evil") && page.set_cookies().is_empty(),
            "{host}"
        );
    }
}

#[tokio::test]
async fn plain_http_serves_probes_and_no_foreign_redirect() {
    let world = World::builder(Version::V3_9).stock().start().await;
    let mut browser = world.browser();
    let plain = format!("http://{}", world.url().authority());
    for path in ["/ping", "/healthz", "/readyz"] {
        assert_eq!(
            browser.get(&format!("{plain}{path}")).await.status,
            200,
            "{path}"
        );
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    let request = browser
        .request(Method::GET, &format!("{plain}/projects"))
        .header("host", "evil.example");
    let page = browser.send(request).await;
    assert_eq!(
        (
            page.status,
            page.text.as_str(),
            page.headers.get("location")
        ),
        (400, "please use https\n", None)
    );
}
