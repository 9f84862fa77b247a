//! Creates, changes and deletes projects.

use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ApiJson;
use super::members::PolicyChoice;
use super::tags::change_problem;
use super::{WriteParams, created, invalid_value, unknown_parameter};
use crate::app::projects::{NewProject, ProjectFields};
use crate::app::usage::USAGE_SECTION_TIMEOUT;
use crate::web::context::SignedIn;
use crate::web::errors::{AffectedBy, Problem, WebError};
use crate::web::extractors::ProjectPath;
use crate::web::forms::project_name_error;
use crate::web::links;
use crate::web::pages::projects::{create, edit};

/// A project to create. The caller administers it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct CreateProject {
    name: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    description: String,
    #[serde(default = "private")]
    policy: PolicyChoice,
    /// Needed for the policy `anonymous`: everybody who can reach the registry can pull.
    #[serde(default)]
    force: bool,
}

fn private() -> PolicyChoice {
    PolicyChoice::Private
}

/// What is changed of a project. What is absent stays as it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ChangeProject {
    display_name: Option<String>,
    description: Option<String>,
    /// The resource version that the client has seen. Otherwise the project is not changed.
    resource_version: Option<String>,
}

/// A project that was created, changed or deleted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct ProjectChanged {
    project: String,
    /// Why the access policy was not set, although the project was created: it is private.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    policy_not_set: Option<String>,
}

pub(in crate::web) async fn create_project(
    caller: SignedIn,
    ApiJson(request): ApiJson<CreateProject>,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let wanted = NewProject {
        name: request.name,
        display_name: request.display_name,
        description: request.description,
    };
    let Some(name) = wanted.valid_name() else {
        let text = project_name_error(&wanted.name, context.lang).to_string();
        return Err(invalid_value("/name".to_owned(), text, context).into());
    };
    request.policy.check(request.force, context)?;
    let made = app.create_project(&wanted).await;
    made.map_err(|error| change_problem(&caller, error, &create::API_FIELDS))?;
    let refusal = app
        .set_new_project_access(&name, request.policy.policy())
        .await;
    let problem = refusal.map(|refusal| Problem::from_refusal(refusal, &[], context));
    let answer = ProjectChanged {
        project: name.to_string(),
        policy_not_set: problem.map(|problem| problem.detail),
    };
    Ok(created(&links::project(&name), &answer))
}

pub(in crate::web) async fn change_project(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
    ApiJson(request): ApiJson<ChangeProject>,
) -> Result<Response, WebError> {
    let fields = ProjectFields {
        display_name: request.display_name,
        description: request.description,
        seen: request.resource_version,
    };
    let changed = caller.app().update_project(&name, &fields).await;
    changed.map_err(|error| change_problem(&caller, error, &edit::API_FIELDS))?;
    Ok(changed_answer(&name.to_string()))
}

/// Deletes a project with everything in it.
pub(in crate::web) async fn delete_project(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
    uri: Uri,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let params = WriteParams::parse(&uri, context)?;
    if params.expected_digest.is_some() {
        return Err(unknown_parameter("expected_digest", context).into());
    }
    // A project that the caller may not see is forbidden, as on its page.
    app.project_edit(&name).await?;
    if !params.force {
        // Boxed, because a request polls it deep in its stack.
        let impact = Box::pin(app.project_deletion_impact(&name, USAGE_SECTION_TIMEOUT)).await;
        let impact = impact.unwrap_or_default();
        if !impact.is_empty() {
            let groups = [(&impact.own, "deleted"), (&impact.elsewhere, "broken")];
            let workloads = groups.iter().flat_map(|(group, effect)| {
                let workloads = group.workloads.iter();
                workloads.map(move |affected| AffectedBy::new(affected, effect))
            });
            let lang = context.lang;
            let (detail, hint) = (lang.msg("api-in-use"), lang.msg("api-in-use-hint"));
            let problem = Problem {
                workloads: workloads.collect(),
                more_workloads: Some(impact.own.more + impact.elsewhere.more),
                ..Problem::new(StatusCode::CONFLICT, "in-use", detail, hint)
            };
            return Err(problem.into());
        }
    }
    let deleted = app.delete_project(&name).await;
    deleted.map_err(|error| change_problem(&caller, error, &[]))?;
    Ok(changed_answer(&name.to_string()))
}

fn changed_answer(project: &str) -> Response {
    let answer = ProjectChanged {
        project: project.to_owned(),
        policy_not_set: None,
    };
    axum::Json(answer).into_response()
}
