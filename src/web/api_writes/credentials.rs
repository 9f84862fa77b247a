//! Creates and revokes credentials of service accounts.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ApiJson;
use super::{created, invalid_value};
use crate::app::change::Refusal;
use crate::app::credentials::{
    CreateCredentialError, CredentialRight, NewCredential, PullSecret, RevokeCredentialError,
};
use crate::app::failure::{Failure, PageSubject};
use crate::web::context::SignedIn;
use crate::web::errors::{Problem, WebError};
use crate::web::extractors::ProjectPath;
use crate::web::forms::{MAX_SERVICE_ACCOUNT_CHARS, service_account_name_error};
use crate::web::links;
use crate::web::pages::credentials::log_credential_shown;
use registry_model::{ProjectName, ServiceAccountName};

/// The longest that a token is valid.
const MAX_DAYS: u32 = 365;

/// A credential to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct CreateCredential {
    /// The name of the service account.
    name: String,
    may: CredentialChoice,
    /// How many days the token is valid. Absent: until the credential is revoked.
    #[schema(minimum = 1, maximum = 365)]
    days: Option<u32>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::web) enum CredentialChoice {
    Pull,
    /// Push to existing image streams, and pull.
    Push,
    /// Push, also to new image streams.
    Create,
}

/// A new credential. This is the only answer of the API with a token.
#[derive(Serialize, ToSchema)]
pub(in crate::web) struct CredentialCreated {
    project: String,
    name: String,
    /// The token. It is not shown again.
    token: String,
    /// When it expires.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<DateTime<Utc>>,
    /// The hosts of the registry that it is for.
    hosts: Vec<String>,
    /// A `config.json` of Docker, or `auth.json` of Podman, with the token.
    docker_config: String,
}

/// A credential that was revoked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct CredentialRevoked {
    project: String,
    name: String,
}

impl CredentialChoice {
    fn right(self) -> CredentialRight {
        match self {
            Self::Pull => CredentialRight::Pull,
            Self::Push => CredentialRight::Push,
            Self::Create => CredentialRight::Create,
        }
    }
}

/// Creates a credential, or finishes one whose creation stopped.
pub(in crate::web) async fn create_credential(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    ApiJson(request): ApiJson<CreateCredential>,
) -> Result<Response, WebError> {
    let (app, context) = (caller.app(), &caller.context);
    let name = request.name.parse::<ServiceAccountName>().ok();
    let Some(name) = name.filter(|name| name.as_str().len() <= MAX_SERVICE_ACCOUNT_CHARS) else {
        let text = service_account_name_error(&request.name, context.lang).to_string();
        return Err(invalid_value("/name".to_owned(), text, context).into());
    };
    if request
        .days
        .is_some_and(|days| !(1..=MAX_DAYS).contains(&days))
    {
        let text = context.lang.msg("cleanup-number").arg("most", MAX_DAYS);
        return Err(invalid_value("/days".to_owned(), text.to_string(), context).into());
    }
    let wanted = NewCredential {
        name,
        may: request.may.right(),
        days: request.days,
    };
    let credential = match app.create_credential(&project, wanted).await {
        Ok(credential) => credential,
        Err(CreateCredentialError::Refused(refusal)) => {
            return Err(refused(&caller, refusal, &[("metadata.name", "name")]).into());
        }
        Err(CreateCredentialError::Unfinished(begun)) => {
            // The service account exists, and gets no token without further steps.
            let problem = Problem {
                may_have_changed: true,
                ..refused(&caller, begun.refusal, &[])
            };
            return Err(problem.into());
        }
        Err(CreateCredentialError::Failure(failure)) => return Err(failure.into()),
    };
    let hosts = app.registry_hosts(&project).await;
    let name = credential.credential.name.to_string();
    let files = PullSecret::new(hosts, &name, credential.token);
    let answer = CredentialCreated {
        project: project.to_string(),
        token: files.token.expose().to_owned(),
        expires: credential.expires,
        docker_config: files.to_docker_config(),
        hosts: files.hosts,
        name,
    };
    log_credential_shown(&caller, &project, &answer.name);
    let mut response = created(&links::credentials(&project), &answer);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Revokes a credential.
pub(in crate::web) async fn revoke_credential(
    caller: SignedIn,
    Path((project, name)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let not_found = |_| Failure::NotFound(PageSubject::Page);
    let project: ProjectName = project
        .parse()
        .map_err(|_| Failure::NotFound(PageSubject::Project))?;
    let name: ServiceAccountName = name.parse().map_err(not_found)?;
    let app = caller.app();
    // One that there is not is not found.
    app.credential_revocation(&project, &name).await?;
    match app.revoke_credential(&project, &name).await {
        Ok(()) => {
            let answer = CredentialRevoked {
                project: project.to_string(),
                name: name.to_string(),
            };
            Ok((StatusCode::OK, axum::Json(answer)).into_response())
        }
        Err(RevokeCredentialError::Refused(refusal)) => Err(refused(&caller, refusal, &[]).into()),
        Err(RevokeCredentialError::BindingsRemain(refusal)) => {
            // The token is not valid any more; revoking it again removes the role bindings.
            let lang = caller.context.lang;
            let hint = lang
                .msg("credential-revoked-role-remains")
                .arg("name", &name);
            let problem = Problem {
                hint: hint.to_string(),
                may_have_changed: true,
                ..refused(&caller, refusal, &[])
            };
            Err(problem.into())
        }
        Err(RevokeCredentialError::Failure(failure)) => Err(failure.into()),
    }
}

fn refused(caller: &SignedIn, refusal: Refusal, members: &[(&str, &'static str)]) -> Problem {
    Problem::from_refusal(refusal, members, &caller.context)
}
