//! What pruning would free in a project or in one of its image streams.

mod cluster_pruner;
mod outcome;
mod places;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Serialize;
use tokio::time::Instant;

use super::load::StreamImages;
use super::prune_duration::prune_age;
use super::visible_images::{SpaceScope, VisibleImages};
use super::{MAX_ROWS, SPACE_PAGE_TIMEOUT};
use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use crate::app::failure::Failure;
use crate::app::section::Section;
use crate::app::usage::UsageScope;
use registry_model::prune::{
    ImageOutcome, PruneInput, PruneParameters, PrunePlan, PruneRule, PruneScope,
};
use registry_model::space::SpaceSize;
use registry_model::{Digest, ImageStreamName, ProjectName, TagName, TotalSize};

pub use cluster_pruner::ClusterPruner;
pub use outcome::{KeptBy, KeptRevision, PlannedUse};
use places::Places;

/// The parameters that the table of savings compares.
const COMPARED_REVISIONS: [u32; 3] = [1, 3, 5];
const COMPARED_HOURS: [i64; 3] = [1, 24, 7 * 24];

/// What a plan is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PruneQuery {
    pub keep_tag_revisions: u32,
    pub keep_younger_than: TimeDelta,
    /// Only images that would be removed, or only those that stay.
    pub fate: Option<PlannedFate>,
}

/// What becomes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedFate {
    Removed,
    Kept,
}

/// What `oc adm prune images` would remove from a project, or from one of its image streams, as far
/// as it is known.
#[derive(Clone, Debug, Serialize)]
pub struct PrunePlanView {
    pub project: ProjectName,
    /// The image stream, if the plan is about one.
    pub stream: Option<ImageStreamName>,
    pub keep_tag_revisions: u32,
    /// As `oc` reads it.
    pub keep_younger_than: String,
    /// The bytes that would be freed in the project or image stream.
    pub freed: SpaceSize,
    /// The number of images that would be removed, and that stay.
    pub removed_images: usize,
    pub kept_images: usize,
    /// What would be removed first, the biggest first. At most 200.
    pub images: Vec<PlanRow>,
    pub more_images: usize,
    pub savings: Vec<SavingsRow>,
    pub pruner: ClusterPruner,
    /// Where the workloads whose images stay were looked for.
    pub workloads: Section<UsageScope>,
    pub scope: SpaceScope,
    #[serde(skip)]
    pub query: PruneQuery,
}

/// An image of the project or image stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanRow {
    pub digest: Digest,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavingsRow {
    pub keep_tag_revisions: u32,
    /// For each age that is compared.
    pub freed: Vec<Savings>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
            fate: None,
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

impl PlannedFate {
    pub const ALL: [Self; 2] = [Self::Removed, Self::Kept];

    /// The form used in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Kept => "kept",
        }
    }
}

impl AppForUser<'_> {
    /// The plan of a project, or of one of its image streams, as far as images and workloads are
    /// known within 8 seconds.
    ///
    /// # Errors
    ///
    /// The image stream cannot be read; or the project, or the list of its image streams.
    pub async fn prune_plan(
        &self,
        project: &ProjectName,
        stream: Option<&ImageStreamName>,
        query: PruneQuery,
    ) -> Result<PrunePlanView, Failure> {
        let deadline = Instant::now() + SPACE_PAGE_TIMEOUT;
        let (images, workloads, (release, minor)) = tokio::join!(
            self.plan_images(project, stream, deadline),
            self.pruner_workloads(Some(project), deadline),
            async { tokio::join!(self.app.release(), self.app.minor_version()) },
        );
        let (own, visible) = images?;
        let (workloads, usage) = match workloads {
            Err(Failure::SignInRequired) => return Err(Failure::SignInRequired),
            Ok((workloads, usage)) => (workloads, Section::Ready(usage)),
            Err(failure) => (Vec::new(), Section::from(Err(failure))),
        };
        let cluster = ClusterPruner::new(release, minor, query, self.app.registry_host.as_deref());
        let is_complete = usage
            .ready()
            .is_some_and(|usage| usage.is_complete() && usage.whole_cluster);
        let input = PruneInput {
            view: &visible.view(),
            workloads: &workloads,
            image_size_limits: &BTreeMap::new(),
            now: self.app.clock.now(),
            has_all_workloads: is_complete,
        };
        let plan =
            |query: PruneQuery| PrunePlan::new(input, cluster.rules_version(), &query.parameters());
        let scope = match stream {
            Some(stream) => PruneScope::Stream(project, stream),
            None => PruneScope::Project(project),
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
                        fate: None,
                    })
                    .freed_in(scope),
                })
                .into(),
        });
        let plan = plan(query);
        let mut rows = plan_rows(&plan, scope, &own);
        let removed_images = rows.iter().filter(|row| row.kept_by.is_none()).count();
        let kept_images = rows.len() - removed_images;
        if let Some(fate) = query.fate {
            rows.retain(|row| row.kept_by.is_none() == (fate == PlannedFate::Removed));
        }
        let more_images = truncate_counting(&mut rows, MAX_ROWS);
        Ok(PrunePlanView {
            project: project.clone(),
            stream: stream.cloned(),
            keep_tag_revisions: query.keep_tag_revisions,
            keep_younger_than: prune_age(query.keep_younger_than),
            freed: plan.freed_in(scope),
            removed_images,
            kept_images,
            images: rows,
            more_images,
            savings: savings.into(),
            pruner: cluster,
            workloads: usage,
            scope: visible.scope.clone(),
            query,
        })
    }

    /// The images that a plan is about, and these together with those of all visible image streams.
    async fn plan_images(
        &self,
        project: &ProjectName,
        stream: Option<&ImageStreamName>,
        deadline: Instant,
    ) -> Result<(Vec<StreamImages>, VisibleImages), Failure> {
        match stream {
            None => {
                let (own, visible) = self.images_with_others(project, deadline).await?;
                Ok((own.streams, visible))
            }
            Some(stream) => {
                let (own, visible) = self
                    .stream_images_with_others(project, stream, deadline)
                    .await?;
                Ok((vec![own], visible))
            }
        }
    }
}

/// The images of the scope, those first that would be removed, and of these the biggest.
fn plan_rows(plan: &PrunePlan<'_>, scope: PruneScope<'_>, own: &[StreamImages]) -> Vec<PlanRow> {
    let places = Places::of(own);
    let mut rows: Vec<PlanRow> = plan
        .images(scope)
        .filter_map(|(digest, outcome)| {
            let (place, size) = places.get(&digest)?;
            let kept_by = match outcome {
                ImageOutcome::Removed => None,
                ImageOutcome::Kept(reason) => Some(KeptBy::from(reason)),
            };
            Some(PlanRow {
                digest,
                stream: place.stream.clone(),
                tag: place.tag.clone(),
                revision: place.revision,
                size,
                kept_by,
            })
        })
        .collect();
    rows.sort_by(|a, b| {
        let key = |row: &PlanRow| {
            let size = row.size.map(|size| size.bytes);
            (row.kept_by.is_some(), Reverse(size))
        };
        let place = |row: &PlanRow| (row.stream.clone(), row.tag.clone(), row.revision);
        key(a).cmp(&key(b)).then_with(|| place(a).cmp(&place(b)))
    });
    rows
}
