//! What a browser may send, and what of it goes anywhere (S10-S13, S24-S26, S33, S48).

use openshift_standin::cluster::Version;
use std::collections::BTreeSet;

use openshift_standin::faults::Endpoint;
use registry_console::web::routes::ROUTES;
use reqwest::Method;
use rstest::rstest;
use url::Url;

use crate::harness::{Browser, Page, World};

/// Every address that changes something: all routes that take a form.
fn post_routes() -> Vec<String> {
    ROUTES
        .iter()
        .filter(|route| route.method() == Method::POST && !route.is_api_write())
        .map(|route| {
            let path = route
                .path()
                .replace("{project}", "team-a")
                .replace("{image}", "api:latest")
                .replace("{user}", "viewer")
                .replace("{group}", "release-managers");
            assert!(!path.contains('{'), "{path}: say what to put there");
            path
        })
        .collect()
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What differs between two responses to the same request.
fn without_names(page: &Page) -> String {
    let id = page.header("x-request-id").to_owned();
    let tokens = page
        .select("input[name=csrf]")
        .into_iter()
        .filter_map(|input| input.attr("value"))
        .filter(|token| !token.is_empty());
    tokens.fold(page.text.replace(&id, "ID"), |text, token| {
        text.replace(token, "TOKEN")
    })
}

/// S10.
#[tokio::test]
async fn redirects_after_sign_in_and_language_stay_on_this_host() {
    let world = World::start(Version::V4).await;
    let host = world.url().authority().to_owned();
    let elsewhere = [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%09/evil.example",
        "/%5cevil.example",
        "/.//evil.example",
        "/./%2fevil.example",
        "/..//evil.example",
        "/x/../..//evil.example",
        "https://evil.example",
        "https:evil.example",
        "http:/evil.example",
        "HTTPS://EVIL.EXAMPLE",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\r\n/evil.example",
        "/\n/evil.example",
        "/\u{0}/evil.example",
        " //evil.example",
        "\u{a0}//evil.example",
        "/%2f%2fevil.example",
        "/%2F/evil.example",
        "@evil.example",
        "/@evil.example/..//evil.example",
        "?next=//evil.example",
        "evil.example",
        "/\u{ff0f}evil.example",
        "/\u{2215}/evil.example",
        ".evil.example",
        &format!("https://{host}@evil.example/"),
        &format!("https://{host}.evil.example/"),
        &format!("//{host}\\@evil.example"),
    ]
    .map(str::to_owned);
    let stays = |location: &str, next: &str| {
        assert!(
            location.starts_with('/') && !location.starts_with("//"),
            "{next:?} leads to {location}"
        );
        let resolved = world.url().join(location).unwrap();
        assert_eq!(
            resolved.origin(),
            world.url().origin(),
            "{next:?} leads to {resolved}"
        );
    };
    let mut browser = world.browser();
    for next in elsewhere {
        let location = browser
            .sign_in_from(&format!("/login?next={}", encoded(&next)), "dev")
            .await;
        stays(&location, &next);
        let csrf = browser.csrf().await;
        let chosen = browser
            .post_form(
                "/preferences",
                &[("theme", "dark"), ("next", &next), ("csrf", &csrf)],
            )
            .await;
        stays(&chosen.location(), &next);
        browser = world.browser();
    }
}

/// S11.
#[tokio::test]
async fn foreign_host_header_is_rejected() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await.with_http1();
    for path in [
        "/",
        "/login",
        "/images/team-a",
        "/signed-out",
        "/api/v1/projects",
        "/nowhere",
    ] {
        world.clear_requests();
        let request = browser
            .request(Method::GET, path)
            .header("host", "evil.example");
        let page = browser.send(request).await;
        assert_eq!(page.status, 421, "{path}");
        assert!(
            !page.text.contains("evil.example")
                && !format!("{:?}", page.headers).contains("evil.example"),
            "{path}"
        );
        assert!(
            page.text.contains(world.url().as_str()),
            "it says where the console is"
        );
        assert!(world.requests().is_empty());
    }
}

/// S12.
#[tokio::test]
async fn forwarded_headers_are_ignored() {
    let made_up = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-forwarded-uri", "/healthz"),
        ("x-forwarded-port", "1"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "/healthz"),
        ("x-rewrite-url", "/healthz"),
        ("x_forwarded_host", "evil.example"),
        ("x-http-method-override", "DELETE"),
        ("x-request-id", "evil"),
    ];
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    for path in ["/", "/images/team-a", "/nowhere", "/api/v1/projects"] {
        let plain = browser.get(path).await;
        for (name, value) in made_up {
            let request = browser.request(Method::GET, path).header(name, value);
            let page = browser.send(request).await;
            assert_eq!(
                (page.status, without_names(&page)),
                (plain.status, without_names(&plain)),
                "{name} at {path}"
            );
        }
    }
    let mut nobody = world.browser();
    for (name, value) in made_up {
        let request = nobody.request(Method::GET, "/login").header(name, value);
        let to = Url::parse(&nobody.send(request).await.location()).unwrap();
        let callback = to
            .query_pairs()
            .find(|(known, _)| known == "redirect_uri")
            .unwrap()
            .1
            .into_owned();
        assert_eq!(
            callback,
            format!("{}/oauth/callback", world.origin()),
            "{name}"
        );
        let request = nobody.request(Method::GET, "/projects").header(name, value);
        assert_eq!(
            nobody.send(request).await.location(),
            "/login?next=%2Fprojects",
            "{name}"
        );
    }
}

/// S13.
#[tokio::test]
async fn probe_like_request_opens_no_page() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    world.clear_requests();
    for agent in ["kube-probe/1.27", "GoogleHC/1.0", "Prometheus/2.45"] {
        for path in ["/", "/images", "/projects/team-a"] {
            let request = browser
                .request(Method::GET, path)
                .header("user-agent", agent);
            assert!(
                browser
                    .send(request)
                    .await
                    .location()
                    .starts_with("/login?next="),
                "{agent}"
            );
        }
    }
    let like_probes = [
        "/images?/healthz",
        "/projects/healthz",
        "/images/ping",
        "/images;/healthz",
        "/healthz/images",
        "/healthz%2f..%2fimages",
        "/ping/",
        "//ping",
        "/PING",
    ];
    for path in like_probes {
        let page = browser.get(path).await;
        assert!(
            matches!(page.status, 303 | 308 | 404),
            "{path}: {}",
            page.status
        );
        assert!(page.select("table").is_empty(), "{path}");
    }
    assert!(world.requests().is_empty());
}

async fn refused(browser: &mut Browser, request: reqwest::RequestBuilder, what: &str) {
    let page = browser.send(request).await;
    assert_eq!(page.status, 403, "{what}");
    assert_eq!(page.text_of("h1"), "This form was not accepted", "{what}");
    assert!(page.set_cookies().is_empty(), "{what}");
}

/// What a form of the console that is not of this session gets: nothing is done, and it can be
/// confirmed.
async fn asks_to_confirm(
    browser: &mut Browser,
    request: reqwest::RequestBuilder,
    what: &str,
) -> Page {
    let page = browser.send(request).await;
    assert_eq!(
        (page.status, page.text_of("h1").as_str()),
        (403, "Review what will be sent"),
        "{what}"
    );
    assert!(page.set_cookies().is_empty(), "{what}");
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'"),
        "{what}"
    );
    page
}

/// S24.
#[tokio::test]
async fn form_without_valid_token_changes_nothing() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    let before = browser.csrf().await;
    browser.sign_in("dev").await;
    let of_another = world.signed_in("viewer").await.csrf().await;
    let own = browser.csrf().await;
    assert!(own != before && own != of_another);
    world.clear_requests();
    for path in &post_routes() {
        let origin = world.origin();
        if path != "/oauth/callback" {
            let forms: [(&str, &[(&str, &str)]); 4] = [
                ("without a token", &[("theme", "dark")]),
                ("with an empty token", &[("csrf", "")]),
                ("with another session's token", &[("csrf", &of_another)]),
                ("with a token from before the sign-in", &[("csrf", &before)]),
            ];
            for (what, fields) in forms {
                let request = browser.form(path, fields).header("origin", &origin);
                let page = asks_to_confirm(&mut browser, request, what).await;
                assert_eq!(page.attribute("main form", "action"), *path, "{what}");
                // A client that is no browser does not show where the form comes from.
                let request = browser.form(path, fields);
                refused(&mut browser, request, what).await;
            }
            let request = browser
                .form(path, &[("csrf", &own), ("csrf", &own)])
                .header("origin", &origin);
            refused(&mut browser, request, "with the token twice").await;
            let in_query = browser
                .request(Method::POST, &format!("{path}?csrf={own}"))
                .header("origin", &origin);
            asks_to_confirm(&mut browser, in_query, "with the token in the address").await;
        }
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let request = browser
                .request(method.clone(), path)
                .header("origin", &origin);
            assert_eq!(browser.send(request).await.status, 405, "{method} {path}");
        }
    }
    assert!(world.requests().is_empty(), "{:?}", world.requests());
    assert_eq!(
        browser.get("/projects").await.status,
        200,
        "the session is as before"
    );
}

/// Forms are for pages: the API takes JSON, and a bearer token in place of a form token.
#[tokio::test]
async fn json_api_accepts_no_form() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    let csrf = browser.csrf().await;
    world.clear_requests();
    for path in post_routes().iter().filter(|path| {
        !matches!(
            path.as_str(),
            "/logout" | "/preferences" | "/oauth/callback"
        )
    }) {
        let json = format!("/api/v1{path}");
        let with_session = browser
            .form(&json, &[("csrf", &csrf)])
            .header("origin", world.origin());
        let with_token = world.browser().form(&json, &[("a", "b")]);
        let with_token = with_token.bearer_auth("TOKEN-dev");
        for (request, refusal) in [(with_session, 401), (with_token, 415)] {
            let page = browser.send(request).await;
            let page_exists = page.status == 405;
            assert!(
                page_exists || [404, refusal].contains(&page.status),
                "{json}: {}",
                page.status
            );
            assert_eq!(page.json()["status"], page.status, "{json}");
            let allowed = if page_exists {
                page.header("allow")
            } else {
                "GET"
            };
            assert!(
                !allowed.is_empty() && !allowed.contains("POST"),
                "{json}: {allowed}"
            );
        }
    }
    // The user of the token is loaded first.
    let requests = world.requests();
    assert!(
        requests
            .iter()
            .all(|seen| seen.method == "GET" && seen.path.ends_with("/users/~")),
        "{requests:?}"
    );
}

/// The page to which a form without a session leads back exists.
#[tokio::test]
async fn every_form_returns_to_its_page_after_sign_in() {
    let world = World::start(Version::V4).await;
    let (mut nobody, mut root) = (world.browser(), world.signed_in("root").await);
    for path in post_routes().iter().filter(|path| {
        !matches!(
            path.as_str(),
            "/logout" | "/preferences" | "/oauth/callback"
        )
    }) {
        let request = nobody
            .form(path, &[("name", "typed-by-me"), ("csrf", "very-secret")])
            .header("origin", world.origin());
        let page = nobody.send(request).await;
        assert_eq!(
            (page.status, page.text_of("h1").as_str()),
            (401, "You were signed out"),
            "{path}"
        );
        assert!(
            page.text_of("main").contains("typed-by-me") && !page.text.contains("very-secret"),
            "{path}"
        );
        let login = page.attribute("main .rc-status-page > .rc-actions a.pf-m-link", "href");
        let next = Url::parse("https://c.test").unwrap().join(&login).unwrap();
        let next = next
            .query_pairs()
            .find(|(name, _)| name == "next")
            .unwrap()
            .1
            .into_owned();
        assert_ne!(
            root.get(&next).await.status,
            405,
            "{path} leads back to {next}"
        );
    }
}

/// S50: bodies that cannot matter are not read, and what is no form is not taken for one.
#[tokio::test]
async fn non_form_or_unexpected_body_is_rejected() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    let csrf = browser.csrf().await;
    world.clear_requests();
    let (large, origin) = ("x".repeat(80 << 10), world.origin());
    let typed = |browser: &Browser, content_type: &str, body: String| {
        let request = browser
            .request(Method::POST, "/images/team-a/api:latest/delete")
            .header("origin", &origin);
        request.header("content-type", content_type).body(body)
    };
    for content_type in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
    ] {
        let request = typed(&browser, content_type, format!("csrf={csrf}"));
        let page = browser.send(request).await;
        assert_eq!(
            (page.status, page.text_of("h1").as_str()),
            (415, "This is not a form"),
            "{content_type}"
        );
    }
    let bare = browser
        .request(Method::POST, "/images/team-a/api:latest/delete")
        .header("origin", &origin)
        .body(format!("csrf={csrf}"));
    assert_eq!(browser.send(bare).await.status, 415, "without a type");
    let button = world
        .browser()
        .request(Method::POST, "/logout")
        .header("origin", &origin);
    assert_eq!(
        world.browser().send(button).await.location(),
        "/signed-out",
        "neither type nor body"
    );
    for (status, path) in [
        (404, "/nowhere"),
        (405, "/projects"),
        (405, "/oauth/callback"),
        (413, "/new-project"),
    ] {
        for mut browser in [world.browser(), world.signed_in("viewer").await] {
            let request = browser
                .form(path, &[("x", &large)])
                .header("origin", &origin);
            assert_eq!(browser.send(request).await.status, status, "{path}");
        }
    }
    assert_eq!(
        browser.get("/images/team-a/api:latest").await.status,
        200,
        "nothing was removed"
    );
}

/// S25.
#[tokio::test]
async fn cross_origin_form_with_valid_token_is_rejected() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    let csrf = browser.csrf().await;
    let other_port = format!("https://127.0.0.1:{}", world.url().port().unwrap() ^ 1);
    let plain = world.origin().replace("https", "http");
    let headers = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", ""),
        ("origin", &other_port),
        ("origin", &plain),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    world.clear_requests();
    for path in &post_routes() {
        for (name, value) in headers {
            let request = browser
                .form(path, &[("csrf", &csrf), ("theme", "dark")])
                .header(name, value);
            refused(&mut browser, request, &format!("{name}: {value}")).await;
        }
    }
    // There is no session, but another site must not change the language either.
    let mut nobody = world.browser();
    let request = nobody
        .form("/preferences", &[("theme", "dark")])
        .header("origin", "https://evil.example");
    refused(&mut nobody, request, "without a session").await;
    assert!(world.requests().is_empty());
    let request = browser
        .form("/preferences", &[("csrf", &csrf), ("theme", "dark")])
        .header("origin", world.origin())
        .header("sec-fetch-site", "same-origin");
    assert_eq!(browser.send(request).await.status, 303, "our own page may");
}

/// S26: nothing here is for scripts of other sites.
#[tokio::test]
async fn no_response_allows_another_origin() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    for path in [
        "/",
        "/images",
        "/projects",
        "/api/v1",
        "/api/v1/projects",
        "/login",
        "/logout",
        "/preferences",
        "/signed-out",
        "/healthz",
        "/nowhere",
    ] {
        for method in [Method::GET, Method::OPTIONS] {
            let request = browser
                .request(method, path)
                .header("origin", "https://evil.example")
                .header("access-control-request-method", "POST");
            let page = browser.send(request).await;
            let inviting = page
                .headers
                .keys()
                .find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(inviting, None, "{path}");
        }
    }
}

/// S33.
#[tokio::test]
async fn invalid_name_in_path_is_404_without_upstream_request() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    let names = [
        "..%2f..%2fapi%2fv1%2fsecrets",
        "%00",
        "a%2fb",
        "a%3fx",
        "a%23",
        "%252e%252e",
        "A",
        "%E4%B8%AD",
        "-a",
        "a%0d%0ab",
        "a%20b",
        "%ff",
    ];
    world.clear_requests();
    for name in names {
        for path in [
            format!("/projects/{name}"),
            format!("/images/{name}"),
            format!("/images/{name}/api"),
            format!("/images/team-a/{name}/x"),
        ] {
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
        }
        for path in [
            format!("/images/team-a/api:{}", "a".repeat(200)),
            format!("/images/team-a/api@sha256:{name}"),
            format!("/images/team-a/{name}:1%2f2"),
        ] {
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
        }
    }
    assert!(world.requests().is_empty(), "{:?}", world.requests());
}

/// S48.
#[rstest]
#[tokio::test]
async fn browser_headers_and_cookies_are_not_forwarded(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut browser = world.signed_in("viewer").await;
    browser.set_cookie("ssn", "browser-cookie");
    world.clear_requests();
    for path in [
        "/",
        "/images",
        "/images/team-a/api",
        "/images/team-a/api:latest",
        "/projects/team-a",
        "/api/v1/projects/team-a",
    ] {
        let mut request = browser.request(Method::GET, path);
        for name in [
            "impersonate-user",
            "impersonate-group",
            "impersonate-extra-scopes",
            "x-remote-user",
            "x-remote-group",
            "x-forwarded-user",
        ] {
            request = request.header(name, "root");
        }
        if !path.starts_with("/api/") {
            request = request.bearer_auth("TOKEN-root");
        }
        assert_eq!(browser.send(request).await.status, 200, "{path}");
    }
    let requests = world.requests();
    assert!(
        requests
            .iter()
            .any(|seen| seen.endpoint == Endpoint::Registry)
            && requests
                .iter()
                .any(|seen| seen.endpoint == Endpoint::ApiServer)
    );
    let tokens: BTreeSet<&str> = requests.iter().filter_map(|seen| seen.bearer()).collect();
    assert_eq!(tokens.len(), 1, "the session's token and no other");
    let token = tokens.into_iter().next().unwrap();
    assert_eq!(
        world.demo.cluster().authenticate(token).as_deref(),
        Some("viewer")
    );
    for seen in &requests {
        // Whether there is a registry, and which release the cluster has, is public.
        let is_public = match seen.endpoint {
            Endpoint::Registry => seen.path == "/v2/",
            Endpoint::ApiServer => seen.path == "/version/openshift",
            Endpoint::Oauth | Endpoint::Issuer | Endpoint::Storage => false,
        };
        assert!(
            seen.bearer().is_some() || is_public,
            "somebody asks: {seen:?}"
        );
        for name in seen.headers.keys() {
            let name = name.as_str();
            assert!(
                !name.starts_with("impersonate") && !name.starts_with("x-") && name != "cookie",
                "{name} in {seen:?}"
            );
        }
    }
}

/// S48: a token in place of a session counts for JSON only, and then it is the only one.
#[tokio::test]
async fn bearer_token_applies_to_json_only_and_overrides_session() {
    let world = World::start(Version::V4).await;
    let mut nobody = world.browser();
    let request = nobody
        .request(Method::GET, "/projects")
        .bearer_auth("TOKEN-root");
    assert_eq!(nobody.send(request).await.status, 303);
    let mut browser = world.signed_in("dev").await;
    world.clear_requests();
    assert_eq!(
        browser
            .json_with_token("/projects/team-a", "TOKEN-outsider")
            .await
            .status,
        403
    );
    let tokens: BTreeSet<String> = world
        .requests()
        .iter()
        .filter_map(|seen| seen.bearer().map(str::to_owned))
        .collect();
    assert_eq!(tokens.into_iter().collect::<Vec<_>>(), ["TOKEN-outsider"]);
}
