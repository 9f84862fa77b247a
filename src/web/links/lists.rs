//! Lists: the search text, the order, and the page.

use super::{
    HOME, IMAGES, PROJECTS, SEARCH, project, project_activity, stream, stream_history, with_query,
};
use crate::app::activity::ActivityRange;
use crate::app::image_streams::{HistoryQuery, TagQuery, TagSort};
use crate::app::lists::{PageSize, SortOrder, StreamListQuery, StreamListSort, StreamState};
use crate::app::projects::{ProjectListQuery, ProjectListSort};
use crate::app::search::SearchQuery;
use registry_model::{ImageStreamName, ProjectName, TagName};

/// The home page with the changes of a range.
#[must_use]
pub fn home_activity(range: ActivityRange) -> String {
    with_query(HOME, &[("changed", &range.days().to_string())])
}

/// A page of what changed in a project within a range.
#[must_use]
pub fn project_activity_page(name: &ProjectName, range: ActivityRange, page: usize) -> String {
    let (days, page_text) = (range.days().to_string(), page.to_string());
    let mut pairs = vec![("changed", days.as_str())];
    if page > 1 {
        pairs.push(("page", &page_text));
    }
    with_query(&project_activity(name), &pairs)
}

/// A list of image streams. Default values are left out, so that each list has one URL.
#[must_use]
pub fn stream_list(query: &StreamListQuery) -> String {
    let path = query
        .project
        .as_ref()
        .map_or_else(|| IMAGES.to_owned(), project);
    let usual = query.sort.default_order();
    let (page, per_page) = (
        query.page.to_string(),
        query.page_size.entries().to_string(),
    );
    let mut pairs = Vec::new();
    if !query.text.is_empty() {
        pairs.push(("q", query.text.as_str()));
    }
    if !query.project_text.is_empty() {
        pairs.push(("project", query.project_text.as_str()));
    }
    pairs.extend(query.state.map(|state| ("state", state.as_str())));
    pairs.extend(query.usage.map(|usage| ("use", usage.as_str())));
    if query.sort != StreamListSort::Name {
        pairs.push(("sort", query.sort.as_str()));
    }
    if query.order != usual {
        pairs.push(("order", order_value(query.order)));
    }
    if query.page_size != PageSize::default() {
        pairs.push(("per_page", &per_page));
    }
    if query.page > 1 {
        pairs.push(("page", &page));
    }
    with_query(&path, &pairs)
}

/// The image streams of a project, or of all projects, with a tag that could not be imported.
#[must_use]
pub fn failing_streams(project: Option<&ProjectName>) -> String {
    stream_list(&StreamListQuery {
        state: Some(StreamState::Failing),
        ..StreamListQuery::all(project.cloned())
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
    let size = query.page_size.entries().to_string();
    let mut pairs = Vec::new();
    if !query.text.is_empty() {
        pairs.push(("q", query.text.as_str()));
    }
    pairs.extend(query.usage.map(|usage| ("use", usage.as_str())));
    if query.sort != TagSort::Updated {
        pairs.push(("sort", query.sort.as_str()));
    }
    if query.order != query.sort.default_order() {
        pairs.push(("order", order_value(query.order)));
    }
    if query.page_size != PageSize::default() {
        pairs.push(("per_page", &size));
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

/// The first page of the same tags, with another number of tags.
#[must_use]
pub fn tag_list_sized(
    project: &ProjectName,
    name: &ImageStreamName,
    query: &TagQuery,
    page_size: PageSize,
) -> String {
    tag_list(
        project,
        name,
        &TagQuery {
            page_size,
            page: 1,
            ..query.clone()
        },
    )
}

/// A page of the history of an image stream, or of one of its tags.
#[must_use]
pub fn history_page(project: &ProjectName, name: &ImageStreamName, query: &HistoryQuery) -> String {
    let page = query.page.to_string();
    let mut pairs = Vec::new();
    pairs.extend(query.tag.as_ref().map(|tag| ("tag", tag.as_str())));
    if query.page > 1 {
        pairs.push(("page", &page));
    }
    with_query(&stream_history(project, name), &pairs)
}

/// The history of one tag.
#[must_use]
pub fn tag_history(
    project: &ProjectName,
    name: &ImageStreamName,
    tag: &TagName,
    page: usize,
) -> String {
    let tag = Some(tag.clone());
    history_page(project, name, &HistoryQuery { tag, page })
}

/// The list of projects. Default values are left out, so that each list has one URL.
#[must_use]
pub fn project_list(query: &ProjectListQuery) -> String {
    let page = query.page.to_string();
    let mut pairs = Vec::new();
    if !query.text.is_empty() {
        pairs.push(("q", query.text.as_str()));
    }
    if query.with_system {
        pairs.push(("system", "show"));
    }
    if query.sort != ProjectListSort::Name {
        pairs.push(("sort", query.sort.as_str()));
    }
    if query.order != query.sort.default_order() {
        pairs.push(("order", order_value(query.order)));
    }
    if query.page > 1 {
        pairs.push(("page", &page));
    }
    with_query(PROJECTS, &pairs)
}

/// The same projects, sorted by `sort`, or in the opposite order if they already are.
#[must_use]
pub fn project_list_sorted(query: &ProjectListQuery, sort: ProjectListSort) -> String {
    let order = if query.sort == sort {
        query.order.reversed()
    } else {
        sort.default_order()
    };
    project_list(&ProjectListQuery {
        sort,
        order,
        page: 1,
        ..query.clone()
    })
}

/// Another page of the same projects.
#[must_use]
pub fn project_list_page(query: &ProjectListQuery, page: usize) -> String {
    project_list(&ProjectListQuery {
        page,
        ..query.clone()
    })
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
        StreamListQuery::all(None)
    }

    #[test]
    fn default_list_has_no_query_string() {
        assert_eq!(stream_list(&query()), "/images");
        assert_eq!(
            stream_list(&StreamListQuery {
                project: Some("team-a".parse().unwrap()),
                ..query()
            }),
            "/projects/team-a"
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
        let asked = StreamListQuery {
            project_text: "team".to_owned(),
            state: Some(StreamState::Importing),
            page_size: PageSize::TwoHundred,
            ..query()
        };
        assert_eq!(
            stream_list(&asked),
            "/images?project=team&state=importing&per_page=200"
        );
    }

    #[test]
    fn project_list_names_only_what_differs_from_the_default() {
        let query = ProjectListQuery {
            text: String::new(),
            sort: ProjectListSort::Name,
            order: SortOrder::Ascending,
            with_system: false,
            page: 1,
        };
        assert_eq!(project_list(&query), "/projects");
        assert_eq!(
            project_list_sorted(&query, ProjectListSort::Pushed),
            "/projects?sort=pushed"
        );
        let all = ProjectListQuery {
            with_system: true,
            ..query
        };
        assert_eq!(project_list_page(&all, 3), "/projects?system=show&page=3");
    }

    #[test]
    fn activity_links_name_the_range() {
        assert_eq!(home_activity(ActivityRange::Week), "/?changed=7");
        let project = "team-a".parse().unwrap();
        assert_eq!(
            project_activity_page(&project, ActivityRange::Month, 2),
            "/projects/team-a/activity?changed=30&page=2"
        );
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
