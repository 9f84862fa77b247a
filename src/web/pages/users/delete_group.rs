//! `/groups/{group}/delete`: deletes a group.

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
use crate::web::page_header::PageHeader;
use crate::web::pages::users::common::{unfinished_submit_error, with_subject_name};
use crate::web::render::{Area, Chrome, render_with_status};

#[derive(Template, Serialize)]
#[template(path = "users/delete_group.html")]
struct DeleteGroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: GroupView,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    /// The steps that were completed before the refusal, and those that remain.
    unfinished: Option<UnfinishedChange>,
    oc: Vec<ShellCommand>,
}

impl DeleteGroupPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .with_current(lang.msg("delete"))
            .below_group(lang, &self.view.group.name)
    }
}

/// Displays what is deleted and what remains.
pub(in crate::web) async fn confirm_delete_group(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
) -> Result<Response, WebError> {
    let view = with_subject_name(caller.app().group_view(&name, "", 1).await, &name)?;
    Ok(render_confirmation(&caller, view, None))
}

/// Deletes the group after removing it from projects.
pub(in crate::web) async fn delete_group(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
) -> Result<Response, WebError> {
    let view = with_subject_name(caller.app().group_view(&name, "", 1).await, &name)?;
    match caller.app().run_steps(view.deletion_steps()).await? {
        None => Ok(caller.redirect_with_flash(
            Flash::new(caller.context.lang.msg("group-deleted").arg("group", &name)),
            links::GROUPS,
        )),
        Some(unfinished) => {
            // If the API server does not answer, the page uses the values from before the change.
            let view = caller.app().group_view(&name, "", 1).await.unwrap_or(view);
            Ok(render_confirmation(&caller, view, Some(unfinished)))
        }
    }
}

fn render_confirmation(
    caller: &SignedIn,
    view: GroupView,
    unfinished: Option<UnfinishedChange>,
) -> Response {
    let lang = caller.context.lang;
    let submit_error = unfinished
        .as_ref()
        .map(|unfinished| unfinished_submit_error(unfinished, lang, &mut FieldErrors::default()));
    let status = FieldErrors::default().status(submit_error.as_ref());
    let page = DeleteGroupPage {
        chrome: caller.chrome(
            Area::Administration,
            lang.msg("delete-group-title")
                .arg("group", &view.group.name)
                .to_string(),
        ),
        oc: view
            .deletion_steps()
            .iter()
            .flat_map(ChangeStep::commands)
            .collect(),
        view,
        submit_error,
        unfinished: unfinished.filter(|unfinished| !unfinished.done.is_empty()),
    };
    render_with_status(status, &caller.context, &page)
}
