//! Taking a login back. The service account goes first: with it the token dies. What is left then
//! is a name in bindings.

use serde::Serialize;

use super::{Login, LoginRight, is_ours, robot};
use crate::app::AsUser;
use crate::app::change::{ChangeFailed, Refusal};
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::section::{EXTRA_PATIENCE, Section, Why, within};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{Access, Error};
use registry_model::{ProjectName, RoleBinding, ServiceAccountName};

/// What taking a login back would mean.
#[derive(Clone, Debug, Serialize)]
pub struct LoginRemoval {
    pub project: ProjectName,
    pub name: ServiceAccountName,
    /// The login; none where only bindings still name it.
    pub login: Option<Login>,
    /// The roles that it has in the project.
    pub roles: Section<Vec<String>>,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// The same in a terminal.
    pub oc: Vec<ShellCommand>,
}

/// Why a login was not taken back, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum TakeBackFailed {
    /// It is as it was.
    #[error("it is as it was")]
    Refused(Refusal),
    /// The login is gone, its name is still in bindings.
    #[error("its name is still in bindings")]
    Left(Refusal),
    /// There is no form to come back to.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl LoginRemoval {
    /// What is left to do when the login is gone and a binding still names it.
    #[must_use]
    pub fn left(project: ProjectName, name: ServiceAccountName) -> Self {
        let oc = LoginRight::ALL
            .map(|right| remove_role(right.role(), name.as_str(), project.as_str()))
            .to_vec();
        let roles = Section::gone(Upstream::Master, Why::Unreachable);
        Self {
            project,
            name,
            login: None,
            roles,
            allowed: true,
            oc,
        }
    }
}

impl AsUser<'_> {
    /// What taking back this login would mean.
    ///
    /// # Errors
    ///
    /// There is no such login, or the master does not answer.
    pub async fn login_removal(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
    ) -> Result<LoginRemoval, Failure> {
        let (found, bindings, [allowed]) = tokio::join!(
            self.master.service_account(project, name),
            within(
                EXTRA_PATIENCE,
                Upstream::Master,
                self.master.role_bindings(project)
            ),
            self.allowed([Access::delete_service_accounts(project)]),
        );
        let who = robot(project, name);
        let names = |binding: &&RoleBinding| binding.subjects.contains(&who);
        let roles: Section<Vec<String>> = bindings.map(|bindings| {
            bindings
                .iter()
                .filter(names)
                .map(|binding| binding.role.clone())
                .collect()
        });
        let login = match found {
            Ok(account) if is_ours(&account) => Some(Login::of(&account)),
            Err(Error::NotFound) if roles.ready().is_some_and(|roles| !roles.is_empty()) => None,
            Ok(_) => return Err(Failure::NotFound(Subject::Page)),
            Err(error) => return Err(Failure::of_master(error, Subject::Page)),
        };
        let remove = LoginRight::ALL.map(LoginRight::role).into_iter();
        let remove = remove.filter(|role| {
            roles
                .ready()
                .is_some_and(|roles| roles.iter().any(|has| has == role))
        });
        let (account, of) = (name.as_str(), project.as_str());
        let mut oc = vec![
            ShellCommand::new("oc delete sa")
                .operand(account)
                .option("-n", of),
        ];
        oc.extend(remove.map(|role| remove_role(role, account, of)));
        Ok(LoginRemoval {
            project: project.clone(),
            name: name.clone(),
            login,
            roles,
            allowed,
            oc,
        })
    }

    /// Takes a login back. One that is gone already has its name taken from the bindings.
    ///
    /// # Errors
    ///
    /// [`TakeBackFailed::Left`] where the login is gone and a binding still names it: doing it
    /// again does the rest.
    pub async fn take_back_login(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
    ) -> Result<(), TakeBackFailed> {
        match self.master.service_account(project, name).await {
            Ok(account) if is_ours(&account) => {
                match self
                    .master
                    .delete_service_account(project, &account)
                    .await
                    .map_err(ChangeFailed::from)
                {
                    Ok(()) => {}
                    Err(ChangeFailed::Refused(refusal)) => {
                        return Err(TakeBackFailed::Refused(refusal));
                    }
                    Err(ChangeFailed::Failure(failure)) => return Err(failure.into()),
                }
            }
            Ok(_) => return Err(Failure::NotFound(Subject::Page).into()),
            Err(Error::NotFound) => {}
            Err(error) => return Err(Failure::of_master(error, Subject::Page).into()),
        }
        for role in LoginRight::ALL.map(LoginRight::role) {
            match self.take_role(project, &robot(project, name), role).await {
                Ok(()) => {}
                Err(ChangeFailed::Refused(refusal)) => return Err(TakeBackFailed::Left(refusal)),
                Err(ChangeFailed::Failure(failure)) => return Err(failure.into()),
            }
        }
        Ok(())
    }
}

/// `oc policy` that takes a role from a service account.
fn remove_role(role: &str, account: &str, project: &str) -> ShellCommand {
    ShellCommand::new("oc policy remove-role-from-user")
        .operand(role)
        .option("-z", account)
        .option("-n", project)
}
