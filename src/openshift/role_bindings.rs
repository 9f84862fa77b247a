//! Listing, creating, updating and deleting role bindings.

mod json;
#[cfg(test)]
mod tests;

use http::StatusCode;
use serde::Deserialize as _;
use serde_json::Value;

use super::{
    ApiError, ApiStatus, BindingApiGroup, UserApi, error, log_unreadable_objects, requests, wire,
};
use registry_model::{ProjectName, RoleBinding, Subject};

/// The annotation that, with the value `false`, keeps a binding without subjects from being
/// deleted. `oc` and the API servers' own reconciliation respect it.
const AUTO_UPDATE_ANNOTATION: &str = "rbac.authorization.kubernetes.io/autoupdate";

/// The role bindings of a project.
#[derive(Clone, Debug)]
pub struct StoredRoleBindings {
    /// The API group that they are in, and in which new ones are created.
    pub api_group: BindingApiGroup,
    pub items: Vec<StoredRoleBinding>,
}

/// A role binding as the API server sent it. Labels, annotations and subjects of unknown kinds are
/// kept when it is sent back.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRoleBinding {
    api_group: BindingApiGroup,
    raw: Value,
    role_binding: RoleBinding,
}

impl StoredRoleBinding {
    /// A new binding to a cluster role, without subjects.
    #[must_use]
    pub fn new(group: BindingApiGroup, project: &ProjectName, name: &str, role: &str) -> Self {
        let raw = json::new_role_binding(group, project, name, role);
        Self {
            api_group: group,
            raw,
            role_binding: RoleBinding {
                name: name.to_owned(),
                role: role.to_owned(),
                cluster_role: true,
                subjects: Vec::new(),
            },
        }
    }

    fn from_json(group: BindingApiGroup, raw: Value) -> Option<Self> {
        let read = match group {
            BindingApiGroup::Rbac => wire::WireRoleBinding::deserialize(&raw)
                .ok()?
                .into_model()?,
            BindingApiGroup::Openshift => wire::WireLegacyRoleBinding::deserialize(&raw)
                .ok()?
                .into_model()?,
        };
        Some(Self {
            api_group: group,
            raw,
            role_binding: read,
        })
    }

    #[must_use]
    pub fn role_binding(&self) -> &RoleBinding {
        &self.role_binding
    }

    /// The binding with the subjects `gone` removed and `come` added. `None` if nothing changes.
    #[must_use]
    pub fn with_subjects_changed(&self, gone: &[Subject], come: &[Subject]) -> Option<Self> {
        let come: Vec<&Subject> = come
            .iter()
            .filter(|subject| !self.role_binding.subjects.contains(subject))
            .collect();
        let mut raw = self.raw.clone();
        json::change_subjects(self.api_group, &mut raw, gone, &come);
        (raw["subjects"] != self.raw["subjects"])
            .then(|| Self::from_json(self.api_group, raw))
            .flatten()
    }

    /// Whether the binding has no subjects of any kind, and the API server deletes exactly the
    /// revision that was read.
    ///
    /// `oc policy remove-role-from-…` deletes a binding when its last subject is removed, unless it
    /// is annotated to be kept. API servers check the resource version in the preconditions since
    /// Kubernetes 1.14. On older ones a subject that is added at the same moment would be lost, so
    /// the empty binding is kept there. Objects with a `selfLink` are from API servers before
    /// Kubernetes 1.20; objects without it are from API servers that check the precondition.
    #[must_use]
    pub fn is_safe_to_delete(&self) -> bool {
        let meta = &self.raw["metadata"];
        let empty = self.raw["subjects"].as_array().is_none_or(Vec::is_empty);
        empty
            && meta["annotations"][AUTO_UPDATE_ANNOTATION] != "false"
            && meta["selfLink"].is_null()
            && meta["resourceVersion"].is_string()
    }

    fn to_json(&self) -> Value {
        let mut body = self.raw.clone();
        // The items of a list have no `kind` and `apiVersion`.
        body["apiVersion"] = format!("{}/v1", self.api_group.name()).into();
        body["kind"] = "RoleBinding".into();
        body
    }
}

impl UserApi<'_> {
    /// The role bindings of a project, to be changed.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] is common: a viewer may not list the members of a project. Or any
    /// other.
    pub async fn list_stored_role_bindings(
        &self,
        project: &ProjectName,
    ) -> Result<StoredRoleBindings, ApiError> {
        let mut group = self
            .api_server
            .binding_api_group
            .get()
            .unwrap_or(BindingApiGroup::Rbac);
        let mut response = self
            .send(requests::role_bindings::list(group, project))
            .await?;
        if group == BindingApiGroup::Rbac {
            let only_elsewhere = match response.status {
                StatusCode::NOT_FOUND => ApiStatus::from_response(&response)
                    .is_none_or(|status| status.is_missing_resource()),
                StatusCode::FORBIDDEN => {
                    self.detect_binding_api_group().await == BindingApiGroup::Openshift
                }
                _ => false,
            };
            if only_elsewhere {
                group = BindingApiGroup::Openshift;
                response = self
                    .send(requests::role_bindings::list(group, project))
                    .await?;
            }
        }
        let list: wire::List<Value> = error::decode(&response)?;
        let (list, unreadable) = list.into_models(|raw| StoredRoleBinding::from_json(group, raw));
        log_unreadable_objects("role bindings", unreadable);
        Ok(StoredRoleBindings {
            api_group: group,
            items: list,
        })
    }

    /// The role bindings of all projects, which few users have the right to list.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for most users, [`ApiError::NotServed`] on OpenShift 3.6, or any
    /// other.
    pub async fn list_all_role_bindings(
        &self,
    ) -> Result<Vec<(ProjectName, RoleBinding)>, ApiError> {
        let list: wire::List<wire::WireRoleBinding> =
            self.request(requests::role_bindings::list_all()).await?;
        let (bindings, unreadable) =
            list.into_models(wire::WireRoleBinding::into_model_with_project);
        log_unreadable_objects("role bindings", unreadable);
        Ok(bindings)
    }

    /// Creates a role binding.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the name is taken, [`ApiError::Forbidden`] also for a user
    /// without the rights that the role grants, or any other.
    pub async fn create_role_binding(
        &self,
        project: &ProjectName,
        binding: &StoredRoleBinding,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::role_bindings::create(
                    binding.api_group,
                    project,
                    &binding.to_json(),
                ))
                .await?,
        )
    }

    /// Replaces a binding, if it still has the resource version that was read.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] where the binding was changed meanwhile, [`ApiError::NotFound`] where
    /// it was deleted, [`ApiError::Forbidden`] as for creating, or any other.
    pub async fn update_role_binding(
        &self,
        project: &ProjectName,
        binding: &StoredRoleBinding,
    ) -> Result<(), ApiError> {
        error::check_success(
            &self
                .send(requests::role_bindings::update(
                    binding.api_group,
                    project,
                    &binding.role_binding.name,
                    &binding.to_json(),
                ))
                .await?,
        )
    }

    /// Deletes a binding, if it still has the resource version that was read.
    ///
    /// # Errors
    /// As for [`UserApi::update_role_binding`].
    pub async fn delete_role_binding(
        &self,
        project: &ProjectName,
        binding: &StoredRoleBinding,
    ) -> Result<(), ApiError> {
        let meta = &binding.raw["metadata"];
        let request = requests::role_bindings::delete(
            binding.api_group,
            project,
            &binding.role_binding.name,
            &meta["uid"],
            &meta["resourceVersion"],
        );
        error::check_success(&self.send(request).await?)
    }
}
