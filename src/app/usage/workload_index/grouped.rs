//! The workloads of the index, grouped for pages. A group is shared by all users who may list the
//! same kinds of a project, until one of its workloads changes.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{KindSet, ListableKinds};
use crate::app::usage::ProjectWorkloads;
use crate::index::{ProjectObjects, WorkloadSnapshot};
use registry_model::{ProjectName, Workload, WorkloadKind};

/// The memory of all groups together.
const MAX_CACHE_KIB: u64 = 32 << 10;

/// How long a group stays in memory that no page uses.
const MAX_IDLE_TIME: Duration = Duration::from_secs(600);

/// A project, and which of its kinds are in the group or named as forbidden.
type GroupKey = (ProjectName, KindSet, KindSet);

/// What a group was made from: the workloads of each kind.
type GroupSources = [Option<Arc<ProjectObjects>>; WorkloadKind::ALL.len()];

struct WorkloadGroup {
    sources: GroupSources,
    workloads: Arc<ProjectWorkloads>,
}

/// Cheap to clone; clones share the groups.
#[derive(Clone)]
pub(in crate::app) struct GroupedWorkloads(moka::sync::Cache<GroupKey, Arc<WorkloadGroup>>);

impl Default for GroupedWorkloads {
    fn default() -> Self {
        let kib = |group: &WorkloadGroup| group.workloads.memory_bytes().div_ceil(1024);
        Self(
            moka::sync::Cache::builder()
                .max_capacity(MAX_CACHE_KIB)
                .weigher(move |_, group: &Arc<WorkloadGroup>| {
                    u32::try_from(kib(group)).unwrap_or(u32::MAX)
                })
                .time_to_idle(MAX_IDLE_TIME)
                .build(),
        )
    }
}

impl GroupedWorkloads {
    /// The workloads of `project`, or of each project that has any, by name. Of kinds that are not
    /// `listable` there are none.
    pub(in crate::app::usage) fn get(
        &self,
        indexed: &WorkloadSnapshot,
        project: Option<&ProjectName>,
        listable: &ListableKinds,
    ) -> Arc<[Arc<ProjectWorkloads>]> {
        match project {
            Some(project) => [self.group(indexed, project, listable)].into(),
            None => {
                let kinds = listable.allowed().iter();
                let projects: BTreeSet<&ProjectName> = kinds
                    .filter_map(|kind| indexed.kind(kind))
                    .flat_map(|kind| kind.projects())
                    .collect();
                let groups = projects.into_iter();
                groups
                    .map(|project| self.group(indexed, project, listable))
                    .collect()
            }
        }
    }

    fn group(
        &self,
        indexed: &WorkloadSnapshot,
        project: &ProjectName,
        listable: &ListableKinds,
    ) -> Arc<ProjectWorkloads> {
        let (allowed, not_allowed) = (listable.allowed(), listable.not_allowed());
        let sources: GroupSources = WorkloadKind::ALL.map(|kind| {
            let objects = allowed.contains(kind).then(|| indexed.kind(kind))??;
            objects.project(project).cloned()
        });
        let key = (project.clone(), allowed, not_allowed);
        let known = self.0.get(&key);
        let known = known.filter(|group| is_same(&group.sources, &sources));
        let group = known.unwrap_or_else(|| {
            let workloads = Arc::new(group_objects(indexed, project, &sources, not_allowed));
            let group = Arc::new(WorkloadGroup { sources, workloads });
            self.0.insert(key, Arc::clone(&group));
            group
        });
        if listable.missing().is_empty() {
            return Arc::clone(&group.workloads);
        }
        Arc::new(ProjectWorkloads {
            missing: listable.missing().to_vec(),
            ..group.workloads.as_ref().clone()
        })
    }
}

/// Whether both are the same values, and not only equal ones.
fn is_same(one: &GroupSources, other: &GroupSources) -> bool {
    one.iter().zip(other).all(|pair| match pair {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    })
}

fn group_objects(
    indexed: &WorkloadSnapshot,
    project: &ProjectName,
    sources: &GroupSources,
    not_allowed: KindSet,
) -> ProjectWorkloads {
    let kinds = || WorkloadKind::ALL.into_iter().zip(sources);
    let objects = kinds().filter_map(|(kind, objects)| Some((kind, objects.as_ref()?)));
    let workloads: Vec<Workload> = objects
        .flat_map(|(kind, objects)| {
            let workloads = objects.workloads().iter();
            workloads.map(move |workload| workload.to_model(project, kind))
        })
        .collect();
    let malformed = sources.iter().flatten();
    let malformed: usize = malformed.map(|objects| objects.malformed_count()).sum();
    // Objects without a project may belong to this one.
    let unplaced = WorkloadKind::ALL.into_iter();
    let unplaced = unplaced.filter_map(|kind| indexed.kind(kind));
    let unplaced: usize = unplaced.map(|kind| kind.unplaced_count()).sum();
    ProjectWorkloads {
        not_allowed: not_allowed.iter().collect(),
        malformed: malformed + unplaced,
        ..ProjectWorkloads::group(project.clone(), workloads)
    }
}

impl fmt::Debug for GroupedWorkloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupedWorkloads").finish_non_exhaustive()
    }
}
