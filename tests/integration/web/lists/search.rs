//! Searching: what is found, for whom, and how it is shown.

use crate::harness::{Page, World};
use openshift_standin::cluster::Version;
use rstest::rstest;

/// Where the hits of a page lead.
fn hits(page: &Page) -> Vec<String> {
    page.select("#found a.rc-hit")
        .iter()
        .map(|link| link.attr("href").unwrap().to_owned())
        .collect()
}

#[rstest]
#[tokio::test]
async fn search_finds_only_visible_streams_by_name_and_digest(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let json = world
        .browser()
        .json_with_token("/images/team-a/api:latest", "TOKEN-root")
        .await
        .json();
    let digest = json["digest"].as_str().unwrap().to_owned();
    let image = format!("/images/team-a/api@{digest}");
    let short = &digest["sha256:".len()..][..8];
    for question in [
        "api".to_owned(),
        "team-a".to_owned(),
        digest.clone(),
        short.to_owned(),
        format!("r.example:5000/team-a/api@{digest}"),
    ] {
        let path = format!("/search?q={question}");
        for (user, may) in [
            ("dev", true),
            ("viewer", true),
            ("root", true),
            ("outsider", false),
        ] {
            let page = world.signed_in(user).await.get(&path).await;
            assert_eq!(page.status, 200);
            let found = hits(&page);
            assert_eq!(
                found.iter().any(|href| href.contains("/team-a")),
                may,
                "{user}, {question}: {found:?}"
            );
            if question.contains(short) {
                assert_eq!(found.contains(&image), may, "{user}, {question}: {found:?}");
            }
        }
    }
    assert_eq!(
        world.browser().get("/search?q=api").await.status,
        303,
        "nobody finds anything without signing in"
    );
}

#[tokio::test]
async fn search_kind_has_its_own_pages_and_a_link_to_all() {
    let world = World::start(Version::V3_9).await;
    let mut dev = world.signed_in("dev").await;
    let all = dev.get("/search?q=a").await;
    let kinds = all.texts("#found section h2");
    assert!(kinds.len() > 1, "{kinds:?}");
    let only = dev.get("/search?q=a&kind=tags&page=99").await;
    assert_eq!(only.texts("#found section h2").len(), 1);
    assert!(
        hits(&only).iter().all(|href| href.contains(':')),
        "{:?}",
        hits(&only)
    );
    assert!(!only.select("#found a[href='/search?q=a']").is_empty());
    assert_eq!(
        dev.json("/search?q=a&kind=tags").await.json()["groups"][0]["kind"],
        "tags"
    );
}

#[tokio::test]
async fn query_is_escaped_and_empty_result_names_its_scope() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/search?q=%3Cb%3Enothing%E2%80%AE").await;
    assert!(
        page.text_of("#found").contains("<b>nothing"),
        "{}",
        page.text_of("#found")
    );
    assert!(page.select("#found b").is_empty());
    assert!(
        page.text_of("#found").contains("U+202E"),
        "an invisible character is seen"
    );
    let digest = dev
        .get(&format!("/search?q=sha256:{}", "0".repeat(64)))
        .await;
    assert!(
        digest.text_of("#found").contains("configs and layers"),
        "{}",
        digest.text_of("#found")
    );
    assert!(
        dev.get("/search")
            .await
            .text_of("#found")
            .contains("key=value")
    );
    let similar = dev.get("/search?q=team-q").await;
    assert!(
        similar.text_of("#found").contains("No exact match"),
        "{}",
        similar.text_of("#found")
    );
    assert!(
        hits(&similar).contains(&"/projects/team-a".to_owned()),
        "{:?}",
        hits(&similar)
    );
}
