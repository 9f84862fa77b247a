//! The read access to the workloads of the index.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::state::WorkloadKindState;
use super::table::KindSnapshot;
use registry_model::WorkloadKind;

/// Reads the workloads of the index. Cheap to clone; no method waits.
#[derive(Clone)]
pub struct WorkloadIndexReader(Option<Arc<[ArcSwap<PublishedKind>; WorkloadKind::ALL.len()]>>);

/// The state of a kind and its workloads, published together so that they match.
pub(super) struct PublishedKind {
    pub(super) state: WorkloadKindState,
    pub(super) snapshot: KindSnapshot,
}

/// The workloads of all kinds that are in memory and up to date.
#[derive(Clone, Debug)]
pub struct WorkloadSnapshot([Option<KindSnapshot>; WorkloadKind::ALL.len()]);

impl WorkloadIndexReader {
    /// The reader of an index without workloads.
    #[must_use]
    pub fn disabled() -> Self {
        Self(None)
    }

    /// A reader of kinds that are all in this state.
    pub(super) fn with_state(state: &WorkloadKindState) -> Self {
        let kinds = WorkloadKind::ALL.map(|_| {
            ArcSwap::from_pointee(PublishedKind {
                state: state.clone(),
                snapshot: KindSnapshot::default(),
            })
        });
        Self(Some(Arc::new(kinds)))
    }

    /// The state of each kind, in their order; none without workloads in the index.
    #[must_use]
    pub fn states(&self) -> Vec<(WorkloadKind, WorkloadKindState)> {
        let kinds = self.0.iter().flat_map(|kinds| kinds.iter());
        let states = kinds.map(|kind| kind.load().state.clone());
        WorkloadKind::ALL.into_iter().zip(states).collect()
    }

    /// What is in memory. `None` if no kind is.
    #[must_use]
    pub fn snapshot(&self) -> Option<WorkloadSnapshot> {
        let kinds = self.0.as_ref()?;
        let kinds = kinds.each_ref().map(|kind| {
            let kind = kind.load();
            kind.state.is_ready().then(|| kind.snapshot.clone())
        });
        let is_any_ready = kinds.iter().any(Option::is_some);
        is_any_ready.then_some(WorkloadSnapshot(kinds))
    }

    pub(super) fn publish(&self, kind: WorkloadKind, latest: PublishedKind) {
        if let Some(kinds) = &self.0 {
            kinds[kind as usize].store(Arc::new(latest));
        }
    }
}

impl WorkloadSnapshot {
    /// The workloads of a kind. `None`: they are not in memory.
    #[must_use]
    pub fn kind(&self, kind: WorkloadKind) -> Option<&KindSnapshot> {
        self.0[kind as usize].as_ref()
    }

    /// Whether the workloads of all kinds are in memory.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.0.iter().all(Option::is_some)
    }
}

impl fmt::Debug for WorkloadIndexReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WorkloadIndexReader")
            .field(&self.states())
            .finish()
    }
}
