//! `/new-group`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::people::{names_in, trouble_of};
use crate::app::change::{ChangeFailed, Refusal, RefusedBecause};
use crate::app::shell_command::ShellCommand;
use crate::app::users::is_new_name;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};

#[derive(Template, Serialize)]
#[template(path = "new-group.html")]
struct NewGroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(skip)]
    name: Field,
    #[serde(skip)]
    members: Field,
    allowed: bool,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    oc: ShellCommand,
}

/// The form, empty.
pub(in crate::web) async fn new_form(who: SignedIn) -> Result<Response, Refused> {
    let allowed = who.console().may_create_groups().await;
    Ok(show(
        &who,
        &Sent::default(),
        allowed,
        Mistakes::default(),
        None,
    ))
}

pub(in crate::web) async fn create(who: SignedIn, sent: Sent) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let (name, members) = (sent.text("name"), names_in(sent.text("members")));
    let mut mistakes = Mistakes::default();
    if !is_new_name(name) {
        mistakes.add("name", lang.msg("new-person-rule"));
    }
    if let Some(odd) = members.iter().find(|member| !is_new_name(member)) {
        mistakes.add("members", lang.msg("new-person-odd").arg("name", odd));
    }
    if !mistakes.is_empty() {
        return Ok(show(&who, &sent, true, mistakes, None));
    }
    match who.console().create_group(name, &members).await {
        Ok(()) => Ok(who.done(
            Done::new(lang.msg("group-created").arg("group", name)),
            &links::group(name),
        )),
        Err(ChangeFailed::Refused(refusal)) => {
            if refusal.why == RefusedBecause::Exists {
                mistakes.add("name", lang.msg("new-person-taken").arg("name", name));
            }
            Ok(show(&who, &sent, true, mistakes, Some(refusal)))
        }
        Err(ChangeFailed::Failure(failure)) => Err(failure.into()),
    }
}

fn show(
    who: &SignedIn,
    sent: &Sent,
    allowed: bool,
    mut mistakes: Mistakes,
    refusal: Option<Refusal>,
) -> Response {
    let lang = who.context.lang;
    let trouble = refusal.map(|refusal| trouble_of(refusal, lang, &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let name = sent.text("name");
    let page = NewGroupPage {
        chrome: who.chrome(Area::Projects, lang.msg("new-group").to_string()),
        name: Field::new("name", lang.msg("member"), name, &mistakes)
            .hint(lang.msg("new-person-rule"))
            .required(),
        members: Field::new(
            "members",
            lang.msg("members"),
            sent.text("members"),
            &mistakes,
        )
        .hint(lang.msg("group-members-hint")),
        oc: ShellCommand::new_group(
            if name.is_empty() { "NAME" } else { name },
            &names_in(sent.text("members")),
        ),
        allowed,
        mistakes,
        trouble,
    };
    page_with(status, &who.context, &page)
}
