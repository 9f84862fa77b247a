//! Writes of role bindings, in the words of `rbac.authorization.k8s.io/v1` (recorded as `rolebinding-rbac-*`).

use http::Method;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::{ENCODED, OBJECT_BYTES, RBAC};
use crate::model::ProjectName;
use crate::outbound::Request;

/// Creates a binding.
pub(in crate::openshift) fn create(project: &ProjectName, binding: &Value) -> Request<'static> {
    let path = format!("{RBAC}/namespaces/{project}/rolebindings");
    Request::new(Method::POST, "create role binding", path).json(binding).max_bytes(OBJECT_BYTES)
}

/// Puts a binding in the place of the revision that it was read as.
pub(in crate::openshift) fn replace(project: &ProjectName, name: &str, binding: &Value) -> Request<'static> {
    let path = format!("{RBAC}/namespaces/{project}/rolebindings/{}", utf8_percent_encode(name, ENCODED));
    Request::new(Method::PUT, "replace role binding", path).json(binding).max_bytes(OBJECT_BYTES)
}

/// The bindings of all projects.
pub(in crate::openshift) fn of_all_projects() -> Request<'static> {
    Request::get("list all role bindings", format!("{RBAC}/rolebindings"))
}
