//! `/doctor`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::doctor::{State, What};
use crate::app::failure::Failure;
use crate::web::context::SignedIn;
use crate::web::doctor::{Group, Report};
use crate::web::errors::Refused;
use crate::web::filters;
use crate::web::render::{Area, Chrome, page};

#[derive(Template, Serialize)]
#[template(path = "doctor.html")]
struct DoctorPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    report: Report,
}

impl DoctorPage {
    fn groups(&self) -> Vec<Group<'_>> {
        self.report.groups(self.chrome.lang)
    }
}

/// What is wrong, and what mends it.
pub(in crate::web) async fn doctor(who: SignedIn) -> Result<Response, Refused> {
    who.check_doctor().await?;
    let findings = who.examine().await;
    if findings
        .iter()
        .any(|finding| finding.id == "user" && finding.what == What::TokenRefused)
    {
        return Err(Failure::SignInRequired.into());
    }
    let lang = who.context.lang;
    let chrome = who.chrome(Area::Elsewhere, lang.msg("doctor").to_string());
    Ok(page(
        &who.context,
        &DoctorPage {
            chrome,
            report: Report::new(lang, findings),
        },
    ))
}
