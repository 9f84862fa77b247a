//! Requests for role bindings, in the API group of the API server (recorded as `rolebindings-*` and
//! `rolebinding-rbac-*`).

use http::Method;
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

use super::{MAX_OBJECT_BYTES, MAX_SMALL_OBJECT_BYTES, PATH_ENCODE_SET};
use crate::openshift::BindingApiGroup;
use crate::outbound::{ChangedObject, Request};
use registry_model::ProjectName;

/// The API groups of the API server.
pub(in crate::openshift) fn list_api_groups() -> Request<'static> {
    Request::get("list API groups", "/apis").max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// The bindings of a project.
pub(in crate::openshift) fn list(
    group: BindingApiGroup,
    project: &ProjectName,
) -> Request<'static> {
    Request::get(
        "list role bindings",
        collection_path(group, project, "rolebindings"),
    )
}

pub(in crate::openshift) fn create(
    group: BindingApiGroup,
    project: &ProjectName,
    binding: &Value,
) -> Request<'static> {
    Request::new(
        Method::POST,
        "create role binding",
        collection_path(group, project, "rolebindings"),
    )
    .json(binding)
    .with_changed_object(ChangedObject {
        name: binding["metadata"]["name"].as_str().map(str::to_owned),
        detail: Some(role_and_subjects(binding)),
        ..changed_binding(project, "")
    })
    .max_bytes(MAX_OBJECT_BYTES)
}

/// Replaces a binding, if it still has the resource version that was read.
pub(in crate::openshift) fn update(
    group: BindingApiGroup,
    project: &ProjectName,
    name: &str,
    binding: &Value,
) -> Request<'static> {
    Request::new(
        Method::PUT,
        "replace role binding",
        binding_path(group, project, name),
    )
    .json(binding)
    .with_changed_object(ChangedObject {
        detail: Some(role_and_subjects(binding)),
        ..changed_binding(project, name)
    })
    .max_bytes(MAX_OBJECT_BYTES)
}

/// Deletes a binding, if it still has the resource version that was read.
pub(in crate::openshift) fn delete(
    group: BindingApiGroup,
    project: &ProjectName,
    name: &str,
    uid: &Value,
    version: &Value,
) -> Request<'static> {
    let options = json!({
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": { "uid": uid, "resourceVersion": version },
    });
    Request::new(
        Method::DELETE,
        "delete role binding",
        binding_path(group, project, name),
    )
    .json(&options)
    .with_changed_object(changed_binding(project, name))
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

fn changed_binding(project: &ProjectName, name: &str) -> ChangedObject {
    ChangedObject::in_project("rolebindings", project, name)
}

/// `admin: User dev, Group team`.
fn role_and_subjects(binding: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let subjects = binding["subjects"].as_array().into_iter().flatten();
    let subjects: Vec<String> = subjects
        .map(|subject| format!("{} {}", text(&subject["kind"]), text(&subject["name"])))
        .collect();
    format!(
        "{}: {}",
        text(&binding["roleRef"]["name"]),
        subjects.join(", ")
    )
}

fn binding_path(group: BindingApiGroup, project: &ProjectName, name: &str) -> String {
    format!(
        "{}/{}",
        collection_path(group, project, "rolebindings"),
        utf8_percent_encode(name, PATH_ENCODE_SET)
    )
}

fn collection_path(group: BindingApiGroup, project: &ProjectName, resource: &str) -> String {
    format!("/apis/{}/v1/namespaces/{project}/{resource}", group.name())
}

/// The bindings of all projects.
pub(in crate::openshift) fn list_all() -> Request<'static> {
    Request::get(
        "list all role bindings",
        format!("/apis/{}/v1/rolebindings", BindingApiGroup::Rbac.name()),
    )
}
