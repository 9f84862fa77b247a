//! A form that was not carried out, or not for certain: what an error page needs to show it and to send it again.

use std::fmt;
use std::sync::Arc;

use axum::http::Uri;

use super::Sent;
use crate::model::visible;
use crate::web::{csrf, links};

/// More fields than any form of the console has: such a form is not kept.
const MOST_FIELDS: usize = 2_000;

/// How many fields a page shows.
const MOST_SHOWN: usize = 100;

/// How much of one value a page shows, in characters. All of it is sent again.
const MOST_CHARACTERS: usize = 1_000;

/// Fields that hold a credential. A form with one of them is not kept.
const SECRET: [&str; 5] = ["token", "fragment", "password", "access_token", "code"];

/// The fields of a form, without its form token. Cheap to clone. Typed by a person: no part of it is in `Debug`.
#[derive(Clone)]
pub(crate) struct KeptForm {
    sent: Arc<KeptFields>,
    is_untouched: bool,
}

struct KeptFields {
    action: String,
    fields: Vec<(String, String)>,
}

/// A field as a page shows it.
pub(crate) struct KeptField<'k> {
    /// Its name.
    pub(crate) name: &'k str,
    /// The beginning of its value. Untrusted.
    pub(crate) value: &'k str,
    /// Whether there is more of it.
    pub(crate) cut: bool,
}

impl fmt::Debug for KeptForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptForm").field("fields", &self.sent.fields.len()).finish_non_exhaustive()
    }
}

impl KeptForm {
    /// The form that was sent to `address`. `None` for one that must not be repeated on a page.
    pub(in crate::web) fn new(address: &Uri, sent: Sent) -> Option<Self> {
        let Sent(mut fields) = sent;
        let secret = fields.iter().any(|(name, _)| SECRET.contains(&name.as_str()));
        if secret || fields.len() > MOST_FIELDS || address.path() == links::CALLBACK {
            return None;
        }
        fields.retain(|(name, _)| name != csrf::FIELD);
        let action = address.path_and_query().map_or_else(|| address.path().to_owned(), ToString::to_string);
        Some(Self { sent: Arc::new(KeptFields { action, fields }), is_untouched: false })
    }

    /// The same; `is_untouched`: it is certain that nothing was done with it.
    pub(in crate::web) fn with_untouched(self, is_untouched: bool) -> Self {
        Self { is_untouched, ..self }
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

    /// The fields to show, each with the beginning of its value; empty ones are left out.
    pub(crate) fn shown(&self) -> impl Iterator<Item = KeptField<'_>> {
        let filled = self.sent.fields.iter().filter(|(_, value)| !value.trim().is_empty());
        filled.take(MOST_SHOWN).map(|(name, value)| {
            let (value, cut) = visible::cut(value, MOST_CHARACTERS);
            KeptField { name, value, cut }
        })
    }

    /// How many filled fields are not shown.
    pub(crate) fn not_shown(&self) -> usize {
        self.sent.fields.iter().filter(|(_, value)| !value.trim().is_empty()).count().saturating_sub(MOST_SHOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(body: &str) -> Option<KeptForm> {
        KeptForm::new(&Uri::from_static("/new-project?x=1"), Sent::parse(body.as_bytes()))
    }

    #[test]
    fn the_form_token_is_left_out_and_the_address_keeps_its_query() {
        let kept = kept("name=a&csrf=secret&name=b&empty=").unwrap();
        assert_eq!(kept.action(), "/new-project?x=1");
        let names: Vec<&str> = kept.fields().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["name", "name", "empty"]);
        assert_eq!(kept.shown().map(|field| field.value).collect::<Vec<_>>(), ["a", "b"]);
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
        let field = long.shown().next().unwrap();
        assert!(field.cut && field.value.len() == MOST_CHARACTERS);
        assert_eq!(long.fields()[0].1.len(), 5_000, "all of it is sent again");
        assert!(!format!("{long:?}").contains("xxx"));
        let many = kept(&"tag=v&".repeat(MOST_SHOWN + 5)).unwrap();
        assert_eq!((many.shown().count(), many.not_shown()), (MOST_SHOWN, 5));
    }
}
