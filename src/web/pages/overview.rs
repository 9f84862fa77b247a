//! `/`: the user's projects, recent changes, and first steps.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::live::ChangeScope;
use crate::app::projects::Overview;
use crate::openshift::AccessRight;
use crate::web::components::MissingSections;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::render::{Area, Chrome, render};

#[derive(Template, Serialize)]
#[template(path = "overview.html")]
struct OverviewPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    overview: Overview,
    #[serde(skip)]
    may_request: bool,
}

impl OverviewPage {
    fn missing_access(&self) -> Option<MissingSections> {
        MissingSections::from_sections(self.overview.projects.iter().map(|card| &card.access))
    }
}

pub(in crate::web) async fn show_overview(caller: SignedIn) -> Result<Response, WebError> {
    let console = caller.app();
    let (overview, [may_request]) = tokio::join!(
        console.overview(caller.user_name()),
        console.review_access([AccessRight::request_projects()])
    );
    let title = caller.context.lang.msg("overview").to_string();
    let overview = overview?;
    let chrome = caller
        .chrome(Area::Overview, title)
        .with_live_updates(&ChangeScope::All, overview.page_revision.as_ref());
    Ok(render(
        &caller.context,
        &OverviewPage {
            chrome,
            overview,
            may_request,
        },
    ))
}
