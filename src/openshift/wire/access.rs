//! Access reviews and role bindings.

use serde::Deserialize;

use super::meta::{Meta, filled, or_default};
use crate::model::{self, ProjectName, Subject, SubjectKind};
use crate::openshift::access;

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
}

impl SelfReview {
    pub(in crate::openshift) fn allowed(&self) -> bool {
        self.status.allowed
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
        access::WhoCan { users: self.users, groups: self.groups }
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

/// `authorization.openshift.io/v1` `RoleBinding`: its role is the project's own only where the reference has a namespace, and it has kinds of
/// its own for virtual users and groups.
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

/// Whom a subject of a binding names. Nothing for a kind that nobody knows.
pub(in crate::openshift) fn subject(value: &serde_json::Value) -> Option<Subject> {
    WireSubject::deserialize(value).ok()?.into_model()
}

impl RoleBinding {
    /// The same with the project that it is of.
    pub(in crate::openshift) fn into_placed(self) -> Option<(ProjectName, model::RoleBinding)> {
        let project = self.metadata.namespace.parse().ok()?;
        Some((project, self.into_model()?))
    }

    /// Nothing without a name and a role. Subjects of a kind that nobody knows are left out.
    pub(in crate::openshift) fn into_model(self) -> Option<model::RoleBinding> {
        let cluster_role = self.role_ref.kind == "ClusterRole";
        self.with(cluster_role)
    }

    fn with(self, cluster_role: bool) -> Option<model::RoleBinding> {
        Some(model::RoleBinding {
            name: filled(Some(self.metadata.name))?,
            role: filled(Some(self.role_ref.name))?,
            cluster_role,
            subjects: self.subjects.into_iter().filter_map(WireSubject::into_model).collect(),
        })
    }
}

impl LegacyRoleBinding {
    /// As for [`RoleBinding::into_model`].
    pub(in crate::openshift) fn into_model(self) -> Option<model::RoleBinding> {
        let cluster_role = self.0.role_ref.namespace.is_empty();
        self.0.with(cluster_role)
    }
}

impl WireSubject {
    fn into_model(self) -> Option<Subject> {
        let kind = match self.kind.as_str() {
            "User" | "SystemUser" => SubjectKind::User,
            "Group" | "SystemGroup" => SubjectKind::Group,
            "ServiceAccount" => SubjectKind::ServiceAccount,
            _ => return None,
        };
        let project = filled(self.namespace).filter(|_| kind == SubjectKind::ServiceAccount);
        Some(Subject { kind, name: filled(Some(self.name))?, project })
    }
}
