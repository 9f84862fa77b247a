//! Asking both for an image.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::absent::Unfound;
use super::children::Children;
use super::{AttachedToImage, Facts, ImageLookup, ImageView, Name, Raw, ShownReference};
use crate::app::AsUser;
use crate::app::connect::commands::{PullCommands, Repository};
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::section::{EXTRA_PATIENCE, Missing, REGISTRY_PATIENCE, Section, Why, within};
use crate::app::shell_command::ShellCommand;
use crate::app::storage_trouble::StorageTrouble;
use crate::index::Snapshot;
use crate::openshift::Access;
use crate::{openshift, registry};
use registry_model::config::ImageConfig;
use registry_model::manifest::Manifest;
use registry_model::{Digest, Image, ImageStream, ImageStreamName, ProjectName, Tag, TagName};

/// How much sooner than the page the console stops waiting for object storage.
const STORAGE_MARGIN: Duration = Duration::from_millis(50);

/// What the registry knows of an image.
struct Stored {
    digest: Digest,
    manifest: Manifest,
    bytes: Bytes,
    config: Option<Section<(ImageConfig, Bytes)>>,
    storage_trouble: Option<StorageTrouble>,
    children: Children,
}

impl AsUser<'_> {
    /// One image, by tag or digest.
    ///
    /// # Errors
    ///
    /// Only where neither the API server nor the registry has anything to show, and the image
    /// stream does not know the tag or the digest.
    pub async fn image(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: ShownReference,
    ) -> Result<ImageLookup, Failure> {
        let mark = self.mark_now();
        let rights = self.allowed([
            Access::update_tags(project),
            Access::pull_from(project.clone()),
            Access::delete_tags(project),
        ]);
        let (known, whole_stream, stored, everywhere, [can_tag, can_pull, can_untag]) = tokio::join!(
            self.known(project, stream, &reference),
            self.master.image_stream(project, stream),
            self.stored(project, stream, &reference),
            self.names_everywhere(),
            rights,
        );
        if matches!(known, Err(openshift::Error::TokenRefused)) {
            return Err(Failure::SignInRequired);
        }
        let (known, stored) = match (known, stored) {
            (
                Err(openshift::Error::NotFound),
                Section::Missing {
                    missing: registry_missing,
                },
            ) => {
                let stream =
                    whole_stream.map_err(|error| Failure::of_master(error, Subject::Image))?;
                let unfound = Unfound {
                    stream,
                    reference,
                    registry_missing,
                    everywhere,
                    can_tag,
                    can_untag,
                    mark,
                };
                return self
                    .absent_image(unfound)
                    .await
                    .map(|absent| ImageLookup::Absent(Box::new(absent)));
            }
            (Err(error), Section::Missing { .. }) => {
                return Err(Failure::of_master(error, Subject::Image));
            }
            (known, stored) => (Section::from(known), stored),
        };
        let whole_stream = whole_stream.ok();
        let digests = (
            known.ready().map(|image| image.digest.clone()),
            stored.ready().map(|stored| stored.digest.clone()),
        );
        let (digest, registry_disagrees) = match digests {
            (Some(ours), Some(theirs)) if ours != theirs => (ours, Some(theirs)),
            (Some(digest), _) | (None, Some(digest)) => (digest, None),
            (None, None) => return Err(Failure::Internal("an image of which nothing is known")),
        };
        let tag = if let ShownReference::Tag(tag) = &reference {
            Some(tag.clone())
        } else {
            None
        };
        let attached_to = tag
            .as_ref()
            .and_then(|tag| tag.attachment())
            .map(|attachment| attachment.image);
        let attachments = match &whole_stream {
            Some(stream) => self.attached_to(stream, &digest).await,
            None => AttachedToImage::default(),
        };
        let host = self.console.registry_host.as_deref();
        let repository = Repository::of(
            whole_stream.as_ref(),
            project,
            stream,
            host,
            stored.ready().is_some(),
        );
        let tag_here = whole_stream.as_ref().and_then(|stream| {
            stream
                .tags
                .iter()
                .find(|known| holds(known, tag.as_ref(), &digest))
        });
        let imported = tag_here
            .and_then(|tag| tag.current())
            .map(|event| event.pull_spec.as_str());
        let commands = PullCommands::new(repository, tag.as_ref(), Some(&digest));
        let mut view = ImageView {
            project: project.clone(),
            stream: stream.clone(),
            names: names_of(&digest, everywhere, whole_stream.as_ref()),
            more_names: 0,
            attachments,
            attached_to,
            master_missing: known.missing().cloned(),
            registry_missing: stored.missing().cloned(),
            config_missing: None,
            storage_trouble: None,
            raw_manifest: None,
            raw_config: None,
            commands: commands.with_source(tag_here.map(|tag| &tag.source), imported),
            facts: Facts::new(known.ready(), None, None, &Children::default()),
            reference,
            digest,
            registry_disagrees,
            can_tag: can_tag || can_pull,
            can_untag,
            mark,
        };
        if let Section::Ready(stored) = stored {
            view.add(known.ready(), stored);
        }
        view.facts.pushed = whole_stream
            .as_ref()
            .and_then(|stream| came(stream, &view.reference, &view.digest))
            .or(view.facts.pushed);
        if !view.facts.is_runnable() {
            view.commands = view.commands.without_pull();
        }
        Ok(ImageLookup::Found(Box::new(view.bounded())))
    }

    async fn known(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ShownReference,
    ) -> Result<Image, openshift::Error> {
        match reference {
            ShownReference::Tag(tag) => self.master.image_of_tag(project, stream, tag).await,
            ShownReference::Digest(digest) => {
                self.image_or_tag(project, stream, digest, None).await
            }
        }
    }

    /// An image of a stream. One image that the API server cannot read makes it refuse
    /// `imagestreamimages` for all images of the stream (422): then a tag that points at the image
    /// is asked for, `tag` if it is known.
    pub(in crate::app) async fn image_or_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
        tag: Option<&TagName>,
    ) -> Result<Image, openshift::Error> {
        let refused = match self.master.image(project, stream, digest).await {
            Err(refused @ openshift::Error::Invalid(_)) => refused,
            answered => return answered,
        };
        let found = match tag {
            Some(tag) => Some(tag.clone()),
            None => self
                .master
                .image_stream(project, stream)
                .await
                .ok()
                .and_then(|stream| tag_at(&stream, digest)),
        };
        let Some(tag) = found else {
            return Err(refused);
        };
        // The tag may have moved meanwhile.
        self.master
            .image_of_tag(project, stream, &tag)
            .await
            .ok()
            .filter(|image| image.digest == *digest)
            .ok_or(refused)
    }

    async fn stored(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        reference: &ShownReference,
    ) -> Section<Stored> {
        let started = tokio::time::Instant::now();
        let asked = match reference {
            ShownReference::Tag(tag) => registry::Reference::Tag(tag.clone()),
            ShownReference::Digest(digest) => registry::Reference::Digest(digest.clone()),
        };
        let raw = match within(
            REGISTRY_PATIENCE,
            Upstream::Registry,
            self.registry.manifest(project, stream, &asked),
        )
        .await
        {
            Section::Ready(raw) => raw,
            Section::Missing { missing } => return Section::Missing { missing },
        };
        let manifest = match Manifest::parse(&raw.bytes, raw.content_type.as_deref()) {
            Ok(manifest) => manifest,
            Err(error) => {
                tracing::info!(digest = %raw.digest, error = &error as &dyn std::error::Error, "manifest not readable");
                return Section::gone(Upstream::Registry, Why::Unreadable);
            }
        };
        let patience = REGISTRY_PATIENCE.saturating_sub(started.elapsed());
        let (config, storage_trouble) = match &manifest {
            Manifest::Image(image) => match &image.config {
                Some(config) => {
                    let (config, trouble) = self
                        .image_config(project, stream, &config.digest, patience)
                        .await;
                    (Some(config), trouble)
                }
                None => (Some(Section::gone(Upstream::Registry, Why::NotThere)), None),
            },
            _ => (None, None),
        };
        let children = match &manifest {
            Manifest::Index(index) => Children::read(self, project, stream, index, patience).await,
            _ => Children::default(),
        };
        let manifest = as_artifact_if_empty(manifest, config.as_ref());
        Section::Ready(Stored {
            digest: raw.digest,
            bytes: raw.bytes,
            manifest,
            config,
            storage_trouble,
            children,
        })
    }

    pub(super) async fn image_config(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        digest: &Digest,
        patience: Duration,
    ) -> (Section<(ImageConfig, Bytes)>, Option<StorageTrouble>) {
        let mut trouble = None;
        let load = async {
            // Object storage that is late is to be named: it has a little less time.
            let found = self
                .registry
                .config(
                    project,
                    stream,
                    digest,
                    patience.saturating_sub(STORAGE_MARGIN),
                )
                .await;
            trouble = found.as_ref().err().and_then(StorageTrouble::of);
            found
        };
        let config = match within(patience, Upstream::Registry, load).await {
            Section::Ready(bytes) => match ImageConfig::parse(&bytes) {
                Ok(config) => Section::Ready((config, bytes)),
                Err(_) => Section::gone(Upstream::Registry, Why::Unreadable),
            },
            Section::Missing { missing } => Section::Missing { missing },
        };
        (config, trouble)
    }

    /// All streams in which the image might have other names.
    async fn names_everywhere(&self) -> Section<Snapshot> {
        match tokio::time::timeout(EXTRA_PATIENCE, self.visible_streams()).await {
            Ok(Ok(found)) => Section::Ready(found.streams.clone()),
            Ok(Err(_)) => Section::gone(Upstream::Master, Why::Unreachable),
            Err(_) => Section::gone(Upstream::Master, Why::Late),
        }
    }
}

/// A tag that points at the image.
fn tag_at(stream: &ImageStream, digest: &Digest) -> Option<TagName> {
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

/// When the image came to the tag, or by digest, to the stream: the image object may be older, or
/// have come by another stream.
fn came(
    stream: &ImageStream,
    reference: &ShownReference,
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
        ShownReference::Tag(name) => {
            let current = stream
                .tags
                .iter()
                .find(|tag| tag.name == *name)?
                .current()?;
            (current.image.as_ref() == Some(digest))
                .then_some(current.created)
                .flatten()
        }
        ShownReference::Digest(_) => stream.tags.iter().filter_map(events).min(),
    }
}

impl ImageView {
    fn add(&mut self, known: Option<&Image>, stored: Stored) {
        let (config, missing) = match stored.config {
            Some(Section::Ready((config, bytes))) => {
                self.raw_config = Some(Raw::of(
                    &bytes,
                    print_command(
                        &self.commands,
                        &stored.digest,
                        "skopeo inspect --config --raw",
                    ),
                ));
                (Some(config), None)
            }
            Some(Section::Missing { missing }) => (None, Some(missing)),
            None => (None, None::<Missing>),
        };
        self.config_missing = missing;
        self.storage_trouble = stored.storage_trouble;
        self.raw_manifest = Some(Raw::of(
            &stored.bytes,
            print_command(&self.commands, &stored.digest, "skopeo inspect --raw"),
        ));
        // Where the two disagree, what is shown is the stream's image: the registry's manifest is
        // only shown as it is.
        if self.registry_disagrees.is_none() {
            self.facts = Facts::new(known, Some(&stored.manifest), config, &stored.children);
        }
    }
}

/// Without layers and with a config that says nothing there is nothing to run.
fn as_artifact_if_empty(
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

/// Whether it is the tag `named`, or without one a tag that points at the image now.
fn holds(tag: &Tag, named: Option<&TagName>, digest: &Digest) -> bool {
    match named {
        Some(name) => tag.name == *name,
        None => tag
            .current()
            .is_some_and(|event| event.image.as_ref() == Some(digest)),
    }
}

/// The command that prints a document of the image as the registry keeps it, however long it is.
fn print_command(commands: &PullCommands, digest: &Digest, program: &'static str) -> ShellCommand {
    ShellCommand::new(program).operand(format!(
        "docker://{}@{digest}",
        commands.repository.as_deref().unwrap_or_default()
    ))
}

/// Every tag that points at the digest, or once did, in all streams that could be listed; at the
/// least in the stream itself.
pub(super) fn names_of(
    digest: &Digest,
    everywhere: Section<Snapshot>,
    here: Option<&ImageStream>,
) -> Section<Vec<Name>> {
    let streams = match (everywhere, here) {
        (Section::Ready(streams), _) => streams,
        (Section::Missing { .. }, Some(here)) => Snapshot::of(vec![here.clone()]),
        (Section::Missing { missing }, None) => return Section::Missing { missing },
    };
    let mut names: Vec<Name> = Vec::new();
    for entry in streams.streams() {
        let stream = &entry.stream;
        for tag in stream.tags() {
            let found = tag
                .history
                .iter()
                .enumerate()
                .find(|(_, event)| event.image.as_ref() == Some(digest));
            names.extend(found.map(|(at, event)| {
                Name::of(
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
