//! Who may do what in a project.

use serde::Serialize;

/// Who may pull from a project, in the three steps that the old console offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessPolicy {
    /// Members only.
    Private,
    /// Every signed-in user (`system:authenticated` may `get imagestreams/layers`).
    Shared,
    /// Everybody (`system:unauthenticated` may).
    Anonymous,
}

/// One role binding of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleBinding {
    /// The binding's own name.
    pub name: String,
    /// The role that it grants.
    pub role: String,
    /// Whether the role is the cluster's (`ClusterRole`) or the project's own (`Role`).
    pub cluster_role: bool,
    /// Who is granted it.
    pub subjects: Vec<Subject>,
}

/// Somebody that a binding names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Subject {
    /// What kind of somebody.
    pub kind: SubjectKind,
    /// The name. Untrusted.
    pub name: String,
    /// The project of a service account.
    pub project: Option<String>,
}

/// The kinds of subjects of a role binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A person.
    User,
    /// A group of people; `system:…` groups are virtual.
    Group,
    /// A robot of a project.
    ServiceAccount,
}
