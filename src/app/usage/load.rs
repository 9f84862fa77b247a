//! Reading the workloads of the projects that a user sees: from the index, or from the API server
//! those kinds that the index does not have at present.

mod listed_kinds;

pub(in crate::app) use listed_kinds::WorkloadLoads;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::workload_index::ListableKinds;
use super::{MissingKinds, ProjectWorkloads, UsageScope};
use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::lists::visibility::listable_projects;
use crate::app::loading_cache::LoadedValue;
use crate::app::section::{Section, Unavailable};
use crate::index::WorkloadSnapshot;
use crate::openshift::{AccessRight, ApiError, WorkloadList};
use crate::outbound::inherit_timings;
use listed_kinds::WorkloadLoad;
use registry_model::{ProjectName, Workload, WorkloadKind};

/// How many projects of one user are read concurrently. Each takes a list for each kind; how many
/// lists are read at a time is limited for all users together. With fewer projects the page would
/// wait for several rounds of the list that takes longest, that of pods.
const MAX_CONCURRENT_PROJECTS: usize = 40;

/// The workloads of all projects that a user sees.
#[derive(Debug, Default)]
pub(super) struct FoundWorkloads {
    /// By name.
    pub(super) projects: Vec<Arc<ProjectWorkloads>>,
    pub(super) scope: UsageScope,
}

/// The workloads of a kind in one project, or in the cluster.
#[derive(Clone, Debug)]
enum ListedKind {
    Listed(WorkloadList),
    NotAllowed,
    Missing(Unavailable),
}

impl AppForUser<'_> {
    /// What the workloads of a project reference, from the index or as read within the last 30
    /// seconds. Kinds that have not arrived at `deadline` are late.
    ///
    /// # Errors
    ///
    /// [`Failure::SignInRequired`]. Kinds that cannot be listed are in
    /// [`ProjectWorkloads::missing`].
    pub(super) async fn project_workloads(
        &self,
        project: &ProjectName,
        deadline: Instant,
    ) -> Result<Arc<ProjectWorkloads>, Failure> {
        let load = self.load_in_background(Some(project));
        let Ok(found) = timeout_at(deadline, load).await else {
            let arrived = self.app.workload_loads.arrived(self.token, Some(project));
            return only_project(arrived.into_project(project)).map(Arc::new);
        };
        only_project(found?.iter().cloned())
    }

    /// The workloads of all projects that the user sees, beginning with `first`. Projects and kinds
    /// whose workloads have not arrived at `deadline` are missing.
    ///
    /// # Errors
    ///
    /// The user's projects cannot be listed.
    pub(super) async fn visible_workloads(
        &self,
        first: Option<&ProjectName>,
        deadline: Instant,
    ) -> Result<FoundWorkloads, Failure> {
        let (projects, is_whole_cluster) = timeout_at(deadline, self.projects_to_search())
            .await
            .map_err(|_| Failure::DeadlineExceeded)?;
        if is_whole_cluster {
            return self.cluster_workloads(projects, deadline).await;
        }
        let mut projects = projects?;
        if let Some(at) = first.and_then(|first| projects.iter().position(|name| name == first)) {
            projects[..=at].rotate_right(1);
        }
        let mut found = FoundWorkloads::default();
        let mut waiting: BTreeSet<ProjectName> = projects.iter().cloned().collect();
        let mut loads = stream::iter(projects)
            .map(|project| async move {
                // A project whose turn does not come in time is missing as a whole.
                if Instant::now() < deadline {
                    self.project_workloads(&project, deadline).await.map(Some)
                } else {
                    Ok(None)
                }
            })
            .buffer_unordered(MAX_CONCURRENT_PROJECTS);
        while let Some(loaded) = loads.next().await {
            if let Some(loaded) = loaded? {
                waiting.remove(&loaded.project);
                found.projects.push(loaded);
            }
        }
        drop(loads);
        found
            .projects
            .sort_unstable_by(|a, b| a.project.cmp(&b.project));
        found.scope = UsageScope::of(&found.projects, waiting.into_iter().collect());
        Ok(found)
    }

    /// The user's projects, and whether the user may list the pods of the whole cluster: then a few
    /// long lists take the place of many short ones.
    async fn projects_to_search(&self) -> (Result<Vec<ProjectName>, Failure>, bool) {
        let (projects, [everywhere]) = tokio::join!(
            self.known_projects(),
            self.review_access([AccessRight::list_all_pods()])
        );
        (projects, everywhere)
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

    /// The workloads of the cluster, of which the user sees `projects`. Kinds that have not arrived
    /// at `deadline` are missing.
    async fn cluster_workloads(
        &self,
        projects: Result<Vec<ProjectName>, Failure>,
        deadline: Instant,
    ) -> Result<FoundWorkloads, Failure> {
        let projects = match timeout_at(deadline, self.load_in_background(None)).await {
            Ok(loaded) => loaded?.to_vec(),
            Err(_) => {
                let arrived = self.app.workload_loads.arrived(self.token, None);
                let found = arrived.into_cluster(&projects?);
                found.into_iter().map(Arc::new).collect()
            }
        };
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
            // What the user may not list in the whole cluster is read in each project.
            if project.is_some() || listable.not_allowed().iter().next().is_none() {
                let grouped = &self.app.grouped_workloads;
                return Ok(grouped.get(indexed, project, &listable));
            }
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
        let load = self.app.workload_loads.begin(self.token, project);
        let listed = &load;
        let is_indexed =
            |kind: &WorkloadKind| indexed.is_some_and(|indexed| indexed.kind(*kind).is_some());
        let lists = WorkloadKind::ALL.into_iter();
        let lists = lists
            .filter(|kind| !is_indexed(kind))
            .map(|kind| async move {
                listed.add(kind, self.list_kind(kind, project).await?);
                Ok::<_, Failure>(())
            });
        let known = async {
            if let Some(indexed) = indexed {
                let listable = self.review_kinds(indexed, project).await?;
                for (kind, workloads) in indexed_kinds(indexed, project, &listable) {
                    listed.add(kind, workloads);
                }
            }
            Ok::<_, Failure>(())
        };
        tokio::try_join!(try_join_all(lists), known)?;
        let projects = match project {
            None => self.list_where_not_allowed_everywhere(&load).await?,
            Some(_) => Vec::new(),
        };
        let listed = load.finish();
        let is_cacheable = listed.is_cacheable();
        let found = match project {
            None => listed.into_cluster(&projects),
            Some(project) => listed.into_project(project),
        };
        Ok(LoadedValue {
            value: found.into_iter().map(Arc::new).collect(),
            is_cacheable,
        })
    }

    /// The workloads of a kind in a project, or in the cluster.
    async fn list_kind(
        &self,
        kind: WorkloadKind,
        project: Option<&ProjectName>,
    ) -> Result<ListedKind, Failure> {
        let _permit = self.app.list_permits.acquire().await;
        match self.api_server.list_workloads(kind, project).await {
            Err(ApiError::TokenRefused) => Err(Failure::SignInRequired),
            result => Ok(ListedKind::from(result)),
        }
    }

    /// Lists the kinds that the user may not list in the whole cluster in each project. Returns the
    /// user's projects if any kind was not listed in the whole cluster.
    async fn list_where_not_allowed_everywhere(
        &self,
        load: &WorkloadLoad,
    ) -> Result<Vec<ProjectName>, Failure> {
        let (not_allowed, is_any_missing) = load.gaps();
        if not_allowed.is_empty() && !is_any_missing {
            return Ok(Vec::new());
        }
        let projects = self.known_projects().await?;
        let mut lists = Vec::new();
        for project in &projects {
            lists.extend(not_allowed.iter().map(|kind| (project.clone(), *kind)));
        }
        let mut lists = stream::iter(lists)
            .map(|(project, kind)| async move {
                let listed = self.list_kind(kind, Some(&project)).await?;
                load.add_in_project(project, kind, listed);
                Ok::<_, Failure>(())
            })
            .buffer_unordered(MAX_CONCURRENT_PROJECTS);
        while let Some(listed) = lists.next().await {
            listed?;
        }
        drop(lists);
        Ok(projects)
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

/// The result of a load of one project.
fn only_project<T>(found: impl IntoIterator<Item = T>) -> Result<T, Failure> {
    found
        .into_iter()
        .next()
        .ok_or(Failure::Internal("a load of a project without a result"))
}

/// The workloads of `projects`, and of each other project that has any.
fn group_by_project(
    projects: &[ProjectName],
    listed: Vec<(WorkloadKind, ListedKind)>,
) -> Vec<ProjectWorkloads> {
    let (mut not_allowed, mut missing, mut malformed) = (Vec::new(), Vec::new(), 0);
    let mut by_project: HashMap<ProjectName, Vec<Workload>> = HashMap::new();
    for project in projects {
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
