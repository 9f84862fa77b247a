//! The image streams of many projects, listed side by side with one person's token.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::visibility::listable;
use crate::app::access::rights::{Person, person};
use crate::app::{AsUser, Console};
use crate::index::Gathered;
use crate::openshift::{Error, Streams};
use crate::outbound::{UserToken, elsewhere};
use registry_model::ProjectName;

/// How many lists of one person's projects the master is asked for at once (R10).
const LISTS_OF_ONE: usize = 48;
/// How many lists of projects in all. Whoever comes later waits for their turn.
pub(in crate::app) const LISTS_OF_ALL: usize = 144;

/// How many names of projects are remembered of all people together: some 6 MiB, at 64 bytes each.
const NAMES: u64 = 100_000;
/// For how long after it was last of use.
const IDLE: Duration = Duration::from_secs(600);

/// What came of the list of one project.
type Listed = Result<Streams<Gathered>, Error>;

/// Which projects were listed for somebody the last time, so that the next lists need not wait
/// until the master has said which they are now. It decides nothing: what is shown is what the
/// master says then. Cheap to clone.
#[derive(Clone, Debug)]
pub(in crate::app) struct LastProjects(moka::sync::Cache<Person, Arc<[ProjectName]>>);

impl LastProjects {
    pub(in crate::app) fn new() -> Self {
        let names = |_: &Person, projects: &Arc<[ProjectName]>| {
            u32::try_from(projects.len())
                .unwrap_or(u32::MAX)
                .saturating_add(1)
        };
        Self(
            moka::sync::Cache::builder()
                .weigher(names)
                .max_capacity(NAMES)
                .time_to_idle(IDLE)
                .build(),
        )
    }

    fn of(&self, token: &UserToken) -> Arc<[ProjectName]> {
        self.0.get(&person(token)).unwrap_or_default()
    }

    fn remember(&self, token: &UserToken, projects: &[ProjectName]) {
        self.0.insert(person(token), projects.into());
    }

    pub(in crate::app) fn forget(&self, token: &UserToken) {
        self.0.invalidate(&person(token));
    }
}

/// How long somebody who signs in waits at most until it is known which projects they have. Their
/// first list would wait for the same.
const FORESEE: Duration = Duration::from_secs(1);

impl AsUser<'_> {
    /// Learns which projects somebody has who is about to ask for lists: without an index, the
    /// first of them begins with these. What cannot be learnt in a second is left to that list.
    pub async fn foresee_lists(&self) {
        if self.console.index.ready().is_some() {
            return;
        }
        if let Ok(Ok((projects, false))) = timeout(FORESEE, self.projects_and_reach()).await {
            self.console
                .last_projects
                .remember(self.token, &listable(&projects));
        }
    }
}

/// Lists that are on their way. Each is read in a task of its own: they come at the same time, and
/// one after the other they would keep a processor busy while others idle. Whoever is no longer
/// waited for does not go on: the tasks end with this.
pub(in crate::app) struct ProjectLists {
    here: Arc<(Console, UserToken)>,
    mine: Arc<Semaphore>,
    begun: HashSet<ProjectName>,
    tasks: JoinSet<(ProjectName, Listed)>,
}

impl ProjectLists {
    /// Those of the projects that the person had the last time.
    pub(in crate::app) fn begin(user: &AsUser<'_>) -> Self {
        let here = Arc::new((user.console.clone(), user.token.clone()));
        let mut lists = Self {
            here,
            mine: Arc::new(Semaphore::new(LISTS_OF_ONE)),
            begun: HashSet::new(),
            tasks: JoinSet::new(),
        };
        user.console
            .last_projects
            .of(user.token)
            .iter()
            .for_each(|project| lists.ask(project));
        lists
    }

    fn ask(&mut self, project: &ProjectName) {
        if !self.begun.insert(project.clone()) {
            return;
        }
        let (here, mine, project) = (
            Arc::clone(&self.here),
            Arc::clone(&self.mine),
            project.clone(),
        );
        self.tasks.spawn(elsewhere(async move {
            let (console, token) = &*here;
            let _turns = (mine.acquire().await, console.list_turns.acquire().await);
            let listed = console.as_user(token).listed(Some(&project)).await;
            (project, listed)
        }));
    }

    /// Gives the list of each of `projects` to `take` as it comes, until that fails, and of no
    /// other.
    pub(in crate::app) async fn each<E>(
        mut self,
        projects: &[ProjectName],
        mut take: impl FnMut(ProjectName, Listed) -> Result<(), E>,
    ) -> Result<(), E> {
        self.here.0.last_projects.remember(&self.here.1, projects);
        projects.iter().for_each(|project| self.ask(project));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_one_persons_is_not_anothers_and_is_forgotten() {
        let (last, dev, viewer) = (
            LastProjects::new(),
            UserToken::from("dev"),
            UserToken::from("viewer"),
        );
        let team: ProjectName = "team-a".parse().unwrap();
        last.remember(&dev, std::slice::from_ref(&team));
        assert_eq!(
            (&*last.of(&dev), &*last.of(&viewer)),
            (&[team][..], &[][..])
        );
        last.forget(&dev);
        assert!(last.of(&dev).is_empty());
    }
}
