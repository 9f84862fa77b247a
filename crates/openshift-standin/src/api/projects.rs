//! Projects, and requests for new ones.

use serde_json::{Value, json};

use super::answer::Answer;
use super::asked::Asked;
use super::render::Render;
use super::{body, list, watch};
use crate::cluster::{Access, Object, Project, ProjectText, Reason, Refusal, Version};
use registry_model::ProjectName;

const GROUP: &str = "project.openshift.io";

/// `projects`.
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    match asked.verb {
        "list" => {
            list::shape(asked)?;
            let render = Render::for_request(asked);
            let items = asked.cluster.read(|state| {
                state
                    .projects_of(asked.user())
                    .map(|project| render.project(project))
                    .collect()
            });
            Ok(Answer::ok(&list::without_revision(
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
            Ok(Answer::ok(&whole(asked, &project)))
        }
        "update" => update(asked, &body::json(asked)?),
        "patch" => {
            let current = asked
                .cluster
                .read(|state| state.project(&asked.name).cloned())
                .ok_or_else(|| missing(asked))?;
            update(asked, &body::patched(asked, whole(asked, &current))?)
        }
        "delete" => {
            asked
                .cluster
                .write(|state| state.delete_project(&asked.name))
                .ok_or_else(|| missing(asked))?;
            Ok(Answer::success())
        }
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

fn missing(asked: &Asked) -> Refusal {
    Reason::NotFound(Object::new(GROUP, "projects", &asked.name)).into()
}

fn whole(asked: &Asked, project: &Project) -> Value {
    let render = Render::for_request(asked);
    render.typed("Project", GROUP, render.project(project))
}

/// Only the annotations of a project can be changed here; its labels belong to the namespace.
fn update(asked: &Asked, wanted: &Value) -> Result<Answer, Refusal> {
    let current = asked
        .cluster
        .read(|state| state.project(&asked.name).cloned())
        .ok_or_else(|| missing(asked))?;
    // What is stored is the namespace (recorded in `patch-projects-409-1`).
    body::refuse_stale(
        wanted,
        &current.meta,
        Object::new("", "namespaces", &asked.name),
    )?;
    if body::texts(&wanted["metadata"]["labels"]) != current.meta.labels {
        let message = "Invalid value: field is immutable, try updating the namespace".to_owned();
        let (name, field) = (asked.name.clone(), "metadata.labels".to_owned());
        return Err(Reason::Invalid {
            kind: "Project",
            group: GROUP,
            name,
            field,
            cause: "FieldValueInvalid",
            message,
        }
        .into());
    }
    let annotations = body::texts(&wanted["metadata"]["annotations"]);
    let changed = asked.cluster.write(|state| {
        state.change_project(&asked.name, |project| {
            project.meta.annotations = annotations
        })
    });
    let changed = changed.ok_or_else(|| missing(asked))?;
    Ok(Answer::ok(&whole(asked, &changed)))
}

/// `projectrequests`: listing them asks whether one may make one.
pub(super) fn answer_request(asked: &Asked) -> Result<Answer, Refusal> {
    match asked.verb {
        "list" => may_request(asked),
        "create" => create(asked),
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

fn may_request(asked: &Asked) -> Result<Answer, Refusal> {
    let access = Access {
        verb: "create",
        group: GROUP,
        resource: "projectrequests",
        ..Access::default()
    };
    if asked.cluster.may(asked.user(), &access) {
        return Ok(Answer::success());
    }
    let message = asked
        .cluster
        .read(|state| state.project_request_message().map(str::to_owned));
    let message =
        message.unwrap_or_else(|| "You may not request a new project via this API.".to_owned());
    Err(Reason::Forbidden {
        object: Object::new(GROUP, "projectrequests", ""),
        message,
    }
    .into())
}

fn create(asked: &Asked) -> Result<Answer, Refusal> {
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
    let mut shown = whole(asked, &project);
    if asked.cluster.version() == Version::V3_9 {
        shown["metadata"]["selfLink"] = Render::for_request(asked)
            .link(GROUP, None, "projectrequests", name)
            .into();
    }
    Ok(Answer::created(&shown))
}

fn refuse_bad_name(asked: &Asked, name: &str) -> Result<(), Refusal> {
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
        return Err(Reason::Forbidden {
            object: Object::new(GROUP, "projectrequests", name),
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
    Err(Reason::Invalid {
        kind: "ProjectRequest",
        group: GROUP,
        name: name.to_owned(),
        field,
        cause: "FieldValueInvalid",
        message,
    }
    .into())
}

/// A watch's view of a project.
pub(super) fn event(asked: &Asked, change: &str, project: &Project) -> Value {
    json!({"type": change, "object": whole(asked, project)})
}
