//! Projects: the home page, the list, and the pages of one project.

pub(in crate::app) mod create;
pub(in crate::app) mod delete;
pub(in crate::app) mod deletion_impact;
pub(in crate::app) mod edit;
pub(in crate::app) mod facts;
pub(in crate::app) mod home;
pub(in crate::app) mod list;
pub(in crate::app) mod quota;
pub(in crate::app) mod view;

pub use create::NewProject;
pub use delete::{ProjectDeletion, StreamToDelete, StreamsToDelete};
pub use deletion_impact::DeletionImpact;
pub use edit::{ProjectEdit, ProjectFields};
pub use facts::{ProjectCounts, ProjectFacts};
pub use home::{Home, HomeCounts, ProjectCard};
pub use list::{ProjectList, ProjectListQuery, ProjectListSort, ProjectRow};
pub use quota::{ExpectedRefusal, ProjectQuota, PushLimits, StreamAtLimits, StreamsByUsage};
pub use view::{Member, MemberRole, ProjectView};

use registry_model::ProjectName;

/// Whether the project belongs to the cluster itself, as OpenShift's console decides it: `default`,
/// `openshift`, `kube-…` and `openshift-…`.
#[must_use]
pub fn is_system_project(name: &ProjectName) -> bool {
    let name = name.as_str();
    matches!(name, "default" | "openshift")
        || name.starts_with("kube-")
        || name.starts_with("openshift-")
}
