//! The image streams of many projects, listed side by side with one person's token.

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

/// How many lists of one person's projects the master is asked for at once (R10).
const MAX_CONCURRENT_LISTS_PER_USER: usize = 48;
/// How many lists of projects in all. Whoever comes later waits for their turn.
pub(in crate::app) const MAX_CONCURRENT_LISTS: usize = 144;

/// What came of the list of one project.
type ProjectListResult = Result<StreamList<CollectedStreams>, ApiError>;

/// How long somebody who signs in waits at most until it is known which projects they have. Their
/// first list would wait for the same.
const PREFETCH_TIMEOUT: Duration = Duration::from_secs(1);

impl AppForUser<'_> {
    /// Learns which projects somebody has who is about to ask for lists: without an index, the
    /// first of them begins with these. What cannot be learnt in a second is left to that list.
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

/// Lists that are on their way. Each is read in a task of its own: they come at the same time, and
/// one after the other they would keep a processor busy while others idle. Whoever is no longer
/// waited for does not go on: the tasks end with this.
pub(in crate::app) struct ProjectLists {
    app_and_token: Arc<(App, UserToken)>,
    user_permits: Arc<Semaphore>,
    started: HashSet<ProjectName>,
    tasks: JoinSet<(ProjectName, ProjectListResult)>,
}

impl ProjectLists {
    /// Those of the projects that the person had the last time.
    pub(in crate::app) fn start(user: &AppForUser<'_>) -> Self {
        let here = Arc::new((user.app.clone(), user.token.clone()));
        let mut lists = Self {
            app_and_token: here,
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
        let (here, mine, project) = (
            Arc::clone(&self.app_and_token),
            Arc::clone(&self.user_permits),
            project.clone(),
        );
        self.tasks.spawn(inherit_timings(async move {
            let (console, token) = &*here;
            let _turns = (mine.acquire().await, console.list_permits.acquire().await);
            let listed = console.for_user(token).list_streams(Some(&project)).await;
            (project, listed)
        }));
    }

    /// Gives the list of each of `projects` to `take` as it comes, until that fails, and of no
    /// other.
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
        let mut left: HashSet<&ProjectName> = projects.iter().collect();
        while !left.is_empty()
            && let Some(done) = self.tasks.join_next().await
        {
            let (project, listed) =
                done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            if left.remove(&project) {
                take(project, listed)?;
            }
        }
        Ok(())
    }
}
