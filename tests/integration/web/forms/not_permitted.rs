//! Forms of users who may not make the change.

use openshift_standin::cluster::Version;

use crate::harness::World;

#[tokio::test]
async fn user_without_the_right_reads_that_in_place_of_the_form() {
    let world = World::start(Version::V4).await;
    let mut viewer = world.signed_in("viewer").await;
    for path in [
        "/new-image-stream?project=team-a",
        "/projects/team-a/delete",
        "/images/team-a/api/edit",
        "/images/team-a/api/delete",
        "/images/team-a/api:latest/tag-as",
        "/images/team-a/api:latest/delete",
    ] {
        let page = viewer.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert!(page.select("main form").is_empty(), "{path}");
        assert!(page.select("main details").is_empty(), "{path}: no command");
        let reason = page.texts("main .rc-missing--not-permitted");
        assert_eq!(reason.len(), 1, "{path}: {reason:?}");
    }
}
