//! `/images/{project}/{stream}/space`: what an image stream takes of the registry's storage.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::header::stream_frame;
use crate::app::image_streams::StreamFacts;
use crate::app::lists::RowLimit;
use crate::app::space::{PruneQuery, StreamSpaceView};
use crate::web::charts::space_bar::{self, SpaceSegment};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};
use crate::web::space::{SpaceFigure, SpaceSubject};
use crate::web::tabs::{PageFrame, StreamTab};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "image_streams/space.html")]
pub(super) struct StreamSpacePage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: StreamSpaceView,
    #[serde(skip)]
    frame: PageFrame,
    #[serde(skip)]
    facts: Option<StreamFacts>,
}

impl StreamSpacePage {
    fn figures(&self) -> Vec<SpaceFigure> {
        let (lang, view) = (self.chrome.lang, &self.view);
        SpaceSubject::Stream.figures(lang, &view.space, &view.shared)
    }

    fn segments(&self) -> Vec<SpaceSegment> {
        space_bar::bar(&self.view.space, self.view.space.total.sum())
    }

    fn plan_link(&self) -> String {
        links::stream_prune_plan(&self.view.project, &self.view.stream, PruneQuery::default())
    }
}

pub(in crate::web) async fn show_stream_space(
    caller: SignedIn,
    path: ImagePath,
    limit: RowLimit,
) -> Result<Response, WebError> {
    let (project, stream) = path.into_stream()?;
    let console = caller.app();
    let (view, facts, actions) = tokio::join!(
        Box::pin(console.stream_space(&project, &stream, limit)),
        console.stream_facts(&project, &stream),
        console.stream_actions(&project)
    );
    let (lang, facts) = (caller.context.lang, facts.ok());
    let title = format!("{} · {project}/{stream}", lang.msg("space"));
    let (of, tab) = ((&project, &stream), StreamTab::Space);
    Ok(render(
        &caller.context,
        &StreamSpacePage {
            chrome: caller.chrome(Area::Images, title),
            view: view?,
            frame: stream_frame(lang, of, actions, facts.as_ref(), tab),
            facts,
        },
    ))
}
