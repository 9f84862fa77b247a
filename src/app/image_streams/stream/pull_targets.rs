//! The images that the tags of an image stream pull, for the command that the page builds.

use std::collections::BTreeSet;

use super::{Presence, TagRow};
use crate::app::connect::commands::{CommandRepository, PullSpecs, source_images};
use crate::app::section::Section;
use registry_model::{Digest, TagName};

/// How many tags the page offers. The others have their command on their own pages.
const MAX_TARGETS: usize = 100;

/// What can be pulled from an image stream.
#[derive(Clone, Debug, Default)]
pub struct PullTargets {
    /// The repository by the name that the commands use. `None`: each tag is pulled from a place of
    /// its own, because the cluster has no integrated registry or a tag only refers to another one.
    pub repository: Option<String>,
    /// The tags, the one that was updated last first. At most 100.
    pub targets: Vec<PullTarget>,
    /// The tag whose command is displayed first.
    pub newest: Option<TagName>,
}

/// A tag that can be pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullTarget {
    pub tag: TagName,
    /// The image that it points to.
    pub digest: Option<Digest>,
    pub images: PullSpecs,
}

impl PullTargets {
    /// The targets among `rows`, as far as their names say: their images are not known yet.
    pub(super) fn new(rows: &[TagRow], repository: &CommandRepository) -> Self {
        let mut updated: Vec<&TagRow> = rows
            .iter()
            .filter(|row| row.digest.is_some() || row.is_reference_only())
            .filter(|row| row.attached_to.is_none())
            .collect();
        updated.sort_by_key(|row| std::cmp::Reverse(row.updated));
        let is_any_elsewhere = updated.iter().any(|row| row.is_reference_only());
        let targets = updated
            .into_iter()
            .filter_map(|row| PullTarget::new(row, repository));
        Self {
            repository: match repository {
                CommandRepository::Named { name, .. } if !is_any_elsewhere => Some(name.clone()),
                CommandRepository::Named { .. } | CommandRepository::NoRegistry => None,
            },
            targets: targets.take(MAX_TARGETS).collect(),
            newest: None,
        }
    }

    /// Removes the tags of artifacts, which container runtimes do not accept, and sets the tag that
    /// is displayed first.
    pub(super) fn add_images(&mut self, rows: &[TagRow], newest: Option<&TagName>) {
        let artifacts: BTreeSet<&TagName> = rows
            .iter()
            .filter(|row| !row.may_be_image())
            .map(|row| &row.name)
            .collect();
        self.targets
            .retain(|target| !artifacts.contains(&target.tag));
        let first = self.targets.first().map(|target| &target.tag);
        self.newest = newest
            .filter(|tag| !artifacts.contains(tag))
            .or(first)
            .cloned();
    }

    /// The target of a tag, if it can be pulled.
    #[must_use]
    pub fn of(&self, tag: &TagName) -> Option<&PullTarget> {
        self.targets.iter().find(|target| target.tag == *tag)
    }
}

impl PullTarget {
    fn new(row: &TagRow, repository: &CommandRepository) -> Option<Self> {
        let images = match repository {
            CommandRepository::Named { name, .. } if !row.is_reference_only() => PullSpecs {
                by_tag: Some(format!("{name}:{}", row.name)),
                by_digest: row.digest.as_ref().map(|digest| format!("{name}@{digest}")),
            },
            CommandRepository::Named { .. } | CommandRepository::NoRegistry => {
                let imported = row.history.first().map(|event| event.pull_spec.as_str());
                source_images(row.source.as_ref(), imported)?
            }
        };
        Some(Self {
            tag: row.name.clone(),
            digest: row.digest.clone(),
            images,
        })
    }
}

impl TagRow {
    /// Whether the tag has no image and refers to one of another registry, from which it is pulled.
    fn is_reference_only(&self) -> bool {
        self.presence == Presence::ReferenceOnly
    }

    /// Whether the tag is an image that container runtimes accept, as far as is known.
    fn may_be_image(&self) -> bool {
        let image = self.image.as_ref().and_then(Section::ready);
        image.is_none_or(|image| image.kind.is_runnable())
    }
}
