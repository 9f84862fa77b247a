//! `/groups/{group}/delete`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::people::{named, trouble_half_way};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{GroupView, Step, Unfinished};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::Named;
use crate::web::filters;
use crate::web::forms::{Done, Mistakes, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};

#[derive(Template, Serialize)]
#[template(path = "delete-group.html")]
struct DeleteGroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: GroupView,
    trouble: Option<Trouble>,
    /// What was done before it was refused, and what is left.
    unfinished: Option<Unfinished>,
    oc: Vec<ShellCommand>,
}

/// Says what goes and what stays.
pub(in crate::web) async fn ask(who: SignedIn, Named(name): Named) -> Result<Response, Refused> {
    let view = named(who.console().group(&name, "", 1).await, &name)?;
    Ok(show(&who, view, None))
}

/// Deletes the group: out of projects first.
pub(in crate::web) async fn delete(who: SignedIn, Named(name): Named) -> Result<Response, Refused> {
    let view = named(who.console().group(&name, "", 1).await, &name)?;
    match who.console().carry_out(view.deletion()).await? {
        None => Ok(who.done(
            Done::new(who.context.lang.msg("group-deleted").arg("group", &name)),
            links::GROUPS,
        )),
        Some(unfinished) => {
            // Where the master is gone altogether, what was found out before has to do.
            let view = who.console().group(&name, "", 1).await.unwrap_or(view);
            Ok(show(&who, view, Some(unfinished)))
        }
    }
}

fn show(who: &SignedIn, view: GroupView, unfinished: Option<Unfinished>) -> Response {
    let lang = who.context.lang;
    let trouble = unfinished
        .as_ref()
        .map(|unfinished| trouble_half_way(unfinished, lang, &mut Mistakes::default()));
    let status = Mistakes::default().status(trouble.as_ref());
    let page = DeleteGroupPage {
        chrome: who.chrome(Area::Projects, lang.msg("delete-group").to_string()),
        oc: view.deletion().iter().flat_map(Step::commands).collect(),
        view,
        trouble,
        unfinished: unfinished.filter(|unfinished| !unfinished.done.is_empty()),
    };
    page_with(status, &who.context, &page)
}
