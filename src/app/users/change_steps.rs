//! Changes of users and groups that take more than one call: the steps are made one after the
//! other, and a failure reports which of them were done.

mod commands;

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::failure::Failure;
use crate::app::members::role_bindings::MAX_ATTEMPTS;
use crate::openshift::ApiError;
use registry_model::{ProjectName, Subject};

/// After this time no further step begins, so that the page can report what was done.
const STEPS_TIMEOUT: Duration = Duration::from_secs(5);

/// One step of a change. Each is idempotent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "step")]
pub enum ChangeStep {
    CreateUser {
        /// The name. Untrusted, as all texts of steps.
        user: String,
        /// The full name. May be empty.
        full_name: String,
    },
    /// Updates the full name of a user.
    SaveUser {
        user: String,
        /// The full name. May be empty.
        full_name: String,
        /// The resource version from which the form was made.
        version: String,
    },
    /// Creates an identity, and maps it to a user.
    AttachIdentity {
        user: String,
        /// `provider:name`.
        identity: String,
    },
    /// Removes the mapping of an identity to a user.
    DetachIdentity {
        /// The user that it is mapped to.
        user: String,
        /// `provider:name`.
        identity: String,
    },
    /// Removes a user from a group.
    LeaveGroup {
        user: String,
        group: String,
    },
    /// Removes a role of the registry.
    LoseRole {
        who: Subject,
        project: ProjectName,
        role: String,
    },
    DeleteIdentity {
        /// `provider:name`.
        identity: String,
    },
    DeleteUser {
        user: String,
    },
    DeleteGroup {
        group: String,
    },
}

/// A change that stopped half-way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnfinishedChange {
    pub done: Vec<ChangeStep>,
    /// The steps that were not done; the first of them may have been.
    pub left: Vec<ChangeStep>,
    pub refusal: Refusal,
}

/// The result of a change in steps: `None` if all were done.
pub type ChangeStepsResult = Result<Option<UnfinishedChange>, Failure>;

impl AppForUser<'_> {
    /// Runs one step after the other, until one is refused.
    ///
    /// # Errors
    ///
    /// Only if there is no form to show again, for example because the user is no longer signed in.
    pub async fn run_steps(&self, steps: Vec<ChangeStep>) -> ChangeStepsResult {
        let begun = Instant::now();
        let mut left = steps.into_iter();
        let mut done = Vec::new();
        while let Some(step) = left.next() {
            let outcome = if begun.elapsed() > STEPS_TIMEOUT {
                Err(ChangeError::Refused(Refusal::from_reason(
                    RefusalReason::Busy,
                )))
            } else {
                self.run_step(&step).await
            };
            match outcome {
                Ok(()) => done.push(step),
                Err(ChangeError::Refused(refusal)) => {
                    return Ok(Some(UnfinishedChange {
                        done,
                        left: std::iter::once(step).chain(left).collect(),
                        refusal,
                    }));
                }
                Err(ChangeError::Failure(failure)) => return Err(failure),
            }
        }
        self.invalidate_rights();
        Ok(None)
    }

    async fn run_step(&self, step: &ChangeStep) -> Result<(), ChangeError> {
        match step {
            ChangeStep::CreateUser { user, full_name } => {
                Ok(self.api_server.create_user(user, full_name).await?)
            }
            ChangeStep::SaveUser {
                user,
                full_name,
                version,
            } => Ok(self.update_full_name(user, full_name, version).await?),
            ChangeStep::AttachIdentity { user, identity } => {
                Ok(self.attach_identity(user, identity).await?)
            }
            ChangeStep::DetachIdentity { user, identity } => {
                Ok(self.detach_identity(user, identity).await?)
            }
            ChangeStep::LeaveGroup { user, group } => ignore_not_found(
                self.change_group(group, std::slice::from_ref(user), &[])
                    .await
                    .map(|_| ()),
            ),
            ChangeStep::LoseRole {
                who: subject,
                project,
                role,
            } => self.remove_role(project, subject, role).await,
            ChangeStep::DeleteIdentity { identity } => {
                ignore_not_found(self.api_server.delete_identity(identity).await)
            }
            ChangeStep::DeleteUser { user } => {
                ignore_not_found(self.api_server.delete_user(user).await)
            }
            ChangeStep::DeleteGroup { group } => {
                ignore_not_found(self.api_server.delete_group(group).await)
            }
        }
    }

    async fn update_full_name(
        &self,
        name: &str,
        full_name: &str,
        version: &str,
    ) -> Result<(), ApiError> {
        let user = self.api_server.get_user(name).await?;
        let identities = user.account().identities.clone();
        self.api_server
            .update_user(user.with_changes(full_name, &identities, version))
            .await
    }

    async fn attach_identity(&self, user: &str, identity: &str) -> Result<(), ApiError> {
        match self.api_server.create_identity(identity).await {
            // The identity exists already; the mapping decides to whom it belongs.
            Ok(()) | Err(ApiError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
        match self.api_server.map_identity(identity, user).await {
            Err(ApiError::Conflict(_))
                if self
                    .api_server
                    .get_mapped_user(identity)
                    .await
                    .is_ok_and(|mapped_user| mapped_user == user) =>
            {
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn detach_identity(&self, user: &str, identity: &str) -> Result<(), ApiError> {
        match self.api_server.unmap_identity(identity).await {
            Err(ApiError::NotFound) => {}
            outcome => return outcome,
        }
        // There is no such identity, or it is not mapped to the user, and only the user names it.
        // The old console left such users.
        for _ in 1..MAX_ATTEMPTS {
            match self.remove_identity_from_user(user, identity).await {
                Err(ApiError::Conflict(_)) => {}
                outcome => return outcome,
            }
        }
        self.remove_identity_from_user(user, identity).await
    }

    async fn remove_identity_from_user(&self, name: &str, identity: &str) -> Result<(), ApiError> {
        let user = self.api_server.get_user(name).await?;
        let (full_name, version) = (
            user.account().full_name.clone().unwrap_or_default(),
            user.resource_version().to_owned(),
        );
        let remaining: Vec<String> = user
            .account()
            .identities
            .iter()
            .filter(|known| *known != identity)
            .cloned()
            .collect();
        if remaining == user.account().identities {
            return Ok(());
        }
        self.api_server
            .update_user(user.with_changes(&full_name, &remaining, &version))
            .await
    }

    /// Removes users from a group and adds others; returns those that were. Nothing is sent if the
    /// group is already so.
    ///
    /// The group is written with the resource version that was read. If another client changed it
    /// in between, the API server refuses the write, and it is read again.
    pub(in crate::app) async fn change_group(
        &self,
        group: &str,
        removed: &[String],
        added: &[String],
    ) -> Result<Vec<String>, ApiError> {
        let mut attempts = 1;
        loop {
            let found = self.api_server.get_group(group).await?;
            let members = found.group().users.clone();
            let Some(changed) = found.with_members_changed(removed, added) else {
                return Ok(Vec::new());
            };
            match self.api_server.update_group(changed).await {
                Err(ApiError::Conflict(_)) if attempts < MAX_ATTEMPTS => attempts += 1,
                Err(error) => return Err(error),
                Ok(()) => {
                    let is_member = |user: &&String| members.contains(user);
                    let removed = removed.iter().filter(is_member);
                    let added = added.iter().filter(|user| !is_member(user));
                    return Ok(removed.chain(added).cloned().collect());
                }
            }
        }
    }
}

/// An object that does not exist any more counts as deleted.
fn ignore_not_found(outcome: Result<(), ApiError>) -> Result<(), ChangeError> {
    match outcome {
        Ok(()) | Err(ApiError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
