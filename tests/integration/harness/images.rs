//! Images without layers, for tags with a long history.

use bytes::Bytes;
use chrono::TimeDelta;
use openshift_standin::cluster::PushedManifest;
use registry_model::Digest;
use serde_json::json;

use super::World;
use crate::harness::seeded_standin::{OCI_MANIFEST, repository};

/// Pushes `count` images to a tag of `name` (`project/stream`), a minute apart. The images, oldest
/// first.
pub(crate) fn push_to_tag(
    world: &World,
    name: &str,
    tag: &str,
    count: usize,
) -> Vec<PushedManifest> {
    let push = |n: usize| {
        world.advance(TimeDelta::minutes(1));
        push_numbered(world, name, tag, n)
    };
    (1..=count).map(push).collect()
}

/// Pushes the image with number `n`, which is the same for every tag.
pub(crate) fn push_numbered(world: &World, name: &str, tag: &str, n: usize) -> PushedManifest {
    let (repository, tag) = (repository(name), tag.parse().unwrap());
    let image = image(world, n);
    world
        .demo
        .cluster()
        .push(&repository.project, &repository.stream, Some(&tag), &image)
        .unwrap();
    image
}

/// The image with number `n`.
fn image(world: &World, n: usize) -> PushedManifest {
    let config = Bytes::from_static(b"{}");
    let descriptor = json!({"mediaType": "application/vnd.oci.image.config.v1+json", "digest": Digest::sha256(&config), "size": 2});
    let annotations = json!({"n": n.to_string()});
    let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": descriptor, "layers": [], "annotations": annotations});
    let manifest = Bytes::from(manifest.to_string());
    PushedManifest {
        digest: Digest::sha256(&manifest),
        media_type: OCI_MANIFEST.to_owned(),
        manifest,
        config: Some(config),
        pushed_at: world.clock.now(),
        pushed_by: "dev".to_owned(),
    }
}
