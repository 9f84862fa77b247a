//! Changes of users and groups that take more than one call: one step after the other, and what was
//! done where one fails.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::app::AsUser;
use crate::app::change::ChangeFailed;
use crate::app::change::{Refusal, RefusedBecause};
use crate::app::failure::Failure;
use crate::app::members::bindings::TRIES;
use crate::app::shell_command::ShellCommand;
use crate::openshift::Error;
use registry_model::{ProjectName, Subject as Who};

/// After this no further step begins: the page has to say what was done.
const PATIENCE: Duration = Duration::from_secs(5);

/// One step of a change. Each can be taken twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "step")]
pub enum Step {
    CreateUser {
        /// The name. Untrusted, as all texts of steps.
        user: String,
        /// What the person is called. May be empty.
        full_name: String,
    },
    /// Writes what a user is called.
    SaveUser {
        user: String,
        /// What the person is called. May be empty.
        full_name: String,
        /// The version that the form was made from.
        version: String,
    },
    /// Makes an identity known, and lets it stand for a user.
    AttachIdentity {
        user: String,
        /// `provider:name`.
        identity: String,
    },
    /// Lets an identity stand for nobody.
    DetachIdentity {
        /// The user that it stands for.
        user: String,
        /// `provider:name`.
        identity: String,
    },
    /// Takes a user out of a group.
    LeaveGroup {
        user: String,
        group: String,
    },
    /// Takes a role of the registry.
    LoseRole {
        who: Who,
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
pub struct Unfinished {
    pub done: Vec<Step>,
    /// What was not; the first of them may have been.
    pub left: Vec<Step>,
    pub refusal: Refusal,
}

/// What came of a change in steps: nothing where all was done.
pub type Outcome = Result<Option<Unfinished>, Failure>;

impl AsUser<'_> {
    /// Takes one step after the other, until one is refused.
    ///
    /// # Errors
    ///
    /// Only where there is no form to come back to, as when nobody is signed in any more.
    pub async fn carry_out(&self, steps: Vec<Step>) -> Outcome {
        let begun = Instant::now();
        let mut left = steps.into_iter();
        let mut done = Vec::new();
        while let Some(step) = left.next() {
            let outcome = if begun.elapsed() > PATIENCE {
                Err(ChangeFailed::Refused(Refusal::because(
                    RefusedBecause::Busy,
                )))
            } else {
                self.take(&step).await
            };
            match outcome {
                Ok(()) => done.push(step),
                Err(ChangeFailed::Refused(refusal)) => {
                    return Ok(Some(Unfinished {
                        done,
                        left: std::iter::once(step).chain(left).collect(),
                        refusal,
                    }));
                }
                Err(ChangeFailed::Failure(failure)) => return Err(failure),
            }
        }
        self.forget_rights();
        Ok(None)
    }

    async fn take(&self, step: &Step) -> Result<(), ChangeFailed> {
        match step {
            Step::CreateUser { user, full_name } => {
                Ok(self.master.create_user(user, full_name).await?)
            }
            Step::SaveUser {
                user,
                full_name,
                version,
            } => Ok(self.save_user(user, full_name, version).await?),
            Step::AttachIdentity { user, identity } => Ok(self.attach(user, identity).await?),
            Step::DetachIdentity { user, identity } => Ok(self.detach(user, identity).await?),
            Step::LeaveGroup { user, group } => gone(
                self.change_group(group, std::slice::from_ref(user), &[])
                    .await,
            ),
            Step::LoseRole { who, project, role } => self.take_role(project, who, role).await,
            Step::DeleteIdentity { identity } => gone(self.master.delete_identity(identity).await),
            Step::DeleteUser { user } => gone(self.master.delete_user(user).await),
            Step::DeleteGroup { group } => gone(self.master.delete_group(group).await),
        }
    }

    async fn save_user(&self, name: &str, full_name: &str, version: &str) -> Result<(), Error> {
        let user = self.master.user(name).await?;
        let identities = user.read().identities.clone();
        self.master
            .replace_user(user.changed(full_name, &identities, version))
            .await
    }

    async fn attach(&self, user: &str, identity: &str) -> Result<(), Error> {
        match self.master.create_identity(identity).await {
            // Known already: to whom it belongs is the next question.
            Ok(()) | Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
        match self.master.map_identity(identity, user).await {
            Err(Error::Conflict(_))
                if self
                    .master
                    .mapped_user(identity)
                    .await
                    .is_ok_and(|of| of == user) =>
            {
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn detach(&self, user: &str, identity: &str) -> Result<(), Error> {
        match self.master.unmap_identity(identity).await {
            Err(Error::NotFound) => {}
            outcome => return outcome,
        }
        // No such identity, or one that knows nothing of the user: only the user names it. The old
        // console left such.
        for _ in 1..TRIES {
            match self.strike_out(user, identity).await {
                Err(Error::Conflict(_)) => {}
                outcome => return outcome,
            }
        }
        self.strike_out(user, identity).await
    }

    async fn strike_out(&self, name: &str, identity: &str) -> Result<(), Error> {
        let user = self.master.user(name).await?;
        let (full_name, version) = (
            user.read().full_name.clone().unwrap_or_default(),
            user.version().to_owned(),
        );
        let kept: Vec<String> = user
            .read()
            .identities
            .iter()
            .filter(|known| *known != identity)
            .cloned()
            .collect();
        if kept == user.read().identities {
            return Ok(());
        }
        self.master
            .replace_user(user.changed(&full_name, &kept, &version))
            .await
    }

    /// Takes users out of a group and puts others in. Nothing is sent where that is how it is.
    ///
    /// What is read is sent back with its revision: where somebody else changed it in between the
    /// master refuses, and it is read afresh.
    pub(in crate::app) async fn change_group(
        &self,
        group: &str,
        gone: &[String],
        come: &[String],
    ) -> Result<(), Error> {
        let mut tries = 1;
        loop {
            let Some(changed) = self.master.group(group).await?.changed(gone, come) else {
                return Ok(());
            };
            match self.master.replace_group(changed).await {
                Err(Error::Conflict(_)) if tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }
}

/// What is not there any more counts as gone.
fn gone(outcome: Result<(), Error>) -> Result<(), ChangeFailed> {
    match outcome {
        Ok(()) | Err(Error::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl Step {
    /// The same in a terminal.
    #[must_use]
    pub fn commands(&self) -> Vec<ShellCommand> {
        match self {
            Self::CreateUser { user, full_name } if full_name.is_empty() => {
                vec![ShellCommand::new("oc create user").operand(user)]
            }
            Self::CreateUser { user, full_name } => {
                vec![
                    ShellCommand::new("oc create user")
                        .operand(user)
                        .option("--full-name", full_name),
                ]
            }
            Self::SaveUser {
                user, full_name, ..
            } => {
                let patch = serde_json::json!({ "fullName": full_name }).to_string();
                vec![
                    ShellCommand::new("oc patch user")
                        .operand(user)
                        .option("-p", patch),
                ]
            }
            Self::AttachIdentity { user, identity } => {
                let create = ShellCommand::new("oc create identity").operand(identity);
                vec![
                    create,
                    ShellCommand::new("oc create useridentitymapping")
                        .operand(identity)
                        .operand(user),
                ]
            }
            Self::DetachIdentity { identity, .. } => {
                vec![ShellCommand::new("oc delete useridentitymapping").operand(identity)]
            }
            Self::LeaveGroup { user, group } => vec![
                ShellCommand::new("oc adm groups remove-users")
                    .operand(group)
                    .operand(user),
            ],
            Self::LoseRole { who, project, role } => vec![crate::app::members::view::oc_policy(
                crate::app::members::view::RoleChange::Take,
                project,
                who,
                role,
            )],
            Self::DeleteIdentity { identity } => {
                vec![ShellCommand::new("oc delete identity").operand(identity)]
            }
            Self::DeleteUser { user } => vec![ShellCommand::new("oc delete user").operand(user)],
            Self::DeleteGroup { group } => {
                vec![ShellCommand::new("oc delete group").operand(group)]
            }
        }
    }
}

/// Whether the console gives somebody, or a group, this name: the old console's rule, in any
/// script. The master takes more, and less: no `:`.
#[must_use]
pub fn is_new_name(name: &str) -> bool {
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
pub fn is_identity(text: &str) -> bool {
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
    fn a_new_name_is_taken_or_refused_as_in_the_old_console() {
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
            assert!(is_new_name(good), "{good}");
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
            assert!(!is_new_name(bad), "{bad}");
        }
    }

    #[test]
    fn an_identity_has_a_provider_and_a_name() {
        assert!(is_identity("htpasswd:dev") && is_identity("ldap:Y249YQ=="));
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
            assert!(!is_identity(bad), "{bad}");
        }
    }

    #[test]
    fn the_commands_quote_what_a_shell_would_take_apart() {
        let step = Step::CreateUser {
            user: "ann".to_owned(),
            full_name: "Ann $(x)".to_owned(),
        };
        assert_eq!(
            step.commands()[0].line().unwrap(),
            "oc create user ann --full-name='Ann $(x)'"
        );
        let step = Step::LeaveGroup {
            user: "ann b".to_owned(),
            group: "ops".to_owned(),
        };
        assert_eq!(
            step.commands()[0].line().unwrap(),
            "oc adm groups remove-users ops 'ann b'"
        );
    }

    #[test]
    fn no_command_deletes_more_than_what_is_named() {
        let name = || "--all".to_owned();
        for (step, line) in [
            (Step::DeleteUser { user: name() }, "oc delete user -- --all"),
            (
                Step::DeleteGroup { group: name() },
                "oc delete group -- --all",
            ),
            (
                Step::DeleteIdentity {
                    identity: "-l:x".to_owned(),
                },
                "oc delete identity -- -l:x",
            ),
            (
                Step::DetachIdentity {
                    user: name(),
                    identity: name(),
                },
                "oc delete useridentitymapping -- --all",
            ),
            (
                Step::LeaveGroup {
                    user: name(),
                    group: "ops".to_owned(),
                },
                "oc adm groups remove-users -- ops --all",
            ),
            (
                Step::CreateUser {
                    user: name(),
                    full_name: "-x".to_owned(),
                },
                "oc create user --full-name=-x -- --all",
            ),
        ] {
            assert_eq!(step.commands()[0].line().unwrap(), line);
        }
    }
}
