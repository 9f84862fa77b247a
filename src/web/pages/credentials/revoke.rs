//! `/projects/{project}/logins/take-back`

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
use crate::web::forms::{FieldErrors, Flash, FormData, SubmitError};
use crate::web::links;
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

/// A name of a login that a form or an address says. What is none is not found, and nobody is asked
/// (S33).
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
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "name");
    let name = parse_name(&asked.map(|(_, value)| value).unwrap_or_default())?;
    load_confirmation(&caller, &project, &name, None).await
}

pub(in crate::web) async fn revoke_credential(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let name = parse_name(form.text("name"))?;
    match caller.app().revoke_credential(&project, &name).await {
        Ok(()) => {
            tracing::info!(user = caller.user_name(), %project, credential = %name, "credential revoked");
            Ok(caller.redirect_with_flash(
                Flash::new(lang.msg("credential-revoked").arg("name", &name)),
                &links::credentials(&project),
            ))
        }
        Err(RevokeCredentialError::Refused(refusal)) => {
            let submit_error =
                SubmitError::from_change_error(refusal, lang, &[], &mut FieldErrors::default());
            load_confirmation(&caller, &project, &name, Some(submit_error)).await
        }
        // The login is gone: the page needs no upstream to say so, and to offer the rest.
        Err(RevokeCredentialError::BindingsRemain(refusal)) => {
            let mut submit_error =
                SubmitError::from_change_error(refusal, lang, &[], &mut FieldErrors::default());
            submit_error.hint = lang
                .msg("credential-revoked-role-remains")
                .arg("name", &name)
                .to_string();
            Ok(render_confirmation(
                &caller,
                CredentialRevocation::cleanup_only(project, name),
                Some(submit_error),
            ))
        }
        Err(RevokeCredentialError::Failure(failure)) => Err(failure.into()),
    }
}

async fn load_confirmation(
    caller: &SignedIn,
    project: &ProjectName,
    name: &ServiceAccountName,
    submit_error: Option<SubmitError>,
) -> Result<Response, WebError> {
    let view = caller.app().credential_revocation(project, name).await?;
    Ok(render_confirmation(caller, view, submit_error))
}

fn render_confirmation(
    caller: &SignedIn,
    view: CredentialRevocation,
    submit_error: Option<SubmitError>,
) -> Response {
    let status = FieldErrors::default().status(submit_error.as_ref());
    let chrome = caller.chrome(
        Area::Projects,
        caller
            .context
            .lang
            .msg("revoke-credential-title")
            .arg("name", &view.name)
            .to_string(),
    );
    render_with_status(
        status,
        &caller.context,
        &RevokeCredentialPage {
            chrome,
            view,
            submit_error,
        },
    )
}
