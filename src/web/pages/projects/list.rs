//! `/projects`: lists the user's projects.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::projects::{ProjectList, ProjectListQuery, ProjectListSort};
use crate::app::section::UnavailableReason;
use crate::openshift::AccessRight;
use crate::web::components::{Column, MissingSections, Pager};
use crate::web::context::{ResponseFormat, SignedIn};
use crate::web::errors::WebError;
use crate::web::extractors::ListParams;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "projects/list.html")]
pub(super) struct ProjectsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    list: ProjectList,
    #[serde(skip)]
    may_request: bool,
}

impl ProjectsPage {
    fn pager(&self) -> Pager {
        Pager::new(&self.list.paging, |page| {
            links::project_list_page(&self.list.query, page)
        })
    }

    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title).when(self.may_request, |header| {
            header.with_primary(links::NEW_PROJECT, lang.msg("new-project"))
        })
    }

    fn name_column(&self) -> Column {
        self.column(ProjectListSort::Name)
    }

    fn streams_column(&self) -> Column {
        self.column(ProjectListSort::Streams)
    }

    fn last_push_column(&self) -> Column {
        self.column(ProjectListSort::Pushed)
    }

    fn column(&self, sort: ProjectListSort) -> Column {
        let query = &self.list.query;
        Column::new(
            links::project_list_sorted(query, sort),
            (query.sort == sort).then_some(query.order),
        )
    }

    /// The values of the list that the filter form sends along.
    fn hidden_fields(&self) -> Vec<(&'static str, &'static str)> {
        let query = &self.list.query;
        let sorted = (query.sort != ProjectListSort::Name).then_some(("sort", query.sort.as_str()));
        let ordered = (query.order != query.sort.default_order())
            .then_some(("order", links::order_value(query.order)));
        let system = query.with_system.then_some(("system", "show"));
        sorted.into_iter().chain(ordered).chain(system).collect()
    }

    /// The same list with or without the projects of the cluster itself.
    fn system_link(&self) -> String {
        links::project_list(&ProjectListQuery {
            with_system: !self.list.query.with_system,
            page: 1,
            ..self.list.query.clone()
        })
    }

    fn clear_filter_link(&self) -> String {
        links::project_list(&ProjectListQuery {
            text: String::new(),
            page: 1,
            ..self.list.query.clone()
        })
    }

    /// What the projects of this page lack for another reason than a right that the user lacks,
    /// which is an ordinary state.
    fn missing_access(&self) -> Option<MissingSections> {
        MissingSections::from_sections(self.list.rows.iter().map(|row| &row.access))
            .filter(|missing| missing.first.why != UnavailableReason::NotAllowed)
    }

    fn missing_streams(&self) -> Option<MissingSections> {
        MissingSections::from_sections(self.list.rows.iter().map(|row| &row.streams))
            .filter(|missing| missing.first.why != UnavailableReason::NotAllowed)
    }
}

pub(in crate::web) async fn list_projects(
    caller: SignedIn,
    asked: ListParams,
) -> Result<Response, WebError> {
    let console = caller.app();
    let query = asked.into_project_list_query(caller.context.format == ResponseFormat::Json);
    let (list, [may_request]) = tokio::join!(
        console.project_list(query),
        console.review_access([AccessRight::request_projects()])
    );
    let chrome = caller.chrome(
        Area::Projects,
        caller.context.lang.msg("projects").to_string(),
    );
    Ok(render(
        &caller.context,
        &ProjectsPage {
            chrome,
            list: list?,
            may_request,
        },
    ))
}
