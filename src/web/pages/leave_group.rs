//! `/groups/{group}/remove`

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;

use super::people::{named, trouble_of};
use crate::app::change::Refusal;
use crate::app::failure::{Failure, Subject};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{GroupView, Step};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::Named;
use crate::web::filters;
use crate::web::forms::{Done, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};

#[derive(Template, Serialize)]
#[template(path = "leave-group.html")]
struct LeaveGroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: GroupView,
    /// Who is to go.
    user: String,
    trouble: Option<Trouble>,
    oc: Vec<ShellCommand>,
}

/// Says what a member would lose.
pub(in crate::web) async fn ask(
    who: SignedIn,
    Named(group): Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "user");
    show(
        &who,
        &group,
        found
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default(),
        None,
    )
    .await
}

/// Takes the member out.
pub(in crate::web) async fn leave(
    who: SignedIn,
    Named(group): Named,
    sent: Sent,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let user = sent.text("user").to_owned();
    match who
        .console()
        .remove_members(&group, std::slice::from_ref(&user))
        .await
    {
        Ok(()) => {
            let done = Done::new(
                lang.msg("group-left")
                    .arg("user", &user)
                    .arg("group", &group),
            );
            let back = [("do", "add"), ("members", user.as_str())];
            Ok(who.done(
                done.undo(links::group(&group), lang.msg("undo"), &back),
                &links::group(&group),
            ))
        }
        Err(failed) => show(&who, &group, user, Some(failed.refusal()?)).await,
    }
}

async fn show(
    who: &SignedIn,
    group: &str,
    user: String,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let view = named(who.console().group(group, "", 1).await, group)?;
    if !view.group.users.contains(&user) {
        return Err(Failure::NotFound(Subject::Page).into());
    }
    let trouble = refusal.map(|refusal| trouble_of(refusal, lang, &mut Mistakes::default()));
    let status = Mistakes::default().status(trouble.as_ref());
    let step = Step::LeaveGroup {
        user: user.clone(),
        group: group.to_owned(),
    };
    let chrome = who.chrome(Area::Projects, lang.msg("leave-group").to_string());
    Ok(page_with(
        status,
        &who.context,
        &LeaveGroupPage {
            chrome,
            view,
            user,
            trouble,
            oc: step.commands(),
        },
    ))
}
