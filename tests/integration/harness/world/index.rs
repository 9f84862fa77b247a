//! Whether the console of a world has an index.

use registry_model::WorkloadKind;

/// The index of a console that is about to be started.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    Off,
    /// It watches when the console is started.
    Watching,
    /// It and its workloads watch when the console is started.
    WatchingWorkloads,
    /// It is not waited for.
    Loading,
}

impl Index {
    /// How many watches are waited for.
    pub(super) fn watch_count(self) -> usize {
        match self {
            Self::Off | Self::Loading => 0,
            Self::Watching => 1,
            Self::WatchingWorkloads => 1 + WorkloadKind::ALL.len(),
        }
    }
}
