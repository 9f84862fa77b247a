//! The list of image streams.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::paging::{Order, Paging};
use super::section::Why;
use super::{AsUser, Failure, Subject};
use crate::model::{ImageStream, ImageStreamName, ProjectName, TagName, version_order};
use crate::openshift::Streams;

const PER_PAGE: usize = 50;

/// How many tags a row of the list shows.
const NEWEST_IN_ROW: usize = 3;

/// What is asked of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListQuery {
    /// Only streams whose project, name or tags contain all these words. Empty: all.
    pub text: String,
    /// Only this project's.
    pub project: Option<ProjectName>,
    /// By what the list is sorted.
    pub sort: ListSort,
    /// Which way.
    pub order: Order,
    /// Which page, from 1.
    pub page: usize,
}

/// What a list of image streams can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ListSort {
    /// Project, then name, in natural order.
    Name,
    /// The last push or import.
    Pushed,
    /// The number of tags.
    Tags,
}

impl ListSort {
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
    pub fn usual_order(self) -> Order {
        match self {
            Self::Name => Order::Ascending,
            Self::Pushed | Self::Tags => Order::Descending,
        }
    }
}

/// A page of the list of image streams.
#[derive(Clone, Debug, Serialize)]
pub struct ImageList {
    /// What was asked.
    pub query: ListQuery,
    /// The streams of this page.
    pub rows: Vec<StreamRow>,
    /// Where the page stands among all that match.
    pub paging: Paging,
    /// How many streams the person may see in all.
    pub visible: usize,
    /// Projects to choose from.
    pub projects: Vec<ProjectName>,
    /// Projects that could not be listed.
    pub missing: Vec<MissingProject>,
    /// Objects of the master that made no sense and were left out.
    pub unreadable: usize,
}

/// A project whose image streams are not in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingProject {
    /// Which one.
    pub project: ProjectName,
    /// Why not.
    pub why: Why,
}

/// An image stream in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamRow {
    /// Its project.
    pub project: ProjectName,
    /// Its name.
    pub name: ImageStreamName,
    /// How many tags it has, with or without an image.
    pub tag_count: usize,
    /// The tags that changed last, newest first; without those that only attach something to an image.
    pub newest: Vec<TagBrief>,
    /// When an image last came in.
    pub last_push: Option<DateTime<Utc>>,
    /// Failed imports.
    pub trouble: Option<Trouble>,
}

/// A tag in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagBrief {
    /// Its name.
    pub name: TagName,
    /// When it last changed.
    pub updated: Option<DateTime<Utc>>,
}

/// The failed imports of a stream, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// How many tags could not be imported.
    pub tags: usize,
    /// What the master says of the first. Untrusted.
    pub message: String,
}

impl StreamRow {
    /// The row of a stream, with its `newest` tags that changed last.
    pub(super) fn of(stream: &ImageStream, newest: usize) -> Self {
        let mut tags: Vec<TagBrief> = stream
            .tags
            .iter()
            .filter(|tag| !tag.name.is_attachment())
            .filter_map(|tag| tag.current().map(|event| TagBrief { name: tag.name.clone(), updated: event.created }))
            .collect();
        tags.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| version_order::compare(b.name.as_str(), a.name.as_str())));
        tags.truncate(newest);
        let mut failed = stream.tags.iter().filter_map(|tag| tag.import_failure.as_ref());
        let first = failed.next();
        Self {
            project: stream.project.clone(),
            name: stream.name.clone(),
            tag_count: stream.tags.len(),
            last_push: last_push(stream),
            newest: tags,
            trouble: first.map(|failure| Trouble { tags: 1 + failed.count(), message: failure.message.clone() }),
        }
    }

    /// How many tags are not among [`StreamRow::newest`].
    #[must_use]
    pub fn more_tags(&self) -> usize {
        self.tag_count.saturating_sub(self.newest.len())
    }
}

impl AsUser<'_> {
    /// The image streams that the person may see: all of them, or one project's.
    ///
    /// # Errors
    ///
    /// The failure of the list itself; projects that could not be listed are named in [`ImageList::missing`].
    pub async fn images(&self, query: ListQuery) -> Result<ImageList, Failure> {
        let found = match &query.project {
            None => self.visible_streams().await?,
            Some(project) => self.streams_of_one(project).await?,
        };
        let projects = found.project_names();
        Ok(ImageList::new(query, &found.streams, projects, found.missing, found.unreadable))
    }

    async fn streams_of_one(&self, project: &ProjectName) -> Result<super::visible_streams::VisibleStreams, Failure> {
        let (projects, listed) = tokio::join!(self.master.projects(), self.master.image_streams(Some(project)));
        let Streams { streams, unreadable } = listed.map_err(|error| Failure::of_master(error, Subject::Project))?;
        // Whoever may list every project gets an empty list, not a refusal, for one that does not exist.
        let unknown = projects.as_ref().is_ok_and(|projects| projects.iter().all(|listed| listed.name != *project));
        if streams.is_empty() && unknown {
            return Err(Failure::NotFound(Subject::Project));
        }
        Ok(super::visible_streams::VisibleStreams { projects: projects.unwrap_or_default(), streams, missing: Vec::new(), unreadable })
    }
}

impl ImageList {
    fn new(query: ListQuery, streams: &[ImageStream], projects: Vec<ProjectName>, missing: Vec<MissingProject>, unreadable: usize) -> Self {
        let words: Vec<String> = query.text.split_whitespace().map(str::to_lowercase).collect();
        let matching: Vec<(&ImageStream, Option<DateTime<Utc>>)> =
            streams.iter().filter(|stream| matches_all(stream, &words)).map(|stream| (stream, last_push(stream))).collect();
        let (shown, paging) = Paging::cut_sorted(matching, query.page, PER_PAGE, |a, b| {
            let by_name = || by_name(a.0, b.0);
            match query.sort {
                ListSort::Name => query.order.apply(by_name()),
                ListSort::Pushed => query.order.apply(a.1.cmp(&b.1)).then_with(by_name),
                ListSort::Tags => query.order.apply(a.0.tags.len().cmp(&b.0.tags.len())).then_with(by_name),
            }
        });
        let rows = shown.into_iter().map(|(stream, _)| StreamRow::of(stream, NEWEST_IN_ROW)).collect();
        Self { query, rows, paging, visible: streams.len(), projects, missing, unreadable }
    }
}

/// When an image last came into a stream.
pub(super) fn last_push(stream: &ImageStream) -> Option<DateTime<Utc>> {
    stream.tags.iter().filter_map(|tag| tag.current()?.created).max()
}

/// By project and name, in natural order.
pub(super) fn by_name(a: &ImageStream, b: &ImageStream) -> std::cmp::Ordering {
    version_order::compare(a.project.as_str(), b.project.as_str()).then_with(|| version_order::compare(a.name.as_str(), b.name.as_str()))
}

/// Every word is somewhere in `project/name` or in the name of a tag.
fn matches_all(stream: &ImageStream, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let full = format!("{}/{}", stream.project, stream.name);
    words.iter().all(|word| full.contains(word) || stream.tags.iter().any(|tag| tag.name.as_str().to_lowercase().contains(word)))
}
