//! Creates, changes and deletes users.

use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ApiJson;
use super::{FieldProblem, created, invalid_value, parse_flags};
use crate::app::change::{Refusal, RefusalReason};
use crate::app::members::ProjectRole;
use crate::app::section::Section;
use crate::app::users::{
    ChangeStep, UserDeletion, UserFields, is_valid_identity_name, is_valid_new_name,
};
use crate::i18n::Message;
use crate::web::context::{RequestContext, SignedIn};
use crate::web::errors::{Problem, WebError};
use crate::web::extractors::UserOrGroupPath;
use crate::web::forms::user_name_error;
use crate::web::links;
use crate::web::pages::users::common::with_subject_name;

/// The API server's field names, each with that of the body.
const API_MEMBERS: [(&str, &str); 5] = [
    ("metadata.name", "name"),
    ("fullName", "full_name"),
    ("identit", "identities"),
    ("provider", "identities"),
    ("user[", "users"),
];

/// A user to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct CreateUser {
    name: String,
    #[serde(default)]
    full_name: String,
    /// The identities of the user at identity providers: `provider:name`.
    #[serde(default)]
    identities: Vec<String>,
}

/// What is changed of a user. What is absent stays as it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ChangeUser {
    full_name: Option<String>,
    /// All identities of the user: `provider:name`.
    identities: Option<Vec<String>>,
    /// The resource version that the client has seen. Otherwise the user is not changed.
    resource_version: Option<String>,
}

/// A user that was created or changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct UserChanged {
    user: String,
}

/// A user that was deleted or, for a dry run, that would be.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct UserDeleted {
    user: String,
    dry_run: bool,
    /// The groups that the user was removed from.
    groups: Section<Vec<String>>,
    /// The roles of the registry that were removed.
    roles: Section<Vec<ProjectRole>>,
    /// Other roles, whose bindings still name the user.
    remaining_roles: Vec<ProjectRole>,
    /// The identities that were deleted as well.
    identities: Vec<String>,
}

impl UserDeleted {
    fn new(deletion: UserDeletion, deletes_identities: bool, dry_run: bool) -> Self {
        Self {
            user: deletion.user.name,
            dry_run,
            groups: deletion.groups,
            roles: deletion.going,
            remaining_roles: deletion.staying,
            identities: if deletes_identities {
                deletion.user.identities
            } else {
                Vec::new()
            },
        }
    }
}

/// Creates a user with its identities.
pub(in crate::web) async fn create_user(
    caller: SignedIn,
    ApiJson(request): ApiJson<CreateUser>,
) -> Result<Response, WebError> {
    let context = &caller.context;
    check_name("/name", &request.name, context)?;
    check_identities(&request.identities, context)?;
    let wanted = UserFields {
        name: request.name,
        full_name: request.full_name,
        identities: request.identities,
    };
    let unfinished_hint = context.lang.msg("api-user-unfinished-hint");
    run_steps(&caller, wanted.creation_steps(), unfinished_hint).await?;
    let path = links::user(&wanted.name);
    Ok(created(&path, &UserChanged { user: wanted.name }))
}

/// Changes the full name and the identities of a user.
pub(in crate::web) async fn change_user(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    ApiJson(request): ApiJson<ChangeUser>,
) -> Result<Response, WebError> {
    let context = &caller.context;
    check_identities(request.identities.as_deref().unwrap_or_default(), context)?;
    let now = with_subject_name(caller.app().user_edit(&name).await, &name)?;
    let current = now.fields();
    let wanted = UserFields {
        full_name: request.full_name.unwrap_or(current.full_name),
        identities: request.identities.unwrap_or(current.identities),
        name: current.name,
    };
    let version = request.resource_version.as_deref().unwrap_or(&now.version);
    let unfinished_hint = context.lang.msg("api-steps-unfinished-hint");
    run_steps(&caller, now.change_steps(&wanted, version), unfinished_hint).await?;
    Ok(axum::Json(UserChanged { user: name }).into_response())
}

/// Deletes a user after removing it from groups and projects.
pub(in crate::web) async fn delete_user(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    uri: Uri,
) -> Result<Response, WebError> {
    let (app, lang) = (caller.app(), caller.context.lang);
    let names = ["force", "dry_run", "delete_identities"];
    let [force, dry_run, deletes_identities] = parse_flags(&uri, names, &caller.context)?;
    let owner = caller.owner().await?;
    let deletion = with_subject_name(app.user_deletion(&name, Some(&owner)).await, &name)?;
    if !dry_run {
        if deletion.oneself && !force {
            let (detail, hint) = (lang.msg("api-own-user"), lang.msg("api-force-hint"));
            return Err(Problem::new(StatusCode::CONFLICT, "own-user", detail, hint).into());
        }
        let steps = deletion.steps(deletes_identities);
        run_steps(&caller, steps, lang.msg("api-steps-unfinished-hint")).await?;
    }
    Ok(axum::Json(UserDeleted::new(deletion, deletes_identities, dry_run)).into_response())
}

/// Refuses a name that the console does not use for a user or group. `pointer` is that of a member of
/// the body.
pub(super) fn check_name(
    pointer: &str,
    name: &str,
    context: &RequestContext,
) -> Result<(), Problem> {
    if is_valid_new_name(name) {
        return Ok(());
    }
    let text = user_name_error(name, context.lang).to_string();
    Err(invalid_value(pointer.to_owned(), text, context))
}

fn check_identities(identities: &[String], context: &RequestContext) -> Result<(), Problem> {
    let mut numbered = identities.iter().enumerate();
    match numbered.find(|(_, identity)| !is_valid_identity_name(identity)) {
        None => Ok(()),
        Some((at, identity)) => {
            let text = context
                .lang
                .msg("identity-invalid")
                .arg("identity", identity);
            let pointer = format!("/identities/{at}");
            Err(invalid_value(pointer, text.to_string(), context))
        }
    }
}

/// Runs the steps of a change. `unfinished_hint` says what to do where only some of them were made.
pub(super) async fn run_steps(
    caller: &SignedIn,
    steps: Vec<ChangeStep>,
    unfinished_hint: Message,
) -> Result<(), WebError> {
    let Some(unfinished) = caller.app().run_steps(steps).await? else {
        return Ok(());
    };
    let context = &caller.context;
    let taken = match unfinished.left.first() {
        Some(ChangeStep::AttachIdentity { identity, .. })
            if unfinished.refusal.why == RefusalReason::Exists =>
        {
            Some(context.lang.msg("identity-taken").arg("identity", identity))
        }
        _ => None,
    };
    let mut problem = refused(unfinished.refusal, context);
    problem.errors.extend(taken.map(|text| FieldProblem {
        pointer: "/identities".to_owned(),
        detail: text.to_string(),
    }));
    if !unfinished.done.is_empty() {
        problem.hint = unfinished_hint.to_string();
        problem.may_have_changed = true;
    }
    Err(problem.into())
}

/// The problem of a change of the cluster, which needs other rights than a change in a project.
pub(super) fn refused(refusal: Refusal, context: &RequestContext) -> Problem {
    let is_not_allowed = refusal.why == RefusalReason::NotAllowed;
    let mut problem = Problem::from_refusal(refusal, &API_MEMBERS, context);
    if is_not_allowed {
        let hint = context.lang.msg("users-and-groups-change-not-allowed-hint");
        problem.hint = hint.to_string();
    }
    problem
}
