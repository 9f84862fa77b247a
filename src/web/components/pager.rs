//! The pager of a list: `components/pager.html`.

use crate::app::lists::{PageSize, Paging};

/// The links below a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pager {
    /// The number of the first entry shown, from 1.
    pub(crate) first: usize,
    /// The number of the last entry shown.
    pub(crate) last: usize,
    /// The number of entries on all pages.
    pub(crate) total: usize,
    /// The URL of the previous page.
    pub(crate) previous: Option<String>,
    /// The URL of the next page.
    pub(crate) next: Option<String>,
    /// The pages that have a link of their own: the first, the last, and those near this one. None
    /// in a list of one page.
    pub(crate) pages: Vec<PagerPage>,
    /// A form for the number of any page, in a list of many pages.
    pub(crate) jump: Option<PagerJump>,
    /// The numbers of entries that a page can have.
    pub(crate) sizes: Vec<PageSizeLink>,
}

/// The link to a page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PagerPage {
    pub(crate) number: usize,
    pub(crate) href: String,
    pub(crate) is_current: bool,
    /// Whether pages between this one and the preceding link have no link.
    pub(crate) follows_gap: bool,
}

/// The form that leads to the page with a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PagerJump {
    pub(crate) action: String,
    /// The other parameters of the list.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) current: usize,
    pub(crate) pages: usize,
}

/// A number of entries that a page of a list can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageSizeLink {
    pub(crate) entries: usize,
    pub(crate) href: String,
    pub(crate) is_current: bool,
}

/// How many pages before and after the current one have links.
const NEAR_PAGES: usize = 2;

impl Pager {
    /// The pager for `paging`; `link` returns the URL of a page.
    pub(crate) fn new(paging: &Paging, link: impl Fn(usize) -> String) -> Self {
        Self {
            first: paging.first(),
            last: paging.last(),
            total: paging.total,
            previous: paging.previous().map(&link),
            next: paging.next().map(&link),
            pages: pager_pages(paging, &link),
            // With fewer pages, all of them or nearly all have a link.
            jump: (paging.pages > 2 * (NEAR_PAGES + 1) + 1)
                .then(|| PagerJump::new(paging, &link(1))),
            sizes: Vec::new(),
        }
    }

    /// Adds the choice of the number of entries, where there are more than on the smallest page.
    pub(crate) fn with_sizes(
        mut self,
        current: PageSize,
        link: impl Fn(PageSize) -> String,
    ) -> Self {
        if self.total > PageSize::default().entries() {
            self.sizes = PageSize::ALL
                .map(|size| PageSizeLink {
                    entries: size.entries(),
                    href: link(size),
                    is_current: size == current,
                })
                .to_vec();
        }
        self
    }

    /// Whether there is anything to choose.
    pub(crate) fn is_needed(&self) -> bool {
        !self.pages.is_empty() || !self.sizes.is_empty()
    }
}

fn pager_pages(paging: &Paging, link: impl Fn(usize) -> String) -> Vec<PagerPage> {
    if paging.pages < 2 {
        return Vec::new();
    }
    let near = paging.page.saturating_sub(NEAR_PAGES)..=paging.page + NEAR_PAGES;
    let mut last = 0;
    let linked = (1..=paging.pages)
        .filter(|number| *number == 1 || *number == paging.pages || near.contains(number));
    linked
        .map(|number| {
            let follows_gap = number > last + 1;
            last = number;
            PagerPage {
                number,
                href: link(number),
                is_current: number == paging.page,
                follows_gap,
            }
        })
        .collect()
}

impl PagerJump {
    /// `first` is the URL of the first page.
    fn new(paging: &Paging, first: &str) -> Self {
        let (action, query) = first.split_once('?').unwrap_or((first, ""));
        Self {
            action: action.to_owned(),
            fields: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .filter(|(name, _)| name != "page")
                .collect(),
            current: paging.page,
            pages: paging.pages,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middle_page_links_to_both_neighbours() {
        let paging = Paging {
            page: 2,
            pages: 3,
            per_page: 50,
            total: 120,
        };
        let pager = Pager::new(&paging, |page| format!("/images?page={page}"));
        assert_eq!((pager.first, pager.last, pager.total), (51, 100, 120));
        assert_eq!(
            (pager.previous.as_deref(), pager.next.as_deref()),
            (Some("/images?page=1"), Some("/images?page=3"))
        );
    }

    #[test]
    fn pager_links_to_the_ends_and_to_near_pages() {
        let paging = |page, pages| Paging {
            page,
            pages,
            per_page: 50,
            total: 50 * pages,
        };
        let link = |page: usize| format!("/images?q=a+b&page={page}");
        let numbers = |pager: &Pager| {
            let number = |page: &PagerPage| (page.number, page.follows_gap);
            pager.pages.iter().map(number).collect::<Vec<_>>()
        };
        let pager = Pager::new(&paging(30, 61), link);
        assert_eq!(
            numbers(&pager),
            [
                (1, false),
                (28, true),
                (29, false),
                (30, false),
                (31, false),
                (32, false),
                (61, true)
            ]
        );
        let jump = pager.jump.unwrap();
        assert_eq!(jump.action, "/images");
        assert_eq!(jump.fields, [("q".to_owned(), "a b".to_owned())]);
        let short = Pager::new(&paging(1, 2), link);
        assert_eq!(numbers(&short), [(1, false), (2, false)]);
        assert!(short.jump.is_none() && short.is_needed());
        assert!(!Pager::new(&paging(1, 1), link).is_needed());
    }

    #[test]
    fn page_sizes_are_offered_for_lists_longer_than_the_smallest() {
        let paging = |total| Paging {
            page: 1,
            pages: 1,
            per_page: 100,
            total,
        };
        let with_sizes = |total| {
            Pager::new(&paging(total), |_| String::new()).with_sizes(PageSize::Hundred, |size| {
                format!("/images?per_page={}", size.entries())
            })
        };
        let sizes = with_sizes(51).sizes;
        assert_eq!(sizes[0].href, "/images?per_page=50");
        assert!(!sizes[0].is_current && sizes[1].is_current);
        assert!(with_sizes(50).sizes.is_empty());
    }
}
