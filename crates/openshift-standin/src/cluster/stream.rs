//! Image streams: their `spec` and their `status`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::ObjectMetadata;

#[derive(Clone, Debug)]
pub(crate) struct ImageStreamObject {
    pub(crate) meta: ObjectMetadata,
    /// `spec.dockerImageRepository`: a repository to import all tags from.
    pub(crate) repository: Option<String>,
    /// `spec.lookupPolicy.local`.
    pub(crate) lookup_local: bool,
    /// `spec.tags`, by name.
    pub(crate) spec_tags: BTreeMap<String, StoredTagSpec>,
    /// `status.tags`, by name.
    pub(crate) tags: BTreeMap<String, TagHistory>,
}

impl ImageStreamObject {
    pub(crate) fn new(meta: ObjectMetadata) -> Self {
        Self {
            meta,
            repository: None,
            lookup_local: false,
            spec_tags: BTreeMap::new(),
            tags: BTreeMap::new(),
        }
    }

    pub(crate) fn namespace(&self) -> &str {
        self.meta.namespace.as_deref().unwrap_or_default()
    }

    pub(crate) fn generation(&self) -> i64 {
        self.meta.generation.unwrap_or_default()
    }

    /// Begins the next generation, for a change of the spec.
    pub(crate) fn next_generation(&mut self) -> i64 {
        let next = self.generation() + 1;
        self.meta.generation = Some(next);
        next
    }

    /// The latest item of a tag.
    pub(crate) fn latest(&self, tag: &str) -> Option<&StoredTagEvent> {
        self.tags.get(tag)?.items.first()
    }

    /// Adds `event` to a tag's history, unless it equals the latest item.
    pub(crate) fn push_tag_event(&mut self, tag: &str, event: StoredTagEvent) {
        let history = self.tags.entry(tag.to_owned()).or_default();
        history.conditions.clear();
        if history
            .items
            .first()
            .is_none_or(|top| top.image != event.image || top.reference != event.reference)
        {
            history.items.insert(0, event);
        }
    }
}

/// A tag spec (`spec.tags[]`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredTagSpec {
    /// The source of its image; a tag may exist only for its annotations.
    pub from: Option<TagReference>,
    /// Annotations of the tag.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Whether the tag is only a reference: nothing is imported.
    pub reference: bool,
    /// The image stream's generation when the tag was set.
    pub generation: Option<i64>,
    /// `importPolicy.insecure`.
    pub insecure: bool,
    /// `importPolicy.scheduled`.
    pub scheduled: bool,
    /// `importPolicy.importMode` (4 only): `Legacy` if absent.
    pub import_mode: Option<String>,
    /// `referencePolicy.type`: `Source` if absent.
    pub reference_policy: Option<String>,
}

/// The source of a tag (`from`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagReference {
    /// `DockerImage`, `ImageStreamTag` or `ImageStreamImage`.
    pub kind: String,
    /// A pull spec, `stream:tag` (or just `tag`), or `stream@digest`.
    pub name: String,
    /// The project, if it is another one.
    pub namespace: Option<String>,
}

/// The images that a tag has pointed to (`status.tags[]`), newest first. Without items but with a
/// condition, `items` is shown as `null`.
#[derive(Clone, Debug, Default)]
pub(crate) struct TagHistory {
    pub(crate) items: Vec<StoredTagEvent>,
    pub(crate) conditions: Vec<ImportCondition>,
}

/// One item of a tag's history.
#[derive(Clone, Debug)]
pub(crate) struct StoredTagEvent {
    pub(crate) created: DateTime<Utc>,
    pub(crate) reference: String,
    pub(crate) image: String,
    pub(crate) generation: i64,
}

/// A condition of a tag: why its import failed (`ImportSuccess` is `False`).
#[derive(Clone, Debug)]
pub(crate) struct ImportCondition {
    pub(crate) changed_at: DateTime<Utc>,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) generation: i64,
}

impl TagReference {
    /// A reference to an image of any registry.
    #[must_use]
    pub fn docker_image(pull_spec: &str) -> Self {
        Self {
            kind: "DockerImage".to_owned(),
            name: pull_spec.to_owned(),
            namespace: None,
        }
    }
}
