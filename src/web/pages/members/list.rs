//! `/projects/{project}/members`: adds, changes and removes roles of members. The page that lists
//! them is [`crate::web::pages::projects::access`].

use axum::response::{IntoResponse, Redirect, Response};

use crate::app::lists::RowLimit;
use crate::app::members::{NameCheck, is_registry_role};
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::forms::{Flash, FormData};
use crate::web::links;
use crate::web::pages::members::change_role::change_role;
use crate::web::pages::members::forms::{
    AccessForms, UNKNOWN_NAME_FIELD, UnknownName, confirmation_value,
};
use crate::web::pages::members::remove::undo_add_member;
use crate::web::pages::members::subject::{is_valid_member_name, parse_subject};
use crate::web::pages::projects::access::{AccessRequest, render_access};
use registry_model::ProjectName;

/// Redirects to the page that lists the members. The JSON form stays here, because programs do not
/// all follow redirects.
pub(in crate::web) async fn list_members(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    limit: RowLimit,
) -> Result<Response, WebError> {
    if caller.context.format == ResponseFormat::Html {
        return Ok(Redirect::to(&links::project_access(&project)).into_response());
    }
    let request = AccessRequest {
        limit,
        ..AccessRequest::default()
    };
    render_access(&caller, &project, request).await
}

/// Makes the change that the field `do` names: adds a role, undoes that, replaces a role, or allows
/// another project to pull.
pub(in crate::web) async fn update_members(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    match form.text("do") {
        "remove" => undo_add_member(&caller, &project, &form).await,
        "change" => change_role(&caller, &project, &form).await,
        "let-pull" => grant_pull(&caller, &project, &form).await,
        _ => add_member(&caller, &project, &form).await,
    }
}

async fn add_member(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let mut request = AccessRequest {
        forms: AccessForms::from_new_member(form),
        ..AccessRequest::default()
    };
    let (name, role) = (form.text("name"), form.text("role"));
    let member = parse_subject(form.text("kind"), name, project).filter(is_valid_member_name);
    let field_errors = &mut request.field_errors;
    if name.is_empty() {
        field_errors.add("name", lang.msg("member-name-missing"));
    } else if member.is_none() {
        field_errors.add("name", lang.msg("member-name-invalid"));
    }
    if !is_registry_role(role) {
        field_errors.add("role", lang.msg("member-role-missing"));
    }
    let Some(member) = member.filter(|_| field_errors.is_empty()) else {
        return render_access(caller, project, request).await;
    };
    let check = caller.app().check_subject_name(&member).await;
    if check == NameCheck::NotFound
        && form.text(UNKNOWN_NAME_FIELD) != confirmation_value(member.kind, name)
    {
        request.unknown = Some(UnknownName::Member {
            kind: member.kind,
            name: name.to_owned(),
        });
        return render_access(caller, project, request).await;
    }
    match caller.app().add_role(project, &member, role).await {
        Ok(()) => {
            let text = if check == NameCheck::NotChecked {
                lang.msg("member-added-not-checked")
            } else {
                lang.msg("member-added")
            };
            let flash = Flash::new(text.arg("name", name).arg("role", role));
            let undo = [
                ("do", "remove"),
                ("kind", member.kind.as_str()),
                ("name", name),
                ("role", role),
            ];
            Ok(caller.redirect_with_flash(
                flash.with_undo(links::members(project), lang.msg("undo"), &undo),
                &links::project_access(project),
            ))
        }
        Err(failed) => {
            request.refusal = Some(failed.into_refusal()?);
            render_access(caller, project, request).await
        }
    }
}

async fn grant_pull(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let mut request = AccessRequest {
        forms: AccessForms::from_puller(form),
        ..AccessRequest::default()
    };
    let other = form.text("puller").parse::<ProjectName>().ok();
    let Some(other) = other.filter(|other| other != project) else {
        let error = lang.msg("puller-invalid");
        request.field_errors.add("puller", error);
        return render_access(caller, project, request).await;
    };
    let check = caller.app().check_project_name(&other).await;
    if check == NameCheck::NotFound && form.text(UNKNOWN_NAME_FIELD) != other.as_str() {
        request.unknown = Some(UnknownName::Project { name: other });
        return render_access(caller, project, request).await;
    }
    let text = if check == NameCheck::NotChecked {
        lang.msg("puller-added-not-checked")
    } else {
        lang.msg("puller-added")
    };
    match caller.app().grant_pull(project, &other).await {
        Ok(()) => Ok(caller.redirect_with_flash(
            Flash::new(text.arg("project", &other)),
            &links::project_access(project),
        )),
        Err(failed) => {
            request.refusal = Some(failed.into_refusal()?);
            render_access(caller, project, request).await
        }
    }
}
