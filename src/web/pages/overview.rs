//! `/`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::live::Scope;
use crate::app::projects::Overview;
use crate::openshift::Access;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::filters;
use crate::web::parts::Lacking;
use crate::web::render::{Area, Chrome, page};

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
    fn access_lacking(&self) -> Option<Lacking> {
        Lacking::among(self.overview.projects.iter().map(|card| &card.access))
    }
}

/// What is mine, what is new, how do I begin.
pub(in crate::web) async fn overview(who: SignedIn) -> Result<Response, Refused> {
    let console = who.console();
    let (overview, [may_request]) = tokio::join!(
        console.overview(who.user_name()),
        console.allowed([Access::request_projects()])
    );
    let title = who.context.lang.msg("overview").to_string();
    let overview = overview?;
    let chrome = who
        .chrome(Area::Overview, title)
        .following(&Scope::All, overview.mark.as_ref());
    Ok(page(
        &who.context,
        &OverviewPage {
            chrome,
            overview,
            may_request,
        },
    ))
}
