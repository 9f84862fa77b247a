//! `/users/{user}/delete`

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::people::{named, trouble_half_way};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{Step, Unfinished, UserDeletion};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::Named;
use crate::web::filters;
use crate::web::forms::{Done, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};

#[derive(Template, Serialize)]
#[template(path = "delete-user.html")]
struct DeleteUserPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: UserDeletion,
    /// Whether the identities go, too.
    forget: bool,
    /// They did not say that they are sure.
    unsure: bool,
    trouble: Option<Trouble>,
    /// What was done before it was refused, and what is left.
    unfinished: Option<Unfinished>,
    oc: Vec<ShellCommand>,
}

/// Says what goes and what stays.
pub(in crate::web) async fn ask(who: SignedIn, Named(name): Named) -> Result<Response, Refused> {
    let view = named(
        who.console().user_deletion(&name, who.user_name()).await,
        &name,
    )?;
    Ok(show(&who, view, false, false, None))
}

/// Deletes the user: out of groups and projects first.
pub(in crate::web) async fn delete(
    who: SignedIn,
    Named(name): Named,
    sent: Sent,
) -> Result<Response, Refused> {
    let forget = sent.has("forget");
    let view = named(
        who.console().user_deletion(&name, who.user_name()).await,
        &name,
    )?;
    if view.oneself && !sent.has("sure") {
        return Ok(show(&who, view, forget, true, None));
    }
    match who.console().carry_out(view.steps(forget)).await? {
        None => {
            let done = Done::new(who.context.lang.msg("user-deleted").arg("user", &name));
            Ok(who.done(
                done,
                if view.oneself {
                    links::OVERVIEW
                } else {
                    links::USERS
                },
            ))
        }
        Some(unfinished) => {
            // Where the master is gone altogether, what was found out before has to do.
            let view = who
                .console()
                .user_deletion(&name, who.user_name())
                .await
                .unwrap_or(view);
            Ok(show(&who, view, forget, false, Some(unfinished)))
        }
    }
}

fn show(
    who: &SignedIn,
    view: UserDeletion,
    forget: bool,
    unsure: bool,
    unfinished: Option<Unfinished>,
) -> Response {
    let lang = who.context.lang;
    let trouble = unfinished
        .as_ref()
        .map(|unfinished| trouble_half_way(unfinished, lang, &mut Mistakes::default()));
    let fine = if unsure {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let status = trouble.as_ref().map_or(fine, Trouble::status);
    let page = DeleteUserPage {
        chrome: who.chrome(Area::Projects, lang.msg("delete-user").to_string()),
        oc: view.steps(forget).iter().flat_map(Step::commands).collect(),
        view,
        forget,
        unsure,
        trouble,
        unfinished: unfinished.filter(|unfinished| !unfinished.done.is_empty()),
    };
    page_with(status, &who.context, &page)
}
