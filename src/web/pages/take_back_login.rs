//! `/projects/{project}/logins/take-back`

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;

use crate::app::credentials::{LoginRemoval, TakeBackFailed};
use crate::app::failure::{Failure, Subject};
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::InProject;
use crate::web::filters;
use crate::web::forms::{Done, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ProjectName, ServiceAccountName};

#[derive(Template, Serialize)]
#[template(path = "take-back-login.html")]
struct TakeBackPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: LoginRemoval,
    trouble: Option<Trouble>,
}

/// A name of a login that a form or an address says. What is none is not found, and nobody is asked
/// (S33).
pub(super) fn name_of(text: &str) -> Result<ServiceAccountName, Failure> {
    text.parse().map_err(|_| Failure::NotFound(Subject::Page))
}

pub(in crate::web) async fn ask(
    who: SignedIn,
    InProject(project): InProject,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = query.unwrap_or_default();
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "name");
    let name = name_of(&asked.map(|(_, value)| value).unwrap_or_default())?;
    show(&who, &project, &name, None).await
}

pub(in crate::web) async fn take_back(
    who: SignedIn,
    InProject(project): InProject,
    sent: Sent,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let name = name_of(sent.text("name"))?;
    match who.console().take_back_login(&project, &name).await {
        Ok(()) => {
            tracing::info!(user = who.user_name(), %project, login = %name, "a registry login was taken back");
            Ok(who.done(
                Done::new(lang.msg("login-taken-back").arg("name", &name)),
                &links::logins(&project),
            ))
        }
        Err(TakeBackFailed::Refused(refusal)) => {
            let trouble = Trouble::of(refusal, lang, &[], &mut Mistakes::default());
            show(&who, &project, &name, Some(trouble)).await
        }
        // The login is gone: the page needs no upstream to say so, and to offer the rest.
        Err(TakeBackFailed::Left(refusal)) => {
            let mut trouble = Trouble::of(refusal, lang, &[], &mut Mistakes::default());
            trouble.hint = lang.msg("login-left").arg("name", &name).to_string();
            Ok(answer(
                &who,
                LoginRemoval::left(project, name),
                Some(trouble),
            ))
        }
        Err(TakeBackFailed::Failure(failure)) => Err(failure.into()),
    }
}

async fn show(
    who: &SignedIn,
    project: &ProjectName,
    name: &ServiceAccountName,
    trouble: Option<Trouble>,
) -> Result<Response, Refused> {
    let view = who.console().login_removal(project, name).await?;
    Ok(answer(who, view, trouble))
}

fn answer(who: &SignedIn, view: LoginRemoval, trouble: Option<Trouble>) -> Response {
    let status = Mistakes::default().status(trouble.as_ref());
    let chrome = who.chrome(
        Area::Projects,
        who.context
            .lang
            .msg("login-take-back-title")
            .arg("name", &view.name)
            .to_string(),
    );
    page_with(
        status,
        &who.context,
        &TakeBackPage {
            chrome,
            view,
            trouble,
        },
    )
}
