//! The list of projects.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use utoipa::ToSchema;

use super::is_system_project;
use super::view::{MAX_CONCURRENT_PROJECTS, sort_by_name};
use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::{Paging, SortOrder};
use crate::app::lists::visible_streams::VisibleStreams;
use crate::app::section::{Section, optional};
use crate::index::Snapshot;
use crate::openshift::AccessRight;
use registry_model::{AccessPolicy, ImageStream, Project, ProjectName};

const PROJECTS_PER_PAGE: usize = 50;

/// The query of the list of projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectListQuery {
    /// Only projects whose name, display name or description contains all these words. Empty: all.
    pub text: String,
    pub sort: ProjectListSort,
    pub order: SortOrder,
    /// Whether the projects of the cluster itself are listed, too.
    pub with_system: bool,
    /// The page number, from 1.
    pub page: usize,
}

/// What the list of projects can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectListSort {
    /// The name, in natural order.
    Name,
    /// The number of image streams.
    Streams,
    /// The last push or import.
    Pushed,
}

impl ProjectListSort {
    /// The form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Streams => "streams",
            Self::Pushed => "pushed",
        }
    }

    /// The usual order: names from A, the newest and the most first.
    #[must_use]
    pub fn default_order(self) -> SortOrder {
        match self {
            Self::Name => SortOrder::Ascending,
            Self::Streams | Self::Pushed => SortOrder::Descending,
        }
    }
}

/// A page of the list of projects.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectList {
    #[serde(skip)]
    pub query: ProjectListQuery,
    /// Only projects whose name, display name or description contains this. Empty: all.
    pub text: String,
    /// The projects of this page.
    pub rows: Vec<ProjectRow>,
    /// The position of the page among all that match.
    pub paging: Paging,
    /// How many projects of the cluster itself match, whether they are listed or not.
    pub system_projects: usize,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
}

/// A project in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectRow {
    pub project: Project,
    /// Who may pull from it.
    pub access: Section<AccessPolicy>,
    /// How many image streams it has.
    pub streams: Section<usize>,
    /// When an image was last pushed or imported.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_push: Option<DateTime<Utc>>,
}

/// What the list says about the image streams of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct StreamStatistics {
    streams: usize,
    last_push: Option<DateTime<Utc>>,
}

impl StreamStatistics {
    fn from_snapshot(snapshot: &Snapshot, project: &ProjectName) -> Self {
        let held = snapshot.project(project);
        Self {
            streams: held.map_or(0, |held| held.streams.len()),
            last_push: held.and_then(|held| held.last_push()),
        }
    }

    fn add(&mut self, stream: &ImageStream) {
        let events = stream.tags.iter().filter_map(|tag| tag.current());
        self.streams += 1;
        self.last_push = self
            .last_push
            .max(events.filter_map(|event| event.created).max());
    }
}

impl AppForUser<'_> {
    /// The projects of the user.
    ///
    /// # Errors
    ///
    /// The failure to list them; to list their image streams, if the list is sorted by these.
    pub async fn project_list(&self, query: ProjectListQuery) -> Result<ProjectList, Failure> {
        let (projects, mut found) = match self.list_projects().await {
            Ok(projects) => (projects, None),
            Err(failure) if failure.is_outage() => {
                let held = self.stale_streams(failure).await?;
                (Arc::clone(&held.projects), Some(Arc::new(held)))
            }
            Err(failure) => return Err(failure),
        };
        if query.sort != ProjectListSort::Name && found.is_none() {
            found = Some(self.visible_streams().await?);
        }
        let words: Vec<String> = query
            .text
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let (system, mut matching): (Vec<&Project>, Vec<&Project>) = projects
            .iter()
            .filter(|project| project_matches(project, &words))
            .partition(|project| is_system_project(&project.name));
        let system_projects = system.len();
        // A user who has no other projects sees them at once.
        if query.with_system || matching.is_empty() {
            matching = projects
                .iter()
                .filter(|project| project_matches(project, &words))
                .collect();
        }
        sort(&mut matching, &query, found.as_deref());
        let (shown, paging) = Paging::paginate(matching, query.page, PROJECTS_PER_PAGE);
        let shown: Vec<Project> = shown.into_iter().cloned().collect();
        let statistics = async {
            match &found {
                Some(found) => statistics_of(found, &shown),
                None => self.stream_statistics(&shown).await,
            }
        };
        let (access, statistics) = tokio::join!(
            self.access_policies(shown.iter().map(|project| &project.name)),
            statistics
        );
        let rows = shown
            .iter()
            .cloned()
            .zip(access)
            .zip(statistics)
            .map(|((project, access), statistics)| ProjectRow {
                project,
                access,
                last_push: statistics.ready().and_then(|known| known.last_push),
                streams: statistics.map(|known| known.streams),
            })
            .collect();
        Ok(ProjectList {
            text: query.text.clone(),
            query,
            rows,
            paging,
            system_projects,
            stale: found.and_then(|found| found.stale),
        })
    }

    async fn list_projects(&self) -> Result<Arc<[Project]>, Failure> {
        if let Some((visible, _)) = self.visible_snapshot().await? {
            return Ok(Arc::clone(&visible.projects));
        }
        let mut projects = self
            .api_server
            .list_projects()
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::List))?;
        sort_by_name(&mut projects);
        Ok(projects.into())
    }

    /// The statistics of some projects, without reading the image streams of others.
    async fn stream_statistics(&self, projects: &[Project]) -> Vec<Section<StreamStatistics>> {
        if let Ok(Some((visible, snapshot))) = self.visible_snapshot().await
            && self.api_server.recently_changed_projects().is_empty()
            && projects
                .iter()
                .all(|project| visible.can_list(&project.name))
        {
            return projects
                .iter()
                .map(|project| StreamStatistics::from_snapshot(&snapshot, &project.name))
                .map(Section::Ready)
                .collect();
        }
        if self
            .api_server
            .is_allowed(&AccessRight::list_streams(None))
            .await
            .unwrap_or(false)
        {
            let add = |all: &mut HashMap<ProjectName, StreamStatistics>, stream: ImageStream| {
                all.entry(stream.project.clone()).or_default().add(&stream);
            };
            let listed = optional(self.api_server.list_streams_into(None, add)).await;
            let all = listed.map(|listed| listed.streams);
            return projects
                .iter()
                .map(|project| {
                    all.clone()
                        .map(|all| all.get(&project.name).copied().unwrap_or_default())
                })
                .collect();
        }
        let names: Vec<ProjectName> = projects
            .iter()
            .map(|project| project.name.clone())
            .collect();
        stream::iter(names)
            .map(|name| async move {
                let add = |known: &mut StreamStatistics, stream: ImageStream| known.add(&stream);
                optional(self.api_server.list_streams_into(Some(&name), add))
                    .await
                    .map(|listed| listed.streams)
            })
            .buffered(MAX_CONCURRENT_PROJECTS)
            .collect()
            .await
    }
}

fn statistics_of(found: &VisibleStreams, projects: &[Project]) -> Vec<Section<StreamStatistics>> {
    let of_project = |project: &Project| {
        let missing = found
            .missing
            .iter()
            .find(|missing| missing.project == project.name);
        missing.map_or_else(
            || {
                Section::Ready(StreamStatistics::from_snapshot(
                    &found.streams,
                    &project.name,
                ))
            },
            |missing| Section::unavailable(Upstream::ApiServer, missing.why),
        )
    };
    projects.iter().map(of_project).collect()
}

/// Sorts projects that are sorted by name. Those with equal keys stay in this order.
fn sort(projects: &mut [&Project], query: &ProjectListQuery, found: Option<&VisibleStreams>) {
    let statistics = |project: &Project| {
        found.map_or_else(StreamStatistics::default, |found| {
            StreamStatistics::from_snapshot(&found.streams, &project.name)
        })
    };
    match query.sort {
        ProjectListSort::Name if query.order == SortOrder::Descending => projects.reverse(),
        ProjectListSort::Name => {}
        ProjectListSort::Streams => projects.sort_by(|a, b| {
            query
                .order
                .apply_to(statistics(a).streams.cmp(&statistics(b).streams))
        }),
        ProjectListSort::Pushed => projects.sort_by(|a, b| {
            query
                .order
                .apply_to(statistics(a).last_push.cmp(&statistics(b).last_push))
        }),
    }
}

fn project_matches(project: &Project, words: &[String]) -> bool {
    let shown = [
        Some(project.name.as_str()),
        project.display_name.as_deref(),
        project.description.as_deref(),
    ];
    words.iter().all(|word| {
        shown
            .iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(word))
    })
}
