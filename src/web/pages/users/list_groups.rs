//! `/groups` and `/groups/{group}`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{ChangeError, Refusal};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{GroupList, GroupView, is_valid_new_name};
use crate::openshift::AccessRight;
use crate::web::components::Pager;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, UserOrGroupPath};
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::pages::users::common;
use crate::web::pages::users::common::{RoleForm, parse_names, with_subject_name};
use crate::web::render::{Area, Chrome, render, render_with_status};
use registry_model::{Subject as Who, SubjectKind};

#[derive(Template, Serialize)]
#[template(path = "users/list_groups.html")]
struct GroupsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    list: GroupList,
    #[serde(skip)]
    may_create: bool,
    #[serde(skip)]
    may_see_users: bool,
}

#[derive(Template, Serialize)]
#[template(path = "users/show_group.html")]
struct GroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: GroupView,
    #[serde(skip)]
    members: FormField,
    #[serde(skip)]
    role_form: RoleForm,
    #[serde(skip)]
    oc_add: ShellCommand,
    mistakes: FieldErrors,
    trouble: Option<SubmitError>,
}

impl GroupsPage {
    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::filtered_list(links::GROUPS, &self.list.text, page)
        })
    }
}

impl GroupPage {
    fn pager(&self) -> Pager {
        Pager::new(&self.view.paging, |page| {
            links::filtered_list(&links::group(&self.view.group.name), &self.view.text, page)
        })
    }
}

/// The groups of the cluster.
pub(in crate::web) async fn list_groups(
    who: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    let (text, number) = asked.text_and_page();
    let console = who.app();
    let wanted = [
        AccessRight::for_groups("create"),
        AccessRight::for_users("list"),
    ];
    let (list, [may_create, may_see_users]) = tokio::join!(
        console.group_list(&text, number),
        console.review_access(wanted)
    );
    let chrome = who.chrome(Area::Projects, who.context.lang.msg("groups").to_string());
    Ok(render(
        &who.context,
        &GroupsPage {
            chrome,
            list: list?,
            may_create,
            may_see_users,
        },
    ))
}

pub(in crate::web) async fn show_group(
    who: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    asked: ListParams,
) -> Result<Response, WebError> {
    render_group(
        &who,
        &name,
        asked,
        &FormData::default(),
        FieldErrors::default(),
        None,
    )
    .await
}

/// Puts users into a group, or the group into a project.
pub(in crate::web) async fn update_group(
    who: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    sent: FormData,
) -> Result<Response, WebError> {
    let mut mistakes = FieldErrors::default();
    let outcome = match sent.text("do") {
        "give" => common::give_role(&who, &group_subject(&name), &sent, &mut mistakes).await,
        "remove" => undo_add(&who, &name, &sent).await,
        _ => add_to_group_or_project(&who, &name, &sent, &mut mistakes).await,
    };
    match outcome {
        None => render_group(&who, &name, ListParams::default(), &sent, mistakes, None).await,
        Some(Ok(done)) => Ok(who.redirect_with_flash(done, &links::group(&name))),
        Some(Err(failed)) => {
            render_group(
                &who,
                &name,
                ListParams::default(),
                &sent,
                mistakes,
                Some(failed.into_refusal()?),
            )
            .await
        }
    }
}

async fn add_to_group_or_project(
    who: &SignedIn,
    name: &str,
    sent: &FormData,
    mistakes: &mut FieldErrors,
) -> Option<Result<Flash, ChangeError>> {
    let lang = who.context.lang;
    let members = parse_names(sent.text("members"));
    if members.is_empty() {
        mistakes.add("members", lang.msg("member-name-missing"));
        return None;
    }
    if let Some(odd) = members.iter().find(|member| !is_valid_new_name(member)) {
        mistakes.add(
            "members",
            lang.msg("new-user-name-invalid").arg("name", odd),
        );
        return None;
    }
    Some(who.app().add_members(name, &members).await.map(|()| {
        let text = lang
            .msg("group-joined")
            .arg("user", members.join(", "))
            .arg("group", name);
        Flash::new(text).with_undo(
            links::group(name),
            lang.msg("undo"),
            &[("do", "remove"), ("members", &members.join("\n"))],
        )
    }))
}

/// The way back from adding.
async fn undo_add(
    who: &SignedIn,
    name: &str,
    sent: &FormData,
) -> Option<Result<Flash, ChangeError>> {
    let members = parse_names(sent.text("members"));
    let text = who
        .context
        .lang
        .msg("group-left")
        .arg("user", members.join(", "))
        .arg("group", name);
    Some(
        who.app()
            .remove_members(name, &members)
            .await
            .map(|()| Flash::new(text)),
    )
}

fn group_subject(name: &str) -> Who {
    Who {
        kind: SubjectKind::Group,
        name: name.to_owned(),
        project: None,
    }
}

async fn render_group(
    who: &SignedIn,
    name: &str,
    asked: ListParams,
    sent: &FormData,
    mut mistakes: FieldErrors,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = who.context.lang;
    let (text, number) = asked.text_and_page();
    let view = with_subject_name(who.app().group_view(name, &text, number).await, name)?;
    let trouble = refusal.map(|refusal| common::cluster_submit_error(refusal, lang, &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let typed = parse_names(sent.text("members"));
    let page = GroupPage {
        chrome: who.chrome(Area::Projects, lang.msg("group").to_string()),
        members: FormField::new("members", lang.msg("user"), sent.text("members"), &mistakes)
            .with_hint(lang.msg("group-add-hint"))
            .with_required(),
        role_form: RoleForm::new(lang, &group_subject(name), sent, &mistakes),
        oc_add: ShellCommand::add_members(name, &typed),
        view,
        mistakes,
        trouble,
    };
    Ok(render_with_status(status, &who.context, &page))
}
