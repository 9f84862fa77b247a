//! The cluster, registry and time to which the sample data is added.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};

use crate::cluster::{Cluster, PushedManifest, StoredTagSpec, Version};
use crate::registry::{Blobs, Repository, StoredManifest};
use crate::sample::image_builder::{BuiltImage, DOCKER, MediaTypes, OCI};
use registry_model::TagName;

pub(super) struct SampleContext<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) blobs: &'a Blobs,
    pub(super) now: DateTime<Utc>,
}

/// A repository by `project/stream`.
pub(super) fn repository(name: &str) -> Repository {
    let (project, stream) = name.split_once('/').expect("sample names have two parts");
    Repository {
        project: project.parse().expect("a valid sample name"),
        stream: stream.parse().expect("a valid sample name"),
    }
}

pub(super) fn tag(name: &str) -> TagName {
    name.parse().expect("a valid sample tag")
}

impl<'a> SampleContext<'a> {
    pub(super) fn new(cluster: &'a Cluster, blobs: &'a Blobs) -> Self {
        Self {
            cluster,
            blobs,
            now: cluster.clock().now(),
        }
    }

    pub(super) fn is_4(&self) -> bool {
        self.cluster.version() == Version::V4
    }

    /// The media types of images: both are in use on 4.
    pub(super) fn family(&self, prefers_oci: bool) -> &'static MediaTypes {
        if prefers_oci && self.is_4() {
            &OCI
        } else {
            &DOCKER
        }
    }

    pub(super) fn days_ago(&self, days: i64) -> DateTime<Utc> {
        self.now - TimeDelta::days(days)
    }

    /// Stores an image and its parts in the registry, and (with a tag) in its image stream.
    pub(super) fn push(
        &self,
        into: &str,
        to: Option<&str>,
        image: &BuiltImage,
        when: DateTime<Utc>,
        by: &str,
    ) {
        let repository = repository(into);
        for blob in image.config.iter().chain(&image.blobs) {
            self.blobs
                .store_as(&repository, blob.digest.clone(), blob.content.clone());
        }
        self.push_manifest(
            &repository,
            to,
            image,
            image.config.as_ref().map(|config| config.content.clone()),
            when,
            by,
        );
    }

    /// Like [`SampleContext::push`], but without the blobs.
    pub(super) fn push_manifest(
        &self,
        repository: &Repository,
        to: Option<&str>,
        image: &BuiltImage,
        config: Option<Bytes>,
        when: DateTime<Utc>,
        by: &str,
    ) {
        let (digest, media_type) = (image.digest.clone(), image.media_type);
        let stored = StoredManifest {
            media_type: media_type.into(),
            content: image.manifest.clone(),
        };
        self.blobs
            .store_manifest(repository, digest.clone(), stored);
        let (manifest, media_type, by) =
            (image.manifest.clone(), media_type.to_owned(), by.to_owned());
        let pushed = PushedManifest {
            digest,
            media_type,
            manifest,
            config,
            pushed_at: when,
            pushed_by: by,
        };
        let to = to.map(tag);
        let done = self.cluster.push(
            &repository.project,
            &repository.stream,
            to.as_ref(),
            &pushed,
        );
        done.expect("the sample's projects are made before its images");
    }

    pub(super) fn set_tag_spec(&self, stream: &str, name: &str, spec: StoredTagSpec) {
        let Repository { project, stream } = repository(stream);
        self.cluster
            .set_spec_tag(&project, &stream, &tag(name), spec);
    }

    /// Backdates `tag` as if it had tracked `source` when that was pushed.
    pub(super) fn backdate_tracking_tag(&self, stream: &str, tag: &str, source: &str) {
        let Repository { project, stream } = repository(stream);
        self.cluster.write(|state| {
            state.change_stream(project.as_str(), stream.as_str(), |stream| {
                let when = stream
                    .tags
                    .get(source)
                    .and_then(|history| history.items.first())
                    .map(|event| event.created);
                let event = stream
                    .tags
                    .get_mut(tag)
                    .and_then(|history| history.items.first_mut());
                if let (Some(when), Some(event)) = (when, event) {
                    event.created = when;
                }
            });
        });
    }

    pub(super) fn annotate(&self, stream: &str, key: &str, value: &str) {
        let Repository { project, stream } = repository(stream);
        self.cluster.annotate(&project, Some(&stream), key, value);
    }
}
