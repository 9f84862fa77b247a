//! Unusual images: reproducible, incomplete, lost, old, and empty.

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::layer::SampleLayer;
use crate::cluster::ImageStreamObject;
use crate::registry::Repository;
use crate::sample::context::{SampleContext, repository};
use crate::sample::image_builder::{BuiltImage, ImageBuilder};

pub(super) fn push_all(site: &SampleContext<'_>) {
    reproducible(site);
    without_config(site);
    lost_manifest(site);
    empty_stream(site, "shop/not-yet-pushed");
    if !site.is_4() {
        schema1(site);
    }
}

fn simple(site: &SampleContext<'_>, file: &str) -> BuiltImage {
    ImageBuilder {
        media_types: site.family(false),
        created: site.days_ago(3),
        author: "",
        architecture: "amd64",
        run_config: json!({ "Cmd": ["/bin/app"] }),
        steps: vec![(
            Some(SampleLayer::from_file(file, 3_000).declaring_kib(46_200)),
            "COPY app /bin/app".to_owned(),
        )],
        annotations: Map::new(),
    }
    .build()
}

/// Built by a tool that sets all times to zero, and keeps no history of commands.
fn reproducible(site: &SampleContext<'_>) {
    let image = ImageBuilder {
        media_types: site.family(true),
        created: DateTime::UNIX_EPOCH,
        author: "Bazel",
        architecture: "amd64",
        run_config: json!({ "Entrypoint": ["/app/server"], "User": "65532" }),
        steps: vec![(
            Some(SampleLayer::from_file("app/server", 3_000).declaring_kib(21_900)),
            "bazel build ...".to_owned(),
        )],
        annotations: Map::new(),
    };
    site.push(
        "shop/inventory",
        Some("2026-11"),
        &image.build(),
        site.days_ago(6),
        "developer",
    );
}

/// The registry does not have the config that the manifest names.
fn without_config(site: &SampleContext<'_>) {
    let image = simple(site, "app/without-config");
    let repository = repository("edge/half-pushed");
    for blob in &image.blobs {
        site.blobs
            .store_as(&repository, blob.digest.clone(), blob.content.clone());
    }
    site.push_manifest(
        &repository,
        Some("0.1"),
        &image,
        None,
        site.days_ago(4),
        "developer",
    );
}

/// The image stream has the image, but the registry has pruned it.
fn lost_manifest(site: &SampleContext<'_>) {
    let image = simple(site, "app/pruned");
    site.push(
        "legacy/reports",
        Some("2017.3"),
        &image,
        site.days_ago(2_000),
        "admin",
    );
    site.blobs
        .prune_manifest(&repository("legacy/reports"), &image.digest);
}

fn empty_stream(site: &SampleContext<'_>, name: &str) {
    let Repository { project, stream } = repository(name);
    site.cluster.write(|state| {
        let mut meta = state.new_meta(Some(project.as_str()), stream.as_str());
        meta.generation = Some(1);
        state.put_stream("ADDED", ImageStreamObject::new(meta))
    });
}

/// An image from before 2016.
fn schema1(site: &SampleContext<'_>) {
    let layer = SampleLayer::from_file("opt/billing", 12_000);
    let created = "2015-06-04T09:12:33Z";
    let id = "5f92234dcf1e6f0b2f3a0ee9a3ad16b9a2f7f70de1c6ec23b6d2b7f3a1c0de01";
    let newest = json!({
        "id": id,
        "created": created,
        "author": "Ops <ops@example.com>",
        "architecture": "amd64",
        "os": "linux",
        "config": { "Cmd": ["/opt/billing"], "Env": ["PATH=/usr/bin"], "Labels": { "release": "4.2" } },
        "container_config": { "Cmd": ["/bin/sh", "-c", "#(nop) CMD [\"/opt/billing\"]"] },
    });
    let manifest: Value = json!({
        "schemaVersion": 1,
        "name": "legacy/billing",
        "tag": "4.2",
        "architecture": "amd64",
        "fsLayers": [{ "blobSum": layer.blob.digest }],
        "history": [{ "v1Compatibility": newest.to_string() }],
    });
    let media_type = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    let image = BuiltImage::new(media_type, &manifest, None, vec![layer.blob]);
    site.push(
        "legacy/billing",
        Some("4.2"),
        &image,
        site.days_ago(4_100),
        "admin",
    );
}

impl SampleContext<'_> {
    /// Stores an image in the registry, but not in the image stream.
    pub(super) fn store_in_registry_only(&self, name: &str, image: &BuiltImage) {
        let repository = repository(name);
        for blob in image.config.iter().chain(&image.blobs) {
            self.blobs
                .store_as(&repository, blob.digest.clone(), blob.content.clone());
        }
        let media_type = image.media_type.into();
        let manifest = crate::registry::StoredManifest {
            media_type,
            content: image.manifest.clone(),
        };
        self.blobs
            .store_manifest(&repository, image.digest.clone(), manifest);
    }
}
