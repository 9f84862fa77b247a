//! The projects that each user changed recently. A page after a change must not show older cached
//! data to that user (read your writes).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::outbound::{Expiry, PerUserCache, Request, UserToken};
use registry_model::ProjectName;

/// How long a change counts as recent: longer than a working watch needs to report it.
const RECENT_CHANGE_TTL: Duration = Duration::from_secs(10);

/// The times of one user's changes.
type UserChanges = Arc<Mutex<Vec<(ProjectName, Instant)>>>;

/// Which user changed image streams of which project. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct RecentChanges(PerUserCache<UserChanges>);

impl RecentChanges {
    pub(super) fn new() -> Self {
        Self(PerUserCache::new(Expiry::AfterLastUse(RECENT_CHANGE_TTL)))
    }

    /// Records the change that `request` makes, now and when the guard is dropped: when the
    /// response has arrived or the request was canceled.
    pub(super) fn record(&self, token: &UserToken, request: &Request<'_>) -> Option<ChangeGuard> {
        let project = request.changed_project.clone()?;
        let noted = ChangeGuard {
            changes: self.0.get_or_default(token),
            project,
        };
        noted.record();
        Some(noted)
    }

    pub(super) fn projects_changed_by(&self, token: &UserToken) -> Vec<ProjectName> {
        let Some(changes) = self.0.get(token) else {
            return Vec::new();
        };
        let mut changes = changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.retain(|(_, when)| when.elapsed() < RECENT_CHANGE_TTL);
        changes
            .iter()
            .map(|(project, _)| project.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

/// A change whose request is in flight.
pub(super) struct ChangeGuard {
    changes: UserChanges,
    project: ProjectName,
}

impl ChangeGuard {
    fn record(&self) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.retain(|(project, when)| {
            *project != self.project && when.elapsed() < RECENT_CHANGE_TTL
        });
        changes.push((self.project.clone(), Instant::now()));
    }
}

impl Drop for ChangeGuard {
    fn drop(&mut self) {
        self.record();
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    #[test]
    fn image_stream_change_is_remembered_for_its_user() {
        let writes = RecentChanges::new();
        let (dev, viewer) = (UserToken::from("dev"), UserToken::from("viewer"));
        let changed = |project: &str| {
            Request::new(Method::POST, "create", "/")
                .with_changed_project(&project.parse().expect("a project name"))
        };
        for request in [
            Request::get("read", "/"),
            Request::new(Method::POST, "review", "/").read_only(),
            Request::new(Method::POST, "create user", "/"),
            changed("team-b"),
            changed("team-a"),
            changed("team-a"),
        ] {
            drop(writes.record(&dev, &request));
        }
        assert_eq!(
            writes
                .projects_changed_by(&dev)
                .iter()
                .map(ProjectName::as_str)
                .collect::<Vec<_>>(),
            ["team-a", "team-b"]
        );
        assert!(writes.projects_changed_by(&viewer).is_empty());
    }
}
