//! `/new-group`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::shell_command::ShellCommand;
use crate::app::users::is_valid_new_name;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::pages::users::common::{cluster_submit_error, parse_names};
use crate::web::render::{Area, Chrome, render_with_status};

#[derive(Template, Serialize)]
#[template(path = "users/create_group.html")]
struct NewGroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(skip)]
    name: FormField,
    #[serde(skip)]
    members: FormField,
    allowed: bool,
    mistakes: FieldErrors,
    trouble: Option<SubmitError>,
    oc: ShellCommand,
}

/// The form, empty.
pub(in crate::web) async fn new_group_form(who: SignedIn) -> Result<Response, WebError> {
    let allowed = who.app().can_create_groups().await;
    Ok(render_form(
        &who,
        &FormData::default(),
        allowed,
        FieldErrors::default(),
        None,
    ))
}

pub(in crate::web) async fn create_group(
    who: SignedIn,
    sent: FormData,
) -> Result<Response, WebError> {
    let lang = who.context.lang;
    let (name, members) = (sent.text("name"), parse_names(sent.text("members")));
    let mut mistakes = FieldErrors::default();
    if !is_valid_new_name(name) {
        mistakes.add("name", lang.msg("new-user-name-rule"));
    }
    if let Some(odd) = members.iter().find(|member| !is_valid_new_name(member)) {
        mistakes.add(
            "members",
            lang.msg("new-user-name-invalid").arg("name", odd),
        );
    }
    if !mistakes.is_empty() {
        return Ok(render_form(&who, &sent, true, mistakes, None));
    }
    match who.app().create_group(name, &members).await {
        Ok(()) => Ok(who.redirect_with_flash(
            Flash::new(lang.msg("group-created").arg("group", name)),
            &links::group(name),
        )),
        Err(ChangeError::Refused(refusal)) => {
            if refusal.why == RefusalReason::Exists {
                mistakes.add("name", lang.msg("new-user-name-taken").arg("name", name));
            }
            Ok(render_form(&who, &sent, true, mistakes, Some(refusal)))
        }
        Err(ChangeError::Failure(failure)) => Err(failure.into()),
    }
}

fn render_form(
    who: &SignedIn,
    sent: &FormData,
    allowed: bool,
    mut mistakes: FieldErrors,
    refusal: Option<Refusal>,
) -> Response {
    let lang = who.context.lang;
    let trouble = refusal.map(|refusal| cluster_submit_error(refusal, lang, &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let name = sent.text("name");
    let page = NewGroupPage {
        chrome: who.chrome(Area::Projects, lang.msg("new-group").to_string()),
        name: FormField::new("name", lang.msg("member"), name, &mistakes)
            .with_hint(lang.msg("new-user-name-rule"))
            .with_required(),
        members: FormField::new(
            "members",
            lang.msg("members"),
            sent.text("members"),
            &mistakes,
        )
        .with_hint(lang.msg("group-members-hint")),
        oc: ShellCommand::new_group(
            if name.is_empty() { "NAME" } else { name },
            &parse_names(sent.text("members")),
        ),
        allowed,
        mistakes,
        trouble,
    };
    render_with_status(status, &who.context, &page)
}
