//! When an image was built, where its config has a date that a build tool sets as a placeholder.

use crate::harness::case_files::OpenCase;

/// The text beside a term of the facts.
fn fact(page: &crate::harness::Page, term: &str) -> String {
    let terms = page.texts(".rc-facts dt");
    let at = terms
        .iter()
        .position(|text| text == term)
        .unwrap_or_else(|| panic!("no {term}: {terms:?}"));
    page.texts(".rc-facts dd").swap_remove(at)
}

#[tokio::test]
async fn buildpacks_zero_date_falls_back_to_the_push_date() {
    let mut case = OpenCase::open("28-buildpacks-1980").await;
    let page = case.tag("latest").await;
    assert!(fact(&page, "Pushed").ends_with("(just now)"));
    assert!(!page.texts(".rc-facts dt").contains(&"Built".to_owned()));
    assert!(
        !page.text_of("main").contains("years ago"),
        "neither in the build steps: {}",
        page.text
    );
    assert_eq!(
        case.tag_json("latest").await["facts"]["created"]["is"],
        "not-set"
    );
}
