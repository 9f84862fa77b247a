//! `/groups` and `/groups/{group}`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::people::{self, Giving, named, names_in};
use crate::app::change::{ChangeFailed, Refusal};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{GroupList, GroupView, is_new_name};
use crate::openshift::Access;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::{Asked, Named};
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::parts::Pager;
use crate::web::render::{Area, Chrome, page, page_with};
use registry_model::{Subject as Who, SubjectKind};

#[derive(Template, Serialize)]
#[template(path = "groups.html")]
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
#[template(path = "group.html")]
struct GroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: GroupView,
    #[serde(skip)]
    members: Field,
    #[serde(skip)]
    giving: Giving,
    #[serde(skip)]
    oc_add: ShellCommand,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
}

impl GroupsPage {
    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::found_in(links::GROUPS, &self.list.text, page)
        })
    }
}

impl GroupPage {
    fn pager(&self) -> Pager {
        Pager::new(&self.view.paging, |page| {
            links::found_in(&links::group(&self.view.group.name), &self.view.text, page)
        })
    }
}

/// The groups of the cluster.
pub(in crate::web) async fn groups(who: SignedIn, asked: Asked) -> Result<Response, Refused> {
    let (text, number) = asked.text_and_page();
    let console = who.console();
    let wanted = [Access::on_groups("create"), Access::on_users("list")];
    let (list, [may_create, may_see_users]) =
        tokio::join!(console.groups(&text, number), console.allowed(wanted));
    let chrome = who.chrome(Area::Projects, who.context.lang.msg("groups").to_string());
    Ok(page(
        &who.context,
        &GroupsPage {
            chrome,
            list: list?,
            may_create,
            may_see_users,
        },
    ))
}

pub(in crate::web) async fn group(
    who: SignedIn,
    Named(name): Named,
    asked: Asked,
) -> Result<Response, Refused> {
    show(
        &who,
        &name,
        asked,
        &Sent::default(),
        Mistakes::default(),
        None,
    )
    .await
}

/// Puts users into a group, or the group into a project.
pub(in crate::web) async fn change(
    who: SignedIn,
    Named(name): Named,
    sent: Sent,
) -> Result<Response, Refused> {
    let mut mistakes = Mistakes::default();
    let outcome = match sent.text("do") {
        "give" => people::give(&who, &called(&name), &sent, &mut mistakes).await,
        "remove" => take_back(&who, &name, &sent).await,
        _ => add(&who, &name, &sent, &mut mistakes).await,
    };
    match outcome {
        None => show(&who, &name, Asked::default(), &sent, mistakes, None).await,
        Some(Ok(done)) => Ok(who.done(done, &links::group(&name))),
        Some(Err(failed)) => {
            show(
                &who,
                &name,
                Asked::default(),
                &sent,
                mistakes,
                Some(failed.refusal()?),
            )
            .await
        }
    }
}

async fn add(
    who: &SignedIn,
    name: &str,
    sent: &Sent,
    mistakes: &mut Mistakes,
) -> Option<Result<Done, ChangeFailed>> {
    let lang = who.context.lang;
    let members = names_in(sent.text("members"));
    if members.is_empty() {
        mistakes.add("members", lang.msg("member-name-missing"));
        return None;
    }
    if let Some(odd) = members.iter().find(|member| !is_new_name(member)) {
        mistakes.add("members", lang.msg("new-person-odd").arg("name", odd));
        return None;
    }
    Some(who.console().add_members(name, &members).await.map(|()| {
        let text = lang
            .msg("group-joined")
            .arg("user", members.join(", "))
            .arg("group", name);
        Done::new(text).undo(
            links::group(name),
            lang.msg("undo"),
            &[("do", "remove"), ("members", &members.join("\n"))],
        )
    }))
}

/// The way back from adding.
async fn take_back(who: &SignedIn, name: &str, sent: &Sent) -> Option<Result<Done, ChangeFailed>> {
    let members = names_in(sent.text("members"));
    let text = who
        .context
        .lang
        .msg("group-left")
        .arg("user", members.join(", "))
        .arg("group", name);
    Some(
        who.console()
            .remove_members(name, &members)
            .await
            .map(|()| Done::new(text)),
    )
}

fn called(name: &str) -> Who {
    Who {
        kind: SubjectKind::Group,
        name: name.to_owned(),
        project: None,
    }
}

async fn show(
    who: &SignedIn,
    name: &str,
    asked: Asked,
    sent: &Sent,
    mut mistakes: Mistakes,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let (text, number) = asked.text_and_page();
    let view = named(who.console().group(name, &text, number).await, name)?;
    let trouble = refusal.map(|refusal| people::trouble_of(refusal, lang, &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let typed = names_in(sent.text("members"));
    let page = GroupPage {
        chrome: who.chrome(Area::Projects, lang.msg("group").to_string()),
        members: Field::new("members", lang.msg("user"), sent.text("members"), &mistakes)
            .hint(lang.msg("group-add-hint"))
            .required(),
        giving: Giving::new(lang, &called(name), sent, &mistakes),
        oc_add: ShellCommand::add_members(name, &typed),
        view,
        mistakes,
        trouble,
    };
    Ok(page_with(status, &who.context, &page))
}
