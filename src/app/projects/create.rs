//! Asking for a new project.

use serde::Serialize;

use crate::app::AsUser;
use crate::app::change::{ChangeFailed, Refusal, RefusedBecause};
use crate::app::failure::{Failure, Subject};
use crate::app::shell_command::ShellCommand;
use crate::openshift::Error;
use registry_model::{AccessPolicy, ProjectName};

/// The shortest name that the master takes for a new project ("must be at least 2 characters
/// long").
const SHORTEST: usize = 2;

/// A project that somebody wants to have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewProject {
    /// Its name, as it was typed.
    pub name: String,
    /// What people call it. May be empty.
    pub display_name: String,
    /// What it is for. May be empty.
    pub description: String,
}

impl NewProject {
    /// The name, if it is one that a new project may have.
    #[must_use]
    pub fn valid_name(&self) -> Option<ProjectName> {
        if self.name.len() < SHORTEST {
            None
        } else {
            self.name.parse().ok()
        }
    }

    /// The same in a terminal.
    #[must_use]
    pub fn oc(&self) -> ShellCommand {
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
        texts.fold(
            ShellCommand::new("oc new-project").operand(name),
            |command, (option, text)| command.option(option, text),
        )
    }
}

impl AsUser<'_> {
    /// Why the person may not have a project of their own, in the administrator's words. Nothing:
    /// they may.
    ///
    /// # Errors
    ///
    /// The master cannot be asked.
    pub async fn no_new_project(&self) -> Result<Option<Refusal>, Failure> {
        match self.master.may_request_project().await {
            Ok(()) => Ok(None),
            Err(error @ Error::Forbidden(_)) => match ChangeFailed::from(error) {
                ChangeFailed::Refused(refusal) => Ok(Some(refusal)),
                ChangeFailed::Failure(failure) => Err(failure),
            },
            Err(error) => Err(Failure::of_master(error, Subject::Page)),
        }
    }

    /// Opens a project that was just created as far as wanted. What comes back is why that failed,
    /// if it did: the project is there all the same, and private.
    pub async fn open_new_project(
        &self,
        name: &ProjectName,
        policy: AccessPolicy,
    ) -> Option<Refusal> {
        if policy == AccessPolicy::Private {
            return None;
        }
        match self.set_project_access(name, policy).await {
            Ok(()) => None,
            Err(ChangeFailed::Refused(refusal)) => Some(refusal),
            Err(ChangeFailed::Failure(failure)) => {
                tracing::warn!(%failure, "a project was created, but its access policy could not be set");
                Some(Refusal::because(RefusedBecause::Uncertain))
            }
        }
    }

    /// Creates the project; the person administers it.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn create_project(&self, wanted: &NewProject) -> Result<(), ChangeFailed> {
        let made = self
            .master
            .request_project(&wanted.name, &wanted.display_name, &wanted.description)
            .await;
        self.forget_rights();
        Ok(made?)
    }
}

#[cfg(test)]
mod tests {
    use super::NewProject;

    fn named(name: &str) -> NewProject {
        NewProject {
            name: name.to_owned(),
            ..NewProject::default()
        }
    }

    #[test]
    fn a_name_has_two_to_sixty_three_lower_case_letters_digits_and_dashes() {
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
    fn the_command_holds_what_was_typed() {
        assert_eq!(
            NewProject::default().oc().line().unwrap(),
            "oc new-project NAME"
        );
        let wanted = NewProject {
            display_name: "It's ours".to_owned(),
            description: "$(x)".to_owned(),
            ..named("ours")
        };
        assert_eq!(
            wanted.oc().line().unwrap(),
            r#"oc new-project ours --display-name="It's ours" --description='$(x)'"#
        );
    }
}
