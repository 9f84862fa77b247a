//! The memory that all parts of the index share (`INDEX_MEMORY`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use registry_model::WorkloadKind;

/// The approximate memory limit of the index, and what its parts take. Cheap to clone; clones share
/// the numbers.
///
/// The image streams come first: they may take all of it. Workloads get what is left.
#[derive(Clone, Debug)]
pub struct IndexMemory(Arc<Shares>);

#[derive(Debug)]
struct Shares {
    limit: usize,
    streams: AtomicUsize,
    /// In the order of [`WorkloadKind::ALL`].
    workloads: [AtomicUsize; WorkloadKind::ALL.len()],
}

impl IndexMemory {
    /// A limit of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Shares {
            limit,
            streams: AtomicUsize::new(0),
            workloads: Default::default(),
        }))
    }

    pub(super) fn unlimited() -> Self {
        Self::new(usize::MAX)
    }

    pub(super) fn limit(&self) -> usize {
        self.0.limit
    }

    pub(super) fn set_streams(&self, bytes: usize) {
        self.0.streams.store(bytes, Ordering::Relaxed);
    }

    pub(super) fn set_workloads(&self, kind: WorkloadKind, bytes: usize) {
        self.0.workloads[kind as usize].store(bytes, Ordering::Relaxed);
    }

    /// What the workloads of all kinds take.
    pub(super) fn workload_bytes(&self) -> usize {
        let bytes = self.0.workloads.iter();
        bytes.map(|bytes| bytes.load(Ordering::Relaxed)).sum()
    }

    /// What is left for the workloads of a kind.
    pub(super) fn left_for(&self, kind: WorkloadKind) -> usize {
        let own = self.0.workloads[kind as usize].load(Ordering::Relaxed);
        let taken = self.0.streams.load(Ordering::Relaxed) + self.workload_bytes() - own;
        self.limit().saturating_sub(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_get_what_image_streams_and_other_kinds_leave() {
        let memory = IndexMemory::new(100);
        memory.set_streams(40);
        memory.set_workloads(WorkloadKind::Pod, 50);
        memory.set_workloads(WorkloadKind::Job, 5);
        let left = [WorkloadKind::Pod, WorkloadKind::Job, WorkloadKind::Build];
        assert_eq!(left.map(|kind| memory.left_for(kind)), [55, 10, 5]);
        memory.set_streams(200);
        assert_eq!(memory.left_for(WorkloadKind::Pod), 0);
    }

    #[test]
    fn position_of_a_kind_is_its_discriminant() {
        for (position, kind) in WorkloadKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, position);
        }
    }
}
