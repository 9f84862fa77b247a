//! Requests that create, update and delete projects.

use http::Method;
use serde_json::{Map, Value, json};

use super::{MAX_OBJECT_BYTES, MAX_SMALL_OBJECT_BYTES, PROJECTS_PATH, post};
use crate::openshift::ProjectChange;
use crate::outbound::{ChangedObject, Request};
use registry_model::ProjectName;

const PROJECTS: &str = "projects";
const PROJECT_REQUESTS_PATH: &str = "/apis/project.openshift.io/v1/projectrequests";

/// Listing project requests checks whether the user may create one.
pub(in crate::openshift) fn list_project_requests() -> Request<'static> {
    Request::get("may I have a project", PROJECT_REQUESTS_PATH).max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// An empty text is not sent.
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
    post("request project", PROJECT_REQUESTS_PATH.to_owned(), &body)
        .with_changed_object(ChangedObject::in_cluster(PROJECTS, name))
}

/// A merge patch: fields that it does not contain are unchanged.
pub(in crate::openshift) fn update_project(
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
    if let Some(seen) = &change.seen_resource_version {
        metadata["resourceVersion"] = seen.as_str().into();
    }
    Request::new(
        Method::PATCH,
        "change project",
        format!("{PROJECTS_PATH}/{project}"),
    )
    .json_with_media_type(
        "application/merge-patch+json",
        &json!({ "metadata": metadata }),
    )
    .with_changed_object(ChangedObject::in_project(
        PROJECTS,
        project,
        project.as_str(),
    ))
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

pub(in crate::openshift) fn delete_project(project: &ProjectName) -> Request<'static> {
    Request::new(
        Method::DELETE,
        "delete project",
        format!("{PROJECTS_PATH}/{project}"),
    )
    .with_changed_object(ChangedObject::in_project(
        PROJECTS,
        project,
        project.as_str(),
    ))
    .max_bytes(MAX_OBJECT_BYTES)
}
