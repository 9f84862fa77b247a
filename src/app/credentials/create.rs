//! Creating a credential step by step, and finishing one that was begun.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    CredentialRight, LIFETIME_DAYS_ANNOTATION, MANAGED_BY_LABEL, RIGHT_ANNOTATION,
    is_managed_by_console, service_account_subject,
};
use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{ApiError, IssuedToken, service_account_json};
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
        let create = |object: Value| {
            ShellCommand::new("oc create")
                .with_option("-n", project)
                .with_flag("-f -")
                .with_input(object.to_string())
        };
        // `oc create sa` sets neither labels nor annotations: the console would not know it.
        let account = service_account_json(&self.name, MANAGED_BY_LABEL, &self.annotations());
        let mut commands = vec![
            create(account),
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
        commands.push(create(secret));
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

    /// The annotations of the service account, which store what was requested.
    fn annotations(&self) -> BTreeMap<&'static str, String> {
        let right = (RIGHT_ANNOTATION, self.may.as_str().to_owned());
        let days = self
            .days
            .map(|days| (LIFETIME_DAYS_ANNOTATION, days.to_string()));
        std::iter::once(right).chain(days).collect()
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
        match self
            .api_server
            .create_service_account(
                project,
                &request.name,
                MANAGED_BY_LABEL,
                &request.annotations(),
            )
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(days: Option<u32>) -> Vec<String> {
        let credential = NewCredential {
            name: "robot".parse().unwrap(),
            may: CredentialRight::Pull,
            days,
        };
        credential
            .commands(&"team-a".parse().unwrap())
            .iter()
            .map(|command| command.to_line().unwrap())
            .collect()
    }

    #[test]
    fn commands_create_an_account_that_the_console_knows() {
        assert_eq!(
            lines(Some(90)),
            [
                r#"printf %s '{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"annotations":{"registry-console/days":"90","registry-console/may":"pull"},"labels":{"app.kubernetes.io/managed-by":"registry-console"},"name":"robot"}}' | oc create -n team-a -f -"#,
                "oc policy add-role-to-user system:image-puller -z robot -n team-a",
                "oc create token robot --duration=2160h -n team-a",
            ]
        );
        let lasting = lines(None);
        assert!(
            lasting[0].contains(r#""annotations":{"registry-console/may":"pull"},"#),
            "{lasting:?}"
        );
        assert_eq!(
            lasting[3],
            "oc extract secret/robot-login-token --keys=token --to=- -n team-a"
        );
    }
}
