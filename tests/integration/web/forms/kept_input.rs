//! Every form of the console while the API server fails: what was typed is on the page that says
//! so.

use std::time::Duration;

use http::{Method, StatusCode};
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_console::outbound::TimeLimits;
use registry_console::web::routes::{ROUTES, Route};

use crate::harness::console::share_session_key;
use crate::harness::{World, post};

/// The address of a form, its fields, and which of their values are input of the user.
type FormCase = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

/// All forms with fields; [`WITHOUT_INPUT`] are the others.
const FORM_CASES: &[FormCase] = &[
    (
        "/images/team-a/api:latest/tag-as",
        &[
            ("project", "team-a"),
            ("stream", "api"),
            ("tag", "typed-here"),
        ],
        &["typed-here"],
    ),
    (
        "/images/team-a/api/new-tag",
        &[
            ("tag", "typed-here"),
            ("source", "elsewhere"),
            ("from", "quay.io/typed/too:1"),
            ("policy", "source"),
        ],
        &["typed-here", "quay.io/typed/too:1"],
    ),
    (
        "/images/team-a/api/edit",
        &[("source", "all"), ("repository", "quay.io/typed/here")],
        &["quay.io/typed/here"],
    ),
    (
        "/new-image-stream",
        &[
            ("project", "team-a"),
            ("name", "typed-here"),
            ("source", "all"),
            ("repository", "quay.io/typed/too"),
        ],
        &["typed-here", "quay.io/typed/too"],
    ),
    (
        "/projects/team-a/members",
        &[
            ("do", "add"),
            ("kind", "user"),
            ("name", "typed-here"),
            ("role", "registry-editor"),
        ],
        &["typed-here"],
    ),
    (
        "/projects/team-a/edit",
        &[
            ("display-name", "Typed here"),
            ("description", "typed\ntoo"),
            ("version", "1"),
        ],
        &["Typed here", "typed\ntoo"],
    ),
    (
        "/projects/team-a/delete",
        &[("name", "team-a")],
        &["team-a"],
    ),
    (
        "/projects/team-a/logins",
        &[("name", "typed-here"), ("may", "pull"), ("lasts", "30")],
        &["typed-here"],
    ),
    (
        "/new-project",
        &[
            ("name", "typed-here"),
            ("display-name", "Typed too"),
            ("description", "and this"),
            ("policy", "private"),
        ],
        &["typed-here", "Typed too", "and this"],
    ),
    (
        "/users/dev",
        &[
            ("do", "give"),
            ("project", "typed-here"),
            ("role", "registry-viewer"),
        ],
        &["typed-here"],
    ),
    (
        "/users/dev/edit",
        &[
            ("full-name", "Typed Here"),
            ("identities", "dex:typed"),
            ("version", "1"),
        ],
        &["Typed Here", "dex:typed"],
    ),
    (
        "/new-user",
        &[
            ("name", "typed-here"),
            ("full-name", "Typed Too"),
            ("identities", "dex:typed"),
        ],
        &["typed-here", "Typed Too", "dex:typed"],
    ),
    (
        "/groups/ops",
        &[("do", "add"), ("members", "typed-here"), ("version", "1")],
        &["typed-here"],
    ),
    (
        "/new-group",
        &[
            ("name", "typed-here"),
            ("members", "first"),
            ("members", "second"),
        ],
        &["typed-here", "first", "second"],
    ),
    ("/images/team-a/api/delete", &[("name", "api")], &["api"]),
    ("/images/team-a/api:v1/delete", &[("tag", "v1@")], &["v1@"]),
    (
        "/images/team-a/api/remove-tags",
        &[
            ("tag", "v1"),
            ("tag", "latest"),
            ("keep", "77"),
            ("days", "88"),
            ("pattern", "typed-*"),
        ],
        &["v1", "latest", "77", "88", "typed-*"],
    ),
    (
        "/images/team-a/api/remove-tags",
        &[("tag", "v1@"), ("tag", "latest@"), ("sure", "1")],
        &["v1@", "latest@"],
    ),
    (
        "/images/team-a/api/remove-tags",
        &[("keep", "77"), ("pattern", "typed-*"), ("review", "rules")],
        &["77", "typed-*"],
    ),
    (
        "/images/team-a/api/restore",
        &[("tag", TAG_AT_IMAGE), ("tag", TAG_WITH_SPEC)],
        &[TAG_AT_IMAGE, TAG_WITH_SPEC],
    ),
    (
        "/images/team-a/api:tracking/restore",
        &[("spec", TAG_SPEC)],
        &[TAG_SPEC],
    ),
    (
        "/imports",
        &[("do", "all"), ("q", "typed-here"), ("host", "quay.io")],
        &["typed-here", "quay.io"],
    ),
    (
        "/images/team-a/api:latest/roll-back",
        &[("to", DIGEST)],
        &[DIGEST],
    ),
    (
        "/projects/team-a/members/remove",
        &[
            ("kind", "user"),
            ("name", "typed-here"),
            ("role", "registry-viewer"),
            ("to", "registry-editor"),
        ],
        &["typed-here", "registry-viewer", "registry-editor"],
    ),
    (
        "/projects/team-a/access",
        &[("policy", "anonymous"), ("open", "yes")],
        &["anonymous"],
    ),
    (
        "/projects/team-a/logins/finish",
        &[("name", "typed-here")],
        &["typed-here"],
    ),
    (
        "/projects/team-a/logins/take-back",
        &[("name", "typed-here")],
        &["typed-here"],
    ),
    ("/users/dev/delete", &[("forget", "yes")], &["yes"]),
    (
        "/groups/ops/remove",
        &[("user", "typed-here")],
        &["typed-here"],
    ),
];

const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

/// What the undo of a removal restores: an image, a source, and the same in the form of one tag.
const TAG_AT_IMAGE: &str =
    "gone@sha256:1111111111111111111111111111111111111111111111111111111111111111";
const TAG_WITH_SPEC: &str =
    r#"tracking {"from":{"Tag":["team-a","api","latest"]},"scheduled":true}"#;
const TAG_SPEC: &str = r#"{"from":{"Tag":["team-a","api","latest"]},"scheduled":true}"#;

/// Routes of forms in which a user enters nothing that could be lost.
const WITHOUT_INPUT: &[&str] = &[
    // A page of the console sends it, with a token that a page does not repeat.
    "/oauth/callback",
    "/logout",
    // It asks no upstream.
    "/preferences",
    "/connect/token",
    // Its fields are the token and what was displayed with it: a page does not repeat them.
    "/projects/{project}/logins/file",
    // The address says all of it.
    "/images/{project}/{image}/import",
    // The address says all of it.
    "/groups/{group}/delete",
];

/// Whether an address belongs to a route, whose parameters are in braces.
fn is_address_of(route: &str, address: &str) -> bool {
    let (wanted, parts): (Vec<_>, Vec<_>) =
        (route.split('/').collect(), address.split('/').collect());
    wanted.len() == parts.len()
        && wanted
            .iter()
            .zip(&parts)
            .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

#[test]
fn every_form_of_the_route_table_is_tested() {
    let forms = ROUTES
        .iter()
        .filter(|route| route.method() == Method::POST && !route.is_api_write());
    let untested: Vec<&str> = forms
        .map(Route::path)
        .filter(|route| !WITHOUT_INPUT.contains(route))
        .filter(|route| {
            !FORM_CASES
                .iter()
                .any(|(address, ..)| is_address_of(route, address))
        })
        .collect();
    assert_eq!(untested, [""; 0]);
}

fn is_kept(values: &[String], text: &str) -> bool {
    values
        .iter()
        .any(|value| value.replace("\r\n", "\n").trim() == text)
}

#[tokio::test]
async fn every_form_keeps_input_on_upstream_errors() {
    let html = include_bytes!("../../../cases/55-write-html-502/response.http");
    let faults = [
        Fault::Refuse,
        Fault::unavailable(),
        Fault::Status(StatusCode::BAD_GATEWAY, html.as_slice().into(), "text/html"),
        Fault::TruncateBody,
    ];
    for fault in faults {
        let world = World::start(Version::V4).await;
        let mut root = world.signed_in("root").await;
        for (action, fields, typed) in FORM_CASES {
            world.fail(Endpoint::ApiServer, fault.clone());
            let page = post(&mut root, action, fields).await;
            world.fail(Endpoint::ApiServer, Fault::None);
            assert!(
                page.status >= 400,
                "{action}, {fault:?}: {} {}",
                page.status,
                page.text
            );
            let values = page.field_values();
            for text in *typed {
                assert!(
                    is_kept(&values, text),
                    "{action}, {fault:?}: {text} is not in {values:?}\n{}",
                    page.text_of("main")
                );
            }
            assert!(
                !page.text_of("main").contains("could not read"),
                "{action}: {}",
                page.text_of("main")
            );
            // The breaker opens again by itself only after a while: a new world is not needed, a
            // moment of its clock is.
            world.advance(chrono::TimeDelta::minutes(2));
        }
    }
}

#[tokio::test]
async fn every_form_keeps_input_when_the_api_server_hangs() {
    let world = World::builder(Version::V4)
        .settings(share_session_key)
        .start()
        .await;
    let limits = TimeLimits {
        connect: Duration::from_secs(2),
        total: Duration::from_millis(200),
    };
    let console = world
        .replica()
        .settings(share_session_key)
        .time_limits(limits)
        .index()
        .start()
        .await;
    let mut root = world.signed_in("root").await.moved_to(console.url());
    world.demo.faults().set(Endpoint::ApiServer, Fault::Hang);
    for (action, fields, typed) in FORM_CASES {
        let page = post(&mut root, action, fields).await;
        assert!(page.status >= 500, "{action}: {}", page.status);
        let mut values = page.attributes("main input", "value");
        values.extend(page.texts("main textarea"));
        for text in *typed {
            let text = text.split('\n').next().unwrap();
            assert!(
                values.iter().any(|value| value.contains(text)),
                "{action}: {text} is not in {values:?}"
            );
        }
    }
}

/// The form itself is shown where its page can be, and everywhere its values.
#[tokio::test]
async fn access_and_token_forms_are_shown_again_without_api_server() {
    let world = World::start(Version::V4).await;
    let mut root = world.signed_in("root").await;
    // After some failures the API server is not called for a while.
    let fail_again = || {
        world.advance(chrono::TimeDelta::minutes(2));
        world.fail(Endpoint::ApiServer, Fault::Refuse);
    };
    fail_again();
    let member = [
        ("do", "add"),
        ("kind", "group"),
        ("name", "typed-here"),
        ("role", "registry-editor"),
    ];
    let page = post(&mut root, "/projects/team-a/members", &member).await;
    assert!(page.status >= 500, "{}", page.text_of("main"));
    assert!(page.only("#add").attr("open").is_some());
    assert_eq!(page.attribute("#f-name", "value"), "typed-here");
    assert_eq!(page.attribute("#f-kind option[selected]", "value"), "group");
    assert_eq!(
        page.attribute("#f-role option[selected]", "value"),
        "registry-editor"
    );
    assert!(!page.text_of("[role=alert]").is_empty());

    fail_again();
    let puller = [("do", "let-pull"), ("puller", "typed-here")];
    let page = post(&mut root, "/projects/team-a/members", &puller).await;
    assert_eq!(page.attribute("#f-puller", "value"), "typed-here");

    fail_again();
    let policy = [("policy", "anonymous"), ("open", "yes")];
    let page = post(&mut root, "/projects/team-a/access", &policy).await;
    assert_eq!(
        page.attribute("input[name=policy][checked]", "value"),
        "anonymous"
    );

    fail_again();
    let token = [("name", "typed-here"), ("may", "push"), ("lasts", "365")];
    let page = post(&mut root, "/projects/team-a/logins", &token).await;
    assert!(page.status >= 500, "{}", page.text_of("main"));
    let kept = page.attributes("main input", "value");
    for value in ["typed-here", "push", "365"] {
        assert!(kept.iter().any(|kept| kept == value), "{value}: {kept:?}");
    }
}
