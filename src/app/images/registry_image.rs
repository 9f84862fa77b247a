//! An image as the registry has it: its manifest and what the manifest refers to.

use std::time::Duration;

use bytes::Bytes;

use super::child_manifests::ChildManifests;
use super::{ImageFacts, ImageReference, RawDocument};
use crate::app::AppForUser;
use crate::app::connect::commands::PullCommands;
use crate::app::failure::Upstream;
use crate::app::section::{
    REGISTRY_TIMEOUT, Section, Unavailable, UnavailableReason, with_timeout,
};
use crate::app::shell_command::ShellCommand;
use crate::app::storage_failure::StorageFailure;
use crate::registry;
use registry_model::helm_chart::HelmChart;
use registry_model::image_config::ImageConfig;
use registry_model::manifest::{Artifact, ArtifactKind, Manifest};
use registry_model::{Digest, Image, ImageStreamName, ProjectName};

/// How much earlier than the page's time limit the console stops waiting for object storage.
const STORAGE_TIMEOUT_MARGIN: Duration = Duration::from_millis(50);

/// Whether the manifests that an index lists are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IndexLoading {
    WithManifests,
    IndexOnly,
}

/// What the registry has of an image.
pub(super) struct RegistryImage {
    pub(super) digest: Digest,
    manifest: Manifest,
    bytes: Bytes,
    /// `None` for a manifest that has none.
    pub(super) config: Option<Section<(ImageConfig, Bytes)>>,
    storage_failure: Option<StorageFailure>,
    children: ChildManifests,
    chart: Option<HelmChart>,
}

/// The documents of an image as the registry stores them, or why they are missing.
#[derive(Default)]
pub(super) struct RegistryDocuments {
    pub(super) manifest: Option<RawDocument>,
    pub(super) config: Option<RawDocument>,
    pub(super) config_missing: Option<Unavailable>,
    pub(super) storage_failure: Option<StorageFailure>,
}

impl RegistryImage {
    /// The facts of the image, together with those of the API server.
    pub(super) fn facts(&self, known: Option<&Image>) -> ImageFacts {
        let config = self.config.as_ref().and_then(Section::ready);
        let config = config.map(|(config, _)| config.clone());
        ImageFacts {
            chart: self.chart.clone(),
            ..ImageFacts::new(known, Some(&self.manifest), config, &self.children)
        }
    }

    /// The documents, each with the command that prints all of it.
    pub(super) fn documents(&self, commands: &PullCommands) -> RegistryDocuments {
        let document = |bytes: &Bytes, program| {
            let command = print_document_command(commands, &self.digest, program);
            RawDocument::from_bytes(bytes, command)
        };
        let config = self.config.as_ref().and_then(Section::ready);
        RegistryDocuments {
            manifest: Some(document(&self.bytes, "skopeo inspect --raw")),
            config: config.map(|(_, bytes)| document(bytes, "skopeo inspect --config --raw")),
            config_missing: self.config.as_ref().and_then(Section::missing).cloned(),
            storage_failure: self.storage_failure.clone(),
        }
    }
}

impl AppForUser<'_> {
    pub(super) async fn registry_image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ImageReference,
        index_loading: IndexLoading,
    ) -> Section<RegistryImage> {
        let started = tokio::time::Instant::now();
        let reference_in_registry = match reference {
            ImageReference::Tag(tag) => registry::ManifestReference::Tag(tag.clone()),
            ImageReference::Digest(digest) => registry::ManifestReference::Digest(digest.clone()),
        };
        let raw = match with_timeout(
            REGISTRY_TIMEOUT,
            Upstream::Registry,
            self.registry
                .get_manifest(project, stream, &reference_in_registry),
        )
        .await
        {
            Section::Ready(raw) => raw,
            Section::Missing { missing } => return Section::Missing { missing },
        };
        let manifest = match Manifest::parse(&raw.bytes, raw.content_type.as_deref()) {
            Ok(manifest) => manifest,
            Err(error) => {
                tracing::info!(digest = %raw.digest, error = &error as &dyn std::error::Error, "cannot parse the manifest");
                return Section::unavailable(Upstream::Registry, UnavailableReason::Unreadable);
            }
        };
        let patience = REGISTRY_TIMEOUT.saturating_sub(started.elapsed());
        let (config, storage_failure) = match &manifest {
            Manifest::Image(image) => match &image.config {
                Some(config) => {
                    let (config, storage_failure) = self
                        .load_image_config(project, stream, &config.digest, patience)
                        .await;
                    (Some(config), storage_failure)
                }
                None => (
                    Some(Section::unavailable(
                        Upstream::Registry,
                        UnavailableReason::NotThere,
                    )),
                    None,
                ),
            },
            _ => (None, None),
        };
        let children = match &manifest {
            Manifest::Index(index) if index_loading == IndexLoading::WithManifests => {
                ChildManifests::load(self, project, stream, index, patience).await
            }
            _ => ChildManifests::default(),
        };
        let chart = match &manifest {
            Manifest::Artifact(artifact) => {
                self.helm_chart(project, stream, artifact, patience).await
            }
            _ => None,
        };
        let manifest = reclassify_if_empty(manifest, config.as_ref());
        Section::Ready(RegistryImage {
            digest: raw.digest,
            bytes: raw.bytes,
            manifest,
            config,
            storage_failure,
            children,
            chart,
        })
    }

    /// What a Helm chart says of itself. `None` for other artifacts, and if it cannot be read: the
    /// page shows the chart's files without it.
    async fn helm_chart(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        artifact: &Artifact,
        patience: Duration,
    ) -> Option<HelmChart> {
        let config = artifact
            .config
            .as_ref()
            .filter(|_| artifact.kind() == ArtifactKind::HelmChart)?;
        let load = self
            .registry
            .get_config(project, stream, &config.digest, patience);
        let bytes = tokio::time::timeout(patience, load).await.ok()?.ok()?;
        HelmChart::parse(&bytes)
    }

    pub(super) async fn load_image_config(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
        patience: Duration,
    ) -> (Section<(ImageConfig, Bytes)>, Option<StorageFailure>) {
        let mut storage_failure = None;
        let load = async {
            // Object storage has a little less time, so that a delay is attributed to it.
            let found = self
                .registry
                .get_config(
                    project,
                    stream,
                    digest,
                    patience.saturating_sub(STORAGE_TIMEOUT_MARGIN),
                )
                .await;
            storage_failure = found
                .as_ref()
                .err()
                .and_then(StorageFailure::from_registry_error);
            found
        };
        let config = match with_timeout(patience, Upstream::Registry, load).await {
            Section::Ready(bytes) => match ImageConfig::parse(&bytes) {
                Ok(config) => Section::Ready((config, bytes)),
                Err(_) => Section::unavailable(Upstream::Registry, UnavailableReason::Unreadable),
            },
            Section::Missing { missing } => Section::Missing { missing },
        };
        (config, storage_failure)
    }
}

/// Without layers, and with a config that says nothing, there is nothing to run.
fn reclassify_if_empty(
    manifest: Manifest,
    config: Option<&Section<(ImageConfig, Bytes)>>,
) -> Manifest {
    match (manifest, config.and_then(Section::ready)) {
        (Manifest::Image(image), Some((config, _)))
            if image.layers.total() == 0 && *config == ImageConfig::default() =>
        {
            Manifest::Artifact(image.into())
        }
        (manifest, _) => manifest,
    }
}

/// The command that prints a document of the image as the registry stores it, whatever its length.
fn print_document_command(
    commands: &PullCommands,
    digest: &Digest,
    program: &'static str,
) -> ShellCommand {
    ShellCommand::new(program).with_operand(format!(
        "docker://{}@{digest}",
        commands.repository.as_deref().unwrap_or_default()
    ))
}
