//! Reading the workloads of the projects that a user sees: from the index, or from the API server
//! those kinds that the index does not have at present.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::workload_index::ListableKinds;
use super::{MAX_NAMED_PROJECTS, MissingKinds, ProjectWorkloads, UnreadProject, UsageScope};
use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::visibility::listable_projects;
use crate::app::loading_cache::LoadedValue;
use crate::app::section::{Section, Unavailable, UnavailableReason};
use crate::index::WorkloadSnapshot;
use crate::openshift::{AccessRight, ApiError, WorkloadList};
use crate::outbound::inherit_timings;
use registry_model::{ProjectName, Workload, WorkloadKind};

/// How many projects of one user are read concurrently. Each takes a list for each kind.
const MAX_CONCURRENT_PROJECTS: usize = 8;

/// The workloads of all projects that a user sees.
#[derive(Debug, Default)]
pub(super) struct FoundWorkloads {
    /// By name.
    pub(super) projects: Vec<Arc<ProjectWorkloads>>,
    pub(super) scope: UsageScope,
}

/// The workloads of a kind in one project, or in the cluster.
enum ListedKind {
    Listed(WorkloadList),
    NotAllowed,
    Missing(Unavailable),
}

impl AppForUser<'_> {
    /// What the workloads of a project reference, from the index or as read within the last 30
    /// seconds.
    ///
    /// # Errors
    ///
    /// [`Failure::SignInRequired`]. Kinds that cannot be listed are in
    /// [`ProjectWorkloads::missing`].
    pub async fn project_workloads(
        &self,
        project: &ProjectName,
    ) -> Result<Arc<ProjectWorkloads>, Failure> {
        let found = self.load_in_background(Some(project)).await?;
        found
            .first()
            .cloned()
            .ok_or(Failure::Internal("a load of a project without a result"))
    }

    /// The workloads of all projects that the user sees, beginning with `first`. Projects whose
    /// workloads have not arrived at `deadline` are missing.
    ///
    /// # Errors
    ///
    /// The user's projects cannot be listed.
    pub(super) async fn visible_workloads(
        &self,
        first: Option<&ProjectName>,
        deadline: Instant,
    ) -> Result<FoundWorkloads, Failure> {
        let projects = timeout_at(deadline, self.projects_to_search())
            .await
            .map_err(|_| Failure::DeadlineExceeded)??;
        let Some(mut projects) = projects else {
            return self.cluster_workloads(deadline).await;
        };
        if let Some(at) = first.and_then(|first| projects.iter().position(|name| name == first)) {
            projects[..=at].rotate_right(1);
        }
        let mut found = FoundWorkloads::default();
        let mut waiting: BTreeSet<ProjectName> = projects.iter().cloned().collect();
        let mut loads = stream::iter(projects)
            .map(|project| async move { self.project_workloads(&project).await })
            .buffer_unordered(MAX_CONCURRENT_PROJECTS);
        while let Ok(Some(loaded)) = timeout_at(deadline, loads.next()).await {
            let loaded = loaded?;
            waiting.remove(&loaded.project);
            found.projects.push(loaded);
        }
        drop(loads);
        found
            .projects
            .sort_unstable_by(|a, b| a.project.cmp(&b.project));
        found.scope = UsageScope::of(&found.projects, waiting.into_iter().collect());
        Ok(found)
    }

    /// The user's projects. `None` for a user who may list the pods of the whole cluster: then a few
    /// long lists take the place of many short ones.
    async fn projects_to_search(&self) -> Result<Option<Vec<ProjectName>>, Failure> {
        let (projects, [everywhere]) = tokio::join!(
            self.known_projects(),
            self.review_access([AccessRight::list_all_pods()])
        );
        if everywhere {
            return Ok(None);
        }
        projects.map(Some)
    }

    async fn known_projects(&self) -> Result<Vec<ProjectName>, Failure> {
        if self.app.index.current_snapshot().is_some() {
            return Ok(listable_projects(&self.visibility().await?.projects));
        }
        let projects = self.api_server.list_projects().await;
        let projects =
            projects.map_err(|error| Failure::from_api_error(error, PageSubject::List))?;
        Ok(listable_projects(&projects))
    }

    async fn cluster_workloads(&self, deadline: Instant) -> Result<FoundWorkloads, Failure> {
        let Ok(loaded) = timeout_at(deadline, self.load_in_background(None)).await else {
            return Err(Failure::DeadlineExceeded);
        };
        let projects = loaded?.to_vec();
        let mut scope = UsageScope::of(&projects, Vec::new());
        scope.whole_cluster = true;
        Ok(FoundWorkloads { projects, scope })
    }

    /// Loads in a task that ends by itself: a page that does not wait for it has its result the next
    /// time.
    async fn load_in_background(
        &self,
        project: Option<&ProjectName>,
    ) -> Result<Arc<[Arc<ProjectWorkloads>]>, Failure> {
        let (app, token, project) = (self.app.clone(), self.token.clone(), project.cloned());
        let load = tokio::spawn(inherit_timings(async move {
            app.for_user(&token)
                .current_workloads(project.as_ref())
                .await
        }));
        load.await
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    async fn current_workloads(
        &self,
        project: Option<&ProjectName>,
    ) -> Result<Arc<[Arc<ProjectWorkloads>]>, Failure> {
        let indexed = self.app.index.workloads().snapshot();
        if let Some(indexed) = indexed.as_ref().filter(|indexed| indexed.is_complete()) {
            let listable = self.listable_kinds(indexed, project).await?;
            let grouped = &self.app.grouped_workloads;
            return Ok(grouped.get(indexed, project, &listable));
        }
        let cache = &self.app.user_caches.workloads;
        let load = self.load_workloads(project, indexed.as_ref());
        cache.get(self.token, project, load).await
    }

    /// Reads the kinds that are not in `indexed` from the API server. The result is kept for a
    /// while, so for the others the API server is asked now what the user may list.
    async fn load_workloads(
        &self,
        project: Option<&ProjectName>,
        indexed: Option<&WorkloadSnapshot>,
    ) -> Result<LoadedValue<Arc<[Arc<ProjectWorkloads>]>>, Failure> {
        let is_indexed =
            |kind: &WorkloadKind| indexed.is_some_and(|indexed| indexed.kind(*kind).is_some());
        let lists = WorkloadKind::ALL.into_iter();
        let lists = lists
            .filter(|kind| !is_indexed(kind))
            .map(|kind| async move {
                let _permit = self.app.list_permits.acquire().await;
                (kind, self.api_server.list_workloads(kind, project).await)
            });
        let known = async {
            match indexed {
                Some(indexed) => {
                    let listable = self.review_kinds(indexed, project).await?;
                    Ok(indexed_kinds(indexed, project, &listable))
                }
                None => Ok::<_, Failure>(Vec::new()),
            }
        };
        let (listed, known) = tokio::join!(join_all(lists), known);
        let mut kinds: Vec<(WorkloadKind, ListedKind)> = known?;
        for (kind, result) in listed {
            if matches!(result, Err(ApiError::TokenRefused)) {
                return Err(Failure::SignInRequired);
            }
            kinds.push((kind, ListedKind::from(result)));
        }
        let projects = group_by_project(project, kinds);
        let is_cacheable = projects.iter().all(|project| project.missing.is_empty());
        Ok(LoadedValue {
            value: projects.into_iter().map(Arc::new).collect(),
            is_cacheable,
        })
    }
}

/// The kinds in memory that the API server gave an answer for.
fn indexed_kinds(
    indexed: &WorkloadSnapshot,
    project: Option<&ProjectName>,
    listable: &ListableKinds,
) -> Vec<(WorkloadKind, ListedKind)> {
    let allowed = listable.allowed().iter().filter_map(|kind| {
        let list = indexed.kind(kind)?.to_list(kind, project);
        Some((kind, ListedKind::Listed(list)))
    });
    let not_allowed = listable.not_allowed().iter();
    let not_allowed = not_allowed.map(|kind| (kind, ListedKind::NotAllowed));
    let missing = listable.missing().iter().flat_map(|missing| {
        let kinds = missing.kinds.iter();
        kinds.map(|kind| (*kind, ListedKind::Missing(missing.missing.clone())))
    });
    allowed.chain(not_allowed).chain(missing).collect()
}

impl From<Result<WorkloadList, ApiError>> for ListedKind {
    fn from(result: Result<WorkloadList, ApiError>) -> Self {
        match result {
            Ok(list) => Self::Listed(list),
            // A kind that the cluster does not have has no workloads.
            Err(ApiError::NotServed) => Self::Listed(WorkloadList::default()),
            Err(ApiError::Forbidden(_)) => Self::NotAllowed,
            Err(error) => match Section::<()>::from(Err(error)) {
                Section::Missing { missing } => Self::Missing(missing),
                Section::Ready(()) => Self::Listed(WorkloadList::default()),
            },
        }
    }
}

/// The workloads of `project`, or of each project that has any.
fn group_by_project(
    project: Option<&ProjectName>,
    listed: Vec<(WorkloadKind, ListedKind)>,
) -> Vec<ProjectWorkloads> {
    let (mut not_allowed, mut missing, mut malformed) = (Vec::new(), Vec::new(), 0);
    let mut by_project: HashMap<ProjectName, Vec<Workload>> = HashMap::new();
    if let Some(project) = project {
        by_project.insert(project.clone(), Vec::new());
    }
    for (kind, result) in listed {
        match result {
            ListedKind::Listed(list) => {
                malformed += list.unreadable_count;
                for workload in list.workloads {
                    // Most projects have several workloads of a kind, one after the other.
                    match by_project.get_mut(&workload.project) {
                        Some(workloads) => workloads.push(workload),
                        None => {
                            by_project.insert(workload.project.clone(), vec![workload]);
                        }
                    }
                }
            }
            ListedKind::NotAllowed => not_allowed.push(kind),
            ListedKind::Missing(why) => add_missing(&mut missing, kind, why),
        }
    }
    let mut projects: Vec<ProjectWorkloads> = by_project
        .into_iter()
        .map(|(name, workloads)| ProjectWorkloads {
            not_allowed: not_allowed.clone(),
            missing: missing.clone(),
            ..ProjectWorkloads::group(name, workloads)
        })
        .collect();
    projects.sort_unstable_by(|a, b| a.project.cmp(&b.project));
    // A list of the cluster does not say to which project a malformed object belongs.
    if let Some(first) = projects.first_mut() {
        first.malformed = malformed;
    }
    projects
}

/// Adds a kind to those that are missing for the same reason.
pub(super) fn add_missing(missing: &mut Vec<MissingKinds>, kind: WorkloadKind, why: Unavailable) {
    match missing.iter_mut().find(|known| known.missing == why) {
        Some(known) => known.kinds.push(kind),
        None => missing.push(MissingKinds {
            kinds: vec![kind],
            missing: why,
        }),
    }
}

impl ProjectWorkloads {
    /// Whether the user may not list any kind that the cluster has.
    pub(super) fn is_forbidden(&self) -> bool {
        self.workloads.is_empty()
            && self.missing.is_empty()
            && self.not_allowed.contains(&WorkloadKind::Pod)
            && self
                .not_allowed
                .contains(&WorkloadKind::ReplicationController)
    }

    /// The kinds that could not be listed.
    fn unread(&self) -> Vec<UnreadProject> {
        let unread = |kinds: &[WorkloadKind], why| {
            let kinds = if kinds.len() == WorkloadKind::ALL.len() {
                Vec::new()
            } else {
                kinds.to_vec()
            };
            UnreadProject {
                project: self.project.clone(),
                kinds,
                why,
            }
        };
        let forbidden = (!self.not_allowed.is_empty())
            .then(|| unread(&self.not_allowed, UnavailableReason::NotAllowed));
        let missing = self.missing.iter();
        let missing = missing.map(|missing| unread(&missing.kinds, missing.missing.why));
        forbidden.into_iter().chain(missing).collect()
    }
}

impl UsageScope {
    /// The scope of a search in `found`, which did not get to the projects `late`.
    pub(super) fn of(found: &[Arc<ProjectWorkloads>], late: Vec<ProjectName>) -> Self {
        let mut scope = Self::default();
        let mut missing = Vec::new();
        for project in found {
            if project.is_forbidden() {
                scope.not_allowed += 1;
                continue;
            }
            let unread = project.unread();
            scope.searched += usize::from(!unread.iter().any(|unread| unread.kinds.is_empty()));
            missing.extend(unread);
            scope.malformed += project.malformed;
        }
        missing.extend(late.into_iter().map(|project| UnreadProject {
            project,
            kinds: Vec::new(),
            why: UnavailableReason::Late,
        }));
        missing.sort_by(|a, b| a.project.cmp(&b.project));
        scope.more_missing = missing.len().saturating_sub(MAX_NAMED_PROJECTS);
        missing.truncate(MAX_NAMED_PROJECTS);
        scope.missing = missing;
        scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::failure::Upstream;

    fn project(name: &str) -> ProjectWorkloads {
        ProjectWorkloads::group(name.parse().unwrap(), Vec::new())
    }

    #[test]
    fn scope_counts_forbidden_projects_and_names_those_that_are_missing() {
        let forbidden = ProjectWorkloads {
            not_allowed: WorkloadKind::ALL.to_vec(),
            ..project("forbidden")
        };
        let partly = ProjectWorkloads {
            not_allowed: vec![WorkloadKind::Build],
            ..project("partly")
        };
        let silent = ProjectWorkloads {
            missing: vec![MissingKinds {
                kinds: WorkloadKind::ALL.to_vec(),
                missing: Unavailable::new(Upstream::ApiServer, UnavailableReason::Late),
            }],
            ..project("silent")
        };
        let found = [project("sound"), forbidden.clone(), partly, silent].map(Arc::new);
        let scope = UsageScope::of(&found, vec!["late".parse().unwrap()]);
        assert_eq!((scope.searched, scope.not_allowed), (2, 1));
        let missing: Vec<_> = scope
            .missing
            .iter()
            .map(|missing| (missing.project.as_str(), missing.kinds.len(), missing.why))
            .collect();
        assert_eq!(
            missing,
            [
                ("late", 0, UnavailableReason::Late),
                ("partly", 1, UnavailableReason::NotAllowed),
                ("silent", 0, UnavailableReason::Late),
            ]
        );
        assert!(!scope.is_complete() && !scope.is_forbidden());
        assert!(UsageScope::of(&[Arc::new(forbidden)], Vec::new()).is_forbidden());
        assert!(UsageScope::of(&[Arc::new(project("sound"))], Vec::new()).is_complete());
    }

    #[test]
    fn missing_projects_are_bounded_and_counted() {
        let late = (0..60).map(|at| format!("late-{at}").parse().unwrap());
        let scope = UsageScope::of(&[], late.collect());
        assert_eq!((scope.missing.len(), scope.more_missing), (50, 10));
    }
}
