//! One image that the API server cannot read, beside others in the same image stream.

use bytes::Bytes;
use openshift_standin::cluster::{PushedManifest, Version};
use registry_model::Digest;
use rstest::rstest;

use crate::harness::World;
use crate::harness::seeded_standin::{DOCKER_MANIFEST, exchange};

#[rstest]
#[tokio::test]
async fn unreadable_image_does_not_affect_the_others(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let of = |name| exchange(version, name).response;
    let mut dev = world.signed_in("dev").await;
    let before = dev.json("/images/team-a/api").await.json();
    let mut config = of("registry-config-blob").body();
    config["created"] = "yesterday".into();
    let config = Bytes::from(config.to_string());
    let mut manifest = of("registry-manifest-tag").body();
    manifest["config"]["digest"] = Digest::sha256(&config).to_string().into();
    let manifest = Bytes::from(manifest.to_string());
    let (media_type, digest) = (DOCKER_MANIFEST.to_owned(), Digest::sha256(&manifest));
    let pushed = PushedManifest {
        digest,
        media_type,
        manifest,
        config: Some(config),
        pushed_at: world.clock.now(),
        pushed_by: String::new(),
    };
    let (project, stream, tag) = (
        "team-a".parse().unwrap(),
        "api".parse().unwrap(),
        "unreadable".parse().unwrap(),
    );
    world
        .demo
        .cluster()
        .push(&project, &stream, Some(&tag), &pushed)
        .unwrap();
    let after = dev.json("/images/team-a/api").await.json();
    for tag in before["tags"].as_array().unwrap() {
        let now = after["tags"]
            .as_array()
            .unwrap()
            .iter()
            .find(|now| now["name"] == tag["name"])
            .unwrap();
        assert_eq!(now["image"], tag["image"], "{}", tag["name"]);
    }
    let digest = before["tags"][0]["digest"].as_str().unwrap();
    let image = dev.json(&format!("/images/team-a/api@{digest}")).await;
    assert_eq!(
        image.json()["master_missing"],
        serde_json::Value::Null,
        "{}",
        image.text
    );
}
