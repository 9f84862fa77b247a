//! The list of image streams.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::outage::StaleData;
use super::paging::{PageSize, Paging, SortOrder};
use super::use_filter::{UseAnswer, UseFilter};
use super::visible_streams::VisibleStreams;
use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::image_streams::FailureReason;
use crate::app::imports::import_row::host_of;
use crate::app::lists::matching_streams::MatchingStreams;
use crate::app::live::PageRevision;
use crate::app::section::UnavailableReason;
use crate::app::usage::{USAGE_PAGE_TIMEOUT, UsageScope, UsageSummary};
use crate::index::{IndexedStream, IndexedTag, IndexedTagEvent, StreamEntry, TagOrigin};
use registry_model::{ImageStreamName, ProjectName, TagName};

/// How many tags a row of the list shows.
const NEWEST_TAGS_IN_ROW: usize = 3;

/// The query of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamListQuery {
    /// Only streams whose project, name or tags contain all these words. Empty: all.
    pub text: String,
    pub project: Option<ProjectName>,
    /// In a list of all projects: only those of the project with this name or, if there is none, of
    /// projects whose name contains it. Empty: all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub project_text: String,
    /// Only streams in this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<StreamState>,
    /// Only streams that workloads use, or that nothing uses.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub usage: Option<UseFilter>,
    /// What the list is sorted by.
    pub sort: StreamListSort,
    pub order: SortOrder,
    /// The page number, from 1.
    pub page: usize,
    /// How many streams a page has.
    #[serde(skip)]
    pub page_size: PageSize,
}

impl StreamListQuery {
    /// The first page of all image streams, or of those of a project, by name.
    #[must_use]
    pub fn all(project: Option<ProjectName>) -> Self {
        Self {
            text: String::new(),
            project,
            project_text: String::new(),
            state: None,
            usage: None,
            sort: StreamListSort::Name,
            order: StreamListSort::Name.default_order(),
            page: 1,
            page_size: PageSize::default(),
        }
    }
}

/// A state that a list of image streams can be reduced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StreamState {
    /// At least one tag could not be imported.
    Failing,
    /// At least one tag is imported from another registry.
    Importing,
    /// No tag has an image.
    Empty,
}

impl StreamState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Failing, Self::Importing, Self::Empty];

    /// The form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Importing => "importing",
            Self::Empty => "empty",
        }
    }

    /// Whether an image stream is in the state.
    pub(super) fn includes(self, entry: &StreamEntry) -> bool {
        match self {
            Self::Failing => entry.stream.failures.is_some(),
            Self::Importing => !entry.stream.imports.is_empty(),
            Self::Empty => entry.last_push().is_none(),
        }
    }
}

/// What a list of image streams can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
    /// The form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Pushed => "pushed",
            Self::Tags => "tags",
        }
    }

    /// The usual order: names from A, the newest and the most first.
    #[must_use]
    pub fn default_order(self) -> SortOrder {
        match self {
            Self::Name => SortOrder::Ascending,
            Self::Pushed | Self::Tags => SortOrder::Descending,
        }
    }
}

/// A page of the list of image streams.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StreamListView {
    pub query: StreamListQuery,
    /// The streams of this page.
    pub rows: Vec<StreamRow>,
    /// The position of the page among all that match.
    pub paging: Paging,
    /// How many image streams the user may see in all.
    pub visible: usize,
    /// How many there are in each state.
    pub counts: StreamCounts,
    /// The projects that the filter offers.
    #[serde(serialize_with = "serialize_names")]
    #[schema(value_type = Vec<ProjectName>)]
    pub projects: Arc<[ProjectName]>,
    /// Projects that could not be listed.
    pub missing: Vec<MissingProject>,
    /// How many objects of the API server were left out because they are malformed.
    pub unreadable: usize,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
    /// Of which projects the workloads were read, if the query asks for the use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub usage_scope: Option<UsageScope>,
    /// Whether the filter by use has an answer.
    #[serde(skip)]
    pub use_answer: UseAnswer,
}

/// How many image streams match a query except for its state, and how many of them are in each
/// state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamCounts {
    pub all: usize,
    pub failing: usize,
    pub importing: usize,
    pub empty: usize,
}

impl StreamCounts {
    /// How many are in this state; without one, all.
    #[must_use]
    pub fn of(&self, state: Option<StreamState>) -> usize {
        match state {
            None => self.all,
            Some(StreamState::Failing) => self.failing,
            Some(StreamState::Importing) => self.importing,
            Some(StreamState::Empty) => self.empty,
        }
    }
}

/// A project whose image streams are not in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingProject {
    pub project: ProjectName,
    pub why: UnavailableReason,
}

/// An image stream in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamRow {
    pub project: ProjectName,
    pub name: ImageStreamName,
    /// How many tags it has, with or without an image.
    pub tag_count: usize,
    /// The tags that changed last, newest first, without those that only attach something to an
    /// image.
    pub newest: Vec<TagBrief>,
    /// When an image was last pushed or imported.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_push: Option<DateTime<Utc>>,
    pub trouble: Option<FailedImports>,
    /// Whether a tag is imported from another registry.
    pub importing: bool,
    /// The registries that it imports from, each once. Untrusted.
    pub registries: Vec<String>,
    /// Whether its tags only refer to images of other registries, which are never imported.
    pub reference_only: bool,
    /// Whether all of its tags track tags of image streams, so that nothing is pushed to it.
    pub tracking_only: bool,
}

/// A tag in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagBrief {
    pub name: TagName,
    /// When it last changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub updated: Option<DateTime<Utc>>,
    /// Whether it points to an image.
    pub has_image: bool,
}

/// A summary of the failed imports of an image stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailedImports {
    /// How many tags could not be imported.
    pub tags: usize,
    /// The API server's message about the first. Untrusted.
    pub message: String,
    /// The same in few words, if it concerns a tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<FailureReason>,
}

impl StreamRow {
    /// The row of an image stream, with the `newest` tags that changed last.
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
                failure: failures
                    .tags
                    .first()
                    .map(|failed| FailureReason::of_tag(stream, failed)),
            }),
            importing: !stream.imports.is_empty(),
            registries: registries_of(stream),
            reference_only: stream.is_importing() && stream.imports.is_empty(),
            tracking_only: entry.tag_count > 0
                && stream.tags().all(|tag| tag.origin() == TagOrigin::Tracking),
        }
    }

    /// How many tags are not in [`StreamRow::newest`].
    #[must_use]
    pub fn hidden_tag_count(&self) -> usize {
        self.tag_count.saturating_sub(self.newest.len())
    }
}

impl AppForUser<'_> {
    /// The image streams that the user may see: all of them, or those of one project.
    ///
    /// # Errors
    ///
    /// The failure of the list itself; projects that could not be listed are named in
    /// [`StreamListView::missing`].
    pub async fn stream_list(&self, query: StreamListQuery) -> Result<StreamListView, Failure> {
        let usage = self.usage_for_list(&query).await?;
        let mut list = match &query.project {
            None => StreamListView::new(query, &*self.visible_streams().await?, usage.as_ref()),
            Some(project) => {
                let visible_streams = self.project_streams(project).await?;
                StreamListView::new(query, &visible_streams, usage.as_ref())
            }
        };
        if usage.is_none() {
            list.use_answer = self.expected_use_answer(&list.projects).await;
        }
        Ok(list)
    }

    /// What is in use, if the query asks for it: this reads the workloads of all projects.
    pub(in crate::app) async fn usage_for_list(
        &self,
        query: &StreamListQuery,
    ) -> Result<Option<UsageSummary>, Failure> {
        match query.usage {
            Some(_) => Box::pin(self.usage_summary(USAGE_PAGE_TIMEOUT))
                .await
                .map(Some),
            None => Ok(None),
        }
    }
}

impl StreamListView {
    /// The page that `query` asks for. Without `usage`, its filter by use does not apply.
    pub(in crate::app) fn new(
        query: StreamListQuery,
        visible_streams: &VisibleStreams,
        usage: Option<&UsageSummary>,
    ) -> Self {
        let mut matching = MatchingStreams::from_query(&visible_streams.streams, &query);
        if let (Some(filter), Some(usage)) = (query.usage, usage) {
            matching.retain(|entry| {
                let stream = &entry.stream;
                filter.includes(
                    usage.stream_state(&stream.project, &stream.name),
                    usage.is_meaningful_for(&stream.project),
                )
            });
        }
        let use_answer = usage.map(|usage| UseAnswer::new(usage, query.project.as_ref()));
        let counts = matching.counts();
        if let Some(state) = query.state {
            matching.retain_state(state);
        }
        let (shown, paging) = matching.page(&query);
        let rows = shown
            .into_iter()
            .map(|entry| StreamRow::from_entry(entry, NEWEST_TAGS_IN_ROW))
            .collect();
        let (projects, missing) = (
            Arc::clone(&visible_streams.names),
            visible_streams.missing.clone(),
        );
        let (visible, page_revision) = (
            visible_streams.streams.len(),
            visible_streams.page_revision.clone(),
        );
        Self {
            query,
            rows,
            paging,
            visible,
            counts,
            projects,
            missing,
            unreadable: visible_streams.malformed_count,
            page_revision,
            stale: visible_streams.stale,
            usage_scope: usage.map(|usage| usage.scope.clone()),
            use_answer: use_answer.unwrap_or_default(),
        }
    }
}

/// Serialized as any list; the names are shared between pages.
fn serialize_names<S: Serializer>(
    names: &Arc<[ProjectName]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    names.as_ref().serialize(serializer)
}

/// The registries that an image stream imports from, in the order of its tags.
fn registries_of(stream: &IndexedStream) -> Vec<String> {
    let mut registries: Vec<String> = Vec::new();
    for import in &stream.imports {
        let host = host_of(&import.from);
        if !registries.contains(&host) {
            registries.push(host);
        }
    }
    registries
}

/// The `count` tags that changed last, newest first; of those with the same time, the highest
/// version. Tags without an image come last. A row needs only a few of many.
fn newest_tags(stream: &IndexedStream, count: usize) -> Vec<TagBrief> {
    let mut newest: Vec<(i64, IndexedTag<'_>)> = Vec::with_capacity(count + 1);
    for tag in stream.tags().filter(|tag| !tag.name().is_attachment()) {
        let order = tag.current().map_or(i64::MIN, IndexedTagEvent::when_micros);
        // They arrive in the order of versions, oldest first.
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
