//! What has changed lately, for those who show it and were told of it a while ago, or were away for
//! a moment.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use tokio::sync::watch;

use super::stream::IndexedStream;
use crate::openshift::WatchEventKind;
use registry_model::{ImageStreamName, ProjectName, TagName};

/// An image stream that has changed in a way that a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamChange {
    pub kind: WatchEventKind,
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// Of a stream that was there before and still is, the tags that are new, gone, or point
    /// elsewhere, and those whose imports began or ceased to fail. In no order.
    pub tags: Box<[TagName]>,
}

impl StreamChange {
    /// What makes `new` of `old`; nothing where lists show them alike.
    pub(super) fn from_streams(
        old: Option<&IndexedStream>,
        new: Option<&IndexedStream>,
    ) -> Option<Self> {
        let (change, stream, tags) = match (old, new) {
            (None, None) => return None,
            (None, Some(new)) => (WatchEventKind::Added, new, Box::default()),
            (Some(old), None) => (WatchEventKind::Deleted, old, Box::default()),
            (Some(old), Some(new)) => {
                let tags = new.changed_tags(old);
                if tags.is_empty() && old.failures == new.failures {
                    return None;
                }
                (WatchEventKind::Modified, new, tags.into())
            }
        };
        Some(Self {
            kind: change,
            project: stream.project.clone(),
            name: stream.name.clone(),
            tags,
        })
    }
}

/// From where on somebody wants to hear of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// From a revision of the cluster on, which every replica of the console counts alike
    /// ([`super::Snapshot::revision`]).
    Revision(u64),
    /// From where they have listened to, here.
    Position(u64),
}

/// What has been heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangesRead {
    /// Where to go on.
    pub cursor: Cursor,
    /// Whether that was all: changes before what was told may have been forgotten.
    pub is_complete: bool,
}

/// The latest changes, in order. Listeners come and look when they are told that there is
/// something; nothing waits for them.
pub(super) struct ChangeLog {
    entries: RwLock<ChangeLogEntries>,
    /// How many changes there have been.
    change_count: watch::Sender<u64>,
}

#[derive(Default)]
struct ChangeLogEntries {
    /// With the revision that each came with: of what is found by comparing lists, that of the
    /// list.
    changes: VecDeque<(u64, StreamChange)>,
    /// How many came before these.
    discarded_count: u64,
    /// Whatever came after this revision is here. Nothing is known until there has been a list.
    first_revision: Option<u64>,
}

/// How many changes are kept: an hour of three in a second.
const MAX_CHANGES: usize = 10_000;

impl ChangeLog {
    pub(super) fn new() -> Self {
        Self {
            entries: RwLock::default(),
            change_count: watch::Sender::new(0),
        }
    }

    /// Nothing before `revision` can be told any more.
    pub(super) fn reset_to(&self, revision: Option<u64>) {
        let mut log = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever is listening has missed something.
        log.discarded_count += log.changes.len() as u64 + 1;
        log.changes.clear();
        log.first_revision = revision;
        self.change_count.send_replace(log.discarded_count);
    }

    /// Tells of `changes`, which came with a revision each.
    pub(super) fn append(&self, changes: impl IntoIterator<Item = (u64, StreamChange)>) {
        let mut log = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        log.changes.extend(changes);
        while log.changes.len() > MAX_CHANGES
            && let Some((revision, _)) = log.changes.pop_front()
        {
            log.discarded_count += 1;
            log.first_revision = log.first_revision.max(Some(revision));
        }
        self.change_count
            .send_replace(log.discarded_count + log.changes.len() as u64);
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.change_count.subscribe()
    }

    /// Gives every change since then to `take`, which should not take long: the next one waits
    /// meanwhile.
    pub(super) fn changes_since(
        &self,
        since: Cursor,
        mut take: impl FnMut(u64, &StreamChange),
    ) -> ChangesRead {
        let log = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let (first, complete) = match since {
            Cursor::Revision(revision) => {
                let known = log.first_revision.is_some_and(|floor| revision >= floor);
                (
                    log.changes.partition_point(|(of, _)| *of <= revision),
                    known,
                )
            }
            Cursor::Position(number) => {
                let first = number.saturating_sub(log.discarded_count);
                (
                    usize::try_from(first)
                        .unwrap_or(usize::MAX)
                        .min(log.changes.len()),
                    number >= log.discarded_count,
                )
            }
        };
        log.changes
            .range(first..)
            .for_each(|(revision, changed)| take(*revision, changed));
        ChangesRead {
            cursor: Cursor::Position(log.discarded_count + log.changes.len() as u64),
            is_complete: complete,
        }
    }
}

impl fmt::Debug for ChangeLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("News")
            .field("told", &*self.change_count.borrow())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(name: &str) -> StreamChange {
        StreamChange {
            kind: WatchEventKind::Added,
            project: "p".parse().unwrap(),
            name: name.parse().unwrap(),
            tags: Box::default(),
        }
    }

    fn heard(news: &ChangeLog, since: Cursor) -> (Vec<String>, ChangesRead) {
        let mut names = Vec::new();
        let heard = news.changes_since(since, |_, changed| names.push(changed.name.to_string()));
        (names, heard)
    }

    #[test]
    fn reader_gets_only_changes_after_its_cursor() {
        let news = ChangeLog::new();
        news.reset_to(Some(100));
        news.append([(101, changed("a")), (103, changed("b"))]);
        assert_eq!(heard(&news, Cursor::Revision(100)).0, ["a", "b"]);
        let (names, first) = heard(&news, Cursor::Revision(102));
        assert_eq!(
            (names, first.is_complete),
            (vec!["b".to_owned()], true),
            "a revision between two changes is one as well"
        );
        news.append([(104, changed("c"))]);
        let (names, second) = heard(&news, first.cursor);
        assert_eq!((names, second.is_complete), (vec!["c".to_owned()], true));
        assert_eq!(heard(&news, second.cursor).0, [""; 0]);
        assert_eq!(
            heard(&news, Cursor::Revision(500)).0,
            [""; 0],
            "somebody is ahead of this replica"
        );
    }

    #[test]
    fn expired_cursor_reports_a_gap() {
        let news = ChangeLog::new();
        assert!(
            !heard(&news, Cursor::Revision(7)).1.is_complete,
            "nothing is known yet"
        );
        news.reset_to(Some(10));
        let start = heard(&news, Cursor::Revision(10)).1;
        assert!(start.is_complete && !heard(&news, Cursor::Revision(9)).1.is_complete);
        news.append(
            (11..)
                .take(MAX_CHANGES)
                .map(|revision| (revision, changed("a"))),
        );
        assert!(
            heard(&news, start.cursor).1.is_complete
                && heard(&news, Cursor::Revision(10)).1.is_complete
        );
        news.append([(90_000, changed("b"))]);
        assert!(
            !heard(&news, start.cursor).1.is_complete
                && !heard(&news, Cursor::Revision(10)).1.is_complete
        );
        assert!(heard(&news, Cursor::Revision(11)).1.is_complete);
    }

    #[test]
    fn reset_change_log_reports_a_gap() {
        let news = ChangeLog::new();
        news.reset_to(Some(10));
        let listening = heard(&news, Cursor::Revision(10)).1.cursor;
        let mut told = news.subscribe();
        news.reset_to(Some(5));
        assert!(told.has_changed().unwrap() && *told.borrow_and_update() > 0);
        assert!(!heard(&news, listening).1.is_complete);
    }
}
