//! The doctor pulls with an ordinary OCI client from the public address of the registry.

use openshift_standin::cluster::Version;
use serde_json::Value;

use super::{DoctorSetup, fact, finding, findings};

async fn findings_of(setup: &DoctorSetup, token: &str) -> Value {
    let report = setup
        .run(&["--format", "json", "--token-file", "-"], token)
        .await;
    serde_json::from_str(&report.text).unwrap_or_else(|_| panic!("{}", report.text))
}

async fn assert_pull_works(version: Version) {
    let setup = DoctorSetup::open(version).await;
    let json = findings_of(&setup, "TOKEN-dev").await;
    let pull = finding(&json, "oci-pull", "oci-pull-works");
    let registry = &setup.world.demo.urls().registry;
    let host = registry
        .trim_start_matches("https://")
        .trim_end_matches('/');
    assert!(
        fact(pull, "image").starts_with(&format!("{host}/")),
        "{pull}"
    );
    assert!(fact(pull, "digest").starts_with("sha256:"), "{pull}");
}

#[tokio::test]
async fn oci_client_pulls_an_image_of_the_user_on_openshift_3() {
    assert_pull_works(Version::V3_9).await;
}

#[tokio::test]
async fn oci_client_pulls_an_image_of_the_user_on_openshift_4() {
    assert_pull_works(Version::V4).await;
}

#[tokio::test]
async fn pull_is_not_tried_without_an_image_to_pull() {
    let setup = DoctorSetup::open(Version::V4).await;
    let world = &setup.world;
    let projects = format!(
        "{}/apis/project.openshift.io/v1/projects",
        world.demo.urls().api_server.trim_end_matches('/')
    );
    let request = world.client.get(&projects).bearer_auth("TOKEN-outsider");
    let listed: Value = request.send().await.unwrap().json().await.unwrap();
    for project in listed["items"].as_array().unwrap() {
        let name = project["metadata"]["name"].as_str().unwrap();
        let request = world.client.delete(format!("{projects}/{name}"));
        let deleted = request.bearer_auth("TOKEN-root").send().await.unwrap();
        assert!(
            deleted.status().is_success(),
            "{name}: {}",
            deleted.status()
        );
    }
    let json = findings_of(&setup, "TOKEN-outsider").await;
    let pull = finding(&json, "oci-pull", "oci-pull-not-tried");
    assert_eq!(pull["state"], "unknown", "{pull}");
}

#[tokio::test]
async fn unreachable_public_host_is_not_pulled_from() {
    let setup = DoctorSetup::open(Version::V4)
        .await
        .set("REGISTRY_HOST", "127.0.0.1:1");
    let json = findings_of(&setup, "TOKEN-dev").await;
    let pull = finding(&json, "oci-pull", "not-reached");
    assert_eq!(pull["state"], "unknown", "{pull}");
}

#[tokio::test]
async fn nothing_is_pulled_without_a_public_host() {
    let setup = DoctorSetup::open(Version::V4)
        .await
        .set("REGISTRY_HOST", "");
    let json = findings_of(&setup, "TOKEN-dev").await;
    assert!(findings(&json).iter().all(|line| line["id"] != "oci-pull"));
}
