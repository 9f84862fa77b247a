//! Answers: JSON, text, a watch; and refusals as `Status` objects.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::cluster::{Access, Object, Reason, Refusal, Version};

pub(super) struct Answer {
    status: StatusCode,
    content_type: &'static str,
    body: Body,
}

impl Answer {
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
        }
    }

    pub(super) fn text(text: &'static str) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "text/plain; charset=utf-8",
            body: Body::from(text),
        }
    }

    /// 404 as from a path that no API server handles: not even a `Status`.
    pub(super) fn no_such_page() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            content_type: "text/plain; charset=utf-8",
            body: Body::from("404 page not found\n"),
        }
    }

    /// A text of any status.
    pub(super) fn plain(status: StatusCode, text: &'static str) -> Self {
        Self {
            status,
            ..Self::text(text)
        }
    }

    /// 200 with lines of JSON, as they come.
    pub(super) fn lines(body: Body) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "application/json",
            body,
        }
    }

    /// 200 with `Success`, about nothing in particular.
    pub(super) fn success() -> Self {
        Self::ok(
            &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}),
        )
    }

    /// 200 with `Success`, about a deleted object.
    pub(super) fn deleted(object: &Object, uid: &str) -> Self {
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
        response
    }
}

/// A refusal, as an answer.
pub(super) fn status(version: Version, refusal: &Refusal) -> Answer {
    let (status, body) = status_object(version, refusal);
    Answer::json(status, &body)
}

/// A refusal's `Status` object.
pub(super) fn status_object(version: Version, refusal: &Refusal) -> (StatusCode, Value) {
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

fn code_and_reason(reason: &Reason) -> (StatusCode, &'static str) {
    match reason {
        Reason::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
        Reason::Forbidden { .. } => (StatusCode::FORBIDDEN, "Forbidden"),
        Reason::NotFound(_) | Reason::NoSuchPath => (StatusCode::NOT_FOUND, "NotFound"),
        Reason::AlreadyExists(_) => (StatusCode::CONFLICT, "AlreadyExists"),
        Reason::Conflict(_) => (StatusCode::CONFLICT, "Conflict"),
        Reason::RemovalOvertaken(_) => (StatusCode::INTERNAL_SERVER_ERROR, ""),
        Reason::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "Invalid"),
        Reason::BadRequest(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
        Reason::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "NotAcceptable"),
        Reason::UnsupportedMediaType(_) => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType")
        }
        Reason::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
        Reason::Expired(_) => (StatusCode::GONE, "Expired"),
        Reason::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
    }
}

fn message(version: Version, reason: &Reason) -> String {
    match reason {
        Reason::Forbidden { object, message } if object.resource.is_empty() => {
            format!("forbidden: {message}")
        }
        Reason::Forbidden { object, message } if object.name.is_empty() => {
            format!("{} is forbidden: {message}", object.qualified())
        }
        Reason::Invalid {
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

/// On 3.9 some resources leave their group out of `Invalid` messages; those are told apart by an
/// empty group.
fn qualified_kind(version: Version, kind: &str, group: &str) -> String {
    if leaves_group_out(version, kind) || group.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}.{group}")
    }
}

fn leaves_group_out(version: Version, kind: &str) -> bool {
    // The recordings have `ImageStream`, `ProjectRequest` and `User`; what `rest.BeforeCreate` of
    // Kubernetes refuses is named alike.
    version == Version::V3_9
        && matches!(
            kind,
            "ImageStream" | "ProjectRequest" | "User" | "Group" | "Identity"
        )
}

fn details(version: Version, reason: &Reason) -> Option<Value> {
    let of_object = |object: &Object| {
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
        Reason::NotFound(object)
        | Reason::AlreadyExists(object)
        | Reason::Conflict(object)
        | Reason::Forbidden { object, .. } => Some(of_object(object)),
        Reason::NoSuchPath | Reason::MethodNotAllowed => Some(json!({})),
        Reason::Invalid {
            kind,
            group,
            name,
            field,
            cause,
            message,
        } => {
            let mut details = json!({"name": name, "kind": kind, "causes": [{"reason": cause, "message": message, "field": field}]});
            if !leaves_group_out(version, kind) && !group.is_empty() {
                details["group"] = (*group).into();
            }
            Some(details)
        }
        _ => None,
    }
}

fn who(user: Option<&str>) -> &str {
    user.unwrap_or("system:anonymous")
}

fn resource(access: &Access<'_>) -> String {
    if access.subresource.is_empty() {
        access.resource.to_owned()
    } else {
        format!("{}/{}", access.resource, access.subresource)
    }
}

/// `User "dev" cannot list resource "images" in API group "image.openshift.io" at the cluster
/// scope`: the words of OpenShift 4.
pub(super) fn cannot_on_4(user: Option<&str>, access: &Access<'_>) -> String {
    let (who, verb, resource, group) = (who(user), access.verb, resource(access), access.group);
    format!(
        "User {who:?} cannot {verb} resource {resource:?} in API group {group:?} {}",
        scope(access)
    )
}

/// `User "dev" cannot get imagestreams.image.openshift.io/layers in the namespace "team-a"`: the
/// words of Kubernetes in 3.9.
pub(super) fn cannot(user: Option<&str>, access: &Access<'_>) -> String {
    let mut resource = qualified(access.resource, access.group);
    if !access.subresource.is_empty() {
        resource = format!("{resource}/{}", access.subresource);
    }
    format!(
        "User {:?} cannot {} {resource} {}",
        who(user),
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

fn scope(access: &Access<'_>) -> String {
    if access.project.is_empty() {
        "at the cluster scope".to_owned()
    } else {
        format!("in the namespace {:?}", access.project)
    }
}

/// `User "dev" cannot list all images.image.openshift.io in the cluster`: the words of OpenShift's
/// own authorizer in 3.9.
pub(super) fn cannot_in_words_of_openshift(user: Option<&str>, access: &Access<'_>) -> String {
    let (who, verb, project) = (who(user), access.verb, access.project);
    let qualified = qualified(&resource(access), access.group);
    match (access.resource, verb) {
        ("projects", "get") => format!("User {who:?} cannot get project {project:?}"),
        (_, "list" | "watch") if project.is_empty() => {
            format!("User {who:?} cannot {verb} all {qualified} in the cluster")
        }
        _ if project.is_empty() => {
            format!("User {who:?} cannot {verb} {qualified} at the cluster scope")
        }
        _ => format!("User {who:?} cannot {verb} {qualified} in project {project:?}"),
    }
}
