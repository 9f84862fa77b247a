//! What has changed lately, for those who show it and were told of it a while ago, or were away for
//! a moment.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use tokio::sync::watch;

use super::stream::Stream;
use crate::openshift::Change;
use registry_model::{ImageStreamName, ProjectName, TagName};

/// An image stream that has changed in a way that a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub change: Change,
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// Of a stream that was there before and still is, the tags that are new, gone, or point
    /// elsewhere, and those whose imports began or ceased to fail. In no order.
    pub tags: Box<[TagName]>,
}

impl Changed {
    /// What makes `new` of `old`; nothing where lists show them alike.
    pub(super) fn between(old: Option<&Stream>, new: Option<&Stream>) -> Option<Self> {
        let (change, stream, tags) = match (old, new) {
            (None, None) => return None,
            (None, Some(new)) => (Change::Added, new, Box::default()),
            (Some(old), None) => (Change::Deleted, old, Box::default()),
            (Some(old), Some(new)) => {
                let tags = new.tags_that_differ(old);
                if tags.is_empty() && old.failures == new.failures {
                    return None;
                }
                (Change::Modified, new, tags.into())
            }
        };
        Some(Self {
            change,
            project: stream.project.clone(),
            name: stream.name.clone(),
            tags,
        })
    }
}

/// From where on somebody wants to hear of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// From a revision of the cluster on, which every replica of the console counts alike
    /// ([`super::Snapshot::revision`]).
    Revision(u64),
    /// From where they have listened to, here.
    Heard(u64),
}

/// What has been heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Where to go on.
    pub next: Since,
    /// Whether that was all: changes before what was told may have been forgotten.
    pub complete: bool,
}

/// The latest changes, in order. Listeners come and look when they are told that there is
/// something; nothing waits for them.
pub(super) struct News {
    log: RwLock<Log>,
    /// How many changes there have been.
    told: watch::Sender<u64>,
}

#[derive(Default)]
struct Log {
    /// With the revision that each came with: of what is found by comparing lists, that of the
    /// list.
    changes: VecDeque<(u64, Changed)>,
    /// How many came before these.
    forgotten: u64,
    /// Whatever came after this revision is here. Nothing is known until there has been a list.
    floor: Option<u64>,
}

/// How many changes are kept: an hour of three in a second.
const KEPT: usize = 10_000;

impl News {
    pub(super) fn new() -> Self {
        Self {
            log: RwLock::default(),
            told: watch::Sender::new(0),
        }
    }

    /// Nothing before `revision` can be told any more.
    pub(super) fn begin_at(&self, revision: Option<u64>) {
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever is listening has missed something.
        log.forgotten += log.changes.len() as u64 + 1;
        log.changes.clear();
        log.floor = revision;
        self.told.send_replace(log.forgotten);
    }

    /// Tells of `changes`, which came with a revision each.
    pub(super) fn tell(&self, changes: impl IntoIterator<Item = (u64, Changed)>) {
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        log.changes.extend(changes);
        while log.changes.len() > KEPT
            && let Some((revision, _)) = log.changes.pop_front()
        {
            log.forgotten += 1;
            log.floor = log.floor.max(Some(revision));
        }
        self.told
            .send_replace(log.forgotten + log.changes.len() as u64);
    }

    pub(super) fn told(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    /// Gives every change since then to `take`, which should not take long: the next one waits
    /// meanwhile.
    pub(super) fn hear(&self, since: Since, mut take: impl FnMut(u64, &Changed)) -> Heard {
        let log = self.log.read().unwrap_or_else(PoisonError::into_inner);
        let (first, complete) = match since {
            Since::Revision(revision) => {
                let known = log.floor.is_some_and(|floor| revision >= floor);
                (
                    log.changes.partition_point(|(of, _)| *of <= revision),
                    known,
                )
            }
            Since::Heard(number) => {
                let first = number.saturating_sub(log.forgotten);
                (
                    usize::try_from(first)
                        .unwrap_or(usize::MAX)
                        .min(log.changes.len()),
                    number >= log.forgotten,
                )
            }
        };
        log.changes
            .range(first..)
            .for_each(|(revision, changed)| take(*revision, changed));
        Heard {
            next: Since::Heard(log.forgotten + log.changes.len() as u64),
            complete,
        }
    }
}

impl fmt::Debug for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("News")
            .field("told", &*self.told.borrow())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(name: &str) -> Changed {
        Changed {
            change: Change::Added,
            project: "p".parse().unwrap(),
            name: name.parse().unwrap(),
            tags: Box::default(),
        }
    }

    fn heard(news: &News, since: Since) -> (Vec<String>, Heard) {
        let mut names = Vec::new();
        let heard = news.hear(since, |_, changed| names.push(changed.name.to_string()));
        (names, heard)
    }

    #[test]
    fn everybody_hears_what_came_after_what_they_know_and_no_more() {
        let news = News::new();
        news.begin_at(Some(100));
        news.tell([(101, changed("a")), (103, changed("b"))]);
        assert_eq!(heard(&news, Since::Revision(100)).0, ["a", "b"]);
        let (names, first) = heard(&news, Since::Revision(102));
        assert_eq!(
            (names, first.complete),
            (vec!["b".to_owned()], true),
            "a revision between two changes is one as well"
        );
        news.tell([(104, changed("c"))]);
        let (names, second) = heard(&news, first.next);
        assert_eq!((names, second.complete), (vec!["c".to_owned()], true));
        assert_eq!(heard(&news, second.next).0, [""; 0]);
        assert_eq!(
            heard(&news, Since::Revision(500)).0,
            [""; 0],
            "somebody is ahead of this replica"
        );
    }

    #[test]
    fn who_has_been_away_for_too_long_is_told_that_something_is_missing() {
        let news = News::new();
        assert!(
            !heard(&news, Since::Revision(7)).1.complete,
            "nothing is known yet"
        );
        news.begin_at(Some(10));
        let start = heard(&news, Since::Revision(10)).1;
        assert!(start.complete && !heard(&news, Since::Revision(9)).1.complete);
        news.tell((11..).take(KEPT).map(|revision| (revision, changed("a"))));
        assert!(
            heard(&news, start.next).1.complete && heard(&news, Since::Revision(10)).1.complete
        );
        news.tell([(90_000, changed("b"))]);
        assert!(
            !heard(&news, start.next).1.complete && !heard(&news, Since::Revision(10)).1.complete
        );
        assert!(heard(&news, Since::Revision(11)).1.complete);
    }

    #[test]
    fn after_a_new_beginning_listeners_know_that_they_have_missed_something() {
        let news = News::new();
        news.begin_at(Some(10));
        let listening = heard(&news, Since::Revision(10)).1.next;
        let mut told = news.told();
        news.begin_at(Some(5));
        assert!(told.has_changed().unwrap() && *told.borrow_and_update() > 0);
        assert!(!heard(&news, listening).1.complete);
    }
}
