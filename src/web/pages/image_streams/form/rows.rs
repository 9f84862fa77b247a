//! The rows of the form for an image stream: one tag each, with its source and its policies.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::app::image_streams::TrackingTag;
use crate::i18n::{Lang, Message};
use crate::web::forms::{FieldErrors, FormData, FormField, tag_name_error};
use registry_model::pull_spec::PullSpec;
use registry_model::{ImportMode, TagName};

/// How many tags are shown as rows. An image stream with more is edited as text, which also fits
/// into the largest request body.
pub(in crate::web) const MAX_ROWS: usize = 100;

/// Greater than the number of any row.
pub(in crate::web) const MAX_KEY: usize = 100_000;

/// The separators of a list of tags.
pub(in crate::web) const SEPARATORS: [char; 3] = [',', '，', '、'];

/// A row as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::web) struct SourceRow {
    /// The number of the row, which is part of the names of its fields.
    pub(in crate::web) key: usize,
    /// One tag, or several tags of the repository in `from`.
    pub(in crate::web) tag: String,
    /// The pull spec of the source. Without a tag of its own, it is the repository of the tag.
    pub(in crate::web) from: String,
    /// The source that the image stream had when the form was rendered. It is kept as it is.
    #[serde(skip)]
    pub(in crate::web) was: String,
    pub(in crate::web) scheduled: bool,
    pub(in crate::web) insecure: bool,
    /// `Legacy`, `PreserveOriginal`, or empty if it is not set.
    pub(in crate::web) mode: String,
    pub(in crate::web) local: bool,
    /// Whether the tag only refers to the image, which is never imported.
    pub(in crate::web) reference: bool,
    /// Whether the row was just added, so that it gets the focus.
    #[serde(skip)]
    pub(in crate::web) is_new: bool,
}

impl SourceRow {
    /// An empty row.
    pub(in crate::web) fn empty(key: usize) -> Self {
        Self {
            key,
            mode: ImportMode::PreserveOriginal.as_str().to_owned(),
            ..Self::default()
        }
    }

    /// The row of a tag of the image stream.
    pub(in crate::web) fn from_tag(key: usize, tag: &TrackingTag) -> Self {
        Self {
            key,
            tag: tag.tag.to_string(),
            from: tag.from.clone(),
            was: tag.from.clone(),
            scheduled: tag.scheduled,
            insecure: tag.insecure,
            mode: tag
                .import_mode
                .map(|mode| mode.as_str().to_owned())
                .unwrap_or_default(),
            local: tag.local,
            reference: tag.reference,
            is_new: false,
        }
    }

    /// The rows of a form, in its order.
    pub(in crate::web) fn from_form(form: &FormData) -> Vec<Self> {
        let mut keys = BTreeSet::new();
        form.all("row")
            .filter_map(|key| key.parse().ok())
            .filter(|key| *key < MAX_KEY && keys.insert(*key))
            .take(2 * MAX_ROWS)
            .map(|key: usize| {
                let text = |name: &str| form.text(&format!("{name}-{key}")).to_owned();
                let has = |name: &str| form.has(&format!("{name}-{key}"));
                Self {
                    key,
                    tag: text("tag"),
                    from: text("from"),
                    was: text("was"),
                    scheduled: has("scheduled"),
                    insecure: has("insecure"),
                    mode: text("mode"),
                    local: text("policy") == "local",
                    reference: has("reference"),
                    is_new: false,
                }
            })
            .collect()
    }

    /// The name of a field of the row.
    pub(in crate::web) fn field_name(&self, name: &str) -> String {
        format!("{name}-{}", self.key)
    }

    /// Whether nothing was typed.
    pub(in crate::web) fn is_empty(&self) -> bool {
        self.tag.is_empty() && self.from.is_empty()
    }

    /// The row as a line of the text.
    pub(in crate::web) fn to_line(&self) -> String {
        let words = [
            (self.scheduled, "scheduled"),
            (self.insecure, "insecure"),
            (self.local, "local"),
            (self.reference, "reference"),
            (!self.mode.is_empty(), self.mode.as_str()),
        ];
        let words = words.into_iter().filter(|(set, _)| *set);
        let mut line = format!("{} {}", self.tag, self.from);
        for (_, word) in words {
            line.push(' ');
            line.push_str(word);
        }
        line
    }

    fn import_mode(&self, knows_import_modes: bool) -> Option<ImportMode> {
        if !knows_import_modes {
            return None;
        }
        [ImportMode::Legacy, ImportMode::PreserveOriginal]
            .into_iter()
            .find(|mode| mode.as_str() == self.mode)
    }

    /// The tags that the row is about. Adds the errors of its fields.
    pub(in crate::web) fn parse(
        &self,
        knows_import_modes: bool,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> Vec<TrackingTag> {
        let (tag_field, from_field) = (self.field_name("tag"), self.field_name("from"));
        let words: Vec<&str> = self
            .tag
            .split(|c: char| c.is_whitespace() || SEPARATORS.contains(&c))
            .filter(|word| !word.is_empty())
            .collect();
        let mut names: Vec<TagName> = Vec::with_capacity(words.len());
        for word in &words {
            match word.parse() {
                Ok(name) => names.push(name),
                Err(_) => {
                    field_errors.add(
                        tag_field.clone(),
                        if words.len() == 1 {
                            tag_name_error(word, lang)
                        } else {
                            invalid_tag_in_list(word, lang)
                        },
                    );
                }
            }
        }
        if words.is_empty() {
            field_errors.add(tag_field, lang.msg("stream-row-tag-missing"));
        }
        if self.from.is_empty() {
            field_errors.add(from_field, lang.msg("stream-row-source-missing"));
            return Vec::new();
        }
        let tracking = |tag: TagName, from: String| TrackingTag {
            tag,
            from,
            insecure: self.insecure,
            scheduled: self.scheduled,
            local: self.local,
            reference: self.reference,
            import_mode: self.import_mode(knows_import_modes),
        };
        // What the image stream has is kept, even if the console cannot interpret it.
        if self.from == self.was
            && let [tag] = names.as_slice()
        {
            return vec![tracking(tag.clone(), self.was.clone())];
        }
        let Ok(spec) = self.from.parse::<PullSpec>() else {
            field_errors.add(
                from_field,
                lang.msg("stream-tags-source").arg("text", &self.from),
            );
            return Vec::new();
        };
        let has_own_tag = spec.tag().is_some() || spec.digest().is_some();
        if has_own_tag && names.len() > 1 {
            field_errors.add(from_field, lang.msg("stream-row-source-tagged"));
            return Vec::new();
        }
        names
            .into_iter()
            .map(|tag| {
                let from = if has_own_tag {
                    spec.to_string()
                } else {
                    spec.with_tag(tag.clone()).to_string()
                };
                tracking(tag, from)
            })
            .collect()
    }

    pub(in crate::web) fn tag_field(&self, lang: Lang, field_errors: &FieldErrors) -> FormField {
        let field = FormField::new(
            self.field_name("tag"),
            lang.msg("stream-row-tag"),
            self.tag.as_str(),
            field_errors,
        );
        FormField {
            autofocus: field.autofocus || self.is_new,
            ..field
        }
    }

    pub(in crate::web) fn source_field(&self, lang: Lang, field_errors: &FieldErrors) -> FormField {
        FormField::new(
            self.field_name("from"),
            lang.msg("stream-row-source"),
            self.from.as_str(),
            field_errors,
        )
    }

    pub(in crate::web) fn mode_field(&self, lang: Lang) -> FormField {
        FormField::new(
            self.field_name("mode"),
            lang.msg("import-mode-short"),
            self.mode.as_str(),
            &FieldErrors::default(),
        )
    }

    pub(in crate::web) fn policy_field(&self, lang: Lang) -> FormField {
        FormField::new(
            self.field_name("policy"),
            lang.msg("new-tag-policy"),
            if self.local { "local" } else { "source" },
            &FieldErrors::default(),
        )
    }
}

/// What is wrong with one of several names of tags.
pub(in crate::web) fn invalid_tag_in_list(name: &str, lang: Lang) -> Message {
    let fault = tag_name_error(name, lang).to_string();
    lang.msg("stream-tags-name")
        .arg("text", name)
        .arg("fault", fault)
}

/// The number of the next row.
pub(in crate::web) fn next_key(rows: &[SourceRow]) -> usize {
    rows.iter().map(|row| row.key + 1).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tag: &str, from: &str) -> SourceRow {
        SourceRow {
            tag: tag.to_owned(),
            from: from.to_owned(),
            ..SourceRow::empty(7)
        }
    }

    fn sources(row: &SourceRow) -> Result<Vec<String>, FieldErrors> {
        let mut field_errors = FieldErrors::default();
        let tags = row.parse(true, &mut field_errors, Lang::English);
        if field_errors.is_empty() {
            Ok(tags
                .iter()
                .map(|tag| format!("{} {}", tag.tag, tag.from))
                .collect())
        } else {
            Err(field_errors)
        }
    }

    #[test]
    fn source_without_a_tag_is_the_repository_of_the_tags() {
        for (tag, from, expected) in [
            ("1.0", "quay.io/x/y:9", vec!["1.0 quay.io/x/y:9"]),
            ("1.0", "quay.io/x/y", vec!["1.0 quay.io/x/y:1.0"]),
            (
                "1.0, 2.0 3.0",
                "docker://quay.io/x/y",
                vec![
                    "1.0 quay.io/x/y:1.0",
                    "2.0 quay.io/x/y:2.0",
                    "3.0 quay.io/x/y:3.0",
                ],
            ),
        ] {
            assert_eq!(sources(&row(tag, from)).unwrap(), expected);
        }
    }

    #[test]
    fn source_of_the_image_stream_is_kept_as_it_is() {
        for from in ["docker.io/library/nginx", "HTTP://odd source"] {
            let kept = SourceRow {
                was: from.to_owned(),
                ..row("latest", from)
            };
            assert_eq!(sources(&kept).unwrap(), [format!("latest {from}")]);
        }
    }

    #[test]
    fn errors_are_at_the_field_that_they_are_about() {
        for (tag, from, field) in [
            ("", "quay.io/x/y", "tag-7"),
            ("-x", "quay.io/x/y", "tag-7"),
            ("1.0", "", "from-7"),
            ("1.0", "https://quay.io/x", "from-7"),
            ("1.0 2.0", "quay.io/x/y:1.0", "from-7"),
        ] {
            let field_errors = sources(&row(tag, from)).unwrap_err();
            assert!(field_errors.get(field).is_some(), "{tag} {from}");
        }
    }

    #[test]
    fn rows_of_a_form_keep_their_order() {
        let form = FormData::parse(
            b"row=4&tag-4=a&from-4=q%2Fr&scheduled-4=1&mode-4=Legacy&policy-4=local&reference-4=1&row=1&tag-1=b&row=4&row=x",
        );
        let rows = SourceRow::from_form(&form);
        assert_eq!(rows.iter().map(|row| row.key).collect::<Vec<_>>(), [4, 1]);
        assert!(rows[0].scheduled && rows[0].local && rows[0].reference && !rows[0].insecure);
        assert_eq!(rows[0].mode, "Legacy");
        assert_eq!(next_key(&rows), 5);
    }
}
