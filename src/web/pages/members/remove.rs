//! `/projects/{project}/members/remove`: removes a role of a member, or replaces it by another.

use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use crate::app::failure::{Failure, PageSubject};
use crate::app::members::{IMAGE_PULLER, MemberRemoval, RoleRemovalRisk, is_registry_role};
use crate::app::shell_command::ShellCommand;
use crate::i18n::{Lang, Message};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{ConfirmationPage, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::members::change_role::replace_role;
use crate::web::pages::members::forms::{UNKNOWN_NAME_FIELD, confirmation_value};
use crate::web::pages::members::subject::{is_valid_member_name, parse_subject};
use crate::web::pages::projects::access::{AccessRequest, render_access};
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
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        header_below_access(lang, &self.view.project, &self.chrome.title)
            .with_current(self.button_label())
    }

    /// The commands that do the same, in the order in which they are run.
    fn commands(&self) -> Vec<&ShellCommand> {
        let first = self.view.oc_first.iter();
        first.chain([&self.view.oc]).collect()
    }

    fn button_label(&self) -> Message {
        let lang = self.chrome.lang;
        if self.view.to.is_some() {
            lang.msg("change-role")
        } else if self.view.role == IMAGE_PULLER {
            lang.msg("puller-remove")
        } else {
            lang.msg("role-remove")
        }
    }

    /// What the user confirms before a risky change.
    fn confirmation_label(&self) -> Message {
        let lang = self.chrome.lang;
        if self.view.risk.affects_current_user() {
            lang.msg("remove-own-role-confirm")
        } else {
            lang.msg("remove-last-admin-confirm")
        }
    }

    fn kind_value(&self) -> &'static str {
        self.view.who.kind.as_str()
    }

    fn qualified_name(&self) -> String {
        self.view.who.name_with_project().into_owned()
    }
}

/// The title of the confirmation. It names the member and the role.
fn removal_title(lang: Lang, view: &MemberRemoval) -> Message {
    let pulling_project = view.who.service_accounts_group_project();
    match (&view.to, pulling_project) {
        (Some(to), _) => lang
            .msg("change-role-title")
            .arg("name", &view.who.name)
            .arg("to", to)
            .arg("project", &view.project),
        (None, Some(other)) if view.role == IMAGE_PULLER => lang
            .msg("puller-remove-title")
            .arg("other", other)
            .arg("project", &view.project),
        (None, _) => lang
            .msg("remove-member-title")
            .arg("name", &view.who.name)
            .arg("role", &view.role)
            .arg("project", &view.project),
    }
}

/// The header of a page below the access of a project.
pub(super) fn header_below_access(lang: Lang, project: &ProjectName, title: &str) -> PageHeader {
    PageHeader::new(title)
        .below_project(lang, project)
        .below(links::project_access(project), lang.msg("tab-access"))
}

/// A requested change, from a form or the query.
#[derive(Clone, Debug, Default)]
pub(super) struct RoleChangeRequest {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) role: String,
    /// The role that replaces it. Empty: none.
    pub(super) new_role: String,
}

impl RoleChangeRequest {
    pub(super) fn from_form(form: &FormData) -> Self {
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

    pub(super) fn subject(&self, project: &ProjectName) -> Result<Subject, Failure> {
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
    pub(super) fn new_role(&self) -> Option<&str> {
        Some(self.new_role.as_str()).filter(|to| is_registry_role(to))
    }

    /// The confirmation page.
    pub(super) fn confirmation_path(&self, project: &ProjectName) -> String {
        match self.new_role() {
            Some(to) => links::confirm_role_change(project, &self.kind, &self.name, &self.role, to),
            None => links::confirm_remove_member(project, &self.kind, &self.name, &self.role),
        }
    }

    pub(super) async fn load_risk(
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
        let title = removal_title(caller.context.lang, &view).to_string();
        Ok(Self {
            chrome: caller.chrome(Area::Projects, title),
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
        Ok(()) => Ok(caller.redirect_with_flash(
            removed_flash(caller, &wanted),
            &links::project_access(project),
        )),
        Err(failed) => {
            let request = AccessRequest {
                refusal: Some(failed.into_refusal()?),
                ..AccessRequest::default()
            };
            render_access(caller, project, request).await
        }
    }
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
    let path = links::project_access(project);
    if !is_registry_role(role) || !is_valid_member_name(member) {
        return (flash, path);
    }
    // The member had the role a moment ago: the undo does not check again whether the name exists.
    let confirmed = confirmation_value(member.kind, name);
    let fields = [
        ("do", "add"),
        ("kind", kind.as_str()),
        ("name", name),
        ("role", role),
        (UNKNOWN_NAME_FIELD, &confirmed),
    ];
    let undo = caller.context.lang.msg("undo");
    (
        flash.with_undo(links::members(project), undo, &fields),
        path,
    )
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
