//! `/new-user` and `/users/{user}/edit`: creates and changes a user.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::RefusalReason;
use crate::app::shell_command::ShellCommand;
use crate::app::users::{
    ChangeStep, UnfinishedChange, UserEdit, UserFields, is_valid_identity_name, is_valid_new_name,
};
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::UserOrGroupPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError, user_name_error};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::users::common::{unfinished_submit_error, with_subject_name};
use crate::web::pages::users::name_rows::{NameKind, NameRowFields, NameRows};
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::UserAccount;

#[derive(Template, Serialize)]
#[template(path = "users/form.html")]
struct UserFormPage {
    #[serde(skip)]
    chrome: Chrome,
    /// The current values. `None` for a new user.
    user: Option<UserAccount>,
    /// The resource version that the form was rendered from.
    version: String,
    wanted: UserFields,
    allowed: bool,
    #[serde(skip)]
    name: FormField,
    #[serde(skip)]
    full_name: FormField,
    #[serde(skip)]
    identities: NameRowFields,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    /// The steps that were completed before the refusal, and those that remain.
    unfinished: Option<UnfinishedChange>,
    /// The user was changed since the form was rendered. The current values are displayed beside
    /// the typed ones.
    stale: bool,
    oc: Vec<ShellCommand>,
}

impl UserFormPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        let header = PageHeader::new(&self.chrome.title);
        match &self.user {
            Some(user) => header
                .with_current(lang.msg("edit"))
                .below_user(lang, &user.name),
            None => header.below(links::USERS, lang.msg("users")),
        }
    }
}

impl UserFormPage {
    fn bad_fields(&self) -> Vec<FormField> {
        let named = [&self.name, &self.full_name];
        FormField::with_errors(named.into_iter().chain(self.identities.fields()))
    }

    fn is_refused(&self) -> bool {
        self.submit_error.is_some() || !self.field_errors.is_empty()
    }

    fn new(
        caller: &SignedIn,
        wanted: UserFields,
        mut field_errors: FieldErrors,
        unfinished: Option<UnfinishedChange>,
    ) -> Self {
        let lang = caller.context.lang;
        let submit_error = unfinished
            .as_ref()
            .map(|unfinished| unfinished_submit_error(unfinished, lang, &mut field_errors));
        let rows = NameRows::from_names(NameKind::Identity, &wanted.identities);
        let identities = identity_fields(&rows, &field_errors, lang);
        let example = if wanted.name.is_empty() {
            UserFields {
                name: "NAME".to_owned(),
                ..wanted.clone()
            }
        } else {
            wanted.clone()
        };
        Self {
            chrome: caller.chrome(Area::Administration, lang.msg("new-user").to_string()),
            user: None,
            version: String::new(),
            allowed: true,
            name: FormField::new("name", lang.msg("member"), &wanted.name, &field_errors)
                .with_hint(lang.msg("new-user-name-rule"))
                .with_required(),
            full_name: FormField::new(
                "full-name",
                lang.msg("full-name"),
                &wanted.full_name,
                &field_errors,
            ),
            identities,
            oc: example
                .creation_steps()
                .iter()
                .flat_map(ChangeStep::commands)
                .collect(),
            wanted,
            field_errors,
            submit_error,
            unfinished: unfinished.filter(|unfinished| !unfinished.done.is_empty()),
            stale: false,
        }
    }

    /// Shows the rows as they were typed.
    fn with_rows(self, rows: &NameRows, lang: Lang) -> Self {
        Self {
            identities: identity_fields(rows, &self.field_errors, lang),
            ..self
        }
    }

    /// Turns the form into one that changes an existing user.
    fn with_existing_user(self, edit: UserEdit, seen: Option<String>, lang: Lang) -> Self {
        let version = seen
            .filter(|_| !self.stale && self.unfinished.is_none())
            .unwrap_or_else(|| edit.version.clone());
        let mut chrome = self.chrome;
        chrome.title = lang
            .msg("edit-user-title")
            .arg("user", &edit.user.name)
            .to_string();
        let oc = edit
            .change_steps(&self.wanted, &version)
            .iter()
            .flat_map(ChangeStep::commands)
            .collect();
        Self {
            chrome,
            oc,
            version,
            allowed: edit.allowed,
            user: Some(edit.user),
            ..self
        }
    }

    fn action(&self) -> String {
        self.user.as_ref().map_or_else(
            || links::NEW_USER.to_owned(),
            |user| links::edit_user(&user.name),
        )
    }

    fn back(&self) -> String {
        self.user
            .as_ref()
            .map_or_else(|| links::USERS.to_owned(), |user| links::user(&user.name))
    }

    fn render(self, caller: &SignedIn) -> Response {
        let status = self.field_errors.status(self.submit_error.as_ref());
        render_with_status(status, &caller.context, &self)
    }
}

pub(in crate::web) async fn new_user_form(caller: SignedIn) -> Result<Response, WebError> {
    let allowed = caller.app().can_create_users().await;
    let page = UserFormPage::new(&caller, UserFields::default(), FieldErrors::default(), None);
    Ok(UserFormPage { allowed, ..page }.render(&caller))
}

/// Creates a user and its identity mappings.
pub(in crate::web) async fn create_user(
    caller: SignedIn,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let name = form.text("name").to_owned();
    let rows = NameRows::from_form(NameKind::Identity, &form);
    if rows.is_changed {
        let wanted = parse_form(&form, &rows, name);
        let page = UserFormPage::new(&caller, wanted, FieldErrors::default(), None);
        return Ok(page.with_rows(&rows, lang).render(&caller));
    }
    let mut field_errors = FieldErrors::default();
    if !is_valid_new_name(&name) {
        field_errors.add("name", user_name_error(&name, lang));
    }
    check_identities(&rows, lang, &mut field_errors);
    let wanted = parse_form(&form, &rows, name.clone());
    if !field_errors.is_empty() {
        let page = UserFormPage::new(&caller, wanted, field_errors, None);
        return Ok(page.with_rows(&rows, lang).render(&caller));
    }
    match caller.app().run_steps(wanted.creation_steps()).await? {
        None => Ok(caller.redirect_with_flash(
            Flash::new(lang.msg("user-created").arg("user", &name)),
            &links::user(&name),
        )),
        Some(unfinished) if unfinished.done.is_empty() => {
            if unfinished.refusal.why == RefusalReason::Exists {
                field_errors.add("name", lang.msg("new-user-name-taken").arg("name", &name));
            }
            Ok(UserFormPage::new(&caller, wanted, field_errors, Some(unfinished)).render(&caller))
        }
        // The user exists now: the form that changes users completes the rest.
        Some(unfinished) => {
            let created = UserEdit::from_fields(&wanted);
            render_unfinished(&caller, created, wanted, None, field_errors, unfinished).await
        }
    }
}

/// The form with the current values.
pub(in crate::web) async fn edit_user_form(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
) -> Result<Response, WebError> {
    let now = with_subject_name(caller.app().user_edit(&name).await, &name)?;
    let page = UserFormPage::new(&caller, now.fields(), FieldErrors::default(), None);
    Ok(page
        .with_existing_user(now, None, caller.context.lang)
        .render(&caller))
}

pub(in crate::web) async fn update_user(
    caller: SignedIn,
    UserOrGroupPath(name): UserOrGroupPath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let rows = NameRows::from_form(NameKind::Identity, &form);
    let mut field_errors = FieldErrors::default();
    if !rows.is_changed {
        check_identities(&rows, lang, &mut field_errors);
    }
    let mut wanted = parse_form(&form, &rows, name.clone());
    let now = with_subject_name(caller.app().user_edit(&name).await, &name)?;
    let current = now.fields();
    // Fields that a client omits are not changed.
    if !form.has("full-name") {
        wanted.full_name = current.full_name;
    }
    if !NameRows::is_in(NameKind::Identity, &form) {
        wanted.identities = current.identities;
    }
    let seen = Some(form.text("version").to_owned()).filter(|version| !version.is_empty());
    if rows.is_changed || !field_errors.is_empty() {
        return Ok(UserFormPage::new(&caller, wanted, field_errors, None)
            .with_rows(&rows, lang)
            .with_existing_user(now, seen, lang)
            .render(&caller));
    }
    let steps = now.change_steps(&wanted, seen.as_deref().unwrap_or(&now.version));
    match caller.app().run_steps(steps).await? {
        None => Ok(caller.redirect_with_flash(
            Flash::new(lang.msg("user-changed").arg("user", &name)),
            &links::user(&name),
        )),
        Some(unfinished) => {
            render_unfinished(&caller, now, wanted, seen, field_errors, unfinished).await
        }
    }
}

/// The form that completes the remaining steps. If the API server does not answer, it uses the
/// values from before the change.
async fn render_unfinished(
    caller: &SignedIn,
    before: UserEdit,
    wanted: UserFields,
    seen: Option<String>,
    field_errors: FieldErrors,
    unfinished: UnfinishedChange,
) -> Result<Response, WebError> {
    let stale = unfinished.refusal.why == RefusalReason::Stale;
    let begun = !unfinished.done.is_empty();
    let page = UserFormPage::new(caller, wanted, field_errors, Some(unfinished));
    let now = match caller.app().user_edit(&page.wanted.name).await {
        Ok(now) => now,
        // The completed steps have changed the resource version.
        Err(_) if begun => UserEdit {
            version: String::new(),
            ..before
        },
        Err(_) => before,
    };
    Ok(UserFormPage { stale, ..page }
        .with_existing_user(now, seen, caller.context.lang)
        .render(caller))
}

fn identity_fields(rows: &NameRows, field_errors: &FieldErrors, lang: Lang) -> NameRowFields {
    let (label, hint) = (lang.msg("identities"), lang.msg("identities-hint"));
    rows.fields(label, hint, lang, field_errors)
}

fn check_identities(rows: &NameRows, lang: Lang, field_errors: &mut FieldErrors) {
    let error = |identity: &str| lang.msg("identity-invalid").arg("identity", identity);
    rows.check(is_valid_identity_name, error, field_errors);
}

fn parse_form(form: &FormData, rows: &NameRows, name: String) -> UserFields {
    UserFields {
        name,
        full_name: form.text("full-name").to_owned(),
        identities: rows.names(),
    }
}
