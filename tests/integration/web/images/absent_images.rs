//! Tags and digests that an image stream names and that have no image: a page says what they are,
//! why, and what can be done.

use openshift_standin::cluster::{StoredTagSpec, TagReference, Version};
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;

use crate::harness::seeded_standin::{http_client, repository};
use crate::harness::{Browser, Page, World};

const SOURCE: &str = "registry.example.com/tools/console:1.0";

/// Adds a tag to the spec of an image stream of `team-a`.
fn set_tag(world: &World, stream: &str, tag: &str, spec: StoredTagSpec) {
    world.demo.cluster().set_spec_tag(
        &"team-a".parse().unwrap(),
        &stream.parse().unwrap(),
        &tag.parse().unwrap(),
        spec,
    );
}

fn from_elsewhere() -> StoredTagSpec {
    StoredTagSpec {
        from: Some(TagReference::docker_image(SOURCE)),
        ..StoredTagSpec::default()
    }
}

/// The page and its JSON twin, both of which must be there.
async fn page_and_reason(browser: &mut Browser, path: &str) -> (Page, String) {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    let json = browser.json(path).await;
    assert_eq!(json.status, 200, "{path}: {}", json.text);
    let reason = json.json()["reason"].as_str().unwrap().to_owned();
    (page, reason)
}

fn actions(page: &Page) -> Vec<String> {
    page.select(".rc-page-header__actions a")
        .iter()
        .map(|link| link.attr("href").unwrap().to_owned())
        .collect()
}

fn commands(page: &Page) -> Vec<String> {
    page.texts(".rc-command code")
}

/// Deletes an image as `oc adm prune images` does: the image object, and the manifest in the
/// registry.
async fn prune(world: &World, stream: &str, digest: &str) {
    let urls = world.demo.urls();
    let address = format!(
        "{}/apis/image.openshift.io/v1/images/{digest}",
        urls.api_server
    );
    let deleted = http_client(world.demo.ca_pem())
        .delete(address)
        .bearer_auth("TOKEN-root")
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), 200);
    assert!(
        world
            .demo
            .blobs()
            .prune_manifest(&repository(stream), &digest.parse().unwrap())
    );
}

async fn digest_of(browser: &mut Browser, tag: &str) -> String {
    browser.json(&format!("/images/team-a/{tag}")).await.json()["digest"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[rstest]
#[tokio::test]
async fn reference_tag_page_names_its_source(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    set_tag(
        &world,
        "registry-console",
        "1.0",
        StoredTagSpec {
            reference: true,
            ..from_elsewhere()
        },
    );
    let mut dev = world.signed_in("dev").await;
    let (page, reason) = page_and_reason(&mut dev, "/images/team-a/registry-console:1.0").await;
    assert_eq!(reason, "reference-only");
    assert_eq!(
        page.text_of(".pf-v6-c-alert__title"),
        "This tag is a reference only"
    );
    assert!(page.text_of(".rc-facts").contains(SOURCE), "{}", page.text);
    let commands = commands(&page);
    for command in [
        format!("docker pull {SOURCE}"),
        format!("podman pull {SOURCE}"),
        format!("oc tag --source=docker {SOURCE} registry-console:1.0 -n team-a"),
    ] {
        assert!(commands.contains(&command), "{command}: {commands:?}");
    }
    let tag = "/images/team-a/registry-console:1.0";
    let elsewhere = "/images/team-a/registry-console/new-tag?tag=1.0".to_owned();
    assert_eq!(
        actions(&page),
        [elsewhere.clone(), format!("{tag}/delete")],
        "There is nothing to import"
    );
    assert_eq!(
        dev.get(&elsewhere)
            .await
            .attribute("input[name=tag]", "value"),
        "1.0"
    );

    let stream = dev.get("/images/team-a/registry-console").await;
    assert_eq!(
        stream.select(&format!("a.rc-tag-name[href='{tag}']")).len(),
        1
    );
    assert_eq!(stream.text_of(".rc-no-image"), "Reference only");
    let row = stream.text_of(".rc-tag-list tbody");
    assert_eq!(row.matches("Reference only").count(), 1, "{row}");
    assert!(!row.contains("platform"), "nothing is imported: {row}");
    assert_eq!(
        stream.text_of("#pull-command"),
        format!("podman pull {SOURCE}")
    );
    assert!(
        !actions(&stream)
            .iter()
            .any(|href| href.ends_with("/import")),
        "{:?}",
        actions(&stream)
    );
    let import = dev.get(&format!("{tag}/import")).await;
    assert!(
        import
            .text_of("main")
            .contains("so there is nothing to import"),
        "{}",
        import.text
    );
    assert!(import.select("main button[type=submit]").is_empty());
}

#[tokio::test]
async fn lists_and_search_link_to_tags_without_image() {
    let world = World::start(Version::V4).await;
    set_tag(
        &world,
        "evil",
        "1.0",
        StoredTagSpec {
            reference: true,
            ..from_elsewhere()
        },
    );
    let mut dev = world.signed_in("dev").await;
    let link = "a[href='/images/team-a/evil:1.0']";
    for path in ["/images", "/projects/team-a", "/search?q=evil:1.0"] {
        let page = dev.get(path).await;
        assert_eq!(page.select(link).len(), 1, "{path}: {}", page.text);
    }
    let row = dev.get("/projects/team-a").await;
    assert_eq!(
        row.attribute(link, "class"),
        "rc-tag rc-tag--empty",
        "it is told from a tag that can be pulled"
    );
}

#[rstest]
#[tokio::test]
async fn failed_import_quotes_the_cluster_and_offers_a_retry(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    set_tag(&world, "tools", "1.0", from_elsewhere());
    let mut dev = world.signed_in("dev").await;
    let (page, reason) = page_and_reason(&mut dev, "/images/team-a/tools:1.0").await;
    assert_eq!(
        (reason.as_str(), page.select(".rc-failure").len()),
        ("not-imported", 0)
    );
    let (project, stream, tag) = (
        "team-a".parse().unwrap(),
        "tools".parse().unwrap(),
        "1.0".parse().unwrap(),
    );
    let message = "you may not have access to the container image <b>\u{202e}";
    world.demo.cluster().fail_import(
        &project,
        &stream,
        &tag,
        "Unauthorized",
        message,
        world.clock.now(),
    );
    let (page, reason) = page_and_reason(&mut dev, "/images/team-a/tools:1.0").await;
    assert_eq!(reason, "import-failed");
    let failure = page.text_of(".rc-failure");
    assert!(
        failure.contains("Sign-in required")
            && failure.contains("may not have access")
            && failure.contains("<b>U+202E"),
        "{failure}"
    );
    assert!(actions(&page).contains(&"/images/team-a/tools:1.0/import".to_owned()));

    let mut viewer = world.signed_in("viewer").await;
    let (page, _) = page_and_reason(&mut viewer, "/images/team-a/tools:1.0").await;
    assert!(
        actions(&page).is_empty(),
        "a viewer may do nothing about it: {:?}",
        actions(&page)
    );
    assert!(
        !commands(&page)
            .iter()
            .any(|command| command.contains(" push ") || command.starts_with("oc tag")),
        "{:?}",
        commands(&page)
    );
    let mut outsider = world.signed_in("outsider").await;
    assert_eq!(outsider.get("/images/team-a/tools:1.0").await.status, 403);
}

#[tokio::test]
async fn spec_only_tag_names_what_is_pending() {
    let world = World::start(Version::V4).await;
    set_tag(&world, "tools", "planned", StoredTagSpec::default());
    let follows = TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: "planned".to_owned(),
        namespace: None,
    };
    set_tag(
        &world,
        "tools",
        "next",
        StoredTagSpec {
            from: Some(follows),
            ..StoredTagSpec::default()
        },
    );
    let mut dev = world.signed_in("dev").await;
    let (page, reason) = page_and_reason(&mut dev, "/images/team-a/tools:planned").await;
    assert_eq!(reason, "nothing-pushed");
    assert!(
        commands(&page)
            .iter()
            .any(|command| command.starts_with("podman push ")
                && command.ends_with("/team-a/tools:planned"))
    );
    let (page, reason) = page_and_reason(&mut dev, "/images/team-a/tools:next").await;
    assert_eq!(reason, "source-empty");
    assert_eq!(
        page.text_of(".rc-facts a[href='/images/team-a/tools:planned']"),
        "team-a/tools:planned"
    );
}

#[rstest]
#[tokio::test]
async fn pruned_image_is_explained_by_tag_and_digest(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let digest = digest_of(&mut dev, "api:latest").await;
    prune(&world, "team-a/api", &digest).await;
    let (page, reason) = page_and_reason(&mut dev, "/images/team-a/api:latest").await;
    assert_eq!(reason, "image-deleted");
    assert!(page.text_of(".rc-facts").contains(&digest), "{}", page.text);
    assert!(actions(&page).contains(&"/images/team-a/api:latest/delete".to_owned()));
    let (page, reason) = page_and_reason(&mut dev, &format!("/images/team-a/api@{digest}")).await;
    assert_eq!(reason, "image-deleted");
    assert!(
        page.select("a[href='/images/team-a/api:v1']").len() == 1,
        "its tags: {}",
        page.text
    );
    let unknown = format!("sha256:{}", "0".repeat(64));
    assert_eq!(
        dev.get(&format!("/images/team-a/api@{unknown}"))
            .await
            .status,
        404
    );
    let page = dev.get("/images/team-a/api:never").await;
    assert_eq!(page.status, 404);
    let text = page.text_of("main");
    assert!(
        text.contains("The image team-a/api:never does not exist."),
        "{text}"
    );
    assert_eq!(
        page.attribute(".rc-status-page a.pf-m-primary", "href"),
        "/images/team-a/api"
    );
    let page = dev.get("/images/team-a/never/history").await;
    let text = page.text_of("main");
    assert!(
        text.contains("The image stream team-a/never does not exist."),
        "{text}"
    );
}

#[tokio::test]
async fn registry_only_tag_has_a_page_without_manifest() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let tags = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"name\": \"team-a/api\", \"tags\": [\"ghost\"]}";
    world.fail(
        Endpoint::Registry,
        Fault::RawResponse(http::Method::GET, tags),
    );
    let (page, reason) = page_and_reason(&mut dev, "/images/team-a/api:ghost").await;
    assert_eq!(reason, "only-in-registry");
    assert!(
        !actions(&page).iter().any(|href| href.ends_with("/delete")),
        "the API server knows no such tag"
    );
    world.fail(Endpoint::Registry, Fault::Refuse);
    assert_eq!(
        dev.get("/images/team-a/api:ghost").await.status,
        404,
        "nobody says that there is such a tag"
    );
}
