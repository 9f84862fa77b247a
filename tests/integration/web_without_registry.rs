//! A cluster without an integrated registry: said once on each page that needs one, without
//! commands that cannot work.

use openshift_standin::cluster::{SpecTag, TagReference, Version};
use openshift_standin::faults::{Fault, Upstream};
use serde_json::json;

use crate::demo_world::VERSIONS;
use crate::harness::{World, post};

const SOURCE: &str = "registry.example.com/team/app:latest";
const TITLE: &str = "This cluster has no integrated image registry";

/// `team-a/api:latest` comes from another registry.
async fn without_registry(version: Version) -> World {
    let world = World::start(version).await;
    let spec = SpecTag {
        from: Some(TagReference::docker_image(SOURCE)),
        ..SpecTag::default()
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

#[tokio::test]
async fn pages_say_once_that_there_is_no_registry_and_print_no_command_with_a_placeholder_for_its_host()
 {
    for version in VERSIONS {
        let world = without_registry(version).await;
        let mut dev = world.signed_in("dev").await;
        for path in [
            "/",
            "/connect",
            "/connect/token",
            "/projects/team-a",
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
                !page
                    .text_of("main")
                    .contains("registry could not be reached"),
                "{path}: {}",
                page.text_of("main")
            );
        }
    }
}

#[tokio::test]
async fn an_imported_tag_is_pulled_from_its_source_and_a_pushed_one_from_nowhere() {
    for version in VERSIONS {
        let world = without_registry(version).await;
        let mut dev = world.signed_in("dev").await;
        for path in ["/images/team-a/api", "/images/team-a/api:latest"] {
            let commands = dev
                .get(path)
                .await
                .texts("[aria-labelledby=use] .rc-command code");
            assert_eq!(
                commands,
                [
                    format!("docker pull {SOURCE}"),
                    format!("podman pull {SOURCE}")
                ],
                "{path}"
            );
        }
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
            pushed.texts("[aria-labelledby=use] .rc-command code"),
            [""; 0],
            "{}",
            pushed.text_of("main")
        );
    }
}

#[tokio::test]
async fn the_page_about_connecting_says_how_an_administrator_enables_the_registry_of_this_version()
{
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
#[tokio::test]
async fn a_stream_that_follows_a_repository_has_no_repository_in_the_cluster_either() {
    for version in VERSIONS {
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
}

#[tokio::test]
async fn a_registry_that_is_only_down_keeps_its_commands() {
    for version in VERSIONS {
        let world = World::start(version).await;
        world.fail(Upstream::Registry, Fault::Refuse);
        let mut dev = world.signed_in("dev").await;
        for path in [
            "/",
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
}

/// The API server may not know of a registry under another name than the usual one.
#[tokio::test]
async fn a_registry_that_answers_is_there_though_the_api_server_knows_of_none() {
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
async fn the_doctor_names_the_missing_registry_besides_that_none_answers() {
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
        down.fail(Upstream::Registry, Fault::Refuse);
        let findings = down.signed_in("dev").await.json("/doctor").await.json();
        assert!(
            !findings.to_string().contains("registry-absent"),
            "{findings:#}"
        );
    }
}
