//! A workload as the index stores it.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use registry_model::{
    ImagePart, ImageTrigger, NamedImage, ObjectName, ProjectName, Workload, WorkloadId,
    WorkloadImageReference, WorkloadKind, WorkloadPhase,
};

/// A workload, without its project and kind, which its place in the index gives.
#[derive(Clone, Debug)]
pub struct IndexedWorkload {
    pub(super) name: ObjectName,
    /// The resource version. 0: not a number.
    pub(super) revision: u64,
    created: Option<DateTime<Utc>>,
    /// Since when the container of each image runs. Empty: of none.
    started: Box<[Option<DateTime<Utc>>]>,
    shared: Arc<SharedParts>,
}

/// What the pods of one workload have in common.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SharedParts {
    owner: Option<WorkloadId>,
    phase: WorkloadPhase,
    is_paused: bool,
    replicas: Option<u32>,
    service_account: Option<ObjectName>,
    has_pull_secrets: bool,
    /// Without the times since which they run.
    images: Box<[NamedImage]>,
    triggers: Box<[ImageTrigger]>,
}

impl Hash for SharedParts {
    /// Owner and images tell nearly all apart.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.owner.hash(state);
        for image in &self.images {
            (&image.part, &image.reference, &image.running).hash(state);
        }
    }
}

/// The parts in use, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedPartsSet {
    parts: HashSet<Arc<SharedParts>>,
    bytes: usize,
    /// How many there were when unused ones were last removed.
    count_after_cleanup: usize,
}

/// The memory of an allocation besides its content: the reference counts and the allocator's own.
const ALLOCATION_OVERHEAD_BYTES: usize = 32;

impl IndexedWorkload {
    /// The record of a workload. Of workloads that have ended, only their owner and the images that
    /// they name are kept: the pruner may keep these.
    pub(super) fn from_model(
        workload: Workload,
        revision: u64,
        known: &mut SharedPartsSet,
    ) -> Self {
        let (mut images, mut triggers) = (workload.images, workload.triggers);
        if workload.phase == WorkloadPhase::Ended {
            triggers = Vec::new();
            for image in &mut images {
                (image.running, image.started) = (None, None);
            }
        }
        let started: Vec<_> = images
            .iter_mut()
            .map(|image| image.started.take())
            .collect();
        let shared = SharedParts {
            owner: workload.owner,
            phase: workload.phase,
            is_paused: workload.is_paused,
            replicas: workload.replicas,
            service_account: workload.service_account,
            has_pull_secrets: workload.has_pull_secrets,
            images: images.into(),
            triggers: triggers.into(),
        };
        let is_any_running = started.iter().any(Option::is_some);
        Self {
            name: workload.id.name,
            revision,
            created: workload.created,
            started: if is_any_running {
                started.into()
            } else {
                Box::default()
            },
            shared: known.share(shared),
        }
    }

    /// The workload, as it was read.
    #[must_use]
    pub fn to_model(&self, project: &ProjectName, kind: WorkloadKind) -> Workload {
        let shared = &*self.shared;
        let mut images = shared.images.to_vec();
        for (image, started) in images.iter_mut().zip(&self.started) {
            image.started = *started;
        }
        Workload {
            project: project.clone(),
            id: WorkloadId {
                kind,
                name: self.name.clone(),
            },
            owner: shared.owner.clone(),
            created: self.created,
            phase: shared.phase,
            is_paused: shared.is_paused,
            replicas: shared.replicas,
            service_account: shared.service_account.clone(),
            has_pull_secrets: shared.has_pull_secrets,
            images,
            triggers: shared.triggers.to_vec(),
        }
    }

    /// Whether nothing but the resource version differs.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.created == other.created
            && self.started == other.started
            && (Arc::ptr_eq(&self.shared, &other.shared) || self.shared == other.shared)
    }

    /// The approximate memory in bytes, without the shared parts.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + size_of::<Arc<Self>>()
            + self.name.as_str().len()
            + size_of_val(&*self.started)
            + 3 * ALLOCATION_OVERHEAD_BYTES
    }
}

impl SharedPartsSet {
    fn share(&mut self, parts: SharedParts) -> Arc<SharedParts> {
        if let Some(known) = self.parts.get(&parts) {
            return Arc::clone(known);
        }
        let parts = Arc::new(parts);
        self.bytes += parts.memory_bytes();
        self.parts.insert(Arc::clone(&parts));
        parts
    }

    /// The approximate memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Removes parts that no workload has any more, if they may be many.
    pub(super) fn drop_unused(&mut self) {
        if self.parts.len() <= 2 * self.count_after_cleanup + 1000 {
            return;
        }
        self.parts.retain(|parts| Arc::strong_count(parts) > 1);
        self.bytes = self.parts.iter().map(|parts| parts.memory_bytes()).sum();
        self.count_after_cleanup = self.parts.len();
    }
}

impl SharedParts {
    fn memory_bytes(&self) -> usize {
        let images: usize = self.images.iter().map(image_bytes).sum();
        let triggers: usize = self.triggers.iter().map(trigger_bytes).sum();
        let names = self.owner.as_ref().map(|owner| &owner.name);
        let names = names.into_iter().chain(&self.service_account);
        size_of::<Self>()
            + size_of::<Arc<Self>>()
            + ALLOCATION_OVERHEAD_BYTES
            + images
            + triggers
            + names.map(name_bytes).sum::<usize>()
    }
}

fn image_bytes(image: &NamedImage) -> usize {
    let part = match &image.part {
        ImagePart::InitContainer(name) | ImagePart::Container(name) => name_bytes(name),
        ImagePart::BuildFrom | ImagePart::BuildSource | ImagePart::BuildOutput => 0,
    };
    let references = [&image.reference, &image.running];
    let references = references.into_iter().flatten().map(reference_bytes);
    size_of::<NamedImage>() + part + references.sum::<usize>()
}

fn trigger_bytes(trigger: &ImageTrigger) -> usize {
    let containers: usize = trigger.containers.iter().map(name_bytes).sum();
    size_of::<ImageTrigger>() + containers + reference_bytes(&trigger.reference)
}

fn name_bytes(name: &ObjectName) -> usize {
    size_of::<ObjectName>() + name.as_str().len() + ALLOCATION_OVERHEAD_BYTES
}

/// What a reference has besides its own size: its texts.
fn reference_bytes(reference: &WorkloadImageReference) -> usize {
    let texts = match reference {
        WorkloadImageReference::PullSpec(spec) => {
            let tag = spec.tag().map_or(0, |tag| tag.as_str().len());
            spec.host().map_or(0, str::len) + spec.path().len() + tag
        }
        WorkloadImageReference::StreamTag(project, stream, tag) => {
            project.as_str().len() + stream.as_str().len() + tag.as_str().len()
        }
        WorkloadImageReference::StreamImage(project, stream, _) => {
            project.as_str().len() + stream.as_str().len()
        }
        WorkloadImageReference::Digest(_) => 0,
    };
    texts + 3 * ALLOCATION_OVERHEAD_BYTES
}
