//! What somebody has been given, in all projects.

use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::app::AsUser;
use crate::app::failure::Upstream;
use crate::app::members::view::is_registry_role;
use crate::app::projects::MemberRole;
use crate::app::section::{EXTRA_PATIENCE, Section, within};
use crate::app::users::Step;
use crate::openshift::Error;
use registry_model::{ProjectName, RoleBinding, Subject as Who, SubjectKind, version_order};

const SIDE_BY_SIDE: usize = 8;

/// A role in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectRole {
    pub project: ProjectName,
    #[serde(flatten)]
    pub role: MemberRole,
    /// The group that it was given to. None: to the person, or the group itself.
    pub through: Option<String>,
}

/// The bindings of several projects, each with its project.
pub(in crate::app) type Placed = Vec<(ProjectName, RoleBinding)>;

impl ProjectRole {
    /// Whether the console gives this role, and takes it.
    #[must_use]
    pub fn may_go(&self) -> bool {
        self.through.is_none() && self.role.cluster_role && is_registry_role(&self.role.role)
    }

    /// Taking it from whom it was given to.
    pub(in crate::app) fn loss(&self, who: &Who) -> Step {
        Step::LoseRole {
            who: who.clone(),
            project: self.project.clone(),
            role: self.role.role.clone(),
        }
    }
}

impl AsUser<'_> {
    /// The bindings of all projects; of those of the person, where the master does not show them
    /// all.
    pub(in crate::app) async fn placed_bindings(&self) -> Section<Placed> {
        within(EXTRA_PATIENCE, Upstream::Master, async {
            match self.master.all_role_bindings().await {
                // OpenShift 3.6 has them only in its own API group.
                Err(Error::Forbidden(_) | Error::NotFound | Error::NotServed) => {
                    self.bindings_of_own_projects().await
                }
                outcome => outcome,
            }
        })
        .await
    }

    async fn bindings_of_own_projects(&self) -> Result<Placed, Error> {
        let names: Vec<ProjectName> = self
            .master
            .projects()
            .await?
            .into_iter()
            .map(|project| project.name)
            .collect();
        let each = stream::iter(names).map(|project| async move {
            let bindings = match self.master.role_bindings(&project).await {
                // Being a member is not enough to see the others.
                Err(Error::Forbidden(_)) => Vec::new(),
                outcome => outcome?,
            };
            Ok(bindings
                .into_iter()
                .map(|binding| (project.clone(), binding))
                .collect::<Vec<_>>())
        });
        let all: Vec<Result<Placed, Error>> = each.buffered(SIDE_BY_SIDE).collect().await;
        Ok(all.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// What these bindings give to `who`, and through groups.
pub(in crate::app) fn roles_of(
    who: &Who,
    groups: &[String],
    bindings: &Placed,
) -> Vec<ProjectRole> {
    let mut roles = Vec::new();
    for (project, binding) in bindings {
        for subject in &binding.subjects {
            let through = subject.kind == SubjectKind::Group && groups.contains(&subject.name);
            if subject != who && !through {
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
                through: (subject != who).then(|| subject.name.clone()),
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
