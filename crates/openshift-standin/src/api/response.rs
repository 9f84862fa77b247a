//! Responses: JSON, text, a watch; and refusals as `Status` objects.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::cluster::{AccessAttributes, ClusterError, ClusterErrorReason, NamedResource, Version};

pub(super) struct ApiResponse {
    status: StatusCode,
    content_type: &'static str,
    body: Body,
    warning: Option<&'static str>,
}

impl ApiResponse {
    /// 200 with an object.
    pub(super) fn ok(value: &Value) -> Self {
        Self::json(StatusCode::OK, value)
    }

    /// 201 with an object.
    pub(super) fn created(value: &Value) -> Self {
        Self::json(StatusCode::CREATED, value)
    }

    pub(super) fn json(status: StatusCode, value: &Value) -> Self {
        Self {
            status,
            content_type: "application/json",
            body: Body::from(value.to_string()),
            warning: None,
        }
    }

    pub(super) fn text(text: &'static str) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "text/plain; charset=utf-8",
            body: Body::from(text),
            warning: None,
        }
    }

    /// 404 of a path that no API server handles: without a `Status`.
    pub(super) fn path_not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            content_type: "text/plain; charset=utf-8",
            body: Body::from("404 page not found\n"),
            warning: None,
        }
    }

    /// A text with any status.
    pub(super) fn text_with_status(status: StatusCode, text: &'static str) -> Self {
        Self {
            status,
            ..Self::text(text)
        }
    }

    /// 200 with lines of JSON, as they arrive.
    pub(super) fn json_lines(body: Body) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "application/json",
            body,
            warning: None,
        }
    }

    /// Adds a header `Warning`.
    pub(super) fn with_warning(self, warning: &'static str) -> Self {
        Self {
            warning: Some(warning),
            ..self
        }
    }

    /// 200 with `Success`, without an object.
    pub(super) fn success() -> Self {
        Self::ok(
            &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}),
        )
    }

    /// 200 with `Success`, for a deleted object.
    pub(super) fn success_deleted(object: &NamedResource, uid: &str) -> Self {
        let mut details = json!({"name": object.name, "kind": object.resource, "uid": uid});
        if !object.group.is_empty() {
            details["group"] = object.group.into();
        }
        Self::ok(
            &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}),
        )
    }

    pub(super) fn into_response(self, version: Version) -> Response {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let cache = if version == Version::V4 {
            "no-cache, private"
        } else {
            "no-store"
        };
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        if let Some(warning) = self.warning {
            response
                .headers_mut()
                .insert(header::WARNING, HeaderValue::from_static(warning));
        }
        response
    }
}

/// A refusal as a response.
pub(super) fn status_response(version: Version, refusal: &ClusterError) -> ApiResponse {
    let (status, body) = status_object(version, refusal);
    ApiResponse::json(status, &body)
}

/// The `Status` object of a refusal.
pub(super) fn status_object(version: Version, refusal: &ClusterError) -> (StatusCode, Value) {
    let (code, reason) = code_and_reason(&refusal.0);
    let mut body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message(version, &refusal.0),
        "reason": reason, "code": code.as_u16()});
    if let Some(details) = details(version, &refusal.0) {
        body["details"] = details;
    }
    if reason.is_empty() {
        body.as_object_mut().map(|body| body.remove("reason"));
    }
    (code, body)
}

fn code_and_reason(reason: &ClusterErrorReason) -> (StatusCode, &'static str) {
    match reason {
        ClusterErrorReason::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
        ClusterErrorReason::Forbidden { .. } => (StatusCode::FORBIDDEN, "Forbidden"),
        ClusterErrorReason::NotFound(_) | ClusterErrorReason::NoSuchPath => {
            (StatusCode::NOT_FOUND, "NotFound")
        }
        ClusterErrorReason::AlreadyExists(_) => (StatusCode::CONFLICT, "AlreadyExists"),
        ClusterErrorReason::Conflict(_) => (StatusCode::CONFLICT, "Conflict"),
        ClusterErrorReason::RemovalConflict(_) => (StatusCode::INTERNAL_SERVER_ERROR, ""),
        ClusterErrorReason::Invalid { .. } | ClusterErrorReason::PatchFailed => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Invalid")
        }
        ClusterErrorReason::BadRequest(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
        ClusterErrorReason::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "NotAcceptable"),
        ClusterErrorReason::UnsupportedMediaType(_) => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType")
        }
        ClusterErrorReason::MethodNotAllowed => {
            (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed")
        }
        ClusterErrorReason::Expired(_) => (StatusCode::GONE, "Expired"),
        ClusterErrorReason::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
    }
}

fn message(version: Version, reason: &ClusterErrorReason) -> String {
    match reason {
        ClusterErrorReason::Forbidden { object, message } if object.resource.is_empty() => {
            format!("forbidden: {message}")
        }
        ClusterErrorReason::Forbidden { object, message } if object.name.is_empty() => {
            format!("{} is forbidden: {message}", object.qualified())
        }
        ClusterErrorReason::Invalid {
            kind,
            group,
            name,
            field,
            message,
            ..
        } => {
            let qualified = qualified_kind(version, kind, group);
            format!("{qualified} {name:?} is invalid: {field}: {message}")
        }
        other => other.to_string(),
    }
}

/// On 3.9 some resources leave their group out of `Invalid` messages; those are marked by an empty
/// group.
fn qualified_kind(version: Version, kind: &str, group: &str) -> String {
    if omits_group(version, kind) || group.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}.{group}")
    }
}

fn omits_group(version: Version, kind: &str) -> bool {
    // Recorded for `ImageStream`, `ProjectRequest` and `User`; refusals of `rest.BeforeCreate` of
    // Kubernetes name the kind alike.
    version == Version::V3_9
        && matches!(
            kind,
            "ImageStream" | "ProjectRequest" | "User" | "Group" | "Identity"
        )
}

fn details(version: Version, reason: &ClusterErrorReason) -> Option<Value> {
    let of_object = |object: &NamedResource| {
        let mut details = json!({});
        for (key, value) in [
            ("name", &object.name),
            ("group", &object.group.to_owned()),
            ("kind", &object.resource),
        ] {
            if !value.is_empty() {
                details[key] = value.as_str().into();
            }
        }
        details
    };
    match reason {
        ClusterErrorReason::NotFound(object)
        | ClusterErrorReason::AlreadyExists(object)
        | ClusterErrorReason::Conflict(object)
        | ClusterErrorReason::Forbidden { object, .. } => Some(of_object(object)),
        ClusterErrorReason::NoSuchPath | ClusterErrorReason::MethodNotAllowed => Some(json!({})),
        ClusterErrorReason::Invalid {
            kind,
            group,
            name,
            field,
            cause,
            message,
        } => {
            let mut details = json!({"name": name, "kind": kind, "causes": [{"reason": cause, "message": message, "field": field}]});
            if !omits_group(version, kind) && !group.is_empty() {
                details["group"] = (*group).into();
            }
            Some(details)
        }
        _ => None,
    }
}

fn user_or_anonymous(user: Option<&str>) -> &str {
    user.unwrap_or("system:anonymous")
}

fn resource(access: &AccessAttributes<'_>) -> String {
    if access.subresource.is_empty() {
        access.resource.to_owned()
    } else {
        format!("{}/{}", access.resource, access.subresource)
    }
}

/// `User "dev" cannot list resource "images" in API group "image.openshift.io" at the cluster
/// scope`: the message of OpenShift 4.
pub(super) fn forbidden_message_v4(user: Option<&str>, access: &AccessAttributes<'_>) -> String {
    let (user_name, verb, resource, group) = (
        user_or_anonymous(user),
        access.verb,
        resource(access),
        access.group,
    );
    format!(
        "User {user_name:?} cannot {verb} resource {resource:?} in API group {group:?} {}",
        scope(access)
    )
}

/// `User "dev" cannot get imagestreams.image.openshift.io/layers in the namespace "team-a"`: the
/// message of Kubernetes in 3.9.
pub(super) fn forbidden_message_v3_9(user: Option<&str>, access: &AccessAttributes<'_>) -> String {
    let mut resource = qualified(access.resource, access.group);
    if !access.subresource.is_empty() {
        resource = format!("{resource}/{}", access.subresource);
    }
    format!(
        "User {:?} cannot {} {resource} {}",
        user_or_anonymous(user),
        access.verb,
        scope(access)
    )
}

/// `images.image.openshift.io`, or `pods` in the core group.
fn qualified(resource: &str, group: &str) -> String {
    if group.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}.{group}")
    }
}

fn scope(access: &AccessAttributes<'_>) -> String {
    if access.project.is_empty() {
        "at the cluster scope".to_owned()
    } else {
        format!("in the namespace {:?}", access.project)
    }
}

/// `User "dev" cannot list all images.image.openshift.io in the cluster`: the message of
/// OpenShift's own authorizer in 3.9.
pub(super) fn forbidden_message_openshift_v3_9(
    user: Option<&str>,
    access: &AccessAttributes<'_>,
) -> String {
    let (user_name, verb, project) = (user_or_anonymous(user), access.verb, access.project);
    let qualified = qualified(&resource(access), access.group);
    match (access.resource, verb) {
        ("projects", "get") => format!("User {user_name:?} cannot get project {project:?}"),
        (_, "list" | "watch") if project.is_empty() => {
            format!("User {user_name:?} cannot {verb} all {qualified} in the cluster")
        }
        _ if project.is_empty() => {
            format!("User {user_name:?} cannot {verb} {qualified} at the cluster scope")
        }
        _ => format!("User {user_name:?} cannot {verb} {qualified} in project {project:?}"),
    }
}
