//! What people have changed lately: nothing that was remembered before may be shown to them after
//! (read your writes).

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::Method;
use sha2::{Digest as _, Sha256};

use crate::outbound::{Request, UserToken};
use registry_model::ProjectName;

/// How long a change counts as late: longer than any watch that works takes to tell of it.
const LATELY: Duration = Duration::from_secs(10);
/// How many people's changes are kept.
const PEOPLE: u64 = 10_000;

/// When one person's changes were made.
type Changes = Arc<Mutex<Vec<(ProjectName, Instant)>>>;

/// Who changed image streams of which project. By the hash of the token, so that it is no memory of
/// tokens. Cheap to clone.
#[derive(Clone)]
pub(super) struct Writes(moka::sync::Cache<[u8; 32], Changes>);

impl Writes {
    pub(super) fn new() -> Self {
        Self(
            moka::sync::Cache::builder()
                .max_capacity(PEOPLE)
                .time_to_idle(LATELY)
                .build(),
        )
    }

    /// Notes what `request` changes, now and once more when it has been answered or given up: that
    /// is when the guard is dropped.
    pub(super) fn note(&self, token: &UserToken, request: &Request<'_>) -> Option<Noted> {
        let project = changes(request)?;
        let noted = Noted {
            changes: self.0.get_with(person(token), Arc::default),
            project,
        };
        noted.note();
        Some(noted)
    }

    pub(super) fn of(&self, token: &UserToken) -> Vec<ProjectName> {
        let Some(changes) = self.0.get(&person(token)) else {
            return Vec::new();
        };
        let mut changes = changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.retain(|(_, when)| when.elapsed() < LATELY);
        changes
            .iter()
            .map(|(project, _)| project.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

impl fmt::Debug for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writes")
            .field("people", &self.0.entry_count())
            .finish()
    }
}

/// A change that is on its way.
pub(super) struct Noted {
    changes: Changes,
    project: ProjectName,
}

impl Noted {
    fn note(&self) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.retain(|(project, when)| *project != self.project && when.elapsed() < LATELY);
        changes.push((self.project.clone(), Instant::now()));
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        self.note();
    }
}

fn person(token: &UserToken) -> [u8; 32] {
    Sha256::digest(token.expose()).into()
}

/// Whether a request asks for a change of any kind. Reviews of access are `POST`s that change
/// nothing.
pub(super) fn is_change(request: &Request<'_>) -> bool {
    request.method != Method::GET && !request.path_and_query.ends_with("reviews")
}

/// The project whose image streams a request changes.
fn changes(request: &Request<'_>) -> Option<ProjectName> {
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
    fn a_change_to_image_streams_is_remembered_for_whoever_made_it() {
        let writes = Writes::new();
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
            drop(writes.note(&dev, &request));
        }
        assert_eq!(
            writes
                .of(&dev)
                .iter()
                .map(ProjectName::as_str)
                .collect::<Vec<_>>(),
            ["team-a", "team-b"]
        );
        assert!(writes.of(&viewer).is_empty());
    }
}
