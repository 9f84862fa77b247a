//! `/images/{project}/{stream}/settings`: the repositories of an image stream, what it imports, its
//! annotations and labels.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::header::stream_frame;
use crate::app::image_streams::{StreamActions, StreamSettings};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{PageFrame, StreamTab};
use registry_model::InternalRepository;

#[derive(Template, Serialize, ToSchema)]
#[template(path = "image_streams/settings.html")]
pub(super) struct SettingsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(skip)]
    frame: PageFrame,
    #[serde(flatten)]
    view: StreamSettings,
    #[serde(skip)]
    actions: StreamActions,
}

impl SettingsPage {
    fn has_registry(&self) -> bool {
        self.view.internal_repository != InternalRepository::NoRegistry
    }
}

pub(in crate::web) async fn show_stream_settings(
    caller: SignedIn,
    path: ImagePath,
) -> Result<Response, WebError> {
    let (project, name) = path.into_stream()?;
    let console = caller.app();
    let (view, actions) = tokio::join!(
        console.stream_settings(&project, &name),
        console.stream_actions(&project)
    );
    let (view, lang) = (view?, caller.context.lang);
    let title = format!("{} · {project}/{name}", lang.msg("settings"));
    let (of, tab) = ((&project, &name), StreamTab::Settings);
    Ok(render(
        &caller.context,
        &SettingsPage {
            chrome: caller.chrome(Area::Images, title),
            frame: stream_frame(lang, of, actions, Some(&view.facts), tab),
            view,
            actions,
        },
    ))
}
