//! `/projects/{project}`: a project with its image streams.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::ProjectActions;
use crate::app::live::ChangeScope;
use crate::app::projects::ProjectView;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, ProjectPath};
use crate::web::filters;
use crate::web::page_header::PageHeader;
use crate::web::pages::image_streams::list::StreamTable;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{ProjectTab, Tabs};

#[derive(Template, Serialize)]
#[template(path = "projects/show.html")]
struct ProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectView,
    #[serde(skip)]
    actions: ProjectActions,
}

impl ProjectPage {
    fn header(&self) -> PageHeader {
        self.actions
            .header(self.chrome.lang, &self.view.project.name)
    }

    fn tabs(&self) -> Tabs {
        Tabs::for_project(
            self.chrome.lang,
            &self.view.project.name,
            ProjectTab::ImageStreams,
        )
    }

    /// The list of image streams, unless it is missing.
    fn table(&self) -> Option<StreamTable<'_>> {
        let list = self.view.streams.ready()?;
        Some(StreamTable::new(self.chrome.lang, list))
    }
}

pub(in crate::web) async fn show_project(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
    params: ListParams,
) -> Result<Response, WebError> {
    let console = caller.app();
    let query = params.into_list_query(Some(name.clone()));
    let (view, actions) = tokio::join!(
        console.project(&name, query),
        ProjectActions::load(&caller, &name)
    );
    let view = view?;
    let chrome = caller
        .chrome(Area::Projects, name.as_str())
        .with_live_updates(&ChangeScope::Project(name), view.page_revision.as_ref());
    Ok(render(
        &caller.context,
        &ProjectPage {
            chrome,
            view,
            actions,
        },
    ))
}
