//! Pages of a list, with stable addresses.

use std::cmp::Ordering;

use serde::Serialize;

/// Which part of a list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Paging {
    /// The page, from 1.
    pub page: usize,
    /// How many pages there are, at least 1.
    pub pages: usize,
    /// How many entries a page has at the most.
    pub per_page: usize,
    /// How many entries there are on all pages.
    pub total: usize,
}

impl Paging {
    /// Cuts `entries` down to page `page`; a page past the end is the last one.
    pub(super) fn cut<T>(entries: Vec<T>, page: usize, per_page: usize) -> (Vec<T>, Self) {
        let total = entries.len();
        let pages = total.div_ceil(per_page).max(1);
        let page = page.clamp(1, pages);
        let shown = entries.into_iter().skip((page - 1) * per_page).take(per_page).collect();
        (shown, Self { page, pages, per_page, total })
    }

    /// The same of entries that are not sorted yet: only as many are put in order as the page needs. `compare` must be a total order, so that an
    /// entry is on one page and no other.
    pub(super) fn cut_sorted<T>(mut entries: Vec<T>, page: usize, per_page: usize, compare: impl Fn(&T, &T) -> Ordering) -> (Vec<T>, Self) {
        let total = entries.len();
        let pages = total.div_ceil(per_page).max(1);
        let page = page.clamp(1, pages);
        let first = (page - 1) * per_page;
        if first > 0 {
            entries.select_nth_unstable_by(first, &compare);
            entries.drain(..first);
        }
        if entries.len() > per_page {
            entries.select_nth_unstable_by(per_page, &compare);
            entries.truncate(per_page);
        }
        entries.sort_unstable_by(&compare);
        (entries, Self { page, pages, per_page, total })
    }

    /// The first entry on the page, from 1; 0 in an empty list.
    #[must_use]
    pub fn first(&self) -> usize {
        if self.total == 0 { 0 } else { (self.page - 1) * self.per_page + 1 }
    }

    /// The last entry on the page.
    #[must_use]
    pub fn last(&self) -> usize {
        (self.page * self.per_page).min(self.total)
    }

    /// The page before, if there is one.
    #[must_use]
    pub fn previous(&self) -> Option<usize> {
        (self.page > 1).then(|| self.page - 1)
    }

    /// The page after, if there is one.
    #[must_use]
    pub fn next(&self) -> Option<usize> {
        (self.page < self.pages).then(|| self.page + 1)
    }
}

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Smallest, oldest or first letter first.
    Ascending,
    /// Largest, newest or last letter first.
    Descending,
}

impl Order {
    /// The other way round.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    pub(super) fn apply(self, ordering: Ordering) -> Ordering {
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
        fn a_page_of_unsorted_entries_is_the_page_of_the_sorted_list(entries in proptest::collection::vec(any::<u16>(), 0..200), page in 0_usize..9, per_page in 1_usize..60) {
            let mut sorted = entries.clone();
            sorted.sort_unstable();
            prop_assert_eq!(Paging::cut_sorted(entries, page, per_page, Ord::cmp), Paging::cut(sorted, page, per_page));
        }
    }

    #[test]
    fn a_page_past_the_end_is_the_last_one() {
        let (shown, paging) = Paging::cut((1..=7).collect(), 9, 3);
        assert_eq!(shown, [7]);
        assert_eq!((paging.page, paging.pages, paging.first(), paging.last()), (3, 3, 7, 7));
        assert_eq!((paging.previous(), paging.next()), (Some(2), None));
    }

    #[test]
    fn an_empty_list_has_one_empty_page() {
        let (shown, paging) = Paging::cut(Vec::<u8>::new(), 0, 3);
        assert!(shown.is_empty());
        assert_eq!((paging.page, paging.pages, paging.first(), paging.last()), (1, 1, 0, 0));
    }
}
