//! Taking a login back. The service account goes first: with it the token dies. What is left then
//! is a name in bindings.

use serde::Serialize;

use super::{Credential, CredentialRight, is_managed_by_console, service_account_subject};
use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::section::{OPTIONAL_TIMEOUT, Section, UnavailableReason, with_timeout};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{AccessRight, ApiError};
use registry_model::{ProjectName, RoleBinding, ServiceAccountName};

/// What taking a login back would mean.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialRevocation {
    pub project: ProjectName,
    pub name: ServiceAccountName,
    /// The login; none where only bindings still name it.
    pub login: Option<Credential>,
    /// The roles that it has in the project.
    pub roles: Section<Vec<String>>,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// The same in a terminal.
    pub oc: Vec<ShellCommand>,
}

/// Why a login was not taken back, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum RevokeCredentialError {
    /// It is as it was.
    #[error("it is as it was")]
    Refused(Refusal),
    /// The login is gone, its name is still in bindings.
    #[error("its name is still in bindings")]
    BindingsRemain(Refusal),
    /// There is no form to come back to.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl CredentialRevocation {
    /// What is left to do when the login is gone and a binding still names it.
    #[must_use]
    pub fn cleanup_only(project: ProjectName, name: ServiceAccountName) -> Self {
        let oc = CredentialRight::ALL
            .map(|right| remove_role_command(right.cluster_role(), name.as_str(), project.as_str()))
            .to_vec();
        let roles = Section::unavailable(Upstream::Master, UnavailableReason::Unreachable);
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

impl AppForUser<'_> {
    /// What taking back this login would mean.
    ///
    /// # Errors
    ///
    /// There is no such login, or the master does not answer.
    pub async fn credential_revocation(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
    ) -> Result<CredentialRevocation, Failure> {
        let (found, bindings, [allowed]) = tokio::join!(
            self.api_server.get_service_account(project, name),
            with_timeout(
                OPTIONAL_TIMEOUT,
                Upstream::Master,
                self.api_server.list_role_bindings(project)
            ),
            self.review_access([AccessRight::delete_service_accounts(project)]),
        );
        let who = service_account_subject(project, name);
        let names = |binding: &&RoleBinding| binding.subjects.contains(&who);
        let roles: Section<Vec<String>> = bindings.map(|bindings| {
            bindings
                .iter()
                .filter(names)
                .map(|binding| binding.role.clone())
                .collect()
        });
        let login = match found {
            Ok(account) if is_managed_by_console(&account) => {
                Some(Credential::from_service_account(&account))
            }
            Err(ApiError::NotFound) if roles.ready().is_some_and(|roles| !roles.is_empty()) => None,
            Ok(_) => return Err(Failure::NotFound(PageSubject::Page)),
            Err(error) => return Err(Failure::from_api_error(error, PageSubject::Page)),
        };
        let remove = CredentialRight::ALL
            .map(CredentialRight::cluster_role)
            .into_iter();
        let remove = remove.filter(|role| {
            roles
                .ready()
                .is_some_and(|roles| roles.iter().any(|has| has == role))
        });
        let (account, of) = (name.as_str(), project.as_str());
        let mut oc = vec![
            ShellCommand::new("oc delete sa")
                .with_operand(account)
                .with_option("-n", of),
        ];
        oc.extend(remove.map(|role| remove_role_command(role, account, of)));
        Ok(CredentialRevocation {
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
    /// [`RevokeCredentialError::BindingsRemain`] where the login is gone and a binding still names
    /// it: doing it again does the rest.
    pub async fn revoke_credential(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
    ) -> Result<(), RevokeCredentialError> {
        match self.api_server.get_service_account(project, name).await {
            Ok(account) if is_managed_by_console(&account) => {
                match self
                    .api_server
                    .delete_service_account(project, &account)
                    .await
                    .map_err(ChangeError::from)
                {
                    Ok(()) => {}
                    Err(ChangeError::Refused(refusal)) => {
                        return Err(RevokeCredentialError::Refused(refusal));
                    }
                    Err(ChangeError::Failure(failure)) => return Err(failure.into()),
                }
            }
            Ok(_) => return Err(Failure::NotFound(PageSubject::Page).into()),
            Err(ApiError::NotFound) => {}
            Err(error) => return Err(Failure::from_api_error(error, PageSubject::Page).into()),
        }
        for role in CredentialRight::ALL.map(CredentialRight::cluster_role) {
            match self
                .remove_role(project, &service_account_subject(project, name), role)
                .await
            {
                Ok(()) => {}
                Err(ChangeError::Refused(refusal)) => {
                    return Err(RevokeCredentialError::BindingsRemain(refusal));
                }
                Err(ChangeError::Failure(failure)) => return Err(failure.into()),
            }
        }
        Ok(())
    }
}

/// `oc policy` that takes a role from a service account.
fn remove_role_command(role: &str, account: &str, project: &str) -> ShellCommand {
    ShellCommand::new("oc policy remove-role-from-user")
        .with_operand(role)
        .with_option("-z", account)
        .with_option("-n", project)
}
