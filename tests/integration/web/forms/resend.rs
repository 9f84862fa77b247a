//! Forms that are sent when there is no session any more, or when something fails: what was typed
//! is shown and can be sent again.

use bytes::Bytes;
use chrono::TimeDelta;
use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use reqwest::Method;
use rstest::rstest;

use crate::harness::{Browser, Page, World};

const FORM: &str = "/new-group";

/// Sends the form of a page that offers to send it again, as a browser does.
async fn send_again(browser: &mut Browser, page: &Page, origin: &str) -> Page {
    let fields = page.hidden_fields("main form");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let request = browser
        .form(&page.attribute("main form", "action"), &fields)
        .header("origin", origin);
    browser.send(request).await
}

#[track_caller]
fn shows_what_was_typed(page: &Page, status: u16, title: &str) {
    assert_eq!(
        (page.status, page.text_of("h1").as_str()),
        (status, title),
        "{}",
        page.text_of("main")
    );
    let typed: Vec<(String, String)> = page
        .hidden_fields("main form")
        .into_iter()
        .filter(|(name, _)| name != "csrf")
        .collect();
    assert_eq!(
        typed,
        [
            ("name".to_owned(), "my-group".to_owned()),
            ("members".to_owned(), "dev\nviewer".to_owned())
        ]
    );
    assert!(page.text_of("main").contains("my-group"));
}

/// Signed out in another tab, a session at its end, and a token that the API server no longer
/// accepts.
#[rstest]
#[tokio::test]
async fn expired_session_form_can_be_resent_after_sign_in(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    for what in ["signed out", "expired", "revoked"] {
        let world = World::start(version).await;
        let origin = world.origin();
        let mut browser = world.signed_in("root").await;
        let csrf = browser.csrf().await;
        match what {
            "signed out" => drop(browser.sign_out().await),
            "expired" => world.advance(TimeDelta::hours(24)),
            _ => world.fail(
                Endpoint::ApiServer,
                Fault::Status(
                    StatusCode::UNAUTHORIZED,
                    Bytes::from_static(b"Unauthorized"),
                    "text/plain",
                ),
            ),
        }
        let fields = [
            ("name", "my-group"),
            ("members", "dev\nviewer"),
            ("csrf", &csrf),
        ];
        let form = browser.form(FORM, &fields).header("origin", &origin);
        let page = browser.send(form).await;
        shows_what_was_typed(&page, 401, "You were signed out");
        assert!(
            page.text_of("main").contains("Nothing was changed"),
            "{what}"
        );
        assert!(
            !page.text.contains(&csrf) && page.select(".rc-navigation").is_empty(),
            "{what}"
        );
        assert_eq!(
            page.attribute("main .rc-status-page > .rc-actions a.pf-m-link", "href"),
            "/login?next=%2Fnew-group"
        );
        world.fail(Endpoint::ApiServer, Fault::None);
        if what == "signed out" {
            let page = send_again(&mut browser, &page, &origin).await;
            shows_what_was_typed(&page, 401, "You were signed out");
        }
        browser.sign_in("root").await;
        world.clear_requests();
        let page = send_again(&mut browser, &page, &origin).await;
        shows_what_was_typed(&page, 403, "Review what will be sent");
        assert!(
            world.requests().is_empty(),
            "{what}: {:?}",
            world.requests()
        );
        let page = send_again(&mut browser, &page, &origin).await;
        assert_eq!(page.location(), "/groups/my-group", "{what}: done now");
    }
}

#[tokio::test]
async fn failed_form_keeps_input_and_does_not_claim_no_change() {
    for fault in [Fault::Refuse, Fault::NotJson] {
        let world = World::start(Version::V4).await;
        let mut browser = world.signed_in("dev").await;
        let csrf = browser.csrf().await;
        world.fail(Endpoint::ApiServer, fault.clone());
        let fields = [("tag", "<b>typed-by-me"), ("csrf", csrf.as_str())];
        let form = browser
            .form("/images/team-a/api:latest/tag-as", &fields)
            .header("origin", world.origin());
        let page = browser.send(form).await;
        assert!(
            matches!(page.status, 502 | 503),
            "{fault:?}: {}",
            page.status
        );
        assert!(
            page.text_of("main").contains("<b>typed-by-me")
                && page
                    .text_of("main")
                    .contains("The change might already be made"),
            "{}",
            page.text_of("main")
        );
        assert_eq!(
            page.attribute("main form", "action"),
            "/images/team-a/api:latest/tag-as"
        );
        assert_eq!(
            page.select("main form input[name=csrf]").len(),
            1,
            "the session's own token: it can be sent at once"
        );
    }
}

/// The service account is there when its role is refused.
#[tokio::test]
async fn token_rejected_mid_change_is_not_reported_as_unchanged() {
    let world = World::start(Version::V4).await;
    let origin = world.origin();
    let mut browser = world.signed_in("dev").await;
    let csrf = browser.csrf().await;
    let first = [
        ("name", "first"),
        ("may", "pull"),
        ("lasts", "30"),
        ("csrf", csrf.as_str()),
    ];
    let made = browser
        .send(
            browser
                .form("/projects/team-a/logins", &first)
                .header("origin", &origin),
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.text_of("main"));
    // Its role binding is there now, and is changed by PUT.
    world.fail(
        Endpoint::ApiServer,
        Fault::FailNext(
            1,
            Method::PUT,
            StatusCode::UNAUTHORIZED,
            Bytes::from_static(b"{}"),
        ),
    );
    let second = [
        ("name", "second"),
        ("may", "pull"),
        ("lasts", "30"),
        ("csrf", csrf.as_str()),
    ];
    let page = browser
        .send(
            browser
                .form("/projects/team-a/logins", &second)
                .header("origin", &origin),
        )
        .await;
    let text = page.text_of("main");
    assert_eq!(
        (page.status, page.text_of("h1").as_str()),
        (401, "You were signed out"),
        "{text}"
    );
    assert!(
        !text.contains("Nothing was changed") && text.contains("part of it might be done"),
        "{text}"
    );
    assert!(text.contains("The change might already be made"), "{text}");
}

#[tokio::test]
async fn form_with_credential_is_never_echoed() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let fields = [("name", "robot"), ("token", "very-secret")];
    let page = browser
        .send(
            browser
                .form("/projects/team-a/logins/file", &fields)
                .header("origin", world.origin()),
        )
        .await;
    assert_eq!(
        (page.status, page.text_of("h1").as_str()),
        (401, "You were signed out")
    );
    assert!(!page.text.contains("very-secret") && page.select("main form").is_empty());
    assert_eq!(
        page.attribute("main .pf-m-primary", "href"),
        "/login?next=%2Fprojects%2Fteam-a%2Flogins"
    );
}

#[tokio::test]
async fn language_and_theme_forms_need_no_session() {
    let world = World::start(Version::V3_9).await;
    let mut browser = world.browser();
    let form = browser
        .form(
            "/preferences",
            &[("theme", "dark"), ("next", "/signed-out"), ("csrf", "")],
        )
        .header("origin", world.origin());
    assert_eq!(browser.send(form).await.location(), "/signed-out");
}

/// Chromium blocks a form's redirect to the OAuth server (`form-action 'self'`): only a page can
/// lead there.
#[tokio::test]
async fn form_without_session_links_to_the_sign_in() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let get = |browser: &Browser, headers: &[(&'static str, &'static str)]| {
        headers.iter().fold(
            browser.request(Method::GET, "/search?q=api"),
            |request, (name, value)| request.header(*name, *value),
        )
    };
    let page = browser
        .send(get(
            &browser,
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-mode", "navigate"),
            ],
        ))
        .await;
    assert_eq!(page.status, 401);
    let login = "/login?next=%2Fsearch%3Fq%3Dapi";
    assert_eq!(
        page.attribute("meta[http-equiv=refresh]", "content"),
        format!("0; url={login}")
    );
    assert_eq!(page.attribute("main .pf-m-primary", "href"), login);
    for headers in [
        &[][..],
        &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")],
        &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
        ],
        &[
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "cors"),
        ],
    ] {
        assert_eq!(
            browser.send(get(&browser, headers)).await.location(),
            login,
            "{headers:?}"
        );
    }
}
