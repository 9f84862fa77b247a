//! The overview: the user's projects, recent pushes, and commands to begin with.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::connect::commands::ConnectCommands;
use crate::app::failure::Failure;
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::TopEntries;
use crate::app::lists::stream_list::{MissingProject, StreamRow};
use crate::app::live::PageRevision;
use crate::app::section::Section;
use crate::index::Snapshot;
use registry_model::{AccessPolicy, Project};

const MAX_RECENT_STREAMS: usize = 10;
const TAGS_PER_RECENT_STREAM: usize = 5;
const MAX_PROJECT_CARDS: usize = 12;

/// What the overview shows.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// The projects that were pushed to most recently.
    pub projects: Vec<ProjectCard>,
    /// The image streams that were pushed to most recently.
    pub recent: Vec<StreamRow>,
    /// The totals.
    pub counts: OverviewCounts,
    /// Projects that could not be listed.
    pub missing: Vec<MissingProject>,
    /// Commands that sign in, push and pull.
    pub connect: ConnectCommands,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleData>,
}

/// How much a user may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OverviewCounts {
    pub projects: usize,
    pub streams: usize,
    /// Tags of all image streams.
    pub tags: usize,
    /// Tags whose import failed.
    pub failing: usize,
}

/// A project on the overview.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectCard {
    pub project: Project,
    /// Who may pull from it.
    pub access: Section<AccessPolicy>,
    /// How many image streams it has.
    pub streams: usize,
}

impl AppForUser<'_> {
    /// Loads the overview. `user` is the user name in the commands that sign in.
    ///
    /// # Errors
    ///
    /// The failure to list the user's projects.
    pub async fn overview(&self, user: Option<&str>) -> Result<Overview, Failure> {
        let (found, without_registry) =
            tokio::join!(self.visible_streams(), self.has_no_registry());
        let found = found?;
        let projects = recently_pushed_projects(&found.projects, &found.streams);
        let access = self
            .access_policies(projects.iter().map(|project| &project.name))
            .await;
        let card = |(project, access): (&Project, _)| {
            let streams = found
                .streams
                .project(&project.name)
                .map_or(0, |held| held.streams.len());
            ProjectCard {
                project: project.clone(),
                access,
                streams,
            }
        };
        let projects = projects.into_iter().zip(access).map(card).collect();
        Ok(Overview {
            counts: OverviewCounts {
                projects: found.projects.len(),
                streams: found.streams.len(),
                tags: found.streams.tag_count(),
                failing: found
                    .streams
                    .projects()
                    .iter()
                    .map(|project| project.failing_tag_count)
                    .sum(),
            },
            recent: found
                .streams
                .latest_streams(MAX_RECENT_STREAMS)
                .into_iter()
                .map(|entry| StreamRow::from_entry(entry, TAGS_PER_RECENT_STREAM))
                .collect(),
            projects,
            connect: if without_registry {
                ConnectCommands::without_registry()
            } else {
                ConnectCommands::new(self.app.registry_host.as_deref(), user, None)
            },
            missing: found.missing.clone(),
            page_revision: found.page_revision.clone(),
            stale: found.stale,
        })
    }
}

/// The projects that were pushed to most recently, latest first.
fn recently_pushed_projects<'a>(projects: &'a [Project], streams: &Snapshot) -> Vec<&'a Project> {
    let last: HashMap<_, _> = streams
        .projects()
        .iter()
        .map(|held| (&held.name, held.last_push()))
        .collect();
    let mut first = TopEntries::new(1, MAX_PROJECT_CARDS);
    for project in projects {
        first.push(
            (
                Reverse(last.get(&project.name).copied().flatten()),
                &project.name,
            ),
            project,
        );
    }
    first.into_page().0
}
