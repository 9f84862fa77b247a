//! What the workloads of one project reference, as compact values.
//!
//! Pods that share an owner and an image are one value, so that a project with thousands of pods
//! takes no more memory than one with a pod for each workload.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::UseKind;
use super::ended_workloads::{EndedReference, EndedReferences};
use crate::app::section::Unavailable;
use registry_model::{
    ImagePart, NamedImage, ObjectName, ProjectName, Workload, WorkloadId, WorkloadImageReference,
    WorkloadKind, WorkloadPhase,
};

/// How many owners a pod has at most: ReplicaSet and Deployment, or Build and BuildConfig.
const MAX_OWNERS: usize = 4;

/// The workloads of a project, grouped by the workload at the top of their owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectWorkloads {
    pub project: ProjectName,
    /// By kind and name.
    pub workloads: Vec<WorkloadRecord>,
    /// What workloads that have ended name. It is not in use.
    pub ended: Vec<EndedReference>,
    /// The kinds that the user may not list.
    pub not_allowed: Vec<WorkloadKind>,
    /// The kinds that could not be listed for other reasons.
    pub missing: Vec<MissingKinds>,
    /// How many objects were left out because they are malformed.
    pub malformed: usize,
}

/// Kinds that could not be listed for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingKinds {
    pub kinds: Vec<WorkloadKind>,
    pub missing: Unavailable,
}

/// A workload, with the images that it and its pods reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadRecord {
    pub workload: WorkloadId,
    pub is_paused: bool,
    /// The number of pods that it keeps. `None` for kinds without such a number, and where the
    /// workload itself could not be read.
    pub replicas: Option<u32>,
    pub created: Option<DateTime<Utc>>,
    /// The service account that pulls the images. `None`: not named, so `default`.
    pub service_account: Option<ObjectName>,
    /// Whether its pods have pull secrets of their own.
    pub has_pull_secrets: bool,
    /// The references, those of init containers first.
    pub images: Vec<RecordedImage>,
}

/// A reference to an image, once for all pods that share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedImage {
    pub part: ImagePart,
    pub kind: UseKind,
    /// What is referenced; of running containers, what their status says.
    pub reference: Arc<WorkloadImageReference>,
    /// Of running containers, what the pod names.
    pub named: Option<Arc<WorkloadImageReference>>,
    /// Whether the trigger does nothing at present.
    pub is_trigger_paused: bool,
    /// The number of pods. Only of running containers.
    pub pods: usize,
    /// Since when the oldest pod runs, or the workload exists.
    pub since: Option<DateTime<Utc>>,
}

/// What distinguishes the references of a workload, in the order in which they are shown.
type ImageKey = (
    ImagePart,
    UseKind,
    Arc<WorkloadImageReference>,
    Option<Arc<WorkloadImageReference>>,
    bool,
);

/// The references of a workload while it is put together.
#[derive(Default)]
struct PartialWorkload {
    workload: Option<Workload>,
    images: BTreeMap<ImageKey, (usize, Option<DateTime<Utc>>)>,
}

impl ProjectWorkloads {
    /// Groups the workloads of a project, of which all kinds could be listed.
    #[must_use]
    pub(in crate::app) fn group(project: ProjectName, workloads: Vec<Workload>) -> Self {
        let owners: HashMap<WorkloadId, Option<WorkloadId>> = workloads
            .iter()
            .map(|workload| (workload.id.clone(), workload.owner.clone()))
            .collect();
        let mut groups: BTreeMap<WorkloadId, PartialWorkload> = BTreeMap::new();
        let (mut shared, mut ended) = (HashSet::new(), EndedReferences::default());
        for workload in workloads {
            let top = top_owner(&workload.id, &owners);
            if workload.phase == WorkloadPhase::Ended {
                ended.add(&workload, &top, &mut shared);
                continue;
            }
            let is_top = top == workload.id;
            // A pod that is read by itself says what its workload names; otherwise the workload
            // does.
            let is_owner_known = !is_top
                && workload
                    .owner
                    .as_ref()
                    .is_some_and(|owner| owners.contains_key(owner));
            let group = groups.entry(top).or_default();
            group.add(&workload, is_top, is_owner_known, &mut shared);
            if is_top {
                group.workload = Some(workload);
            }
        }
        Self {
            project,
            workloads: groups
                .into_iter()
                .map(|(id, group)| group.into_record(id))
                .filter(|record| !record.images.is_empty())
                .collect(),
            ended: ended.into_vec(),
            not_allowed: Vec::new(),
            missing: Vec::new(),
            malformed: 0,
        }
    }

    /// The approximate memory in bytes.
    pub(in crate::app) fn memory_bytes(&self) -> usize {
        let images: usize = self
            .workloads
            .iter()
            .map(|record| record.images.len())
            .sum();
        // A pull spec has some 150 bytes; most are shared by a template, its trigger and its pods.
        size_of::<Self>()
            + self.workloads.len() * (size_of::<WorkloadRecord>() + 64)
            + images * (size_of::<RecordedImage>() + 100)
            + self.ended.len() * (size_of::<EndedReference>() + 100)
    }
}

/// The workload that has made others, among them this one. An owner that was not listed counts, as
/// the last one that is known.
fn top_owner(id: &WorkloadId, owners: &HashMap<WorkloadId, Option<WorkloadId>>) -> WorkloadId {
    let mut top = id;
    for _ in 0..MAX_OWNERS {
        match owners.get(top) {
            Some(Some(owner)) => top = owner,
            _ => break,
        }
    }
    top.clone()
}

/// The one copy of `reference` in a project.
pub(super) fn share(
    reference: &WorkloadImageReference,
    shared: &mut HashSet<Arc<WorkloadImageReference>>,
) -> Arc<WorkloadImageReference> {
    if let Some(found) = shared.get(reference) {
        return Arc::clone(found);
    }
    let new = Arc::new(reference.clone());
    shared.insert(Arc::clone(&new));
    new
}

impl PartialWorkload {
    fn add(
        &mut self,
        workload: &Workload,
        is_top: bool,
        is_owner_known: bool,
        shared: &mut HashSet<Arc<WorkloadImageReference>>,
    ) {
        let is_pod = workload.id.kind == WorkloadKind::Pod;
        for image in &workload.images {
            if let Some(running) = &image.running {
                let named = image.reference.as_ref().map(|named| share(named, shared));
                let since = image.started.or(workload.created);
                let running = share(running, shared);
                self.count(
                    (image.part.clone(), UseKind::Running, running, named, false),
                    1,
                    since,
                );
            }
            if let Some(reference) = image
                .reference
                .as_ref()
                .filter(|_| !(is_pod && is_owner_known))
            {
                let key = (
                    image.part.clone(),
                    use_kind(workload, image, is_top),
                    share(reference, shared),
                    None,
                    false,
                );
                self.count(key, 0, workload.created);
            }
        }
        for trigger in &workload.triggers {
            let parts: Vec<ImagePart> = if workload.id.kind.is_build() {
                vec![ImagePart::BuildFrom]
            } else {
                let parts = trigger.containers.iter();
                parts
                    .map(|container| container_part(workload, container))
                    .collect()
            };
            for part in parts {
                let reference = share(&trigger.reference, shared);
                let key = (part, UseKind::Trigger, reference, None, trigger.is_paused);
                self.count(key, 0, workload.created);
            }
        }
    }

    fn count(&mut self, key: ImageKey, pods: usize, since: Option<DateTime<Utc>>) {
        let (count, oldest) = self.images.entry(key).or_default();
        *count += pods;
        *oldest = match (*oldest, since) {
            (Some(oldest), Some(since)) => Some(oldest.min(since)),
            (oldest, since) => oldest.or(since),
        };
    }

    fn into_record(self, id: WorkloadId) -> WorkloadRecord {
        let Self { workload, images } = self;
        // The newest revision names what the workload names.
        let starts: HashSet<(ImagePart, Arc<WorkloadImageReference>)> = images
            .keys()
            .filter(|(_, kind, ..)| *kind == UseKind::Starts)
            .map(|(part, _, reference, ..)| (part.clone(), Arc::clone(reference)))
            .collect();
        let images = images
            .into_iter()
            .filter(|((part, kind, reference, ..), _)| {
                *kind != UseKind::EarlierRevision
                    || !starts.contains(&(part.clone(), Arc::clone(reference)))
            })
            .map(
                |((part, kind, reference, named, is_trigger_paused), (pods, since))| {
                    RecordedImage {
                        part,
                        kind,
                        reference,
                        named,
                        is_trigger_paused,
                        pods,
                        since,
                    }
                },
            )
            .collect();
        let workload = workload.as_ref();
        WorkloadRecord {
            workload: id,
            is_paused: workload.is_some_and(|workload| workload.is_paused),
            replicas: workload.and_then(|workload| workload.replicas),
            created: workload.and_then(|workload| workload.created),
            service_account: workload.and_then(|workload| workload.service_account.clone()),
            has_pull_secrets: workload.is_some_and(|workload| workload.has_pull_secrets),
            images,
        }
    }
}

/// How a workload uses an image that it names.
fn use_kind(workload: &Workload, image: &NamedImage, is_top: bool) -> UseKind {
    match (workload.id.kind, &image.part) {
        (WorkloadKind::Build | WorkloadKind::BuildConfig, ImagePart::BuildOutput) => {
            UseKind::Pushes
        }
        (WorkloadKind::Build, _) => UseKind::Building,
        (WorkloadKind::BuildConfig, _) => UseKind::Builds,
        (WorkloadKind::ReplicaSet | WorkloadKind::ReplicationController, _)
            if !is_top && workload.replicas == Some(0) =>
        {
            UseKind::EarlierRevision
        }
        _ => UseKind::Starts,
    }
}

/// The part of a workload that a trigger sets: init containers share their names with no other.
fn container_part(workload: &Workload, container: &ObjectName) -> ImagePart {
    let init = ImagePart::InitContainer(container.clone());
    if workload.images.iter().any(|image| image.part == init) {
        init
    } else {
        ImagePart::Container(container.clone())
    }
}

#[cfg(test)]
mod tests;
