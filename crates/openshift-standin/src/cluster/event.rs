//! What has changed lately, for watches.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{ImageStream, Project};

/// How many changes are remembered; who asks for older ones is told to list again.
const REMEMBERED: usize = 20_000;

/// An object that can be watched, as it was after a change (or, deleted, before it).
#[derive(Clone, Debug)]
pub(crate) enum Watched {
    Stream(Arc<ImageStream>),
    Project(Arc<Project>),
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) revision: u64,
    /// `ADDED`, `MODIFIED` or `DELETED`.
    pub(crate) change: &'static str,
    pub(crate) object: Watched,
}

/// The changes asked for are no longer remembered; the oldest revision that still is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Missed {
    pub(crate) oldest: u64,
}

/// The remembered changes, oldest first.
#[derive(Debug)]
pub(super) struct Log {
    events: VecDeque<Event>,
    /// Changes up to this revision are forgotten.
    floor: u64,
}

impl Log {
    pub(super) fn starting_at(floor: u64) -> Self {
        Self {
            events: VecDeque::new(),
            floor,
        }
    }

    pub(super) fn push(&mut self, event: Event) {
        if self.events.len() == REMEMBERED
            && let Some(forgotten) = self.events.pop_front()
        {
            self.floor = forgotten.revision;
        }
        self.events.push_back(event);
    }

    /// Completes the latest change, which nobody can have been told of yet: `stream` is what has
    /// become of it at that same revision.
    pub(super) fn complete(&mut self, stream: &Arc<ImageStream>) {
        if let Some(latest) = self
            .events
            .back_mut()
            .filter(|latest| latest.revision == stream.meta.resource_version)
        {
            latest.object = Watched::Stream(Arc::clone(stream));
        }
    }

    /// The changes after `revision`.
    pub(super) fn since(&self, revision: u64) -> Result<impl Iterator<Item = &Event>, Missed> {
        if revision < self.floor {
            return Err(Missed { oldest: self.floor });
        }
        let start = self
            .events
            .partition_point(|event| event.revision <= revision);
        Ok(self.events.range(start..))
    }
}
