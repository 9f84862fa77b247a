//! A form that was not carried out, or not for certain: what an error page needs to show it and to
//! send it again.

mod words;

use std::fmt;
use std::sync::Arc;

use axum::http::Uri;

use super::Sent;
use crate::i18n::Lang;
use crate::web::{csrf, links};
use registry_model::visible;

/// More fields than any form of the console has: such a form is not kept.
const MOST_FIELDS: usize = 2_000;

/// How many fields a page shows.
const MOST_SHOWN: usize = 100;

/// How much of one value a page shows, in characters. All of it is sent again.
const MOST_CHARACTERS: usize = 1_000;

/// Fields that hold a credential. A form with one of them is not kept.
const SECRET: [&str; 5] = ["token", "fragment", "password", "access_token", "code"];

/// The fields of a form, without its form token. Cheap to clone. Typed by a person: no part of it
/// is in `Debug`.
#[derive(Clone)]
pub(crate) struct KeptForm {
    sent: Arc<KeptFields>,
    is_untouched: bool,
}

struct KeptFields {
    action: String,
    fields: Vec<(String, String)>,
}

/// Fields of one name, as a page shows them.
pub(crate) struct KeptField<'k> {
    /// The label of the field, or its name. Untrusted.
    pub(crate) label: String,
    /// What was typed or chosen.
    pub(crate) values: Vec<KeptValue<'k>>,
    name: &'k str,
}

/// A value of a field.
pub(crate) enum KeptValue<'k> {
    /// The label of what was chosen.
    Choice(String),
    /// What was typed. Untrusted.
    Text {
        /// The beginning of it.
        text: &'k str,
        /// Whether there is more of it.
        cut: bool,
    },
}

impl fmt::Debug for KeptForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptForm")
            .field("fields", &self.sent.fields.len())
            .finish_non_exhaustive()
    }
}

impl KeptForm {
    /// The form that was sent to `address`. `None` for one that must not be repeated on a page.
    pub(in crate::web) fn new(address: &Uri, sent: Sent) -> Option<Self> {
        let Sent(mut fields) = sent;
        let secret = fields
            .iter()
            .any(|(name, _)| SECRET.contains(&name.as_str()));
        if secret || fields.len() > MOST_FIELDS || address.path() == links::CALLBACK {
            return None;
        }
        fields.retain(|(name, _)| name != csrf::FIELD);
        let action = address
            .path_and_query()
            .map_or_else(|| address.path().to_owned(), ToString::to_string);
        Some(Self {
            sent: Arc::new(KeptFields { action, fields }),
            is_untouched: false,
        })
    }

    /// The same; `is_untouched`: it is certain that nothing was done with it.
    pub(in crate::web) fn with_untouched(self, is_untouched: bool) -> Self {
        Self {
            is_untouched,
            ..self
        }
    }

    /// Where it was sent to: path and query.
    pub(crate) fn action(&self) -> &str {
        &self.sent.action
    }

    /// All fields, as they are sent again.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.sent.fields
    }

    /// Whether nothing was done with it for certain.
    pub(crate) fn is_untouched(&self) -> bool {
        self.is_untouched
    }

    /// The fields that a person has filled, each with the beginning of its values. Fields of one
    /// name that follow each other are together.
    pub(crate) fn shown(&self, lang: Lang) -> Vec<KeptField<'_>> {
        let mut shown: Vec<KeptField<'_>> = Vec::new();
        for (name, value) in self.filled().take(MOST_SHOWN) {
            let value = match words::choice(lang, name, value) {
                Some(label) => KeptValue::Choice(label.to_string()),
                None => {
                    let (text, cut) = visible::cut(value, MOST_CHARACTERS);
                    KeptValue::Text { text, cut }
                }
            };
            match shown.last_mut() {
                Some(last) if last.name == name => last.values.push(value),
                _ => {
                    let label = words::label(lang, name)
                        .map_or_else(|| name.to_owned(), |label| label.to_string());
                    shown.push(KeptField {
                        label,
                        values: vec![value],
                        name,
                    });
                }
            }
        }
        shown
    }

    /// How many values that a person has filled in are not shown.
    pub(crate) fn not_shown(&self) -> usize {
        self.filled().count().saturating_sub(MOST_SHOWN)
    }

    fn filled(&self) -> impl Iterator<Item = (&str, &str)> {
        let filled = self
            .sent
            .fields
            .iter()
            .filter(|(name, value)| words::is_seen(name) && !value.trim().is_empty());
        filled.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(body: &str) -> Option<KeptForm> {
        KeptForm::new(
            &Uri::from_static("/new-project?x=1"),
            Sent::parse(body.as_bytes()),
        )
    }

    /// Each label, with its values as they are shown in English.
    fn rows(kept: &KeptForm) -> Vec<(String, Vec<String>)> {
        let text = |value: &KeptValue<'_>| match value {
            KeptValue::Choice(label) => label.clone(),
            KeptValue::Text { text, .. } => (*text).to_owned(),
        };
        kept.shown(Lang::English)
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
    fn the_form_token_is_left_out_and_the_address_keeps_its_query() {
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
    fn fields_are_shown_by_their_labels_and_hidden_fields_of_the_page_are_sent_only() {
        let kept =
            kept("do=add&version=81&kind=group&name=all%3Aof&role=registry-editor&unheard-of=x")
                .unwrap();
        let expected = [
            row("Kind", &["Group"]),
            row("Name", &["all:of"]),
            row("Role", &["Push"]),
            row("unheard-of", &["x"]),
        ];
        assert_eq!(rows(&kept), expected);
        assert_eq!(kept.fields().len(), 6);
    }

    #[test]
    fn a_form_with_a_credential_or_endless_fields_is_not_kept() {
        assert!(kept("name=a&token=very-secret").is_none());
        assert!(kept("fragment=access_token%3Dx").is_none());
        assert!(kept(&"a&".repeat(MOST_FIELDS + 1)).is_none());
        assert!(KeptForm::new(&Uri::from_static(links::CALLBACK), Sent::parse(b"a=1")).is_none());
    }

    #[test]
    fn a_page_shows_the_beginning_of_long_values_and_debug_shows_none() {
        let long = kept(&format!("description={}", "x".repeat(5_000))).unwrap();
        let shown = long.shown(Lang::English);
        assert!(
            matches!(shown[0].values[0], KeptValue::Text { text, cut: true } if text.len() == MOST_CHARACTERS)
        );
        assert_eq!(long.fields()[0].1.len(), 5_000, "all of it is sent again");
        assert!(!format!("{long:?}").contains("xxx"));
        let many = kept(&"tag=v&".repeat(MOST_SHOWN + 5)).unwrap();
        assert_eq!(
            (many.shown(Lang::English)[0].values.len(), many.not_shown()),
            (MOST_SHOWN, 5)
        );
    }
}
