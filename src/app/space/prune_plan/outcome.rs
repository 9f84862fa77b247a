//! The rules that keep images, as pages and JSON have them.

use serde::Serialize;
use utoipa::ToSchema;

use registry_model::prune::{ImageUsers, KeepReason, TagRevision};
use registry_model::{Digest, ImageStreamName, ProjectName, TagName, WorkloadId, WorkloadPhase};

/// The rule that keeps an image. Others can keep it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum KeptBy {
    /// An image stream that has it is young.
    YoungStream {
        project: ProjectName,
        stream: ImageStreamName,
    },
    /// A tag points to it only since a short time.
    YoungTagEvent { revision: KeptRevision },
    /// It is among the newest images of a tag.
    TagRevision { revision: KeptRevision },
    /// It does not exceed the limit of the project.
    WithinSizeLimit { revision: KeptRevision },
    /// A workload uses the tag that points to it.
    UsedTag {
        revision: KeptRevision,
        used_by: PlannedUse,
    },
    /// A workload uses it by its digest.
    UsedImage { used_by: PlannedUse },
    /// It is part of an index that stays.
    PartOfIndex { index: Digest },
    /// It was imported, and imported images are left out.
    NotManaged,
    /// Its object is young.
    YoungImage,
}

/// An item of the history of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptRevision {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    pub tag: TagName,
    /// From 1: what the tag points to now.
    pub revision: u32,
}

/// The workload that uses an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlannedUse {
    pub project: ProjectName,
    /// Of pods, the workload that keeps them.
    pub workload: WorkloadId,
    /// Whether it, or the pod, job or build of it that names the image, has ended.
    pub has_ended: bool,
    /// How many other workloads use it.
    pub more: usize,
}

impl From<TagRevision<'_>> for KeptRevision {
    fn from(revision: TagRevision<'_>) -> Self {
        Self {
            project: revision.project.clone(),
            stream: revision.stream.clone(),
            tag: revision.tag.clone(),
            revision: revision.revision,
        }
    }
}

impl From<ImageUsers<'_>> for PlannedUse {
    fn from(used: ImageUsers<'_>) -> Self {
        let first = used.first;
        Self {
            project: first.project.clone(),
            workload: first.owner.clone().unwrap_or_else(|| first.id.clone()),
            has_ended: first.phase == WorkloadPhase::Ended,
            more: used.more,
        }
    }
}

impl From<KeepReason<'_>> for KeptBy {
    fn from(reason: KeepReason<'_>) -> Self {
        match reason {
            KeepReason::YoungStream(project, stream) => Self::YoungStream {
                project: project.clone(),
                stream: stream.clone(),
            },
            KeepReason::YoungTagEvent(revision) => Self::YoungTagEvent {
                revision: revision.into(),
            },
            KeepReason::TagRevision(revision) => Self::TagRevision {
                revision: revision.into(),
            },
            KeepReason::WithinSizeLimit(revision) => Self::WithinSizeLimit {
                revision: revision.into(),
            },
            KeepReason::UsedTag(revision, used) => Self::UsedTag {
                revision: revision.into(),
                used_by: used.into(),
            },
            KeepReason::UsedImage(_, used) => Self::UsedImage {
                used_by: used.into(),
            },
            KeepReason::PartOfIndex(index) => Self::PartOfIndex { index },
            KeepReason::NotManaged => Self::NotManaged,
            KeepReason::YoungImage => Self::YoungImage,
        }
    }
}
