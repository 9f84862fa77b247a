//! `/groups` and `/groups/{group}`: lists groups, and displays one.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::change::{ChangeError, Refusal};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{GroupList, GroupView, is_valid_new_name};
use crate::openshift::AccessRight;
use crate::web::components::Pager;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, UserOrGroupPath};
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, SubmitError, user_name_error};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::users::common;
use crate::web::pages::users::common::{RoleForm, with_subject_name};
use crate::web::pages::users::name_rows::{NameKind, NameRowFields, NameRows};
use crate::web::render::{Area, Chrome, render, render_with_status};
use crate::web::tabs::{AdministrationTab, Tabs};
use registry_model::{Subject, SubjectKind};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "users/list_groups.html")]
pub(super) struct GroupsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    list: GroupList,
    #[serde(skip)]
    may_create: bool,
}

#[derive(Template, Serialize, ToSchema)]
#[template(path = "users/show_group.html")]
pub(super) struct GroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: GroupView,
    #[serde(skip)]
    members: NameRowFields,
    /// Whether the form that adds users was sent, so that it is displayed open.
    #[serde(skip)]
    is_adding: bool,
    #[serde(skip)]
    role_form: RoleForm,
    #[serde(skip)]
    oc_add: ShellCommand,
    #[serde(skip)]
    submit_error: Option<SubmitError>,
}

impl GroupsPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title).when(self.may_create, |header| {
            header.with_primary(links::NEW_GROUP, lang.msg("new-group"))
        })
    }

    fn tabs(&self) -> Tabs {
        Tabs::for_administration(self.chrome.lang, AdministrationTab::Groups)
    }

    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::filtered_list(links::GROUPS, &self.list.text, page)
        })
    }
}

impl GroupPage {
    fn header(&self) -> PageHeader {
        let (lang, name) = (self.chrome.lang, &self.view.group.name);
        PageHeader::new(name)
            .with_kind(lang.msg("group"))
            .below(links::GROUPS, lang.msg("groups"))
            .when(self.view.offers.delete, |header| {
                header.with_dangerous_item(links::delete_group(name), lang.msg("delete-group-link"))
            })
    }

    fn pager(&self) -> Pager {
        Pager::new(&self.view.paging, |page| {
            links::filtered_list(&links::group(&self.view.group.name), &self.view.text, page)
        })
    }
}

pub(in crate::web) async fn list_groups(
    caller: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    let (text, number) = asked.text_and_page();
    let console = caller.app();
    let (list, [may_create]) = tokio::join!(
        console.group_list(&text, number),
        console.review_access([AccessRight::for_groups("create")])
    );
    let chrome = caller.chrome(
        Area::Administration,
        caller.context.lang.msg("groups").to_string(),
    );
    Ok(render(
        &caller.context,
        &GroupsPage {
            chrome,
            list: list?,
            may_create,
        },
    ))
}

pub(in crate::web) async fn show_group(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    asked: ListParams,
) -> Result<Response, WebError> {
    render_group(
        &caller,
        &name,
        asked,
        &FormData::default(),
        FieldErrors::default(),
        None,
    )
    .await
}

/// Adds users to a group, or adds a role of the group in a project.
pub(in crate::web) async fn update_group(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    form: FormData,
) -> Result<Response, WebError> {
    let mut field_errors = FieldErrors::default();
    let outcome = match form.text("do") {
        "give" => common::give_role(&caller, &group_subject(&name), &form, &mut field_errors).await,
        "remove" => undo_add(&caller, &name, &form).await,
        _ => add_to_group_or_project(&caller, &name, &form, &mut field_errors).await,
    };
    match outcome {
        None => {
            render_group(
                &caller,
                &name,
                ListParams::default(),
                &form,
                field_errors,
                None,
            )
            .await
        }
        Some(Ok(done)) => Ok(caller.redirect_with_flash(done, &links::group(&name))),
        Some(Err(failed)) => {
            render_group(
                &caller,
                &name,
                ListParams::default(),
                &form,
                field_errors,
                Some(failed.into_refusal()?),
            )
            .await
        }
    }
}

async fn add_to_group_or_project(
    caller: &SignedIn,
    name: &str,
    form: &FormData,
    field_errors: &mut FieldErrors,
) -> Option<Result<Flash, ChangeError>> {
    let lang = caller.context.lang;
    let rows = NameRows::from_form(NameKind::Member, form);
    if rows.is_changed {
        return None;
    }
    let members = rows.names();
    if members.is_empty() {
        field_errors.add("members", lang.msg("member-name-missing"));
    }
    rows.check(
        is_valid_new_name,
        |name| user_name_error(name, lang),
        field_errors,
    );
    if !field_errors.is_empty() {
        return None;
    }
    Some(caller.app().add_members(name, &members).await.map(|_| {
        let text = lang
            .msg("group-joined")
            .arg("user", members.join(lang.list_separator()))
            .arg("group", name);
        Flash::new(text).with_undo(
            links::group(name),
            lang.msg("undo"),
            &[("do", "remove"), ("members", &members.join("\n"))],
        )
    }))
}

/// Undoes adding users.
async fn undo_add(
    caller: &SignedIn,
    name: &str,
    form: &FormData,
) -> Option<Result<Flash, ChangeError>> {
    let members = NameRows::from_form(NameKind::Member, form).names();
    let lang = caller.context.lang;
    let text = lang
        .msg("group-left")
        .arg("user", members.join(lang.list_separator()))
        .arg("group", name);
    Some(
        caller
            .app()
            .remove_members(name, &members)
            .await
            .map(|_| Flash::new(text)),
    )
}

fn group_subject(name: &str) -> Subject {
    Subject {
        kind: SubjectKind::Group,
        name: name.to_owned(),
        project: None,
    }
}

async fn render_group(
    caller: &SignedIn,
    name: &str,
    asked: ListParams,
    form: &FormData,
    mut field_errors: FieldErrors,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let (text, number) = asked.text_and_page();
    let view = with_subject_name(caller.app().group_view(name, &text, number).await, name)?;
    let submit_error =
        refusal.map(|refusal| common::cluster_submit_error(refusal, lang, &mut field_errors));
    let status = field_errors.status(submit_error.as_ref());
    let rows = NameRows::from_form(NameKind::Member, form);
    let page = GroupPage {
        chrome: caller.chrome(Area::Administration, name),
        members: rows.fields(
            lang.msg("users"),
            lang.msg("group-add-hint"),
            lang,
            &field_errors,
        ),
        is_adding: NameRows::is_in(NameKind::Member, form),
        role_form: RoleForm::new(lang, &group_subject(name), form, &field_errors),
        oc_add: ShellCommand::add_members(name, &rows.names()),
        view,
        submit_error,
    };
    Ok(render_with_status(status, &caller.context, &page))
}
