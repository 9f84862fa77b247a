//! Requesting a new project.

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::access::project_access::grant_commands;
use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::ShellCommand;
use crate::openshift::ApiError;
use registry_model::{AccessPolicy, ProjectName};

/// The shortest name that the API server accepts for a new project ("must be at least 2 characters
/// long").
const MIN_NAME_CHARS: usize = 2;

/// A project to create.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewProject {
    /// Its name, as typed.
    pub name: String,
    /// The display name. May be empty.
    pub display_name: String,
    /// The description. May be empty.
    pub description: String,
}

impl NewProject {
    /// The name, if it is valid for a new project.
    #[must_use]
    pub fn valid_name(&self) -> Option<ProjectName> {
        if self.name.len() < MIN_NAME_CHARS {
            None
        } else {
            self.name.parse().ok()
        }
    }

    /// The same as an `oc` command, which also sets the access policy.
    #[must_use]
    pub fn shell_command(&self, policy: AccessPolicy) -> ShellCommand {
        let name = if self.name.is_empty() {
            "NAME"
        } else {
            &self.name
        };
        let texts = [
            ("--display-name", &self.display_name),
            ("--description", &self.description),
        ];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let create = texts.fold(
            ShellCommand::new("oc new-project").with_operand(name),
            |command, (option, text)| command.with_option(option, text),
        );
        grant_commands(name, policy)
            .into_iter()
            .fold(create, ShellCommand::and_then)
    }
}

impl AppForUser<'_> {
    /// Why the user may not request projects, in the administrator's words. `None`: they may.
    ///
    /// # Errors
    ///
    /// The API server cannot be reached.
    pub async fn project_request_refusal(&self) -> Result<Option<Refusal>, Failure> {
        match self.api_server.check_project_request().await {
            Ok(()) => Ok(None),
            Err(error @ ApiError::Forbidden(_)) => match ChangeError::from(error) {
                ChangeError::Refused(refusal) => Ok(Some(refusal)),
                ChangeError::Failure(failure) => Err(failure),
            },
            Err(error) => Err(Failure::from_api_error(error, PageSubject::Page)),
        }
    }

    /// Sets the access policy of a project that was just created. The refusal, if there is one: the
    /// project exists nevertheless, and is private.
    pub async fn set_new_project_access(
        &self,
        name: &ProjectName,
        policy: AccessPolicy,
    ) -> Option<Refusal> {
        if policy == AccessPolicy::Private {
            return None;
        }
        match self.set_project_access(name, policy).await {
            Ok(()) => None,
            Err(ChangeError::Refused(refusal)) => Some(refusal),
            Err(ChangeError::Failure(failure)) => {
                tracing::warn!(error = %failure, "a project was created, but its access policy could not be set");
                Some(Refusal::from_reason(RefusalReason::Uncertain))
            }
        }
    }

    /// Creates the project, which the user administers.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn create_project(&self, request: &NewProject) -> Result<(), ChangeError> {
        let made = self
            .api_server
            .request_project(&request.name, &request.display_name, &request.description)
            .await;
        self.invalidate_rights();
        Ok(made?)
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessPolicy, NewProject};

    fn named(name: &str) -> NewProject {
        NewProject {
            name: name.to_owned(),
            ..NewProject::default()
        }
    }

    fn line(project: &NewProject, policy: AccessPolicy) -> String {
        project.shell_command(policy).to_line().unwrap()
    }

    #[test]
    fn project_name_follows_the_api_servers_rule() {
        for good in ["ab", "team-a", "0", &"x".repeat(63)] {
            assert_eq!(named(good).valid_name().is_some(), good.len() > 1, "{good}");
        }
        for bad in [
            "",
            "a",
            "A-b",
            "a_b",
            "-ab",
            "ab-",
            "a b",
            "a.b",
            "é1",
            &"x".repeat(64),
        ] {
            assert!(named(bad).valid_name().is_none(), "{bad}");
        }
    }

    #[test]
    fn command_contains_the_form_values() {
        assert_eq!(
            line(&NewProject::default(), AccessPolicy::Private),
            "oc new-project NAME"
        );
        let request = NewProject {
            display_name: "It's ours".to_owned(),
            description: "$(x)".to_owned(),
            ..named("ours")
        };
        assert_eq!(
            line(&request, AccessPolicy::Private),
            r#"oc new-project ours --display-name="It's ours" --description='$(x)'"#
        );
    }

    #[test]
    fn command_grants_what_the_policy_grants() {
        let shared = "oc new-project ours && oc policy add-role-to-group registry-viewer system:authenticated -n ours";
        assert_eq!(line(&named("ours"), AccessPolicy::Shared), shared);
        assert_eq!(
            line(&named("ours"), AccessPolicy::Anonymous),
            format!(
                "{shared} && oc policy add-role-to-group registry-viewer system:unauthenticated -n ours"
            )
        );
    }
}
