//! `/search`: searches projects, image streams, tags, and images by digest.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::search::{Hit, HitGroup, HitKind, SearchQuery, SearchView};
use crate::i18n::Message;
use crate::web::components::Pager;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ListParams;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};

#[derive(Template, Serialize)]
#[template(path = "search/show.html")]
struct SearchPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    found: SearchView,
}

impl SearchPage {
    fn header(&self) -> PageHeader {
        PageHeader::new(&self.chrome.title)
    }

    fn group_title(&self, group: &HitGroup) -> Message {
        let lang = self.chrome.lang;
        match group.kind {
            HitKind::Projects => lang.msg("projects"),
            HitKind::Streams => lang.msg("image-streams"),
            HitKind::Tags => lang.msg("tags"),
            HitKind::Images => lang.msg("search-images"),
        }
    }

    /// The link to all hits of the group, if it has more than one page.
    fn all_hits_link(&self, group: &HitGroup) -> Option<String> {
        let more = self.found.query.kind.is_none() && group.paging.pages > 1;
        more.then(|| {
            links::search(&SearchQuery {
                kind: Some(group.kind),
                page: 1,
                ..self.found.query.clone()
            })
        })
    }

    /// The pager, if the search is for a single kind.
    fn pager(&self, group: &HitGroup) -> Option<Pager> {
        let is_paged = self.found.query.kind.is_some() && group.paging.pages > 1;
        is_paged.then(|| {
            Pager::new(&group.paging, |page| {
                links::search(&SearchQuery {
                    page,
                    ..self.found.query.clone()
                })
            })
        })
    }

    /// The link back to all kinds.
    fn all_kinds_link(&self) -> Option<String> {
        self.found.query.kind?;
        Some(links::search(&SearchQuery {
            kind: None,
            page: 1,
            ..self.found.query.clone()
        }))
    }

    /// The number of hits, for screen readers.
    fn summary(&self) -> Message {
        let count: usize = self
            .found
            .groups
            .iter()
            .map(|group| group.paging.total)
            .sum();
        self.chrome.lang.msg("search-count").arg("count", count)
    }
}

pub(in crate::web) async fn show_search(
    caller: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    let found = caller.app().search(asked.into_search_query()).await?;
    let chrome = caller.chrome(Area::Search, caller.context.lang.msg("search").to_string());
    Ok(render(&caller.context, &SearchPage { chrome, found }))
}
