//! Caches of what the API server and the registry answered for each user.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::lists::Visibility;
use super::lists::outage::LAST_VISIBILITY_TTL;
use super::lists::visibility::VISIBILITY_TTL;
use super::lists::visible_streams::VisibleStreams;
use super::loading_cache::LoadingCache;
use super::section::Section;
use super::space::{LastSpace, SPACE_TTL, VisibleSpace};
use super::usage::{ListableKinds, ProjectWorkloads, WORKLOADS_TTL, WorkloadCache};
use crate::openshift::{AccessRight, ImageLimit};
use crate::outbound::{Expiry, PerUserCache, SharedMap, UserToken};
use registry_model::{AccessPolicy, Clock, ProjectName};

/// How old a right, an access policy or a limit may be that a page shows. The API server decides again on
/// each change.
const ACCESS_TTL: Expiry = Expiry::AfterInsertion(Duration::from_secs(30));

/// How long after its last use the list of a user's projects is kept.
const LAST_PROJECTS_IDLE_TIME: Expiry = Expiry::AfterLastUse(Duration::from_secs(600));

/// How old the size of a user's images may be that the home page shows, with its age.
const LAST_SPACE_TTL: Expiry = Expiry::AfterInsertion(Duration::from_secs(600));

/// The memory of the workloads of all users together: those of some 10,000 projects.
const MAX_WORKLOADS_KIB: u64 = 64 << 10;

/// The memory of the images of all users together.
const MAX_SPACE_KIB: u64 = 96 << 10;

/// Everything that is invalidated when a user's rights change or the session ends. Cheap to clone.
#[derive(Clone, Debug)]
pub(in crate::app) struct UserCaches {
    pub(in crate::app) rights: PerUserCache<SharedMap<AccessRight, bool>>,
    /// Who may pull from a project: requests that remain on pages that the index spares their
    /// lists. That the user may not know it is cached as well.
    pub(in crate::app) policies: PerUserCache<SharedMap<ProjectName, Section<AccessPolicy>>>,
    /// What the limits of a project allow to push. That the user may not know it is cached as well.
    pub(in crate::app) limits: PerUserCache<SharedMap<ProjectName, Section<Vec<ImageLimit>>>>,
    pub(in crate::app) visibility: LoadingCache<Visibility>,
    pub(in crate::app) streams: LoadingCache<VisibleStreams>,
    /// The projects that were listed for a user the last time, so that the next lists need not wait
    /// for the current ones. They decide nothing: what is shown is what the API server then says.
    /// An entry takes some 64 bytes for each project.
    pub(in crate::app) last_projects: PerUserCache<Arc<[ProjectName]>>,
    /// The last confirmed visibility of each user, and when it was confirmed.
    pub(in crate::app) last_visibility: PerUserCache<(DateTime<Utc>, Arc<Visibility>)>,
    /// What the workloads of projects reference, as read with the user's token.
    pub(in crate::app) workloads: WorkloadCache<[Arc<ProjectWorkloads>]>,
    /// Which kinds of workloads of the index the user may see.
    pub(in crate::app) listable_kinds: WorkloadCache<ListableKinds>,
    /// The images of all projects, with their blobs, as read with the user's token.
    pub(in crate::app) space: WorkloadCache<VisibleSpace>,
    pub(in crate::app) last_space: PerUserCache<LastSpace>,
}

impl UserCaches {
    /// `streams_ttl` is how long image streams that were listed with a user's token are cached.
    pub(in crate::app) fn new(streams_ttl: TimeDelta, clock: &Clock) -> Self {
        let last_visibility_ttl = LAST_VISIBILITY_TTL.to_std().unwrap_or_default();
        Self {
            rights: PerUserCache::new(ACCESS_TTL),
            policies: PerUserCache::new(ACCESS_TTL),
            limits: PerUserCache::new(ACCESS_TTL),
            visibility: LoadingCache::new(VISIBILITY_TTL, clock.clone()),
            streams: LoadingCache::new(streams_ttl, clock.clone()),
            last_projects: PerUserCache::weighted_by_names(LAST_PROJECTS_IDLE_TIME, |projects| {
                projects.len()
            }),
            last_visibility: PerUserCache::weighted_by_names(
                Expiry::AfterInsertion(last_visibility_ttl),
                |(_, visibility)| visibility.projects.len(),
            ),
            workloads: WorkloadCache::new(
                WORKLOADS_TTL,
                MAX_WORKLOADS_KIB,
                |workloads| workloads.iter().map(|one| one.memory_bytes()).sum(),
                clock.clone(),
            ),
            listable_kinds: WorkloadCache::new(
                VISIBILITY_TTL,
                MAX_WORKLOADS_KIB,
                ListableKinds::memory_bytes,
                clock.clone(),
            ),
            space: WorkloadCache::new(
                SPACE_TTL,
                MAX_SPACE_KIB,
                VisibleSpace::memory_bytes,
                clock.clone(),
            ),
            last_space: PerUserCache::new(LAST_SPACE_TTL),
        }
    }

    /// Invalidates everything that is cached for the user.
    pub(in crate::app) fn invalidate(&self, token: &UserToken) {
        let Self {
            rights,
            policies,
            limits,
            visibility,
            streams,
            last_projects,
            last_visibility,
            workloads,
            listable_kinds,
            space,
            last_space,
        } = self;
        rights.invalidate(token);
        policies.invalidate(token);
        limits.invalidate(token);
        visibility.invalidate(token);
        streams.invalidate(token);
        last_projects.invalidate(token);
        last_visibility.invalidate(token);
        workloads.invalidate(token);
        listable_kinds.invalidate(token);
        space.invalidate(token);
        last_space.invalidate(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalidation_covers_every_cache_of_the_user() {
        let caches = UserCaches::new(TimeDelta::seconds(60), &Clock::system());
        let (dev, viewer) = (UserToken::from("dev"), UserToken::from("viewer"));
        let team: ProjectName = "team-a".parse().unwrap();
        let right = AccessRight::list_streams(None);
        for user in [&dev, &viewer] {
            let rights = caches.rights.get_or_default(user);
            rights.insert(right.clone(), true);
            let policies = caches.policies.get_or_default(user);
            policies.insert(team.clone(), Section::Ready(AccessPolicy::Private));
            let limits = caches.limits.get_or_default(user);
            limits.insert(team.clone(), Section::Ready(Vec::new()));
            caches.last_projects.insert(user, [team.clone()].into());
            let everything = Arc::new(Visibility::everything([].into()));
            caches
                .last_visibility
                .insert(user, (DateTime::<Utc>::default(), everything));
        }
        caches.invalidate(&dev);
        let known = |user| {
            [
                caches.rights.get_or_default(user).get(&right).is_some(),
                caches.policies.get_or_default(user).get(&team).is_some(),
                caches.limits.get_or_default(user).get(&team).is_some(),
                caches.last_projects.get(user).is_some(),
                caches.last_visibility.get(user).is_some(),
            ]
        };
        assert_eq!((known(&dev), known(&viewer)), ([false; 5], [true; 5]));
    }
}
