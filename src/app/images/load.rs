//! Loads the page of an image from the API server and the registry.

use super::absent::AbsentImageInput;
use super::content::{combined_facts, resolved_digest};
use super::image_tags::{previous_image, pushed_at, tag_pointing_at, tags_of_digest};
use super::registry_image::{IndexLoading, RegistryImage};
use super::{AttachedToImage, ImageLookup, ImageReference, ImageView};
use crate::app::AppForUser;
use crate::app::connect::commands::{CommandRepository, PullCommands};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::live::PageRevision;
use crate::app::section::{OPTIONAL_TIMEOUT, Section, UnavailableReason};
use crate::index::Snapshot;
use crate::openshift::{AccessRight, ApiError};
use registry_model::{Image, ImageStream, ImageStreamName, ProjectName};

/// An image of which the API server or the registry knows something.
struct FoundImage {
    reference: ImageReference,
    api_image: Section<Image>,
    registry_image: Section<RegistryImage>,
    /// The image stream, if it could be read.
    whole_stream: Option<ImageStream>,
    /// The image streams in which the image might have other tags.
    all_streams: Section<Snapshot>,
    can_tag: bool,
    can_pull: bool,
    can_untag: bool,
    page_revision: Option<PageRevision>,
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
        if matches!(api_image, Err(ApiError::TokenRefused)) {
            return Err(Failure::SignInRequired);
        }
        match (api_image, registry_image) {
            (
                Err(ApiError::NotFound),
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
                let absent = self.absent_image(input).await?;
                Ok(ImageLookup::Absent(Box::new(absent)))
            }
            (Err(error), Section::Missing { .. }) => {
                Err(Failure::from_api_error(error, PageSubject::Image))
            }
            (api_image, registry_image) => {
                let found = FoundImage {
                    reference,
                    api_image: Section::from(api_image),
                    registry_image,
                    whole_stream: whole_stream.ok(),
                    all_streams,
                    can_tag,
                    can_pull,
                    can_untag,
                    page_revision,
                };
                let view = self.image_view(project, stream, found).await?;
                Ok(ImageLookup::Found(Box::new(view.bounded())))
            }
        }
    }

    async fn image_view(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        found: FoundImage,
    ) -> Result<ImageView, Failure> {
        let whole_stream = found.whole_stream.as_ref();
        let (known, stored) = (found.api_image.ready(), found.registry_image.ready());
        let (digest, registry_disagrees) = resolved_digest(known, stored)?;
        let tag = match &found.reference {
            ImageReference::Tag(tag) => Some(tag),
            ImageReference::Digest(_) => None,
        };
        let attachments = match whole_stream {
            Some(stream) => self.attachments(stream, &digest).await,
            None => AttachedToImage::default(),
        };
        let repository = CommandRepository::from_stream(
            whole_stream,
            project,
            stream,
            self.app.registry_host.as_deref(),
            stored.is_some(),
        );
        let previous = tag
            .zip(whole_stream)
            .and_then(|(tag, stream)| previous_image(stream, tag, &digest));
        let own_tag = whole_stream.and_then(|stream| match tag {
            Some(name) => stream.tag(name),
            None => tag_pointing_at(stream, &digest),
        });
        let imported = own_tag
            .and_then(|tag| tag.current())
            .map(|event| event.pull_spec.as_str());
        let commands = PullCommands::new(repository, tag, Some(&digest));
        let documents = stored
            .map(|stored| stored.documents(&commands))
            .unwrap_or_default();
        let mut facts = combined_facts(known, stored, &digest);
        facts.pushed = whole_stream
            .and_then(|stream| pushed_at(stream, &found.reference, &digest))
            .or(facts.pushed);
        if let Some(repository) = &commands.repository {
            let index = format!("{repository}{}", found.reference);
            for row in &mut facts.platforms {
                row.add_pull_command(&index);
            }
        }
        let mut commands = commands.with_source(own_tag.map(|tag| &tag.source), imported);
        if !facts.is_runnable() {
            commands = commands.without_pull();
        }
        Ok(ImageView {
            project: project.clone(),
            stream: stream.clone(),
            names: tags_of_digest(&digest, found.all_streams, whole_stream),
            more_names: 0,
            attachments,
            attached_to: tag
                .and_then(|tag| tag.attachment())
                .map(|attachment| attachment.image),
            api_server_missing: found.api_image.missing().cloned(),
            registry_missing: found.registry_image.missing().cloned(),
            config_missing: documents.config_missing,
            storage_failure: documents.storage_failure,
            raw_manifest: documents.manifest,
            raw_config: documents.config,
            commands,
            facts,
            reference: found.reference,
            digest,
            registry_disagrees,
            can_roll_back: found.can_tag && previous.is_some(),
            previous,
            can_tag: found.can_tag || found.can_pull,
            can_tag_in_project: found.can_tag,
            can_untag: found.can_untag,
            page_revision: found.page_revision,
        })
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
