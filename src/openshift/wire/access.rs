//! The JSON of access reviews, API groups and role bindings.

use serde::Deserialize;

use crate::openshift::access;
use crate::openshift::wire::object_meta::{WireObjectMeta, non_empty, null_to_default};
use registry_model::{self, ProjectName, Subject, SubjectKind};

/// The response to a `SelfSubjectAccessReview`.
#[derive(Debug, Deserialize)]
pub(in crate::openshift) struct WireSelfAccessReview {
    status: WireAccessReviewStatus,
}

/// The response to the older (`Local`)`SubjectAccessReview`: a `SubjectAccessReviewResponse`.
#[derive(Debug, Deserialize)]
pub(in crate::openshift) struct WireAccessReviewStatus {
    /// Required: a response without it is not a denial.
    pub(in crate::openshift) allowed: bool,
    #[serde(default, deserialize_with = "null_to_default")]
    pub(in crate::openshift) reason: String,
    /// The error that kept the API server from deciding, or from considering all rules.
    #[serde(
        default,
        rename = "evaluationError",
        deserialize_with = "null_to_default"
    )]
    pub(in crate::openshift) evaluation_error: String,
}

impl WireSelfAccessReview {
    pub(in crate::openshift) fn into_status(self) -> WireAccessReviewStatus {
        self.status
    }
}

/// The response to a `LocalResourceAccessReview`: a `ResourceAccessReviewResponse`.
#[derive(Debug, Deserialize)]
pub(in crate::openshift) struct WireResourceAccessReview {
    #[serde(deserialize_with = "null_to_default")]
    users: Vec<String>,
    #[serde(deserialize_with = "null_to_default")]
    groups: Vec<String>,
}

impl WireResourceAccessReview {
    pub(in crate::openshift) fn into_model(self) -> access::AllowedSubjects {
        access::AllowedSubjects {
            users: self.users,
            groups: self.groups,
        }
    }
}

/// The `APIGroupList` of an API server.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct ApiGroups {
    #[serde(deserialize_with = "null_to_default")]
    groups: Vec<ApiGroup>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApiGroup {
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    #[serde(deserialize_with = "null_to_default")]
    versions: Vec<ApiVersion>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApiVersion {
    #[serde(deserialize_with = "null_to_default")]
    version: String,
}

impl ApiGroups {
    /// Every API server has API groups, so an empty list is not a valid response.
    pub(in crate::openshift) fn has_groups(&self) -> bool {
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
pub(in crate::openshift) struct WireRoleBinding {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    #[serde(deserialize_with = "null_to_default")]
    role_ref: RoleRef,
    #[serde(deserialize_with = "null_to_default")]
    subjects: Vec<WireSubject>,
}

/// `authorization.openshift.io/v1` `RoleBinding`: the role is defined by the project only if the
/// reference has a namespace, and virtual users and groups have kinds of their own.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(in crate::openshift) struct WireLegacyRoleBinding(WireRoleBinding);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RoleRef {
    #[serde(deserialize_with = "null_to_default")]
    kind: String,
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    #[serde(deserialize_with = "null_to_default")]
    namespace: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireSubject {
    #[serde(deserialize_with = "null_to_default")]
    kind: String,
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    namespace: Option<String>,
}

/// The subject of a binding in `project`. `None` for an unknown kind.
pub(in crate::openshift) fn parse_subject(
    value: &serde_json::Value,
    project: &str,
) -> Option<Subject> {
    WireSubject::deserialize(value).ok()?.into_model(project)
}

impl WireRoleBinding {
    /// The role binding with its project.
    pub(in crate::openshift) fn into_model_with_project(
        self,
    ) -> Option<(ProjectName, registry_model::RoleBinding)> {
        let project = self.metadata.namespace.parse().ok()?;
        Some((project, self.into_model()?))
    }

    /// `None` without a name or a role. Subjects of unknown kinds are left out.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::RoleBinding> {
        let cluster_role = self.role_ref.kind == "ClusterRole";
        self.into_model_with_kind(cluster_role)
    }

    fn into_model_with_kind(self, cluster_role: bool) -> Option<registry_model::RoleBinding> {
        let project = self.metadata.namespace;
        Some(registry_model::RoleBinding {
            name: non_empty(Some(self.metadata.name))?,
            role: non_empty(Some(self.role_ref.name))?,
            cluster_role,
            subjects: self
                .subjects
                .into_iter()
                .filter_map(|subject| subject.into_model(&project))
                .collect(),
        })
    }
}

impl WireLegacyRoleBinding {
    /// As for [`WireRoleBinding::into_model`].
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::RoleBinding> {
        let cluster_role = self.0.role_ref.namespace.is_empty();
        self.0.into_model_with_kind(cluster_role)
    }
}

impl WireSubject {
    /// A service account without a project belongs to the binding's: the older API reads it so (the
    /// newer one requires the project).
    fn into_model(self, project: &str) -> Option<Subject> {
        let kind = match self.kind.as_str() {
            "User" | "SystemUser" => SubjectKind::User,
            "Group" | "SystemGroup" => SubjectKind::Group,
            "ServiceAccount" => SubjectKind::ServiceAccount,
            _ => return None,
        };
        let own = || non_empty(Some(project.to_owned()));
        let project = (kind == SubjectKind::ServiceAccount)
            .then(|| non_empty(self.namespace).or_else(own))
            .flatten();
        Some(Subject {
            kind,
            name: non_empty(Some(self.name))?,
            project,
        })
    }
}
