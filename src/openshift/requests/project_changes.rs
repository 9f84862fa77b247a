//! New projects, changes of their texts, and their end.

use http::Method;
use serde_json::{Map, Value, json};

use super::{OBJECT_BYTES, PROJECTS, SMALL_BYTES, post};
use crate::openshift::ProjectChange;
use crate::outbound::Request;
use registry_model::ProjectName;

const REQUESTS: &str = "/apis/project.openshift.io/v1/projectrequests";

/// Listing requests for projects asks whether one may make one.
pub(in crate::openshift) fn may_request_project() -> Request<'static> {
    Request::get("may I have a project", REQUESTS).max_bytes(SMALL_BYTES)
}

/// A text that is empty is not sent.
pub(in crate::openshift) fn request_project(
    name: &str,
    display_name: &str,
    description: &str,
) -> Request<'static> {
    let mut body = json!({
        "apiVersion": "project.openshift.io/v1",
        "kind": "ProjectRequest",
        "metadata": { "name": name },
    });
    for (field, text) in [("displayName", display_name), ("description", description)] {
        if !text.is_empty() {
            body[field] = text.into();
        }
    }
    post("request project", REQUESTS.to_owned(), &body)
}

/// A merge patch: what it does not name stays.
pub(in crate::openshift) fn change_project(
    project: &ProjectName,
    change: &ProjectChange,
) -> Request<'static> {
    let texts = [
        ("openshift.io/display-name", &change.display_name),
        ("openshift.io/description", &change.description),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(key, text)| Some((key.to_owned(), Value::from(text.as_deref()?))));
    let mut metadata = json!({ "annotations": Map::from_iter(texts) });
    if let Some(seen) = &change.seen {
        metadata["resourceVersion"] = seen.as_str().into();
    }
    Request::new(
        Method::PATCH,
        "change project",
        format!("{PROJECTS}/{project}"),
    )
    .json_as(
        "application/merge-patch+json",
        &json!({ "metadata": metadata }),
    )
    .max_bytes(SMALL_BYTES)
}

pub(in crate::openshift) fn delete_project(project: &ProjectName) -> Request<'static> {
    Request::new(
        Method::DELETE,
        "delete project",
        format!("{PROJECTS}/{project}"),
    )
    .max_bytes(OBJECT_BYTES)
}
