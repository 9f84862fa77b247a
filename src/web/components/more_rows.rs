//! Long tables of which the first rows are visible at first, and the others are collapsed:
//! `components/more_rows.html`.

use std::collections::BTreeMap;

/// How many rows of a long table on an image's page are visible at first; the others are collapsed
/// (`components/more_rows.html`).
pub(in crate::web) const MAX_INITIAL_ROWS: usize = 25;

/// The same for names and values: variables, labels, annotations.
const MAX_INITIAL_PAIRS: usize = 20;

/// The same for lists of the biggest, of which a page has several.
const MAX_INITIAL_TOP: usize = 5;

/// The rows that are visible at first, and the others.
pub(crate) fn split_rows<T>(rows: &[T]) -> (&[T], &[T]) {
    rows.split_at(rows.len().min(MAX_INITIAL_ROWS))
}

/// The same for a list of the biggest.
pub(crate) fn split_top<T>(rows: &[T]) -> (&[T], &[T]) {
    rows.split_at(rows.len().min(MAX_INITIAL_TOP))
}

/// The same for a list of names and values.
pub(crate) fn split_pairs<T>(pairs: &[T]) -> (&[T], &[T]) {
    pairs.split_at(pairs.len().min(MAX_INITIAL_PAIRS))
}

type TextPairs<'a> = Vec<(&'a String, &'a String)>;

/// The same for a map of texts.
pub(crate) fn split_texts(texts: &BTreeMap<String, String>) -> (TextPairs<'_>, TextPairs<'_>) {
    let mut first: Vec<_> = texts.iter().collect();
    let rest = first.split_off(first.len().min(MAX_INITIAL_PAIRS));
    (first, rest)
}
