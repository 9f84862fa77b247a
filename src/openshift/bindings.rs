//! Changes of role bindings.

mod shape;
#[cfg(test)]
mod tests;

use http::StatusCode;
use serde::Deserialize as _;
use serde_json::Value;

use super::{AsUser, BindingGroup, Error, Status, error, note_unreadable, requests, wire};
use registry_model::{ProjectName, RoleBinding, Subject};

/// What keeps a binding without subjects from being deleted where it says `false`: `oc` and the
/// masters' own reconciliation heed it.
const AUTO_UPDATE: &str = "rbac.authorization.kubernetes.io/autoupdate";

/// The role bindings of a project.
#[derive(Clone, Debug)]
pub struct Bindings {
    /// Where they are, and new ones go.
    pub group: BindingGroup,
    pub list: Vec<Binding>,
}

/// A role binding as the master sent it: labels, annotations, and subjects of kinds that nobody
/// here knows stay when it is sent back.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    group: BindingGroup,
    raw: Value,
    read: RoleBinding,
}

impl Binding {
    /// One that is to be created, for a role of the cluster; it names nobody yet.
    #[must_use]
    pub fn new(group: BindingGroup, project: &ProjectName, name: &str, role: &str) -> Self {
        let raw = shape::new(group, project, name, role);
        Self {
            group,
            raw,
            read: RoleBinding {
                name: name.to_owned(),
                role: role.to_owned(),
                cluster_role: true,
                subjects: Vec::new(),
            },
        }
    }

    fn of(group: BindingGroup, raw: Value) -> Option<Self> {
        let read = match group {
            BindingGroup::Rbac => wire::RoleBinding::deserialize(&raw).ok()?.into_model()?,
            BindingGroup::Openshift => wire::LegacyRoleBinding::deserialize(&raw)
                .ok()?
                .into_model()?,
        };
        Some(Self { group, raw, read })
    }

    #[must_use]
    pub fn read(&self) -> &RoleBinding {
        &self.read
    }

    /// The same without those who are to go and with those who are to come. Nothing where that is
    /// how it is.
    #[must_use]
    pub fn changed(&self, gone: &[Subject], come: &[Subject]) -> Option<Self> {
        let come: Vec<&Subject> = come
            .iter()
            .filter(|subject| !self.read.subjects.contains(subject))
            .collect();
        let mut raw = self.raw.clone();
        shape::change(self.group, &mut raw, gone, &come);
        (raw["subjects"] != self.raw["subjects"])
            .then(|| Self::of(self.group, raw))
            .flatten()
    }

    /// Whether it names nobody at all, of whatever kind, and the master surely deletes it only as
    /// it is.
    ///
    /// `oc policy remove-role-from-…` deletes a binding whose last subject goes, unless it is
    /// marked to stay. Masters heed the revision in the preconditions since Kubernetes 1.14; on
    /// those before, somebody who is added at the same moment would be lost, so there it stays,
    /// empty. Objects with a `selfLink` come from masters before Kubernetes 1.20, those without
    /// from masters that heed it.
    #[must_use]
    pub fn may_be_deleted(&self) -> bool {
        let meta = &self.raw["metadata"];
        let empty = self.raw["subjects"].as_array().is_none_or(Vec::is_empty);
        empty
            && meta["annotations"][AUTO_UPDATE] != "false"
            && meta["selfLink"].is_null()
            && meta["resourceVersion"].is_string()
    }

    fn body(&self) -> Value {
        let mut body = self.raw.clone();
        // The items of a list do not say what they are.
        body["apiVersion"] = format!("{}/v1", self.group.name()).into();
        body["kind"] = "RoleBinding".into();
        body
    }
}

impl AsUser<'_> {
    /// The role bindings of a project, to be changed.
    ///
    /// # Errors
    /// [`Error::Forbidden`] is common: a viewer may not see who else is a member. Or any other.
    pub async fn bindings(&self, project: &ProjectName) -> Result<Bindings, Error> {
        let mut group = self
            .master
            .binding_group
            .get()
            .unwrap_or(BindingGroup::Rbac);
        let mut answer = self.send(requests::bindings::list(group, project)).await?;
        if group == BindingGroup::Rbac {
            let only_elsewhere = match answer.status {
                StatusCode::NOT_FOUND => {
                    Status::of(&answer).is_none_or(|status| status.is_about_a_missing_resource())
                }
                StatusCode::FORBIDDEN => self.binding_group().await == BindingGroup::Openshift,
                _ => false,
            };
            if only_elsewhere {
                group = BindingGroup::Openshift;
                answer = self.send(requests::bindings::list(group, project)).await?;
            }
        }
        let list: wire::List<Value> = error::decode(&answer)?;
        let (list, unreadable) = list.read(|raw| Binding::of(group, raw));
        note_unreadable("role bindings", unreadable);
        Ok(Bindings { group, list })
    }

    /// The role bindings of all projects together, for which few people have the right.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for nearly everybody, [`Error::NotServed`] on OpenShift 3.6, or any
    /// other.
    pub async fn all_role_bindings(&self) -> Result<Vec<(ProjectName, RoleBinding)>, Error> {
        let list: wire::List<wire::RoleBinding> =
            self.ask(requests::bindings::of_all_projects()).await?;
        let (bindings, unreadable) = list.read(wire::RoleBinding::into_placed);
        note_unreadable("role bindings", unreadable);
        Ok(bindings)
    }

    /// Creates a role binding.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the name is taken, [`Error::Forbidden`] also for whoever does not
    /// hold what the role grants, or any other.
    pub async fn create_binding(
        &self,
        project: &ProjectName,
        binding: &Binding,
    ) -> Result<(), Error> {
        error::done(
            &self
                .send(requests::bindings::create(
                    binding.group,
                    project,
                    &binding.body(),
                ))
                .await?,
        )
    }

    /// Puts a changed binding in the place of the revision that it was made from.
    ///
    /// # Errors
    /// [`Error::Conflict`] where somebody else changed it meanwhile, [`Error::NotFound`] where
    /// somebody deleted it, [`Error::Forbidden`] as for creating, or any other.
    pub async fn replace_binding(
        &self,
        project: &ProjectName,
        binding: &Binding,
    ) -> Result<(), Error> {
        error::done(
            &self
                .send(requests::bindings::replace(
                    binding.group,
                    project,
                    &binding.read.name,
                    &binding.body(),
                ))
                .await?,
        )
    }

    /// Deletes a binding, if it is still the revision that was read.
    ///
    /// # Errors
    /// As for [`AsUser::replace_binding`].
    pub async fn delete_binding(
        &self,
        project: &ProjectName,
        binding: &Binding,
    ) -> Result<(), Error> {
        let meta = &binding.raw["metadata"];
        let request = requests::bindings::delete(
            binding.group,
            project,
            &binding.read.name,
            &meta["uid"],
            &meta["resourceVersion"],
        );
        error::done(&self.send(request).await?)
    }
}
