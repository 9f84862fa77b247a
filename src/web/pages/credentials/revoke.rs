//! `/projects/{project}/logins/take-back`: revokes a credential.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;

use crate::app::credentials::{CredentialRevocation, RevokeCredentialError};
use crate::app::failure::{Failure, PageSubject};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{ConfirmationPage, Flash, FormData, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::pages::credentials::created::header_below_credentials;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ProjectName, ServiceAccountName};

#[derive(Template, Serialize)]
#[template(path = "credentials/revoke.html")]
struct RevokeCredentialPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: CredentialRevocation,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl RevokeCredentialPage {
    fn new(
        caller: &SignedIn,
        view: CredentialRevocation,
        submit_error: Option<SubmitError>,
    ) -> Self {
        let title = caller
            .context
            .lang
            .msg("revoke-credential-title")
            .arg("name", &view.name)
            .arg("project", &view.project)
            .to_string();
        Self {
            chrome: caller.chrome(Area::Projects, title),
            view,
            submit_error,
        }
    }
}

impl RevokeCredentialPage {
    fn header(&self) -> PageHeader {
        header_below_credentials(&self.chrome, &self.view.project).with_current(&self.view.name)
    }
}

impl ConfirmationPage for RevokeCredentialPage {
    type Target = (ProjectName, ServiceAccountName);

    async fn load(
        caller: &SignedIn,
        (project, name): &Self::Target,
        submit_error: Option<SubmitError>,
    ) -> Result<Self, WebError> {
        let view = caller.app().credential_revocation(project, name).await?;
        Ok(Self::new(caller, view, submit_error))
    }
}

/// The name of a credential from a form or the query. An invalid name is not found, without a
/// request to the API server (S33).
pub(in crate::web::pages) fn parse_name(text: &str) -> Result<ServiceAccountName, Failure> {
    text.parse()
        .map_err(|_| Failure::NotFound(PageSubject::Page))
}

pub(in crate::web) async fn confirm_revoke_credential(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "name");
    let name = parse_name(&found.map(|(_, value)| value).unwrap_or_default())?;
    caller
        .confirm::<RevokeCredentialPage>(&(project, name))
        .await
}

pub(in crate::web) async fn revoke_credential(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let name = parse_name(form.text("name"))?;
    match caller.app().revoke_credential(&project, &name).await {
        Ok(()) => Ok(caller.redirect_with_flash(
            Flash::new(lang.msg("credential-revoked").arg("name", &name)),
            &links::credentials(&project),
        )),
        Err(RevokeCredentialError::Refused(refusal)) => {
            let submit_error = RevokeCredentialPage::submit_error(refusal, lang);
            caller
                .confirm_again::<RevokeCredentialPage>(&(project, name), submit_error)
                .await
        }
        // The service account is deleted; the page offers to remove the role bindings that remain.
        Err(RevokeCredentialError::BindingsRemain(refusal)) => {
            let mut submit_error = RevokeCredentialPage::submit_error(refusal, lang);
            submit_error.hint = lang
                .msg("credential-revoked-role-remains")
                .arg("name", &name)
                .to_string();
            let status = submit_error.status();
            let view = CredentialRevocation::cleanup_only(project, name);
            let page = RevokeCredentialPage::new(&caller, view, Some(submit_error));
            Ok(render_with_status(status, &caller.context, &page))
        }
        Err(RevokeCredentialError::Failure(failure)) => Err(failure.into()),
    }
}
