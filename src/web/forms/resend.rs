//! A form whose change failed or may have failed: what an error page needs to display it and to
//! send it again.

mod labels;

use std::fmt;
use std::sync::Arc;

use axum::http::Uri;

use super::FormData;
use crate::i18n::Lang;
use crate::web::{csrf, links};
use registry_model::safe_text;

/// More fields than any form of the console has. A form with more is not kept.
const MAX_FIELDS: usize = 2_000;

/// How many fields a page displays.
const MAX_VISIBLE_FIELDS: usize = 100;

/// How many characters of a value a page displays. The whole value is sent again.
const MAX_VISIBLE_VALUE_CHARS: usize = 1_000;

/// Fields that contain a credential. A form with one of them is not kept.
const SECRET_FIELDS: [&str; 5] = ["token", "fragment", "password", "access_token", "code"];

/// The fields of a form without its form token. Cheap to clone. `Debug` omits the values, because
/// users typed them.
#[derive(Clone)]
pub(crate) struct ResendForm {
    inner: Arc<ResendFormInner>,
    has_changed_nothing: bool,
}

struct ResendFormInner {
    action: String,
    fields: Vec<(String, String)>,
}

/// Consecutive fields of the same name, as a page displays them.
pub(crate) struct ResendField<'k> {
    /// The label of the field, or its name if it has no label. Untrusted.
    pub(crate) label: String,
    pub(crate) values: Vec<ResendValue<'k>>,
    name: &'k str,
}

pub(crate) enum ResendValue<'k> {
    /// The label of the selected choice.
    Choice(String),
    /// Text that a user typed. Untrusted.
    Text {
        /// The beginning of the text.
        text: &'k str,
        /// Whether the text is longer than that.
        is_truncated: bool,
    },
}

impl fmt::Debug for ResendForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptForm")
            .field("fields", &self.inner.fields.len())
            .finish_non_exhaustive()
    }
}

impl ResendForm {
    /// The form that was sent to `address`. `None` if it must not be repeated on a page.
    pub(in crate::web) fn new(address: &Uri, form: FormData) -> Option<Self> {
        let FormData(mut fields) = form;
        let secret = fields
            .iter()
            .any(|(name, _)| SECRET_FIELDS.contains(&name.as_str()));
        if secret || fields.len() > MAX_FIELDS || address.path() == links::OAUTH_CALLBACK {
            return None;
        }
        fields.retain(|(name, _)| name != csrf::FORM_TOKEN_FIELD);
        let action = address
            .path_and_query()
            .map_or_else(|| address.path().to_owned(), ToString::to_string);
        Some(Self {
            inner: Arc::new(ResendFormInner { action, fields }),
            has_changed_nothing: false,
        })
    }

    /// Sets whether it is certain that the form has changed nothing.
    pub(in crate::web) fn with_changed_nothing(self, is_untouched: bool) -> Self {
        Self {
            has_changed_nothing: is_untouched,
            ..self
        }
    }

    /// Path and query that the form was sent to.
    pub(crate) fn action(&self) -> &str {
        &self.inner.action
    }

    /// All fields, as they are sent again.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.inner.fields
    }

    /// Whether it is certain that the form has changed nothing.
    pub(crate) fn has_changed_nothing(&self) -> bool {
        self.has_changed_nothing
    }

    /// The fields that the user filled in, each with the beginning of its values. Consecutive
    /// fields of the same name are merged.
    pub(crate) fn visible_fields(&self, lang: Lang) -> Vec<ResendField<'_>> {
        let mut shown: Vec<ResendField<'_>> = Vec::new();
        for (name, value) in self.filled_fields().take(MAX_VISIBLE_FIELDS) {
            let value = match labels::choice_label(lang, name, value) {
                Some(label) => ResendValue::Choice(label.to_string()),
                None => {
                    let (text, cut) = safe_text::truncate(value, MAX_VISIBLE_VALUE_CHARS);
                    ResendValue::Text {
                        text,
                        is_truncated: cut,
                    }
                }
            };
            match shown.last_mut() {
                Some(last) if last.name == name => last.values.push(value),
                _ => {
                    let label = labels::field_label(lang, name)
                        .map_or_else(|| name.to_owned(), |label| label.to_string());
                    shown.push(ResendField {
                        label,
                        values: vec![value],
                        name,
                    });
                }
            }
        }
        shown
    }

    /// How many of the values that the user filled in are not displayed.
    pub(crate) fn hidden_value_count(&self) -> usize {
        self.filled_fields()
            .count()
            .saturating_sub(MAX_VISIBLE_FIELDS)
    }

    fn filled_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let filled = self
            .inner
            .fields
            .iter()
            .filter(|(name, value)| labels::is_visible_field(name) && !value.trim().is_empty());
        filled.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(body: &str) -> Option<ResendForm> {
        ResendForm::new(
            &Uri::from_static("/new-project?x=1"),
            FormData::parse(body.as_bytes()),
        )
    }

    /// Each label, with its values as they are displayed in English.
    fn rows(kept: &ResendForm) -> Vec<(String, Vec<String>)> {
        let text = |value: &ResendValue<'_>| match value {
            ResendValue::Choice(label) => label.clone(),
            ResendValue::Text { text, .. } => (*text).to_owned(),
        };
        kept.visible_fields(Lang::English)
            .iter()
            .map(|field| (field.label.clone(), field.values.iter().map(text).collect()))
            .collect()
    }

    fn row(label: &str, values: &[&str]) -> (String, Vec<String>) {
        (
            label.to_owned(),
            values.iter().map(|&value| value.to_owned()).collect(),
        )
    }

    #[test]
    fn kept_form_omits_the_form_token_and_keeps_the_query() {
        let kept = kept("name=a&csrf=secret&name=b&empty=").unwrap();
        assert_eq!(kept.action(), "/new-project?x=1");
        let names: Vec<&str> = kept
            .fields()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["name", "name", "empty"]);
        assert_eq!(rows(&kept), [row("Name", &["a", "b"])]);
    }

    #[test]
    fn kept_form_shows_labels_and_hides_hidden_fields() {
        let kept =
            kept("do=add&version=81&kind=group&name=all%3Aof&role=registry-editor&unheard-of=x")
                .unwrap();
        let expected = [
            row("Kind", &["Group"]),
            row("Name", &["all:of"]),
            row("Role", &["Editor"]),
            row("unheard-of", &["x"]),
        ];
        assert_eq!(rows(&kept), expected);
        assert_eq!(kept.fields().len(), 6);
    }

    #[test]
    fn form_with_credential_or_too_many_fields_is_not_kept() {
        assert!(kept("name=a&token=very-secret").is_none());
        assert!(kept("fragment=access_token%3Dx").is_none());
        assert!(kept(&"a&".repeat(MAX_FIELDS + 1)).is_none());
        assert!(
            ResendForm::new(
                &Uri::from_static(links::OAUTH_CALLBACK),
                FormData::parse(b"a=1")
            )
            .is_none()
        );
    }

    #[test]
    fn long_form_values_are_truncated_and_debug_redacted() {
        let long = kept(&format!("description={}", "x".repeat(5_000))).unwrap();
        let shown = long.visible_fields(Lang::English);
        assert!(
            matches!(shown[0].values[0], ResendValue::Text { text, is_truncated: true } if text.len() == MAX_VISIBLE_VALUE_CHARS)
        );
        assert_eq!(long.fields()[0].1.len(), 5_000, "all of it is sent again");
        assert!(!format!("{long:?}").contains("xxx"));
        let many = kept(&"tag=v&".repeat(MAX_VISIBLE_FIELDS + 5)).unwrap();
        assert_eq!(
            (
                many.visible_fields(Lang::English)[0].values.len(),
                many.hidden_value_count()
            ),
            (MAX_VISIBLE_FIELDS, 5)
        );
    }
}
