//! `/space`: what the images of all projects that the user sees take of the registry's storage.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::lists::RowLimit;
use crate::app::space::{OverviewQuery, PruneQuery, SpaceOverview, SpaceSort, UnusedAge};
use crate::web::charts::space_bar::{self, SpaceSegment};
use crate::web::components::Column;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ListParams;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::image_streams::list::StateLink;
use crate::web::render::{Area, Chrome, render};
use crate::web::space::{SpaceFigure, SpaceSubject};
use registry_model::ByteSize;
use registry_model::space::{SpaceSize, SpaceUse};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "space/overview.html")]
pub(super) struct SpaceOverviewPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: SpaceOverview,
}

impl SpaceOverviewPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title).below(links::HOME, lang.msg("home"))
    }

    fn figures(&self) -> Vec<SpaceFigure> {
        let nothing = SpaceSize::default();
        SpaceSubject::All.figures(self.chrome.lang, &self.view.space, &nothing)
    }

    fn segments(&self) -> Vec<SpaceSegment> {
        space_bar::bar(&self.view.space, self.view.space.total.sum())
    }

    /// The bar of a project: the longest is that of the biggest one.
    fn row_segments(&self, space: &SpaceUse) -> Vec<SpaceSegment> {
        let totals = self.view.projects.iter().map(|row| row.space.total.sum());
        space_bar::bar(space, totals.max().unwrap_or(ByteSize(0)))
    }

    /// The bar of an image stream among the biggest ones.
    fn stream_segments(&self, space: &SpaceUse) -> Vec<SpaceSegment> {
        let totals = self.view.biggest_streams.iter();
        let totals = totals.map(|row| row.space.total.sum());
        space_bar::bar(space, totals.max().unwrap_or(ByteSize(0)))
    }

    fn column(&self, sort: SpaceSort) -> Column {
        let query = self.view.query;
        Column::new(
            links::space_sorted(query, sort),
            (query.order.sort == sort).then_some(query.order.order),
        )
    }

    /// The same page, waiting longer for what was not read.
    fn rest_link(&self) -> String {
        links::all_space(OverviewQuery {
            waits: true,
            ..self.view.query
        })
    }

    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    fn plan_link(&self) -> String {
        links::prune_plan(None, PruneQuery::default())
    }

    /// For how long nothing was pushed to the image streams that nothing uses.
    fn ages(&self) -> Vec<StateLink> {
        let query = self.view.query;
        let ages = UnusedAge::ALL.into_iter();
        ages.map(|unused| {
            let text = self.chrome.lang.msg("space-unused-days");
            StateLink {
                href: links::all_space(OverviewQuery { unused, ..query }) + "#unused",
                text: text.arg("count", unused.days()).to_string(),
                meaning: String::new(),
                count: None,
                is_current: query.unused == unused,
            }
        })
        .collect()
    }
}

pub(in crate::web) async fn show_space(
    caller: SignedIn,
    params: ListParams,
    limit: RowLimit,
) -> Result<Response, WebError> {
    let console = caller.app();
    let query = OverviewQuery {
        limit,
        ..params.overview_query()
    };
    let view = Box::pin(console.space_overview(query)).await?;
    let title = caller.context.lang.msg("space").to_string();
    let chrome = caller.chrome(Area::Home, title);
    Ok(render(&caller.context, &SpaceOverviewPage { chrome, view }))
}
