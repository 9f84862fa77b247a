//! Members of a project, and its access policy.

use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ApiJson;
use super::tags::change_problem;
use super::{created, invalid_value, unknown_parameter};
use crate::app::members::{IMAGE_PULLER, NameCheck, RoleRemovalRisk, is_registry_role};
use crate::web::context::{RequestContext, SignedIn};
use crate::web::errors::{Problem, WebError};
use crate::web::extractors::ProjectPath;
use crate::web::links;
use crate::web::pages::members::subject::{is_valid_member_name, parse_subject};
use registry_model::{AccessPolicy, ProjectName, Subject};

/// A role of a member.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct AddMember {
    #[schema(value_type = registry_model::SubjectKind)]
    kind: String,
    /// The name. A service account of another project is `project:name`.
    name: String,
    /// `registry-viewer`, `registry-editor` or `registry-admin`.
    #[schema(example = "registry-viewer")]
    role: String,
    /// The role is granted although the cluster does not know the name.
    #[serde(default)]
    force: bool,
}

/// A role of a member, and the role that replaces it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ChangeMember {
    #[schema(value_type = registry_model::SubjectKind)]
    kind: String,
    /// The name. A service account of another project is `project:name`.
    name: String,
    /// The role that the member has.
    role: String,
    /// `registry-viewer`, `registry-editor` or `registry-admin`.
    #[schema(example = "registry-editor")]
    new_role: String,
    /// The role is replaced although it is the caller's own, or that of the last administrator.
    #[serde(default)]
    force: bool,
}

/// Who may pull from a project without being a member.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct SetAccess {
    policy: PolicyChoice,
    /// Needed for `anonymous`: everybody who can reach the registry can pull.
    #[serde(default)]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::web) enum PolicyChoice {
    /// Only members.
    Private,
    /// All users of the cluster.
    Shared,
    /// Everybody, without signing in.
    Anonymous,
}

/// A role of a member that was added or removed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct MemberChanged {
    project: String,
    #[schema(value_type = registry_model::SubjectKind)]
    kind: String,
    name: String,
    /// The roles that were granted.
    added: Vec<String>,
    /// The roles that were removed.
    removed: Vec<String>,
    /// Whether the cluster knows the name. `null`: that could not be checked.
    known: Option<bool>,
    /// Why the old role was not removed, although the new one was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    not_removed: Option<String>,
}

/// The access policy that was set.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct AccessChanged {
    project: String,
    policy: PolicyChoice,
}

impl PolicyChoice {
    pub(super) fn policy(self) -> AccessPolicy {
        match self {
            Self::Private => AccessPolicy::Private,
            Self::Shared => AccessPolicy::Shared,
            Self::Anonymous => AccessPolicy::Anonymous,
        }
    }

    /// Refuses to open a project to everybody unless the client says so.
    pub(super) fn check(self, force: bool, context: &RequestContext) -> Result<(), Problem> {
        if self != Self::Anonymous || force {
            return Ok(());
        }
        let lang = context.lang;
        let detail = lang.msg("access-anonymous-unconfirmed");
        let hint = lang.msg("api-force-hint");
        Err(Problem::new(
            StatusCode::CONFLICT,
            "anonymous-access",
            detail,
            hint,
        ))
    }
}

impl MemberChanged {
    fn new(project: &ProjectName, subject: &Subject) -> Self {
        Self {
            project: project.to_string(),
            kind: subject.kind.as_str().to_owned(),
            name: subject.name_with_project().into_owned(),
            added: Vec::new(),
            removed: Vec::new(),
            known: None,
            not_removed: None,
        }
    }
}

/// `place` precedes the names: `/` for members of a body.
fn subject(
    project: &ProjectName,
    (kind, name): (&str, &str),
    place: &str,
    context: &RequestContext,
) -> Result<Subject, Problem> {
    if kind.parse::<registry_model::SubjectKind>().is_err() {
        let text = context.lang.msg("api-invalid-kind").to_string();
        return Err(invalid_value(format!("{place}kind"), text, context));
    }
    let subject = parse_subject(kind, name, project).filter(is_valid_member_name);
    subject.ok_or_else(|| {
        let text = context.lang.msg("member-name-invalid").to_string();
        invalid_value(format!("{place}name"), text, context)
    })
}

/// `pointer` is that of a member of the body, or the name of a parameter.
fn check_role(pointer: &str, role: &str, context: &RequestContext) -> Result<(), Problem> {
    if is_registry_role(role) {
        return Ok(());
    }
    let text = context.lang.msg("member-role-missing").to_string();
    Err(invalid_value(pointer.to_owned(), text, context))
}

/// Refuses a change by which the caller or the project may lose its administrator.
fn check_risk(risk: RoleRemovalRisk, force: bool, context: &RequestContext) -> Result<(), Problem> {
    if force || !risk.needs_confirmation() {
        return Ok(());
    }
    let lang = context.lang;
    let (kind, detail) = if risk.affects_current_user() {
        ("own-role", lang.msg("api-own-role"))
    } else {
        ("last-administrator", lang.msg("api-last-administrator"))
    };
    let hint = lang.msg("api-force-hint");
    Err(Problem::new(StatusCode::CONFLICT, kind, detail, hint))
}

/// Grants a role.
pub(in crate::web) async fn add_member(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    ApiJson(request): ApiJson<AddMember>,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let subject = subject(&project, (&request.kind, &request.name), "/", context)?;
    check_role("/role", &request.role, context)?;
    let check = app.check_subject_name(&subject).await;
    if check == NameCheck::NotFound && !request.force {
        let lang = context.lang;
        let detail = lang.msg("api-unknown-name").arg("name", &request.name);
        let hint = lang.msg("api-force-hint");
        return Err(Problem::new(StatusCode::CONFLICT, "unknown-name", detail, hint).into());
    }
    let added = app.add_role(&project, &subject, &request.role).await;
    added.map_err(|error| change_problem(&caller, error, &[]))?;
    let answer = MemberChanged {
        added: vec![request.role],
        known: match check {
            NameCheck::Exists => Some(true),
            NameCheck::NotFound => Some(false),
            NameCheck::NotChecked => None,
        },
        ..MemberChanged::new(&project, &subject)
    };
    Ok(created(&links::members(&project), &answer))
}

/// Replaces a role by another one.
pub(in crate::web) async fn change_member(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    ApiJson(request): ApiJson<ChangeMember>,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let subject = subject(&project, (&request.kind, &request.name), "/", context)?;
    check_role("/role", &request.role, context)?;
    check_role("/new_role", &request.new_role, context)?;
    let (role, to) = (request.role.as_str(), request.new_role.as_str());
    let mut answer = MemberChanged::new(&project, &subject);
    if role == to {
        return Ok(axum::Json(answer).into_response());
    }
    let user = caller.owner().await?;
    let risk = app
        .removal_risk(&project, &subject, role, Some(to), Some(&user))
        .await;
    check_risk(risk, request.force, context)?;
    let changed = app.change_role(&project, &subject, role, to).await;
    let refusal = changed.map_err(|error| change_problem(&caller, error, &[]))?;
    answer.added.push(to.to_owned());
    match refusal {
        None => answer.removed.push(role.to_owned()),
        Some(refusal) => {
            let problem = Problem::from_refusal(refusal, &[], context);
            answer.not_removed = Some(problem.detail);
        }
    }
    Ok(axum::Json(answer).into_response())
}

/// Removes a role.
pub(in crate::web) async fn remove_member(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    uri: Uri,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let mut request = AddMember::default();
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match (&*name, &*value) {
            ("kind", value) => value.clone_into(&mut request.kind),
            ("name", value) => value.clone_into(&mut request.name),
            ("role", value) => value.clone_into(&mut request.role),
            ("force", "true") => request.force = true,
            ("force", "false") => {}
            _ => return Err(unknown_parameter(&name, context).into()),
        }
    }
    let subject = subject(&project, (&request.kind, &request.name), "", context)?;
    if request.role != IMAGE_PULLER {
        check_role("role", &request.role, context)?;
    }
    let user = caller.owner().await?;
    let risk = app
        .removal_risk(&project, &subject, &request.role, None, Some(&user))
        .await;
    check_risk(risk, request.force, context)?;
    let removed = app.remove_role(&project, &subject, &request.role).await;
    removed.map_err(|error| change_problem(&caller, error, &[]))?;
    let answer = MemberChanged {
        removed: vec![request.role],
        ..MemberChanged::new(&project, &subject)
    };
    Ok(axum::Json(answer).into_response())
}

/// Sets who may pull without being a member.
pub(in crate::web) async fn put_access(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    ApiJson(request): ApiJson<SetAccess>,
) -> Result<Response, WebError> {
    request.policy.check(request.force, &caller.context)?;
    let app = caller.app();
    let changed = app
        .set_project_access(&project, request.policy.policy())
        .await;
    changed.map_err(|error| change_problem(&caller, error, &[]))?;
    let answer = AccessChanged {
        project: project.to_string(),
        policy: request.policy,
    };
    Ok(axum::Json(answer).into_response())
}
