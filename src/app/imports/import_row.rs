//! One import: a tag that tracks an image of another registry, or a repository of which all tags
//! are imported.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::retry::ImportTarget;
use crate::app::image_streams::ImportFailureKind;
use crate::index::{IndexedImport, IndexedStream, IndexedTag, IndexedTagEvent};
use registry_model::pull_spec::PullSpec;
use registry_model::{ImageStreamName, ImportMode, ProjectName, TagName};

/// After how many days an image that is not imported periodically counts as stale.
const STALE_DAYS: i64 = 30;

/// How long the first import of a new image stream may take before it counts as never imported.
const FIRST_IMPORT_MINUTES: i64 = 10;

/// The host of pull specs that cannot be parsed. No registry has this name.
pub const INVALID_SOURCE_HOST: &str = "?";

/// The registry of pull specs without a host.
const DEFAULT_HOST: &str = "docker.io";

/// The state of an import, in the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImportState {
    /// The last import failed.
    Failing,
    /// No image was ever imported, and no failure is known.
    Never,
    /// The tag may differ from its source: its image was imported long ago and is not imported
    /// periodically, or another image was pushed to the tag.
    Stale,
    /// The API server is going to import it.
    Importing,
    Ok,
}

impl ImportState {
    pub const ALL: [Self; 5] = [
        Self::Failing,
        Self::Never,
        Self::Stale,
        Self::Importing,
        Self::Ok,
    ];

    /// The form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Never => "never",
            Self::Stale => "stale",
            Self::Importing => "importing",
            Self::Ok => "ok",
        }
    }

    /// The state of `import`, which belongs to `stream`.
    pub(super) fn new(import: &IndexedImport, stream: &IndexedStream, now: DateTime<Utc>) -> Self {
        if import.failure.is_some() {
            return Self::Failing;
        }
        let is_new = stream
            .created
            .is_some_and(|created| now - created < TimeDelta::minutes(FIRST_IMPORT_MINUTES));
        let imported = match tag_of(import, stream) {
            Some(tag) => tag.current().map(IndexedTagEvent::when),
            // The repository itself has no time.
            None => stream
                .tags()
                .any(|tag| tag.current().is_some())
                .then_some(None),
        };
        let is_old = |when: DateTime<Utc>| now - when > TimeDelta::days(STALE_DAYS);
        match imported {
            _ if import.is_outdated => Self::Importing,
            None if is_new => Self::Importing,
            None => Self::Never,
            Some(_) if import.is_overridden => Self::Stale,
            Some(Some(when)) if !import.scheduled && is_old(when) => Self::Stale,
            Some(_) => Self::Ok,
        }
    }
}

/// An import in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportRow {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// The tag. `None`: all tags of a repository.
    pub tag: Option<TagName>,
    /// The pull spec of the source. Untrusted.
    pub from: String,
    pub state: ImportState,
    /// Whether the import is repeated on a schedule.
    pub scheduled: bool,
    /// Whether the import may skip TLS verification.
    pub insecure: bool,
    /// Whether clients pull the image through this registry.
    pub local: bool,
    /// What the import of an index keeps. `None`: the API server does not support import modes.
    pub import_mode: Option<ImportMode>,
    /// Whether an image was pushed to the tag since.
    pub overridden: bool,
    /// When the current image was imported.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub imported: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<ImportRowFailure>,
    /// Whether the user may import it.
    pub may_import: bool,
    /// Whether the user may change the image stream.
    pub may_edit: bool,
}

/// Why an import failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportRowFailure {
    /// The API's `reason`. May be empty.
    pub reason: String,
    /// The kind of failure, if it is known.
    pub kind: Option<ImportFailureKind>,
    /// The API server's message. Untrusted.
    pub message: String,
    /// Since when it fails.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub when: Option<DateTime<Utc>>,
}

impl ImportRow {
    pub(super) fn new(import: &IndexedImport, stream: &IndexedStream, state: ImportState) -> Self {
        let tag = tag_of(import, stream);
        Self {
            project: stream.project.clone(),
            stream: stream.name.clone(),
            tag: tag.map(|tag| tag.name().clone()),
            from: import.from.to_string(),
            state,
            scheduled: import.scheduled,
            insecure: import.insecure,
            local: import.local,
            import_mode: import.import_mode,
            overridden: import.is_overridden,
            imported: tag
                .and_then(|tag| tag.current())
                .and_then(IndexedTagEvent::when),
            failure: import.failure.as_ref().map(|failure| ImportRowFailure {
                reason: failure.reason.clone(),
                kind: ImportFailureKind::from_reason(&failure.reason, &failure.message),
                message: failure.message.clone(),
                when: failure.when,
            }),
            may_import: false,
            may_edit: false,
        }
    }

    /// What a form sends to import it again.
    #[must_use]
    pub fn target(&self) -> ImportTarget {
        ImportTarget {
            project: self.project.clone(),
            stream: self.stream.clone(),
            tag: self.tag.clone(),
        }
    }
}

/// The tag of an import. `None`: all tags of a repository.
pub(super) fn tag_of<'a>(
    import: &IndexedImport,
    stream: &'a IndexedStream,
) -> Option<IndexedTag<'a>> {
    import
        .tag_index
        .map(|index| stream.tag(usize::try_from(index).unwrap_or_default()))
}

/// The registry that a pull spec names.
pub(in crate::app) fn host_of(from: &str) -> String {
    match from.parse::<PullSpec>() {
        Ok(spec) => spec.host().unwrap_or(DEFAULT_HOST).to_owned(),
        Err(_) => INVALID_SOURCE_HOST.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_of_a_source_is_its_registry() {
        for (from, host) in [
            ("quay.io/team/app:1", "quay.io"),
            ("registry.example:5000/app", "registry.example:5000"),
            ("library/nginx:1", "docker.io"),
            ("nginx", "docker.io"),
            ("https://quay.io/x", INVALID_SOURCE_HOST),
            ("", INVALID_SOURCE_HOST),
        ] {
            assert_eq!(host_of(from), host, "{from}");
        }
    }
}
