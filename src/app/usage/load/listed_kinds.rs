//! The lists of a load as they arrive: what a page uses that cannot wait for the rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{ListedKind, add_missing, group_by_project};
use crate::app::failure::Upstream;
use crate::app::section::{Unavailable, UnavailableReason};
use crate::app::usage::ProjectWorkloads;
use crate::openshift::WorkloadList;
use crate::outbound::{UserKey, UserToken};
use registry_model::{ProjectName, WorkloadKind};

/// A project, or all projects of the cluster, as one user sees them.
type LoadKey = (UserKey, Option<ProjectName>);

/// The loads that have begun and not ended, of all users. Cheap to clone; clones share the loads.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct WorkloadLoads(Arc<Mutex<HashMap<LoadKey, Arc<Mutex<ListedKinds>>>>>);

/// A load that has begun. Dropped, it has ended.
pub(super) struct WorkloadLoad {
    loads: WorkloadLoads,
    key: LoadKey,
    listed: Arc<Mutex<ListedKinds>>,
}

/// The lists of all kinds of one project, or of the cluster.
#[derive(Clone, Debug, Default)]
pub(super) struct ListedKinds {
    /// The lists of everything that the load concerns.
    kinds: Vec<(WorkloadKind, ListedKind)>,
    /// Lists of single projects, of kinds that the user may not list in the whole cluster.
    in_projects: Vec<(ProjectName, WorkloadKind, ListedKind)>,
}

impl WorkloadLoads {
    /// Begins a load. A user has at most one of a project at a time, as the cache ensures.
    pub(super) fn begin(&self, token: &UserToken, project: Option<&ProjectName>) -> WorkloadLoad {
        let (key, listed) = ((UserKey::from(token), project.cloned()), Arc::default());
        self.lock().insert(key.clone(), Arc::clone(&listed));
        WorkloadLoad {
            loads: self.clone(),
            key,
            listed,
        }
    }

    /// What has arrived of a load. Empty if it has not begun.
    pub(super) fn arrived(&self, token: &UserToken, project: Option<&ProjectName>) -> ListedKinds {
        let listed = self
            .lock()
            .get(&(UserKey::from(token), project.cloned()))
            .cloned();
        listed.map_or_else(ListedKinds::default, |listed| lock(&listed).clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<LoadKey, Arc<Mutex<ListedKinds>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock(listed: &Mutex<ListedKinds>) -> std::sync::MutexGuard<'_, ListedKinds> {
    listed.lock().unwrap_or_else(PoisonError::into_inner)
}

impl WorkloadLoad {
    pub(super) fn add(&self, kind: WorkloadKind, listed: ListedKind) {
        lock(&self.listed).kinds.push((kind, listed));
    }

    pub(super) fn add_in_project(
        &self,
        project: ProjectName,
        kind: WorkloadKind,
        listed: ListedKind,
    ) {
        lock(&self.listed).in_projects.push((project, kind, listed));
    }

    /// The kinds that the user may not list, and whether any kind could not be listed for another
    /// reason.
    pub(super) fn gaps(&self) -> (Vec<WorkloadKind>, bool) {
        let listed = lock(&self.listed);
        let is_missing = |(_, listed): &(_, ListedKind)| matches!(listed, ListedKind::Missing(_));
        let not_allowed = listed
            .kinds
            .iter()
            .filter(|(_, listed)| matches!(listed, ListedKind::NotAllowed))
            .map(|(kind, _)| *kind);
        (not_allowed.collect(), listed.kinds.iter().any(is_missing))
    }

    /// Ends the load.
    pub(super) fn finish(self) -> ListedKinds {
        std::mem::take(&mut *lock(&self.listed))
    }
}

impl Drop for WorkloadLoad {
    fn drop(&mut self) {
        let mut loads = self.loads.lock();
        if loads
            .get(&self.key)
            .is_some_and(|listed| Arc::ptr_eq(listed, &self.listed))
        {
            loads.remove(&self.key);
        }
    }
}

impl ListedKinds {
    /// Whether all lists have arrived, or are refused for good.
    pub(super) fn is_cacheable(&self) -> bool {
        let in_projects = self.in_projects.iter().map(|(_, _, listed)| listed);
        let mut listed = self
            .kinds
            .iter()
            .map(|(_, listed)| listed)
            .chain(in_projects);
        !listed.any(|listed| matches!(listed, ListedKind::Missing(_)))
    }

    /// The workloads of one project. Kinds that have not arrived are late.
    pub(super) fn into_project(mut self, project: &ProjectName) -> Vec<ProjectWorkloads> {
        self.add_late_kinds();
        group_by_project(std::slice::from_ref(project), self.kinds)
    }

    /// The workloads of each project of the cluster that has any, and of all `projects`. Kinds that
    /// have not arrived are late.
    pub(super) fn into_cluster(mut self, projects: &[ProjectName]) -> Vec<ProjectWorkloads> {
        self.add_late_kinds();
        let mut kinds = std::mem::take(&mut self.kinds);
        let mut gaps = Vec::new();
        for (kind, listed) in &mut kinds {
            if matches!(listed, ListedKind::NotAllowed) {
                let (together, gaps_of_kind) = self.take_in_projects(*kind, projects);
                *listed = ListedKind::Listed(together);
                gaps.push((*kind, gaps_of_kind));
            }
        }
        let mut workloads = group_by_project(projects, kinds);
        for found in &mut workloads {
            for (kind, gaps) in &mut gaps {
                match gaps.remove(&found.project) {
                    Some(ListedKind::NotAllowed) => found.not_allowed.push(*kind),
                    Some(ListedKind::Missing(why)) => add_missing(&mut found.missing, *kind, why),
                    Some(ListedKind::Listed(_)) | None => {}
                }
            }
        }
        workloads
    }

    /// The lists of a kind of single projects together, and those of `projects` that have none, with
    /// the reason.
    fn take_in_projects(
        &mut self,
        kind: WorkloadKind,
        projects: &[ProjectName],
    ) -> (WorkloadList, HashMap<ProjectName, ListedKind>) {
        let mut together: WorkloadList = WorkloadList::default();
        let waiting = projects.iter().cloned();
        let mut gaps: HashMap<_, _> = waiting
            .map(|project| (project, ListedKind::Missing(late())))
            .collect();
        for (project, _, listed) in self.in_projects.extract_if(.., |(_, of, _)| *of == kind) {
            match listed {
                ListedKind::Listed(list) => {
                    together.workloads.extend(list.workloads);
                    together.unreadable_count += list.unreadable_count;
                    gaps.remove(&project);
                }
                gap => {
                    gaps.insert(project, gap);
                }
            }
        }
        (together, gaps)
    }

    /// Adds the kinds that have not arrived, and puts all in their order.
    fn add_late_kinds(&mut self) {
        for kind in WorkloadKind::ALL {
            if !self.kinds.iter().any(|(listed, _)| *listed == kind) {
                self.kinds.push((kind, ListedKind::Missing(late())));
            }
        }
        self.kinds.sort_by_key(|(kind, _)| *kind);
    }
}

fn late() -> Unavailable {
    Unavailable::new(Upstream::ApiServer, UnavailableReason::Late)
}

#[cfg(test)]
mod tests;
