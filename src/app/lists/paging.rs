//! Pages of a list, with stable addresses.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use serde::Serialize;
use utoipa::ToSchema;

/// How many entries a page of a list has, as its reader chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageSize {
    #[default]
    Fifty,
    Hundred,
    TwoHundred,
}

impl PageSize {
    /// All sizes, the smallest first.
    pub const ALL: [Self; 3] = [Self::Fifty, Self::Hundred, Self::TwoHundred];

    /// The number of entries, which is also the form used in URLs.
    #[must_use]
    pub fn entries(self) -> usize {
        match self {
            Self::Fifty => 50,
            Self::Hundred => 100,
            Self::TwoHundred => 200,
        }
    }

    /// The size with this number of entries; the default if there is none.
    #[must_use]
    pub fn from_entries(entries: usize) -> Self {
        Self::ALL
            .into_iter()
            .find(|size| size.entries() == entries)
            .unwrap_or_default()
    }
}

/// The page number that means the whole list, as a single page of at most [`MAX_EXPORT_ROWS`]: for
/// exports.
pub const WHOLE_LIST: usize = usize::MAX;

/// The most entries of an export.
pub const MAX_EXPORT_ROWS: usize = 10_000;

/// How many rows of a table a load returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowLimit {
    /// As many as a page shows.
    #[default]
    Page,
    /// All, but at most [`MAX_EXPORT_ROWS`]: for exports.
    WholeList,
}

impl RowLimit {
    /// That of the page with this number, which may be [`WHOLE_LIST`].
    pub(in crate::app) fn of_page(page: usize) -> Self {
        if page == WHOLE_LIST {
            Self::WholeList
        } else {
            Self::Page
        }
    }

    /// The most bytes that a text of all rows takes, where the rows of a page take `on_page`.
    pub(in crate::app) fn bytes(self, on_page: usize) -> usize {
        match self {
            Self::Page => on_page,
            Self::WholeList => on_page * (MAX_EXPORT_ROWS / PageSize::TwoHundred.entries()),
        }
    }

    /// The most rows of a table of which a page shows `on_page`.
    pub(in crate::app) fn rows(self, on_page: usize) -> usize {
        match self {
            Self::Page => on_page,
            Self::WholeList => MAX_EXPORT_ROWS,
        }
    }
}

/// A page and its size, where the page may be [`WHOLE_LIST`].
pub(in crate::app) fn page_and_size(page: usize, per_page: usize) -> (usize, usize) {
    if page == WHOLE_LIST {
        (1, MAX_EXPORT_ROWS)
    } else {
        (page, per_page)
    }
}

/// The position of a page in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Paging {
    /// The page number, from 1.
    pub page: usize,
    /// The number of pages, at least 1.
    pub pages: usize,
    /// The most entries on a page.
    pub per_page: usize,
    /// The number of entries on all pages.
    pub total: usize,
}

impl Paging {
    /// Cuts `entries` down to page `page`. A page past the end is the last one.
    pub(crate) fn paginate<T>(entries: Vec<T>, page: usize, per_page: usize) -> (Vec<T>, Self) {
        let paging = Self::new(entries.len(), page, per_page);
        let shown = entries
            .into_iter()
            .skip((paging.page - 1) * paging.per_page)
            .take(paging.per_page)
            .collect();
        (shown, paging)
    }

    /// The position of page `page` of `total` entries. A page past the end is the last one.
    pub(in crate::app) fn new(total: usize, page: usize, per_page: usize) -> Self {
        let (page, per_page) = page_and_size(page, per_page);
        let pages = total.div_ceil(per_page).max(1);
        Self {
            page: page.clamp(1, pages),
            pages,
            per_page,
            total,
        }
    }

    /// The number of the first entry on the page, from 1; 0 in an empty list.
    #[must_use]
    pub fn first(&self) -> usize {
        if self.total == 0 {
            0
        } else {
            (self.page - 1) * self.per_page + 1
        }
    }

    /// The number of the last entry on the page.
    #[must_use]
    pub fn last(&self) -> usize {
        (self.page * self.per_page).min(self.total)
    }

    /// The previous page, if there is one.
    #[must_use]
    pub fn previous(&self) -> Option<usize> {
        (self.page > 1).then(|| self.page - 1)
    }

    /// The next page, if there is one.
    #[must_use]
    pub fn next(&self) -> Option<usize> {
        (self.page < self.pages).then(|| self.page + 1)
    }
}

/// Selects a page of a list that is not sorted yet, from entries in any order. It keeps no more
/// entries than there are up to the end of that page.
pub(in crate::app) struct TopEntries<K, T> {
    entries: BinaryHeap<KeyedEntry<K, T>>,
    max_entries: usize,
    total: usize,
    page: usize,
    per_page: usize,
}

/// An entry and its sort key.
struct KeyedEntry<K, T> {
    key: K,
    entry: T,
}

impl<K: Ord, T> TopEntries<K, T> {
    pub(in crate::app) fn new(page: usize, per_page: usize) -> Self {
        let (page, per_page) = page_and_size(page, per_page);
        Self {
            entries: BinaryHeap::new(),
            max_entries: page.max(1).saturating_mul(per_page),
            total: 0,
            page,
            per_page,
        }
    }

    /// Whether an entry with this key, or a greater one, would be on a later page.
    pub(in crate::app) fn is_past_page(&self, key: &K) -> bool {
        self.entries.len() >= self.max_entries
            && self.entries.peek().is_some_and(|last| *key >= last.key)
    }

    /// Counts entries that are known to be on a later page.
    pub(in crate::app) fn count_skipped(&mut self, count: usize) {
        self.total += count;
    }

    /// Adds an entry. `key` determines its position and must be unique.
    pub(in crate::app) fn push(&mut self, key: K, entry: T) {
        self.total += 1;
        if self.is_past_page(&key) {
            return;
        }
        if self.entries.len() >= self.max_entries {
            self.entries.pop();
        }
        self.entries.push(KeyedEntry { key, entry });
    }

    pub(in crate::app) fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The entries of the page. A page past the end is the last one.
    pub(in crate::app) fn into_page(self) -> (Vec<T>, Paging) {
        let kept = self
            .entries
            .into_sorted_vec()
            .into_iter()
            .map(|placed| placed.entry)
            .collect();
        let (shown, _) = Paging::paginate(kept, self.page, self.per_page);
        (shown, Paging::new(self.total, self.page, self.per_page))
    }
}

impl<K: Ord, T> Ord for KeyedEntry<K, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl<K: Ord, T> PartialOrd for KeyedEntry<K, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord, T> PartialEq for KeyedEntry<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<K: Ord, T> Eq for KeyedEntry<K, T> {}

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SortOrder {
    /// Smallest, oldest or first letter first.
    Ascending,
    /// Largest, newest or last letter first.
    Descending,
}

impl SortOrder {
    /// The opposite order.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    pub(in crate::app) fn apply_to(self, ordering: Ordering) -> Ordering {
        match self {
            Self::Ascending => ordering,
            Self::Descending => ordering.reverse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn page_of_unsorted_entries_equals_page_of_sorted_list(entries in proptest::collection::vec(any::<u16>(), 0..200), page in 0_usize..9, per_page in 1_usize..60) {
            let mut top = TopEntries::new(page, per_page);
            let mut sorted: Vec<(u16, usize)> = entries.into_iter().zip(0..).collect();
            for entry in &sorted {
                if top.is_past_page(entry) { top.count_skipped(1) } else { top.push(*entry, *entry) }
            }
            sorted.sort_unstable();
            prop_assert_eq!(top.into_page(), Paging::paginate(sorted, page, per_page));
        }
    }

    #[test]
    fn page_past_the_end_is_the_last_page() {
        let (shown, paging) = Paging::paginate((1..=7).collect(), 9, 3);
        assert_eq!(shown, [7]);
        assert_eq!(
            (paging.page, paging.pages, paging.first(), paging.last()),
            (3, 3, 7, 7)
        );
        assert_eq!((paging.previous(), paging.next()), (Some(2), None));
    }

    #[test]
    fn whole_list_is_one_bounded_page() {
        let (shown, paging) = Paging::paginate((0..MAX_EXPORT_ROWS + 1).collect(), WHOLE_LIST, 3);
        assert_eq!(shown.len(), MAX_EXPORT_ROWS);
        assert_eq!((paging.page, paging.total), (1, MAX_EXPORT_ROWS + 1));
        let mut top = TopEntries::new(WHOLE_LIST, 3);
        (0..7).for_each(|entry| top.push(entry, entry));
        assert_eq!(top.into_page().0.len(), 7);
    }

    #[test]
    fn empty_list_has_one_empty_page() {
        let (shown, paging) = Paging::paginate(Vec::<u8>::new(), 0, 3);
        assert!(shown.is_empty());
        assert_eq!(
            (paging.page, paging.pages, paging.first(), paging.last()),
            (1, 1, 0, 0)
        );
    }
}
