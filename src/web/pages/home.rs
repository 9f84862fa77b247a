//! `/`: what there is, what changed, which imports fail, and the user's projects.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::activity::{ActivityRange, BusyProject};
use crate::app::imports::{ImportState, ImportsQuery};
use crate::app::lists::MissingProject;
use crate::app::live::ChangeScope;
use crate::app::projects::Home;
use crate::app::section::UnavailableReason;
use crate::openshift::AccessRight;
use crate::web::api::parameters::CHANGED;
use crate::web::api::{ApiContent, ApiOperation, ApiTag};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ListParams;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::projects::activity::{RangeLink, pushes_label, range_links};
use crate::web::render::{Area, Chrome, render};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "home.html")]
struct HomePage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    home: Home,
    #[serde(skip)]
    may_request: bool,
    /// Whether the user may create image streams in any project.
    #[serde(skip)]
    may_create: bool,
}

impl HomePage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title)
            .when(self.may_create, |header| {
                header.with_secondary(links::NEW_STREAM, lang.msg("stream-new"))
            })
            .when(self.may_request, |header| {
                header.with_primary(links::NEW_PROJECT, lang.msg("new-project"))
            })
    }

    fn ranges(&self) -> Vec<RangeLink> {
        range_links(
            self.chrome.lang,
            self.home.activity.range,
            links::home_activity,
        )
    }

    fn pushes_label(&self) -> String {
        pushes_label(self.chrome.lang, &self.home.activity.pushes)
    }

    /// The projects that are missing for another reason than a right that the user lacks, which is
    /// an ordinary state.
    fn unavailable_projects(&self) -> Vec<&MissingProject> {
        self.home
            .missing
            .iter()
            .filter(|missing| missing.why != UnavailableReason::NotAllowed)
            .collect()
    }

    /// The link to what changed in a project in the same range.
    fn activity_link(&self, busy: &BusyProject) -> String {
        links::project_activity_page(&busy.project, self.home.activity.range, 1)
    }

    /// The imports that fail.
    fn failing_link(&self) -> String {
        links::imports(&ImportsQuery {
            state: Some(ImportState::Failing),
            page: 1,
            ..ImportsQuery::default()
        })
    }

    /// The range that the number of pushes leads to.
    fn month(&self) -> String {
        links::home_activity(ActivityRange::Month)
    }
}

pub(in crate::web) async fn show_home(
    caller: SignedIn,
    params: ListParams,
) -> Result<Response, WebError> {
    let (range, _) = params.activity_range_and_page();
    let console = caller.app();
    let (home, [may_request]) = tokio::join!(
        console.home(range),
        console.review_access([AccessRight::request_projects()])
    );
    let home = home?;
    let may_create = console.can_create_in_any(&home.project_names).await;
    let title = caller.context.lang.msg("home").to_string();
    let chrome = caller
        .chrome(Area::Home, title)
        .with_live_updates(&ChangeScope::All, home.page_revision.as_ref());
    Ok(render(
        &caller.context,
        &HomePage {
            chrome,
            home,
            may_request,
            may_create,
        },
    ))
}

pub(in crate::web) const GET_OVERVIEW: ApiOperation = ApiOperation {
    id: "getOverview",
    path: "/",
    tag: ApiTag::Overview,
    summary: |lang| lang.msg("api-get-overview"),
    parameters: &[&CHANGED],
    answer: Some(ApiContent::json::<HomePage>()),
    ..ApiOperation::READ
};
