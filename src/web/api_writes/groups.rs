//! Creates and deletes groups, and changes their members.

use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ApiJson;
use super::users::{check_name, refused, run_steps};
use super::{created, invalid_value, parse_flags};
use crate::app::change::{ChangeError, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::members::ProjectRole;
use crate::app::section::Section;
use crate::web::context::{RequestContext, SignedIn};
use crate::web::errors::{Problem, WebError};
use crate::web::extractors::{GroupMemberPath, UserOrGroupPath};
use crate::web::links;
use crate::web::pages::users::common::with_subject_name;

/// A group to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct CreateGroup {
    name: String,
    /// The names of its members, whether or not such users exist.
    #[serde(default)]
    users: Vec<String>,
}

/// Users to add to a group.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct AddGroupUsers {
    /// Their names, whether or not such users exist.
    #[schema(min_items = 1)]
    users: Vec<String>,
}

/// A group that was created, or whose members were changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct GroupChanged {
    group: String,
    /// The users that were added. Those that were members already are not among them.
    added: Vec<String>,
    /// The users that were removed.
    removed: Vec<String>,
}

/// A group that was deleted or, for a dry run, that would be.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct GroupDeleted {
    group: String,
    dry_run: bool,
    /// The roles of the registry that were removed.
    roles: Section<Vec<ProjectRole>>,
    /// Other roles, whose bindings still name the group.
    remaining_roles: Vec<ProjectRole>,
}

/// Creates a group.
pub(in crate::web) async fn create_group(
    caller: SignedIn,
    ApiJson(request): ApiJson<CreateGroup>,
) -> Result<Response, WebError> {
    let context = &caller.context;
    check_name("/name", &request.name, context)?;
    let users = distinct_users(&request.users, context)?;
    let made = caller.app().create_group(&request.name, &users).await;
    made.map_err(|error| group_problem(&caller, error, &request.name))?;
    let path = links::group(&request.name);
    let answer = GroupChanged {
        group: request.name,
        added: users,
        removed: Vec::new(),
    };
    Ok(created(&path, &answer))
}

/// Adds users to a group.
pub(in crate::web) async fn add_group_users(
    caller: SignedIn,
    UserOrGroupPath(group): UserOrGroupPath,
    ApiJson(request): ApiJson<AddGroupUsers>,
) -> Result<Response, WebError> {
    let context = &caller.context;
    let users = distinct_users(&request.users, context)?;
    if users.is_empty() {
        let text = context.lang.msg("member-name-missing").to_string();
        return Err(invalid_value("/users".to_owned(), text, context).into());
    }
    let added = caller.app().add_members(&group, &users).await;
    let answer = GroupChanged {
        added: added.map_err(|error| group_problem(&caller, error, &group))?,
        removed: Vec::new(),
        group,
    };
    Ok(axum::Json(answer).into_response())
}

/// Removes a user from a group.
pub(in crate::web) async fn remove_group_user(
    caller: SignedIn,
    GroupMemberPath { group, user }: GroupMemberPath,
    uri: Uri,
) -> Result<Response, WebError> {
    let [] = parse_flags(&uri, [], &caller.context)?;
    let users = std::slice::from_ref(&user);
    let removed = caller.app().remove_members(&group, users).await;
    let removed = removed.map_err(|error| group_problem(&caller, error, &group))?;
    if removed.is_empty() {
        return Err(Failure::NotFound(PageSubject::Page).into());
    }
    let answer = GroupChanged {
        group,
        added: Vec::new(),
        removed,
    };
    Ok(axum::Json(answer).into_response())
}

/// Deletes a group after removing it from projects.
pub(in crate::web) async fn delete_group(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    uri: Uri,
) -> Result<Response, WebError> {
    let [dry_run] = parse_flags(&uri, ["dry_run"], &caller.context)?;
    let view = with_subject_name(caller.app().group_view(&name, "", 1).await, &name)?;
    if !dry_run {
        let unfinished_hint = caller.context.lang.msg("api-steps-unfinished-hint");
        run_steps(&caller, view.deletion_steps(), unfinished_hint).await?;
    }
    let (removed, remaining) = view.removed_and_remaining_roles();
    let owned = |roles: Vec<&ProjectRole>| roles.into_iter().cloned().collect::<Vec<_>>();
    let answer = GroupDeleted {
        group: name,
        dry_run,
        roles: view.roles.clone().map(|_| owned(removed)),
        remaining_roles: owned(remaining),
    };
    Ok(axum::Json(answer).into_response())
}

/// The names of a list, each once.
fn distinct_users(names: &[String], context: &RequestContext) -> Result<Vec<String>, Problem> {
    let mut users: Vec<String> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        check_name(&format!("/users/{at}"), name, context)?;
        if !users.contains(name) {
            users.push(name.clone());
        }
    }
    Ok(users)
}

/// The problem of a change that was not made, or may not have been.
fn group_problem(caller: &SignedIn, error: ChangeError, group: &str) -> WebError {
    match error.into_refusal() {
        Ok(refusal) if refusal.why == RefusalReason::NotThere => {
            WebError::NoSuchUserOrGroup(PageSubject::Group, group.to_owned())
        }
        Ok(refusal) => refused(refusal, &caller.context).into(),
        Err(failure) => failure.into(),
    }
}
