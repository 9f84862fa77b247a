//! What deleting a project does to workloads: those of the project are deleted with it, and those of
//! other projects lose the images that they pull from it.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use crate::app::AppForUser;
use crate::app::bounds::truncate_counting;
use crate::app::failure::Failure;
use crate::app::lists::RowLimit;
use crate::app::usage::{AffectedWorkload, ImpactGroup, TagChange, UsageScope};
use registry_model::{ImageStreamName, ProjectName};

/// Of how many image streams the uses are looked up. Further ones are counted.
const MAX_READ_STREAMS: usize = 20;
const MAX_CONCURRENT_READS: usize = 4;
/// How many workloads of a group are shown. Further ones are counted.
const MAX_SHOWN_WORKLOADS: usize = 24;

/// What deleting a project does to workloads, as far as the user may see it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeletionImpact {
    /// The workloads of the project.
    pub own: ImpactGroup,
    /// Workloads of other projects whose pods can no longer pull their image.
    pub elsewhere: ImpactGroup,
    /// Of how many image streams the uses are not known.
    pub unread_streams: usize,
    pub scope: UsageScope,
}

impl DeletionImpact {
    /// Whether no workload is affected, as far as it is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.elsewhere.is_empty()
    }
}

impl AppForUser<'_> {
    /// What deleting a project does to workloads, as far as it is known within `time_limit`.
    ///
    /// # Errors
    ///
    /// The workloads or the image streams of the project cannot be read.
    pub async fn project_deletion_impact(
        &self,
        project: &ProjectName,
        time_limit: Duration,
    ) -> Result<DeletionImpact, Failure> {
        let deadline = Instant::now() + time_limit;
        let (table, streams) = tokio::join!(
            Box::pin(self.workload_table(project, time_limit, RowLimit::Page)),
            self.project_streams(project)
        );
        let table = table?;
        let streams = streams?;
        let entries = streams.streams.streams();
        let names: Vec<ImageStreamName> = entries.map(|entry| entry.stream.name.clone()).collect();
        let own = table.rows.into_iter().map(|row| AffectedWorkload {
            project: project.clone(),
            workload: row.workload,
            tags: Vec::new(),
            pods: 0,
            also: Vec::new(),
        });
        let mut impact = DeletionImpact {
            own: group(own.collect(), table.more_rows),
            scope: table.scope,
            ..DeletionImpact::default()
        };
        let mut elsewhere: BTreeSet<AffectedWorkload> = BTreeSet::new();
        let mut uses = stream::iter(names.iter().take(MAX_READ_STREAMS).cloned())
            .map(|name| async move {
                let change = TagChange::DeleteStream;
                Box::pin(self.change_impact(project, &name, &change, time_limit)).await
            })
            .buffer_unordered(MAX_CONCURRENT_READS);
        let mut read = 0;
        while let Ok(Some(found)) = timeout_at(deadline, uses.next()).await {
            let Ok(found) = found else {
                continue;
            };
            read += 1;
            let broken = found.broken.workloads.into_iter();
            elsewhere.extend(broken.filter(|one| one.project != *project).map(|one| {
                AffectedWorkload {
                    tags: Vec::new(),
                    also: Vec::new(),
                    ..one
                }
            }));
            impact.scope = found.scope;
        }
        drop(uses);
        impact.unread_streams = names.len() - read;
        impact.elsewhere = group(elsewhere.into_iter().collect(), 0);
        Ok(impact)
    }
}

/// The first workloads; `more` are not among them.
fn group(mut workloads: Vec<AffectedWorkload>, more: usize) -> ImpactGroup {
    let more = more + truncate_counting(&mut workloads, MAX_SHOWN_WORKLOADS);
    ImpactGroup { workloads, more }
}
