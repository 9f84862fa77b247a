//! The session: its cookie, its end, and what ends it early (S14-S19, S22, S23).

use crate::demo_world::VERSIONS;
use crate::harness::World;

#[tokio::test]
async fn a_person_signs_in_and_sees_the_own_projects() {
    for version in VERSIONS {
        let world = World::start(version).await;
        let mut browser = world.browser();
        assert_eq!(browser.get("/projects").await.location(), "/login?next=%2Fprojects");
        assert_eq!(browser.sign_in_from("/login?next=%2Fprojects", "dev").await, "/projects");
        let page = browser.get("/projects").await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert_eq!(page.texts("tbody th[scope=row] a"), ["demo", "shared-libs", "team-a", "team-b"]);
        assert_eq!(page.text_of(".rc-menu__name"), "dev");
        assert_eq!(browser.json("/projects").await.json()["rows"].as_array().unwrap().len(), 4);
        assert_eq!(world.browser().json_with_token("/projects", "TOKEN-viewer").await.status, 200);
    }
}
