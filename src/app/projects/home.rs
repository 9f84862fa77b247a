//! The home page: what there is, what changed, which imports fail, and the user's projects.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::activity::{Activity, ActivityRange, FailingTag, FailureEvents, failing_tags};
use crate::app::failure::Failure;
use crate::app::lists::outage::StaleData;
use crate::app::lists::paging::TopEntries;
use crate::app::lists::stream_list::MissingProject;
use crate::app::live::PageRevision;
use crate::app::projects::is_system_project;
use crate::app::space::LastSpace;
use crate::index::Snapshot;
use registry_model::{Project, ProjectName};

const MAX_EVENTS: usize = 30;
const MAX_FAILING_TAGS: usize = 6;
const MAX_PROJECT_CARDS: usize = 8;

/// What the home page shows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Home {
    /// The totals.
    pub counts: HomeCounts,
    /// What changed in all projects, with the latest failed import of an image stream.
    pub activity: Activity,
    /// Tags whose import fails, the latest first.
    pub failing: Vec<FailingTag>,
    /// The projects that were pushed to most recently.
    pub projects: Vec<ProjectCard>,
    /// The names of all projects.
    #[serde(skip)]
    pub project_names: Arc<[ProjectName]>,
    /// Projects that could not be listed.
    pub missing: Vec<MissingProject>,
    /// The host of the registry outside the cluster, if it is configured.
    pub registry_host: Option<String>,
    /// What the images took when all of them were last read, within the last minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub space: Option<LastSpace>,
    /// Whether the cluster has no integrated registry.
    pub without_registry: bool,
    /// The revision that the page shows, from which its live updates start. `None` without an
    /// index.
    #[serde(skip)]
    pub page_revision: Option<PageRevision>,
    /// How old the values are. Set only where the API server could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stale: Option<StaleData>,
}

/// How much a user may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HomeCounts {
    pub projects: usize,
    /// Projects that have image streams.
    pub projects_with_streams: usize,
    pub streams: usize,
    /// Tags of all image streams.
    pub tags: usize,
    /// Tags whose import failed.
    pub failing: usize,
}

/// A project on the home page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectCard {
    pub project: Project,
    /// How many image streams it has.
    pub streams: usize,
    /// When an image was last pushed to it or imported into it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_push: Option<DateTime<Utc>>,
}

impl AppForUser<'_> {
    /// Loads the home page, with the changes of `range`.
    ///
    /// # Errors
    ///
    /// The failure to list the user's projects.
    pub async fn home(&self, range: ActivityRange) -> Result<Home, Failure> {
        let (found, without_registry) =
            tokio::join!(self.visible_streams(), self.has_no_registry());
        let found = found?;
        let streams = &found.streams;
        let now = self.app.clock.now();
        let mut activity = Activity::from_snapshot(
            streams,
            range,
            1,
            MAX_EVENTS,
            FailureEvents::LatestOfStream,
            now,
        );
        let mut failing = failing_tags(streams, MAX_FAILING_TAGS);
        self.review_events(&mut activity, &mut failing).await;
        Ok(Home {
            counts: HomeCounts {
                projects: found.projects.len(),
                projects_with_streams: streams.projects().len(),
                streams: streams.len(),
                tags: streams.tag_count(),
                failing: streams
                    .projects()
                    .iter()
                    .map(|project| project.failing_tag_count)
                    .sum(),
            },
            activity,
            failing,
            projects: project_cards(&found.projects, streams),
            project_names: Arc::clone(&found.names),
            missing: found.missing.clone(),
            registry_host: self.app.registry_host.clone(),
            space: self.last_space(),
            without_registry,
            page_revision: found.page_revision.clone(),
            stale: found.stale,
        })
    }
}

/// The projects that were pushed to most recently, latest first. Those of the cluster itself are
/// left out unless the user has no others, and if they have no image streams.
fn project_cards(projects: &[Project], streams: &Snapshot) -> Vec<ProjectCard> {
    let held: HashMap<_, _> = streams
        .projects()
        .iter()
        .map(|held| (&held.name, held))
        .collect();
    let has_own = projects.iter().any(|it| !is_system_project(&it.name));
    let mut first = TopEntries::new(1, MAX_PROJECT_CARDS);
    for project in projects {
        let held = held.get(&project.name);
        if is_system_project(&project.name) && (has_own || held.is_none()) {
            continue;
        }
        let last_push = held.and_then(|held| held.last_push());
        let card = || ProjectCard {
            project: project.clone(),
            streams: held.map_or(0, |held| held.streams.len()),
            last_push,
        };
        let key = (held.is_none(), Reverse(last_push), &project.name);
        if first.is_past_page(&key) {
            first.count_skipped(1);
        } else {
            first.push(key, card());
        }
    }
    first.into_page().0
}

#[cfg(test)]
mod tests {

    use super::*;
    use registry_model::{ImageStream, ProjectPhase};

    fn cards(names: &[&str], with_streams: &[&str]) -> Vec<String> {
        let project = |name: &&str| Project {
            name: name.parse().unwrap(),
            display_name: None,
            description: None,
            requester: None,
            phase: ProjectPhase::Active,
            created: None,
        };
        let stream = |name: &&str| ImageStream::new(name.parse().unwrap(), "app".parse().unwrap());
        let projects: Vec<Project> = names.iter().map(project).collect();
        let streams = Snapshot::from_streams(with_streams.iter().map(stream).collect());
        project_cards(&projects, &streams)
            .iter()
            .map(|card| card.project.name.to_string())
            .collect()
    }

    #[test]
    fn system_projects_have_cards_only_where_there_are_no_others() {
        let system = ["default", "kube-system", "openshift", "openshift-infra"];
        let all = [&system[..], &["shop"]].concat();
        assert_eq!(cards(&all, &["openshift"]), ["shop"]);
        assert_eq!(cards(&system, &["openshift"]), ["openshift"]);
    }
}
