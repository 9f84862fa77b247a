//! `/groups/{group}/remove`

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::Refusal;
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{ChangeStep, GroupView};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::UserOrGroupPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::pages::users::common::{cluster_submit_error, with_subject_name};
use crate::web::render::{Area, Chrome, render_with_status};

#[derive(Template, Serialize)]
#[template(path = "users/remove_from_group.html")]
struct RemoveFromGroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: GroupView,
    /// Who is to go.
    user: String,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    oc: Vec<ShellCommand>,
}

/// Says what a member would lose.
pub(in crate::web) async fn confirm_remove_from_group(
    caller: SignedIn,
    UserOrGroupPath(group): UserOrGroupPath,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "user");
    render_confirmation(
        &caller,
        &group,
        found
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default(),
        None,
    )
    .await
}

/// Takes the member out.
pub(in crate::web) async fn remove_from_group(
    caller: SignedIn,
    UserOrGroupPath(group): UserOrGroupPath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let user = form.text("user").to_owned();
    match caller
        .app()
        .remove_members(&group, std::slice::from_ref(&user))
        .await
    {
        Ok(()) => {
            let done = Flash::new(
                lang.msg("group-left")
                    .arg("user", &user)
                    .arg("group", &group),
            );
            let back = [("do", "add"), ("members", user.as_str())];
            Ok(caller.redirect_with_flash(
                done.with_undo(links::group(&group), lang.msg("undo"), &back),
                &links::group(&group),
            ))
        }
        Err(failed) => {
            render_confirmation(&caller, &group, user, Some(failed.into_refusal()?)).await
        }
    }
}

async fn render_confirmation(
    caller: &SignedIn,
    group: &str,
    user: String,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let view = with_subject_name(caller.app().group_view(group, "", 1).await, group)?;
    if !view.group.users.contains(&user) {
        return Err(Failure::NotFound(PageSubject::Page).into());
    }
    let submit_error =
        refusal.map(|refusal| cluster_submit_error(refusal, lang, &mut FieldErrors::default()));
    let status = FieldErrors::default().status(submit_error.as_ref());
    let step = ChangeStep::LeaveGroup {
        user: user.clone(),
        group: group.to_owned(),
    };
    let chrome = caller.chrome(Area::Projects, lang.msg("leave-group").to_string());
    Ok(render_with_status(
        status,
        &caller.context,
        &RemoveFromGroupPage {
            chrome,
            view,
            user,
            submit_error,
            oc: step.commands(),
        },
    ))
}
