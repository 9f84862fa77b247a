//! The manifests that an index lists, as the registry holds them: so many of them, so many at once,
//! and no longer than the page waits for the registry. What one of them lacks does not take
//! anything from the others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::platforms::PlatformKind;
use crate::app::AsUser;
use crate::app::bounds::brief;
use crate::app::failure::Upstream;
use crate::app::section::{Missing, Section, Why, within};
use crate::registry::Reference;
use registry_model::config::{Created, ImageConfig};
use registry_model::manifest::{EntryKind, Index, IndexEntry, Manifest, Platform};
use registry_model::{Digest, ImageStreamName, ProjectName, TotalSize};

/// How many manifests of an index are read. Official images have a dozen platforms, each with an
/// attestation.
const MOST_READ: usize = 32;

/// How many are read at once: a manifest and a config each, one after the other.
const SIDE_BY_SIDE: usize = 6;

/// The manifests of an index.
#[derive(Debug, Default)]
pub(super) struct Children {
    /// Those that were asked for, by their digest.
    pub(super) read: BTreeMap<Digest, Section<Child>>,
    /// How many were not asked for.
    pub(super) unread: usize,
}

/// A manifest that an index lists, with what its config adds.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) kind: PlatformKind,
    pub(super) size: Option<TotalSize>,
    pub(super) created: Created,
    pub(super) platform: Option<String>,
    pub(super) os_version: Option<String>,
    pub(super) config_missing: Option<Missing>,
}

impl Children {
    /// Reads what `index` lists, within `patience`.
    pub(super) async fn read(
        user: &AsUser<'_>,
        project: &ProjectName,
        stream: &ImageStreamName,
        index: &Index,
        patience: Duration,
    ) -> Self {
        // An index inside of an index is a page of its own: indexes that name each other have no
        // end (S37).
        let is_manifest =
            |entry: &&IndexEntry| !matches!(entry.kind(), EntryKind::Blob | EntryKind::Index);
        let mut seen = BTreeSet::new();
        let mut listed: Vec<Digest> = index
            .entries
            .items
            .iter()
            .filter(is_manifest)
            .map(|entry| entry.descriptor.digest.clone())
            .collect();
        listed.retain(|digest| seen.insert(digest.clone()));
        let unread = listed.len().saturating_sub(MOST_READ);
        listed.truncate(MOST_READ);
        let end = Instant::now() + patience;
        let read = stream::iter(listed)
            .map(|digest| async move {
                let child = child(user, project, stream, &digest, end).await;
                (digest, child)
            })
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        Self { read, unread }
    }
}

async fn child(
    user: &AsUser<'_>,
    project: &ProjectName,
    stream: &ImageStreamName,
    digest: &Digest,
    end: Instant,
) -> Section<Child> {
    let reference = Reference::Digest(digest.clone());
    let left = end.saturating_duration_since(Instant::now());
    let raw = match within(
        left,
        Upstream::Registry,
        user.registry.manifest(project, stream, &reference),
    )
    .await
    {
        Section::Ready(raw) => raw,
        Section::Missing { missing } => return Section::Missing { missing },
    };
    let Ok(manifest) = Manifest::parse(&raw.bytes, raw.content_type.as_deref()) else {
        return Section::gone(Upstream::Registry, Why::Unreadable);
    };
    let mut child = Child::of(&manifest);
    if let Manifest::Image(image) = &manifest {
        let left = end.saturating_duration_since(Instant::now());
        let config = match &image.config {
            Some(config) => user
                .image_config(project, stream, &config.digest, left)
                .await
                .0
                .map(|(config, _)| config),
            None => Section::gone(Upstream::Registry, Why::NotThere),
        };
        child.add(config);
    }
    Section::Ready(child)
}

impl Child {
    fn of(manifest: &Manifest) -> Self {
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
        let created = super::facts::created_of(config.as_ref(), Some(manifest), None);
        Self {
            kind,
            size,
            created,
            platform: None,
            os_version: None,
            config_missing: None,
        }
    }

    fn add(&mut self, config: Section<ImageConfig>) {
        match config {
            Section::Ready(config) => {
                self.created = config.created;
                self.os_version = config.os_version.map(brief);
                let platform = Platform {
                    os: config.os,
                    architecture: config.architecture,
                    variant: config.variant,
                    ..Platform::default()
                };
                self.platform = platform.name().map(brief);
            }
            Section::Missing { missing } => self.config_missing = Some(missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_kept_of_the_texts_of_each_config() {
        let mut child = Child {
            kind: PlatformKind::Image,
            size: None,
            created: Created::NotSet,
            platform: None,
            os_version: None,
            config_missing: None,
        };
        let long = Some("x".repeat(1 << 20));
        child.add(Section::Ready(ImageConfig {
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
