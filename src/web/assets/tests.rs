use std::collections::BTreeSet;
use std::fs;
use std::path::{Path as FilePath, PathBuf};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;

async fn get(url: &str, headers: &[(header::HeaderName, &str)]) -> Response {
    let mut request = Request::get(url);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    routes()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn smallest_accepted_encoding_is_served() {
    for (accepted, encoding) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip;q=0.5", Some("gzip")),
        ("br;q=0, gzip", Some("gzip")),
        ("br; q=nonsense", None),
        ("", None),
    ] {
        let response = get(url("console.css"), &[(header::ACCEPT_ENCODING, accepted)]).await;
        assert_eq!(response.status(), StatusCode::OK, "{accepted}");
        assert_eq!(
            response
                .headers()
                .get(header::CONTENT_ENCODING)
                .map(|value| value.to_str().unwrap()),
            encoding,
            "{accepted}"
        );
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/css; charset=utf-8"
        );
        assert_eq!(response.headers()[header::VARY], "accept-encoding");
    }
}

#[tokio::test]
async fn assets_are_cached_for_a_year_without_cookie() {
    let response = get(url("console.js"), &[]).await;
    assert_eq!(
        response.headers()[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/javascript; charset=utf-8"
    );
    assert!(!response.headers().contains_key(header::SET_COOKIE));
    let etag = response.headers()[header::ETAG]
        .to_str()
        .unwrap()
        .to_owned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(
        &body[..],
        fs::read(root().join("static/console.js")).unwrap()
    );
    let again = get(url("console.js"), &[(header::IF_NONE_MATCH, &etag)]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn unknown_asset_is_not_found() {
    for unknown in [
        "/assets/console.css",
        "/assets/console-0000000000.css",
        "/assets/..%2f..%2fetc%2fpasswd",
        url("nothing.css"),
    ] {
        assert_eq!(
            get(unknown, &[]).await.status(),
            StatusCode::NOT_FOUND,
            "{unknown}"
        );
    }
}

#[test]
fn every_referenced_asset_is_embedded() {
    let named = words_after("asset(\"", &all_texts("templates"));
    assert!(
        named.contains("console.css"),
        "the layout links the style sheet"
    );
    for name in named {
        assert_ne!(url(&name), "/assets/unknown", "{name}");
    }
}

/// The bundle contains only the classes that were in use when it was built: this test fails if it
/// is older than the pages, or if a class does not exist.
#[test]
fn every_used_patternfly_class_is_in_the_style_sheet() {
    let sheet = fs::read_to_string(root().join("static/build/console.css")).unwrap();
    let in_sheet: BTreeSet<String> = patternfly_classes(&sheet);
    let missing: Vec<String> = patternfly_classes(&all_texts("templates"))
        .into_iter()
        .filter(|class| !in_sheet.contains(class))
        .collect();
    assert!(
        missing.is_empty(),
        "not in PatternFly, or not built in (npm run build): {missing:?}"
    );
}

/// The first visit may transfer 80 KB in all, of which style sheets and scripts may take 50.
#[test]
fn assets_stay_within_their_size_budget() {
    let bytes: usize = ["console.css", "dark.css", "console.js"]
        .iter()
        .map(|name| {
            ASSETS
                .iter()
                .find(|asset| asset.name == *name)
                .expect("embedded")
                .brotli
                .len()
        })
        .sum();
    assert!(bytes <= 50 * 1024, "{bytes} bytes");
}

#[test]
fn style_sheets_load_no_external_resource() {
    for asset in ASSETS.iter().filter(|asset| asset.name.ends_with(".css")) {
        let text = std::str::from_utf8(asset.identity).unwrap();
        assert!(
            !text.contains("url(") && !text.contains("@import") && !text.contains("@font-face"),
            "{}",
            asset.name
        );
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn all_texts(directory: &str) -> String {
    fn add(directory: &FilePath, text: &mut String) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, text);
            } else {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut text = String::new();
    add(&root().join(directory), &mut text);
    text
}

fn words_after(prefix: &str, text: &str) -> BTreeSet<String> {
    text.split(prefix)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

fn patternfly_classes(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    words
        .filter(|word| {
            word.starts_with("pf-v6-c-")
                || word.starts_with("pf-v6-l-")
                || word.starts_with("pf-m-")
                || word.starts_with("pf-v6-screen")
        })
        .map(str::to_owned)
        .collect()
}
