//! `/images`: lists the image streams of all projects. `/images/{project}` is the address of those
//! of one project as JSON; in HTML they are on the page of the project.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::lists::{
    PageSize, StreamListQuery, StreamListSort, StreamListView, StreamState, UseAnswer,
};
use crate::app::live::ChangeScope;
use crate::i18n::{Lang, Message};
use crate::web::components::{Column, Pager};
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, ProjectPath};
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::imports::board::host_name;
use crate::web::render::{Area, Chrome, render};
use crate::web::usage::{UseLink, use_links};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "image_streams/list.html")]
pub(super) struct StreamListPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    list: StreamListView,
    /// Whether the user may create image streams in any project.
    #[serde(skip)]
    may_create: bool,
}

impl StreamListPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title).when(self.may_create, |header| {
            header.with_primary(links::NEW_STREAM, lang.msg("stream-new"))
        })
    }

    fn table(&self) -> StreamTable<'_> {
        StreamTable::new(self.chrome.lang, &self.list)
    }
}

/// A list of image streams with its filters, columns and pages: `components/stream_list.html`.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct StreamTable<'a> {
    lang: Lang,
    pub(in crate::web) list: &'a StreamListView,
}

/// A link that reduces the list to a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web) struct StateLink {
    pub(in crate::web) href: String,
    pub(in crate::web) text: String,
    /// What the state means.
    pub(in crate::web) meaning: String,
    /// How many rows the list then has, if it is known.
    pub(in crate::web) count: Option<usize>,
    pub(in crate::web) is_current: bool,
}

impl<'a> StreamTable<'a> {
    pub(in crate::web) fn new(lang: Lang, list: &'a StreamListView) -> Self {
        Self { lang, list }
    }

    /// The address of the list without its query, to which the filter form is sent.
    pub(in crate::web) fn action(&self) -> String {
        links::stream_list(&StreamListQuery::all(self.list.query.project.clone()))
    }

    /// Whether the rows are of more than one project.
    pub(in crate::web) fn has_projects(&self) -> bool {
        self.list.query.project.is_none()
    }

    pub(in crate::web) fn is_filtered(&self) -> bool {
        let query = &self.list.query;
        !query.text.is_empty()
            || !query.project_text.is_empty()
            || query.state.is_some()
            || query.usage.is_some()
    }

    pub(in crate::web) fn name_column(&self) -> Column {
        self.column(StreamListSort::Name)
    }

    pub(in crate::web) fn tag_count_column(&self) -> Column {
        self.column(StreamListSort::Tags)
    }

    pub(in crate::web) fn last_push_column(&self) -> Column {
        self.column(StreamListSort::Pushed)
    }

    fn column(&self, sort: StreamListSort) -> Column {
        let query = &self.list.query;
        Column::new(
            links::stream_list_sorted(query, sort),
            (query.sort == sort).then_some(query.order),
        )
    }

    pub(in crate::web) fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::stream_list_page(&self.list.query, page)
        })
        .with_sizes(self.list.query.page_size, |page_size| {
            self.link(|query| query.page_size = page_size)
        })
    }

    /// The name of a registry.
    pub(in crate::web) fn registry_name(&self, host: &str) -> String {
        host_name(self.lang, host)
    }

    /// The links to all states that image streams are in: any first.
    pub(in crate::web) fn states(&self) -> Vec<StateLink> {
        let states = StreamState::ALL.into_iter().map(Some);
        std::iter::once(None)
            .chain(states)
            .map(|state| {
                let (text, meaning) = state_texts(self.lang, state);
                StateLink {
                    href: self.link(|query| {
                        query.state = state;
                        if state.is_none() {
                            query.usage = None;
                        }
                    }),
                    text: text.to_string(),
                    meaning: meaning.to_string(),
                    // The link to all removes the filter by use, of which the counts are.
                    count: (state.is_some() || self.list.query.usage.is_none())
                        .then(|| self.list.counts.of(state))
                        .filter(|_| self.unknown_use().is_none()),
                    is_current: self.list.query.state == state
                        && (state.is_some() || self.list.query.usage.is_none()),
                }
            })
            .enumerate()
            // A state in which there is nothing, unless it is the first or the current one.
            .filter(|(position, link)| *position == 0 || link.is_current || link.count != Some(0))
            .map(|(_, link)| link)
            .collect()
    }

    /// The links to what is in use and to what is not. None where they have no answer.
    pub(in crate::web) fn use_links(&self) -> Vec<UseLink> {
        if self.list.use_answer != UseAnswer::Known {
            return Vec::new();
        }
        let scope = self.list.usage_scope.as_ref();
        use_links(self.lang, self.list.query.usage, scope, |usage| {
            self.link(|query| query.usage = usage)
        })
    }

    /// Why the list is empty, if it is reduced by a use that is not known.
    pub(in crate::web) fn unknown_use(&self) -> Option<UseAnswer> {
        let is_unknown = self.list.query.usage.is_some() && self.list.rows.is_empty();
        let answer = self.list.use_answer;
        (is_unknown && answer != UseAnswer::Known).then_some(answer)
    }

    /// The list as it is shown.
    pub(in crate::web) fn reload_link(&self) -> String {
        links::stream_list(&self.list.query)
    }

    /// What the list is sorted by and reduced to, besides what can be typed. The filter form sends
    /// it along.
    pub(in crate::web) fn hidden_fields(&self) -> Vec<(&'static str, String)> {
        let query = &self.list.query;
        let sort = (query.sort != StreamListSort::Name).then(|| query.sort.as_str().to_owned());
        let order = (query.order != query.sort.default_order())
            .then(|| links::order_value(query.order).to_owned());
        let per_page =
            (query.page_size != PageSize::default()).then(|| query.page_size.entries().to_string());
        let state = query.state.map(|state| state.as_str().to_owned());
        let usage = query.usage.map(|usage| usage.as_str().to_owned());
        let named = [
            ("state", state),
            ("use", usage),
            ("sort", sort),
            ("order", order),
            ("per_page", per_page),
        ];
        named
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// Whether only what was typed reduces the list.
    pub(in crate::web) fn is_filtered_by_name(&self) -> bool {
        let query = &self.list.query;
        !query.text.is_empty() && query.state.is_none() && query.usage.is_none()
    }

    /// The number of streams in the list, and in total if a filter is set whose answer is known.
    pub(in crate::web) fn summary(&self) -> Message {
        if !self.is_filtered() || self.unknown_use().is_some() {
            return self
                .lang
                .msg("count-streams")
                .arg("count", self.list.visible);
        }
        self.lang
            .msg("count-streams-of")
            .arg("count", self.list.paging.total)
            .arg("all", self.list.visible)
    }

    pub(in crate::web) fn clear_filter_link(&self) -> String {
        self.link(|query| {
            query.text.clear();
            query.project_text.clear();
            query.state = None;
            query.usage = None;
        })
    }

    /// The same search in all projects.
    pub(in crate::web) fn all_projects_link(&self) -> String {
        self.link(|query| query.project = None)
    }

    /// The address of the first page of the list, with a changed query.
    fn link(&self, change: impl FnOnce(&mut StreamListQuery)) -> String {
        let mut query = StreamListQuery {
            page: 1,
            ..self.list.query.clone()
        };
        change(&mut query);
        links::stream_list(&query)
    }
}

fn state_texts(lang: Lang, state: Option<StreamState>) -> (Message, Message) {
    match state {
        None => (lang.msg("state-all"), lang.msg("state-all-meaning")),
        Some(StreamState::Failing) => {
            (lang.msg("state-failing"), lang.msg("state-failing-meaning"))
        }
        Some(StreamState::Importing) => (
            lang.msg("state-importing"),
            lang.msg("state-importing-meaning"),
        ),
        Some(StreamState::Empty) => (lang.msg("state-empty"), lang.msg("state-empty-meaning")),
    }
}

pub(in crate::web) async fn list_streams(
    caller: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    let console = caller.app();
    let list = console.stream_list(asked.into_list_query(None)).await?;
    let may_create = console.can_create_in_any(&list.projects).await;
    Ok(render_list(&caller, list, may_create, &ChangeScope::All))
}

/// As JSON the image streams of a project; in HTML a redirect to its page.
pub(in crate::web) async fn list_project_streams(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    asked: ListParams,
) -> Result<Response, WebError> {
    if caller.context.format == ResponseFormat::Html {
        let address = links::stream_list(&asked.into_list_query(Some(project)));
        return Ok(Redirect::to(&address).into_response());
    }
    let query = asked.into_list_query(Some(project.clone()));
    let list = caller.app().stream_list(query).await?;
    let scope = ChangeScope::Project(project);
    Ok(render_list(&caller, list, false, &scope))
}

fn render_list(
    caller: &SignedIn,
    list: StreamListView,
    may_create: bool,
    scope: &ChangeScope,
) -> Response {
    let title = caller.context.lang.msg("images").to_string();
    let chrome = caller
        .chrome(Area::Images, title)
        .with_live_updates(scope, list.page_revision.as_ref());
    render(
        &caller.context,
        &StreamListPage {
            chrome,
            list,
            may_create,
        },
    )
}
