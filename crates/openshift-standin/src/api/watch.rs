//! Watches: changes as lines of JSON, until the time is up.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use tokio::time::Instant;

use super::{projects, streams, workloads};
use crate::api::request::ApiRequest;
use crate::api::response;
use crate::api::response::ApiResponse;
use crate::cluster::{
    ClusterError, ClusterErrorReason, ClusterState, ObjectEvent, RevisionTooOld, Version,
    WatchedObject,
};

/// The duration of a watch that does not set it: the least that Kubernetes uses.
const DEFAULT_WATCH_SECONDS: u64 = 1800;
const MAX_WATCH_SECONDS: u64 = 3600;

/// The state of a watch between two lines.
struct WatchResponse {
    request: ApiRequest,
    revisions: Receiver<u64>,
    /// The revision up to which changes have been sent.
    sent_revision: u64,
    lines: VecDeque<Bytes>,
    deadline: Instant,
    /// The projects that were visible to the user: only their deletion is reported.
    visible_projects: BTreeSet<String>,
    /// Whether the last line has been sent.
    ended: bool,
}

/// Starts a watch. The response owns a copy of the request, because it lives longer.
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let request = request.clone();
    let revisions = request.cluster.revisions();
    let from_revision: Option<u64> = match request.query.resource_version.as_str() {
        "" | "0" => None,
        version => Some(version.parse().map_err(|_not_a_number| {
            ClusterErrorReason::BadRequest(format!("Invalid value: {version:?}: resourceVersion"))
        })?),
    };
    let seconds = request
        .query
        .timeout_seconds
        .unwrap_or(DEFAULT_WATCH_SECONDS)
        .min(MAX_WATCH_SECONDS);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut watch = WatchResponse {
        request,
        revisions,
        sent_revision: 0,
        lines: VecDeque::new(),
        deadline: until,
        visible_projects: BTreeSet::new(),
        ended: false,
    };
    watch.start(from_revision);
    let lines = futures_util::stream::unfold(watch, |mut watch| async move {
        watch
            .next()
            .await
            .map(|line| (Ok::<_, std::convert::Infallible>(line), watch))
    });
    Ok(ApiResponse::json_lines(Body::from_stream(lines)))
}

impl WatchResponse {
    /// Without a revision, existing image streams are reported as added; projects are not.
    fn start(&mut self, from_revision: Option<u64>) {
        let (request, lines, visible) =
            (&self.request, &mut self.lines, &mut self.visible_projects);
        self.sent_revision = request.cluster.read(|state| {
            if from_revision.is_none() && request.resource == "imagestreams" {
                let there: Vec<_> = match request.project.as_str() {
                    "" => state.streams_after(None).collect(),
                    project => state.streams_of(project).collect(),
                };
                lines.extend(
                    there
                        .into_iter()
                        .map(|stream| line(&streams::watch_event(request, "ADDED", stream))),
                );
            }
            if let Some(kind) = workloads::requested_kind(request)
                && from_revision.is_none()
            {
                let there = state.workloads_after(kind, None).filter(|object| {
                    request.project.is_empty() || request.project == object.namespace()
                });
                lines.extend(
                    there.map(|object| line(&workloads::watch_event(request, "ADDED", object))),
                );
            }
            if request.resource == "projects" {
                visible.extend(
                    state
                        .projects_of(request.user())
                        .map(|project| project.meta.name.clone()),
                );
            }
            from_revision.unwrap_or_else(|| state.revision())
        });
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Some(line);
            }
            if self.ended {
                return None;
            }
            self.catch_up();
            if self.request.cluster.outage().affects(self.request.group) {
                return None;
            }
            if self.lines.is_empty() {
                let changed =
                    tokio::time::timeout_at(self.deadline, self.revisions.changed()).await;
                self.ended = !matches!(changed, Ok(Ok(())));
            }
        }
    }

    fn catch_up(&mut self) {
        let (request, visible, seen) = (
            &self.request,
            &mut self.visible_projects,
            self.sent_revision,
        );
        self.revisions.borrow_and_update();
        let (revision, lines) = request.cluster.read(|state| {
            let lines: Result<Vec<Bytes>, RevisionTooOld> =
                state.changes_since(seen).map(|events| {
                    events
                        .filter_map(|event| event_line(request, visible, state, event))
                        .collect()
                });
            (state.revision(), lines)
        });
        match lines {
            Ok(lines) => self.lines.extend(lines),
            Err(missed) => {
                self.lines.push_back(line(&expired_event(
                    request.cluster.version(),
                    seen,
                    missed,
                )));
                self.ended = true;
            }
        }
        self.sent_revision = seen.max(revision);
    }
}

/// The line of this watch for a change, if the watch is about it.
fn event_line(
    request: &ApiRequest,
    visible: &mut BTreeSet<String>,
    state: &ClusterState,
    event: &ObjectEvent,
) -> Option<Bytes> {
    let value = match (&event.object, request.resource.as_str()) {
        (WatchedObject::Stream(stream), "imagestreams")
            if request.project.is_empty() || request.project == stream.namespace() =>
        {
            streams::watch_event(request, event.change, stream)
        }
        (WatchedObject::Workload(object), resource)
            if resource == object.kind.resource()
                && (request.project.is_empty() || request.project == object.namespace()) =>
        {
            workloads::watch_event(request, event.change, object)
        }
        (WatchedObject::Project(project), "projects") => {
            let name = &project.meta.name;
            let seen = if event.change == "DELETED" {
                visible.remove(name)
            } else {
                state.can_see(request.user(), name)
            };
            if !seen {
                return None;
            }
            if event.change != "DELETED" {
                visible.insert(name.clone());
            }
            projects::watch_event(request, event.change, project)
        }
        _ => return None,
    };
    Some(line(&value))
}

fn expired_event(version: Version, request: u64, missed: RevisionTooOld) -> Value {
    let message = match version {
        Version::V3_9 => "The resourceVersion for the provided watch is too old.".to_owned(),
        Version::V4 => format!("too old resource version: {request} ({})", missed.oldest),
    };
    json!({"type": "ERROR", "object": response::status_object(version, &ClusterErrorReason::Expired(message).into()).1})
}

fn line(value: &Value) -> Bytes {
    Bytes::from(format!("{value}\n"))
}
