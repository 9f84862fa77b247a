//! What an image stream imports from other registries, as the index stores it.

use chrono::{DateTime, Utc};

use super::stream::{MAX_MESSAGE_BYTES, truncated};
use registry_model::{ImageStream, ImportMode, Tag, TagSource};

/// A tag whose images are imported from another registry, or a remote repository of which all tags
/// are imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedImport {
    /// The position of the tag in its image stream. `None`: all tags of a repository.
    pub tag_index: Option<u32>,
    /// The pull spec of the source. Untrusted.
    pub from: Box<str>,
    /// Whether the import is repeated on a schedule.
    pub scheduled: bool,
    /// Whether the import may skip TLS verification.
    pub insecure: bool,
    /// Whether clients pull the image through this registry (`referencePolicy.type` is `Local`).
    pub local: bool,
    /// What the import of an index keeps. `None`: the API server does not support import modes.
    pub import_mode: Option<ImportMode>,
    /// Whether an image was pushed to the tag since, so that it does not have its source's image.
    pub is_overridden: bool,
    /// Whether the source was changed and not imported yet.
    pub is_outdated: bool,
    /// Why the last import failed, if it did.
    pub failure: Option<Box<IndexedImportFailure>>,
}

/// Why an import failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedImportFailure {
    /// The API's `reason`, such as `NotFound`. May be empty.
    pub reason: String,
    /// The beginning of the API server's message. Untrusted.
    pub message: String,
    /// When it last failed, if it is known.
    pub when: Option<DateTime<Utc>>,
}

impl IndexedImport {
    fn from_tag(index: usize, tag: &Tag) -> Option<Self> {
        let TagSource::External(from) = &tag.source else {
            return None;
        };
        if tag.reference {
            return None;
        }
        let failure = tag.import_failure.as_ref().map(|failure| {
            Box::new(IndexedImportFailure {
                reason: truncated(&failure.reason, MAX_MESSAGE_BYTES),
                message: truncated(&failure.message, MAX_MESSAGE_BYTES),
                when: failure.when,
            })
        });
        let imported = tag.current().and_then(|event| event.generation);
        Some(Self {
            tag_index: Some(u32::try_from(index).ok()?),
            from: from.as_str().into(),
            scheduled: tag.scheduled,
            insecure: tag.insecure,
            local: tag.local,
            import_mode: tag.import_mode,
            is_overridden: tag.is_overridden_by_push(),
            // The API server removes the generation of a tag that is to be imported, and sets it
            // when the import begins.
            is_outdated: tag.generation.is_none()
                || imported.is_some_and(|imported| Some(imported) < tag.generation),
            failure,
        })
    }

    fn from_repository(stream: &ImageStream) -> Option<Self> {
        let from = stream.follows.as_deref()?;
        let insecure = stream
            .annotations
            .get(crate::openshift::INSECURE_REPOSITORY_ANNOTATION)
            .is_some_and(|value| value == "true");
        let failure = stream.repository_import_failure().map(|message| {
            Box::new(IndexedImportFailure {
                reason: String::new(),
                message: truncated(message, MAX_MESSAGE_BYTES),
                when: None,
            })
        });
        Some(Self {
            tag_index: None,
            from: from.into(),
            scheduled: false,
            insecure,
            local: false,
            import_mode: None,
            is_overridden: false,
            is_outdated: false,
            failure,
        })
    }

    /// The approximate memory in bytes besides the value itself.
    pub(super) fn heap_bytes(&self) -> usize {
        let failure = self.failure.as_ref().map_or(0, |failure| {
            size_of::<IndexedImportFailure>() + failure.reason.len() + failure.message.len()
        });
        self.from.len() + failure
    }
}

/// Everything that an image stream imports: its repository, then its tags in their order.
pub(super) fn imports_of(stream: &ImageStream) -> Box<[IndexedImport]> {
    let tags = stream.tags.iter().enumerate();
    IndexedImport::from_repository(stream)
        .into_iter()
        .chain(tags.filter_map(|(index, tag)| IndexedImport::from_tag(index, tag)))
        .collect()
}
