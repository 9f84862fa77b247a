//! Loads the reason why there is no image.

use super::{Absence, AbsentImage, listed_names};
use crate::app::AppForUser;
use crate::app::bounds::{MAX_TABLE_ROWS, truncate_counting};
use crate::app::connect::commands::{CommandRepository, PullCommands};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::images::ImageReference;
use crate::app::images::image_tags::tags_of_digest;
use crate::app::live::PageRevision;
use crate::app::section::{
    REGISTRY_TIMEOUT, Section, Unavailable, UnavailableReason, with_timeout,
};
use crate::app::shell_command::ShellCommand;
use crate::index::Snapshot;
use crate::openshift::AccessRight;
use registry_model::{ImageStream, ImageStreamName, ProjectName, TagName};

/// What the load of the image page has read before it knows that there is no image.
pub(in crate::app::images) struct AbsentImageInput {
    pub(in crate::app::images) stream: ImageStream,
    pub(in crate::app::images) reference: ImageReference,
    pub(in crate::app::images) registry_missing: Unavailable,
    pub(in crate::app::images) all_streams: Section<Snapshot>,
    pub(in crate::app::images) can_tag: bool,
    pub(in crate::app::images) can_untag: bool,
    pub(in crate::app::images) page_revision: Option<PageRevision>,
}

impl AppForUser<'_> {
    /// Why there is no image for the reference that was requested.
    ///
    /// # Errors
    ///
    /// [`Failure::NotFound`]: neither the image stream nor the registry knows the tag or the
    /// digest.
    pub(in crate::app::images) async fn absent_image(
        &self,
        unfound: AbsentImageInput,
    ) -> Result<AbsentImage, Failure> {
        let AbsentImageInput {
            stream: found,
            reference,
            registry_missing,
            all_streams: everywhere,
            can_tag,
            can_untag,
            page_revision: mark,
        } = unfound;
        let (project, stream) = (found.project.clone(), found.name.clone());
        let absence = match &reference {
            ImageReference::Tag(name) => match found.tag(name) {
                Some(tag) => Absence::from_tag(&found, tag),
                None if self
                    .registry_has_tag(&project, &stream, name, registry_missing.why)
                    .await =>
                {
                    Absence::from_registry_tag(name)
                }
                None => return Err(Failure::NotFound(PageSubject::Image)),
            },
            ImageReference::Digest(digest)
                if found
                    .tags
                    .iter()
                    .any(|tag| tag.has_image_in_history(digest)) =>
            {
                Absence::from_digest(digest)
            }
            ImageReference::Digest(_) if registry_missing.why == UnavailableReason::NotThere => {
                return Err(Failure::NotFound(PageSubject::ImageDigest));
            }
            ImageReference::Digest(_) => return Err(Failure::NotFound(PageSubject::Image)),
        };
        let mut names = match &reference {
            ImageReference::Digest(digest) => {
                listed_names(tags_of_digest(digest, everywhere, Some(&found)))
            }
            ImageReference::Tag(_) => Vec::new(),
        };
        let more_names = truncate_counting(&mut names, MAX_TABLE_ROWS);
        let [can_import, can_push] = self
            .review_access([
                AccessRight::import_streams(&project),
                AccessRight::push_to(project.clone()),
            ])
            .await;
        let repository = CommandRepository::from_stream(
            Some(&found),
            &project,
            &stream,
            self.app.registry_host.as_deref(),
            registry_missing.why == UnavailableReason::NotThere,
        );
        let commands = PullCommands::new(repository, None, None);
        let tag = if let ImageReference::Tag(tag) = &reference {
            Some(tag)
        } else {
            None
        };
        let absent = AbsentImage {
            reason: absence.reason,
            digest: absence.digest.clone(),
            tracked: absence.source_tag.clone(),
            names,
            more_names,
            registry_missing,
            pull_from_source: absence.pull_from_source_commands(),
            import_instead: absence
                .import_instead_command(&project, &stream)
                .filter(|_| can_tag),
            describe: ShellCommand::new("oc describe imagestream")
                .with_operand(stream.as_str())
                .with_option("-n", project.as_str()),
            commands: if can_push {
                commands.with_push(tag)
            } else {
                commands
            },
            can_tag,
            can_untag: can_untag && absence.is_in_stream(),
            can_import: can_import && absence.is_imported,
            tag: absence.tag,
            project,
            stream,
            reference,
            page_revision: mark,
        };
        Ok(absent.bounded())
    }

    /// Whether the registry has something under the tag although its manifest could not be shown.
    async fn registry_has_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        missing: UnavailableReason,
    ) -> bool {
        match missing {
            UnavailableReason::Unreadable
            | UnavailableReason::TooLarge
            | UnavailableReason::DigestMismatch
            | UnavailableReason::InStorage => true,
            UnavailableReason::NotThere => {
                let listed = with_timeout(
                    REGISTRY_TIMEOUT,
                    Upstream::Registry,
                    self.registry.list_tags(project, stream),
                )
                .await;
                listed.ready().is_some_and(|tags| tags.contains(tag))
            }
            _ => false,
        }
    }
}
