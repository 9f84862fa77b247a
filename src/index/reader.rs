//! What everybody else sees of the index.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::broadcast;

use super::snapshot::Snapshot;
use super::state::State;
use super::stream::Stream;
use crate::model::{ImageStreamName, ProjectName};
use crate::openshift::Change;

/// Looks at the index. Cheap to clone, and never waits.
#[derive(Clone)]
pub struct Reader(Arc<Shared>);

/// What is latest: read at once, so that state and content belong together.
pub(super) struct Latest {
    pub(super) state: State,
    pub(super) snapshot: Snapshot,
}

pub(super) struct Shared {
    latest: ArcSwap<Latest>,
    changes: broadcast::Sender<Changes>,
}

/// What has changed at once. Whoever is told may see less of it than this.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Counts up with every change of the index, from 1.
    pub generation: u64,
    /// What has changed, in no order.
    pub streams: Arc<[Changed]>,
}

/// An image stream that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// How.
    pub change: Change,
    /// Its project.
    pub project: ProjectName,
    /// Its name.
    pub name: ImageStreamName,
}

/// How many changes may wait for a listener; one that is further behind is told so, and looks anew.
const WAITING: usize = 256;

impl Changed {
    pub(super) fn of(change: Change, stream: &Stream) -> Self {
        Self { change, project: stream.project.clone(), name: stream.name.clone() }
    }
}

impl Reader {
    /// There is no index.
    #[must_use]
    pub fn off() -> Self {
        Self::starting_as(State::NotConfigured)
    }

    pub(super) fn starting_as(state: State) -> Self {
        let latest = ArcSwap::from_pointee(Latest { state, snapshot: Snapshot::default() });
        Self(Arc::new(Shared { latest, changes: broadcast::Sender::new(WAITING) }))
    }

    /// How the index is.
    #[must_use]
    pub fn state(&self) -> State {
        self.0.latest.load().state.clone()
    }

    /// All image streams, if the index is up to date: a copy of a few pointers.
    #[must_use]
    pub fn ready(&self) -> Option<Snapshot> {
        let latest = self.0.latest.load();
        matches!(latest.state, State::Ready { .. }).then(|| latest.snapshot.clone())
    }

    /// What changes from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Changes> {
        self.0.changes.subscribe()
    }

    pub(super) fn publish(&self, latest: Latest) {
        self.0.latest.store(Arc::new(latest));
    }

    /// Tells the listeners. That there are none is no mistake.
    pub(super) fn tell(&self, changes: Changes) {
        let _nobody_listens = self.0.changes.send(changes);
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader").field(&self.0.latest.load().state).finish()
    }
}
