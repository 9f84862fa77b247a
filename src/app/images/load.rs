//! Loads an image from the API server and the registry.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::absent::AbsentImageInput;
use super::{
    AttachedToImage, ImageFacts, ImageLookup, ImageReference, ImageTag, ImageView, RawDocument,
};
use crate::app::AppForUser;
use crate::app::connect::commands::{CommandRepository, PullCommands};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::images::child_manifests::ChildManifests;
use crate::app::section::{
    OPTIONAL_TIMEOUT, REGISTRY_TIMEOUT, Section, Unavailable, UnavailableReason, with_timeout,
};
use crate::app::shell_command::ShellCommand;
use crate::app::storage_failure::StorageFailure;
use crate::index::Snapshot;
use crate::openshift::AccessRight;
use crate::{openshift, registry};
use registry_model::helm_chart::HelmChart;
use registry_model::image_config::ImageConfig;
use registry_model::manifest::{Artifact, ArtifactKind, Manifest};
use registry_model::{Digest, Image, ImageStream, ImageStreamName, ProjectName, Tag, TagName};

/// How much earlier than the page's time limit the console stops waiting for object storage.
const STORAGE_TIMEOUT_MARGIN: Duration = Duration::from_millis(50);

/// Whether the manifests that an index lists are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IndexLoading {
    WithManifests,
    IndexOnly,
}

/// An image without what a page of its own adds: tags, commands and attachments.
#[derive(Clone, Debug)]
pub(in crate::app) struct ImageContent {
    /// The digest of its manifest.
    pub(in crate::app) digest: Digest,
    /// The facts, not yet cut to what a page can show. The manifests of an index were not read.
    pub(in crate::app) facts: ImageFacts,
    /// Whether the config is that of the registry. The API server's copy of it contains less.
    pub(in crate::app) has_registry_config: bool,
    /// Why the registry's manifest is missing.
    pub(in crate::app) registry_missing: Option<Unavailable>,
    /// Why the registry's config is missing, if there should be one.
    pub(in crate::app) config_missing: Option<Unavailable>,
}

/// What the registry has of an image.
struct RegistryImage {
    digest: Digest,
    manifest: Manifest,
    bytes: Bytes,
    config: Option<Section<(ImageConfig, Bytes)>>,
    storage_failure: Option<StorageFailure>,
    children: ChildManifests,
    chart: Option<HelmChart>,
}

impl AppForUser<'_> {
    /// One image, by tag or digest.
    ///
    /// # Errors
    ///
    /// Only if neither the API server nor the registry has anything to show, and the image stream
    /// does not have the tag or the digest.
    pub async fn image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: ImageReference,
    ) -> Result<ImageLookup, Failure> {
        let page_revision = self.current_page_revision();
        let rights = self.review_access([
            AccessRight::update_tags(project),
            AccessRight::pull_from(project.clone()),
            AccessRight::delete_tags(project),
        ]);
        let (api_image, whole_stream, registry_image, all_streams, [can_tag, can_pull, can_untag]) = tokio::join!(
            self.api_server_image(project, stream, &reference),
            self.api_server.get_stream(project, stream),
            self.registry_image(project, stream, &reference, IndexLoading::WithManifests),
            self.streams_for_names(),
            rights,
        );
        if matches!(api_image, Err(openshift::ApiError::TokenRefused)) {
            return Err(Failure::SignInRequired);
        }
        let (api_image, registry_image) = match (api_image, registry_image) {
            (
                Err(openshift::ApiError::NotFound),
                Section::Missing {
                    missing: registry_missing,
                },
            ) => {
                let stream = whole_stream
                    .map_err(|error| Failure::from_api_error(error, PageSubject::Image))?;
                let input = AbsentImageInput {
                    stream,
                    reference,
                    registry_missing,
                    all_streams,
                    can_tag,
                    can_untag,
                    page_revision,
                };
                return self
                    .absent_image(input)
                    .await
                    .map(|absent| ImageLookup::Absent(Box::new(absent)));
            }
            (Err(error), Section::Missing { .. }) => {
                return Err(Failure::from_api_error(error, PageSubject::Image));
            }
            (api_image, registry_image) => (Section::from(api_image), registry_image),
        };
        let whole_stream = whole_stream.ok();
        let digests = (
            api_image.ready().map(|image| image.digest.clone()),
            registry_image.ready().map(|image| image.digest.clone()),
        );
        let (digest, registry_disagrees) = match digests {
            (Some(digest_in_stream), Some(digest_in_registry))
                if digest_in_stream != digest_in_registry =>
            {
                (digest_in_stream, Some(digest_in_registry))
            }
            (Some(digest), _) | (None, Some(digest)) => (digest, None),
            (None, None) => return Err(Failure::Internal("an image of which nothing is known")),
        };
        let tag = if let ImageReference::Tag(tag) = &reference {
            Some(tag.clone())
        } else {
            None
        };
        let attached_to = tag
            .as_ref()
            .and_then(|tag| tag.attachment())
            .map(|attachment| attachment.image);
        let attachments = match &whole_stream {
            Some(stream) => self.attachments(stream, &digest).await,
            None => AttachedToImage::default(),
        };
        let host = self.app.registry_host.as_deref();
        let repository = CommandRepository::from_stream(
            whole_stream.as_ref(),
            project,
            stream,
            host,
            registry_image.ready().is_some(),
        );
        let previous = tag
            .as_ref()
            .zip(whole_stream.as_ref())
            .and_then(|(tag, stream)| {
                let mut history = stream
                    .tags
                    .iter()
                    .find(|it| it.name == *tag)?
                    .history
                    .iter();
                history.find_map(|event| event.image.clone().filter(|image| *image != digest))
            });
        let own_tag = whole_stream.as_ref().and_then(|stream| {
            stream
                .tags
                .iter()
                .find(|candidate| tag_matches(candidate, tag.as_ref(), &digest))
        });
        let imported = own_tag
            .and_then(|tag| tag.current())
            .map(|event| event.pull_spec.as_str());
        let commands = PullCommands::new(repository, tag.as_ref(), Some(&digest));
        let (facts, documents) =
            facts_and_documents(api_image.ready(), &registry_image, &digest, &commands);
        let mut view = ImageView {
            project: project.clone(),
            stream: stream.clone(),
            names: tags_of_digest(&digest, all_streams, whole_stream.as_ref()),
            more_names: 0,
            attachments,
            attached_to,
            api_server_missing: api_image.missing().cloned(),
            registry_missing: registry_image.missing().cloned(),
            config_missing: documents.config_missing,
            storage_failure: documents.storage_failure,
            raw_manifest: documents.manifest,
            raw_config: documents.config,
            commands: commands.with_source(own_tag.map(|tag| &tag.source), imported),
            facts,
            reference,
            digest,
            registry_disagrees,
            can_roll_back: can_tag && previous.is_some(),
            previous,
            can_tag: can_tag || can_pull,
            can_untag,
            page_revision,
        };
        view.facts.pushed = whole_stream
            .as_ref()
            .and_then(|stream| pushed_at(stream, &view.reference, &view.digest))
            .or(view.facts.pushed);
        if let Some(repository) = &view.commands.repository {
            let index = format!("{repository}{}", view.reference);
            for row in &mut view.facts.platforms {
                row.add_pull_command(&index);
            }
        }
        if !view.facts.is_runnable() {
            view.commands = view.commands.without_pull();
        }
        Ok(ImageLookup::Found(Box::new(view.bounded())))
    }

    /// The content of one image, by tag or digest, or why neither the API server nor the registry
    /// has it.
    ///
    /// # Errors
    ///
    /// [`Failure::SignInRequired`]: the API server no longer accepts the token.
    pub(in crate::app) async fn image_content(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ImageReference,
    ) -> Result<Section<ImageContent>, Failure> {
        let (api_image, stored) = tokio::join!(
            self.api_server_image(project, stream, reference),
            self.registry_image(project, stream, reference, IndexLoading::IndexOnly),
        );
        let known = match (api_image, stored.ready()) {
            (Err(openshift::ApiError::TokenRefused), _) => return Err(Failure::SignInRequired),
            (Err(error), None) => return Ok(Section::from(Err(error))),
            (api_image, _) => api_image.ok(),
        };
        let digest = known
            .as_ref()
            .map(|image| &image.digest)
            .or_else(|| stored.ready().map(|image| &image.digest))
            .ok_or(Failure::Internal("an image of which nothing is known"))?
            .clone();
        let facts = combined_facts(known.as_ref(), &stored, &digest);
        let own = stored.ready().filter(|stored| stored.digest == digest);
        let config = own.and_then(|stored| stored.config.as_ref());
        Ok(Section::Ready(ImageContent {
            has_registry_config: own.is_some() && config.is_none_or(|it| it.ready().is_some()),
            registry_missing: stored.missing().cloned(),
            config_missing: config.and_then(Section::missing).cloned(),
            facts,
            digest,
        }))
    }

    async fn api_server_image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ImageReference,
    ) -> Result<Image, openshift::ApiError> {
        match reference {
            ImageReference::Tag(tag) => {
                self.api_server.get_image_by_tag(project, stream, tag).await
            }
            ImageReference::Digest(digest) => {
                self.image_by_digest_or_tag(project, stream, digest, None)
                    .await
            }
        }
    }

    /// An image of an image stream. One image that the API server cannot read makes it refuse
    /// `imagestreamimages` for all images of the image stream (422). Then a tag that points to the
    /// image is requested instead: `tag`, if it is given.
    pub(in crate::app) async fn image_by_digest_or_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
        tag: Option<&TagName>,
    ) -> Result<Image, openshift::ApiError> {
        let refused = match self.api_server.get_image(project, stream, digest).await {
            Err(refused @ openshift::ApiError::Invalid(_)) => refused,
            answered => return answered,
        };
        let found = match tag {
            Some(tag) => Some(tag.clone()),
            None => self
                .api_server
                .get_stream(project, stream)
                .await
                .ok()
                .and_then(|stream| tag_pointing_at(&stream, digest)),
        };
        let Some(tag) = found else {
            return Err(refused);
        };
        // The tag may have moved meanwhile.
        self.api_server
            .get_image_by_tag(project, stream, &tag)
            .await
            .ok()
            .filter(|image| image.digest == *digest)
            .ok_or(refused)
    }

    async fn registry_image(
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

    /// All image streams in which the image might have other tags.
    async fn streams_for_names(&self) -> Section<Snapshot> {
        match tokio::time::timeout(OPTIONAL_TIMEOUT, self.visible_streams()).await {
            Ok(Ok(found)) => Section::Ready(found.streams.clone()),
            Ok(Err(_)) => Section::unavailable(Upstream::ApiServer, UnavailableReason::Unreachable),
            Err(_) => Section::unavailable(Upstream::ApiServer, UnavailableReason::Late),
        }
    }
}

/// A tag that points to the image.
fn tag_pointing_at(stream: &ImageStream, digest: &Digest) -> Option<TagName> {
    let points_here = |tag: &&registry_model::Tag| {
        tag.current()
            .is_some_and(|event| event.image.as_ref() == Some(digest))
    };
    stream
        .tags
        .iter()
        .find(points_here)
        .map(|tag| tag.name.clone())
}

/// Since when the tag, or for a digest the image stream, has the image. The image object may be
/// older, or come from another image stream.
fn pushed_at(
    stream: &ImageStream,
    reference: &ImageReference,
    digest: &Digest,
) -> Option<DateTime<Utc>> {
    let events = |tag: &registry_model::Tag| {
        tag.history
            .iter()
            .filter(|event| event.image.as_ref() == Some(digest))
            .filter_map(|e| e.created)
            .min()
    };
    match reference {
        ImageReference::Tag(name) => {
            let current = stream
                .tags
                .iter()
                .find(|tag| tag.name == *name)?
                .current()?;
            (current.image.as_ref() == Some(digest))
                .then_some(current.created)
                .flatten()
        }
        ImageReference::Digest(_) => stream.tags.iter().filter_map(events).min(),
    }
}

/// The documents of an image as the registry stores them, or why they are missing.
#[derive(Default)]
struct RegistryDocuments {
    manifest: Option<RawDocument>,
    config: Option<RawDocument>,
    config_missing: Option<Unavailable>,
    storage_failure: Option<StorageFailure>,
}

/// The facts of the image `digest`, and the documents that the registry has under the same
/// reference. Where the registry has another image, the facts are those of the API server alone.
fn facts_and_documents(
    known: Option<&Image>,
    stored: &Section<RegistryImage>,
    digest: &Digest,
    commands: &PullCommands,
) -> (ImageFacts, RegistryDocuments) {
    let facts = combined_facts(known, stored, digest);
    let Some(stored) = stored.ready() else {
        return (facts, RegistryDocuments::default());
    };
    let document = |bytes: &Bytes, program| {
        let command = print_document_command(commands, &stored.digest, program);
        RawDocument::from_bytes(bytes, command)
    };
    let config = stored.config.as_ref().and_then(Section::ready);
    let documents = RegistryDocuments {
        manifest: Some(document(&stored.bytes, "skopeo inspect --raw")),
        config: config.map(|(_, bytes)| document(bytes, "skopeo inspect --config --raw")),
        config_missing: stored.config.as_ref().and_then(Section::missing).cloned(),
        storage_failure: stored.storage_failure.clone(),
    };
    (facts, documents)
}

/// The facts of the image `digest`. Where the registry has another image under the same reference,
/// they are those of the API server alone.
fn combined_facts(
    known: Option<&Image>,
    stored: &Section<RegistryImage>,
    digest: &Digest,
) -> ImageFacts {
    match stored.ready().filter(|stored| stored.digest == *digest) {
        Some(stored) => {
            let config = stored.config.as_ref().and_then(Section::ready);
            let config = config.map(|(config, _)| config.clone());
            ImageFacts {
                chart: stored.chart.clone(),
                ..ImageFacts::new(known, Some(&stored.manifest), config, &stored.children)
            }
        }
        None => ImageFacts::new(known, None, None, &ChildManifests::default()),
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

/// Whether it is the tag `named`, or, without one, a tag that points to the image now.
fn tag_matches(tag: &Tag, named: Option<&TagName>, digest: &Digest) -> bool {
    match named {
        Some(name) => tag.name == *name,
        None => tag
            .current()
            .is_some_and(|event| event.image.as_ref() == Some(digest)),
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

/// Every tag that points to the digest, or has pointed to it, in all image streams that could be
/// listed; at least those of the image stream itself.
pub(super) fn tags_of_digest(
    digest: &Digest,
    all_streams: Section<Snapshot>,
    own_stream: Option<&ImageStream>,
) -> Section<Vec<ImageTag>> {
    let streams = match (all_streams, own_stream) {
        (Section::Ready(streams), _) => streams,
        (Section::Missing { .. }, Some(own_stream)) => {
            Snapshot::from_streams(vec![own_stream.clone()])
        }
        (Section::Missing { missing }, None) => return Section::Missing { missing },
    };
    let mut names: Vec<ImageTag> = Vec::new();
    for entry in streams.streams() {
        let stream = &entry.stream;
        for tag in stream.tags() {
            let found = tag
                .history
                .iter()
                .enumerate()
                .find(|(_, event)| event.image.as_ref() == Some(digest));
            names.extend(found.map(|(at, event)| {
                ImageTag::new(
                    &stream.project,
                    &stream.name,
                    tag.name(),
                    at == 0,
                    event.when(),
                )
            }));
        }
    }
    names.sort_by(|a, b| {
        b.current
            .cmp(&a.current)
            .then_with(|| (&a.project, &a.stream, &a.tag).cmp(&(&b.project, &b.stream, &b.tag)))
    });
    Section::Ready(names)
}
