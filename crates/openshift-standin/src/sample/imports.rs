//! Tags that track other tags, images or registries; imports that succeeded and that failed.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Map, json};

use super::layer::SampleLayer;
use crate::cluster::{PushedManifest, StoredTagSpec, TagReference};
use crate::registry::Repository;
use crate::sample::context::{SampleContext, repository, tag};
use crate::sample::image_builder::{BuiltImage, ImageBuilder};

/// Image stream, tag, source, reason and message of failed imports.
const FAILED_IMPORTS: [(&str, &str, &str, &str, &str); 4] = [
    (
        "public-tools/hey",
        "latest",
        "quay.example.com/tools/hey:latest",
        "NotFound",
        "dockerimage.image.openshift.io \"quay.example.com/tools/hey:latest\" not found",
    ),
    (
        "payments/hsm-client",
        "3.1",
        "registry.vendor.example/hsm/client:3.1",
        "Unauthorized",
        "you may not have access to the container image \"registry.vendor.example/hsm/client:3.1\"",
    ),
    (
        "payments/hsm-client",
        "3.2",
        "registry.vendor.example/hsm/client:3.2",
        "Unauthorized",
        "you may not have access to the container image \"registry.vendor.example/hsm/client:3.2\"",
    ),
    (
        "data-platform/spark",
        "3.5",
        "registry.intern.example:5000/spark:3.5",
        "InternalError",
        "Internal error occurred: Get \"https://registry.intern.example:5000/v2/\": x509: certificate signed by unknown authority",
    ),
];

/// A reference to a tag of a stream, `stream:tag` or just `tag`.
pub(super) fn stream_tag(name: &str, project: Option<&str>) -> TagReference {
    TagReference {
        kind: "ImageStreamTag".to_owned(),
        name: name.to_owned(),
        namespace: project.map(str::to_owned),
    }
}

pub(super) fn import_all(site: &SampleContext<'_>) {
    add_tracking_tags(site);
    add_successful_imports(site);
    add_failed_imports(site);
    // Requested, but never imported: only `spec` contains these.
    let reference = Some(TagReference::docker_image(
        "docker.example.com/library/busybox:1.36",
    ));
    site.set_tag_spec(
        "public-tools/busybox",
        "1.36",
        StoredTagSpec {
            from: reference,
            reference: true,
            ..StoredTagSpec::default()
        },
    );
    let annotations = Some(BTreeMap::from([(
        "description".to_owned(),
        "Nothing was pushed here yet".to_owned(),
    )]));
    site.set_tag_spec(
        "ml-lab/gpu-base",
        "planned",
        StoredTagSpec {
            annotations,
            ..StoredTagSpec::default()
        },
    );
}

fn add_tracking_tags(site: &SampleContext<'_>) {
    let follow = |stream: &str, name: &str, from| {
        site.set_tag_spec(
            stream,
            name,
            StoredTagSpec {
                from: Some(from),
                ..StoredTagSpec::default()
            },
        )
    };
    // It has been on this release for a while; it moves when the workloads that follow it are there.
    let earlier = stream_tag("storefront:1.9.0", None);
    follow("shop/storefront", "production", earlier);
    site.backdate_tracking_tag("shop/storefront", "production", "1.9.0");
    follow(
        "shop/python-base",
        "3.12",
        stream_tag("python:3.12", Some("base-images")),
    );
    let Repository { project, stream } = repository("payments/ledger");
    if let Some(digest) = site.cluster.tag_digest(&project, &stream, &tag("1.9.0")) {
        let name = format!("ledger@{digest}");
        follow(
            "payments/ledger",
            "audited",
            TagReference {
                kind: "ImageStreamImage".to_owned(),
                name,
                namespace: None,
            },
        );
    }
}

fn add_successful_imports(site: &SampleContext<'_>) {
    let image = foreign_image(site);
    for (stream, name, source, scheduled, insecure) in [
        (
            "data-platform/postgres",
            "16",
            "registry.example.com/library/postgres:16",
            true,
            false,
        ),
        (
            "edge/mqtt",
            "2.0",
            "10.20.30.40:5000/mosquitto:2.0",
            false,
            true,
        ),
    ] {
        let Repository {
            project,
            stream: short,
        } = repository(stream);
        let (digest, media_type) = (image.digest.clone(), image.media_type.to_owned());
        let (manifest, config) = (
            image.manifest.clone(),
            image.config.as_ref().map(|config| config.content.clone()),
        );
        let pushed = PushedManifest {
            digest,
            media_type,
            manifest,
            config,
            pushed_at: site.days_ago(40),
            pushed_by: String::new(),
        };
        site.cluster.add_external_image(source, pushed);
        let from = Some(TagReference::docker_image(source));
        site.set_tag_spec(
            stream,
            name,
            StoredTagSpec {
                from,
                scheduled,
                insecure,
                ..StoredTagSpec::default()
            },
        );
        site.cluster
            .write(|state| state.run_import_controller(project.as_str(), short.as_str()));
        // The real registry pulls these through; here they are stored directly.
        site.store_in_registry_only(stream, &image);
    }
}

fn foreign_image(site: &SampleContext<'_>) -> BuiltImage {
    ImageBuilder {
        media_types: site.family(false),
        created: site.days_ago(47),
        author: "",
        architecture: "amd64",
        run_config: json!({ "Cmd": ["serve"], "Env": ["PATH=/usr/bin"] }),
        steps: vec![(
            Some(SampleLayer::from_file("usr/bin/serve", 3_000).declaring_kib(73_400)),
            "COPY serve /usr/bin/ # buildkit".to_owned(),
        )],
        annotations: Map::new(),
    }
    .build()
}

fn add_failed_imports(site: &SampleContext<'_>) {
    for (index, (stream, name, source, reason, message)) in FAILED_IMPORTS.into_iter().enumerate() {
        let from = Some(TagReference::docker_image(source));
        site.set_tag_spec(
            stream,
            name,
            StoredTagSpec {
                from,
                scheduled: index % 2 == 0,
                ..StoredTagSpec::default()
            },
        );
        let Repository { project, stream } = repository(stream);
        let when = site.now - TimeDelta::hours(5 + 7 * i64::try_from(index).unwrap_or_default());
        site.cluster
            .fail_import(&project, &stream, &tag(name), reason, message, when);
    }
}
