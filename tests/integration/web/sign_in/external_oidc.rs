//! A cluster whose people sign in through an external OIDC provider: what the sign-in page says,
//! and what still works.

use chrono::TimeDelta;
use openshift_standin::cluster::{ExternalOidc, Version};
use reqwest::Method;
use url::Url;

use crate::harness::{Browser, Console, World};

const ANSWERS: [ExternalOidc; 2] = [
    ExternalOidc::DocumentMissing,
    ExternalOidc::DocumentForbidden,
];

/// A console that knew an OAuth server before, and one that has never known any.
async fn without_oauth_server(answers: ExternalOidc) -> (World, Console) {
    let world = World::start(Version::V4).await;
    world.demo.use_external_oidc(answers);
    world.advance(TimeDelta::minutes(5));
    let fresh = world
        .replica()
        .settings(|config| config.pod.project = Some("infra".to_owned()))
        .start()
        .await;
    (world, fresh)
}

#[tokio::test]
async fn sign_in_page_explains_the_missing_oauth_server() {
    for answers in ANSWERS {
        let (world, fresh) = without_oauth_server(answers).await;
        for url in [world.url(), fresh.url()] {
            assert_explains_missing_oauth_server(
                &mut Browser::new(url),
                &url.origin().ascii_serialization(),
            )
            .await;
        }
    }
}

async fn assert_explains_missing_oauth_server(browser: &mut Browser, origin: &str) {
    let page = browser.get("/login?next=%2Fprojects").await;
    assert_eq!(
        (page.status, page.text_of(".pf-v6-c-alert__title").as_str()),
        (200, "This cluster has no OAuth server"),
        "{}",
        page.text
    );
    let text = page.text_of("main");
    assert!(
        text.contains("external identity provider")
            && text.contains("OPENSHIFT_OAUTH_PROVIDER_URL"),
        "{text}"
    );
    assert!(
        !text.contains("certificate") && !page.text.contains("anyway=1"),
        "nowhere to send the browser to: {text}"
    );
    let commands = page.texts(".rc-remediation .rc-command code");
    assert!(
        commands[0].starts_with("oc get authentication.config.openshift.io cluster"),
        "{commands:?}"
    );
    assert!(
        commands[1].contains("OPENSHIFT_OAUTH_PROVIDER_URL- OIDC_ISSUER_URL="),
        "{commands:?}"
    );
    assert!(
        commands[2].ends_with(&format!("curl -H @- {origin}/api/v1/projects")),
        "{commands:?}"
    );
    assert!(page.set_cookies().is_empty(), "no sign-in has begun");
    let request = browser
        .request(Method::GET, "/login")
        .header("accept-language", "zh-CN");
    assert_eq!(
        browser.send(request).await.text_of(".pf-v6-c-alert__title"),
        "此集群没有 OAuth 服务器"
    );
}

#[tokio::test]
async fn program_token_command_names_the_consoles_project() {
    let (_world, fresh) = without_oauth_server(ANSWERS[0]).await;
    let page = Browser::new(fresh.url()).get("/login").await;
    let commands = page.texts(".rc-remediation .rc-command code");
    assert!(
        commands[2].starts_with("oc create token default -n infra | sed "),
        "{commands:?}"
    );
}

/// What the page offers to programs has to be true.
#[tokio::test]
async fn json_pages_accept_oidc_bearer_tokens() {
    for answers in ANSWERS {
        let (_world, fresh) = without_oauth_server(answers).await;
        let mut browser = Browser::new(fresh.url());
        for path in ["/projects", "/images", "/images/team-a/api"] {
            let page = browser.json_with_token(path, "TOKEN-dev").await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            assert!(page.text.contains("team-a"), "{path}: {}", page.text);
        }
    }
}

/// As a real API server answers, with and without a token.
#[tokio::test]
async fn standin_behaves_as_cluster_without_oauth_server() {
    for (answers, document) in [
        (ExternalOidc::DocumentMissing, 404),
        (ExternalOidc::DocumentForbidden, 403),
    ] {
        let world = World::start(Version::V4).await;
        world.demo.use_external_oidc(answers);
        let mut api_server = Browser::new(&Url::parse(&world.demo.urls().api_server).unwrap());
        let text = Some("text/plain; charset=utf-8");
        for (path, token, status, kind, words) in [
            (
                "/.well-known/oauth-authorization-server",
                false,
                document,
                None,
                "",
            ),
            (
                "/.well-known/oauth-authorization-server",
                true,
                404,
                text,
                "404 page not found\n",
            ),
            (
                "/oauth/authorize?client_id=x",
                false,
                403,
                Some("application/json"),
                "cannot get path \\\"/oauth/authorize\\\"",
            ),
            (
                "/apis/user.openshift.io/v1/users/~",
                true,
                404,
                text,
                "404 page not found\n",
            ),
            (
                "/apis/user.openshift.io/v1/users/~",
                false,
                403,
                Some("application/json"),
                "system:anonymous",
            ),
        ] {
            let request = api_server.request(Method::GET, path);
            let page = api_server
                .send(if token {
                    request.bearer_auth("TOKEN-dev")
                } else {
                    request
                })
                .await;
            assert_eq!(page.status, status, "{path}");
            if let Some(kind) = kind {
                assert_eq!(page.header("content-type"), kind, "{path}");
            }
            assert!(page.text.contains(words), "{path}: {}", page.text);
        }
        let request = api_server
            .request(Method::GET, "/apis")
            .bearer_auth("TOKEN-dev");
        let groups = api_server.send(request).await.text;
        assert!(
            groups.contains("image.openshift.io")
                && !groups.contains("user.openshift.io")
                && !groups.contains("oauth.openshift.io")
        );
    }
}
