//! The list of image streams.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::outage::StaleData;
use super::paging::{Paging, SortOrder};
use super::visible_streams::VisibleStreams;
use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::lists::matching_streams::MatchingStreams;
use crate::app::live::PageRevision;
use crate::app::section::UnavailableReason;
use crate::index::{IndexedStream, IndexedTag, IndexedTagEvent, StreamEntry};
use registry_model::{ImageStreamName, ProjectName, TagName};

pub(in crate::app) const STREAMS_PER_PAGE: usize = 50;

/// How many tags a row of the list shows.
const NEWEST_TAGS_IN_ROW: usize = 3;

/// What is asked of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamListQuery {
    /// Only streams whose project, name or tags contain all these words. Empty: all.
    pub text: String,
    pub project: Option<ProjectName>,
    /// Only streams in this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StreamState>,
    /// By what the list is sorted.
    pub sort: StreamListSort,
    pub order: SortOrder,
    /// Which page, from 1.
    pub page: usize,
}

/// A state that a list of image streams can be reduced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamState {
    /// At least one tag could not be imported.
    Failing,
}

impl StreamState {
    /// As in an address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
        }
    }
}

/// What a list of image streams can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamListSort {
    /// Project, then name, in natural order.
    Name,
    /// The last push or import.
    Pushed,
    /// The number of tags.
    Tags,
}

impl StreamListSort {
    /// As in an address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Pushed => "pushed",
            Self::Tags => "tags",
        }
    }

    /// Which way people expect it: names from A, the newest and the most first.
    #[must_use]
    pub fn default_order(self) -> SortOrder {
        match self {
            Self::Name => SortOrder::Ascending,
            Self::Pushed | Self::Tags => SortOrder::Descending,
        }
    }
}

/// A page of the list of image streams.
#[derive(Clone, Debug, Serialize)]
pub struct StreamListView {
    pub query: StreamListQuery,
    /// The streams of this page.
    pub rows: Vec<StreamRow>,
    /// Where the page stands among all that match.
    pub paging: Paging,
    /// How many streams the person may see in all.
    pub visible: usize,
    /// Projects to choose from.
    #[serde(serialize_with = "serialize_names")]
    pub projects: Arc<[ProjectName]>,
    /// Projects that could not be listed.
    pub missing: Vec<MissingProject>,
    /// Objects of the master that made no sense and were left out.
    pub unreadable: usize,
    /// What has changed since can be told, where there is an index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// Where the API server could not be asked: how old this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleData>,
}

/// A project whose image streams are not in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingProject {
    pub project: ProjectName,
    pub why: UnavailableReason,
}

/// An image stream in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamRow {
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// How many tags it has, with or without an image.
    pub tag_count: usize,
    /// The tags that changed last, newest first; without those that only attach something to an
    /// image.
    pub newest: Vec<TagBrief>,
    /// When an image last came in.
    pub last_push: Option<DateTime<Utc>>,
    pub trouble: Option<FailedImports>,
}

/// A tag in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagBrief {
    pub name: TagName,
    /// When it last changed.
    pub updated: Option<DateTime<Utc>>,
    /// Whether it points at an image.
    pub has_image: bool,
}

/// The failed imports of a stream, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedImports {
    /// How many tags could not be imported.
    pub tags: usize,
    /// What the master says of the first. Untrusted.
    pub message: String,
}

impl StreamRow {
    /// The row of a stream, with its `newest` tags that changed last.
    pub(in crate::app) fn from_entry(entry: &StreamEntry, newest: usize) -> Self {
        let stream = &entry.stream;
        Self {
            project: stream.project.clone(),
            name: stream.name.clone(),
            tag_count: entry.tag_count,
            last_push: entry.last_push(),
            newest: newest_tags(stream, newest),
            trouble: stream.failures.as_ref().map(|failures| FailedImports {
                tags: failures.tag_count,
                message: failures.message.clone(),
            }),
        }
    }

    /// How many tags are not among [`StreamRow::newest`].
    #[must_use]
    pub fn hidden_tag_count(&self) -> usize {
        self.tag_count.saturating_sub(self.newest.len())
    }
}

impl AppForUser<'_> {
    /// The image streams that the person may see: all of them, or one project's.
    ///
    /// # Errors
    ///
    /// The failure of the list itself; projects that could not be listed are named in
    /// [`StreamListView::missing`].
    pub async fn stream_list(&self, query: StreamListQuery) -> Result<StreamListView, Failure> {
        Ok(match &query.project {
            None => StreamListView::new(query, &*self.visible_streams().await?),
            Some(project) => {
                let found = self.project_streams(project).await?;
                StreamListView::new(query, &found)
            }
        })
    }
}

impl StreamListView {
    fn new(query: StreamListQuery, found: &VisibleStreams) -> Self {
        let (shown, paging) =
            MatchingStreams::new(&found.streams, &query.text, query.state).page(&query);
        let rows = shown
            .into_iter()
            .map(|entry| StreamRow::from_entry(entry, NEWEST_TAGS_IN_ROW))
            .collect();
        let (projects, missing) = (Arc::clone(&found.names), found.missing.clone());
        let (visible, mark) = (found.streams.len(), found.page_revision.clone());
        Self {
            query,
            rows,
            paging,
            visible,
            projects,
            missing,
            unreadable: found.malformed_count,
            page_revision: mark,
            stale: found.stale,
        }
    }
}

/// As any list: those of many pages share it.
fn serialize_names<S: Serializer>(
    names: &Arc<[ProjectName]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    names.as_ref().serialize(serializer)
}

/// The `count` tags that changed last, newest first; of those at the same moment, the highest
/// version. Tags without an image come last. A row needs a few of many.
fn newest_tags(stream: &IndexedStream, count: usize) -> Vec<TagBrief> {
    let mut newest: Vec<(i64, IndexedTag<'_>)> = Vec::with_capacity(count + 1);
    for tag in stream.tags().filter(|tag| !tag.name().is_attachment()) {
        let order = tag.current().map_or(i64::MIN, IndexedTagEvent::when_micros);
        // They come in the order of versions, oldest first.
        let place = newest.partition_point(|(known, _)| *known > order);
        if place < count {
            newest.insert(place, (order, tag));
            newest.truncate(count);
        }
    }
    let brief = |(_, tag): (i64, IndexedTag<'_>)| TagBrief {
        name: tag.name().clone(),
        updated: tag.current().and_then(IndexedTagEvent::when),
        has_image: tag.current().is_some_and(|event| event.image.is_some()),
    };
    newest.into_iter().map(brief).collect()
}
