//! Making a login, step by step, and finishing one that was begun.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::{DAYS, LoginRight, MADE_HERE, MAY, is_ours, robot};
use crate::app::AsUser;
use crate::app::change::{ChangeFailed, Refusal, RefusedBecause};
use crate::app::failure::{Failure, Subject};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{Error, IssuedToken};
use crate::outbound::UserToken;
use registry_model::{ProjectName, ServiceAccountName};

/// How long the console waits before each new look whether the controller has written the token: a
/// second and a half in all.
const WAITS: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

const DAY: i64 = 24 * 60 * 60;

/// A login that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewLogin {
    /// The name of its service account.
    pub name: ServiceAccountName,
    /// What it may do.
    pub may: LoginRight,
    /// How many days its token works. None: until it is taken back.
    pub days: Option<u32>,
}

/// A login that works.
#[derive(Clone, Debug)]
pub struct MadeLogin {
    pub wanted: NewLogin,
    pub token: UserToken,
    /// When the token ends by itself: as the master says, not as was asked.
    pub expires: Option<DateTime<Utc>>,
}

/// The calls that make a login, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginStep {
    Account,
    Right,
    Token,
}

/// A login that was begun and can be finished.
#[derive(Clone, Debug)]
pub struct UnfinishedLogin {
    pub wanted: NewLogin,
    /// The step that failed; those before it are done.
    pub failed: LoginStep,
    pub refusal: Refusal,
}

/// Why there is no login.
#[derive(Debug, thiserror::Error)]
pub enum LoginFailed {
    #[error("nothing was made")]
    Refused(Refusal),
    /// Some of it was made.
    #[error("the login is unfinished")]
    Unfinished(Box<UnfinishedLogin>),
    /// There is no form to come back to.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl NewLogin {
    /// The same in a terminal.
    #[must_use]
    pub fn commands(&self, project: &ProjectName) -> Vec<ShellCommand> {
        let (name, project) = (self.name.as_str(), project.as_str());
        let mut commands = vec![
            ShellCommand::new("oc create sa")
                .operand(name)
                .option("-n", project),
            ShellCommand::new("oc policy add-role-to-user")
                .operand(self.may.role())
                .option("-z", name)
                .option("-n", project),
        ];
        if let Some(days) = self.days {
            commands.push(
                ShellCommand::new("oc create token")
                    .operand(name)
                    .option("--duration", format!("{}h", days * 24))
                    .option("-n", project),
            );
            return commands;
        }
        let secret = json!({ "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": { "name": self.secret(), "annotations": { "kubernetes.io/service-account.name": name } } });
        commands.push(
            ShellCommand::new("oc create")
                .option("-n", project)
                .flag("-f -")
                .reading(secret.to_string()),
        );
        let secret = format!("secret/{}", self.secret());
        commands.push(
            ShellCommand::new("oc extract")
                .operand(secret)
                .flag("--keys=token")
                .flag("--to=-")
                .option("-n", project),
        );
        commands
    }

    /// The secret of a token that does not end.
    fn secret(&self) -> String {
        format!("{}-login-token", self.name)
    }

    fn unfinished(&self, failed: LoginStep, error: ChangeFailed) -> LoginFailed {
        match error {
            ChangeFailed::Refused(refusal) => LoginFailed::Unfinished(Box::new(UnfinishedLogin {
                wanted: self.clone(),
                failed,
                refusal,
            })),
            ChangeFailed::Failure(failure) => LoginFailed::Failure(failure),
        }
    }
}

impl AsUser<'_> {
    /// Makes a login.
    ///
    /// # Errors
    ///
    /// [`LoginFailed::Refused`] before anything was made; later [`LoginFailed::Unfinished`].
    pub async fn make_login(
        &self,
        project: &ProjectName,
        wanted: NewLogin,
    ) -> Result<MadeLogin, LoginFailed> {
        let days = wanted.days.map(|days| days.to_string());
        let notes = [
            Some((MAY, wanted.may.word())),
            days.as_deref().map(|days| (DAYS, days)),
        ];
        let notes: Vec<(&str, &str)> = notes.into_iter().flatten().collect();
        match self
            .master
            .create_service_account(project, &wanted.name, MADE_HERE, &notes)
            .await
            .map_err(ChangeFailed::from)
        {
            Ok(()) => self.complete(project, wanted).await,
            Err(ChangeFailed::Refused(refusal)) => Err(LoginFailed::Refused(refusal)),
            Err(ChangeFailed::Failure(failure)) => Err(failure.into()),
        }
    }

    /// Does what is missing of a login that was begun, and gives its token: of one that lasts the
    /// same again, of another a new one.
    ///
    /// # Errors
    ///
    /// As for making; [`Failure::NotFound`] for a service account that the console did not make.
    pub async fn finish_login(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
    ) -> Result<MadeLogin, LoginFailed> {
        let found = self
            .master
            .service_account(project, name)
            .await
            .map_err(|error| Failure::of_master(error, Subject::Page))?;
        let may = found
            .notes
            .get(MAY)
            .and_then(|word| LoginRight::of_word(word));
        let Some(may) = may.filter(|_| is_ours(&found)) else {
            return Err(Failure::NotFound(Subject::Page).into());
        };
        let days = found.notes.get(DAYS).and_then(|days| days.parse().ok());
        self.complete(
            project,
            NewLogin {
                name: name.clone(),
                may,
                days,
            },
        )
        .await
    }

    /// The right and the token. Either may be there already.
    async fn complete(
        &self,
        project: &ProjectName,
        wanted: NewLogin,
    ) -> Result<MadeLogin, LoginFailed> {
        let given = self
            .give_role(project, &robot(project, &wanted.name), wanted.may.role())
            .await;
        given.map_err(|error| wanted.unfinished(LoginStep::Right, error))?;
        let issued = match wanted.days {
            Some(days) => self
                .master
                .request_token(project, &wanted.name, i64::from(days) * DAY)
                .await
                .map_err(ChangeFailed::from),
            None => self.lasting_token(project, &wanted).await,
        };
        let issued = issued.map_err(|error| wanted.unfinished(LoginStep::Token, error))?;
        Ok(MadeLogin {
            wanted,
            token: issued.token,
            expires: issued.expires,
        })
    }

    /// From 4.11 on no service account is given such a token by itself, before that each is; a
    /// secret that asks for one gets it in every version.
    async fn lasting_token(
        &self,
        project: &ProjectName,
        wanted: &NewLogin,
    ) -> Result<IssuedToken, ChangeFailed> {
        let (secret, account) = (wanted.secret(), &wanted.name);
        match self
            .master
            .create_token_secret(project, &secret, account)
            .await
        {
            Ok(()) => {}
            Err(Error::Conflict(status)) if status.reason == "AlreadyExists" => {}
            Err(error) => return Err(error.into()),
        }
        for wait in WAITS {
            if let Some(issued) = self
                .master
                .token_of_secret(project, &secret, account)
                .await?
            {
                return Ok(issued);
            }
            tokio::time::sleep(wait).await;
        }
        let issued = self
            .master
            .token_of_secret(project, &secret, account)
            .await?;
        issued.ok_or_else(|| Refusal::because(RefusedBecause::Uncertain).into())
    }
}
