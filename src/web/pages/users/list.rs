//! `/users` and `/users/{user}`: lists users, and displays one.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{UserList, UserView};
use crate::openshift::AccessRight;
use crate::web::components::{MissingSections, Pager};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, UserOrGroupPath};
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::users::common;
use crate::web::pages::users::common::{RoleForm, with_subject_name};
use crate::web::render::{Area, Chrome, render, render_with_status};
use crate::web::tabs::{AdministrationTab, Tabs};
use registry_model::{Subject, SubjectKind};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "users/list.html")]
pub(super) struct UsersPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    list: UserList,
    #[serde(skip)]
    may_create: bool,
}

#[derive(Template, Serialize, ToSchema)]
#[template(path = "users/show.html")]
pub(super) struct UserPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: UserView,
    #[serde(skip)]
    group: FormField,
    #[serde(skip)]
    role_form: RoleForm,
    #[serde(skip)]
    oc_join: ShellCommand,
    #[serde(skip)]
    submit_error: Option<SubmitError>,
}

impl UsersPage {
    /// Whether any user of the page has one: many identity providers set none.
    fn has_full_names(&self) -> bool {
        let mut rows = self.list.rows.iter();
        rows.any(|row| row.user.full_name.is_some())
    }

    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title).when(self.may_create, |header| {
            header.with_primary(links::NEW_USER, lang.msg("new-user"))
        })
    }

    fn tabs(&self) -> Tabs {
        Tabs::for_administration(self.chrome.lang, AdministrationTab::Users)
    }

    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::filtered_list(links::USERS, &self.list.text, page)
        })
    }

    fn missing_groups(&self) -> Option<MissingSections> {
        MissingSections::from_sections(self.list.rows.iter().map(|row| &row.groups))
    }
}

impl UserPage {
    fn header(&self) -> PageHeader {
        let (lang, name, offers) = (self.chrome.lang, &self.view.user.name, &self.view.offers);
        PageHeader::new(name)
            .with_kind(lang.msg("user"))
            .below(links::USERS, lang.msg("users"))
            .when(offers.edit, |header| {
                header.with_secondary(links::edit_user(name), lang.msg("edit"))
            })
            .when(offers.delete, |header| {
                header.with_dangerous_item(links::delete_user(name), lang.msg("delete-user-link"))
            })
    }
}

pub(in crate::web) async fn list_users(
    caller: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    let (text, number) = asked.text_and_page();
    let console = caller.app();
    let (list, [may_create]) = tokio::join!(
        console.user_list(&text, number),
        console.review_access([AccessRight::for_users("create")])
    );
    let chrome = caller.chrome(
        Area::Administration,
        caller.context.lang.msg("users").to_string(),
    );
    Ok(render(
        &caller.context,
        &UsersPage {
            chrome,
            list: list?,
            may_create,
        },
    ))
}

pub(in crate::web) async fn show_user(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
) -> Result<Response, WebError> {
    render_user(
        &caller,
        &name,
        &FormData::default(),
        FieldErrors::default(),
        None,
    )
    .await
}

/// Adds a user to a group or adds a role in a project, or undoes the first.
pub(in crate::web) async fn update_memberships(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    form: FormData,
) -> Result<Response, WebError> {
    let mut field_errors = FieldErrors::default();
    let outcome = match form.text("do") {
        "give" => common::give_role(&caller, &user_subject(&name), &form, &mut field_errors).await,
        "leave" => undo_join_group(&caller, &name, form.text("group")).await,
        _ => join_group(&caller, &name, form.text("group"), &mut field_errors).await,
    };
    match outcome {
        None => render_user(&caller, &name, &form, field_errors, None).await,
        Some(Ok(done)) => Ok(caller.redirect_with_flash(done, &links::user(&name))),
        Some(Err(ChangeError::Refused(refusal))) => {
            if refusal.why == RefusalReason::NotThere && form.text("do") != "give" {
                field_errors.add(
                    "group",
                    caller
                        .context
                        .lang
                        .msg("no-such-group")
                        .arg("name", form.text("group")),
                );
            }
            render_user(&caller, &name, &form, field_errors, Some(refusal)).await
        }
        Some(Err(ChangeError::Failure(failure))) => Err(failure.into()),
    }
}

async fn join_group(
    caller: &SignedIn,
    name: &str,
    group: &str,
    field_errors: &mut FieldErrors,
) -> Option<Result<Flash, ChangeError>> {
    let lang = caller.context.lang;
    if !is_valid_group_name(group) {
        field_errors.add("group", lang.msg("group-missing"));
        return None;
    }
    Some(
        caller
            .app()
            .add_members(group, &[name.to_owned()])
            .await
            .map(|_| {
                let text = lang
                    .msg("group-joined")
                    .arg("user", name)
                    .arg("group", group);
                Flash::new(text).with_undo(
                    links::user(name),
                    lang.msg("undo"),
                    &[("do", "leave"), ("group", group)],
                )
            }),
    )
}

/// Undoes adding the user to a group.
async fn undo_join_group(
    caller: &SignedIn,
    name: &str,
    group: &str,
) -> Option<Result<Flash, ChangeError>> {
    if !is_valid_group_name(group) {
        return None;
    }
    let left = caller.app().remove_members(group, &[name.to_owned()]).await;
    Some(left.map(|_| {
        Flash::new(
            caller
                .context
                .lang
                .msg("group-left")
                .arg("user", name)
                .arg("group", group),
        )
    }))
}

/// Whether the name is valid in the path of a request for a group.
fn is_valid_group_name(group: &str) -> bool {
    !matches!(group, "" | "." | ".." | "~")
        && !group.contains(|c: char| c.is_control() || "/%".contains(c))
}

fn user_subject(name: &str) -> Subject {
    Subject {
        kind: SubjectKind::User,
        name: name.to_owned(),
        project: None,
    }
}

async fn render_user(
    caller: &SignedIn,
    name: &str,
    form: &FormData,
    mut field_errors: FieldErrors,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let view = with_subject_name(caller.app().user_view(name).await, name)?;
    let submit_error =
        refusal.map(|refusal| common::cluster_submit_error(refusal, lang, &mut field_errors));
    let status = field_errors.status(submit_error.as_ref());
    let group = form.text("group");
    let page = UserPage {
        chrome: caller.chrome(Area::Administration, name),
        group: FormField::new("group", lang.msg("group"), group, &field_errors).with_required(),
        role_form: RoleForm::new(lang, &user_subject(name), form, &field_errors),
        oc_join: ShellCommand::add_members(
            if group.is_empty() { "GROUP" } else { group },
            &[name.to_owned()],
        ),
        view,
        submit_error,
    };
    Ok(render_with_status(status, &caller.context, &page))
}
