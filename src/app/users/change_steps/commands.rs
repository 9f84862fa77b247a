//! The `oc` commands of a step.

use serde_json::Value;

use super::ChangeStep;
use crate::app::members::view::{RoleChange, oc_policy};
use crate::app::shell_command::ShellCommand;
use crate::openshift::{identity_json, user_json};

/// Creates an object whose name begins with `-`: `oc create` counts no names after `--`.
fn create_object(object: &Value) -> ShellCommand {
    ShellCommand::new("oc create -f -").with_input(object.to_string())
}

fn create_identity(identity: &str) -> ShellCommand {
    match identity.split_once(':') {
        Some((provider, name)) if provider.starts_with('-') => {
            create_object(&identity_json(provider, name))
        }
        _ => ShellCommand::new("oc create identity").with_operand(identity),
    }
}

impl ChangeStep {
    /// The same as `oc` commands.
    #[must_use]
    pub fn commands(&self) -> Vec<ShellCommand> {
        match self {
            Self::CreateUser { user, full_name } if user.starts_with('-') => {
                vec![create_object(&user_json(user, full_name))]
            }
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
                vec![
                    create_identity(identity),
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
            } => vec![oc_policy(RoleChange::Remove, project, subject, role)],
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn command_names_only_the_given_object() {
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
                r#"printf %s '{"apiVersion":"user.openshift.io/v1","fullName":"-x","kind":"User","metadata":{"name":"--all"}}' | oc create -f -"#,
            ),
            (
                ChangeStep::AttachIdentity {
                    user: name(),
                    identity: "-l:x".to_owned(),
                },
                r#"printf %s '{"apiVersion":"user.openshift.io/v1","kind":"Identity","providerName":"-l","providerUserName":"x"}' | oc create -f -"#,
            ),
        ] {
            assert_eq!(step.commands()[0].to_line().unwrap(), line);
        }
    }
}
