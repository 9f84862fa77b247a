//! Lists: the search text, the order, and the page.

use super::{IMAGES, PROJECTS, SEARCH, project_images, stream, with_query};
use crate::app::image_streams::{TagQuery, TagSort};
use crate::app::lists::{SortOrder, StreamListQuery, StreamListSort, StreamState};
use crate::app::search::SearchQuery;
use registry_model::{ImageStreamName, ProjectName, TagName};

/// A list of image streams. Default values are left out, so that each list has one URL.
#[must_use]
pub fn stream_list(query: &StreamListQuery) -> String {
    let path = query
        .project
        .as_ref()
        .map_or_else(|| IMAGES.to_owned(), project_images);
    let usual = query.sort.default_order();
    let page = query.page.to_string();
    let mut pairs = Vec::new();
    if !query.text.is_empty() {
        pairs.push(("q", query.text.as_str()));
    }
    pairs.extend(query.state.map(|state| ("state", state.as_str())));
    if query.sort != StreamListSort::Name {
        pairs.push(("sort", query.sort.as_str()));
    }
    if query.order != usual {
        pairs.push(("order", order_value(query.order)));
    }
    if query.page > 1 {
        pairs.push(("page", &page));
    }
    with_query(&path, &pairs)
}

/// The image streams of a project, or of all projects, with a tag that could not be imported.
#[must_use]
pub fn failing_streams(project: Option<&ProjectName>) -> String {
    let (sort, state) = (StreamListSort::Name, Some(StreamState::Failing));
    stream_list(&StreamListQuery {
        text: String::new(),
        project: project.cloned(),
        state,
        sort,
        order: sort.default_order(),
        page: 1,
    })
}

/// The same list, sorted by `sort`, or in the opposite order if it already is.
#[must_use]
pub fn stream_list_sorted(query: &StreamListQuery, sort: StreamListSort) -> String {
    let order = if query.sort == sort {
        query.order.reversed()
    } else {
        sort.default_order()
    };
    stream_list(&StreamListQuery {
        sort,
        order,
        page: 1,
        ..query.clone()
    })
}

/// A search, or all hits of one kind if the query names it.
#[must_use]
pub fn search(query: &SearchQuery) -> String {
    let page = query.page.to_string();
    let mut pairs = vec![("q", query.text.as_str())];
    pairs.extend(query.kind.map(|kind| ("kind", kind.as_str())));
    if query.page > 1 {
        pairs.push(("page", &page));
    }
    with_query(SEARCH, &pairs)
}

/// Another page of the same list.
#[must_use]
pub fn stream_list_page(query: &StreamListQuery, page: usize) -> String {
    stream_list(&StreamListQuery {
        page,
        ..query.clone()
    })
}

/// The tags of an image stream, filtered and sorted.
#[must_use]
pub fn tag_list(project: &ProjectName, name: &ImageStreamName, query: &TagQuery) -> String {
    let page = query.page.to_string();
    let mut pairs = Vec::new();
    if !query.text.is_empty() {
        pairs.push(("q", query.text.as_str()));
    }
    if query.sort != TagSort::Updated {
        pairs.push(("sort", query.sort.as_str()));
    }
    if query.order != query.sort.default_order() {
        pairs.push(("order", order_value(query.order)));
    }
    if query.page > 1 {
        pairs.push(("page", &page));
    }
    with_query(&stream(project, name), &pairs)
}

/// The same tags, sorted by `sort`, or in the opposite order if they already are.
#[must_use]
pub fn tag_list_sorted(
    project: &ProjectName,
    name: &ImageStreamName,
    query: &TagQuery,
    sort: TagSort,
) -> String {
    let order = if query.sort == sort {
        query.order.reversed()
    } else {
        sort.default_order()
    };
    tag_list(
        project,
        name,
        &TagQuery {
            sort,
            order,
            history: None,
            page: 1,
            ..query.clone()
        },
    )
}

/// Another page of the same tags.
#[must_use]
pub fn tag_list_page(
    project: &ProjectName,
    name: &ImageStreamName,
    query: &TagQuery,
    page: usize,
) -> String {
    tag_list(
        project,
        name,
        &TagQuery {
            page,
            ..query.clone()
        },
    )
}

/// A page of the history of one tag, on the page of its image stream.
#[must_use]
pub fn tag_history(
    project: &ProjectName,
    name: &ImageStreamName,
    tag: &TagName,
    page: usize,
) -> String {
    let page_text = page.to_string();
    let mut pairs = vec![("history", tag.as_str())];
    if page > 1 {
        pairs.push(("page", &page_text));
    }
    with_query(&stream(project, name), &pairs)
}

/// A page of the list of projects.
#[must_use]
pub fn project_list(text: &str, page: usize) -> String {
    filtered_list(PROJECTS, text, page)
}

/// A page of the list at `path`: users, groups, members of a group.
#[must_use]
pub fn filtered_list(path: &str, text: &str, page: usize) -> String {
    let page_text = page.to_string();
    let mut pairs = Vec::new();
    if !text.is_empty() {
        pairs.push(("q", text));
    }
    if page > 1 {
        pairs.push(("page", page_text.as_str()));
    }
    with_query(path, &pairs)
}

/// The form used in URLs.
pub(in crate::web) fn order_value(order: SortOrder) -> &'static str {
    match order {
        SortOrder::Ascending => "asc",
        SortOrder::Descending => "desc",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query() -> StreamListQuery {
        StreamListQuery {
            text: String::new(),
            project: None,
            state: None,
            sort: StreamListSort::Name,
            order: SortOrder::Ascending,
            page: 1,
        }
    }

    #[test]
    fn default_list_has_no_query_string() {
        assert_eq!(stream_list(&query()), "/images");
        assert_eq!(
            stream_list(&StreamListQuery {
                project: Some("team-a".parse().unwrap()),
                ..query()
            }),
            "/images/team-a"
        );
    }

    #[test]
    fn list_parameters_are_encoded_in_the_url() {
        let asked = StreamListQuery {
            text: "a&b <c>".to_owned(),
            page: 2,
            ..query()
        };
        assert_eq!(stream_list(&asked), "/images?q=a%26b+%3Cc%3E&page=2");
    }

    #[test]
    fn sorting_a_column_twice_reverses_it() {
        let newest = StreamListQuery {
            sort: StreamListSort::Pushed,
            order: SortOrder::Descending,
            ..query()
        };
        assert_eq!(
            stream_list_sorted(&query(), StreamListSort::Pushed),
            "/images?sort=pushed"
        );
        assert_eq!(
            stream_list_sorted(&newest, StreamListSort::Pushed),
            "/images?sort=pushed&order=asc"
        );
        assert_eq!(
            stream_list_sorted(&query(), StreamListSort::Name),
            "/images?order=desc"
        );
    }
}
