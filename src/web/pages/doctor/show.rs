//! `/doctor`: the findings of the doctor with their remediations.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::doctor::CheckResult;
use crate::app::failure::Failure;
use crate::web::context::SignedIn;
use crate::web::doctor::{FindingGroup, FindingsReport};
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};
use crate::web::tabs::{AdministrationTab, Tabs};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "doctor/show.html")]
pub(super) struct DoctorPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    report: FindingsReport,
}

impl DoctorPage {
    fn header(&self) -> PageHeader {
        PageHeader::new(&self.chrome.title)
    }

    /// The tabs of the administration, for a user who can open the others.
    fn tabs(&self) -> Option<Tabs> {
        let tabs = Tabs::for_administration(self.chrome.lang, AdministrationTab::Diagnostics);
        self.chrome.links_administration.then_some(tabs)
    }

    fn passed_groups(&self) -> Vec<FindingGroup<'_>> {
        self.report.passed_groups(self.chrome.lang)
    }

    fn report_text(&self) -> String {
        self.report.as_text(self.chrome.lang)
    }
}

pub(in crate::web) async fn show_doctor(caller: SignedIn) -> Result<Response, WebError> {
    caller.check_doctor().await?;
    let findings = caller.run_doctor().await;
    if findings
        .iter()
        .any(|finding| finding.id == "user" && finding.what == CheckResult::TokenRefused)
    {
        return Err(Failure::SignInRequired.into());
    }
    let lang = caller.context.lang;
    let chrome = caller.chrome(Area::Administration, lang.msg("doctor").to_string());
    Ok(render(
        &caller.context,
        &DoctorPage {
            chrome,
            report: FindingsReport::new(lang, findings),
        },
    ))
}
