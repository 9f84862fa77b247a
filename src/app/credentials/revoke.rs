//! Revoking a credential. The service account is deleted first, which makes the token unusable;
//! then its bindings are removed.

use serde::Serialize;

use super::{Credential, CredentialRight, is_managed_by_console, service_account_subject};
use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal};
use crate::app::failure::{Failure, PageSubject, Upstream};
use crate::app::section::{Section, UnavailableReason, optional};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{AccessRight, ApiError};
use registry_model::{ProjectName, RoleBinding, ServiceAccountName};

/// What revoking a credential would do.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialRevocation {
    pub project: ProjectName,
    pub name: ServiceAccountName,
    /// The credential; `None` if only bindings still name it.
    pub login: Option<Credential>,
    /// The roles that it has in the project.
    pub roles: Section<Vec<String>>,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
    /// The same as `oc` commands.
    pub oc: Vec<ShellCommand>,
}

/// Why a credential was not revoked, or not completely.
#[derive(Debug, thiserror::Error)]
pub enum RevokeCredentialError {
    /// Nothing was changed.
    #[error("nothing was changed")]
    Refused(Refusal),
    /// The credential is revoked, but bindings still name it.
    #[error("bindings still name the credential")]
    BindingsRemain(Refusal),
    /// The request ends in a failure of the page: there is no form to show again.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl CredentialRevocation {
    /// The commands that remove the bindings that remain.
    #[must_use]
    pub fn cleanup_only(project: ProjectName, name: ServiceAccountName) -> Self {
        let oc = CredentialRight::ALL
            .map(|right| remove_role_command(right.cluster_role(), name.as_str(), project.as_str()))
            .to_vec();
        let roles = Section::unavailable(Upstream::ApiServer, UnavailableReason::Unreachable);
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
    /// What revoking this credential would do.
    ///
    /// # Errors
    ///
    /// There is no such credential, or the API server does not answer.
    pub async fn credential_revocation(
        &self,
        project: &ProjectName,
        name: &ServiceAccountName,
    ) -> Result<CredentialRevocation, Failure> {
        let (found, bindings, [allowed]) = tokio::join!(
            self.api_server.get_service_account(project, name),
            optional(self.api_server.list_role_bindings(project)),
            self.review_access([AccessRight::delete_service_accounts(project)]),
        );
        let subject = service_account_subject(project, name);
        let names = |binding: &&RoleBinding| binding.subjects.contains(&subject);
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

    /// Revokes a credential. If it is revoked already, the bindings that remain are removed.
    ///
    /// # Errors
    ///
    /// [`RevokeCredentialError::BindingsRemain`] if the credential is revoked and a binding still
    /// names it: revoking it again does the rest.
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

/// The `oc policy` command that removes a role from a service account.
fn remove_role_command(role: &str, account: &str, project: &str) -> ShellCommand {
    ShellCommand::new("oc policy remove-role-from-user")
        .with_operand(role)
        .with_option("-z", account)
        .with_option("-n", project)
}
