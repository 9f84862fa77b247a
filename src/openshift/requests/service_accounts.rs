//! Requests for service accounts and their tokens: ServiceAccount, Secret and DeleteOptions of
//! `v1`, TokenRequest of `authentication.k8s.io/v1` (recorded in `serviceaccount*`, `secret-token*`
//! and `tokenrequest*`).

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

use super::{MAX_SMALL_OBJECT_BYTES, PATH_ENCODE_SET};
use crate::outbound::{ChangedObject, Request};
use registry_model::{ProjectName, ServiceAccountName};

fn path(project: &ProjectName, resource: &str) -> String {
    format!("/api/v1/namespaces/{project}/{resource}")
}

/// The service accounts with a label.
pub(in crate::openshift) fn list(project: &ProjectName, label: (&str, &str)) -> Request<'static> {
    let selector = format!("{}={}", label.0, label.1);
    let selector = utf8_percent_encode(&selector, PATH_ENCODE_SET);
    Request::get(
        "list service accounts",
        format!(
            "{}?labelSelector={selector}",
            path(project, "serviceaccounts")
        ),
    )
}

pub(in crate::openshift) fn get(
    project: &ProjectName,
    name: &ServiceAccountName,
) -> Request<'static> {
    Request::get(
        "get service account",
        format!("{}/{name}", path(project, "serviceaccounts")),
    )
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// A new service account, for the project of the request.
#[must_use]
pub fn service_account_json(
    name: &ServiceAccountName,
    (label, value): (&str, &str),
    annotations: &BTreeMap<&str, String>,
) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": { "name": name.as_str(), "labels": { label: value }, "annotations": annotations },
    })
}

pub(in crate::openshift) fn create(
    project: &ProjectName,
    name: &ServiceAccountName,
    label: (&str, &str),
    annotations: &BTreeMap<&str, String>,
) -> Request<'static> {
    let mut body = service_account_json(name, label, annotations);
    body["metadata"]["namespace"] = project.as_str().into();
    let path = path(project, "serviceaccounts");
    Request::new(Method::POST, "create service account", path)
        .json(&body)
        .with_changed_object(ChangedObject::in_project(
            "serviceaccounts",
            project,
            name.as_str(),
        ))
        .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// Deletes this service account, and not one that was created with the same name later.
pub(in crate::openshift) fn delete(
    project: &ProjectName,
    name: &ServiceAccountName,
    uid: &str,
) -> Request<'static> {
    let body =
        json!({ "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": { "uid": uid } });
    let path = format!("{}/{name}", path(project, "serviceaccounts"));
    Request::new(Method::DELETE, "delete service account", path)
        .json(&body)
        .with_changed_object(ChangedObject::in_project(
            "serviceaccounts",
            project,
            name.as_str(),
        ))
        .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// A secret that the token controller fills, in every version from 3.6 to 4.
pub(in crate::openshift) fn create_secret(
    project: &ProjectName,
    secret: &str,
    account: &ServiceAccountName,
) -> Request<'static> {
    let body = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": secret,
            "namespace": project.as_str(),
            "annotations": { "kubernetes.io/service-account.name": account.as_str() },
        },
    });
    Request::new(
        Method::POST,
        "create token secret",
        path(project, "secrets"),
    )
    .json(&body)
    .with_changed_object(ChangedObject::in_project("secrets", project, secret))
    .max_bytes(MAX_SMALL_OBJECT_BYTES)
}

pub(in crate::openshift) fn get_secret(project: &ProjectName, secret: &str) -> Request<'static> {
    let path = format!(
        "{}/{}",
        path(project, "secrets"),
        utf8_percent_encode(secret, PATH_ENCODE_SET)
    );
    Request::get("get token secret", path).max_bytes(MAX_SMALL_OBJECT_BYTES)
}

/// A token with an expiry. 404 where the version has no token requests (before 4), and for a
/// service account that does not exist.
pub(in crate::openshift) fn create_token(
    project: &ProjectName,
    account: &ServiceAccountName,
    seconds: i64,
) -> Request<'static> {
    let body = json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": { "expirationSeconds": seconds },
    });
    let path = format!("{}/{account}/token", path(project, "serviceaccounts"));
    Request::new(Method::POST, "request token", path)
        .json(&body)
        .with_changed_object(ChangedObject::in_project(
            "serviceaccounts/token",
            project,
            account.as_str(),
        ))
        .max_bytes(MAX_SMALL_OBJECT_BYTES)
}
