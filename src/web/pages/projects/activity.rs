//! `/projects/{project}/activity`: what changed in a project; and the parts of the activity that the
//! home page shows as well.

use askama::Template;
use axum::response::Response;
use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ProjectActions, ProjectFrame};
use crate::app::activity::{Activity, ActivityRange, ProjectActivity, PushesPerDay};
use crate::app::live::ChangeScope;
use crate::i18n::Lang;
use crate::web::components::Pager;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ListParams, ProjectPath};
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::ProjectTab;

/// The link to the activity of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web) struct RangeLink {
    pub(in crate::web) href: String,
    pub(in crate::web) text: String,
    pub(in crate::web) is_current: bool,
}

/// The links to all ranges.
pub(in crate::web) fn range_links(
    lang: Lang,
    current: ActivityRange,
    link: impl Fn(ActivityRange) -> String,
) -> Vec<RangeLink> {
    ActivityRange::ALL
        .into_iter()
        .map(|range| RangeLink {
            href: link(range),
            text: range_name(lang, range),
            is_current: range == current,
        })
        .collect()
}

fn range_name(lang: Lang, range: ActivityRange) -> String {
    match range {
        ActivityRange::SinceYesterday => lang.msg("since-yesterday").to_string(),
        ActivityRange::Week | ActivityRange::Month => lang
            .msg("last-days")
            .arg("count", usize::from(range.days()))
            .to_string(),
    }
}

/// The text alternative of the chart of pushes: its figures.
pub(in crate::web) fn pushes_label(lang: Lang, pushes: &PushesPerDay) -> String {
    lang.msg("pushes-chart")
        .arg("total", pushes.total())
        .arg("most", pushes.most())
        .arg("today", pushes.today())
        .to_string()
}

#[derive(Template, Serialize, ToSchema)]
#[template(path = "projects/activity.html")]
pub(super) struct ProjectActivityPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectActivity,
    #[serde(skip)]
    frame: ProjectFrame,
    #[serde(skip)]
    range: ActivityRange,
}

impl ProjectActivityPage {
    fn ranges(&self) -> Vec<RangeLink> {
        let project = &self.view.project.name;
        range_links(self.chrome.lang, self.range, |range| {
            links::project_activity_page(project, range, 1)
        })
    }

    fn pushes_label(&self, activity: &Activity) -> String {
        pushes_label(self.chrome.lang, &activity.pushes)
    }

    /// The first day of the chart.
    fn first_day(&self, activity: &Activity) -> String {
        let days = activity.pushes.counts.len().saturating_sub(1);
        let days = TimeDelta::days(days.try_into().unwrap_or_default());
        self.chrome.lang.day_and_month(self.chrome.now - days)
    }

    fn pager(&self, activity: &Activity) -> Pager {
        Pager::new(&activity.paging, |page| {
            links::project_activity_page(&self.view.project.name, self.range, page)
        })
    }
}

pub(in crate::web) async fn show_project_activity(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
    params: ListParams,
) -> Result<Response, WebError> {
    let (range, page) = params.activity_range_and_page();
    let console = caller.app();
    let (view, actions) = tokio::join!(
        console.project_activity(&name, range, page),
        ProjectActions::load(&caller, &name)
    );
    let view = view?;
    let (lang, facts) = (caller.context.lang, view.facts.clone());
    let frame = actions.frame(lang, &name, ProjectTab::Activity, Some(facts));
    let title = lang.msg("activity-title").arg("project", &name).to_string();
    let chrome = caller
        .chrome(Area::Projects, title)
        .with_live_updates(&ChangeScope::Project(name), view.page_revision.as_ref());
    Ok(render(
        &caller.context,
        &ProjectActivityPage {
            chrome,
            view,
            frame,
            range,
        },
    ))
}
