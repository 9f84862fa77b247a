//! Changing what a project is called and what it says about itself.

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::change::ChangeError;
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::{ShellCommand, ShellWord};
use crate::openshift::{AccessRight, ProjectChange, VersionedProject};
use registry_model::{Project, ProjectName};

/// A project whose texts somebody wants to change.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectEdit {
    /// As it is now.
    pub project: Project,
    /// Which version of it that is.
    pub version: String,
    /// Whether the master lets the person do it.
    pub allowed: bool,
}

/// The texts of a project, as they are to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProjectFields {
    /// What people call it. None: as it is.
    pub display_name: Option<String>,
    /// What it is for. None: as it is.
    pub description: Option<String>,
    /// The version of the project that the person saw. None: whatever it is.
    pub seen: Option<String>,
}

impl ProjectEdit {
    /// The texts as they are.
    #[must_use]
    pub fn fields(&self) -> ProjectFields {
        ProjectFields {
            display_name: Some(self.project.display_name.clone().unwrap_or_default()),
            description: Some(self.project.description.clone().unwrap_or_default()),
            seen: Some(self.version.clone()),
        }
    }
}

impl ProjectFields {
    /// The same in a terminal.
    #[must_use]
    pub fn shell_command(&self, project: &ProjectName) -> ShellCommand {
        let texts = [
            ("openshift.io/display-name", &self.display_name),
            ("openshift.io/description", &self.description),
        ];
        let annotations = texts
            .into_iter()
            .filter_map(|(key, text)| Some(ShellWord::assignment(key, text.as_ref()?)));
        ShellCommand::new("oc annotate --overwrite")
            .with_operand(format!("project/{project}"))
            .with_operands(annotations)
    }
}

impl AppForUser<'_> {
    /// The project as it is now.
    ///
    /// # Errors
    ///
    /// The failure to read it: forbidden also where there is none.
    pub async fn project_edit(&self, name: &ProjectName) -> Result<ProjectEdit, Failure> {
        let (found, [allowed]) = tokio::join!(
            self.api_server.get_versioned_project(name),
            self.review_access([AccessRight::update_project(name)])
        );
        let VersionedProject {
            project,
            resource_version: version,
        } = found.map_err(|error| Failure::from_api_error(error, PageSubject::Project))?;
        Ok(ProjectEdit {
            project,
            version,
            allowed,
        })
    }

    /// Changes the texts, unless the project was changed since it was seen.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn update_project(
        &self,
        name: &ProjectName,
        texts: &ProjectFields,
    ) -> Result<(), ChangeError> {
        let ProjectFields {
            display_name,
            description,
            seen,
        } = texts.clone();
        let changed = self
            .api_server
            .update_project(
                name,
                &ProjectChange {
                    display_name,
                    description,
                    seen_resource_version: seen,
                },
            )
            .await;
        // Their projects are remembered with the texts.
        self.invalidate_rights();
        Ok(changed?)
    }
}
