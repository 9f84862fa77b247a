//! Components that several pages share: the values of `templates/components`.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::time::Duration;

use super::errors;
use super::render::Chrome;
use crate::app::failure::Upstream;
use crate::app::images::{ContentKind, PlatformKind, PlatformRow};
use crate::app::lists::{MissingProject, PageSize, Paging, SortOrder};
use crate::app::section::{Section, Unavailable, UnavailableReason};
use crate::i18n::Message;
use crate::web::tls_messages;
use registry_model::image_config::ImageConfig;

/// How many rows of a long table on an image's page are visible at first; the others are collapsed
/// (`components/more_rows.html`).
pub(super) const MAX_INITIAL_ROWS: usize = 25;

/// The same for names and values: variables, labels, annotations.
const MAX_INITIAL_PAIRS: usize = 20;

/// The rows that are visible at first, and the others.
pub(crate) fn split_rows<T>(rows: &[T]) -> (&[T], &[T]) {
    rows.split_at(rows.len().min(MAX_INITIAL_ROWS))
}

/// The manifests of an index, and the attestations among them.
pub(crate) fn split_attestations(rows: &[PlatformRow]) -> (Vec<&PlatformRow>, Vec<&PlatformRow>) {
    rows.iter()
        .partition(|row| row.kind != PlatformKind::Attestation)
}

/// The same for a list of names and values.
pub(crate) fn split_pairs<T>(pairs: &[T]) -> (&[T], &[T]) {
    pairs.split_at(pairs.len().min(MAX_INITIAL_PAIRS))
}

/// Whether a config has any of the settings that the section of an image's configuration shows.
pub(crate) fn sets_anything(config: &ImageConfig) -> bool {
    let lists = [
        &config.entrypoint,
        &config.cmd,
        &config.exposed_ports,
        &config.volumes,
        &config.on_build,
        &config.shell,
    ];
    let texts = [&config.user, &config.working_dir, &config.stop_signal];
    lists.iter().any(|list| !list.items.is_empty())
        || texts.iter().any(|text| text.is_some())
        || config.healthcheck.is_some()
}

type TextPairs<'a> = Vec<(&'a String, &'a String)>;

/// The same for a map of texts.
pub(crate) fn split_texts(texts: &BTreeMap<String, String>) -> (TextPairs<'_>, TextPairs<'_>) {
    let mut first: Vec<_> = texts.iter().collect();
    let rest = first.split_off(first.len().min(MAX_INITIAL_PAIRS));
    (first, rest)
}

/// The pager of a list: `components/pager.html`.
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

/// The header of a sortable column: `components/column_header.html`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// The URL that sorts by the column, or reverses the order.
    pub(crate) href: String,
    order: Option<SortOrder>,
}

impl Column {
    /// A column that links to `href`; `order` is the current order if the list is sorted by this
    /// column.
    pub(crate) fn new(href: String, order: Option<SortOrder>) -> Self {
        Self { href, order }
    }

    /// Whether the list is sorted by it, smallest first.
    pub(crate) fn is_ascending(&self) -> bool {
        self.order == Some(SortOrder::Ascending)
    }

    /// Whether the list is sorted by it, greatest first.
    pub(crate) fn is_descending(&self) -> bool {
        self.order == Some(SortOrder::Descending)
    }
}

impl Chrome {
    /// What a manifest describes, as a label.
    pub(crate) fn content_kind(&self, kind: &ContentKind) -> Message {
        let lang = self.lang;
        match kind {
            ContentKind::Image => lang.msg("kind-image"),
            ContentKind::Schema1 => lang.msg("kind-schema1"),
            ContentKind::Index => lang.msg("kind-index"),
            ContentKind::ArtifactIndex => lang.msg("kind-artifact-index"),
            ContentKind::BuildCache => lang.msg("kind-build-cache"),
            ContentKind::EmptyIndex => lang.msg("kind-empty-index"),
            ContentKind::Artifact => lang.msg("kind-artifact"),
        }
    }

    /// A sentence that says which server was called and what happened, and one that says what to
    /// do: `components/missing_section.html`. Includes the server's message, if there is one.
    pub(crate) fn missing_text(&self, missing: &Unavailable) -> String {
        let text = self.missing_message(missing).to_string();
        match &missing.message {
            Some(message) => text + &errors::quote_server_message(message, self.lang),
            None => text,
        }
    }

    fn missing_message(&self, missing: &Unavailable) -> Message {
        if let Some(alert) = missing.tls_alert {
            return tls_messages::alert_text(missing.upstream, alert, self.lang);
        }
        if let Some(fault) = missing
            .certificate_fault
            .filter(|fault| fault.is_about_certificate())
        {
            let (reason, advice) = (
                tls_messages::fault_text(missing.upstream, fault, self.lang),
                tls_messages::fault_hint(missing.upstream, fault, self.lang),
            );
            return self
                .lang
                .msg("missing-untrusted-reason")
                .arg("reason", reason)
                .arg("advice", advice);
        }
        let upstream = tls_messages::upstream_name(missing.upstream, self.lang);
        let when = self
            .lang
            .retry_time(missing.retry_after_seconds.map(Duration::from_secs));
        let status = missing
            .status
            .map(|status| status.to_string())
            .unwrap_or_default();
        self.unavailable_message(missing.why)
            .arg("upstream", upstream)
            .arg("status", status)
            .arg("when", when)
            .arg(
                "setting",
                tls_messages::authorities_setting(missing.upstream),
            )
    }

    /// The name of a server in a sentence.
    pub(crate) fn upstream_name(&self, upstream: &Upstream) -> Message {
        tls_messages::upstream_name(*upstream, self.lang)
    }

    /// The same for a section that only the API server provides.
    pub(crate) fn missing_from_api_server(&self, why: &UnavailableReason) -> String {
        self.missing_text(&Unavailable::new(Upstream::ApiServer, *why))
    }

    fn unavailable_message(&self, why: UnavailableReason) -> Message {
        match why {
            UnavailableReason::NotAllowed => self.lang.msg("missing-not-allowed"),
            UnavailableReason::NotThere => self.lang.msg("missing-not-there"),
            UnavailableReason::Unreachable => self.lang.msg("missing-unreachable"),
            UnavailableReason::Untrusted => self.lang.msg("missing-untrusted"),
            UnavailableReason::NoSecureConnection => self.lang.msg("missing-no-secure-connection"),
            UnavailableReason::Late => self.lang.msg("missing-late"),
            UnavailableReason::ApiServerUnreachable => {
                self.lang.msg("missing-api-server-unreachable-for-registry")
            }
            UnavailableReason::Busy => self.lang.msg("missing-busy"),
            UnavailableReason::Unavailable => self.lang.msg("missing-unavailable"),
            UnavailableReason::Proxy => self.lang.msg("missing-proxy"),
            UnavailableReason::RolesNotLoaded => self.lang.msg("missing-roles-not-loaded"),
            UnavailableReason::Failed => self.lang.msg("missing-failed"),
            UnavailableReason::NotServed => self.lang.msg("missing-not-served"),
            UnavailableReason::TooLarge => self.lang.msg("missing-too-large"),
            UnavailableReason::InStorage => self.lang.msg("missing-in-storage"),
            UnavailableReason::DigestMismatch => self.lang.msg("missing-digest-mismatch"),
            UnavailableReason::Unreadable => self.lang.msg("missing-unreadable"),
        }
    }
}

/// Whether projects are missing only because the user lacks the right to list their image streams,
/// which is usual.
pub(crate) fn are_not_permitted<T: Borrow<MissingProject>>(missing: &[T]) -> bool {
    missing
        .iter()
        .all(|project| project.borrow().why == UnavailableReason::NotAllowed)
}

/// What is missing in a column of sections: how many, and the reason for the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MissingSections {
    /// How many sections are missing.
    pub(crate) count: usize,
    /// The reason for the first one.
    pub(crate) first: Unavailable,
}

impl MissingSections {
    /// Summarizes the missing ones among `sections`, if there are any.
    pub(crate) fn from_sections<'s, T: 's>(
        sections: impl Iterator<Item = &'s Section<T>>,
    ) -> Option<Self> {
        let mut missing = sections.filter_map(Section::missing);
        let first = missing.next()?.clone();
        Some(Self {
            count: 1 + missing.count(),
            first,
        })
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

    #[test]
    fn only_the_sorted_column_has_a_direction() {
        let sorted = Column::new("/images".to_owned(), Some(SortOrder::Descending));
        let other = Column::new("/images?sort=tags".to_owned(), None);
        assert!(sorted.is_descending() && !sorted.is_ascending());
        assert!(!other.is_descending() && !other.is_ascending());
    }

    #[test]
    fn missing_column_values_are_counted_and_explained_once() {
        let gone = Unavailable::new(Upstream::ApiServer, UnavailableReason::NotAllowed);
        let sections = [
            Section::Ready(1),
            Section::Missing {
                missing: gone.clone(),
            },
            Section::Missing {
                missing: gone.clone(),
            },
        ];
        assert_eq!(
            MissingSections::from_sections(sections.iter()),
            Some(MissingSections {
                count: 2,
                first: gone
            })
        );
        assert_eq!(MissingSections::from_sections(sections[..1].iter()), None);
    }
}
