//! Following a watch: from the list's revision on, resumed where it ends, until only a new list
//! helps.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::source::{Source, Trouble, Watching};
use super::state::Why;
use super::writer::{STEADY, Writer};
use crate::openshift::{Change, Fed, WatchEvent};

/// For how long changes that follow each other at once are taken together: a burst is one change of
/// the index.
const TOGETHER: Duration = Duration::from_millis(40);
/// What comes later than this after the last one is not a part of the burst.
const AT_ONCE: Duration = Duration::from_millis(4);
/// Changes in a burst, at the most.
const BURST: usize = 500;
/// A watch that ends sooner, though in order, is none that should be asked for again at once.
const SHORT: Duration = Duration::from_secs(5);

/// How a watch ended.
enum End {
    /// The next one goes on where it ended.
    Over(Option<Trouble>),
    Lost(Trouble),
}

/// What a watch has told since its changes were last shown.
#[derive(Default)]
struct Burst {
    changes: Vec<(Change, Fed)>,
    /// Whether it told anything, a bookmark included.
    told: bool,
}

impl<S: Source> Writer<S> {
    /// Follows the master's changes, from [`Writer::version`] on; ends where only a new list helps.
    pub(super) async fn follow(&mut self) -> Trouble {
        loop {
            let mut watch = match self.source.watch(&self.version).await {
                Ok(watch) => watch,
                // No answer: what has happened meanwhile will be told.
                Err(trouble) if trouble.why.is_outage() => {
                    self.pause(trouble).await;
                    continue;
                }
                Err(trouble) => return trouble,
            };
            self.ready(Vec::new());
            let (opened, from) = (Instant::now(), self.version.clone());
            let end = self.listen(&mut watch).await;
            drop(watch);
            if opened.elapsed() >= STEADY {
                self.backoff.reset();
            }
            match end {
                End::Lost(trouble) => return trouble,
                End::Over(Some(trouble)) => self.pause(trouble).await,
                End::Over(None) if opened.elapsed() < SHORT => {
                    self.pause(Why::Refused.into()).await
                }
                End::Over(None) => {}
            }
            if self.version == from && self.has_gone_back().await {
                return Why::WentBack.into();
            }
        }
    }

    /// A watch that told nothing may be one of a master that has never been where we are: it would
    /// tell nothing for ever (R14).
    async fn has_gone_back(&self) -> bool {
        let now = self.source.version().await.ok().flatten();
        now.is_some_and(|now| is_before(&now, &self.version))
    }

    async fn listen(&mut self, watch: &mut S::Watch) -> End {
        loop {
            let mut burst = Burst::default();
            let mut end = self.hear(watch.next().await, &mut burst);
            let over = Instant::now() + TOGETHER;
            while end.is_none() && burst.changes.len() < BURST {
                let until = over.min(Instant::now() + AT_ONCE);
                let Ok(event) = timeout_at(until, watch.next()).await else {
                    break;
                };
                end = self.hear(event, &mut burst);
            }
            if burst.told {
                metrics::counter!("registry_console_index_events_total")
                    .increment(burst.changes.len() as u64);
                let changed = self.table.apply(burst.changes);
                if let Err(trouble) = self.check_memory() {
                    return End::Lost(trouble);
                }
                self.ready(changed);
            }
            if let Some(end) = end {
                return end;
            }
        }
    }

    fn hear(&mut self, event: WatchEvent, burst: &mut Burst) -> Option<End> {
        let version = match &event {
            WatchEvent::Stream(_, fed) => fed.version(),
            WatchEvent::Bookmark(version) => Some(version.as_str()),
            WatchEvent::Gone => return Some(End::Lost(Why::Expired.into())),
            WatchEvent::Refused(status) => {
                return Some(End::Lost(Trouble {
                    why: Why::Refused,
                    cause: Some(status.message.clone().into()),
                }));
            }
            WatchEvent::Nonsense(what) => {
                return Some(End::Lost(Trouble {
                    why: Why::Nonsense,
                    cause: Some((*what).into()),
                }));
            }
            WatchEvent::Closed(None) => return Some(End::Over(None)),
            WatchEvent::Closed(Some(error)) => {
                return Some(End::Over(Some(Trouble {
                    why: Why::Unreachable,
                    cause: Some(error.to_string().into()),
                })));
            }
        };
        let Some(version) = version else {
            return Some(End::Lost(Why::Nonsense.into()));
        };
        if is_before(version, &self.version) {
            return Some(End::Lost(Why::WentBack.into()));
        }
        version.clone_into(&mut self.version);
        burst.told = true;
        if let WatchEvent::Stream(change, fed) = event {
            burst.changes.push((change, fed));
        }
        None
    }
}

/// Whether one revision is before another. They are numbers wherever etcd counts them; of what is
/// no number nothing can be said.
fn is_before(one: &str, other: &str) -> bool {
    matches!((one.parse::<u64>(), other.parse::<u64>()), (Ok(one), Ok(other)) if one < other)
}
