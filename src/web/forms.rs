//! Forms: what was sent, what is wrong with it, and what a page says once after it was done.

mod done;
mod import_mode;
mod kept;
mod trouble;

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::Serialize;

use super::App;
use super::errors::Refused;
use crate::i18n::Message;

pub(super) use done::{DONE_COOKIE, Done, read};
pub(super) use import_mode::import_mode;
pub(crate) use kept::{KeptField, KeptForm, KeptValue};
pub(super) use trouble::Trouble;

/// The fields of a form, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Sent(Vec<(String, String)>);

impl FromRequest<App> for Sent {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|_| Refused::TooLarge)?;
        Ok(Self::parse(&body))
    }
}

impl Sent {
    /// The fields of a body of the type `application/x-www-form-urlencoded`.
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// What was typed, without the space around it. Empty where nothing was sent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// Whether a box was ticked, or a button of that name pressed.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// All values of fields of that name.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.0
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What is wrong with the fields of a form, in the person's language.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Mistakes(BTreeMap<&'static str, String>);

impl Mistakes {
    /// Says what is wrong with a field; the first word stands.
    pub(super) fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.entry(field).or_insert_with(|| text.into());
    }

    /// What is wrong with it.
    pub(super) fn of(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The status of the form that is shown again, or for the first time.
    pub(super) fn status(&self, trouble: Option<&Trouble>) -> StatusCode {
        let mistaken = if self.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        trouble.map_or(mistaken, Trouble::status)
    }
}

/// A field of a form, as `templates/parts/form.html` draws it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name, and the end of its id.
    pub(crate) name: &'static str,
    pub(crate) label: Message,
    /// What stands in it. Untrusted: a template escapes it.
    pub(crate) value: String,
    /// What is wrong with it.
    pub(crate) mistake: Option<String>,
    /// What helps to fill it.
    pub(crate) hint: Option<Message>,
    /// It cannot be left empty.
    pub(crate) required: bool,
}

impl Field {
    /// A field that may stay empty.
    pub(super) fn new(
        name: &'static str,
        label: Message,
        value: impl Into<String>,
        mistakes: &Mistakes,
    ) -> Self {
        Self {
            name,
            label,
            value: value.into(),
            mistake: mistakes.of(name).map(str::to_owned),
            hint: None,
            required: false,
        }
    }

    /// The line of help, unless the mistake says the same.
    pub(crate) fn help(&self) -> Option<&Message> {
        self.hint.as_ref().filter(|hint| {
            self.mistake
                .as_ref()
                .is_none_or(|mistake| *mistake != hint.to_string())
        })
    }

    /// The ids of the texts that describe the field.
    pub(crate) fn described_by(&self) -> Option<String> {
        let mistake = self
            .mistake
            .as_ref()
            .map(|_| format!("f-{}-help", self.name));
        let help = self.help().map(|_| format!("f-{}-hint", self.name));
        let ids: Vec<String> = mistake.into_iter().chain(help).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// The same with a line of help.
    pub(super) fn hint(self, hint: Message) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    /// The same, to be filled.
    pub(super) fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }
}
