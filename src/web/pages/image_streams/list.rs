//! `/images` and `/images/{project}`: lists the image streams of all projects, or of one.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use crate::app::lists::{StreamListQuery, StreamListSort, StreamListView};
use crate::app::live::ChangeScope;
use crate::i18n::Message;
use crate::web::components::{Column, Pager};
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, ProjectPath};
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};

#[derive(Template, Serialize)]
#[template(path = "image_streams/list.html")]
struct StreamListPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    list: StreamListView,
    /// Whether the user may create image streams in the project of the list, or in any project of a
    /// list of all.
    #[serde(skip)]
    may_create: bool,
}

impl StreamListPage {
    fn name_column(&self) -> Column {
        self.column(StreamListSort::Name)
    }

    fn tag_count_column(&self) -> Column {
        self.column(StreamListSort::Tags)
    }

    fn last_push_column(&self) -> Column {
        self.column(StreamListSort::Pushed)
    }

    fn column(&self, sort: StreamListSort) -> Column {
        let query = &self.list.query;
        Column::new(
            links::stream_list_sorted(query, sort),
            (query.sort == sort).then_some(query.order),
        )
    }

    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::stream_list_page(&self.list.query, page)
        })
    }

    /// The order of the list, if it is not the default. The filter form sends it along.
    fn hidden_fields(&self) -> Vec<(&'static str, &'static str)> {
        let StreamListQuery { sort, order, .. } = self.list.query;
        let sorted = (sort != StreamListSort::Name).then_some(("sort", sort.as_str()));
        let ordered =
            (order != sort.default_order()).then_some(("order", links::order_value(order)));
        let state = self.list.query.state.map(|state| ("state", state.as_str()));
        state.into_iter().chain(sorted).chain(ordered).collect()
    }

    /// The number of streams in the list, and in total if a filter is set.
    fn summary(&self) -> Message {
        let lang = self.chrome.lang;
        if self.list.query.text.is_empty() && self.list.query.state.is_none() {
            return lang.msg("count-streams").arg("count", self.list.visible);
        }
        lang.msg("count-streams-of")
            .arg("count", self.list.paging.total)
            .arg("all", self.list.visible)
    }

    fn clear_filter_link(&self) -> String {
        links::stream_list(&StreamListQuery {
            text: String::new(),
            page: 1,
            ..self.list.query.clone()
        })
    }

    /// The same list without the filter for the state.
    fn any_state_link(&self) -> String {
        links::stream_list(&StreamListQuery {
            state: None,
            page: 1,
            ..self.list.query.clone()
        })
    }

    fn all_projects_link(&self) -> String {
        links::stream_list(&StreamListQuery {
            project: None,
            page: 1,
            ..self.list.query.clone()
        })
    }
}

pub(in crate::web) async fn list_streams(
    caller: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    if let Some(project) = asked.project().cloned()
        && caller.context.format == ResponseFormat::Html
    {
        return Ok(
            Redirect::to(&links::stream_list(&asked.into_list_query(Some(project))))
                .into_response(),
        );
    }
    render_list(&caller, asked.into_list_query(None)).await
}

pub(in crate::web) async fn list_project_streams(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    asked: ListParams,
) -> Result<Response, WebError> {
    render_list(&caller, asked.into_list_query(Some(project))).await
}

async fn render_list(caller: &SignedIn, query: StreamListQuery) -> Result<Response, WebError> {
    let project = query.project.clone();
    let console = caller.app();
    let offers = async {
        match &project {
            Some(project) => console.stream_rights(project).await.create,
            None => false,
        }
    };
    let (list, may_create_here) = tokio::join!(console.stream_list(query), offers);
    let list = list?;
    let may_create =
        may_create_here || project.is_none() && console.can_create_in_any(&list.projects).await;
    let lang = caller.context.lang;
    let title = match &list.query.project {
        Some(project) => lang
            .msg("images-title-project")
            .arg("project", project.as_str())
            .to_string(),
        None => lang.msg("images").to_string(),
    };
    let scope = project.map_or(ChangeScope::All, ChangeScope::Project);
    let chrome = caller
        .chrome(Area::Images, title)
        .with_live_updates(&scope, list.page_revision.as_ref());
    Ok(render(
        &caller.context,
        &StreamListPage {
            chrome,
            list,
            may_create,
        },
    ))
}
