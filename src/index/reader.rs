//! What everybody else sees of the index.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::news::{Changed, Heard, News, Since};
use super::snapshot::Snapshot;
use super::state::State;

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
    news: News,
}

impl Reader {
    /// There is no index.
    #[must_use]
    pub fn off() -> Self {
        Self::starting_as(State::NotConfigured)
    }

    pub(super) fn starting_as(state: State) -> Self {
        let latest = ArcSwap::from_pointee(Latest {
            state,
            snapshot: Snapshot::default(),
        });
        Self(Arc::new(Shared {
            latest,
            news: News::new(),
        }))
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

    /// What it holds while it has lost the API server to an outage, and up to when that was up to
    /// date. Only where people who may see it can get nothing newer, and never without its age.
    #[must_use]
    pub fn held(&self) -> Option<(Snapshot, DateTime<Utc>)> {
        let latest = self.0.latest.load();
        match latest.state {
            State::Stale { since, why } if why.is_outage() => {
                Some((latest.snapshot.clone(), since))
            }
            _ => None,
        }
    }

    /// Wakes whenever something has changed that lists show.
    #[must_use]
    pub fn told(&self) -> watch::Receiver<u64> {
        self.0.news.told()
    }

    /// Gives every change since then, with its revision, to `take`, which should not take long.
    pub fn hear(&self, since: Since, take: impl FnMut(u64, &Changed)) -> Heard {
        self.0.news.hear(since, take)
    }

    pub(super) fn publish(&self, latest: Latest) {
        self.0.latest.store(Arc::new(latest));
    }

    pub(super) fn news(&self) -> &News {
        &self.0.news
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader")
            .field(&self.0.latest.load().state)
            .finish()
    }
}
