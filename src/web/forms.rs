//! Forms: the values that the browser sent, what is wrong with them, and the flash message after a
//! change.

mod confirmation;
mod flash;
mod import_mode;
mod name_errors;
mod resend;
mod submit_error;

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::{Serialize, Serializer};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::AppState;
use super::errors::WebError;
use crate::i18n::Message;

pub(super) use confirmation::ConfirmationPage;
pub(super) use flash::{FLASH_COOKIE, Flash, NextLink, RefusedItem, read_flash};
pub(super) use import_mode::parse_import_mode;
pub(super) use name_errors::{
    MAX_SERVICE_ACCOUNT_CHARS, project_name_error, service_account_name_error, stream_name_error,
    tag_name_error, user_name_error,
};
pub(crate) use resend::{ResendField, ResendForm, ResendValue};
pub(super) use submit_error::SubmitError;

/// The fields of a form, in the order of the request body.
#[derive(Debug, Default)]
pub(super) struct FormData(Vec<(String, String)>);

impl FromRequest<AppState> for FormData {
    type Rejection = WebError;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, WebError> {
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|_| WebError::TooLarge)?;
        Ok(Self::parse(&body))
    }
}

impl FormData {
    /// Parses a body of type `application/x-www-form-urlencoded`.
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// The value of a field without surrounding whitespace. Empty if the field is absent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// Whether a checkbox was selected, or the button of that name was pressed.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// All values of the fields of that name.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.0
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The errors of a form by field, in the user's language, in the order in which they were added:
/// that of the fields on the page.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldErrors(Vec<(Cow<'static, str>, String)>);

impl Serialize for FieldErrors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(field, text)| (field, text)))
    }
}

impl PartialSchema for FieldErrors {
    fn schema() -> RefOr<Schema> {
        <BTreeMap<String, String>>::schema()
    }
}

impl ToSchema for FieldErrors {}

impl FieldErrors {
    /// Adds an error of a field. The first error of a field is kept.
    pub(super) fn add(&mut self, field: impl Into<Cow<'static, str>>, text: impl Into<String>) {
        let field = field.into();
        if self.get(&field).is_none() {
            self.0.push((field, text.into()));
        }
    }

    /// The errors, each with the name of its field.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, text)| (&**field, text.as_str()))
    }

    pub(super) fn get(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, text)| text.as_str())
    }

    /// The fields with errors, for `form::error_summary`. `field` makes the field of a name.
    pub(super) fn fields(&self, field: impl Fn(&str) -> FormField) -> Vec<FormField> {
        self.0.iter().map(|(name, _)| field(name)).collect()
    }

    /// Whether the field is the first one with an error, which gets the focus.
    fn is_first(&self, field: &str) -> bool {
        self.0.first().is_some_and(|(name, _)| name == field)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The status of the response that contains the form: before it is sent, or after an error.
    pub(super) fn status(&self, submit_error: Option<&SubmitError>) -> StatusCode {
        let mistaken = if self.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        submit_error.map_or(mistaken, SubmitError::status)
    }
}

/// A field of a form, as `templates/components/form.html` renders it.
#[derive(Clone, Debug)]
pub(crate) struct FormField {
    /// The name, and the end of the element's id.
    pub(crate) name: Cow<'static, str>,
    pub(crate) label: Message,
    /// Untrusted: a template escapes it.
    pub(crate) value: String,
    pub(crate) error: Option<String>,
    pub(crate) hint: Option<Message>,
    pub(crate) required: bool,
    /// Whether a value is needed only while the field is visible. It is marked as required, and the
    /// browser does not check it.
    pub(crate) needed_if_visible: bool,
    /// Whether the field gets the focus when the page is loaded.
    pub(crate) autofocus: bool,
}

impl FormField {
    /// An optional field.
    pub(super) fn new(
        name: impl Into<Cow<'static, str>>,
        label: Message,
        value: impl Into<String>,
        field_errors: &FieldErrors,
    ) -> Self {
        let name = name.into();
        Self {
            label,
            value: value.into(),
            error: field_errors.get(&name).map(str::to_owned),
            hint: None,
            required: false,
            needed_if_visible: false,
            autofocus: field_errors.is_first(&name),
            name,
        }
    }

    /// The hint, unless the error has the same text.
    pub(crate) fn help_text(&self) -> Option<&Message> {
        self.hint.as_ref().filter(|hint| {
            self.error
                .as_ref()
                .is_none_or(|error| *error != hint.to_string())
        })
    }

    /// The ids of the elements that describe the field, for `aria-describedby`.
    pub(crate) fn described_by(&self) -> Option<String> {
        let error = self.error.as_ref().map(|_| format!("f-{}-help", self.name));
        let help = self.help_text().map(|_| format!("f-{}-hint", self.name));
        let ids: Vec<String> = error.into_iter().chain(help).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// Those of `fields` that have an error, for `form::error_summary`.
    pub(super) fn with_errors<'f>(fields: impl IntoIterator<Item = &'f Self>) -> Vec<Self> {
        let fields = fields.into_iter().filter(|field| field.error.is_some());
        fields.cloned().collect()
    }

    pub(super) fn with_hint(self, hint: Message) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    pub(super) fn with_required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    pub(super) fn with_needed_if_visible(self) -> Self {
        Self {
            needed_if_visible: true,
            ..self
        }
    }

    /// Whether the label has the mark of required fields.
    pub(crate) fn is_marked(&self) -> bool {
        self.required || self.needed_if_visible
    }
}
