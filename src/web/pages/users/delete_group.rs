//! `/groups/{group}/delete`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::shell_command::ShellCommand;
use crate::app::users::{ChangeStep, GroupView, UnfinishedChange};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::UserOrGroupPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, SubmitError};
use crate::web::links;
use crate::web::pages::users::common::{unfinished_submit_error, with_subject_name};
use crate::web::render::{Area, Chrome, render_with_status};

#[derive(Template, Serialize)]
#[template(path = "users/delete_group.html")]
struct DeleteGroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: GroupView,
    trouble: Option<SubmitError>,
    /// What was done before it was refused, and what is left.
    unfinished: Option<UnfinishedChange>,
    oc: Vec<ShellCommand>,
}

/// Says what goes and what stays.
pub(in crate::web) async fn confirm_delete_group(
    who: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
) -> Result<Response, WebError> {
    let view = with_subject_name(who.app().group_view(&name, "", 1).await, &name)?;
    Ok(render_confirmation(&who, view, None))
}

/// Deletes the group: out of projects first.
pub(in crate::web) async fn delete_group(
    who: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
) -> Result<Response, WebError> {
    let view = with_subject_name(who.app().group_view(&name, "", 1).await, &name)?;
    match who.app().run_steps(view.deletion_steps()).await? {
        None => Ok(who.redirect_with_flash(
            Flash::new(who.context.lang.msg("group-deleted").arg("group", &name)),
            links::GROUPS,
        )),
        Some(unfinished) => {
            // Where the master is gone altogether, what was found out before has to do.
            let view = who.app().group_view(&name, "", 1).await.unwrap_or(view);
            Ok(render_confirmation(&who, view, Some(unfinished)))
        }
    }
}

fn render_confirmation(
    who: &SignedIn,
    view: GroupView,
    unfinished: Option<UnfinishedChange>,
) -> Response {
    let lang = who.context.lang;
    let trouble = unfinished
        .as_ref()
        .map(|unfinished| unfinished_submit_error(unfinished, lang, &mut FieldErrors::default()));
    let status = FieldErrors::default().status(trouble.as_ref());
    let page = DeleteGroupPage {
        chrome: who.chrome(Area::Projects, lang.msg("delete-group").to_string()),
        oc: view
            .deletion_steps()
            .iter()
            .flat_map(ChangeStep::commands)
            .collect(),
        view,
        trouble,
        unfinished: unfinished.filter(|unfinished| !unfinished.done.is_empty()),
    };
    render_with_status(status, &who.context, &page)
}
