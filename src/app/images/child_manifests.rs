//! The manifests that an index lists, read from the registry: a bounded number of them, a bounded
//! number concurrently, and within the time that the page waits for the registry. An error of one
//! of them does not affect the others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::platforms::PlatformKind;
use crate::app::AppForUser;
use crate::app::bounds::truncate_brief;
use crate::app::failure::Upstream;
use crate::app::section::{Section, Unavailable, UnavailableReason, with_timeout};
use crate::registry::ManifestReference;
use registry_model::image_config::{CreationTime, ImageConfig};
use registry_model::manifest::{ImageIndex, IndexEntry, IndexEntryKind, Manifest, Platform};
use registry_model::{Digest, ImageStreamName, ProjectName, TotalSize};

/// How many manifests of an index are read. Official images have a dozen platforms, each with an
/// attestation.
const MAX_CHILD_MANIFESTS: usize = 32;

/// How many are read concurrently: for each a manifest, then its config.
const MAX_CONCURRENT_MANIFESTS: usize = 6;

/// The manifests of an index.
#[derive(Debug, Default)]
pub(super) struct ChildManifests {
    /// The manifests that were requested, by digest.
    pub(super) loaded: BTreeMap<Digest, Section<ChildManifest>>,
    /// How many were not requested.
    pub(super) not_loaded_count: usize,
}

/// A manifest that an index lists, with what its config adds.
#[derive(Debug)]
pub(super) struct ChildManifest {
    pub(super) kind: PlatformKind,
    pub(super) size: Option<TotalSize>,
    pub(super) created: CreationTime,
    pub(super) platform: Option<String>,
    pub(super) os_version: Option<String>,
    pub(super) config_missing: Option<Unavailable>,
}

impl ChildManifests {
    /// Reads the manifests that `index` lists, within `patience`.
    pub(super) async fn load(
        user: &AppForUser<'_>,
        project: &ProjectName,
        stream: &ImageStreamName,
        index: &ImageIndex,
        patience: Duration,
    ) -> Self {
        // An index within an index is a page of its own: indexes that list each other would never
        // end (S37).
        let is_manifest = |entry: &&IndexEntry| {
            !matches!(entry.kind(), IndexEntryKind::Blob | IndexEntryKind::Index)
        };
        let mut seen = BTreeSet::new();
        let mut listed: Vec<Digest> = index
            .entries
            .items
            .iter()
            .filter(is_manifest)
            .map(|entry| entry.descriptor.digest.clone())
            .collect();
        listed.retain(|digest| seen.insert(digest.clone()));
        let unread = listed.len().saturating_sub(MAX_CHILD_MANIFESTS);
        listed.truncate(MAX_CHILD_MANIFESTS);
        let end = Instant::now() + patience;
        let read = stream::iter(listed)
            .map(|digest| async move {
                let child = load_child(user, project, stream, &digest, end).await;
                (digest, child)
            })
            .buffer_unordered(MAX_CONCURRENT_MANIFESTS)
            .collect()
            .await;
        Self {
            loaded: read,
            not_loaded_count: unread,
        }
    }
}

async fn load_child(
    user: &AppForUser<'_>,
    project: &ProjectName,
    stream: &ImageStreamName,
    digest: &Digest,
    end: Instant,
) -> Section<ChildManifest> {
    let reference = ManifestReference::Digest(digest.clone());
    let left = end.saturating_duration_since(Instant::now());
    let raw = match with_timeout(
        left,
        Upstream::Registry,
        user.registry.get_manifest(project, stream, &reference),
    )
    .await
    {
        Section::Ready(raw) => raw,
        Section::Missing { missing } => return Section::Missing { missing },
    };
    let Ok(manifest) = Manifest::parse(&raw.bytes, raw.content_type.as_deref()) else {
        return Section::unavailable(Upstream::Registry, UnavailableReason::Unreadable);
    };
    let mut child = ChildManifest::from_manifest(&manifest);
    if let Manifest::Image(image) = &manifest {
        let left = end.saturating_duration_since(Instant::now());
        let config = match &image.config {
            Some(config) => user
                .load_image_config(project, stream, &config.digest, left)
                .await
                .0
                .map(|(config, _)| config),
            None => Section::unavailable(Upstream::Registry, UnavailableReason::NotThere),
        };
        child.add_config(config);
    }
    Section::Ready(child)
}

impl ChildManifest {
    fn from_manifest(manifest: &Manifest) -> Self {
        let (kind, size) = match manifest {
            Manifest::Image(image) => (PlatformKind::Image, image.size()),
            Manifest::Schema1(_) => (PlatformKind::Image, None),
            Manifest::Index(_) => (PlatformKind::Index, None),
            Manifest::Artifact(artifact) => (PlatformKind::Artifact, artifact.size()),
        };
        let config = if let Manifest::Schema1(schema1) = manifest {
            Some(ImageConfig::from_schema1(schema1))
        } else {
            None
        };
        let created =
            crate::app::images::image_facts::creation_time(config.as_ref(), Some(manifest), None);
        Self {
            kind,
            size,
            created,
            platform: None,
            os_version: None,
            config_missing: None,
        }
    }

    fn add_config(&mut self, config: Section<ImageConfig>) {
        match config {
            Section::Ready(config) => {
                self.created = config.created;
                self.os_version = config.os_version.map(truncate_brief);
                let platform = Platform {
                    os: config.os,
                    architecture: config.architecture,
                    variant: config.variant,
                    ..Platform::default()
                };
                self.platform = platform.name().map(truncate_brief);
            }
            Section::Missing { missing } => self.config_missing = Some(missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn child_config_texts_are_truncated() {
        let mut child = ChildManifest {
            kind: PlatformKind::Image,
            size: None,
            created: CreationTime::NotSet,
            platform: None,
            os_version: None,
            config_missing: None,
        };
        let long = Some("x".repeat(1 << 20));
        child.add_config(Section::Ready(ImageConfig {
            os: long.clone(),
            os_version: long,
            ..ImageConfig::default()
        }));
        let kept = [child.platform, child.os_version].map(|text| text.unwrap().len());
        assert!(
            kept.iter().all(|bytes| (100..1 << 10).contains(bytes)),
            "{kept:?}"
        );
    }
}
