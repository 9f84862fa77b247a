//! Texts that are markup, links or invisible characters (S30-S32).

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use openshift_standin::cluster::Version;
use registry_model::{Subject, SubjectKind};
use scraper::Html;
use serde_json::{Value, json};

use super::{HOSTILE, blob, both, hostile, manifest};
use crate::harness::seeded_standin::OCI_MANIFEST;
use crate::harness::{Browser, Page, World};

/// A user's name that is markup.
const NAME: &str = "\"><img src=x onerror=alert('name')>\u{202e}";

/// The sample's hostile project, and a user with such a name in it.
async fn sample() -> (World, Browser) {
    let world = World::builder(Version::V4).sample().index().start().await;
    world.demo.cluster().add_user(NAME, NAME, &[]);
    let subject = Subject {
        kind: SubjectKind::User,
        name: NAME.to_owned(),
        project: None,
    };
    let cluster = world.demo.cluster();
    cluster.bind(Some(&"untrusted".parse().unwrap()), "admin", &[subject]);
    let browser = world.signed_in(NAME).await;
    (world, browser)
}

fn is_deceptive(c: char) -> bool {
    let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}

fn around(text: &str, at: usize) -> String {
    let before: String = text[..at].chars().rev().take(80).collect();
    before
        .chars()
        .rev()
        .chain(text[at..].chars().take(40))
        .collect()
}

/// Nothing on the page but what our templates put there.
fn assert_harmless(page: &Page, path: &str) {
    let document = Html::parse_document(&page.text);
    for element in document.tree.values().filter_map(scraper::Node::as_element) {
        let name = element.name();
        let ours = !matches!(
            name,
            "img"
                | "iframe"
                | "object"
                | "embed"
                | "base"
                | "style"
                | "b"
                | "audio"
                | "video"
                | "frame"
        );
        assert!(ours, "{path}: <{name}>");
        for (attribute, value) in element.attrs() {
            assert!(
                !attribute.starts_with("on") && attribute != "style" && attribute != "srcdoc",
                "{path}: <{name} {attribute}={value}>"
            );
            let address = matches!(
                attribute,
                "href" | "src" | "action" | "formaction" | "xlink:href"
            );
            let own =
                value.starts_with('#') || (value.starts_with('/') && !value.starts_with("//"));
            assert!(!address || own, "{path}: <{name} {attribute}={value}>");
        }
        assert!(
            name != "script"
                || element
                    .attr("src")
                    .is_some_and(|src| src.starts_with("/assets/")),
            "{path}"
        );
    }
    // The input is in the field as it was typed.
    let (mut rest, mut body) = (page.text.as_str(), String::new());
    while let Some((before, field)) = rest.split_once("type=\"search\"") {
        body.push_str(before);
        rest = field.split_once('>').unwrap().1;
    }
    body.push_str(rest);
    if let Some(at) = body.find(is_deceptive) {
        panic!("{path}: an invisible character: {:?}", around(&body, at));
    }
    assert!(
        !page.text.contains("><img") && !page.text.contains("<script>"),
        "{path}"
    );
    assert!(
        page.headers[CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );
}

// S30, S32
#[tokio::test]
async fn pushed_markup_is_escaped_on_every_page() {
    let (_world, mut browser) = sample().await;
    let paths = [
        "/",
        "/images",
        "/images?q=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
        "/images/untrusted",
        "/images/untrusted/evil",
        "/images/untrusted/evil?q=%3C/script%3E%3Cscript%3E%E2%80%AE",
        "/images/untrusted/evil:latest",
        "/images/untrusted/long-label:1",
        "/projects",
        "/projects?q=%22%3E%3Cimg%20src%3Dx%3E%E2%80%AE",
        "/projects/untrusted",
        "/signed-out",
        "/nowhere/%3Cimg%20src=x%3E",
    ];
    for path in paths {
        let page = browser.get(path).await;
        assert_harmless(&page, path);
        let json = browser.json(path).await;
        let media_type = if json.status == 200 {
            "application/json"
        } else {
            "application/problem+json"
        };
        assert_eq!(
            (
                &json.headers[CONTENT_TYPE],
                &json.headers[X_CONTENT_TYPE_OPTIONS]
            ),
            (&media_type.parse().unwrap(), &"nosniff".parse().unwrap()),
            "{path}"
        );
        assert!(json.json().is_object(), "{path}");
    }
    // It is there, and can be read.
    let image = browser.get("/images/untrusted/evil:latest").await;
    assert_eq!(
        image.fact("Author"),
        "\"><img src=x onerror=alert('author')>"
    );
    assert_eq!(image.fact("template"), "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}");
    assert!(
        image.fact("io.k8s.display-name").contains("U+202E")
            && image.fact("controls").contains("U+001B")
    );
    assert_eq!(
        image.fact("org.opencontainers.image.source"),
        "javascript:alert(document.domain)"
    );
    let stream = browser.get("/images/untrusted/evil").await;
    assert!(
        stream
            .text_of(".rc-failure")
            .contains("\"><img src=x onerror=alert('label')>")
    );
    let project = browser.get("/projects/untrusted").await;
    assert!(
        project
            .text_of(".rc-page-header__facts li:first-child")
            .starts_with("\"><img src=x onerror=alert(1)> {{7*7}} U+202E")
    );
    let project = browser.get("/projects/untrusted/access").await;
    assert!(
        project
            .texts("th")
            .iter()
            .any(|member| member.contains("alert('name')")),
        "{:?}",
        project.texts("th")
    );
    assert!(project.text_of(".rc-menu__name").starts_with("\"><img"));
    let json = browser
        .get("/api/v1/images/untrusted/evil:latest")
        .await
        .json();
    assert_eq!(
        json["facts"]["author"],
        "\"><img src=x onerror=alert('author')>"
    );
}

// S32
#[tokio::test]
async fn mebibyte_label_is_truncated_and_expandable() {
    let (_world, mut browser) = sample().await;
    let page = browser.get("/images/untrusted/long-label:1").await;
    assert!(page.text.len() < 300 << 10, "{} bytes", page.text.len());
    let label = page.text_of("section[aria-labelledby=labels] details.rc-long-text summary");
    assert!(
        label.starts_with(&"W".repeat(240)) && label.ends_with("Show 15,889 characters"),
        "{label}"
    );
    assert!(
        page.text_of("section[aria-labelledby=labels]")
            .contains("1 long value is truncated here")
    );
    assert_eq!(page.fact("short"), "ok");
}

// S31
#[tokio::test]
async fn only_http_urls_become_links() {
    let (_world, registry, mut dev) = hostile().await;
    let good = "https://git.example.com/shop?ref=1#readme";
    let labels = json!({
        "org.opencontainers.image.source": good,
        "org.opencontainers.image.url": "javascript:alert(1)//https://example.com",
        "org.opencontainers.image.documentation": "https://admin:secret@example.com/",
        "org.label-schema.vcs-url": "git+ssh://git@example.com/shop",
        "a": " https://example.com/", "b": "//example.com/", "c": "https://example.com\\@evil.example/", "d": "data:text/html,x",
        "e": "HTTPS://example.com/\u{202e}", "f": "https:///example.com", "g": "file:///etc/passwd",
    });
    let text = json!({ "architecture": "amd64", "os": "linux", "config": { "Labels": labels } })
        .to_string();
    let config = registry.store_blob(text);
    registry.store_manifest(OCI_MANIFEST, manifest(&config, &json!([])).to_string());
    let (page, json) = both(&mut dev, HOSTILE).await;
    let links = "section[aria-labelledby=labels] a";
    assert_eq!(page.attributes(links, "href"), [good]);
    assert_eq!(
        page.attributes(links, "rel"),
        ["noopener noreferrer nofollow"]
    );
    assert_eq!(page.fact("b"), "//example.com/");
    assert_eq!(json["facts"]["config"]["labels"]["items"], labels);
}

// S30: texts of the manifest itself, without a config that could be read.
#[tokio::test]
async fn media_types_and_annotations_are_escaped() {
    let (_world, registry, mut dev) = hostile().await;
    let evil = "\"><img src=x onerror=alert(1)>\u{202e}";
    let layer = blob(evil, b"layer");
    let mut manifest = manifest(&blob(evil, b"config"), &json!([layer]));
    manifest["annotations"] = json!({ evil: evil });
    manifest["artifactType"] = evil.into();
    registry.store_manifest(OCI_MANIFEST, manifest.to_string());
    let (page, json) = both(&mut dev, HOSTILE).await;
    assert_harmless(&page, HOSTILE);
    assert!(
        page.fact("Type")
            .contains("\"><img src=x onerror=alert(1)>U+202E"),
        "{}",
        page.fact("Type")
    );
    assert_eq!(
        json["facts"]["annotations"]["items"][evil],
        Value::from(evil)
    );
}
