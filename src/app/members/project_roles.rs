//! The roles of a subject in all projects.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppForUser;
use crate::app::members::view::is_registry_role;
use crate::app::projects::MemberRole;
use crate::app::section::{Section, optional};
use crate::app::users::ChangeStep;
use crate::openshift::ApiError;
use registry_model::{ProjectName, RoleBinding, Subject, SubjectKind, version_order};

const MAX_CONCURRENT_PROJECTS: usize = 8;

/// A role in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectRole {
    pub project: ProjectName,
    #[serde(flatten)]
    pub role: MemberRole,
    /// The group to which it is granted. `None`: it is granted to the subject itself.
    pub through: Option<String>,
}

/// The bindings of several projects, each with its project.
pub(in crate::app) type ProjectBindings = Vec<(ProjectName, RoleBinding)>;

impl ProjectRole {
    /// Whether the console grants and removes this role.
    #[must_use]
    pub fn is_removable(&self) -> bool {
        self.through.is_none() && self.role.cluster_role && is_registry_role(&self.role.role)
    }

    /// The step that removes the role from the subject that has it.
    pub(in crate::app) fn removal_step(&self, subject: &Subject) -> ChangeStep {
        ChangeStep::LoseRole {
            who: subject.clone(),
            project: self.project.clone(),
            role: self.role.role.clone(),
        }
    }
}

impl AppForUser<'_> {
    /// The bindings of all projects; if the API server does not list them all for the user, those
    /// of the user's projects.
    pub(in crate::app) async fn bindings_by_project(&self) -> Section<ProjectBindings> {
        optional(async {
            match self.api_server.list_all_role_bindings().await {
                // OpenShift 3.6 has them only in its own API group.
                Err(ApiError::Forbidden(_) | ApiError::NotFound | ApiError::NotServed) => {
                    self.bindings_of_visible_projects().await
                }
                outcome => outcome,
            }
        })
        .await
    }

    async fn bindings_of_visible_projects(&self) -> Result<ProjectBindings, ApiError> {
        let names: Vec<ProjectName> = self
            .api_server
            .list_projects()
            .await?
            .into_iter()
            .map(|project| project.name)
            .collect();
        let each = stream::iter(names).map(|project| async move {
            let bindings = match self.api_server.list_role_bindings(&project).await {
                // Members of a project may lack the right to list its bindings.
                Err(ApiError::Forbidden(_)) => Vec::new(),
                outcome => outcome?,
            };
            Ok(bindings
                .into_iter()
                .map(|binding| (project.clone(), binding))
                .collect::<Vec<_>>())
        });
        let all: Vec<Result<ProjectBindings, ApiError>> =
            each.buffered(MAX_CONCURRENT_PROJECTS).collect().await;
        Ok(all.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// The roles that these bindings grant to `subject`, directly or through groups.
pub(in crate::app) fn subject_roles(
    subject: &Subject,
    groups: &[String],
    bindings: &ProjectBindings,
) -> Vec<ProjectRole> {
    let mut roles = Vec::new();
    for (project, binding) in bindings {
        for bound in &binding.subjects {
            let through = bound.kind == SubjectKind::Group && groups.contains(&bound.name);
            if bound != subject && !through {
                continue;
            }
            let role = MemberRole {
                role: binding.role.clone(),
                binding: binding.name.clone(),
                cluster_role: binding.cluster_role,
            };
            roles.push(ProjectRole {
                project: project.clone(),
                role,
                through: (bound != subject).then(|| bound.name.clone()),
            });
        }
    }
    roles.sort_by(|a, b| {
        version_order::compare(a.project.as_str(), b.project.as_str())
            .then_with(|| (&a.through, &a.role).cmp(&(&b.through, &b.role)))
    });
    roles.dedup();
    roles
}
