//! What the tabs of an object have in common.

use openshift_standin::cluster::Version;
use rstest::rstest;

use crate::harness::World;

#[rstest]
#[tokio::test]
async fn all_tabs_of_an_object_have_the_same_title_facts_and_tabs(
    #[values("/projects/team-a", "/images/team-a/api")] object: &str,
) {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let first = dev.get(object).await;
    let facts = first.texts(".rc-page-header__facts > li");
    assert!(
        facts.iter().any(|fact| fact.ends_with(" tags")),
        "{facts:?}"
    );
    let tabs = first.attributes(".rc-tabs a", "href");
    assert!(tabs.len() >= 6, "{tabs:?}");
    let texts = first.texts(".rc-tabs a");
    for tab in tabs {
        let page = dev.get(&tab).await;
        assert_eq!(page.status, 200, "{tab}");
        assert_eq!(page.text_of("h1"), first.text_of("h1"), "{tab}");
        assert_eq!(page.texts(".rc-page-header__facts > li"), facts, "{tab}");
        assert_eq!(page.texts(".rc-tabs a"), texts, "{tab}: they stay in place");
        let current = page.attribute(".rc-tabs a[aria-current]", "href");
        assert_eq!(current, tab);
    }
}
