//! Projects, and requests for new ones.

use serde_json::{Value, json};

use super::render::Renderer;
use super::{body, list, watch};
use crate::api::request::ApiRequest;
use crate::api::response::ApiResponse;
use crate::cluster::{
    AccessAttributes, ClusterError, ClusterErrorReason, NamedResource, ProjectObject, ProjectText,
    Version,
};
use registry_model::ProjectName;

const GROUP: &str = "project.openshift.io";

/// `projects`.
pub(super) fn answer(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match request.verb {
        "list" => {
            list::requested_list_kind(request)?;
            let render = Renderer::from_request(request);
            let items = request.cluster.read(|state| {
                state
                    .projects_of(request.user())
                    .map(|project| render.project(project))
                    .collect()
            });
            Ok(ApiResponse::ok(&list::list_object_without_revision(
                request,
                "ProjectList",
                items,
            )))
        }
        "watch" => watch::answer(request),
        "get" => {
            let project = request
                .cluster
                .read(|state| state.project(&request.name).cloned())
                .ok_or_else(|| missing(request))?;
            Ok(ApiResponse::ok(&full_object(request, &project)))
        }
        "update" => update(request, &body::json(request)?),
        "patch" => {
            let current = request
                .cluster
                .read(|state| state.project(&request.name).cloned())
                .ok_or_else(|| missing(request))?;
            update(
                request,
                &body::patched(request, full_object(request, &current))?,
            )
        }
        "delete" => {
            request
                .cluster
                .write(|state| state.delete_project(&request.name))
                .ok_or_else(|| missing(request))?;
            Ok(ApiResponse::success())
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn missing(request: &ApiRequest) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new(GROUP, "projects", &request.name)).into()
}

fn full_object(request: &ApiRequest, project: &ProjectObject) -> Value {
    let render = Renderer::from_request(request);
    render.typed("Project", GROUP, render.project(project))
}

/// Only the annotations of a project can be changed this way; its labels belong to the namespace.
fn update(request: &ApiRequest, body: &Value) -> Result<ApiResponse, ClusterError> {
    let current = request
        .cluster
        .read(|state| state.project(&request.name).cloned())
        .ok_or_else(|| missing(request))?;
    // The namespace is what is stored (recorded in `patch-projects-409-1`).
    body::refuse_stale(
        body,
        &current.meta,
        NamedResource::new("", "namespaces", &request.name),
    )?;
    if body::string_map(&body["metadata"]["labels"]) != current.meta.labels {
        let message = "Invalid value: field is immutable, try updating the namespace".to_owned();
        let (name, field) = (request.name.clone(), "metadata.labels".to_owned());
        return Err(ClusterErrorReason::Invalid {
            kind: "Project",
            group: GROUP,
            name,
            field,
            cause: "FieldValueInvalid",
            message,
        }
        .into());
    }
    let annotations = body::string_map(&body["metadata"]["annotations"]);
    let changed = request.cluster.write(|state| {
        state.change_project(&request.name, |project| {
            project.meta.annotations = annotations
        })
    });
    let changed = changed.ok_or_else(|| missing(request))?;
    Ok(ApiResponse::ok(&full_object(request, &changed)))
}

/// `projectrequests`: listing them shows whether the user may create one.
pub(super) fn answer_request(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match request.verb {
        "list" => answer_request_list(request),
        "create" => create(request),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn answer_request_list(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let access = AccessAttributes {
        verb: "create",
        group: GROUP,
        resource: "projectrequests",
        ..AccessAttributes::default()
    };
    if request.cluster.is_allowed(request.user(), &access) {
        return Ok(ApiResponse::success());
    }
    let message = request
        .cluster
        .read(|state| state.project_request_message().map(str::to_owned));
    let message =
        message.unwrap_or_else(|| "You may not request a new project via this API.".to_owned());
    Err(ClusterErrorReason::Forbidden {
        object: NamedResource::new(GROUP, "projectrequests", ""),
        message,
    }
    .into())
}

fn create(request: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let body = body::json(request)?;
    let name = body::name(&body);
    refuse_bad_name(request, name)?;
    let text = |field: &str| body[field].as_str().unwrap_or_default();
    let text = ProjectText {
        display_name: text("displayName"),
        description: text("description"),
    };
    let requester = request.user().unwrap_or_default();
    let project = request
        .cluster
        .write(|state| state.create_project(name, text, requester))?;
    let mut shown = full_object(request, &project);
    if request.cluster.version() == Version::V3_9 {
        shown["metadata"]["selfLink"] = Renderer::from_request(request)
            .self_link(GROUP, None, "projectrequests", name)
            .into();
    }
    Ok(ApiResponse::created(&shown))
}

fn refuse_bad_name(request: &ApiRequest, name: &str) -> Result<(), ClusterError> {
    if ["openshift-", "kube-", "kubernetes-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
    {
        let message = format!(
            "cannot request a project starting with {:?}",
            name.split_once('-')
                .map(|(start, _)| format!("{start}-"))
                .unwrap_or_default()
        );
        return Err(ClusterErrorReason::Forbidden {
            object: NamedResource::new(GROUP, "projectrequests", name),
            message,
        }
        .into());
    }
    let message = if name.parse::<ProjectName>().is_err() {
        let kind = if request.cluster.version() == Version::V4 {
            "lowercase RFC 1123"
        } else {
            "DNS-1123"
        };
        format!(
            "Invalid value: {name:?}: a {kind} label must consist of lower case alphanumeric characters or '-', and must start and end with an \
             alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
        )
    } else if name.len() < 2 {
        format!("Invalid value: {name:?}: must be at least 2 characters long")
    } else {
        return Ok(());
    };
    let field = "metadata.name".to_owned();
    Err(ClusterErrorReason::Invalid {
        kind: "ProjectRequest",
        group: GROUP,
        name: name.to_owned(),
        field,
        cause: "FieldValueInvalid",
        message,
    }
    .into())
}

/// A watch event of a project.
pub(super) fn watch_event(request: &ApiRequest, change: &str, project: &ProjectObject) -> Value {
    json!({"type": change, "object": full_object(request, project)})
}
