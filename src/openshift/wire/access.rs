//! Access reviews and role bindings.

use serde::Deserialize;

use super::meta::{Meta, filled, or_default};
use crate::openshift::access;
use registry_model::{self, ProjectName, Subject, SubjectKind};

/// The answer of a `SelfSubjectAccessReview`.
#[derive(Debug, Deserialize)]
pub(in crate::openshift) struct SelfReview {
    status: SubjectReview,
}

/// The answer of the old (`Local`)`SubjectAccessReview`: a `SubjectAccessReviewResponse`.
#[derive(Debug, Deserialize)]
pub(in crate::openshift) struct SubjectReview {
    /// Required: an answer without it is no "no".
    pub(in crate::openshift) allowed: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(in crate::openshift) reason: String,
    /// What kept the API server from deciding, or from deciding with all that it should.
    #[serde(default, rename = "evaluationError", deserialize_with = "or_default")]
    pub(in crate::openshift) evaluation_error: String,
}

impl SelfReview {
    pub(in crate::openshift) fn into_status(self) -> SubjectReview {
        self.status
    }
}

/// The answer of a `LocalResourceAccessReview`: a `ResourceAccessReviewResponse`.
#[derive(Debug, Deserialize)]
pub(in crate::openshift) struct WhoCan {
    #[serde(deserialize_with = "or_default")]
    users: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    groups: Vec<String>,
}

impl WhoCan {
    pub(in crate::openshift) fn into_model(self) -> access::WhoCan {
        access::WhoCan {
            users: self.users,
            groups: self.groups,
        }
    }
}

/// The `APIGroupList` of a master.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct ApiGroups {
    #[serde(deserialize_with = "or_default")]
    groups: Vec<ApiGroup>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApiGroup {
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(deserialize_with = "or_default")]
    versions: Vec<ApiVersion>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApiVersion {
    #[serde(deserialize_with = "or_default")]
    version: String,
}

impl ApiGroups {
    /// No master is without any group.
    pub(in crate::openshift) fn is_plausible(&self) -> bool {
        !self.groups.is_empty()
    }

    pub(in crate::openshift) fn serves(&self, group: &str, version: &str) -> bool {
        self.groups.iter().any(|found| {
            found.name == group && found.versions.iter().any(|found| found.version == version)
        })
    }
}

/// `rbac.authorization.k8s.io/v1` `RoleBinding`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::openshift) struct RoleBinding {
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    role_ref: RoleRef,
    #[serde(deserialize_with = "or_default")]
    subjects: Vec<WireSubject>,
}

/// `authorization.openshift.io/v1` `RoleBinding`: its role is the project's own only where the
/// reference has a namespace, and it has kinds of its own for virtual users and groups.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(in crate::openshift) struct LegacyRoleBinding(RoleBinding);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RoleRef {
    #[serde(deserialize_with = "or_default")]
    kind: String,
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(deserialize_with = "or_default")]
    namespace: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireSubject {
    #[serde(deserialize_with = "or_default")]
    kind: String,
    #[serde(deserialize_with = "or_default")]
    name: String,
    namespace: Option<String>,
}

/// Whom a subject of a binding in `project` names. Nothing for a kind that nobody knows.
pub(in crate::openshift) fn subject(value: &serde_json::Value, project: &str) -> Option<Subject> {
    WireSubject::deserialize(value).ok()?.into_model(project)
}

impl RoleBinding {
    /// The same with the project that it is of.
    pub(in crate::openshift) fn into_placed(
        self,
    ) -> Option<(ProjectName, registry_model::RoleBinding)> {
        let project = self.metadata.namespace.parse().ok()?;
        Some((project, self.into_model()?))
    }

    /// Nothing without a name and a role. Subjects of a kind that nobody knows are left out.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::RoleBinding> {
        let cluster_role = self.role_ref.kind == "ClusterRole";
        self.with(cluster_role)
    }

    fn with(self, cluster_role: bool) -> Option<registry_model::RoleBinding> {
        let project = self.metadata.namespace;
        Some(registry_model::RoleBinding {
            name: filled(Some(self.metadata.name))?,
            role: filled(Some(self.role_ref.name))?,
            cluster_role,
            subjects: self
                .subjects
                .into_iter()
                .filter_map(|subject| subject.into_model(&project))
                .collect(),
        })
    }
}

impl LegacyRoleBinding {
    /// As for [`RoleBinding::into_model`].
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::RoleBinding> {
        let cluster_role = self.0.role_ref.namespace.is_empty();
        self.0.with(cluster_role)
    }
}

impl WireSubject {
    /// A service account without a project is one of the binding's: so the older API reads it (the
    /// newer one wants it said).
    fn into_model(self, project: &str) -> Option<Subject> {
        let kind = match self.kind.as_str() {
            "User" | "SystemUser" => SubjectKind::User,
            "Group" | "SystemGroup" => SubjectKind::Group,
            "ServiceAccount" => SubjectKind::ServiceAccount,
            _ => return None,
        };
        let own = || filled(Some(project.to_owned()));
        let project = (kind == SubjectKind::ServiceAccount)
            .then(|| filled(self.namespace).or_else(own))
            .flatten();
        Some(Subject {
            kind,
            name: filled(Some(self.name))?,
            project,
        })
    }
}
