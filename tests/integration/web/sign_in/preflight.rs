//! Before anybody is sent to the OAuth server, the console asks it itself; and what it says where
//! console, route and OAuth client do not fit.

use chrono::TimeDelta;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use reqwest::Method;
use rstest::rstest;

use crate::harness::{Browser, Log, Page, World};

/// What the console has cached before has expired.
fn later(world: &World) {
    world.advance(TimeDelta::minutes(5));
    world.clear_requests();
}

/// A world whose OAuth client is registered for these addresses.
async fn registered(version: Version, uris: impl Fn(&World) -> Vec<String>) -> World {
    let world = World::start(version).await;
    let uris = uris(&world);
    world
        .demo
        .register_console(&uris.iter().map(String::as_str).collect::<Vec<_>>());
    later(&world);
    world
}

fn commands(page: &Page) -> Vec<String> {
    page.texts(".rc-remediation .rc-command code")
}

fn facts(page: &Page) -> Vec<String> {
    page.texts("main dl dd code")
}

/// The recorded refusals: another host, another port, http in place of https; and a path that the
/// console does not have.
#[rstest]
#[tokio::test]
async fn unregistered_redirect_uri_shows_the_register_command(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    for wrong in [
        "https://other-host.example.com",
        "https://127.0.0.1:9090",
        "http://ORIGIN",
        "https://ORIGIN/console",
    ] {
        let world = registered(version, |world| {
            vec![wrong.replace("ORIGIN", world.url().authority())]
        })
        .await;
        let mut browser = world.browser();
        let page = browser.get("/login?next=%2Fprojects").await;
        assert_eq!(page.status, 200, "{wrong}");
        assert_eq!(
            page.text_of(".pf-v6-c-alert__title"),
            "The OAuth server does not redirect users to this address",
            "{wrong}"
        );
        let origin = world.origin();
        assert_eq!(
            facts(&page),
            [
                format!("{origin}/oauth/callback"),
                origin.clone(),
                "cockpit-oauth-client".to_owned()
            ]
        );
        assert!(page.text_of("main dl").contains("Set by COCKPIT_KUBE_URL."));
        assert_eq!(
            commands(&page),
            [
                "oc get route registry-console -n default -o 'jsonpath={.spec.host}'".to_owned(),
                "oc get oauthclient cockpit-oauth-client -o 'jsonpath={.redirectURIs}'".to_owned(),
                format!(
                    "oc patch oauthclient cockpit-oauth-client --type=json -p '[{{\"op\":\"add\",\"path\":\"/redirectURIs/-\",\"value\":\"{origin}/oauth/callback\"}}]'"
                ),
                "oc set env dc/registry-console -n default COCKPIT_KUBE_URL=https://\"$(oc get route registry-console -n default -o 'jsonpath={.spec.host}')\""
                    .to_owned(),
            ]
        );
        assert_eq!(
            page.texts(".rc-remediation button[data-copy]").len(),
            4,
            "all of them can be copied"
        );
        assert!(page.set_cookies().is_empty(), "no sign-in has begun");
        assert_eq!(
            page.attribute("main .pf-m-primary", "href"),
            "/login?next=%2Fprojects"
        );
        let anyway = browser
            .get(&page.attribute("main .rc-actions .pf-m-secondary", "href"))
            .await
            .location();
        assert!(
            anyway.starts_with(&format!("{}/oauth/authorize?", world.demo.urls().oauth)),
            "{anyway}"
        );

        world.demo.register_console(&[wrong, &origin]);
        world.advance(TimeDelta::seconds(5));
        assert_eq!(
            browser.sign_in_from("/login?next=%2Fprojects", "dev").await,
            "/projects",
            "mended"
        );
    }
}

#[rstest]
#[tokio::test]
async fn missing_oauth_client_shows_the_create_command(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version)
        .settings(|config| config.sign_in.oauth_mut().unwrap().client_id = "it's-mine".to_owned())
        .start()
        .await;
    let page = world.browser().get("/login").await;
    assert_eq!(
        page.text_of(".pf-v6-c-alert__title"),
        "The cluster has no OAuth client with this name"
    );
    assert_eq!(facts(&page)[2], "it's-mine");
    let [look, uris, create] = &commands(&page)[..] else {
        panic!("{:?}", commands(&page))
    };
    assert_eq!(look, r#"oc get oauthclient "it's-mine""#);
    assert!(
        uris.ends_with(&format!(
            "--type=merge -p '{{\"redirectURIs\":[\"{}/oauth/callback\"]}}'",
            world.origin()
        )),
        "{uris}"
    );
    assert!(
        create.starts_with("read -rs SECRET && printf %s ")
            && create.ends_with(r#""$SECRET"'"}' | oc create -f -; unset SECRET"#),
        "{create}"
    );
    assert!(
        page.text_of(".rc-remediation")
            .contains("OPENSHIFT_OAUTH_CLIENT_SECRET")
    );
    assert!(!page.text.contains(world.demo.oauth_client_secret()));
}

#[tokio::test]
async fn preflight_explanation_is_localized() {
    let world = registered(Version::V4, |_| vec!["https://other.example".to_owned()]).await;
    let mut browser = world.browser();
    let request = browser
        .request(Method::GET, "/login")
        .header("accept-language", "zh-CN");
    let page = browser.send(request).await;
    assert_eq!(
        (page.lang(), page.text_of(".pf-v6-c-alert__title")),
        (
            "zh-CN".to_owned(),
            "OAuth 服务器不会将用户重定向回此地址".to_owned()
        )
    );
    assert_eq!(commands(&page).len(), 4);
}

#[rstest]
#[tokio::test]
async fn wrong_client_secret_shows_the_set_command_on_callback(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version)
        .settings(|config| config.sign_in.oauth_mut().unwrap().client_secret = "very-wrong".into())
        .start()
        .await;
    let mut browser = world.browser();
    let callback = browser.callback_of("/login", "dev").await;
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 502);
    let text = page.text_of("main");
    assert!(
        text.contains("client, cockpit-oauth-client")
            && text.contains("OPENSHIFT_OAUTH_CLIENT_SECRET"),
        "{text}"
    );
    assert_eq!(
        commands(&page)[1],
        "read -rs SECRET && oc get oauthclient cockpit-oauth-client -o yaml | { grep -v '^secret:'; printf 'secret: \"%s\"\\n' \"$SECRET\"; } \
         | oc replace -f -; unset SECRET"
    );
    assert!(
        !page.text.contains("very-wrong") && !page.text.contains(world.demo.oauth_client_secret())
    );
}

#[tokio::test]
async fn other_host_name_shows_how_to_configure_it() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser().with_http1();
    let request = browser
        .request(Method::GET, "/login")
        .header("host", "other.example");
    let page = browser.send(request).await;
    assert_eq!(page.status, 421);
    assert!(
        page.text_of("main").contains(world.url().as_str()) && !page.text.contains("other.example")
    );
    assert!(
        commands(&page)[1]
            .starts_with("oc set env dc/registry-console -n default COCKPIT_KUBE_URL="),
        "{:?}",
        commands(&page)
    );
}

fn sent_to(world: &World) -> String {
    format!("{}/oauth/authorize?", world.demo.urls().oauth)
}

/// What the page says when no browser may be sent there, and both ways on.
async fn explains(world: &World, title: &str) {
    let mut browser = world.browser();
    let page = browser.get("/login?next=%2Fprojects").await;
    assert_eq!(
        (page.status, page.text_of(".pf-v6-c-alert__title").as_str()),
        (200, title),
        "{}",
        page.text
    );
    assert!(page.set_cookies().is_empty(), "no sign-in has begun");
    assert_eq!(
        page.attribute("main .pf-m-primary", "href"),
        "/login?next=%2Fprojects"
    );
    let anyway = browser
        .get(&page.attribute("main .rc-actions .pf-m-secondary", "href"))
        .await
        .location();
    assert!(anyway.starts_with(&sent_to(world)), "{anyway}");
}

#[rstest]
#[tokio::test]
async fn oauth_server_broken_after_preflight_gets_no_redirect(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let unavailable = Fault::Status(
        http::StatusCode::SERVICE_UNAVAILABLE,
        "<h1>Application is not available".into(),
        "text/html",
    );
    let strange = Fault::Status(http::StatusCode::BAD_REQUEST, "<h1>".into(), "text/html");
    let world = World::start(version).await;
    for (fault, title) in [
        (Fault::Refuse, "The OAuth server cannot be reached"),
        (unavailable.clone(), "The OAuth server returns an error"),
        (
            strange.clone(),
            "The server at this address is not an OAuth server",
        ),
    ] {
        later(&world);
        assert!(
            world
                .browser()
                .get("/login")
                .await
                .location()
                .starts_with(&sent_to(&world)),
            "a good check"
        );
        world.fail(Endpoint::Oauth, fault);
        world.advance(TimeDelta::seconds(10));
        explains(&world, title).await;
        // OpenShift 3 has neither cluster operators nor a project for the OAuth server.
        let commands = commands(&world.browser().get("/login").await);
        let of_4 = [
            "oc get clusteroperator authentication",
            "oc get pods -n openshift-authentication",
        ];
        assert_eq!(
            commands[1..],
            if version == Version::V4 {
                of_4.to_vec()
            } else {
                Vec::new()
            }
        );
        world.fail(Endpoint::Oauth, Fault::None);
        world.advance(TimeDelta::seconds(5));
        assert_eq!(
            world
                .browser()
                .sign_in_from("/login?next=%2Fprojects", "dev")
                .await,
            "/projects",
            "{title}: mended"
        );
    }
}

#[tokio::test]
async fn untrusted_oauth_server_gets_no_redirect() {
    let world = World::start(Version::V4).await;
    world.fail(Endpoint::Oauth, Fault::ExpiredCertificate);
    // A console without a connection from before the certificate expired.
    let replica = world.replica().start().await;
    let page = Browser::new(replica.url()).get("/login").await;
    assert_eq!(
        page.text_of(".pf-v6-c-alert__title"),
        "The certificate of the OAuth server is not trusted"
    );
    assert!(
        page.text_of("main").contains("OAUTH_CA_FILE"),
        "{}",
        page.text_of("main")
    );
}

#[rstest]
#[tokio::test]
async fn removed_redirect_uri_is_explained_within_seconds(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    later(&world);
    assert!(
        world
            .browser()
            .get("/login")
            .await
            .location()
            .starts_with(&sent_to(&world)),
        "a good check"
    );
    world.demo.register_console(&["https://other.example"]);
    world.advance(TimeDelta::seconds(10));
    explains(
        &world,
        "The OAuth server does not redirect users to this address",
    )
    .await;
}

/// The check continues; the page says so, and the user can continue without it.
#[tokio::test]
async fn hanging_oauth_server_costs_one_request() {
    let log = Log::start();
    let world = World::start(Version::V4).await;
    later(&world);
    world.fail(Endpoint::Oauth, Fault::Hang);
    for _ in 0..3 {
        explains(&world, "The OAuth server did not respond in time").await;
    }
    assert_eq!(world.preflights(), 1);
    let ended = log.text().contains("the preflight of a sign-in failed");
    assert!(!ended, "the page came before the question had ended");
}

async fn hammer(world: &World, times: usize) -> Vec<u16> {
    let visits = (0..times).map(|_| {
        let mut browser: Browser = world.browser();
        async move { browser.get("/login").await.status }
    });
    futures_util::future::join_all(visits).await
}

#[tokio::test]
async fn concurrent_sign_ins_share_one_preflight() {
    let world = World::start(Version::V4).await;
    // (what happens, how people are answered, how long that holds)
    for (fault, uri, status, holds) in [
        (Fault::None, world.origin(), 303, TimeDelta::seconds(10)),
        (
            Fault::None,
            "https://other.example".to_owned(),
            200,
            TimeDelta::seconds(5),
        ),
        (Fault::Hang, world.origin(), 200, TimeDelta::zero()),
    ] {
        world.demo.register_console(&[&uri]);
        later(&world);
        world.fail(Endpoint::Oauth, fault.clone());
        for _ in 0..2 {
            assert_eq!(hammer(&world, 30).await, [status; 30], "{fault:?}");
        }
        assert_eq!(world.preflights(), 1, "{fault:?}");
        world.fail(Endpoint::Oauth, Fault::None);
        if !holds.is_zero() {
            world.advance(holds - TimeDelta::seconds(1));
            hammer(&world, 3).await;
            assert_eq!(world.preflights(), 1, "{fault:?}");
            world.advance(TimeDelta::seconds(1));
            hammer(&world, 3).await;
            assert_eq!(world.preflights(), 2, "{fault:?}");
        }
    }
}

/// Where browsers say which host it is, made-up hosts cannot make the console ask more often than
/// every two seconds, after three at once.
#[tokio::test]
async fn unknown_hosts_cost_few_preflights() {
    let world = World::builder(Version::V4).stock().start().await;
    later(&world);
    let mut browser = world.browser().with_http1();
    for n in 0..20 {
        let request = browser
            .request(Method::GET, "/login")
            .header("host", format!("host-{n}.example"));
        browser.send(request).await;
    }
    assert_eq!(world.preflights(), 3);
}

#[tokio::test]
async fn second_host_within_a_second_is_explained() {
    let world = World::builder(Version::V3_9).stock().start().await;
    later(&world);
    let mut browser = world.browser().with_http1();
    for host in ["console.example.com", "second.example.com"] {
        let request = browser.request(Method::GET, "/login").header("host", host);
        let page = browser.send(request).await;
        assert_eq!(
            page.status, 200,
            "{host} is not sent to the OAuth server, which would refuse it"
        );
        assert!(
            page.text_of("main").contains(host),
            "{}",
            page.text_of("main")
        );
    }
    assert_eq!(world.preflights(), 2);
}

#[tokio::test]
async fn refused_requests_and_sign_ins_log_their_reason() {
    let log = Log::start();
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    browser.get("/images/nowhere/nothing").await;
    // Signed in already, the browser would be sent on.
    world
        .browser()
        .get("/oauth/callback?code=x&state=unknown")
        .await;
    later(&world);
    world.demo.register_console(&["https://other.example"]);
    world.browser().get("/login").await;
    let text = log.text();
    let lines = |message: &str| {
        text.lines()
            .filter(|line| line.contains(message))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(
        lines(" refused ").contains("reason=\"forbidden: image-stream\""),
        "{}",
        lines("refused")
    );
    assert!(
        lines("sign-in failed").contains("reason=\"the "),
        "{}",
        lines("sign-in")
    );
    assert!(
        lines("users cannot sign in")
            .contains("reason=\"the OAuth client has no such redirect URI\""),
        "{text}"
    );
    assert!(
        !text.contains("Forbidden(")
            && !text.contains("RedirectNotRegistered")
            && !text.contains("CookieMissing"),
        "{text}"
    );
}
