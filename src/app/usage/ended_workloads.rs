//! Workloads that have ended. They use no image, but `oc adm prune images` keeps what builds and
//! jobs name, and for some time also what pods name.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::project_workloads::share;
use registry_model::{ImagePart, Workload, WorkloadId, WorkloadImageReference, WorkloadKind};

/// What pods, jobs or builds that have ended name, once for all that have the same owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedReference {
    /// `Pod`, `Job` or `Build`.
    pub kind: WorkloadKind,
    /// The workload at the top of their owners, or one of them that has no owner.
    pub workload: WorkloadId,
    pub part: ImagePart,
    pub reference: Arc<WorkloadImageReference>,
    /// When the youngest of them was created.
    pub created: Option<DateTime<Utc>>,
}

/// The references, while they are collected.
#[derive(Debug, Default)]
pub(super) struct EndedReferences(BTreeMap<ReferenceKey, Option<DateTime<Utc>>>);

/// The kind that has ended, the workload at the top of its owners, and what it names where.
type ReferenceKey = (
    WorkloadKind,
    WorkloadId,
    ImagePart,
    Arc<WorkloadImageReference>,
);

impl EndedReferences {
    /// Adds the references of `workload`, which has ended.
    pub(super) fn add(
        &mut self,
        workload: &Workload,
        top: &WorkloadId,
        shared: &mut HashSet<Arc<WorkloadImageReference>>,
    ) {
        for image in &workload.images {
            // The pruner looks at nothing else of a build.
            let is_kept = !matches!(image.part, ImagePart::BuildSource | ImagePart::BuildOutput);
            let Some(reference) = image.reference.as_ref().filter(|_| is_kept) else {
                continue;
            };
            let key = (
                workload.id.kind,
                top.clone(),
                image.part.clone(),
                share(reference, shared),
            );
            let youngest = self.0.entry(key).or_default();
            *youngest = workload.created.max(*youngest);
        }
    }

    pub(super) fn into_vec(self) -> Vec<EndedReference> {
        let references = self.0.into_iter();
        references
            .map(
                |((kind, workload, part, reference), created)| EndedReference {
                    kind,
                    workload,
                    part,
                    reference,
                    created,
                },
            )
            .collect()
    }
}
