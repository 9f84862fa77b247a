//! Changing the display name and the description of a project.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::change::ChangeError;
use crate::app::failure::{Failure, PageSubject};
use crate::app::shell_command::{ShellCommand, ShellWord};
use crate::openshift::{AccessRight, ProjectChange, VersionedProject};
use registry_model::{Project, ProjectName};

/// A project whose texts are to be changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectEdit {
    /// As it is now.
    pub project: Project,
    /// Its resource version.
    pub version: String,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
}

/// The new texts of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProjectFields {
    /// The display name. `None`: unchanged.
    pub display_name: Option<String>,
    /// The description. `None`: unchanged.
    pub description: Option<String>,
    /// The resource version that the user saw. `None`: any.
    pub seen: Option<String>,
}

impl ProjectEdit {
    /// The current texts.
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
    /// The same as an `oc` command.
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
    /// The current project.
    ///
    /// # Errors
    ///
    /// The failure to read it: forbidden also if it does not exist.
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

    /// Changes the texts, unless the project was changed since the user saw it.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
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
        // The user's projects are cached with their texts.
        self.invalidate_rights();
        Ok(changed?)
    }
}
