//! The latest changes, for watches.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{ImageStreamObject, ProjectObject, WorkloadObject};

/// How many changes are kept; a watch from an older revision has to list again.
const MAX_EVENTS: usize = 20_000;

/// An object that can be watched, as it was after a change (or, deleted, before it).
#[derive(Clone, Debug)]
pub(crate) enum WatchedObject {
    Stream(Arc<ImageStreamObject>),
    Project(Arc<ProjectObject>),
    Workload(Arc<WorkloadObject>),
}

#[derive(Clone, Debug)]
pub(crate) struct ObjectEvent {
    pub(crate) revision: u64,
    /// `ADDED`, `MODIFIED` or `DELETED`.
    pub(crate) change: &'static str,
    pub(crate) object: WatchedObject,
}

/// The requested changes are no longer kept; the oldest revision that still is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RevisionTooOld {
    pub(crate) oldest: u64,
}

/// The latest changes, oldest first.
#[derive(Debug)]
pub(super) struct ObjectEventLog {
    events: VecDeque<ObjectEvent>,
    /// Changes up to this revision have been discarded.
    forgotten_up_to: u64,
}

impl ObjectEventLog {
    pub(super) fn new(floor: u64) -> Self {
        Self {
            events: VecDeque::new(),
            forgotten_up_to: floor,
        }
    }

    pub(super) fn push(&mut self, event: ObjectEvent) {
        if self.events.len() == MAX_EVENTS
            && let Some(forgotten) = self.events.pop_front()
        {
            self.forgotten_up_to = forgotten.revision;
        }
        self.events.push_back(event);
    }

    /// Completes the latest change, which no watch has sent yet: `stream` is its result at the same
    /// revision.
    pub(super) fn replace_last(&mut self, stream: &Arc<ImageStreamObject>) {
        if let Some(latest) = self
            .events
            .back_mut()
            .filter(|latest| latest.revision == stream.meta.resource_version)
        {
            latest.object = WatchedObject::Stream(Arc::clone(stream));
        }
    }

    /// The changes after `revision`.
    pub(super) fn since(
        &self,
        revision: u64,
    ) -> Result<impl Iterator<Item = &ObjectEvent>, RevisionTooOld> {
        if revision < self.forgotten_up_to {
            return Err(RevisionTooOld {
                oldest: self.forgotten_up_to,
            });
        }
        let start = self
            .events
            .partition_point(|event| event.revision <= revision);
        Ok(self.events.range(start..))
    }
}
