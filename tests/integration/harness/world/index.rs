//! Whether the console of a world has an index.

use openshift_standin::Standin;
use registry_model::WorkloadKind;

/// The index of a console that is about to be started.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    Off,
    /// It watches when the console is started.
    Watching,
    /// It and its workloads watch when the console is started.
    WatchingWorkloads,
    /// It watches when the console is started, and its account may read sizes.
    WatchingSizes,
    /// It is not waited for.
    Loading,
}

impl Index {
    /// How many watches are waited for.
    pub(super) fn watch_count(self) -> usize {
        match self {
            Self::Off | Self::Loading => 0,
            Self::Watching | Self::WatchingSizes => 1,
            Self::WatchingWorkloads => 1 + WorkloadKind::ALL.len(),
        }
    }

    /// Gives the service account the rights that it needs besides that to image streams.
    pub(super) fn allow(self, demo: &Standin) {
        match self {
            Self::WatchingWorkloads => demo.allow_workload_index(),
            Self::WatchingSizes => demo.allow_size_index(),
            Self::Off | Self::Watching | Self::Loading => {}
        }
    }
}
