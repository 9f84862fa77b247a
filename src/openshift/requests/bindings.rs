//! Role bindings, in the words of the API group that the master has them in (recorded as
//! `rolebindings-*` and `rolebinding-rbac-*`).

use http::Method;
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

use super::{ENCODED, OBJECT_BYTES, SMALL_BYTES};
use crate::openshift::BindingGroup;
use crate::outbound::Request;
use registry_model::ProjectName;

/// The API groups of the master.
pub(in crate::openshift) fn groups() -> Request<'static> {
    Request::get("list API groups", "/apis").max_bytes(SMALL_BYTES)
}

/// The bindings of a project.
pub(in crate::openshift) fn list(group: BindingGroup, project: &ProjectName) -> Request<'static> {
    Request::get("list role bindings", path(group, project, "rolebindings"))
}

pub(in crate::openshift) fn create(
    group: BindingGroup,
    project: &ProjectName,
    binding: &Value,
) -> Request<'static> {
    Request::new(
        Method::POST,
        "create role binding",
        path(group, project, "rolebindings"),
    )
    .json(binding)
    .max_bytes(OBJECT_BYTES)
}

/// Puts a binding in the place of the revision that it was read as.
pub(in crate::openshift) fn replace(
    group: BindingGroup,
    project: &ProjectName,
    name: &str,
    binding: &Value,
) -> Request<'static> {
    Request::new(
        Method::PUT,
        "replace role binding",
        one(group, project, name),
    )
    .json(binding)
    .max_bytes(OBJECT_BYTES)
}

/// Deletes the revision of a binding that was read, and no later one.
pub(in crate::openshift) fn delete(
    group: BindingGroup,
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
        one(group, project, name),
    )
    .json(&options)
    .max_bytes(SMALL_BYTES)
}

fn one(group: BindingGroup, project: &ProjectName, name: &str) -> String {
    format!(
        "{}/{}",
        path(group, project, "rolebindings"),
        utf8_percent_encode(name, ENCODED)
    )
}

fn path(group: BindingGroup, project: &ProjectName, resource: &str) -> String {
    format!("/apis/{}/v1/namespaces/{project}/{resource}", group.name())
}

/// The bindings of all projects.
pub(in crate::openshift) fn of_all_projects() -> Request<'static> {
    Request::get(
        "list all role bindings",
        format!("/apis/{}/v1/rolebindings", BindingGroup::Rbac.name()),
    )
}
