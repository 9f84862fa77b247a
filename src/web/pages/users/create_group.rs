//! `/new-group`: creates a group.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::shell_command::ShellCommand;
use crate::app::users::is_valid_new_name;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError, user_name_error};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::users::common::cluster_submit_error;
use crate::web::pages::users::name_rows::{NameKind, NameRowFields, NameRows};
use crate::web::render::{Area, Chrome, render_with_status};

#[derive(Template, Serialize)]
#[template(path = "users/create_group.html")]
struct NewGroupPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(skip)]
    name: FormField,
    #[serde(skip)]
    members: NameRowFields,
    allowed: bool,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    oc: ShellCommand,
}

impl NewGroupPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title).below(links::GROUPS, lang.msg("groups"))
    }

    fn bad_fields(&self) -> Vec<FormField> {
        FormField::with_errors(std::iter::once(&self.name).chain(self.members.fields()))
    }

    fn is_refused(&self) -> bool {
        self.submit_error.is_some() || !self.field_errors.is_empty()
    }
}

pub(in crate::web) async fn new_group_form(caller: SignedIn) -> Result<Response, WebError> {
    let allowed = caller.app().can_create_groups().await;
    Ok(render_form(
        &caller,
        &FormData::default(),
        allowed,
        FieldErrors::default(),
        None,
    ))
}

pub(in crate::web) async fn create_group(
    caller: SignedIn,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let name = form.text("name");
    let rows = NameRows::from_form(NameKind::Member, &form);
    let mut field_errors = FieldErrors::default();
    if rows.is_changed {
        return Ok(render_form(&caller, &form, true, field_errors, None));
    }
    if !is_valid_new_name(name) {
        field_errors.add("name", user_name_error(name, lang));
    }
    rows.check(
        is_valid_new_name,
        |name| user_name_error(name, lang),
        &mut field_errors,
    );
    if !field_errors.is_empty() {
        return Ok(render_form(&caller, &form, true, field_errors, None));
    }
    match caller.app().create_group(name, &rows.names()).await {
        Ok(()) => Ok(caller.redirect_with_flash(
            Flash::new(lang.msg("group-created").arg("group", name)),
            &links::group(name),
        )),
        Err(ChangeError::Refused(refusal)) => {
            if refusal.why == RefusalReason::Exists {
                field_errors.add("name", lang.msg("new-user-name-taken").arg("name", name));
            }
            Ok(render_form(
                &caller,
                &form,
                true,
                field_errors,
                Some(refusal),
            ))
        }
        Err(ChangeError::Failure(failure)) => Err(failure.into()),
    }
}

fn render_form(
    caller: &SignedIn,
    form: &FormData,
    allowed: bool,
    mut field_errors: FieldErrors,
    refusal: Option<Refusal>,
) -> Response {
    let lang = caller.context.lang;
    let submit_error =
        refusal.map(|refusal| cluster_submit_error(refusal, lang, &mut field_errors));
    let status = field_errors.status(submit_error.as_ref());
    let name = form.text("name");
    let rows = NameRows::from_form(NameKind::Member, form);
    let page = NewGroupPage {
        chrome: caller.chrome(Area::Administration, lang.msg("new-group").to_string()),
        name: FormField::new("name", lang.msg("member"), name, &field_errors)
            .with_hint(lang.msg("new-user-name-rule"))
            .with_required(),
        members: rows.fields(
            lang.msg("members"),
            lang.msg("group-members-hint"),
            lang,
            &field_errors,
        ),
        oc: ShellCommand::new_group(if name.is_empty() { "NAME" } else { name }, &rows.names()),
        allowed,
        field_errors,
        submit_error,
    };
    render_with_status(status, &caller.context, &page)
}
