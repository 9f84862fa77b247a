//! Pages about space where images cannot be read: they say what is missing, and have bounds in
//! place of numbers.

use http::StatusCode;
use openshift_standin::cluster::Version;
use openshift_standin::faults::Fault;
use rstest::rstest;
use serde_json::Value;

use super::{items, settled};
use crate::harness::console::SHORT_LIMITS;
use crate::harness::{Browser, World, post};

const PAGES: [&str; 5] = [
    "/projects/shop/space",
    "/images/shop/cart/space",
    "/projects/shop/space/plan?keep-tag-revisions=1",
    "/images/shop/cart/space/plan?keep-tag-revisions=0&keep-younger-than=0",
    "/images/shop/cart/remove-tags?keep=2",
];

/// What only images say: the API server answers everything else.
const IMAGE_PATHS: [&str; 3] = ["/layers", "/imagestreamimages/", "/imagestreamtags/"];

/// The body of a 403.
const FORBIDDEN: &str = "{\"kind\": \"Status\", \"status\": \"Failure\", \"message\": \"imagestreams \\\"cart\\\" is forbidden\"}";

fn status(status: StatusCode, body: &'static str) -> Fault {
    Fault::Status(status, body.as_bytes().into(), "application/json")
}

/// The sizes of a page as JSON that depend on what could not be read, by their names.
fn figures(json: &Value) -> Vec<(&'static str, &Value)> {
    let figures = [
        ("/space/total", json.pointer("/space/total")),
        ("/space/own", json.pointer("/space/own")),
        ("/freed", json.get("freed")),
        (
            "/freed_by_rules/freed",
            json.pointer("/freed_by_rules/freed"),
        ),
    ];
    let known = figures.into_iter();
    known
        .filter_map(|(name, figure)| Some((name, figure?)))
        .filter(|(_, figure)| figure["at_least"].is_boolean())
        .collect()
}

async fn load(browser: &mut Browser, paths: &[&'static str]) -> Vec<(&'static str, String, Value)> {
    let mut found = Vec::new();
    for &path in paths {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let json = browser.json(path).await.json();
        found.push((path, page.text_of("main"), json));
    }
    found
}

/// Each page says how many images were not read, and has lower bounds.
async fn assert_lower_bounds(browser: &mut Browser, paths: &[&'static str]) {
    for (path, text, json) in load(browser, paths).await {
        assert!(text.contains("At least:"), "{path}: {text}");
        assert!(text.contains("not read"), "{path}: {text}");
        let figures = figures(&json);
        assert!(!figures.is_empty(), "{path}: {json}");
        for (name, figure) in figures {
            assert_eq!(figure["at_least"], true, "{path} {name}: {json}");
        }
    }
}

/// Pages do not wait for images that never come.
#[tokio::test]
async fn silent_api_server_leaves_bounds() {
    let world = World::builder(Version::V4)
        .sample()
        .time_limits(SHORT_LIMITS)
        .start()
        .await;
    let mut developer = world.signed_in("developer").await;
    for path in IMAGE_PATHS {
        world.demo.faults().set_for_path(path, Fault::Hang);
    }
    assert_lower_bounds(&mut developer, &PAGES[1..3]).await;
}

#[rstest]
#[case::server_error(status(StatusCode::INTERNAL_SERVER_ERROR, "{}"))]
#[case::truncated(Fault::TruncateBody)]
#[case::not_json(Fault::NotJson)]
#[case::broken_json(status(StatusCode::OK, "{\"blobs\": {\"sha256:"))]
#[case::other_types(status(
    StatusCode::OK,
    "{\"blobs\": 5, \"images\": [null, \"x\"], \"image\": [7]}"
))]
#[case::empty(status(StatusCode::OK, "{}"))]
#[tokio::test]
async fn answers_that_are_broken_leave_bounds(
    #[values(Version::V3_9, Version::V4)] version: Version,
    #[case] fault: Fault,
) {
    let world = World::builder(version).sample().start().await;
    for path in IMAGE_PATHS {
        world.demo.faults().set_for_path(path, fault.clone());
    }
    let mut developer = world.signed_in("developer").await;
    assert_lower_bounds(&mut developer, &PAGES).await;
    // Afterwards the same pages have numbers.
    world.demo.faults().clear();
    for path in PAGES {
        let json = settled(&mut developer, path).await;
        for (name, figure) in figures(&json) {
            assert_eq!(figure["at_least"], false, "{path} {name}: {json}");
        }
    }
}

/// The layers alone: one by one the images can still be read, so that no number changes.
#[rstest]
#[case::absent(
    StatusCode::NOT_FOUND,
    "{\"kind\": \"Status\", \"message\": \"the server could not find the requested resource\"}"
)]
#[case::forbidden(StatusCode::FORBIDDEN, FORBIDDEN)]
#[tokio::test]
async fn without_layers_the_numbers_are_the_same(
    #[case] refusal: StatusCode,
    #[case] body: &'static str,
) {
    let world = World::builder(Version::V4).sample().start().await;
    let mut developer = world.signed_in("developer").await;
    let mut expected = Vec::new();
    for path in PAGES {
        expected.push(settled(&mut developer, path).await);
    }
    let world = World::builder(Version::V4).sample().start().await;
    world
        .demo
        .faults()
        .set_for_path("/layers", status(refusal, body));
    let mut developer = world.signed_in("developer").await;
    for (path, expected) in PAGES.into_iter().zip(expected) {
        let json = settled(&mut developer, path).await;
        let (found, wanted) = (figures(&json), figures(&expected));
        assert!(!found.is_empty(), "{path}: {json}");
        assert_eq!(found, wanted, "{path}");
    }
}

/// Who may neither pull nor read images is told so, without a fault to repair.
#[tokio::test]
async fn images_that_a_user_may_not_read_are_missing_for_lack_of_permission() {
    let world = World::builder(Version::V4).sample().start().await;
    for path in IMAGE_PATHS {
        world
            .demo
            .faults()
            .set_for_path(path, status(StatusCode::FORBIDDEN, FORBIDDEN));
    }
    let mut developer = world.signed_in("developer").await;
    for (path, text, json) in load(&mut developer, &PAGES).await {
        assert!(text.contains("At least:"), "{path}: {text}");
        assert!(text.contains("permission"), "{path}: {text}");
        for (name, figure) in figures(&json) {
            assert_eq!(figure["at_least"], true, "{path} {name}: {json}");
        }
    }
    let review = post(
        &mut developer,
        "/images/shop/cart/remove-tags",
        &[("tag", "1.0.0")],
    )
    .await;
    assert_eq!(review.status, 200, "{}", review.text);
    assert!(review.text_of(".rc-freed").contains("At least:"));
}

/// What only other image streams lack makes an upper bound of what would be freed.
#[tokio::test]
async fn images_of_other_streams_that_are_missing_leave_upper_bounds() {
    let world = World::builder(Version::V4).sample().start().await;
    let mut admin = world.signed_in("admin").await;
    let path = "/images/shop/cart/remove-tags?keep=2";
    let exact = settled(&mut admin, path).await;
    let freed = &exact["freed_by_rules"]["freed"];
    assert_eq!(
        (&freed["at_least"], &freed["at_most"]),
        (&false.into(), &false.into()),
        "{exact}"
    );
    let world = World::builder(Version::V4).sample().start().await;
    for path in ["/imagestreams/search/layers", "/imagestreamimages/search@"] {
        let fault = status(StatusCode::INTERNAL_SERVER_ERROR, "{}");
        world.demo.faults().set_for_path(path, fault);
    }
    let mut admin = world.signed_in("admin").await;
    let bound = settled(&mut admin, path).await;
    let freed = &bound["freed_by_rules"]["freed"];
    assert_eq!(
        (&freed["at_least"], &freed["at_most"]),
        (&false.into(), &true.into()),
        "{bound}"
    );
    assert!(super::bytes(freed) >= super::bytes(&exact["freed_by_rules"]["freed"]));
    let page = admin.get(path).await;
    assert!(
        page.text_of(".rc-freed").contains("at most"),
        "{}",
        page.text
    );
}

/// Broken answers reveal nothing of projects that a user does not see.
#[rstest]
#[tokio::test]
async fn other_projects_are_not_named_where_images_are_missing(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version).sample().start().await;
    let mut admin = world.signed_in("admin").await;
    let all = admin.json("/projects").await.json();
    let mut viewer = world.signed_in("viewer").await;
    let seen = viewer.json("/projects").await.json();
    let names = |list: &Value| -> Vec<String> {
        let rows = items(list, "rows").into_iter();
        rows.map(|row| row["project"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let (all, seen) = (names(&all), names(&seen));
    let hidden: Vec<&String> = all.iter().filter(|name| !seen.contains(name)).collect();
    assert!(
        hidden.len() > 1 && seen.contains(&"shop".to_owned()),
        "{seen:?}"
    );
    for fault in [Fault::None, Fault::TruncateBody] {
        for path in IMAGE_PATHS {
            world.demo.faults().set_for_path(path, fault.clone());
        }
        for path in PAGES {
            let (page, json) = (viewer.get(path).await, viewer.json(path).await);
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            let main = page.text_of("main");
            for name in &hidden {
                let quoted = format!("\"{name}\"");
                assert!(!json.text.contains(&quoted), "{path} in JSON: {name}");
                assert!(!main.contains(&format!("{name}/")), "{path}: {name}");
            }
        }
    }
}
