//! `/projects/{project}`: a project with its image streams.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ProjectActions, ProjectFrame};
use crate::app::live::ChangeScope;
use crate::app::projects::{ProjectQuota, ProjectView};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, ProjectPath};
use crate::web::filters;
use crate::web::links;
use crate::web::pages::image_streams::list::StreamTable;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::ProjectTab;

#[derive(Template, Serialize, ToSchema)]
#[template(path = "projects/show.html")]
pub(super) struct ProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectView,
    quota: ProjectQuota,
    #[serde(skip)]
    frame: ProjectFrame,
}

impl ProjectPage {
    /// Where the quotas and limits are described in detail.
    fn quota_link(&self) -> String {
        format!("{}#quota", links::edit_project(&self.view.project.name))
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
    let (view, quota, actions) = tokio::join!(
        console.project(&name, query),
        Box::pin(console.project_quota(&name)),
        ProjectActions::load(&caller, &name)
    );
    let view = view?;
    let (lang, facts) = (caller.context.lang, view.facts.clone());
    let frame = actions.frame(lang, &name, ProjectTab::ImageStreams, Some(facts));
    let chrome = caller
        .chrome(Area::Projects, name.as_str())
        .with_live_updates(&ChangeScope::Project(name), view.page_revision.as_ref());
    Ok(render(
        &caller.context,
        &ProjectPage {
            chrome,
            view,
            quota,
            frame,
        },
    ))
}
