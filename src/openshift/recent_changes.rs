//! What people have changed lately: nothing that was remembered before may be shown to them after
//! (read your writes).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::Method;

use crate::outbound::{Expiry, PerUserCache, Request, UserToken};
use registry_model::ProjectName;

/// How long a change counts as late: longer than any watch that works takes to tell of it.
const RECENT_CHANGE_TTL: Duration = Duration::from_secs(10);

/// When one person's changes were made.
type UserChanges = Arc<Mutex<Vec<(ProjectName, Instant)>>>;

/// Who changed image streams of which project. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct RecentChanges(PerUserCache<UserChanges>);

impl RecentChanges {
    pub(super) fn new() -> Self {
        Self(PerUserCache::new(Expiry::AfterLastUse(RECENT_CHANGE_TTL)))
    }

    /// Notes what `request` changes, now and once more when it has been answered or given up: that
    /// is when the guard is dropped.
    pub(super) fn record(&self, token: &UserToken, request: &Request<'_>) -> Option<ChangeGuard> {
        let project = changed_project(request)?;
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

/// A change that is on its way.
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

/// Whether a request asks for a change of any kind. Reviews of access are `POST`s that change
/// nothing.
pub(super) fn is_change(request: &Request<'_>) -> bool {
    request.method != Method::GET && !request.path_and_query.ends_with("reviews")
}

/// The project whose image streams a request changes.
fn changed_project(request: &Request<'_>) -> Option<ProjectName> {
    if request.method == Method::GET {
        return None;
    }
    let within = request
        .path_and_query
        .strip_prefix("/apis/image.openshift.io/v1/namespaces/")?;
    within.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_stream_change_is_remembered_for_its_user() {
        let writes = RecentChanges::new();
        let (dev, viewer) = (UserToken::from("dev"), UserToken::from("viewer"));
        let streams = |project: &str| {
            format!("/apis/image.openshift.io/v1/namespaces/{project}/imagestreams")
        };
        for request in [
            Request::get("read", streams("read")),
            Request::new(
                Method::POST,
                "review",
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            ),
            Request::new(Method::POST, "create", streams("team-b")),
            Request::new(Method::DELETE, "remove", streams("team-a")),
            Request::new(Method::DELETE, "remove", streams("team-a")),
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
