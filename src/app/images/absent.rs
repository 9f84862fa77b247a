//! A tag, or a digest, of an image stream that has no image, and why.

mod load;

use serde::Serialize;
use utoipa::ToSchema;

pub(super) use load::AbsentImageInput;

use super::{ImageReference, ImageTag};
use crate::app::connect::commands::PullCommands;
use crate::app::image_streams::stream::{Presence, TagRow, bound_tags};
use crate::app::lists::RowLimit;
use crate::app::live::PageRevision;
use crate::app::section::{Section, Unavailable};
use crate::app::shell_command::ShellCommand;
use crate::app::tags::TagPath;
use registry_model::{Digest, ImageStream, ImageStreamName, ProjectName, Tag, TagName, TagSource};

/// A tag or digest that an image stream names, and for which no image can be shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AbsentImage {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub reference: ImageReference,
    /// Why there is no image.
    pub reason: AbsenceReason,
    /// The digest that the tag points to, or that was requested, if there is one.
    pub digest: Option<Digest>,
    /// The row of the tag in the image stream. Absent for a digest.
    pub tag: Option<TagRow>,
    /// The tag of this cluster that the tag tracks.
    pub tracked: Option<TagPath>,
    /// The tags that point to the digest, or have pointed to it. Empty for a tag.
    pub names: Vec<ImageTag>,
    /// How many more such tags there are.
    pub more_names: usize,
    /// Why the registry has no manifest to show.
    pub registry_missing: Unavailable,
    /// Commands that pull what a reference tag refers to, from its source.
    pub pull_from_source: Vec<ShellCommand>,
    /// The command that turns a reference tag into one that is imported.
    #[schema(value_type = ShellCommand)]
    pub import_instead: Option<ShellCommand>,
    /// The command that shows what the API server knows about the image stream.
    pub describe: ShellCommand,
    /// How to push an image under the tag. Without commands for users who may not push.
    pub commands: PullCommands,
    /// Whether the user may set the tag.
    pub can_tag: bool,
    /// Whether the user may remove the tag.
    pub can_untag: bool,
    /// Whether the user may import, and the tag has a source to import from.
    pub can_import: bool,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
}

/// Why a tag or digest of an image stream has no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AbsenceReason {
    /// The tag only refers to an image elsewhere (`reference: true`): the cluster never imports it.
    ReferenceOnly,
    /// The last import failed, and none succeeded before.
    ImportFailed,
    /// The tag has a source in another registry, and no import has finished yet.
    NotImported,
    /// The tag tracks another tag or image of this cluster, which has no image.
    SourceEmpty,
    /// The tag has no source, and nothing was pushed.
    NothingPushed,
    /// The image object has been deleted, most often by pruning.
    ImageDeleted,
    /// Only the registry lists the tag, and its manifest cannot be read.
    OnlyInRegistry,
}

impl AbsenceReason {
    /// Why `tag`, which has no image that can be read, has none.
    fn from_tag(tag: &Tag) -> Self {
        if tag.current().is_some_and(|event| event.image.is_some()) {
            return Self::ImageDeleted;
        }
        if tag.reference {
            return Self::ReferenceOnly;
        }
        if tag.import_failure.is_some() {
            return Self::ImportFailed;
        }
        match tag.source {
            TagSource::External(_) => Self::NotImported,
            TagSource::StreamTag(_) | TagSource::StreamImage(_) => Self::SourceEmpty,
            TagSource::Pushed | TagSource::Unknown(_) => Self::NothingPushed,
        }
    }
}

impl AbsentImage {
    /// Whether an image was requested by its digest, not by a tag.
    #[must_use]
    pub fn reference_is_digest(&self) -> bool {
        matches!(self.reference, ImageReference::Digest(_))
    }

    /// The value, cut to what a page can show.
    fn bounded(mut self) -> Self {
        if let Some(tag) = &mut self.tag {
            bound_tags(std::slice::from_mut(tag), RowLimit::Page);
        }
        self
    }
}

/// The cause of the absence, before rights and commands are added.
struct Absence {
    reason: AbsenceReason,
    digest: Option<Digest>,
    tag: Option<TagRow>,
    source_tag: Option<TagPath>,
    /// What the tag refers to in another registry. Untrusted.
    source: Option<String>,
    is_imported: bool,
}

impl Absence {
    /// The absence of an image under a tag that the image stream has.
    fn from_tag(stream: &ImageStream, tag: &Tag) -> Self {
        let presence = if tag.reference {
            Presence::ReferenceOnly
        } else {
            Presence::Unresolved
        };
        let row = TagRow {
            presence,
            ..TagRow::from_tag(tag, None)
        };
        Self {
            reason: AbsenceReason::from_tag(tag),
            digest: row.digest.clone(),
            source_tag: tag.tracked_tag(&stream.project, &stream.name).map(
                |(project, stream, tag)| TagPath {
                    project,
                    stream,
                    tag,
                },
            ),
            source: if let TagSource::External(source) = &tag.source {
                Some(source.clone())
            } else {
                None
            },
            is_imported: tag.is_imported(),
            tag: Some(row),
        }
    }

    /// The absence of a manifest under a tag that only the registry lists.
    fn from_registry_tag(tag: &TagName) -> Self {
        Self {
            tag: Some(TagRow::from_registry_tag(tag)),
            ..Self::new(AbsenceReason::OnlyInRegistry, None)
        }
    }

    /// The absence of an image that a tag of the image stream points to, or has pointed to.
    fn from_digest(digest: &Digest) -> Self {
        Self::new(AbsenceReason::ImageDeleted, Some(digest.clone()))
    }

    fn new(reason: AbsenceReason, digest: Option<Digest>) -> Self {
        Self {
            reason,
            digest,
            tag: None,
            source_tag: None,
            source: None,
            is_imported: false,
        }
    }

    fn is_in_stream(&self) -> bool {
        self.reason != AbsenceReason::OnlyInRegistry && self.tag.is_some()
    }

    /// The commands that pull what a reference tag refers to.
    fn pull_from_source_commands(&self) -> Vec<ShellCommand> {
        let source = self
            .source
            .as_ref()
            .filter(|_| self.reason == AbsenceReason::ReferenceOnly);
        let pull = |source: &String| {
            ["docker pull", "podman pull"]
                .map(|program| ShellCommand::new(program).with_operand(source.as_str()))
        };
        source.map(pull).into_iter().flatten().collect()
    }

    /// The command that sets the tag again without `reference: true`, after which the cluster
    /// imports it.
    fn import_instead_command(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Option<ShellCommand> {
        let source = self
            .source
            .as_deref()
            .filter(|_| self.reason == AbsenceReason::ReferenceOnly)?;
        let target = format!("{stream}:{}", self.tag.as_ref()?.name);
        Some(
            ShellCommand::new("oc tag --source=docker")
                .with_operand(source)
                .with_operand(target)
                .with_option("-n", project.as_str()),
        )
    }
}

/// The tags of an absent digest, current ones first; empty if they could not be listed.
fn listed_names(names: Section<Vec<ImageTag>>) -> Vec<ImageTag> {
    if let Section::Ready(names) = names {
        names
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::{ImportFailure, TagEvent};

    fn tag(source: TagSource) -> Tag {
        Tag {
            name: "1.0".parse().unwrap(),
            source,
            generation: None,
            scheduled: false,
            insecure: false,
            reference: false,
            local: false,
            import_mode: None,
            annotations: std::collections::BTreeMap::new(),
            history: Vec::new(),
            import_failure: None,
        }
    }

    #[test]
    fn tag_without_image_has_an_absence_reason_by_kind() {
        let external = || TagSource::External("registry.example.com/team/app:1.0".to_owned());
        let failure = ImportFailure {
            reason: "NotFound".to_owned(),
            message: "no such image".to_owned(),
            when: None,
        };
        let event = |image: Option<Digest>| TagEvent {
            created: None,
            image,
            pull_spec: "registry.example.com/x:1".to_owned(),
            generation: None,
        };
        let digest = Digest::sha256(b"image");
        for (tag, reason) in [
            (
                Tag {
                    reference: true,
                    ..tag(external())
                },
                AbsenceReason::ReferenceOnly,
            ),
            (
                Tag {
                    reference: true,
                    history: vec![event(None)],
                    ..tag(external())
                },
                AbsenceReason::ReferenceOnly,
            ),
            (
                Tag {
                    import_failure: Some(failure.clone()),
                    ..tag(external())
                },
                AbsenceReason::ImportFailed,
            ),
            (tag(external()), AbsenceReason::NotImported),
            (
                tag(TagSource::StreamTag("app:2.0".to_owned())),
                AbsenceReason::SourceEmpty,
            ),
            (
                tag(TagSource::StreamImage("app@sha256:0".to_owned())),
                AbsenceReason::SourceEmpty,
            ),
            (
                tag(TagSource::Unknown(String::new())),
                AbsenceReason::NothingPushed,
            ),
            (
                Tag {
                    import_failure: Some(failure),
                    history: vec![event(Some(digest.clone()))],
                    ..tag(external())
                },
                AbsenceReason::ImageDeleted,
            ),
            (
                Tag {
                    history: vec![event(Some(digest))],
                    ..tag(TagSource::Pushed)
                },
                AbsenceReason::ImageDeleted,
            ),
        ] {
            assert_eq!(AbsenceReason::from_tag(&tag), reason, "{tag:?}");
        }
    }
}
