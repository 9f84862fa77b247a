//! Granting and removing roles in a project without losing concurrent changes of other clients.

use crate::app::AppForUser;
use crate::app::change::ChangeError;
use crate::openshift::{ApiError, StoredRoleBinding, StoredRoleBindings};
use registry_model::{ProjectName, Subject};

/// How many attempts are made at a change that conflicts with those of other clients.
pub(in crate::app) const MAX_ATTEMPTS: usize = 5;

impl AppForUser<'_> {
    /// Removes a cluster role from `removed` and grants it to `added`. Nothing is sent if the
    /// bindings are already so.
    ///
    /// Each object is written with the resource version that was read. If another client changed or
    /// deleted it in between, the API server refuses the write, and everything is read again.
    pub(in crate::app) async fn change_binding(
        &self,
        project: &ProjectName,
        role: &str,
        removed: &[Subject],
        added: &[Subject],
    ) -> Result<(), ChangeError> {
        let mut attempts = 1;
        loop {
            match self.try_change_binding(project, role, removed, added).await {
                Err(BindingWriteError::Conflict(_)) if attempts < MAX_ATTEMPTS => attempts += 1,
                result => {
                    // A change that failed half-way has changed something as well.
                    self.invalidate_rights();
                    return Ok(result.map_err(BindingWriteError::into_error)?);
                }
            }
        }
    }

    async fn try_change_binding(
        &self,
        project: &ProjectName,
        role: &str,
        removed: &[Subject],
        added: &[Subject],
    ) -> Result<(), BindingWriteError> {
        let StoredRoleBindings {
            api_group: group,
            items: list,
        } = self
            .api_server
            .list_stored_role_bindings(project)
            .await
            .map_err(BindingWriteError::Final)?;
        let (mut role_bindings, others): (Vec<&StoredRoleBinding>, Vec<&StoredRoleBinding>) =
            list.iter().partition(|binding| {
                binding.role_binding().cluster_role && binding.role_binding().role == role
            });
        // The binding that `oc` and the old console would have created comes first.
        role_bindings.sort_by_key(|binding| binding.role_binding().name != role);
        let has = |subject: &&Subject| {
            role_bindings
                .iter()
                .any(|binding| binding.role_binding().subjects.contains(subject))
        };
        let added: Vec<Subject> = added
            .iter()
            .filter(|subject| !has(subject))
            .cloned()
            .collect();
        if role_bindings.is_empty() {
            let name = unused_binding_name(role, &others);
            return match StoredRoleBinding::new(group, project, &name, role)
                .with_subjects_changed(&[], &added)
            {
                Some(binding) => self
                    .api_server
                    .create_role_binding(project, &binding)
                    .await
                    .map_err(BindingWriteError::from_create_error),
                None => Ok(()),
            };
        }
        for (place, binding) in role_bindings.into_iter().enumerate() {
            let added: &[Subject] = if place == 0 { &added } else { &[] };
            if let Some(changed) = binding.with_subjects_changed(removed, added) {
                self.store_binding(project, &changed)
                    .await
                    .map_err(BindingWriteError::from_update_error)?;
            }
        }
        Ok(())
    }

    /// Stores a changed binding. A binding without subjects is deleted, as `oc policy` does; if the
    /// user may not delete it, it stays empty, which grants nothing either.
    async fn store_binding(
        &self,
        project: &ProjectName,
        changed: &StoredRoleBinding,
    ) -> Result<(), ApiError> {
        if changed.is_safe_to_delete() {
            match self.api_server.delete_role_binding(project, changed).await {
                Err(ApiError::Forbidden(_)) => {}
                result => return result,
            }
        }
        self.api_server.update_role_binding(project, changed).await
    }
}

/// Why an attempt failed.
enum BindingWriteError {
    /// Another client changed the same binding in between. The next attempt may succeed.
    Conflict(ApiError),
    /// Another attempt would fail the same way.
    Final(ApiError),
}

impl BindingWriteError {
    /// A new binding that is refused as not found lacks its project or its role, which no further
    /// attempt creates.
    fn from_create_error(error: ApiError) -> Self {
        if matches!(error, ApiError::Conflict(_)) {
            Self::Conflict(error)
        } else {
            Self::Final(error)
        }
    }

    /// A binding that was read and is not found any more was deleted in between.
    fn from_update_error(error: ApiError) -> Self {
        if matches!(error, ApiError::Conflict(_) | ApiError::NotFound) {
            Self::Conflict(error)
        } else {
            Self::Final(error)
        }
    }

    fn into_error(self) -> ApiError {
        match self {
            Self::Conflict(error) | Self::Final(error) => error,
        }
    }
}

/// The name of the role, with a number if a binding of another role has that name, as `oc policy`
/// does.
fn unused_binding_name(role: &str, others: &[&StoredRoleBinding]) -> String {
    let taken = |name: &str| {
        others
            .iter()
            .any(|binding| binding.role_binding().name == name)
    };
    if !taken(role) {
        return role.to_owned();
    }
    (0..)
        .map(|number| format!("{role}-{number}"))
        .find(|name| !taken(name))
        .expect("there are more numbers than bindings")
}
