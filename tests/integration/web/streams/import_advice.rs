//! What the pages say to do about failed imports.

use openshift_standin::cluster::{StoredTagSpec, TagReference, Version};
use rstest::rstest;

use crate::harness::{World, post};
use crate::web::streams::edit::RESULTS;

/// The `status` of an import whose repository could not be read.
const REPOSITORY_FAILS: &str =
    include_str!("../../../cases/60-import-repository-fails/imagestreamimport-status.json");

const SOURCE: &str = "registry.example.com/team/app:1.0";

/// A tag `1` of `team-a/broken` that follows [`SOURCE`], and whose last import failed.
fn fail(world: &World, reason: &str, message: &str) {
    let (project, stream, tag) = (
        "team-a".parse().unwrap(),
        "broken".parse().unwrap(),
        "1".parse().unwrap(),
    );
    let from = Some(TagReference::docker_image(SOURCE));
    world.demo.cluster().set_spec_tag(
        &project,
        &stream,
        &tag,
        StoredTagSpec {
            from,
            ..StoredTagSpec::default()
        },
    );
    world
        .demo
        .cluster()
        .fail_import(&project, &stream, &tag, reason, message, world.clock.now());
}

#[rstest]
#[tokio::test]
async fn unauthorized_import_shows_the_pull_secret_command(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let message = format!("you may not have access to the container image \"{SOURCE}\"");
    fail(&world, "Unauthorized", &message);
    let mut dev = world.signed_in("dev").await;
    for path in ["/images/team-a/broken", "/images/team-a/broken:1"] {
        let page = dev.get(path).await;
        let text = page.text_of(".rc-failure");
        assert!(
            text.contains(&message) && text.contains("Add a pull secret"),
            "{path}: {text}"
        );
        let command = "oc create secret docker-registry NAME --docker-server=registry.example.com --docker-username=USER \
                       --docker-password=PASSWORD --docker-email=unused -n team-a";
        assert!(
            page.texts(".rc-failure .rc-command code")
                .contains(&command.to_owned()),
            "{path}: {text}"
        );
    }
}

#[tokio::test]
async fn other_import_failures_show_advice_without_a_command() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for (reason, message, advice) in [
        (
            "NotFound",
            "dockerimage.image.openshift.io \"registry.example.com/team/app:1.0\" not found",
            Some("Check the name of the repository and the tag."),
        ),
        (
            "InternalError",
            "Internal error occurred: x509: certificate signed by unknown authority",
            Some("additionalTrustedCA"),
        ),
        (
            "InternalError",
            "Internal error occurred: unexpected EOF",
            None,
        ),
    ] {
        fail(&world, reason, message);
        let page = dev.get("/images/team-a/broken").await;
        let text = page.text_of(".rc-failure");
        assert!(
            text.contains(message) && advice.is_none_or(|advice| text.contains(advice)),
            "{text}"
        );
        assert_eq!(
            page.select(".rc-failure > p").len(),
            if advice.is_some() { 2 } else { 1 },
            "{text}"
        );
        assert!(
            page.texts(".rc-failure .rc-command code").is_empty(),
            "{text}"
        );
    }
}

/// Before an import is repeated, the page says what became of the last one of each tag.
#[tokio::test]
async fn import_page_shows_the_last_result_of_each_tag_with_its_reason() {
    let world = World::start(Version::V4).await;
    fail(&world, "NotFound", "the message of the API server");
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/broken/import").await;
    assert_eq!(
        page.texts("main form tbody details summary"),
        ["Image not found"]
    );
    let last = page.text_of("main form tbody td[data-label='Last import']");
    assert!(
        last.starts_with("Failed") && last.contains("the message of the API server"),
        "{last}"
    );
}

#[tokio::test]
async fn repeated_import_shows_advice_for_each_failure() {
    let world = World::start(Version::V4).await;
    fail(&world, "NotFound", "not found");
    let mut dev = world.signed_in("dev").await;
    let results = post(&mut dev, "/images/team-a/broken:1/import", &[])
        .await
        .text_of(RESULTS);
    assert!(
        results.contains("no such host")
            && results.contains("The API server cannot reach the registry."),
        "{results}"
    );
    world.demo.cluster().allow_imports_from(Some(&["quay.io"]));
    let refused = post(&mut dev, "/images/team-a/broken:1/import", &[]).await;
    let text = refused.text_of("main");
    assert!(
        refused.status == 422
            && text.contains(
                "A cluster administrator must add this one to allowedRegistriesForImport."
            ),
        "{text}"
    );
}

#[rstest]
#[tokio::test]
async fn failed_repository_import_is_explained_on_its_stream(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let status: serde_json::Value = serde_json::from_str(REPOSITORY_FAILS).unwrap();
    let message = status["repository"]["status"]["message"].as_str().unwrap();
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let fields = [
        ("project", "team-a"),
        ("name", "mirror"),
        ("source", "all"),
        ("repository", "registry.example.com/team/app"),
    ];
    let made = post(&mut dev, "/new-image-stream", &fields).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let check = |text: &str| {
        let (project, stream) = ("team-a".parse().unwrap(), "mirror".parse().unwrap());
        world.demo.cluster().annotate(
            &project,
            Some(&stream),
            "openshift.io/image.dockerRepositoryCheck",
            text,
        );
    };
    check(message);
    let shown_text = dev
        .get("/images/team-a/mirror")
        .await
        .text_of("main .pf-m-danger");
    assert!(
        shown_text.contains("The last import of the repository failed")
            && shown_text.contains(message),
        "{shown_text}"
    );
    assert!(shown_text.contains("additionalTrustedCA"), "{shown_text}");
    check("2024-05-01T10:00:00Z");
    let page = dev.get("/images/team-a/mirror").await;
    assert!(
        page.select("main .pf-v6-c-alert.pf-m-danger").is_empty(),
        "{}",
        page.text
    );
}
