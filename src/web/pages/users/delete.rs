//! `/users/{user}/delete`: deletes a user.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::shell_command::ShellCommand;
use crate::app::users::{ChangeStep, UnfinishedChange, UserDeletion};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::UserOrGroupPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::users::common::{unfinished_submit_error, with_subject_name};
use crate::web::render::{Area, Chrome, render_with_status};

#[derive(Template, Serialize)]
#[template(path = "users/delete.html")]
struct DeleteUserPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: UserDeletion,
    /// Whether the identities are deleted as well.
    forget: bool,
    /// The box that confirms the deletion was not selected.
    unsure: bool,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    /// The steps that were completed before the refusal, and those that remain.
    unfinished: Option<UnfinishedChange>,
    oc: Vec<ShellCommand>,
}

impl DeleteUserPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .with_current(lang.msg("delete"))
            .below_user(lang, &self.view.user.name)
    }
}

/// Displays what is deleted and what remains.
pub(in crate::web) async fn confirm_delete_user(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
) -> Result<Response, WebError> {
    let view = with_subject_name(
        caller.app().user_deletion(&name, caller.user_name()).await,
        &name,
    )?;
    Ok(render_confirmation(&caller, view, false, false, None))
}

/// Deletes the user after removing it from groups and projects.
pub(in crate::web) async fn delete_user(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    form: FormData,
) -> Result<Response, WebError> {
    let forget = form.has("forget");
    let view = with_subject_name(
        caller.app().user_deletion(&name, caller.user_name()).await,
        &name,
    )?;
    if view.oneself && !form.has("sure") {
        return Ok(render_confirmation(&caller, view, forget, true, None));
    }
    match caller.app().run_steps(view.steps(forget)).await? {
        None => {
            let done = Flash::new(caller.context.lang.msg("user-deleted").arg("user", &name));
            Ok(caller.redirect_with_flash(
                done,
                if view.oneself {
                    links::HOME
                } else {
                    links::USERS
                },
            ))
        }
        Some(unfinished) => {
            // If the API server does not answer, the page uses the values from before the change.
            let view = caller
                .app()
                .user_deletion(&name, caller.user_name())
                .await
                .unwrap_or(view);
            Ok(render_confirmation(
                &caller,
                view,
                forget,
                false,
                Some(unfinished),
            ))
        }
    }
}

fn render_confirmation(
    caller: &SignedIn,
    view: UserDeletion,
    forget: bool,
    unsure: bool,
    unfinished: Option<UnfinishedChange>,
) -> Response {
    let lang = caller.context.lang;
    let submit_error = unfinished
        .as_ref()
        .map(|unfinished| unfinished_submit_error(unfinished, lang, &mut FieldErrors::default()));
    let default_status = if unsure {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let status = submit_error
        .as_ref()
        .map_or(default_status, SubmitError::status);
    let page = DeleteUserPage {
        chrome: caller.chrome(
            Area::Administration,
            lang.msg("delete-user-title")
                .arg("user", &view.user.name)
                .to_string(),
        ),
        oc: view
            .steps(forget)
            .iter()
            .flat_map(ChangeStep::commands)
            .collect(),
        view,
        forget,
        unsure,
        submit_error,
        unfinished: unfinished.filter(|unfinished| !unfinished.done.is_empty()),
    };
    render_with_status(status, &caller.context, &page)
}
