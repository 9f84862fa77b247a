//! Finding out why there is no image.

use super::{Absence, AbsentImage, names_or_none};
use crate::app::AsUser;
use crate::app::bounds::{MOST_ROWS, keep_first};
use crate::app::connect::commands::{PullCommands, Repository};
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::images::ShownReference;
use crate::app::images::load::names_of;
use crate::app::live::Mark;
use crate::app::section::{Missing, REGISTRY_PATIENCE, Section, Why, within};
use crate::app::shell_command::ShellCommand;
use crate::index::Snapshot;
use crate::openshift::Access;
use registry_model::{ImageStream, ImageStreamName, ProjectName, TagName};

/// What the image page has found out before it knows that there is no image.
pub(in crate::app::images) struct Unfound {
    pub(in crate::app::images) stream: ImageStream,
    pub(in crate::app::images) reference: ShownReference,
    pub(in crate::app::images) registry_missing: Missing,
    pub(in crate::app::images) everywhere: Section<Snapshot>,
    pub(in crate::app::images) can_tag: bool,
    pub(in crate::app::images) can_untag: bool,
    pub(in crate::app::images) mark: Option<Mark>,
}

impl AsUser<'_> {
    /// Why there is no image for what was requested.
    ///
    /// # Errors
    ///
    /// [`Failure::NotFound`]: neither the image stream nor the registry knows the tag or the
    /// digest.
    pub(in crate::app::images) async fn absent_image(
        &self,
        unfound: Unfound,
    ) -> Result<AbsentImage, Failure> {
        let Unfound {
            stream: found,
            reference,
            registry_missing,
            everywhere,
            can_tag,
            can_untag,
            mark,
        } = unfound;
        let (project, stream) = (found.project.clone(), found.name.clone());
        let absence = match &reference {
            ShownReference::Tag(name) => match found.tags.iter().find(|tag| tag.name == *name) {
                Some(tag) => Absence::of_tag(&found, tag),
                None if self
                    .registry_has(&project, &stream, name, registry_missing.why)
                    .await =>
                {
                    Absence::of_registry_tag(name)
                }
                None => return Err(Failure::NotFound(Subject::Image)),
            },
            ShownReference::Digest(digest) if found.tags.iter().any(|tag| tag.has_held(digest)) => {
                Absence::of_digest(digest)
            }
            ShownReference::Digest(_) if registry_missing.why == Why::NotThere => {
                return Err(Failure::NotFound(Subject::ImageDigest));
            }
            ShownReference::Digest(_) => return Err(Failure::NotFound(Subject::Image)),
        };
        let mut names = match &reference {
            ShownReference::Digest(digest) => {
                names_or_none(names_of(digest, everywhere, Some(&found)))
            }
            ShownReference::Tag(_) => Vec::new(),
        };
        let more_names = keep_first(&mut names, MOST_ROWS);
        let [can_import, can_push] = self
            .allowed([
                Access::import_streams(&project),
                Access::push_to(project.clone()),
            ])
            .await;
        let repository = Repository::of(
            Some(&found),
            &project,
            &stream,
            self.console.registry_host.as_deref(),
            registry_missing.why == Why::NotThere,
        );
        let commands = PullCommands::new(repository, None, None);
        let tag = if let ShownReference::Tag(tag) = &reference {
            Some(tag)
        } else {
            None
        };
        let absent = AbsentImage {
            reason: absence.reason,
            digest: absence.digest.clone(),
            tracked: absence.tracked.clone(),
            names,
            more_names,
            registry_missing,
            pull_from_source: absence.pull_from_source(),
            import_instead: absence
                .import_instead(&project, &stream)
                .filter(|_| can_tag),
            describe: ShellCommand::new("oc describe imagestream")
                .operand(stream.as_str())
                .option("-n", project.as_str()),
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
            mark,
        };
        Ok(absent.bounded())
    }

    /// Whether the registry has something under the tag, although its manifest could not be shown.
    async fn registry_has(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
        missing: Why,
    ) -> bool {
        match missing {
            Why::Unreadable | Why::TooLarge | Why::DigestMismatch | Why::InStorage => true,
            Why::NotThere => {
                let listed = within(
                    REGISTRY_PATIENCE,
                    Upstream::Registry,
                    self.registry.tags(project, stream),
                )
                .await;
                listed.ready().is_some_and(|tags| tags.contains(tag))
            }
            _ => false,
        }
    }
}
