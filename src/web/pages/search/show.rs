//! `/search`: searches projects, image streams, tags, and images by digest.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::lists::{StreamListQuery, StreamListSort, StreamListView};
use crate::app::search::{Hit, HitGroup, HitKind, SearchQuery, SearchView};
use crate::i18n::Message;
use crate::web::components::Pager;
use crate::web::context::{ResponseFormat, SignedIn};
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
    /// The image streams that were pushed last. Only loaded while there is no query.
    #[serde(skip)]
    recent: Option<StreamListView>,
}

/// A part of a name.
#[derive(Debug, PartialEq, Eq)]
struct HighlightedPart {
    text: String,
    /// Whether it is a word of the query.
    is_match: bool,
}

/// `name` in parts, of which those are marked that are one of `words`. Names are ASCII, so that
/// their case does not change their length.
fn split_name(name: &str, words: &[String]) -> Vec<HighlightedPart> {
    let lower = name.to_ascii_lowercase();
    let mut parts: Vec<HighlightedPart> = Vec::new();
    let mut add = |text: &str, is_match| match parts.last_mut() {
        Some(last) if last.is_match == is_match => last.text.push_str(text),
        _ => parts.push(HighlightedPart {
            text: text.to_owned(),
            is_match,
        }),
    };
    let mut rest = 0;
    while let Some(character) = name[rest..].chars().next() {
        let found = words
            .iter()
            .filter(|word| lower[rest..].starts_with(word.as_str()))
            .map(String::len)
            .max();
        let length = found.unwrap_or(character.len_utf8());
        add(&name[rest..rest + length], found.is_some());
        rest += length;
    }
    parts
}

impl SearchPage {
    fn header(&self) -> PageHeader {
        PageHeader::new(&self.chrome.title)
    }

    /// A name, with the words of the query marked.
    fn parts(&self, name: &impl ToString) -> Vec<HighlightedPart> {
        let text = self.found.query.text.to_ascii_lowercase();
        let words: Vec<String> = text
            .split(|character: char| character.is_whitespace() || "/:@".contains(character))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        split_name(&name.to_string(), &words)
    }

    /// What can be searched for, each with an example.
    fn examples(&self) -> [(Message, &'static str); 5] {
        let lang = self.chrome.lang;
        [
            (lang.msg("search-for-names"), "app 1.0"),
            (lang.msg("search-for-tag"), "project/app:1.0"),
            (lang.msg("search-for-digest"), "sha256:6d4f"),
            (
                lang.msg("search-for-pull-spec"),
                "podman pull registry/project/app:1.0",
            ),
            (lang.msg("search-for-label"), "team=shop"),
        ]
    }

    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn example_link(&self, example: &str) -> String {
        links::search(&SearchQuery {
            text: example.to_owned(),
            kind: None,
            page: 1,
        })
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
    let console = caller.app();
    let found = console.search(asked.into_search_query()).await?;
    let lang = caller.context.lang;
    let is_empty = found.query.text.is_empty();
    let recent = if is_empty && caller.context.format == ResponseFormat::Html {
        let query = StreamListQuery {
            sort: StreamListSort::Pushed,
            order: StreamListSort::Pushed.default_order(),
            ..StreamListQuery::all(None)
        };
        console.stream_list(query).await.ok()
    } else {
        None
    };
    let title = if is_empty {
        lang.msg("search")
    } else {
        lang.msg("search-results-for")
            .arg("text", &found.query.text)
    };
    let page = SearchPage {
        chrome: caller.chrome(Area::Search, title.to_string()),
        found,
        recent,
    };
    Ok(render(&caller.context, &page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_query_are_marked_in_names() {
        let parts = |name: &str, words: &[&str]| -> Vec<(String, bool)> {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let parts = split_name(name, &words).into_iter();
            parts.map(|part| (part.text, part.is_match)).collect()
        };
        let text = |text: &str, is_match| (text.to_owned(), is_match);
        assert_eq!(
            parts("web-Store", &["store", "w"]),
            [text("w", true), text("eb-", false), text("Store", true)]
        );
        assert_eq!(parts("é1", &["1"]), [text("é", false), text("1", true)]);
        assert!(parts("", &["1"]).is_empty());
    }
}
