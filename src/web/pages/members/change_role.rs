//! Replaces a role of a member by another one, from the table of members or after a confirmation.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::remove::{RoleChangeRequest, header_below_access};
use crate::app::change::Refusal;
use crate::app::failure::Failure;
use crate::app::members::{RoleRemovalRisk, is_registry_role};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::projects::access::{AccessRequest, render_access};
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ProjectName, Subject};

/// A replacement of a role that stopped after the first step: the member has both roles.
#[derive(Template, Serialize)]
#[template(path = "members/change_role_unfinished.html")]
struct UnfinishedRoleChangePage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    #[serde(rename = "who")]
    subject: Subject,
    role: String,
    to: String,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl UnfinishedRoleChangePage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        header_below_access(lang, &self.project, &self.chrome.title)
            .with_current(lang.msg("change-role"))
    }

    fn kind_value(&self) -> &'static str {
        self.subject.kind.as_str()
    }

    fn qualified_name(&self) -> String {
        self.subject.name_with_project().into_owned()
    }
}

/// Replaces a role from the list of members. A risky change, such as to the caller's own role, is
/// confirmed first.
pub(super) async fn change_role(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
) -> Result<Response, WebError> {
    let wanted = RoleChangeRequest::from_form(form);
    let member = wanted.subject(project)?;
    if !is_registry_role(&wanted.role) || wanted.new_role().is_none() {
        return Err(Failure::Invalid("this is no role that is given here").into());
    }
    let risk = wanted.load_risk(caller, project, &member).await;
    if risk.needs_confirmation() && !form.has("sure") {
        return Ok(Redirect::to(&wanted.confirmation_path(project)).into_response());
    }
    replace_role(caller, project, &wanted, &member, risk).await
}

pub(super) async fn replace_role(
    caller: &SignedIn,
    project: &ProjectName,
    wanted: &RoleChangeRequest,
    member: &Subject,
    risk: RoleRemovalRisk,
) -> Result<Response, WebError> {
    let (
        lang,
        RoleChangeRequest {
            kind,
            name,
            role,
            new_role: to,
        },
    ) = (caller.context.lang, wanted);
    if role == to {
        return Ok(caller.redirect_with_flash(
            Flash::new(lang.msg("member-added").arg("name", name).arg("role", role)),
            &links::project_access(project),
        ));
    }
    match caller.app().change_role(project, member, role, to).await {
        Ok(None) => {
            let done = Flash::new(
                lang.msg("member-changed")
                    .arg("name", name)
                    .arg("role", role)
                    .arg("to", to),
            );
            let back = [
                ("do", "change"),
                ("kind", kind),
                ("name", name),
                ("role", to),
                ("to", role),
            ];
            // A caller who gave up the right to change members cannot undo that, and may not be
            // able to list them either.
            let path = if risk.affects_current_user() {
                links::project(project)
            } else {
                links::project_access(project)
            };
            let done = if risk.affects_current_user() {
                done
            } else {
                done.with_undo(links::members(project), lang.msg("undo"), &back)
            };
            Ok(caller.redirect_with_flash(done, &path))
        }
        Ok(Some(refusal)) => Ok(render_unfinished(caller, project, wanted, member, refusal)),
        Err(failed) => {
            let request = AccessRequest {
                refusal: Some(failed.into_refusal()?),
                ..AccessRequest::default()
            };
            render_access(caller, project, request).await
        }
    }
}

/// The member has both roles now. The page needs no further request.
fn render_unfinished(
    caller: &SignedIn,
    project: &ProjectName,
    wanted: &RoleChangeRequest,
    member: &Subject,
    refusal: Refusal,
) -> Response {
    let lang = caller.context.lang;
    let mut submit_error = SubmitError::from_change_error_without_fields(refusal, lang);
    submit_error.hint = lang.msg("role-unfinished-hint").to_string();
    let status = submit_error.status();
    let page = UnfinishedRoleChangePage {
        chrome: caller.chrome(
            Area::Projects,
            lang.msg("role-unfinished")
                .arg("name", &wanted.name)
                .to_string(),
        ),
        project: project.clone(),
        subject: member.clone(),
        role: wanted.role.clone(),
        to: wanted.new_role.clone(),
        submit_error: Some(submit_error),
    };
    render_with_status(status, &caller.context, &page)
}
