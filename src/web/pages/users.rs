//! `/users` and `/users/{user}`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::people::{self, Giving, named};
use crate::app::change::{ChangeFailed, Refusal, RefusedBecause};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{UserList, UserView};
use crate::openshift::Access;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::{Asked, Named};
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::parts::{Lacking, Pager};
use crate::web::render::{Area, Chrome, page, page_with};
use registry_model::{Subject as Who, SubjectKind};

#[derive(Template, Serialize)]
#[template(path = "users.html")]
struct UsersPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    list: UserList,
    #[serde(skip)]
    may_create: bool,
    #[serde(skip)]
    may_see_groups: bool,
}

#[derive(Template, Serialize)]
#[template(path = "user.html")]
struct UserPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: UserView,
    #[serde(skip)]
    group: Field,
    #[serde(skip)]
    giving: Giving,
    #[serde(skip)]
    oc_join: ShellCommand,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
}

impl UsersPage {
    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::found_in(links::USERS, &self.list.text, page)
        })
    }

    fn groups_lacking(&self) -> Option<Lacking> {
        Lacking::among(self.list.rows.iter().map(|row| &row.groups))
    }
}

/// The users of the cluster.
pub(in crate::web) async fn users(who: SignedIn, asked: Asked) -> Result<Response, Refused> {
    let (text, number) = asked.text_and_page();
    let console = who.console();
    let wanted = [Access::on_users("create"), Access::on_groups("list")];
    let (list, [may_create, may_see_groups]) =
        tokio::join!(console.users(&text, number), console.allowed(wanted));
    let chrome = who.chrome(Area::Projects, who.context.lang.msg("users").to_string());
    Ok(page(
        &who.context,
        &UsersPage {
            chrome,
            list: list?,
            may_create,
            may_see_groups,
        },
    ))
}

pub(in crate::web) async fn user(who: SignedIn, Named(name): Named) -> Result<Response, Refused> {
    show(&who, &name, &Sent::default(), Mistakes::default(), None).await
}

/// Puts a user into a group or a project, or takes the first back.
pub(in crate::web) async fn change(
    who: SignedIn,
    Named(name): Named,
    sent: Sent,
) -> Result<Response, Refused> {
    let mut mistakes = Mistakes::default();
    let outcome = match sent.text("do") {
        "give" => people::give(&who, &called(&name), &sent, &mut mistakes).await,
        "leave" => leave(&who, &name, sent.text("group")).await,
        _ => join(&who, &name, sent.text("group"), &mut mistakes).await,
    };
    match outcome {
        None => show(&who, &name, &sent, mistakes, None).await,
        Some(Ok(done)) => Ok(who.done(done, &links::user(&name))),
        Some(Err(ChangeFailed::Refused(refusal))) => {
            if refusal.why == RefusedBecause::NotThere && sent.text("do") != "give" {
                mistakes.add(
                    "group",
                    who.context
                        .lang
                        .msg("no-such-group")
                        .arg("name", sent.text("group")),
                );
            }
            show(&who, &name, &sent, mistakes, Some(refusal)).await
        }
        Some(Err(ChangeFailed::Failure(failure))) => Err(failure.into()),
    }
}

async fn join(
    who: &SignedIn,
    name: &str,
    group: &str,
    mistakes: &mut Mistakes,
) -> Option<Result<Done, ChangeFailed>> {
    let lang = who.context.lang;
    if !is_lookable(group) {
        mistakes.add("group", lang.msg("group-missing"));
        return None;
    }
    Some(
        who.console()
            .add_members(group, &[name.to_owned()])
            .await
            .map(|()| {
                let text = lang
                    .msg("group-joined")
                    .arg("user", name)
                    .arg("group", group);
                Done::new(text).undo(
                    links::user(name),
                    lang.msg("undo"),
                    &[("do", "leave"), ("group", group)],
                )
            }),
    )
}

/// The way back from joining.
async fn leave(who: &SignedIn, name: &str, group: &str) -> Option<Result<Done, ChangeFailed>> {
    if !is_lookable(group) {
        return None;
    }
    let left = who
        .console()
        .remove_members(group, &[name.to_owned()])
        .await;
    Some(left.map(|()| {
        Done::new(
            who.context
                .lang
                .msg("group-left")
                .arg("user", name)
                .arg("group", group),
        )
    }))
}

/// Whether a group of this name can be asked for.
fn is_lookable(group: &str) -> bool {
    !matches!(group, "" | "." | ".." | "~")
        && !group.contains(|c: char| c.is_control() || "/%".contains(c))
}

fn called(name: &str) -> Who {
    Who {
        kind: SubjectKind::User,
        name: name.to_owned(),
        project: None,
    }
}

async fn show(
    who: &SignedIn,
    name: &str,
    sent: &Sent,
    mut mistakes: Mistakes,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let view = named(who.console().user(name).await, name)?;
    let trouble = refusal.map(|refusal| people::trouble_of(refusal, lang, &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let group = sent.text("group");
    let page = UserPage {
        chrome: who.chrome(Area::Projects, lang.msg("user").to_string()),
        group: Field::new("group", lang.msg("group"), group, &mistakes).required(),
        giving: Giving::new(lang, &called(name), sent, &mistakes),
        oc_join: ShellCommand::add_members(
            if group.is_empty() { "GROUP" } else { group },
            &[name.to_owned()],
        ),
        view,
        mistakes,
        trouble,
    };
    Ok(page_with(status, &who.context, &page))
}
