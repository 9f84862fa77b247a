//! Changes of users and groups that take more than one call: the steps are made one after the
//! other, and a failure reports which of them were done.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::change::ChangeError;
use crate::app::change::{Refusal, RefusalReason};
use crate::app::failure::Failure;
use crate::app::members::role_bindings::MAX_ATTEMPTS;
use crate::app::shell_command::ShellCommand;
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
                    .await,
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

    /// Removes users from a group and adds others. Nothing is sent if the group is already so.
    ///
    /// The group is written with the resource version that was read. If another client changed it
    /// in between, the API server refuses the write, and it is read again.
    pub(in crate::app) async fn change_group(
        &self,
        group: &str,
        removed: &[String],
        added: &[String],
    ) -> Result<(), ApiError> {
        let mut attempts = 1;
        loop {
            let Some(changed) = self
                .api_server
                .get_group(group)
                .await?
                .with_members_changed(removed, added)
            else {
                return Ok(());
            };
            match self.api_server.update_group(changed).await {
                Err(ApiError::Conflict(_)) if attempts < MAX_ATTEMPTS => attempts += 1,
                outcome => return outcome,
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

impl ChangeStep {
    /// The same as `oc` commands.
    #[must_use]
    pub fn commands(&self) -> Vec<ShellCommand> {
        match self {
            Self::CreateUser { user, full_name } if full_name.is_empty() => {
                vec![ShellCommand::new("oc create user").with_operand(user)]
            }
            Self::CreateUser { user, full_name } => {
                vec![
                    ShellCommand::new("oc create user")
                        .with_operand(user)
                        .with_option("--full-name", full_name),
                ]
            }
            Self::SaveUser {
                user, full_name, ..
            } => {
                let patch = serde_json::json!({ "fullName": full_name }).to_string();
                vec![
                    ShellCommand::new("oc patch user")
                        .with_operand(user)
                        .with_option("-p", patch),
                ]
            }
            Self::AttachIdentity { user, identity } => {
                let create = ShellCommand::new("oc create identity").with_operand(identity);
                vec![
                    create,
                    ShellCommand::new("oc create useridentitymapping")
                        .with_operand(identity)
                        .with_operand(user),
                ]
            }
            Self::DetachIdentity { identity, .. } => {
                vec![ShellCommand::new("oc delete useridentitymapping").with_operand(identity)]
            }
            Self::LeaveGroup { user, group } => vec![
                ShellCommand::new("oc adm groups remove-users")
                    .with_operand(group)
                    .with_operand(user),
            ],
            Self::LoseRole {
                who: subject,
                project,
                role,
            } => vec![crate::app::members::view::oc_policy(
                crate::app::members::view::RoleChange::Remove,
                project,
                subject,
                role,
            )],
            Self::DeleteIdentity { identity } => {
                vec![ShellCommand::new("oc delete identity").with_operand(identity)]
            }
            Self::DeleteUser { user } => {
                vec![ShellCommand::new("oc delete user").with_operand(user)]
            }
            Self::DeleteGroup { group } => {
                vec![ShellCommand::new("oc delete group").with_operand(group)]
            }
        }
    }
}

/// Whether the console uses this name for a user or group: the rule of the old console, in any
/// script. The API server accepts other names as well, but no `:`.
#[must_use]
pub fn is_valid_new_name(name: &str) -> bool {
    let ends = |c: char| c.is_alphanumeric() || "._:".contains(c);
    let starts = |c: char| c.is_alphanumeric() || "._".contains(c);
    let sound = name
        .chars()
        .all(|c| c.is_alphanumeric() || "- ,=@._:".contains(c));
    sound
        && name.starts_with(starts)
        && name.ends_with(ends)
        && !matches!(name, "." | "..")
        && name.len() <= 253
}

/// Whether this can be an identity: `provider:name` (source: `ValidateIdentityName` of origin).
#[must_use]
pub fn is_valid_identity_name(text: &str) -> bool {
    let sound = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_control() || "/%:".contains(c))
    };
    text.split_once(':')
        .is_some_and(|(provider, name)| sound(provider) && sound(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_name_validation_matches_the_old_console() {
        for good in [
            "foo@bar.com",
            "system:janitor:default",
            "Pro-Duction",
            "scruffy",
            "cn=a, dc=b",
            "_a",
            ".a",
            "a",
            "0",
            "王芳",
        ] {
            assert!(is_valid_new_name(good), "{good}");
        }
        for bad in [
            "foo ^ bar",
            "",
            "-a",
            "a-",
            ":a",
            "@a",
            "a@",
            " a",
            "<b>",
            "a/b",
            "a%2f",
            ".",
            "..",
            "~",
            "a\u{202e}b",
        ] {
            assert!(!is_valid_new_name(bad), "{bad}");
        }
    }

    #[test]
    fn identity_parses_into_provider_and_name() {
        assert!(is_valid_identity_name("htpasswd:dev") && is_valid_identity_name("ldap:Y249YQ=="));
        for bad in [
            "",
            "dev",
            ":dev",
            "htpasswd:",
            "a:b:c",
            "a:b/c",
            "a:%",
            "a:b\n",
        ] {
            assert!(!is_valid_identity_name(bad), "{bad}");
        }
    }

    #[test]
    fn commands_quote_shell_special_names() {
        let step = ChangeStep::CreateUser {
            user: "ann".to_owned(),
            full_name: "Ann $(x)".to_owned(),
        };
        assert_eq!(
            step.commands()[0].to_line().unwrap(),
            "oc create user ann --full-name='Ann $(x)'"
        );
        let step = ChangeStep::LeaveGroup {
            user: "ann b".to_owned(),
            group: "ops".to_owned(),
        };
        assert_eq!(
            step.commands()[0].to_line().unwrap(),
            "oc adm groups remove-users ops 'ann b'"
        );
    }

    #[test]
    fn delete_command_names_only_the_given_object() {
        let name = || "--all".to_owned();
        for (step, line) in [
            (
                ChangeStep::DeleteUser { user: name() },
                "oc delete user -- --all",
            ),
            (
                ChangeStep::DeleteGroup { group: name() },
                "oc delete group -- --all",
            ),
            (
                ChangeStep::DeleteIdentity {
                    identity: "-l:x".to_owned(),
                },
                "oc delete identity -- -l:x",
            ),
            (
                ChangeStep::DetachIdentity {
                    user: name(),
                    identity: name(),
                },
                "oc delete useridentitymapping -- --all",
            ),
            (
                ChangeStep::LeaveGroup {
                    user: name(),
                    group: "ops".to_owned(),
                },
                "oc adm groups remove-users -- ops --all",
            ),
            (
                ChangeStep::CreateUser {
                    user: name(),
                    full_name: "-x".to_owned(),
                },
                "oc create user --full-name=-x -- --all",
            ),
        ] {
            assert_eq!(step.commands()[0].to_line().unwrap(), line);
        }
    }
}
