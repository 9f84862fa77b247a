//! The answers about changes.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::image_streams::{ImportOutcome, ImportResult};
use crate::app::tags::TagPath;
use crate::web::errors::{AffectedBy, Problem};
use registry_model::Digest;

/// A tag that was set.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct TagChanged {
    pub(super) project: String,
    pub(super) stream: String,
    pub(super) tag: String,
    /// Whether the tag was changed: it may have pointed to the image already.
    pub(super) changed: bool,
    /// The image that it pointed to before.
    pub(super) old_digest: Option<String>,
    /// The image that it points to now. `null` if that is not known yet.
    pub(super) new_digest: Option<String>,
    /// What the import of an image of another registry has found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) imports: Vec<TagImport>,
}

/// The import of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::web) struct TagImport {
    /// Empty: the whole repository.
    pub(super) tag: String,
    pub(super) imported: bool,
    pub(super) digest: Option<String>,
    /// Why it was not imported: the reason of the API server, such as `NotFound`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) reason: Option<String>,
    /// The message of the API server, unchanged. Untrusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) message: Option<String>,
}

/// What an import has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::web) struct ImportAnswer {
    pub(super) imported: usize,
    pub(super) failed: usize,
    pub(super) results: Vec<TagImport>,
}

/// A tag that was removed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct TagRemoved {
    pub(super) project: String,
    pub(super) stream: String,
    pub(super) tag: String,
    /// The image that it pointed to.
    pub(super) old_digest: Option<String>,
    /// Whether another tag of the image stream has the image in its history. Otherwise it can no
    /// longer be pulled from the image stream.
    pub(super) image_is_kept: bool,
}

/// Tags that were removed together or, for a dry run, that would be.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(in crate::web) struct TagsRemoved {
    pub(super) dry_run: bool,
    pub(super) removed: Vec<RemovedTag>,
    /// Tags of the request that the image stream does not have.
    pub(super) missing: Vec<String>,
    /// Tags that were not removed, or may not have been.
    pub(super) refused: Vec<RefusedTag>,
    /// Tags that were not tried, because the time of a request was over.
    pub(super) not_tried: Vec<String>,
    /// How many more tags the rules select than one request removes.
    pub(super) left_out: usize,
    /// The workloads that the removal would affect. For a dry run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) workloads: Vec<AffectedBy>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct RemovedTag {
    pub(super) tag: String,
    /// The image that it pointed to.
    pub(super) old_digest: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct RefusedTag {
    pub(super) tag: String,
    /// Why, as a fixed word.
    pub(super) kind: String,
    pub(super) detail: String,
    /// The message of the API server, unchanged. Untrusted.
    pub(super) server_message: String,
    /// Whether the tag may have been removed nevertheless.
    pub(super) may_have_changed: bool,
}

/// A job that was started.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct JobStarted {
    /// The ID of the job.
    pub(super) id: String,
    /// The address of the job, as in `Location`.
    pub(super) job: String,
    /// How many tags it is about.
    pub(super) total: usize,
}

impl TagChanged {
    pub(super) fn new(
        to: &TagPath,
        old: Option<&Digest>,
        new: Option<&Digest>,
        changed: bool,
    ) -> Self {
        Self {
            project: to.project.to_string(),
            stream: to.stream.to_string(),
            tag: to.tag.to_string(),
            changed,
            old_digest: old.map(ToString::to_string),
            new_digest: new.map(ToString::to_string),
            imports: Vec::new(),
        }
    }
}

impl TagImport {
    pub(super) fn new(result: &ImportResult) -> Self {
        let of = |imported, digest: Option<String>| Self {
            tag: result.tag.clone(),
            imported,
            digest,
            reason: None,
            message: None,
        };
        match &result.outcome {
            ImportOutcome::Found { digest, .. } => {
                of(true, digest.as_ref().map(ToString::to_string))
            }
            ImportOutcome::Failed { reason, message } => Self {
                reason: Some(reason.clone()),
                message: Some(message.clone()),
                ..of(false, None)
            },
            ImportOutcome::NotLookedAt => Self {
                reason: Some("NotLookedAt".to_owned()),
                ..of(false, None)
            },
        }
    }
}

impl ImportAnswer {
    pub(super) fn new(results: Vec<TagImport>) -> Self {
        let imported = results.iter().filter(|result| result.imported).count();
        Self {
            imported,
            failed: results.len() - imported,
            results,
        }
    }
}

impl RefusedTag {
    pub(super) fn new(tag: String, problem: Problem) -> Self {
        Self {
            tag,
            kind: problem.kind,
            detail: problem.detail,
            server_message: problem.server_message,
            may_have_changed: problem.may_have_changed,
        }
    }
}
