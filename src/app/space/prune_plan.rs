//! What pruning would free in a project, in one of its image streams, or in all that the user sees.

mod cluster_pruner;
mod outcome;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::prune_duration::prune_age;
use super::visible_space::{ReadProjects, SpaceScope, VisibleSpace};
use super::{SPACE_PAGE_TIMEOUT, compute};
use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::section::Section;
use crate::app::usage::UsageScope;
use registry_model::prune::{PruneInput, PruneParameters, PrunePlan, PruneRule, PruneScope};
use registry_model::space::{SpaceSize, StreamSelection};
use registry_model::{Digest, ImageStreamName, ProjectName, TagName, TotalSize, Workload};

pub use cluster_pruner::ClusterPruner;
pub use outcome::{KeptBy, KeptRevision, PlannedUse};
use rows::PlanRows;

/// The parameters that the table of savings compares.
const COMPARED_REVISIONS: [u32; 3] = [1, 3, 5];
const COMPARED_HOURS: [i64; 3] = [1, 24, 7 * 24];

/// What a plan is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PruneQuery {
    pub keep_tag_revisions: u32,
    pub keep_younger_than: TimeDelta,
    pub images: PlannedImages,
}

/// The images that a plan lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlannedImages {
    /// Those that would be removed, or all if none would be.
    #[default]
    RemovedIfAny,
    All,
    /// Those that would be removed.
    Removed,
    /// Those that stay.
    Kept,
}

/// What `oc adm prune images` would remove, as far as it is known.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PrunePlanView {
    /// Absent: the plan is about all projects that the user sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub project: Option<ProjectName>,
    /// The image stream, if the plan is about one.
    pub stream: Option<ImageStreamName>,
    pub keep_tag_revisions: u32,
    /// As `oc` reads it.
    pub keep_younger_than: String,
    /// The bytes that would be freed.
    pub freed: SpaceSize,
    /// The number of images that would be removed, and that stay.
    pub removed_images: usize,
    pub kept_images: usize,
    /// What would be removed first, the biggest first. At most 80.
    pub images: Vec<PlanRow>,
    pub more_images: usize,
    pub savings: Vec<SavingsRow>,
    pub pruner: ClusterPruner,
    /// Where the workloads whose images stay were looked for.
    pub workloads: Section<UsageScope>,
    pub scope: SpaceScope,
    /// How many projects were read, of a plan about all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub projects: Option<ReadProjects>,
    /// What was asked for, with the images that are listed.
    #[serde(skip)]
    pub query: PruneQuery,
}

/// An image of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanRow {
    pub digest: Digest,
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// The tag that points or pointed to the image, or to the index that it is part of.
    pub tag: TagName,
    /// Its position in the history of the tag, from 1: what the tag points to now.
    pub revision: usize,
    /// The size of its layers, which other images can have too.
    pub size: Option<TotalSize>,
    /// The rule that keeps it. `None`: it would be removed.
    pub kept_by: Option<KeptBy>,
}

/// What would be freed with a number of revisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SavingsRow {
    pub keep_tag_revisions: u32,
    /// For each age that is compared.
    pub freed: Vec<Savings>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Savings {
    /// As `oc` reads it.
    pub keep_younger_than: String,
    pub size: SpaceSize,
}

impl Default for PruneQuery {
    /// The defaults of `oc`.
    fn default() -> Self {
        Self {
            keep_tag_revisions: 3,
            keep_younger_than: TimeDelta::minutes(60),
            images: PlannedImages::default(),
        }
    }
}

impl PruneQuery {
    fn parameters(self) -> PruneParameters {
        PruneParameters {
            rule: PruneRule::Revisions {
                keep_tag_revisions: self.keep_tag_revisions,
                keep_younger_than: self.keep_younger_than,
            },
            all: true,
        }
    }
}

impl PlannedImages {
    /// What the page offers.
    pub const CHOICES: [Self; 3] = [Self::All, Self::Removed, Self::Kept];

    /// The form used in URLs. `None` where an URL says nothing.
    #[must_use]
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::RemovedIfAny => None,
            Self::All => Some("all"),
            Self::Removed => Some("removed"),
            Self::Kept => Some("kept"),
        }
    }

    /// What is listed of a plan that removes this number of images.
    fn resolve(self, removed: usize) -> Self {
        match self {
            Self::RemovedIfAny if removed > 0 => Self::Removed,
            Self::RemovedIfAny => Self::All,
            chosen => chosen,
        }
    }
}

/// What a plan is computed from, and where its result goes: on large clusters this takes a while, so
/// that it does not run in a task.
struct PlanInput {
    space: Arc<VisibleSpace>,
    workloads: Vec<Workload>,
    has_all_workloads: bool,
    cluster: ClusterPruner,
    now: DateTime<Utc>,
    project: Option<ProjectName>,
    stream: Option<ImageStreamName>,
    query: PruneQuery,
}

struct PlanResult {
    freed: SpaceSize,
    savings: Vec<SavingsRow>,
    rows: PlanRows,
    cluster: ClusterPruner,
}

impl PlanInput {
    fn compute(self) -> PlanResult {
        let view = self.space.view();
        let limits = BTreeMap::new();
        let input = PruneInput {
            view: &view,
            workloads: &self.workloads,
            image_size_limits: &limits,
            now: self.now,
            has_all_workloads: self.has_all_workloads,
        };
        let version = self.cluster.rules_version();
        let plan = |query: PruneQuery| PrunePlan::new(input, version, &query.parameters());
        let (scope, selection) = match (&self.project, &self.stream) {
            (Some(project), Some(stream)) => (
                PruneScope::Stream(project, stream),
                StreamSelection::Stream(project, stream),
            ),
            (Some(project), None) => (
                PruneScope::Project(project),
                StreamSelection::Project(project),
            ),
            (None, _) => (PruneScope::Everything, StreamSelection::All),
        };
        let savings = COMPARED_REVISIONS.map(|keep_tag_revisions| SavingsRow {
            keep_tag_revisions,
            freed: COMPARED_HOURS
                .map(TimeDelta::hours)
                .map(|keep_younger_than| Savings {
                    keep_younger_than: prune_age(keep_younger_than),
                    size: plan(PruneQuery {
                        keep_tag_revisions,
                        keep_younger_than,
                        images: PlannedImages::All,
                    })
                    .freed_in(scope),
                })
                .into(),
        });
        let plan = plan(self.query);
        PlanResult {
            freed: plan.freed_in(scope),
            savings: savings.into(),
            rows: PlanRows::new(&view, &plan, (scope, selection), self.query.images),
            cluster: self.cluster,
        }
    }
}

impl AppForUser<'_> {
    /// The plan of a project, of one of its image streams, or of all that the user sees, as far as
    /// images and workloads are known within 8 seconds.
    ///
    /// # Errors
    ///
    /// The image stream cannot be read; or the project, or the list of its image streams.
    pub async fn prune_plan(
        &self,
        project: Option<&ProjectName>,
        stream: Option<&ImageStreamName>,
        query: PruneQuery,
    ) -> Result<PrunePlanView, Failure> {
        let deadline = Instant::now() + SPACE_PAGE_TIMEOUT;
        let (space, workloads, (release, minor)) = tokio::join!(
            self.space_for_plan(project, stream, deadline),
            self.pruner_workloads(project, deadline),
            async { tokio::join!(self.app.release(), self.app.minor_version()) },
        );
        let space = space?;
        let (workloads, usage) = match workloads {
            Err(Failure::SignInRequired) => return Err(Failure::SignInRequired),
            Ok((workloads, usage)) => (workloads, Section::Ready(usage)),
            Err(failure) => (Vec::new(), Section::from(Err(failure))),
        };
        let is_complete = usage
            .ready()
            .is_some_and(|usage| usage.is_complete() && usage.whole_cluster);
        let input = PlanInput {
            space: Arc::clone(&space),
            workloads,
            has_all_workloads: is_complete,
            cluster: ClusterPruner::new(release, minor, query, self.app.registry_host.as_deref()),
            now: self.app.clock.now(),
            project: project.cloned(),
            stream: stream.cloned(),
            query,
        };
        let result = compute(move || input.compute()).await;
        let PlanRows {
            shown,
            removed,
            kept,
            rows,
            more,
        } = result.rows;
        Ok(PrunePlanView {
            project: project.cloned(),
            stream: stream.cloned(),
            keep_tag_revisions: query.keep_tag_revisions,
            keep_younger_than: prune_age(query.keep_younger_than),
            freed: result.freed,
            removed_images: removed,
            kept_images: kept,
            images: rows,
            more_images: more,
            savings: result.savings,
            pruner: result.cluster,
            workloads: usage,
            scope: space.scope(project),
            projects: project.is_none().then(|| space.read_projects()),
            query: PruneQuery {
                images: shown,
                ..query
            },
        })
    }

    async fn space_for_plan(
        &self,
        project: Option<&ProjectName>,
        stream: Option<&ImageStreamName>,
        deadline: Instant,
    ) -> Result<Arc<VisibleSpace>, Failure> {
        match (project, stream) {
            (Some(project), Some(stream)) => {
                self.space_with_stream(project, stream, deadline).await
            }
            (Some(project), None) => self.space_with_project(project, deadline).await,
            (None, _) => Ok(self.arrived_space(None, deadline).await?.into_space().await),
        }
    }
}
