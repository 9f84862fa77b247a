//! The log of the latest changes, which live updates and the lists of open pages read from a cursor
//! on. A reader that is slower than the log grows learns that entries are missing.

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
    /// For an image stream that existed before and still exists, the tags that are new, gone, or
    /// point to another image, and those whose import began or ceased to fail. In no order.
    pub tags: Box<[TagName]>,
}

impl StreamChange {
    /// The change from `old` to `new`; `None` if a list shows both alike.
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

/// The position in the change log from which a reader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// From a revision of the cluster on, which is the same for all replicas of the console
    /// ([`super::Snapshot::revision`]).
    Revision(u64),
    /// From a position in the log of this process on.
    Position(u64),
}

/// The result of reading the change log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangesRead {
    /// Where to continue.
    pub cursor: Cursor,
    /// Whether no entries are missing: older ones may have been discarded.
    pub is_complete: bool,
}

/// The latest changes, in order. Readers are woken when the log grows and read from their cursor
/// on; the writer never waits for them.
pub(super) struct ChangeLog {
    entries: RwLock<ChangeLogEntries>,
    /// How many changes have been appended in all.
    change_count: watch::Sender<u64>,
}

#[derive(Default)]
struct ChangeLogEntries {
    /// Each with its revision. A change that was found by comparing lists has that of the list.
    changes: VecDeque<(u64, StreamChange)>,
    /// How many changes were discarded before these.
    discarded_count: u64,
    /// The log contains every change after this revision. `None` until there has been a list.
    first_revision: Option<u64>,
}

/// How many changes are kept: one hour at three changes a second.
const MAX_CHANGES: usize = 10_000;

impl ChangeLog {
    pub(super) fn new() -> Self {
        Self {
            entries: RwLock::default(),
            change_count: watch::Sender::new(0),
        }
    }

    /// Discards all entries; the log now begins at `revision`.
    pub(super) fn reset_to(&self, revision: Option<u64>) {
        let mut log = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        // One more than was discarded, so that readers notice a gap.
        log.discarded_count += log.changes.len() as u64 + 1;
        log.changes.clear();
        log.first_revision = revision;
        self.change_count.send_replace(log.discarded_count);
    }

    /// Appends `changes`, each with its revision.
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

    /// Passes every change since `cursor` to `take`, which must be quick: the writer waits
    /// meanwhile.
    pub(super) fn changes_since(
        &self,
        cursor: Cursor,
        mut take: impl FnMut(u64, &StreamChange),
    ) -> ChangesRead {
        let log = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let (first, is_complete) = match cursor {
            Cursor::Revision(revision) => {
                let is_complete = log.first_revision.is_some_and(|floor| revision >= floor);
                (
                    log.changes
                        .partition_point(|(entry_revision, _)| *entry_revision <= revision),
                    is_complete,
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
            .for_each(|(revision, change)| take(*revision, change));
        ChangesRead {
            cursor: Cursor::Position(log.discarded_count + log.changes.len() as u64),
            is_complete,
        }
    }
}

impl fmt::Debug for ChangeLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeLog")
            .field("change_count", &*self.change_count.borrow())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(name: &str) -> StreamChange {
        StreamChange {
            kind: WatchEventKind::Added,
            project: "p".parse().unwrap(),
            name: name.parse().unwrap(),
            tags: Box::default(),
        }
    }

    fn read(log: &ChangeLog, cursor: Cursor) -> (Vec<String>, ChangesRead) {
        let mut names = Vec::new();
        let read = log.changes_since(cursor, |_, change| names.push(change.name.to_string()));
        (names, read)
    }

    #[test]
    fn reader_gets_only_changes_after_its_cursor() {
        let log = ChangeLog::new();
        log.reset_to(Some(100));
        log.append([(101, change("a")), (103, change("b"))]);
        assert_eq!(read(&log, Cursor::Revision(100)).0, ["a", "b"]);
        let (names, first) = read(&log, Cursor::Revision(102));
        assert_eq!(
            (names, first.is_complete),
            (vec!["b".to_owned()], true),
            "a revision between two changes is one as well"
        );
        log.append([(104, change("c"))]);
        let (names, second) = read(&log, first.cursor);
        assert_eq!((names, second.is_complete), (vec!["c".to_owned()], true));
        assert_eq!(read(&log, second.cursor).0, [""; 0]);
        assert_eq!(
            read(&log, Cursor::Revision(500)).0,
            [""; 0],
            "the page is ahead of this replica"
        );
    }

    #[test]
    fn expired_cursor_reports_a_gap() {
        let log = ChangeLog::new();
        assert!(
            !read(&log, Cursor::Revision(7)).1.is_complete,
            "nothing is known yet"
        );
        log.reset_to(Some(10));
        let start = read(&log, Cursor::Revision(10)).1;
        assert!(start.is_complete && !read(&log, Cursor::Revision(9)).1.is_complete);
        log.append(
            (11..)
                .take(MAX_CHANGES)
                .map(|revision| (revision, change("a"))),
        );
        assert!(
            read(&log, start.cursor).1.is_complete
                && read(&log, Cursor::Revision(10)).1.is_complete
        );
        log.append([(90_000, change("b"))]);
        assert!(
            !read(&log, start.cursor).1.is_complete
                && !read(&log, Cursor::Revision(10)).1.is_complete
        );
        assert!(read(&log, Cursor::Revision(11)).1.is_complete);
    }

    #[test]
    fn reset_change_log_reports_a_gap() {
        let log = ChangeLog::new();
        log.reset_to(Some(10));
        let cursor = read(&log, Cursor::Revision(10)).1.cursor;
        let mut receiver = log.subscribe();
        log.reset_to(Some(5));
        assert!(receiver.has_changed().unwrap() && *receiver.borrow_and_update() > 0);
        assert!(!read(&log, cursor).1.is_complete);
    }
}
