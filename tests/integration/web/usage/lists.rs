//! Lists reduced to what is in use, or to what is not; and the search for what a pod runs.

use openshift_standin::cluster::Version;
use rstest::rstest;
use serde_json::Value;

use super::{digest, server_error, world_with_workloads};
use crate::harness::{World, push_numbered};

fn names(list: &Value) -> Vec<String> {
    let rows = list["rows"].as_array().unwrap().iter();
    let name = |row: &Value| format!("{}/{}", row["project"], row["name"]).replace('"', "");
    rows.map(name).collect()
}

#[rstest]
#[tokio::test]
async fn image_streams_can_be_reduced_to_those_in_use_and_the_others(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let all = names(&world.json("/images", "dev").await);
    let used = world.json("/images?use=some", "dev").await;
    assert_eq!(names(&used), ["team-a/api"]);
    assert_eq!(used["query"]["use"], "some");
    assert!(used["usage_scope"]["searched"].as_u64().unwrap() > 0);
    let unused = names(&world.json("/images?use=none", "dev").await);
    assert_eq!(unused.len() + 1, all.len());
    assert!(!unused.contains(&"team-a/api".to_owned()));
    assert!(world.json("/images", "dev").await["usage_scope"].is_null());

    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images?use=none").await;
    assert_eq!(page.texts(".rc-chips a[aria-current]"), ["Not in use"]);
    let page = dev.get("/projects/team-a?use=some").await;
    assert_eq!(page.texts("tbody th[scope=row] .rc-path"), ["api"]);
}

/// Listing the workloads of all projects takes long, so that a list does it only when asked to.
#[tokio::test]
async fn list_without_the_filter_reads_no_workloads() {
    let world = world_with_workloads(Version::V4).await;
    world.clear_requests();
    world.json("/images", "dev").await;
    let requests = world.requests_as("dev");
    assert!(
        !requests.iter().any(|request| request.contains("/pods")),
        "{requests:?}"
    );
    world.json("/images?use=some", "dev").await;
    let requests = world.requests_as("dev");
    assert!(
        requests.iter().any(|request| request.contains("/pods")),
        "{requests:?}"
    );
}

#[rstest]
#[tokio::test]
async fn tags_can_be_reduced_to_those_in_use(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    push_numbered(&world, "team-a/api", "spare", 7);
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/api?use=none").await;
    let unused = page.texts("#tags .rc-tag-name");
    assert!(unused.contains(&"spare".to_owned()), "{unused:?}");
    assert!(!unused.contains(&"latest".to_owned()), "{unused:?}");
    let page = dev.get("/images/team-a/api?use=some").await;
    let used = page.texts("#tags .rc-tag-name");
    assert!(used.contains(&"latest".to_owned()), "{used:?}");
    assert!(!used.contains(&"spare".to_owned()), "{used:?}");
    let links = page.attributes("#tags .rc-in-use", "href");
    assert!(
        links.contains(&"/images/team-a/api:latest/used-by".to_owned()),
        "{links:?}"
    );
}

/// Where not everything could be searched, no list and no page says that something is not in use.
#[rstest]
#[tokio::test]
async fn not_in_use_is_only_said_where_everything_was_searched(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let faults = world.demo.faults();
    let mut dev = world.signed_in("dev").await;
    let claims = [
        "Not in use",
        "Not used by any workload",
        "Nothing that you can view",
    ];
    let lists = [
        "/images?use=none",
        "/projects/team-a?use=none",
        "/images/team-a/api?use=none",
    ];
    let pages = [
        "/images/shared-libs/batch/used-by",
        "/images/shared-libs/batch/delete",
    ];
    faults.set_for_path("/statefulsets", server_error());
    for path in lists {
        let page = dev.get(path).await;
        let text = page.text_of("main");
        assert_eq!(page.status, 200, "{path}: {text}");
        assert!(
            page.texts(".rc-chips a[aria-current]")
                .contains(&"No use found".to_owned()),
            "{path}: {text}"
        );
        let said = claims.iter().find(|claim| text.contains(**claim));
        assert_eq!(said, None, "{path}: {text}");
        assert!(
            text.contains("Not searched in any project: statefulsets."),
            "{path}: {text}"
        );
    }
    for (path, expected) in pages.into_iter().zip([
        "No use was found, but not everything could be searched",
        "Unknown: not all workloads could be read",
    ]) {
        let page = dev.get(path).await;
        let text = page.text_of("main");
        let said = claims.iter().find(|claim| text.contains(**claim));
        assert_eq!(said, None, "{path}: {text}");
        assert!(text.contains(expected), "{path}: {text}");
        assert!(page.select(".rc-impact__none--certain").is_empty());
    }
    let json = world.json("/images?use=none", "dev").await;
    let missing = &json["usage_scope"]["missing_kinds"];
    assert_eq!(missing[0]["kinds"][0], "StatefulSet", "{missing}");
    dev.set_cookie("__Host-language", "zh-CN");
    let text = dev.get("/images?use=none").await.text_of("main");
    assert!(
        text.contains("未发现使用") && text.contains("statefulsets"),
        "{text}"
    );
    dev.set_cookie("__Host-language", "en");

    faults.clear();
    for path in lists {
        let page = dev.get(path).await;
        assert!(
            page.texts(".rc-chips a[aria-current]")
                .contains(&"Not in use".to_owned()),
            "{path}: {}",
            page.text_of("main")
        );
    }
    for path in pages {
        let text = dev.get(path).await.text_of("main");
        let said = claims.iter().find(|claim| text.contains(**claim));
        assert!(said.is_some(), "{path}: {text}");
    }
}

#[rstest]
#[tokio::test]
async fn user_who_may_not_list_workloads_learns_nothing_from_the_filter(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let mut viewer = world.signed_in("viewer").await;
    for path in ["/images", "/projects/team-a", "/images/team-a/api"] {
        let offered = viewer.get(path).await;
        let text = offered.text_of("main");
        assert!(
            !text.contains("Not in use") && !text.contains("No use found"),
            "{path}: {text}"
        );
        let page = viewer.get(&format!("{path}?use=none")).await;
        let text = page.text_of("main");
        assert!(
            text.contains("You don't have permission to list workloads")
                && !text.contains("No use found")
                && !text.contains("Not in use"),
            "{path}: {text}"
        );
        assert!(page.select("tbody").is_empty(), "{path}: {text}");
        assert!(!text.contains("0 of "), "{path}: {text}");
        let states = page.texts(".rc-list__filters .rc-chips a");
        assert!(
            states
                .iter()
                .all(|state| !state.contains(|c: char| c.is_ascii_digit())),
            "{path}: {states:?}"
        );
    }
    for filter in ["some", "none"] {
        let listed = names(&world.json(&format!("/images?use={filter}"), "viewer").await);
        assert_eq!(listed, Vec::<String>::new(), "{filter}");
    }
}

#[tokio::test]
async fn tags_whose_use_is_not_known_are_listed_with_the_reason() {
    let world = world_with_workloads(Version::V4).await;
    world
        .demo
        .faults()
        .set_for_path("/projects", server_error());
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/images/team-a/api?use=none").await;
    let text = page.text_of("#tags");
    assert!(
        text.contains("so all tags are listed") && !text.contains("Not in use"),
        "{text}"
    );
    assert!(
        page.texts("#tags .rc-tag-name")
            .contains(&"latest".to_owned())
    );
}

/// What `kubectl describe pod` prints as the image ID, with each container runtime, in `query`.
async fn search(world: &World, text: &str) -> Value {
    let query = url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    world.json(&format!("/search?q={query}"), "dev").await
}

#[rstest]
#[tokio::test]
async fn image_id_of_a_container_finds_its_image(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = world_with_workloads(version).await;
    let digest = digest(&world, "team-a/api:latest");
    let host = &world.demo.cluster().hosts().registry_internal;
    for text in [
        format!("docker-pullable://{host}/team-a/api@{digest}"),
        format!("imageID: docker-pullable://{host}/team-a/api@{digest}"),
        format!("docker://{host}/team-a/api@{digest}"),
        format!("{host}/team-a/api@{digest}"),
        format!("Image ID: {host}/team-a/api@{digest}"),
        format!("\"imageID\": \"{host}/team-a/api@{digest}\","),
        format!("{host}/team-a/api:latest@{digest}"),
        format!("cri-o://{digest}"),
        digest.clone(),
        digest.to_uppercase(),
        digest[7..].to_owned(),
        // With containerd, or of an image that was pulled by the digest of its manifest.
        format!("docker://{digest}"),
    ] {
        let hits = search(&world, &text).await;
        let images = &hits["groups"][0];
        assert_eq!(images["kind"], "images", "{text}: {hits}");
        let found = images["hits"].as_array().unwrap().iter().any(|hit| {
            hit["project"] == "team-a" && hit["stream"] == "api" && hit["image"] == *digest
        });
        assert!(found, "{text}: {hits}");
        assert!(hits["by_digest_in_stream"].is_null(), "{text}");
    }
}

/// Docker reports the digest of the config of an image that has no repository. Nothing can find an
/// image by it, and the page says so.
#[rstest]
#[tokio::test]
async fn image_id_of_docker_is_explained(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = world_with_workloads(version).await;
    let unknown = format!("sha256:{}", "c0".repeat(32));
    let mut dev = world.signed_in("dev").await;
    let mut page_of = async |text: &str| {
        let query = url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        dev.get(&format!("/search?q={query}"))
            .await
            .text_of("#found")
    };
    for text in [
        format!("docker://{unknown}"),
        format!("imageID: docker://{unknown}"),
    ] {
        let page = page_of(&text).await;
        assert!(page.contains("This is an image ID of Docker"), "{page}");
        assert_eq!(search(&world, &text).await["by_docker_id"], true);
    }
    let page = page_of(&unknown).await;
    assert!(
        page.contains("Search finds the digests of manifests") && !page.contains("Docker"),
        "{page}"
    );
    // The same image of a repository can be opened nevertheless, if it is that of a platform.
    let host = &world.demo.cluster().hosts().registry_internal;
    let page = page_of(&format!("{host}/team-a/api@{unknown}")).await;
    assert!(page.contains("Open the image by its digest"), "{page}");
    let page = page_of(&format!("{host}/team-a/no-such-stream@{unknown}")).await;
    assert!(!page.contains("Open the image by its digest"), "{page}");
}
