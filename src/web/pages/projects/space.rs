//! `/projects/{project}/space`: what the image streams of a project take of the registry's storage.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::ProjectFrame;
use crate::app::lists::RowLimit;
use crate::app::space::{ProjectSpace, PruneQuery, SpaceSort};
use crate::web::charts::space_bar::{self, SpaceSegment};
use crate::web::components::Column;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, ProjectPath};
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};
use crate::web::space::{SpaceFigure, SpaceSubject};
use crate::web::tabs::ProjectTab;
use registry_model::ByteSize;
use registry_model::space::SpaceUse;

#[derive(Template, Serialize, ToSchema)]
#[template(path = "projects/space.html")]
pub(super) struct ProjectSpacePage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectSpace,
    #[serde(skip)]
    frame: ProjectFrame,
}

impl ProjectSpacePage {
    fn figures(&self) -> Vec<SpaceFigure> {
        let (lang, view) = (self.chrome.lang, &self.view);
        SpaceSubject::Project.figures(lang, &view.space, &view.shared)
    }

    fn segments(&self) -> Vec<SpaceSegment> {
        space_bar::bar(&self.view.space, self.view.space.total.sum())
    }

    /// The bar of a row: the longest is that of the biggest image stream.
    fn row_segments(&self, space: &SpaceUse) -> Vec<SpaceSegment> {
        let totals = self.view.streams.iter().map(|row| row.space.total.sum());
        space_bar::bar(space, totals.max().unwrap_or(ByteSize(0)))
    }

    fn column(&self, sort: SpaceSort) -> Column {
        let query = self.view.query;
        Column::new(
            links::project_space_sorted(&self.view.project, query, sort),
            (query.sort == sort).then_some(query.order),
        )
    }

    fn plan_link(&self) -> String {
        links::prune_plan(Some(&self.view.project), PruneQuery::default())
    }
}

pub(in crate::web) async fn show_project_space(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
    params: ListParams,
    limit: RowLimit,
) -> Result<Response, WebError> {
    let console = caller.app();
    let (view, frame) = tokio::join!(
        Box::pin(console.project_space(&name, params.space_query(), limit)),
        ProjectFrame::load(&caller, &name, ProjectTab::Space)
    );
    let title = format!("{} · {name}", caller.context.lang.msg("space"));
    Ok(render(
        &caller.context,
        &ProjectSpacePage {
            chrome: caller.chrome(Area::Projects, title),
            view: view?,
            frame,
        },
    ))
}
