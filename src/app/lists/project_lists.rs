//! The image streams of many projects, listed concurrently with one user's token.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::visibility::listable_projects;
use crate::app::{App, AppForUser};
use crate::index::CollectedStreams;
use crate::openshift::{ApiError, StreamList};
use crate::outbound::{UserToken, inherit_timings};
use registry_model::ProjectName;

/// How many lists of one user's projects are requested concurrently (R10).
const MAX_CONCURRENT_LISTS_PER_USER: usize = 48;
/// How many lists of projects are requested concurrently for all users. Further ones wait.
pub(in crate::app) const MAX_CONCURRENT_LISTS: usize = 144;

/// The result of the list of one project.
type ProjectListResult = Result<StreamList<CollectedStreams>, ApiError>;

/// The longest time that a sign-in waits for the user's projects. The first list would wait for the
/// same.
const PREFETCH_TIMEOUT: Duration = Duration::from_secs(1);

impl AppForUser<'_> {
    /// Reads the projects of a user who is about to request lists: without an index, the first list
    /// begins with them. What cannot be read in a second is left to that list.
    pub async fn prefetch_project_names(&self) {
        if self.app.index.current_snapshot().is_some() {
            return;
        }
        if let Ok(Ok((projects, false))) =
            timeout(PREFETCH_TIMEOUT, self.projects_and_cluster_right()).await
        {
            self.app
                .user_caches
                .last_projects
                .insert(self.token, listable_projects(&projects).into());
        }
    }
}

/// Lists that are being read. Each is read in a task of its own: they arrive at the same time, and
/// read one after the other they would keep one processor busy while others idle. Dropping this
/// value aborts the tasks.
pub(in crate::app) struct ProjectLists {
    app_and_token: Arc<(App, UserToken)>,
    user_permits: Arc<Semaphore>,
    started: HashSet<ProjectName>,
    tasks: JoinSet<(ProjectName, ProjectListResult)>,
}

impl ProjectLists {
    /// Starts the lists of the projects that the user had the last time.
    pub(in crate::app) fn start(user: &AppForUser<'_>) -> Self {
        let app_and_token = Arc::new((user.app.clone(), user.token.clone()));
        let mut lists = Self {
            app_and_token,
            user_permits: Arc::new(Semaphore::new(MAX_CONCURRENT_LISTS_PER_USER)),
            started: HashSet::new(),
            tasks: JoinSet::new(),
        };
        user.app
            .user_caches
            .last_projects
            .get(user.token)
            .unwrap_or_default()
            .iter()
            .for_each(|project| lists.request(project));
        lists
    }

    fn request(&mut self, project: &ProjectName) {
        if !self.started.insert(project.clone()) {
            return;
        }
        let (app_and_token, user_permits, project) = (
            Arc::clone(&self.app_and_token),
            Arc::clone(&self.user_permits),
            project.clone(),
        );
        self.tasks.spawn(inherit_timings(async move {
            let (app, token) = &*app_and_token;
            let _permits = (
                user_permits.acquire().await,
                app.list_permits.acquire().await,
            );
            let listed = app.for_user(token).list_streams(Some(&project)).await;
            (project, listed)
        }));
    }

    /// Passes the list of each of `projects` to `take` as it arrives, until `take` fails. Lists of
    /// other projects are ignored.
    pub(in crate::app) async fn for_each<E>(
        mut self,
        projects: &[ProjectName],
        mut take: impl FnMut(ProjectName, ProjectListResult) -> Result<(), E>,
    ) -> Result<(), E> {
        self.app_and_token
            .0
            .user_caches
            .last_projects
            .insert(&self.app_and_token.1, projects.into());
        projects.iter().for_each(|project| self.request(project));
        let mut remaining: HashSet<&ProjectName> = projects.iter().collect();
        while !remaining.is_empty()
            && let Some(joined) = self.tasks.join_next().await
        {
            let (project, listed) =
                joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            if remaining.remove(&project) {
                take(project, listed)?;
            }
        }
        Ok(())
    }
}
