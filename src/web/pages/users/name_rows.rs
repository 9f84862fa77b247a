//! The rows of a form with one name each: the identities of a user, the members of a group.

use crate::i18n::{Lang, Message};
use crate::web::forms::{FieldErrors, FormData, FormField};

/// The number of the row that a script copies, greater than that of any other.
pub(in crate::web) const TEMPLATE_KEY: usize = 999_999;

/// What the names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::pages) enum NameKind {
    Identity,
    Member,
}

/// The rows as typed. A form sends each as a field of the same name. Several names in one field are
/// several rows, one for each line.
#[derive(Clone, Debug)]
pub(in crate::web::pages) struct NameRows {
    kind: NameKind,
    names: Vec<String>,
    /// Whether a button was pressed that adds or removes a row, so that nothing else is done.
    pub(in crate::web::pages) is_changed: bool,
    /// Whether the last row was just added, so that it gets the focus.
    is_last_new: bool,
}

/// The fields of the rows, as `components/name_rows.html` renders them.
pub(in crate::web::pages) struct NameRowFields {
    pub(in crate::web::pages) kind: NameKind,
    /// The list, with its hint and the errors that are not about one row.
    pub(in crate::web::pages) list: FormField,
    /// At least one.
    pub(in crate::web::pages) rows: Vec<FormField>,
    /// The row that a script copies.
    pub(in crate::web::pages) template: FormField,
}

impl NameKind {
    /// The name of the field of each row.
    pub(in crate::web::pages) fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identities",
            Self::Member => "members",
        }
    }

    /// The name of a row for screen readers.
    fn row_text(self, lang: Lang) -> Message {
        match self {
            Self::Identity => lang.msg("identity"),
            Self::Member => lang.msg("user-name"),
        }
    }

    /// The button that adds a row.
    pub(in crate::web::pages) fn add_text(self, lang: &Lang) -> Message {
        match self {
            Self::Identity => lang.msg("identity-add"),
            Self::Member => lang.msg("user-name-add"),
        }
    }

    /// What a name looks like.
    pub(in crate::web::pages) fn example(self) -> &'static str {
        match self {
            Self::Identity => "ldap:jdoe",
            Self::Member => "jdoe",
        }
    }
}

impl NameRows {
    pub(in crate::web::pages) fn from_names(kind: NameKind, names: &[String]) -> Self {
        Self {
            kind,
            names: names.to_vec(),
            is_changed: false,
            is_last_new: false,
        }
    }

    /// The rows of a form, with the row added or removed whose button was pressed.
    pub(in crate::web::pages) fn from_form(kind: NameKind, form: &FormData) -> Self {
        let lines = form.all(kind.as_str()).flat_map(|text| text.split('\n'));
        let mut names: Vec<String> = lines.map(|name| name.trim().to_owned()).collect();
        let is_added = form.has(&format!("add-{}", kind.as_str()));
        let removed = form.text(&format!("remove-{}", kind.as_str()));
        let removed = removed.parse::<usize>().ok();
        if is_added {
            names.push(String::new());
        } else if let Some(removed) = removed.filter(|removed| *removed < names.len()) {
            names.remove(removed);
        }
        Self {
            kind,
            names,
            is_changed: is_added || removed.is_some(),
            is_last_new: is_added,
        }
    }

    /// Whether a form has such rows, of which there can be none.
    pub(in crate::web::pages) fn is_in(kind: NameKind, form: &FormData) -> bool {
        form.has(kind.as_str()) || form.all("list").any(|list| list == kind.as_str())
    }

    /// The names, each once.
    pub(in crate::web::pages) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.names.iter().filter(|name| !name.is_empty()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// Adds an error to each row whose name is not valid.
    pub(in crate::web::pages) fn check(
        &self,
        is_valid: impl Fn(&str) -> bool,
        error: impl Fn(&str) -> Message,
        field_errors: &mut FieldErrors,
    ) {
        for (key, name) in self.names.iter().enumerate() {
            if !name.is_empty() && !is_valid(name) {
                field_errors.add(self.row_name(key), error(name));
            }
        }
    }

    /// The fields. `label` and `hint` are those of the list.
    pub(in crate::web::pages) fn fields(
        &self,
        label: Message,
        hint: Message,
        lang: Lang,
        field_errors: &FieldErrors,
    ) -> NameRowFields {
        let count = self.names.len().max(1);
        let row = |key: usize| {
            let name = self.names.get(key).map_or("", String::as_str);
            let text = self.kind.row_text(lang);
            let field = FormField::new(self.row_name(key), text, name, field_errors);
            FormField {
                autofocus: field.autofocus || (self.is_last_new && key + 1 == count),
                ..field
            }
        };
        NameRowFields {
            kind: self.kind,
            list: FormField::new(self.kind.as_str(), label, "", field_errors).with_hint(hint),
            rows: (0..count).map(row).collect(),
            template: FormField::new(
                self.row_name(TEMPLATE_KEY),
                self.kind.row_text(lang),
                "",
                &FieldErrors::default(),
            ),
        }
    }

    /// The end of the id of the field of a row, to which its errors belong.
    fn row_name(&self, key: usize) -> String {
        format!("{}-{key}", self.kind.as_str())
    }
}

impl NameRowFields {
    /// All fields, in the order of the page.
    pub(in crate::web::pages) fn fields(&self) -> impl Iterator<Item = &FormField> {
        self.rows.iter().chain(std::iter::once(&self.list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(form: &str) -> NameRows {
        NameRows::from_form(NameKind::Member, &FormData::parse(form.as_bytes()))
    }

    #[test]
    fn fields_and_lines_are_rows_and_each_name_counts_once() {
        let rows = rows("members=dev%0D%0Aviewer&members=&members=+dev+&identities=x:y");
        assert_eq!(rows.names(), ["dev", "viewer"]);
        assert!(!rows.is_changed);
    }

    #[test]
    fn buttons_add_and_remove_rows_and_keep_what_was_typed() {
        let added = rows("members=dev&members=&add-members=1");
        assert!(added.is_changed);
        assert_eq!(added.names, ["dev", "", ""]);
        let removed = rows("members=dev&members=&members=viewer&remove-members=1");
        assert!(removed.is_changed);
        assert_eq!(removed.names, ["dev", "viewer"]);
        assert_eq!(rows("members=dev&remove-members=7").names, ["dev"]);
    }

    #[test]
    fn errors_are_at_their_row() {
        let rows = rows("members=dev&members=&members=a/b");
        let mut field_errors = FieldErrors::default();
        let error = |_: &str| Lang::English.msg("new-user-name-rule");
        rows.check(|name| !name.contains('/'), error, &mut field_errors);
        assert!(field_errors.get("members-2").is_some());
        let label = || Lang::English.msg("members");
        let fields = rows.fields(label(), label(), Lang::English, &field_errors);
        let refused: Vec<_> = fields.rows.iter().map(|row| row.error.is_some()).collect();
        assert_eq!(refused, [false, false, true]);
    }

    #[test]
    fn form_without_rows_is_not_one_whose_rows_were_removed() {
        let is_in =
            |form: &str| NameRows::is_in(NameKind::Identity, &FormData::parse(form.as_bytes()));
        assert!(is_in("list=identities") && is_in("identities=a:b"));
        assert!(!is_in("full-name=x") && !is_in("list=members"));
    }
}
