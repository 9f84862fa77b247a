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
pub(super) fn answer(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match asked.verb {
        "list" => {
            list::requested_list_kind(asked)?;
            let render = Renderer::from_request(asked);
            let items = asked.cluster.read(|state| {
                state
                    .projects_of(asked.user())
                    .map(|project| render.project(project))
                    .collect()
            });
            Ok(ApiResponse::ok(&list::list_object_without_revision(
                asked,
                "ProjectList",
                items,
            )))
        }
        "watch" => watch::answer(asked),
        "get" => {
            let project = asked
                .cluster
                .read(|state| state.project(&asked.name).cloned())
                .ok_or_else(|| missing(asked))?;
            Ok(ApiResponse::ok(&full_object(asked, &project)))
        }
        "update" => update(asked, &body::json(asked)?),
        "patch" => {
            let current = asked
                .cluster
                .read(|state| state.project(&asked.name).cloned())
                .ok_or_else(|| missing(asked))?;
            update(asked, &body::patched(asked, full_object(asked, &current))?)
        }
        "delete" => {
            asked
                .cluster
                .write(|state| state.delete_project(&asked.name))
                .ok_or_else(|| missing(asked))?;
            Ok(ApiResponse::success())
        }
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn missing(asked: &ApiRequest) -> ClusterError {
    ClusterErrorReason::NotFound(NamedResource::new(GROUP, "projects", &asked.name)).into()
}

fn full_object(asked: &ApiRequest, project: &ProjectObject) -> Value {
    let render = Renderer::from_request(asked);
    render.typed("Project", GROUP, render.project(project))
}

/// Only the annotations of a project can be changed this way; its labels belong to the namespace.
fn update(asked: &ApiRequest, wanted: &Value) -> Result<ApiResponse, ClusterError> {
    let current = asked
        .cluster
        .read(|state| state.project(&asked.name).cloned())
        .ok_or_else(|| missing(asked))?;
    // The namespace is what is stored (recorded in `patch-projects-409-1`).
    body::refuse_stale(
        wanted,
        &current.meta,
        NamedResource::new("", "namespaces", &asked.name),
    )?;
    if body::string_map(&wanted["metadata"]["labels"]) != current.meta.labels {
        let message = "Invalid value: field is immutable, try updating the namespace".to_owned();
        let (name, field) = (asked.name.clone(), "metadata.labels".to_owned());
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
    let annotations = body::string_map(&wanted["metadata"]["annotations"]);
    let changed = asked.cluster.write(|state| {
        state.change_project(&asked.name, |project| {
            project.meta.annotations = annotations
        })
    });
    let changed = changed.ok_or_else(|| missing(asked))?;
    Ok(ApiResponse::ok(&full_object(asked, &changed)))
}

/// `projectrequests`: listing them shows whether the user may create one.
pub(super) fn answer_request(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    match asked.verb {
        "list" => answer_request_list(asked),
        "create" => create(asked),
        _ => Err(ClusterErrorReason::MethodNotAllowed.into()),
    }
}

fn answer_request_list(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let access = AccessAttributes {
        verb: "create",
        group: GROUP,
        resource: "projectrequests",
        ..AccessAttributes::default()
    };
    if asked.cluster.is_allowed(asked.user(), &access) {
        return Ok(ApiResponse::success());
    }
    let message = asked
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

fn create(asked: &ApiRequest) -> Result<ApiResponse, ClusterError> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    refuse_bad_name(asked, name)?;
    let text = |field: &str| wanted[field].as_str().unwrap_or_default();
    let text = ProjectText {
        display_name: text("displayName"),
        description: text("description"),
    };
    let requester = asked.user().unwrap_or_default();
    let project = asked
        .cluster
        .write(|state| state.create_project(name, text, requester))?;
    let mut shown = full_object(asked, &project);
    if asked.cluster.version() == Version::V3_9 {
        shown["metadata"]["selfLink"] = Renderer::from_request(asked)
            .self_link(GROUP, None, "projectrequests", name)
            .into();
    }
    Ok(ApiResponse::created(&shown))
}

fn refuse_bad_name(asked: &ApiRequest, name: &str) -> Result<(), ClusterError> {
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
        let kind = if asked.cluster.version() == Version::V4 {
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
pub(super) fn watch_event(asked: &ApiRequest, change: &str, project: &ProjectObject) -> Value {
    json!({"type": change, "object": full_object(asked, project)})
}
