//! `/images/{project}/{stream}/settings`: the repositories of an image stream, what it imports, its
//! annotations and labels.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::header::stream_header;
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::{StreamActions, StreamSettings};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ImagePath;
use crate::web::filters;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{StreamTab, Tabs};
use registry_model::InternalRepository;

#[derive(Template, Serialize)]
#[template(path = "image_streams/settings.html")]
struct SettingsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: StreamSettings,
    #[serde(skip)]
    actions: StreamActions,
}

impl SettingsPage {
    fn header(&self) -> PageHeader {
        let view = &self.view;
        stream_header(
            self.chrome.lang,
            &view.project,
            &view.name,
            self.actions,
            Some(&view.facts),
        )
    }

    fn tabs(&self) -> Tabs {
        let view = &self.view;
        Tabs::for_stream(
            self.chrome.lang,
            &view.project,
            &view.name,
            StreamTab::Settings,
        )
    }

    fn has_registry(&self) -> bool {
        self.view.internal_repository != InternalRepository::NoRegistry
    }
}

pub(in crate::web) async fn show_stream_settings(
    caller: SignedIn,
    path: ImagePath,
) -> Result<Response, WebError> {
    if path.reference.is_some() {
        return Err(Failure::NotFound(PageSubject::Page).into());
    }
    let (project, name) = (path.project, path.stream);
    let console = caller.app();
    let (view, actions) = tokio::join!(
        console.stream_settings(&project, &name),
        console.stream_actions(&project)
    );
    let title = format!("{} · {project}/{name}", caller.context.lang.msg("settings"));
    Ok(render(
        &caller.context,
        &SettingsPage {
            chrome: caller.chrome(Area::Images, title),
            view: view?,
            actions,
        },
    ))
}
