//! `/projects/{project}/members/remove`: removes a role of a member, or replaces it by another.

use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use crate::app::change::Refusal;
use crate::app::failure::{Failure, PageSubject};
use crate::app::members::{IMAGE_PULLER, MemberRemoval, RoleRemovalRisk, is_registry_role};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{ConfirmationPage, FieldErrors, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::pages::members::list;
use crate::web::pages::members::list::{is_valid_member_name, parse_subject};
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ProjectName, Subject};

#[derive(Template, Serialize)]
#[template(path = "members/remove.html")]
struct RemoveMemberPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: MemberRemoval,
    /// The box that confirms a risky removal was not selected.
    unsure: bool,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl RemoveMemberPage {
    fn kind_value(&self) -> &'static str {
        self.view.who.kind.as_str()
    }

    fn qualified_name(&self) -> String {
        self.view.who.name_with_project().into_owned()
    }
}

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
    fn kind_value(&self) -> &'static str {
        self.subject.kind.as_str()
    }

    fn qualified_name(&self) -> String {
        self.subject.name_with_project().into_owned()
    }
}

/// A requested change, from a form or the query.
#[derive(Clone, Debug, Default)]
struct RoleChangeRequest {
    kind: String,
    name: String,
    role: String,
    /// The role that replaces it. Empty: none.
    new_role: String,
}

impl RoleChangeRequest {
    fn from_form(form: &FormData) -> Self {
        let text = |name: &str| form.text(name).to_owned();
        Self {
            kind: text("kind"),
            name: text("name"),
            role: text("role"),
            new_role: text("to"),
        }
    }

    fn from_query(query: &str) -> Self {
        let mut wanted = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "kind" => wanted.kind = value.into_owned(),
                "name" => wanted.name = value.into_owned(),
                "role" => wanted.role = value.into_owned(),
                "to" => wanted.new_role = value.into_owned(),
                _ => {}
            }
        }
        wanted
    }

    fn subject(&self, project: &ProjectName) -> Result<Subject, Failure> {
        parse_subject(&self.kind, &self.name, project).ok_or(Failure::Invalid("nobody is named"))
    }

    /// The member, if it is named, the role can be removed here and the new role, if any, can be
    /// granted here.
    fn valid_subject(&self, project: &ProjectName) -> Result<Subject, Failure> {
        let is_removable =
            is_registry_role(&self.role) || (self.role == IMAGE_PULLER && self.new_role.is_empty());
        let is_grantable = self.new_role.is_empty() || self.new_role().is_some();
        if is_removable && is_grantable {
            self.subject(project)
        } else {
            Err(Failure::NotFound(PageSubject::Page))
        }
    }

    /// The new role, if it can be granted here.
    fn new_role(&self) -> Option<&str> {
        Some(self.new_role.as_str()).filter(|to| is_registry_role(to))
    }

    /// The confirmation page.
    fn confirmation_path(&self, project: &ProjectName) -> String {
        match self.new_role() {
            Some(to) => links::confirm_role_change(project, &self.kind, &self.name, &self.role, to),
            None => links::confirm_remove_member(project, &self.kind, &self.name, &self.role),
        }
    }

    async fn load_risk(
        &self,
        caller: &SignedIn,
        project: &ProjectName,
        member: &Subject,
    ) -> RoleRemovalRisk {
        caller
            .app()
            .removal_risk(
                project,
                member,
                &self.role,
                self.new_role(),
                caller.user_name(),
            )
            .await
    }
}

impl ConfirmationPage for RemoveMemberPage {
    type Target = (ProjectName, RoleChangeRequest);

    async fn load(
        caller: &SignedIn,
        (project, wanted): &Self::Target,
        submit_error: Option<SubmitError>,
    ) -> Result<Self, WebError> {
        let member = wanted.valid_subject(project)?;
        let view = caller
            .app()
            .member_removal(
                project,
                &member,
                &wanted.role,
                wanted.new_role(),
                caller.user_name(),
            )
            .await?;
        let lang = caller.context.lang;
        let title = match view.to {
            Some(_) => lang.msg("change-role"),
            None => lang.msg("remove-member"),
        };
        Ok(Self {
            chrome: caller.chrome(Area::Projects, title.to_string()),
            view,
            unsure: false,
            submit_error,
        })
    }
}

/// Displays what a member would lose and keep.
pub(in crate::web) async fn confirm_remove_member(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let wanted = RoleChangeRequest::from_query(&query.unwrap_or_default());
    caller.confirm::<RemoveMemberPage>(&(project, wanted)).await
}

/// Removes the role, or replaces it by another one.
pub(in crate::web) async fn remove_member(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    let wanted = RoleChangeRequest::from_form(&form);
    let member = wanted.valid_subject(&project)?;
    let risk = wanted.load_risk(&caller, &project, &member).await;
    if risk.needs_confirmation() && !form.has("sure") {
        let page = RemoveMemberPage::load(&caller, &(project, wanted), None).await?;
        return Ok(render_with_status(
            StatusCode::UNPROCESSABLE_ENTITY,
            &caller.context,
            &RemoveMemberPage {
                unsure: true,
                ..page
            },
        ));
    }
    if wanted.new_role().is_some() {
        return replace_role(&caller, &project, &wanted, &member, risk).await;
    }
    let outcome = caller
        .app()
        .remove_role(&project, &member, &wanted.role)
        .await;
    let (flash, path) = removal_flash(&caller, &project, &wanted, &member, risk);
    caller
        .redirect_or_confirm::<RemoveMemberPage>(&(project, wanted), outcome, flash, &path)
        .await
}

/// Undoes adding a member. A risky removal is confirmed first.
pub(in crate::web) async fn undo_add_member(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
) -> Result<Response, WebError> {
    let wanted = RoleChangeRequest {
        new_role: String::new(),
        ..RoleChangeRequest::from_form(form)
    };
    let member = wanted.subject(project)?;
    let risk = wanted.load_risk(caller, project, &member).await;
    if !is_registry_role(&wanted.role) || risk.needs_confirmation() {
        return Ok(Redirect::to(&wanted.confirmation_path(project)).into_response());
    }
    match caller
        .app()
        .remove_role(project, &member, &wanted.role)
        .await
    {
        Ok(()) => Ok(
            caller.redirect_with_flash(removed_flash(caller, &wanted), &links::members(project))
        ),
        Err(failed) => {
            list::render_members(
                caller,
                project,
                &FormData::default(),
                FieldErrors::default(),
                Some(failed.into_refusal()?),
            )
            .await
        }
    }
}

/// Replaces a role from the list of members. A risky change, such as to the caller's own role, is
/// confirmed first.
pub(in crate::web) async fn change_role(
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

async fn replace_role(
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
            &links::members(project),
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
                links::members(project)
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
            list::render_members(
                caller,
                project,
                &FormData::default(),
                FieldErrors::default(),
                Some(failed.into_refusal()?),
            )
            .await
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

/// The message after a removal, and the page that displays it.
fn removal_flash(
    caller: &SignedIn,
    project: &ProjectName,
    wanted: &RoleChangeRequest,
    member: &Subject,
    risk: RoleRemovalRisk,
) -> (Flash, String) {
    let RoleChangeRequest {
        kind, name, role, ..
    } = wanted;
    let flash = removed_flash(caller, wanted);
    if risk.affects_current_user() {
        return (flash, links::PROJECTS.to_owned());
    }
    let path = links::members(project);
    if !is_registry_role(role) || !is_valid_member_name(member) {
        return (flash, path);
    }
    // The member had the role a moment ago: the undo does not check again whether the name exists.
    let confirmed = list::confirmation_value(member.kind, name);
    let fields = [
        ("do", "add"),
        ("kind", kind.as_str()),
        ("name", name),
        ("role", role),
        (list::UNKNOWN_NAME_FIELD, &confirmed),
    ];
    let undo = caller.context.lang.msg("undo");
    (flash.with_undo(path.clone(), undo, &fields), path)
}

fn removed_flash(caller: &SignedIn, wanted: &RoleChangeRequest) -> Flash {
    Flash::new(
        caller
            .context
            .lang
            .msg("member-removed")
            .arg("name", &wanted.name)
            .arg("role", &wanted.role),
    )
}
