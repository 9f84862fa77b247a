//! The rows of the form for an image stream with a name and a value each: its annotations, and its
//! labels.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::rows::MAX_KEY;
use crate::app::image_streams::{DESCRIPTION_ANNOTATION, DISPLAY_NAME_ANNOTATION};
use crate::i18n::{Lang, Message};
use crate::web::forms::{FieldErrors, FormData, FormField};

/// What the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum TextKind {
    Annotation,
    Label,
}

/// A row as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::web) struct TextRow {
    /// The number of the row, which is part of the names of its fields.
    pub(in crate::web) key: usize,
    pub(in crate::web) name: String,
    pub(in crate::web) value: String,
    /// Whether the row was just added, so that it gets the focus.
    #[serde(skip)]
    pub(in crate::web) is_new: bool,
}

impl TextRow {
    /// The row that a script copies.
    pub(in crate::web) fn empty(key: usize) -> Self {
        Self {
            key,
            ..Self::default()
        }
    }

    /// The annotations or labels of the image stream.
    pub(in crate::web) fn from_texts(texts: BTreeMap<String, String>) -> Vec<Self> {
        texts
            .into_iter()
            .enumerate()
            .map(|(key, (name, value))| Self {
                key,
                name,
                value,
                is_new: false,
            })
            .collect()
    }

    /// The rows of a form, in its order.
    pub(in crate::web) fn from_form(kind: TextKind, form: &FormData) -> Vec<Self> {
        let mut known = BTreeSet::new();
        let keys = form.all(kind.as_str()).filter_map(|key| key.parse().ok());
        keys.filter(|key| *key < MAX_KEY && known.insert(*key))
            .map(|key: usize| Self {
                key,
                name: form.text(&kind.field_name("name", key)).to_owned(),
                value: form.text(&kind.field_name("value", key)).to_owned(),
                is_new: false,
            })
            .collect()
    }

    /// The rows as text, one on each line.
    pub(in crate::web) fn to_lines(rows: &[Self]) -> String {
        let lines: Vec<String> = rows
            .iter()
            .map(|row| format!("{}={}", row.name, row.value))
            .collect();
        lines.join("\n")
    }
}

impl TextKind {
    /// The name of the hidden field of each row, and the beginning of the names of the others.
    pub(in crate::web) fn as_str(self) -> &'static str {
        match self {
            Self::Annotation => "annotation",
            Self::Label => "label",
        }
    }

    fn field_name(self, name: &str, key: usize) -> String {
        format!("{}-{name}-{key}", self.as_str())
    }

    /// Adds or removes a row if a button for that was pressed. Returns whether one was.
    pub(in crate::web) fn change_rows(self, form: &FormData, rows: &mut Vec<TextRow>) -> bool {
        if form.has(&format!("add-{}", self.as_str())) {
            let key = rows.iter().map(|row| row.key + 1).max().unwrap_or_default();
            rows.push(TextRow {
                is_new: true,
                ..TextRow::empty(key)
            });
        } else if let Ok(removed) = form
            .text(&format!("remove-{}", self.as_str()))
            .parse::<usize>()
        {
            rows.retain(|row| row.key != removed);
        } else {
            return false;
        }
        true
    }

    /// Parses the rows, and adds errors. Empty rows are ignored.
    pub(in crate::web) fn parse(
        self,
        rows: &[TextRow],
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        for row in rows {
            if row.name.is_empty() && row.value.is_empty() {
                continue;
            }
            let error = if row.name.is_empty() {
                Some(lang.msg("stream-text-name-missing"))
            } else if self.has_own_field(&row.name) {
                Some(lang.msg("stream-text-own-field"))
            } else if let Entry::Vacant(entry) = texts.entry(row.name.clone()) {
                entry.insert(row.value.clone());
                None
            } else {
                Some(lang.msg("stream-text-twice").arg("name", &row.name))
            };
            if let Some(error) = error {
                field_errors.add(self.field_name("name", row.key), error);
            }
        }
        texts
    }

    /// Whether another field of the form has this annotation.
    fn has_own_field(self, name: &str) -> bool {
        self == Self::Annotation
            && [DESCRIPTION_ANNOTATION, DISPLAY_NAME_ANNOTATION].contains(&name)
    }

    pub(in crate::web) fn name_field(
        self,
        row: &TextRow,
        lang: Lang,
        field_errors: &FieldErrors,
    ) -> FormField {
        let name = self.field_name("name", row.key);
        let field = FormField::new(name, lang.msg("stream-text-name"), &row.name, field_errors);
        FormField {
            autofocus: field.autofocus || row.is_new,
            ..field
        }
    }

    pub(in crate::web) fn value_field(
        self,
        row: &TextRow,
        lang: Lang,
        field_errors: &FieldErrors,
    ) -> FormField {
        let name = self.field_name("value", row.key);
        FormField::new(
            name,
            lang.msg("stream-text-value"),
            &row.value,
            field_errors,
        )
    }

    /// The name of a row for screen readers.
    pub(in crate::web) fn row_text(self, lang: &Lang) -> Message {
        match self {
            Self::Annotation => lang.msg("differs-annotation"),
            Self::Label => lang.msg("differs-label"),
        }
    }

    /// The button that adds a row.
    pub(in crate::web) fn add_text(self, lang: &Lang) -> Message {
        match self {
            Self::Annotation => lang.msg("stream-annotation-add"),
            Self::Label => lang.msg("stream-label-add"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_form_become_texts() {
        let form = FormData::parse(
            b"annotation=3&annotation-name-3=team&annotation-value-3=web&annotation=5&annotation-name-5=&annotation-value-5=",
        );
        let rows = TextRow::from_form(TextKind::Annotation, &form);
        let mut field_errors = FieldErrors::default();
        let texts = TextKind::Annotation.parse(&rows, &mut field_errors, Lang::English);
        assert!(field_errors.is_empty());
        assert_eq!(texts, BTreeMap::from([("team".into(), "web".into())]));
        assert_eq!(TextRow::to_lines(&rows[..1]), "team=web");
    }

    #[test]
    fn errors_are_at_the_name_of_their_row() {
        let row = |key, name: &str| TextRow {
            key,
            name: name.to_owned(),
            value: "x".to_owned(),
            is_new: false,
        };
        for rows in [
            vec![row(7, "")],
            vec![row(1, "team"), row(7, "team")],
            vec![row(7, "description")],
        ] {
            let mut field_errors = FieldErrors::default();
            TextKind::Annotation.parse(&rows, &mut field_errors, Lang::English);
            assert!(field_errors.get("annotation-name-7").is_some(), "{rows:?}");
        }
        let mut field_errors = FieldErrors::default();
        TextKind::Label.parse(&[row(7, "description")], &mut field_errors, Lang::English);
        assert!(field_errors.is_empty());
    }

    #[test]
    fn buttons_add_and_remove_rows() {
        let mut rows = TextRow::from_texts(BTreeMap::from([("a".into(), "1".into())]));
        let add = FormData::parse(b"add-label=1");
        assert!(!TextKind::Annotation.change_rows(&add, &mut rows));
        assert!(TextKind::Label.change_rows(&add, &mut rows));
        assert!(rows[1].is_new && rows[1].key == 1);
        let remove = FormData::parse(b"remove-label=0");
        assert!(TextKind::Label.change_rows(&remove, &mut rows));
        assert_eq!(rows.iter().map(|row| row.key).collect::<Vec<_>>(), [1]);
    }
}
