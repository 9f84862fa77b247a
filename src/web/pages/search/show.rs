//! `/search`: searches projects, image streams, tags, and images by digest.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::lists::{StreamListQuery, StreamListSort, StreamListView, StreamRow};
use crate::app::search::{Hit, HitGroup, HitKind, SearchQuery, SearchView};
use crate::i18n::{Lang, Message};
use crate::web::components::Pager;
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::extractors::ListParams;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};
use registry_model::Digest;

#[derive(Template, Serialize, ToSchema)]
#[template(path = "search/show.html")]
pub(super) struct SearchPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    found: SearchView,
    /// The image streams that were updated last. Only loaded while there is no query or nothing is
    /// found.
    #[serde(skip)]
    recent: Option<StreamListView>,
    /// What can be searched for.
    #[serde(skip)]
    examples: Vec<Example>,
}

/// An example of what can be searched for.
#[derive(Debug)]
struct Example {
    kind: Message,
    text: String,
    /// Whether it finds something.
    is_link: bool,
}

/// Examples with the names of an image stream, of an image in it, and of the registry.
fn examples(
    lang: Lang,
    row: Option<&StreamRow>,
    image: Option<&Digest>,
    registry_host: Option<&str>,
) -> Vec<Example> {
    let tag = row.and_then(|row| row.newest.first());
    let (stream, tag) = match (row, tag) {
        (Some(row), Some(tag)) => (
            format!("{}/{}", row.project, row.name),
            tag.name.to_string(),
        ),
        _ => ("project/app".to_owned(), "1.0".to_owned()),
    };
    let is_link = row.is_some_and(|row| !row.newest.is_empty());
    let digest = image.map_or_else(|| "6d4f".to_owned(), Digest::short);
    let digest = format!("sha256:{digest}");
    let host = registry_host.unwrap_or("registry.example.com");
    [
        (
            lang.msg("search-for-names"),
            stream.replace('/', " "),
            is_link,
        ),
        (
            lang.msg("search-for-tag"),
            format!("{stream}:{tag}"),
            is_link,
        ),
        (lang.msg("search-for-digest"), digest, image.is_some()),
        (
            lang.msg("search-for-pull-spec"),
            format!("podman pull {host}/{stream}:{tag}"),
            is_link,
        ),
        (lang.msg("search-for-label"), "key=value".to_owned(), false),
    ]
    .into_iter()
    .map(|(kind, text, is_link)| Example {
        kind,
        text,
        is_link,
    })
    .collect()
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

    /// What the second column of a group has.
    fn detail_title(&self, group: &HitGroup) -> Message {
        let lang = self.chrome.lang;
        match group.kind {
            HitKind::Projects => lang.msg("display-name"),
            HitKind::Streams | HitKind::Images => lang.msg("tag-count"),
            HitKind::Tags => lang.msg("cleanup-image"),
        }
    }

    /// What of a hit matches the query.
    fn match_text(&self, hit: &Hit) -> String {
        let lang = self.chrome.lang;
        let matches = |name: &str| self.parts(&name).iter().any(|part| part.is_match);
        let parts: Vec<(bool, Message)> = match hit {
            Hit::Project { name, display_name } => vec![
                (matches(name.as_str()), lang.msg("project-name")),
                (
                    display_name.as_deref().is_some_and(matches),
                    lang.msg("display-name"),
                ),
            ],
            Hit::Stream { project, name, .. } => vec![
                (matches(project.as_str()), lang.msg("project")),
                (matches(name.as_str()), lang.msg("image-stream")),
            ],
            Hit::Tag {
                project,
                stream,
                tag,
                ..
            } => vec![
                (matches(project.as_str()), lang.msg("project")),
                (matches(stream.as_str()), lang.msg("image-stream")),
                (matches(tag.as_str()), lang.msg("tag")),
            ],
            Hit::Image { .. } => vec![(true, lang.msg("digest"))],
        };
        let matching: Vec<String> = parts
            .into_iter()
            .filter(|(is_match, _)| *is_match)
            .map(|(_, name)| name.to_string())
            .collect();
        if !matching.is_empty() {
            matching.join(lang.list_separator())
        } else if self.found.similar {
            lang.msg("search-match-similar").to_string()
        } else {
            // Nothing else of an image stream is searched.
            lang.msg("search-for-label").to_string()
        }
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
    let has_examples = found.groups.is_empty() && caller.context.format == ResponseFormat::Html;
    let recent = if has_examples {
        let query = StreamListQuery {
            sort: StreamListSort::Pushed,
            order: StreamListSort::Pushed.default_order(),
            ..StreamListQuery::all(None)
        };
        console.stream_list(query).await.ok()
    } else {
        None
    };
    let row = recent.as_ref().and_then(|list| list.rows.first());
    let image = match row {
        Some(row) => image_of(&console, row).await,
        None => None,
    };
    let examples = examples(lang, row, image.as_ref(), console.registry_host());
    let title = if is_empty {
        lang.msg("search")
    } else {
        lang.msg("search-results-for")
            .arg("text", &found.query.text)
    };
    let page = SearchPage {
        chrome: caller.chrome(Area::Search, title.to_string()),
        found,
        examples,
        recent,
    };
    Ok(render(&caller.context, &page))
}

/// The image of the tag that changed last.
async fn image_of(console: &AppForUser<'_>, row: &StreamRow) -> Option<Digest> {
    let tag = row.newest.first()?;
    let query = SearchQuery {
        text: format!("{}/{}:{}", row.project, row.name, tag.name),
        kind: Some(HitKind::Tags),
        page: 1,
    };
    let found = console.search(query).await.ok()?;
    let mut hits = found.groups.into_iter().flat_map(|group| group.hits);
    hits.find_map(|hit| match hit {
        Hit::Tag { image, .. } => image,
        _ => None,
    })
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
