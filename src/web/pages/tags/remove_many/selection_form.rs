//! The form of the cleanup page: rules, filter, and selected tags.

use std::collections::BTreeSet;

use super::form_values;
use crate::app::cleanup::{CleanupRules, TagPattern};
use crate::app::tags::{SelectableTag, TagSelectionQuery, TagSelectionSort};
use crate::i18n::Lang;
use crate::web::extractors::parse_page;
use crate::web::forms::{FieldErrors, FormData};
use registry_model::TagName;

/// The largest numbers of the rules.
pub(in crate::web) const MAX_NEWEST: usize = 9_999;
pub(in crate::web) const MAX_DAYS: u32 = 36_500;

/// The most characters of a filter or of a pattern.
const MAX_TEXT_CHARS: usize = 200;

/// The values of the form, from the body of a form or from the query of an address.
#[derive(Clone, Debug, Default)]
pub(super) struct SelectionForm {
    /// Only tags whose name or digest contains this are shown.
    pub(super) text: String,
    pub(super) sort: TagSelectionSort,
    /// The page, from 1.
    pub(super) page: usize,
    /// The rules as they were typed.
    pub(super) keep: String,
    pub(super) days: String,
    pub(super) pattern: String,
    /// Whether only tags are meant that are not in use.
    pub(super) unused: bool,
    /// The selected tags, shown or not.
    pub(super) tags: BTreeSet<TagName>,
    pub(super) bulk_selection: Option<BulkSelection>,
}

/// A button that changes the selection of many tags at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BulkSelection {
    /// Selects what the rules select, in addition to the current selection.
    ByRules,
    /// Selects every displayed tag, in addition to the current selection.
    AllShown,
    /// Selects the displayed tags that are not selected, and no longer those that are.
    InvertShown,
    Nothing,
}

impl BulkSelection {
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "rules" => Some(Self::ByRules),
            "shown" => Some(Self::AllShown),
            "invert" => Some(Self::InvertShown),
            "none" => Some(Self::Nothing),
            _ => None,
        }
    }
}

impl SelectionForm {
    pub(super) fn parse(form: &FormData) -> Self {
        let text = |name| form.text(name).chars().take(MAX_TEXT_CHARS).collect();
        // A button sorts the list or shows another page; a hidden field keeps order and page.
        let sort_button = form.text("sort-by");
        let page = match form.text("to-page") {
            "" if form.has("filter") || !sort_button.is_empty() => "1",
            "" => form.text("page"),
            button => button,
        };
        let sort = if sort_button.is_empty() {
            form.text("sort")
        } else {
            sort_button
        };
        Self {
            text: text("q"),
            sort: TagSelectionSort::from_text(sort),
            page: parse_page(page),
            keep: text("keep"),
            days: text("days"),
            pattern: text("pattern"),
            unused: form.has("unused"),
            tags: form_values::parse_seen_tags(form)
                .into_iter()
                .map(|seen| seen.name)
                .collect(),
            bulk_selection: BulkSelection::from_text(form.text("select")),
        }
    }

    /// Whether a button was pressed that only changes what the page shows.
    pub(super) fn changes_page_only(form: &FormData) -> bool {
        ["filter", "select", "sort-by", "to-page"]
            .iter()
            .any(|button| form.has(button))
    }

    /// The rules. Adds an error for each number that is not valid; that rule is not set.
    pub(super) fn rules(&self, lang: Lang, errors: &mut FieldErrors) -> CleanupRules {
        let mut number = |field: &'static str, text: &str, most: u32| {
            if text.is_empty() {
                return None;
            }
            let number = text
                .parse::<u32>()
                .ok()
                .filter(|number| (1..=most).contains(number));
            if number.is_none() {
                errors.add(field, lang.msg("cleanup-number").arg("most", most));
            }
            number
        };
        let most_newest = u32::try_from(MAX_NEWEST).unwrap_or(u32::MAX);
        CleanupRules {
            keep_newest: number("keep", &self.keep, most_newest)
                .and_then(|count| usize::try_from(count).ok()),
            older_than_days: number("days", &self.days, MAX_DAYS),
            pattern: TagPattern::new(&self.pattern),
            unused: self.unused,
        }
    }

    /// The fields of the rules that are set.
    pub(super) fn rule_fields(&self) -> Vec<(&'static str, &str)> {
        let fields = [
            ("keep", self.keep.as_str()),
            ("days", &self.days),
            ("pattern", &self.pattern),
            ("unused", if self.unused { "1" } else { "" }),
        ];
        let is_set = |(_, value): &(&str, &str)| !value.is_empty();
        fields.into_iter().filter(is_set).collect()
    }

    pub(super) fn query(&self, rules: CleanupRules) -> TagSelectionQuery {
        TagSelectionQuery {
            text: self.text.clone(),
            sort: self.sort,
            page: self.page,
            rules,
        }
    }

    /// The selection after the button was pressed: `by_rules` are the tags that the rules select,
    /// of which no more are added than `most` in all. Returns how many were left out.
    pub(super) fn select(
        &mut self,
        shown: &[SelectableTag],
        by_rules: &[TagName],
        most: usize,
    ) -> usize {
        let shown = shown.iter().map(|tag| tag.name.clone());
        match self.bulk_selection {
            Some(BulkSelection::ByRules) => {
                for name in by_rules {
                    if self.tags.len() < most {
                        self.tags.insert(name.clone());
                    }
                }
                return by_rules
                    .iter()
                    .filter(|name| !self.tags.contains(*name))
                    .count();
            }
            Some(BulkSelection::AllShown) => self.tags.extend(shown),
            Some(BulkSelection::InvertShown) => {
                self.tags = &self.tags ^ &shown.collect();
            }
            Some(BulkSelection::Nothing) => self.tags.clear(),
            None => {}
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> SelectionForm {
        SelectionForm::parse(&FormData::parse(body.as_bytes()))
    }

    fn rules(body: &str) -> (CleanupRules, Vec<&'static str>) {
        let mut errors = FieldErrors::default();
        let rules = parse(body).rules(Lang::English, &mut errors);
        let fields = ["keep", "days"].into_iter();
        (
            rules,
            fields.filter(|field| errors.get(field).is_some()).collect(),
        )
    }

    #[test]
    fn invalid_number_is_an_error_and_no_rule() {
        for (body, keep, days, errors) in [
            ("", None, None, &[] as &[&str]),
            ("keep=+&days=", None, None, &[]),
            ("keep=10&days=30", Some(10), Some(30), &[]),
            ("keep=0&days=x", None, None, &["keep", "days"]),
            ("keep=10000&days=36501", None, None, &["keep", "days"]),
            ("keep=-1&days=1.5", None, None, &["keep", "days"]),
        ] {
            let (rules, wrong) = rules(body);
            assert_eq!(
                (rules.keep_newest, rules.older_than_days),
                (keep, days),
                "{body}"
            );
            assert_eq!(wrong, errors, "{body}");
        }
    }

    #[test]
    fn filter_and_order_begin_at_the_first_page() {
        assert_eq!(parse("page=3").page, 3);
        assert_eq!(parse("page=3&filter=1").page, 1);
        assert_eq!(parse("page=3&to-page=4").page, 4);
        let sorted = parse("page=3&sort=oldest&sort-by=name");
        assert_eq!((sorted.page, sorted.sort), (1, TagSelectionSort::Name));
        assert_eq!(parse("page=x").page, 1);
    }

    #[test]
    fn buttons_change_the_selection_of_shown_tags_only() {
        let tag = |name: &str| SelectableTag {
            name: name.parse().unwrap(),
            digest: None,
            updated: None,
            size: None,
            usage: None,
            tracks: None,
            tracked_by: Vec::new(),
            rule: None,
        };
        let shown = [tag("a"), tag("b")];
        let by_rules: Vec<TagName> = ["c", "d"].map(|name| name.parse().unwrap()).to_vec();
        for (button, expected) in [
            ("rules", "a c hidden"),
            ("shown", "a b hidden"),
            ("invert", "b hidden"),
            ("none", ""),
            ("", "a hidden"),
        ] {
            let mut form = parse(&format!("tag=a&tag=hidden&select={button}"));
            let left_out = form.select(&shown, &by_rules, 3);
            let names: Vec<String> = form.tags.iter().map(ToString::to_string).collect();
            assert_eq!(names.join(" "), expected, "{button}");
            assert_eq!(left_out, usize::from(button == "rules"), "{button}");
        }
    }
}
