//! Creating a credential step by step, and finishing one that was begun.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::{
    CredentialRight, LIFETIME_DAYS_ANNOTATION, MANAGED_BY_LABEL, RIGHT_ANNOTATION,
    is_managed_by_console, service_account_subject,
};
use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{ApiError, IssuedToken};
use crate::outbound::UserToken;
use registry_model::{ProjectName, ServiceAccountName};

/// The delays between polls for the token that the controller writes: a second and a half in all.
const TOKEN_POLL_DELAYS: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A credential to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewCredential {
    /// The name of its service account.
    pub name: ServiceAccountName,
    /// What the credential may do.
    pub may: CredentialRight,
    /// How many days its token is valid. `None`: until it is revoked.
    pub days: Option<u32>,
}

/// A credential that works.
#[derive(Clone, Debug)]
pub struct CreatedCredential {
    pub credential: NewCredential,
    pub token: UserToken,
    /// When the token expires, as the API server says: it may differ from the request.
    pub expires: Option<DateTime<Utc>>,
}

/// The calls that create a credential, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialStep {
    Account,
    Right,
    Token,
}

/// A credential whose creation was begun and can be finished.
#[derive(Clone, Debug)]
pub struct UnfinishedCredential {
    pub credential: NewCredential,
    /// The step that failed. Those before it are done.
    pub failed_step: CredentialStep,
    pub refusal: Refusal,
}

/// Why there is no credential.
#[derive(Debug, thiserror::Error)]
pub enum CreateCredentialError {
    #[error("nothing was created")]
    Refused(Refusal),
    /// Some of the steps were done.
    #[error("the credential is unfinished")]
    Unfinished(Box<UnfinishedCredential>),
    /// The request ends in a failure of the page: there is no form to show again.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl NewCredential {
    /// The same as `oc` commands.
    #[must_use]
    pub fn commands(&self, project: &ProjectName) -> Vec<ShellCommand> {
        let (name, project) = (self.name.as_str(), project.as_str());
        let mut commands = vec![
            ShellCommand::new("oc create sa")
                .with_operand(name)
                .with_option("-n", project),
            ShellCommand::new("oc policy add-role-to-user")
                .with_operand(self.may.cluster_role())
                .with_option("-z", name)
                .with_option("-n", project),
        ];
        if let Some(days) = self.days {
            commands.push(
                ShellCommand::new("oc create token")
                    .with_operand(name)
                    .with_option("--duration", format!("{}h", days * 24))
                    .with_option("-n", project),
            );
            return commands;
        }
        let secret = json!({ "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": { "name": self.secret_name(), "annotations": { "kubernetes.io/service-account.name": name } } });
        commands.push(
            ShellCommand::new("oc create")
                .with_option("-n", project)
                .with_flag("-f -")
                .with_input(secret.to_string()),
        );
        let secret = format!("secret/{}", self.secret_name());
        commands.push(
            ShellCommand::new("oc extract")
                .with_operand(secret)
                .with_flag("--keys=token")
                .with_flag("--to=-")
                .with_option("-n", project),
        );
        commands
    }

    /// The name of the secret of a token that does not expire.
    fn secret_name(&self) -> String {
        format!("{}-login-token", self.name)
    }

    fn unfinished_error(
        &self,
        failed: CredentialStep,
        error: ChangeError,
    ) -> CreateCredentialError {
        match error {
            ChangeError::Refused(refusal) => {
                CreateCredentialError::Unfinished(Box::new(UnfinishedCredential {
                    credential: self.clone(),
                    failed_step: failed,
                    refusal,
                }))
            }
            ChangeError::Failure(failure) => CreateCredentialError::Failure(failure),
        }
    }
}

impl AppForUser<'_> {
    /// Creates a credential.
    ///
    /// # Errors
    ///
    /// [`CreateCredentialError::Refused`] before anything was created; later
    /// [`CreateCredentialError::Unfinished`].
    pub async fn create_credential(
        &self,
        project: &ProjectName,
        request: NewCredential,
    ) -> Result<CreatedCredential, CreateCredentialError> {
        let days = request.days.map(|days| days.to_string());
        let annotations = [
            Some((RIGHT_ANNOTATION, request.may.as_str())),
            days.as_deref().map(|days| (LIFETIME_DAYS_ANNOTATION, days)),
        ];
        let annotations: Vec<(&str, &str)> = annotations.into_iter().flatten().collect();
        match self
            .api_server
            .create_service_account(project, &request.name, MANAGED_BY_LABEL, &annotations)
            .await
            .map_err(ChangeError::from)
        {
            Ok(()) => self.complete_credential(project, request).await,
            Err(ChangeError::Refused(refusal)) => Err(CreateCredentialError::Refused(refusal)),
            Err(ChangeError::Failure(failure)) => Err(failure.into()),
        }
    }

    /// Does the remaining steps of a credential whose creation was begun, and returns its token:
    /// the existing one if it does not expire, otherwise a new one.
    ///
    /// # Errors
    ///
    /// As for creating; [`Failure::NotFound`] for a service account that the console did not
    /// create.
    pub async fn finish_credential(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
    ) -> Result<CreatedCredential, CreateCredentialError> {
        let found = self
            .api_server
            .get_service_account(project, name)
            .await
            .map_err(|error| Failure::from_api_error(error, PageSubject::Page))?;
        let may = found
            .annotations
            .get(RIGHT_ANNOTATION)
            .and_then(|word| CredentialRight::parse(word));
        let Some(may) = may.filter(|_| is_managed_by_console(&found)) else {
            return Err(Failure::NotFound(PageSubject::Page).into());
        };
        let days = found
            .annotations
            .get(LIFETIME_DAYS_ANNOTATION)
            .and_then(|days| days.parse().ok());
        self.complete_credential(
            project,
            NewCredential {
                name: name.clone(),
                may,
                days,
            },
        )
        .await
    }

    /// The binding and the token. Either may exist already.
    async fn complete_credential(
        &self,
        project: &ProjectName,
        request: NewCredential,
    ) -> Result<CreatedCredential, CreateCredentialError> {
        let granted = self
            .add_role(
                project,
                &service_account_subject(project, &request.name),
                request.may.cluster_role(),
            )
            .await;
        granted.map_err(|error| request.unfinished_error(CredentialStep::Right, error))?;
        let issued = match request.days {
            Some(days) => self
                .api_server
                .request_token(project, &request.name, i64::from(days) * DAY_SECONDS)
                .await
                .map_err(ChangeError::from),
            None => self.wait_for_lasting_token(project, &request).await,
        };
        let issued =
            issued.map_err(|error| request.unfinished_error(CredentialStep::Token, error))?;
        Ok(CreatedCredential {
            credential: request,
            token: issued.token,
            expires: issued.expires_at,
        })
    }

    /// From 4.11 on no service account gets such a token automatically, before that each does. A
    /// secret that requests one gets it in every version.
    async fn wait_for_lasting_token(
        &self,
        project: &ProjectName,
        request: &NewCredential,
    ) -> Result<IssuedToken, ChangeError> {
        let (secret, account) = (request.secret_name(), &request.name);
        match self
            .api_server
            .create_token_secret(project, &secret, account)
            .await
        {
            Ok(()) => {}
            Err(ApiError::Conflict(status)) if status.reason == "AlreadyExists" => {}
            Err(error) => return Err(error.into()),
        }
        for delay in TOKEN_POLL_DELAYS {
            if let Some(issued) = self
                .api_server
                .get_secret_token(project, &secret, account)
                .await?
            {
                return Ok(issued);
            }
            tokio::time::sleep(delay).await;
        }
        let issued = self
            .api_server
            .get_secret_token(project, &secret, account)
            .await?;
        issued.ok_or_else(|| Refusal::from_reason(RefusalReason::Uncertain).into())
    }
}
