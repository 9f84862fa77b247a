//! What has changed since a page was rendered, for the live updates of that page.
//!
//! The index is filled with the console's own right, so it decides nothing here either: a
//! [`ChangeSubscription`] reports only what the API server confirmed for its user when it began,
//! and nothing once that confirmation is a minute old. After that the page subscribes again.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::AppForUser;
use crate::app::failure::Failure;
use crate::app::lists::visibility::Visibility;
use crate::index::{ChangesRead, Cursor, IndexReader, IndexState, StreamChange};
use crate::openshift::WatchEventKind;
use registry_model::Clock;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

/// The revision up to which a page is current.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRevision {
    /// The revision of the cluster that the page shows.
    pub revision: u64,
    /// Projects of which the page shows a later revision: those in which the user had just changed
    /// something.
    pub newer_projects: Vec<(ProjectName, u64)>,
}

impl From<u64> for PageRevision {
    fn from(revision: u64) -> Self {
        Self {
            revision,
            newer_projects: Vec::new(),
        }
    }
}

/// What a page shows, and so which changes concern it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeScope {
    All,
    /// The image streams of a project.
    Project(ProjectName),
    /// An image stream with its tags.
    Stream(ProjectName, ImageStreamName),
    /// The digest that a tag points to; `None` if it points to no image.
    Tag(ProjectName, ImageStreamName, TagName, Option<Digest>),
}

/// What has changed since the page was rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageChanges {
    /// Image streams of a list.
    Streams {
        /// Their names, the first in alphabetical order.
        first: Vec<(ProjectName, ImageStreamName)>,
        /// How many there are; at most [`MAX_COUNTED_CHANGES`].
        count: usize,
    },
    /// Tags of the image stream.
    Tags {
        /// Their names, the first in alphabetical order.
        first: Vec<TagName>,
        /// How many there are; at most [`MAX_COUNTED_CHANGES`].
        count: usize,
    },
    /// Another property of the image stream.
    Stream,
    /// The image stream was deleted.
    StreamDeleted,
    /// The tag points to another image, or to none.
    TagMoved,
    /// Not known: the change log does not reach back far enough.
    Unknown,
}

/// The number up to which changes are counted.
pub const MAX_COUNTED_CHANGES: usize = 100;

/// How many changes are named.
const MAX_NAMED_CHANGES: usize = 3;

/// The subscription of one open page. It makes no request to the API server.
pub struct ChangeSubscription {
    index: IndexReader,
    clock: Clock,
    visibility: Arc<Visibility>,
    valid_until: DateTime<Utc>,
    scope: ChangeScope,
    page_revision: PageRevision,
    cursor: Cursor,
    changes: CollectedChanges,
    last_update: Option<PageChanges>,
}

/// The changes that the subscription has read so far.
#[derive(Default)]
struct CollectedChanges {
    streams: BTreeSet<(ProjectName, ImageStreamName)>,
    tags: BTreeSet<TagName>,
    has_other_changes: bool,
    is_deleted: bool,
    is_incomplete: bool,
}

impl AppForUser<'_> {
    /// Subscribes to the changes of what a page shows. `None` without an index, or if the user may
    /// not list what the page shows.
    ///
    /// # Errors
    ///
    /// As [`AppForUser::visibility`].
    pub async fn subscribe_to_changes(
        &self,
        scope: ChangeScope,
        page_revision: PageRevision,
    ) -> Result<Option<ChangeSubscription>, Failure> {
        let index = &self.app.index;
        if matches!(index.state(), IndexState::NotConfigured) {
            return Ok(None);
        }
        let (visible, until) = self.visibility_until().await?;
        if scope
            .project()
            .is_some_and(|project| !visible.can_list(project))
        {
            return Ok(None);
        }
        let (index, clock, since) = (
            index.clone(),
            self.app.clock.clone(),
            Cursor::Revision(page_revision.revision),
        );
        Ok(Some(ChangeSubscription {
            index,
            clock,
            visibility: visible,
            valid_until: until,
            scope,
            page_revision,
            cursor: since,
            changes: CollectedChanges::default(),
            last_update: None,
        }))
    }

    /// The revision of a page that is rendered now, from the index or from a later response of the
    /// API server. `None` without an index.
    pub(super) fn current_page_revision(&self) -> Option<PageRevision> {
        self.app
            .index
            .current_snapshot()?
            .revision()
            .map(PageRevision::from)
    }

    /// The revision of a page that shows this revision of the cluster. `None` without an index.
    pub(super) fn page_revision_at(&self, revision: Option<u64>) -> Option<PageRevision> {
        self.current_page_revision()
            .and(revision)
            .map(PageRevision::from)
    }
}

impl ChangeSubscription {
    /// When the subscription expires.
    #[must_use]
    pub fn valid_until(&self) -> DateTime<Utc> {
        self.valid_until
    }

    /// Whether the user's visibility has expired and must be confirmed again.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.clock.now() >= self.valid_until
    }

    /// All changes since the page was rendered, if there are more than at the last poll.
    pub fn poll(&mut self) -> Option<PageChanges> {
        if self.is_expired() {
            return None;
        }
        let (scope, page_revision, visible, changes) = (
            &self.scope,
            &self.page_revision,
            &self.visibility,
            &mut self.changes,
        );
        let ChangesRead {
            cursor: next,
            is_complete: complete,
        } = self.index.changes_since(self.cursor, |revision, changed| {
            if scope.includes(changed)
                && visible.can_list(&changed.project)
                && !page_revision.includes(revision, &changed.project)
            {
                changes.add(changed, scope);
            }
        });
        self.cursor = next;
        if !complete {
            self.compare_with_index();
        }
        let update = self.page_changes();
        if update == self.last_update {
            return None;
        }
        self.last_update.clone_from(&update);
        update
    }

    /// Entries that the change log has dropped may have concerned the page or not. For a single
    /// image stream, the index shows it.
    fn compare_with_index(&mut self) {
        let (
            ChangeScope::Stream(project, name) | ChangeScope::Tag(project, name, ..),
            Some(snapshot),
        ) = (&self.scope, self.index.current_snapshot())
        else {
            self.changes.is_incomplete = true;
            return;
        };
        match snapshot.stream(project, name) {
            None => self.changes.is_deleted = true,
            Some(stream) => {
                self.changes.has_other_changes |= stream
                    .resource_version()
                    .is_none_or(|version| version > self.page_revision.revision)
            }
        }
    }

    fn page_changes(&self) -> Option<PageChanges> {
        let changes = &self.changes;
        match &self.scope {
            ChangeScope::Tag(project, stream, tag, image) => {
                let touched =
                    changes.has_other_changes || changes.is_deleted || !changes.streams.is_empty();
                (touched && self.current_digest(project, stream, tag) != *image)
                    .then_some(PageChanges::TagMoved)
            }
            ChangeScope::Stream(..) if changes.is_deleted => Some(PageChanges::StreamDeleted),
            ChangeScope::Stream(..) if !changes.tags.is_empty() => Some(PageChanges::Tags {
                first: changes
                    .tags
                    .iter()
                    .take(MAX_NAMED_CHANGES)
                    .cloned()
                    .collect(),
                count: changes.tags.len(),
            }),
            ChangeScope::Stream(..) => (changes.has_other_changes || !changes.streams.is_empty())
                .then_some(PageChanges::Stream),
            ChangeScope::All | ChangeScope::Project(_) if !changes.streams.is_empty() => {
                Some(PageChanges::Streams {
                    first: changes
                        .streams
                        .iter()
                        .take(MAX_NAMED_CHANGES)
                        .cloned()
                        .collect(),
                    count: changes.streams.len(),
                })
            }
            ChangeScope::All | ChangeScope::Project(_) => {
                changes.is_incomplete.then_some(PageChanges::Unknown)
            }
        }
    }

    fn current_digest(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        tag: &TagName,
    ) -> Option<Digest> {
        let snapshot = self.index.current_snapshot()?;
        let tag = snapshot
            .stream(project, stream)?
            .tags()
            .find(|known| known.name() == tag)?;
        tag.current()?.image.clone()
    }
}

impl CollectedChanges {
    fn add(&mut self, changed: &StreamChange, scope: &ChangeScope) {
        // The latest kind counts: an image stream that was deleted may have been created again.
        self.is_deleted = changed.kind == WatchEventKind::Deleted;
        if self.streams.len() < MAX_COUNTED_CHANGES {
            self.streams
                .insert((changed.project.clone(), changed.name.clone()));
        }
        if matches!(scope, ChangeScope::Stream(..)) {
            let remaining = MAX_COUNTED_CHANGES - self.tags.len();
            self.tags
                .extend(changed.tags.iter().take(remaining).cloned());
        }
    }
}

impl PageRevision {
    /// Whether the page already shows a change of `project`.
    fn includes(&self, revision: u64, project: &ProjectName) -> bool {
        self.newer_projects
            .iter()
            .any(|(later, shown)| later == project && revision <= *shown)
    }
}

impl ChangeScope {
    fn project(&self) -> Option<&ProjectName> {
        match self {
            Self::All => None,
            Self::Project(project) | Self::Stream(project, _) | Self::Tag(project, ..) => {
                Some(project)
            }
        }
    }

    fn includes(&self, changed: &StreamChange) -> bool {
        match self {
            Self::All => true,
            Self::Project(project) => changed.project == *project,
            Self::Stream(project, name) => changed.project == *project && changed.name == *name,
            Self::Tag(project, name, tag, _) => {
                changed.project == *project
                    && changed.name == *name
                    && (changed.kind != WatchEventKind::Modified || changed.tags.contains(tag))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscription_reports_only_changes_after_its_revision() {
        let (own, other): (ProjectName, ProjectName) =
            ("team-a".parse().unwrap(), "team-b".parse().unwrap());
        let page_revision = PageRevision {
            revision: 10,
            newer_projects: vec![(own.clone(), 20)],
        };
        assert!(page_revision.includes(15, &own) && page_revision.includes(20, &own));
        assert!(!page_revision.includes(21, &own) && !page_revision.includes(15, &other));
    }
}
