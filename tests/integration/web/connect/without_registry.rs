//! A cluster without an integrated registry: said once on each page that needs one, without
//! commands that cannot work.

use openshift_standin::cluster::{StoredTagSpec, TagReference, Version};
use openshift_standin::faults::{Endpoint, Fault};
use rstest::rstest;
use serde_json::json;

use crate::harness::{World, post};

const SOURCE: &str = "registry.example.com/team/app:latest";
const TITLE: &str = "This cluster has no integrated image registry";

/// `team-a/api:latest` comes from another registry.
async fn without_registry(version: Version) -> World {
    let world = World::start(version).await;
    let spec = StoredTagSpec {
        from: Some(TagReference::docker_image(SOURCE)),
        ..StoredTagSpec::default()
    };
    world.demo.cluster().set_spec_tag(
        &"team-a".parse().unwrap(),
        &"api".parse().unwrap(),
        &"latest".parse().unwrap(),
        spec,
    );
    world.demo.remove_registry();
    world
}

#[rstest]
#[tokio::test]
async fn missing_registry_is_stated_once_without_placeholder_commands(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = without_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    for path in [
        "/",
        "/connect",
        "/connect/token",
        "/projects/team-a/logins",
        "/images/team-a/api",
        "/images/team-a/api:latest",
    ] {
        let page = if path == "/connect/token" {
            post(&mut dev, path, &[]).await
        } else {
            dev.get(path).await
        };
        assert_eq!(
            (page.status, page.text.matches(TITLE).count()),
            (200, 1),
            "{path}: {}",
            page.text_of("main")
        );
        assert!(
            !page.text.contains("REGISTRY/"),
            "{path}: {}",
            page.text_of("main")
        );
        let host = world
            .demo
            .urls()
            .registry
            .trim_start_matches("https://")
            .to_owned();
        let commands = page.texts(".rc-command code");
        assert!(
            !commands
                .iter()
                .any(|line| line.contains("REGISTRY") || line.contains(&host)),
            "{path}: {commands:#?}"
        );
        assert!(
            !commands.iter().any(|line| line.contains(" push ")),
            "{path}: {commands:#?}"
        );
        assert!(
            !page.text_of("main").contains("registry cannot be reached"),
            "{path}: {}",
            page.text_of("main")
        );
    }
}

#[rstest]
#[tokio::test]
async fn imported_tag_is_pulled_from_its_source_without_registry(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = without_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    let image = dev.get("/images/team-a/api:latest").await;
    assert_eq!(
        image.texts("#pull .rc-command code"),
        [format!("podman pull {SOURCE}")]
    );
    let stream = dev.get("/images/team-a/api").await;
    assert_eq!(
        stream.texts("#pull .rc-command code"),
        [format!("podman pull {SOURCE}")]
    );
    assert!(
        stream
            .attributes("[data-pull] input", "data-before")
            .is_empty(),
        "the script cannot build the commands"
    );
    let stream = dev.json("/images/team-a/api").await.json();
    assert_eq!(
        (
            &stream["internal_repository"],
            &stream["commands"]["repository"]
        ),
        (&json!(""), &json!(null))
    );
    let pushed = dev.get("/images/team-a/web").await;
    assert_eq!(
        pushed.texts("#pull .rc-command code"),
        [""; 0],
        "{}",
        pushed.text_of("main")
    );
}

#[tokio::test]
async fn connect_page_explains_how_to_enable_the_registry() {
    for (version, command) in [
        (
            Version::V4,
            r#"oc patch configs.imageregistry.operator.openshift.io/cluster --type=merge -p '{"spec":{"managementState":"Managed"}}'"#,
        ),
        (Version::V3_9, "oc adm registry -n default"),
    ] {
        let world = without_registry(version).await;
        let page = world.signed_in("dev").await.get("/connect").await;
        let commands = page.texts(".rc-command code");
        assert_eq!(
            commands.last().map(String::as_str),
            Some(command),
            "{commands:#?}"
        );
        assert!(page.text.contains("storage"), "{}", page.text_of("main"));
    }
}

/// A stream that follows a repository has it in `status.dockerImageRepository` where there is no
/// registry: no repository of the cluster's own.
#[rstest]
#[tokio::test]
async fn tracking_stream_has_no_cluster_repository(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = without_registry(version).await;
    let mut dev = world.signed_in("dev").await;
    let fields = [
        ("project", "team-a"),
        ("name", "follows"),
        ("source", "all"),
        ("repository", "registry.example.com/team/all"),
    ];
    assert_eq!(
        post(&mut dev, "/new-image-stream", &fields).await.status,
        303
    );
    let stream = dev.json("/images/team-a/follows").await.json();
    assert_eq!(
        (
            &stream["follows"],
            &stream["internal_repository"],
            &stream["commands"]["repository"]
        ),
        (
            &json!("registry.example.com/team/all"),
            &json!(""),
            &json!(null)
        ),
        "{stream:#}"
    );
}

#[rstest]
#[tokio::test]
async fn unreachable_registry_keeps_its_commands(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.fail(Endpoint::Registry, Fault::Refuse);
    let mut dev = world.signed_in("dev").await;
    for path in [
        "/connect",
        "/images/team-a/api",
        "/images/team-a/api:latest",
    ] {
        let page = dev.get(path).await;
        assert!(
            !page.text.contains(TITLE)
                && page
                    .texts(".rc-command code")
                    .iter()
                    .any(|line| line.contains(" pull ")),
            "{path}"
        );
    }
}

/// The API server may not know of a registry under another name than the usual one.
#[tokio::test]
async fn responding_registry_counts_as_present() {
    let world = World::start(Version::V3_9).await;
    world.demo.cluster().remove_registry();
    let mut dev = world.signed_in("dev").await;
    for path in [
        "/",
        "/connect",
        "/images/team-a/api",
        "/images/team-a/api:latest",
    ] {
        assert!(!dev.get(path).await.text.contains(TITLE), "{path}");
    }
}

#[tokio::test]
async fn doctor_names_the_missing_registry() {
    for (version, command) in [
        (Version::V4, "managementState"),
        (Version::V3_9, "oc adm registry -n default"),
    ] {
        let world = without_registry(version).await;
        let mut dev = world.signed_in("dev").await;
        let findings = dev.json("/doctor").await.json()["findings"]
            .as_array()
            .unwrap()
            .clone();
        let absent = findings
            .iter()
            .find(|finding| finding["id"] == "integrated-registry")
            .unwrap();
        assert_eq!(
            (&absent["what"], &absent["state"]),
            (&json!("registry-absent"), &json!("note"))
        );
        assert!(absent["run"].to_string().contains(command), "{absent:#}");
        let down = World::start(version).await;
        down.fail(Endpoint::Registry, Fault::Refuse);
        let findings = down.signed_in("dev").await.json("/doctor").await.json();
        assert!(
            !findings.to_string().contains("registry-absent"),
            "{findings:#}"
        );
    }
}
