//! The rows of an image stream's tags, from the image stream and the registry's list.

use std::collections::BTreeSet;

use super::{HistoryRow, Presence, TagRow};
use crate::app::section::Section;
use registry_model::{ImageStream, Tag, TagEvent, TagName};

impl From<&TagEvent> for HistoryRow {
    fn from(event: &TagEvent) -> Self {
        Self {
            created: event.created,
            image: event.image.clone(),
            pull_spec: event.pull_spec.clone(),
            generation: event.generation,
        }
    }
}

/// The tags of the image stream, and those that only the registry lists.
pub(super) fn tag_rows(stream: &ImageStream, listed: Option<&Vec<TagName>>) -> Vec<TagRow> {
    let in_registry: Option<BTreeSet<&TagName>> = listed.map(|tags| tags.iter().collect());
    let mut rows: Vec<TagRow> = stream
        .tags
        .iter()
        .map(|tag| TagRow::from_tag(tag, in_registry.as_ref()))
        .collect();
    let known: BTreeSet<&TagName> = stream.tags.iter().map(|tag| &tag.name).collect();
    rows.extend(
        in_registry
            .into_iter()
            .flatten()
            .filter(|name| !known.contains(name))
            .map(TagRow::from_registry_tag),
    );
    rows
}

impl TagRow {
    pub(in crate::app) fn from_tag(tag: &Tag, in_registry: Option<&BTreeSet<&TagName>>) -> Self {
        let presence = match (tag.current(), in_registry) {
            (current, _) if tag.reference && current.is_none_or(|event| event.image.is_none()) => {
                Presence::ReferenceOnly
            }
            (None, _) => Presence::Unresolved,
            (Some(_), None) => Presence::Unknown,
            (Some(_), Some(listed)) if listed.contains(&tag.name) => Presence::Both,
            (Some(_), Some(_)) => Presence::OnlyStream,
        };
        Self {
            name: tag.name.clone(),
            source: Some(tag.source.clone()),
            pushed_since: tag.is_overridden_by_push(),
            scheduled: tag.scheduled,
            insecure: tag.insecure,
            reference: tag.reference,
            local: tag.local,
            import_mode: tag.import_mode,
            digest: tag.current().and_then(|event| event.image.clone()),
            updated: tag.current().and_then(|event| event.created),
            image: None,
            history: tag.history.iter().map(HistoryRow::from).collect(),
            newer_history: 0,
            more_history: 0,
            import_failure: tag.import_failure.clone(),
            same_image: None,
            presence,
            attachments: Vec::new(),
            attached_to: tag.name.attachment(),
            usage: None,
        }
    }

    /// How many history entries the tag has in all, shown or not.
    pub fn history_count(&self) -> usize {
        self.newer_history + self.history.len() + self.more_history
    }

    /// Removes the source, where it is not known.
    pub(super) fn clear_source(&mut self) {
        (self.source, self.pushed_since) = (None, false);
    }

    /// Whether the tag can be pulled, as far as is known: an image, and not a signature or another
    /// artifact.
    pub(super) fn is_image(&self) -> bool {
        self.image
            .as_ref()
            .and_then(Section::ready)
            .is_some_and(|image| image.kind.is_runnable())
    }

    pub(in crate::app) fn from_registry_tag(name: &TagName) -> Self {
        Self {
            name: name.clone(),
            source: None,
            pushed_since: false,
            scheduled: false,
            insecure: false,
            reference: false,
            local: false,
            import_mode: None,
            digest: None,
            updated: None,
            image: None,
            history: Vec::new(),
            newer_history: 0,
            more_history: 0,
            import_failure: None,
            same_image: None,
            presence: Presence::OnlyRegistry,
            attachments: Vec::new(),
            attached_to: name.attachment(),
            usage: None,
        }
    }
}
