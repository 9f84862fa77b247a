//! Reading the images of all projects that a user sees: in a task that goes on when a page no longer
//! waits for it, so that the page has more the next time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::compute;
use super::load::ProjectImages;
use super::visible_space::{SpaceCollector, VisibleSpace};
use crate::app::AppForUser;
use crate::app::failure::Failure;
use crate::app::lists::visibility::listable_projects;
use crate::app::loading_cache::LoadedValue;
use crate::outbound::{UserKey, UserToken, inherit_timings};
use registry_model::ProjectName;

/// How many projects of one user are read concurrently. How many lists are read at a time is limited
/// for all users together.
const MAX_CONCURRENT_PROJECTS: usize = 4;

/// How many users' loads run at a time: each takes memory.
const MAX_CONCURRENT_LOADS: usize = 4;

/// When a load is given up: thousands of image streams take a request each the first time.
const LOAD_TIMEOUT: Duration = Duration::from_secs(120);

/// What has arrived of the loads that have begun and not ended, of all users. Cheap to clone; clones
/// share the loads.
#[derive(Clone, Debug)]
pub(in crate::app) struct SpaceLoads {
    loads: Arc<Mutex<HashMap<UserKey, Arc<Mutex<SpaceCollector>>>>>,
    permits: Arc<Semaphore>,
}

impl Default for SpaceLoads {
    fn default() -> Self {
        Self {
            loads: Arc::default(),
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT_LOADS)),
        }
    }
}

/// A load that has begun. Dropped, it has ended.
struct SpaceLoad {
    loads: SpaceLoads,
    key: UserKey,
    collected: Arc<Mutex<SpaceCollector>>,
}

/// What a page has of the images of all projects.
pub(super) enum ArrivedSpace {
    /// A load that has ended, or is not older than 30 seconds.
    Complete(Arc<VisibleSpace>),
    Partial(Box<SpaceCollector>),
}

/// Images that a page has read already: they are not read again.
pub(super) type FirstProject = (ProjectName, Arc<ProjectImages>);

impl SpaceLoads {
    /// Begins a load. A user has at most one at a time, as the cache ensures.
    fn begin(&self, token: &UserToken) -> SpaceLoad {
        let (key, collected) = (UserKey::from(token), Arc::default());
        lock(&self.loads).insert(key, Arc::clone(&collected));
        SpaceLoad {
            loads: self.clone(),
            key,
            collected,
        }
    }

    fn has(&self, token: &UserToken) -> bool {
        lock(&self.loads).contains_key(&UserKey::from(token))
    }

    /// What has arrived. Empty if no load has begun.
    fn arrived(&self, token: &UserToken) -> SpaceCollector {
        let collected = lock(&self.loads).get(&UserKey::from(token)).cloned();
        collected.map_or_else(SpaceCollector::default, |collected| {
            lock(&collected).clone()
        })
    }
}

impl Drop for SpaceLoad {
    fn drop(&mut self) {
        let mut loads = lock(&self.loads.loads);
        if loads
            .get(&self.key)
            .is_some_and(|collected| Arc::ptr_eq(collected, &self.collected))
        {
            loads.remove(&self.key);
        }
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ArrivedSpace {
    /// The images that have arrived.
    pub(super) async fn into_space(self) -> Arc<VisibleSpace> {
        match self {
            Self::Complete(space) => space,
            Self::Partial(collected) => Arc::new(compute(move || collected.build()).await),
        }
    }
}

impl AppForUser<'_> {
    /// The images of all projects that the user sees, complete and read within the last 30 seconds.
    /// `None` where they are not in memory. Sends no request.
    pub(super) fn known_space(&self) -> Option<Arc<VisibleSpace>> {
        if !self.api_server.recently_changed_projects().is_empty() {
            // What was read before the user's change does not show what the user expects to see
            // after it.
            self.app.user_caches.space.invalidate(self.token);
        }
        self.app.user_caches.space.peek(self.token, None)
    }

    /// The same, or what arrives until `deadline`. A load begins with `first`.
    ///
    /// # Errors
    ///
    /// [`Failure::SignInRequired`]. A failure to list the projects leaves them unread.
    pub(super) async fn arrived_space(
        &self,
        first: Option<FirstProject>,
        deadline: Instant,
    ) -> Result<ArrivedSpace, Failure> {
        if let Some(space) = self.known_space() {
            return Ok(ArrivedSpace::Complete(space));
        }
        let loads = &self.app.space_loads;
        if loads.has(self.token) {
            let nothing_else = async { Err(Failure::DeadlineExceeded) };
            let cache = &self.app.user_caches.space;
            match timeout_at(deadline, cache.get(self.token, None, nothing_else)).await {
                Ok(Ok(space)) => return Ok(ArrivedSpace::Complete(space)),
                // It has ended without everything.
                Ok(Err(_)) => {}
                Err(_) => return Ok(ArrivedSpace::Partial(Box::new(loads.arrived(self.token)))),
            }
        }
        let (app, token) = (self.app.clone(), self.token.clone());
        let load = tokio::spawn(inherit_timings(async move {
            let user = app.for_user(&token);
            let load = Box::pin(user.load_space(first));
            app.user_caches.space.get(&token, None, load).await
        }));
        match timeout_at(deadline, load).await {
            Ok(Ok(Ok(space))) => Ok(ArrivedSpace::Complete(space)),
            Ok(Ok(Err(Failure::SignInRequired))) => Err(Failure::SignInRequired),
            Ok(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            Ok(Ok(Err(_))) | Err(_) => {
                Ok(ArrivedSpace::Partial(Box::new(loads.arrived(self.token))))
            }
        }
    }

    async fn load_space(
        &self,
        first: Option<FirstProject>,
    ) -> Result<LoadedValue<Arc<VisibleSpace>>, Failure> {
        let deadline = Instant::now() + LOAD_TIMEOUT;
        let load = self.app.space_loads.begin(self.token);
        let _permit = self.app.space_loads.permits.acquire().await;
        let (projects, everywhere) = self.projects_and_cluster_right().await?;
        let mut names = listable_projects(&projects);
        {
            let mut collected = lock(&load.collected);
            collected.project_count = Some(names.len());
            collected.sees_all = everywhere && names.len() == projects.len();
            if let Some((project, images)) = &first
                && names.contains(project)
            {
                collected.add_project(project, images);
                names.retain(|name| name != project);
            }
        }
        let mut loads = stream::iter(names)
            .map(|name| async move {
                let images = self.project_images(&name, deadline).await;
                (name, images)
            })
            .buffer_unordered(MAX_CONCURRENT_PROJECTS);
        while let Some((name, images)) = loads.next().await {
            match images {
                Err(Failure::SignInRequired) => return Err(Failure::SignInRequired),
                Err(Failure::Forbidden(_)) => lock(&load.collected).leave_out_project(),
                // It stays unread.
                Err(_) => {}
                Ok(images) => lock(&load.collected).add_project(&name, &images),
            }
        }
        drop(loads);
        let collected = std::mem::take(&mut *lock(&load.collected));
        let is_cacheable = collected.is_complete();
        Ok(LoadedValue {
            value: Arc::new(collected.build()),
            is_cacheable,
        })
    }
}
