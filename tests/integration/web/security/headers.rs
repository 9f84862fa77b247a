//! The headers of every answer (S27, S28).

use bytes::Bytes;
use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::web::assets;
use reqwest::Method;
use rstest::rstest;

use crate::harness::{Browser, Page, World};

/// S27.
#[track_caller]
fn assert_security_headers(page: &Page, what: &str) {
    let policy: Vec<&str> = page
        .header("content-security-policy")
        .split(';')
        .map(str::trim)
        .collect();
    let expected = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ];
    for directive in expected {
        assert!(
            policy.contains(&directive),
            "{what}: {directive} in {policy:?}"
        );
    }
    for directive in policy {
        assert!(
            !directive.contains("unsafe")
                && !directive.contains('*')
                && !directive.contains("data:")
                && !directive.contains("http"),
            "{what}: {directive}"
        );
    }
    let expected = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
    ];
    for (name, value) in expected {
        assert_eq!(page.header(name), value, "{what}");
        assert_eq!(
            page.headers.get_all(name).iter().count(),
            1,
            "{what}: {name}"
        );
    }
    let names: Vec<&str> = page.headers.keys().map(http::HeaderName::as_str).collect();
    for header in [
        "server",
        "x-powered-by",
        "content-security-policy-report-only",
    ] {
        assert!(!names.contains(&header), "{what}: {header}");
    }
    assert!(
        !names.iter().any(|name| name.starts_with("access-control-")),
        "S26, {what}"
    );
}

/// S28.
#[track_caller]
fn assert_no_store(page: &Page, what: &str) {
    assert_eq!(page.header("cache-control"), "no-store", "{what}");
}

const PAGES: [&str; 10] = [
    "/",
    "/connect",
    "/connect/token",
    "/projects/team-a/logins",
    "/images",
    "/projects/team-a/activity",
    "/images/team-a/api",
    "/images/team-a/api:latest",
    "/projects",
    "/projects/team-a",
];

const OTHERS: [&str; 12] = [
    "/live",
    "/live?since=1",
    "/registry",
    "/login",
    "/oauth/callback",
    "/logout",
    "/signed-out",
    "/oauth/callback/signed-out",
    "/preferences",
    "/healthz",
    "/readyz",
    "/ping",
];

async fn walk(browser: &mut Browser, path: &str, method: Method) -> Page {
    let request = browser.request(method.clone(), path);
    let page = browser.send(request).await;
    let what = format!("{method} {path}: {}", page.status);
    assert_security_headers(&page, &what);
    assert_no_store(&page, &what);
    page
}

#[rstest]
#[tokio::test]
async fn every_route_has_security_and_no_store_headers(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    for mut browser in [world.browser(), world.signed_in("dev").await] {
        for page in PAGES {
            for path in [
                page.to_owned(),
                format!("/api/v1{}", page.trim_end_matches('/')),
            ] {
                for method in [
                    Method::GET,
                    Method::HEAD,
                    Method::OPTIONS,
                    Method::POST,
                    Method::DELETE,
                ] {
                    walk(&mut browser, &path, method).await;
                }
            }
        }
        for path in OTHERS {
            walk(&mut browser, path, Method::GET).await;
        }
    }
}

/// One answer of each status that is an error.
#[tokio::test]
async fn every_error_has_security_and_no_store_headers() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await.with_http1();
    let origin = world.origin();
    let large = "x".repeat(65 << 10);
    let get = |browser: &Browser, path: &str| browser.request(Method::GET, path);
    let cases = [
        (
            400,
            get(&browser, "/oauth/callback?state=x").header("cookie", "none=1"),
        ),
        (
            401,
            world
                .browser()
                .request(Method::GET, "/api/v1/projects")
                .header("cookie", "none=1"),
        ),
        (403, browser.form("/preferences", &[("theme", "dark")])),
        (403, get(&browser, "/projects/nowhere")),
        (404, get(&browser, "/nowhere")),
        (404, get(&browser, "/api/v1/nowhere")),
        (404, get(&browser, "/assets/nothing.css")),
        (404, get(&browser, "/images/team-a/nothing")),
        (405, get(&browser, "/logout")),
        (
            413,
            browser
                .form("/preferences", &[("x", &large)])
                .header("origin", &origin),
        ),
        (
            421,
            get(&browser, "/projects").header("host", "evil.example"),
        ),
    ];
    for (status, request) in cases {
        let page = browser.send(request).await;
        assert_eq!(page.status, status, "{}", page.text);
        assert_security_headers(&page, &status.to_string());
        assert_no_store(&page, &status.to_string());
    }
    let upstream = |status| Fault::Status(status, Bytes::from_static(b"<script>"), "text/html");
    for (status, fault) in [
        (502, upstream(StatusCode::INTERNAL_SERVER_ERROR)),
        (502, Fault::NotJson),
        (503, upstream(StatusCode::TOO_MANY_REQUESTS)),
        (503, Fault::Refuse),
    ] {
        world.fail(Endpoint::ApiServer, fault);
        for path in ["/projects", "/api/v1/projects"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, status, "{}", page.text);
            assert!(!page.text.contains("<script>"));
            assert_security_headers(&page, path);
            assert_no_store(&page, path);
        }
    }
}

/// S42: an answer to a form without a session that is too large for the console.
#[tokio::test]
async fn form_over_one_mebibyte_is_rejected() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let request = browser
        .form("/preferences", &[("x", &"x".repeat(1 << 20))])
        .header("origin", world.origin());
    let page = browser.attempt(request).await.expect("an answer");
    assert_eq!(page.status, 413, "{}", page.text);
    assert_security_headers(&page, "413");
}

/// S28: cached for ever, since the address changes with the content, and the same for all users.
#[tokio::test]
async fn assets_are_immutable_and_set_no_cookie() {
    let world = World::start(Version::V4).await;
    for mut browser in [world.browser(), world.signed_in("dev").await] {
        for name in ["console.css", "dark.css", "console.js", "favicon.svg"] {
            let page = browser.get(assets::url(name)).await;
            assert_eq!(page.status, 200, "{name}");
            assert_eq!(
                page.header("cache-control"),
                "public, max-age=31536000, immutable",
                "{name}"
            );
            assert!(page.set_cookies().is_empty());
            assert_security_headers(&page, name);
        }
        let missing = browser.get("/assets/console.00000000.css").await;
        assert_eq!(missing.status, 404);
        assert_no_store(&missing, "a missing asset");
    }
}

/// A page needs nothing but what the policy allows.
#[tokio::test]
async fn pages_comply_with_their_content_security_policy() {
    let world = World::start(Version::V4).await;
    let mut browser = world.signed_in("dev").await;
    for path in PAGES.into_iter().chain(["/signed-out", "/nowhere"]) {
        let page = browser.get(path).await;
        assert!(
            page.select("style, [style], base, iframe, object, embed, script:not([src])")
                .is_empty(),
            "{path}"
        );
        for element in page.select("*") {
            assert!(
                !element
                    .value()
                    .attrs()
                    .any(|(name, _)| name.starts_with("on")),
                "{path}: {}",
                element.html()
            );
        }
        for element in page.select("[src], link[href]") {
            let address = element.attr("src").or(element.attr("href")).unwrap();
            assert!(address.starts_with("/assets/"), "{path}: {address}");
        }
    }
}
