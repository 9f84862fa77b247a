//! Signatures, attestations and SBOMs: folded under the image that they belong to, in lists and on
//! its page.

use crate::harness::case_files::OpenCase;

const STREAM: &str = "/images/team-a/case";

#[tokio::test]
async fn cosign_tags_are_grouped_under_their_image() {
    let mut case = OpenCase::open("17-cosign-tags").await;
    let page = case.stream().await;
    let names = page.texts("a.rc-tag-name");
    assert_eq!(names[0], "v1.2.3", "{names:?}");
    let image = case.digests["v1.2.3"].to_string();
    let folded: Vec<String> = page
        .select(".rc-history li a")
        .iter()
        .map(|link| link.attr("href").unwrap().to_owned())
        .collect();
    let hex = image.replace(':', "-");
    let named = |suffix: &str| format!("{STREAM}:{hex}{suffix}");
    assert_eq!(
        folded,
        [named(""), named(".att"), named(".sbom"), named(".sig")],
        "{names:?}"
    );
    assert_eq!(names, ["v1.2.3"]);

    let page = case.tag("v1.2.3").await;
    let attached: Vec<String> = page
        .select(".rc-attachments a")
        .iter()
        .map(|link| link.attr("href").unwrap().to_owned())
        .collect();
    assert!(
        attached.contains(&named(".sig"))
            && attached.contains(&named(".att"))
            && attached.contains(&named(".sbom")),
        "{attached:?}"
    );
    let signature = case.tag(&format!("{hex}.sig")).await;
    assert_eq!(
        signature
            .select(&format!(".rc-facts a[href='{STREAM}@{image}']"))
            .len(),
        1,
        "it leads to its image"
    );
}

#[tokio::test]
async fn referrers_tag_is_neither_newest_nor_pulled() {
    let mut case = OpenCase::open("33-referrers-tag-newest").await;
    for path in ["/images", "/projects/team-a"] {
        let page = case.browser.get(path).await;
        let tags: Vec<&str> = page
            .select("a.rc-tag")
            .into_iter()
            .filter_map(|tag| tag.attr("href"))
            .filter(|href| href.starts_with(STREAM))
            .collect();
        assert_eq!(tags, [format!("{STREAM}:v1.2.3")], "{path}");
    }
    let stream = case.stream().await;
    assert_eq!(stream.texts("a.rc-tag-name"), ["v1.2.3"]);
    let pulls = stream.texts(".rc-command code");
    assert!(
        pulls
            .iter()
            .any(|command| command.starts_with("podman pull ") && command.ends_with(":v1.2.3")),
        "{pulls:?}"
    );
    let found = case.browser.json("/search?q=case").await.json();
    assert!(!found.to_string().contains("sha256-"), "{found}");
    let page = case.tag("v1.2.3").await;
    assert_eq!(
        page.texts(".rc-attachments a"),
        ["Signature (cosign)", "Software bill of materials (SPDX)"]
    );
}

#[tokio::test]
async fn attachment_without_image_stays_listed_with_a_note() {
    let mut case = OpenCase::open("17-cosign-tags").await;
    let removed =
        crate::harness::post(&mut case.browser, &format!("{STREAM}:v1.2.3/delete"), &[]).await;
    assert_eq!(removed.status, 303, "{}", removed.text);
    let page = case.stream().await;
    assert_eq!(page.select("a.rc-tag-name").len(), 4, "{}", page.text);
    assert!(
        page.text_of("tr:has(a[href$='.sig'])")
            .contains("no tag of this image stream points to its image"),
        "{}",
        page.text
    );
}
