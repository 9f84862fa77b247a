//! Changes of role bindings.

use serde_json::{Value, json};

use super::{AsUser, Error, error, note_unreadable, requests, wire};
use crate::model::{ProjectName, RoleBinding, Subject, SubjectKind};

/// A role binding as the master sent it: labels, annotations, and subjects of kinds that nobody here knows stay when it is sent back.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    raw: Value,
    read: RoleBinding,
}

impl Binding {
    /// One that is to be created, for a role of the cluster; it names nobody yet.
    #[must_use]
    pub fn new(project: &ProjectName, name: &str, role: &str) -> Self {
        let raw = json!({
            "metadata": { "name": name, "namespace": project.as_str() },
            "roleRef": { "apiGroup": GROUP, "kind": "ClusterRole", "name": role },
            "subjects": [],
        });
        Self { raw, read: RoleBinding { name: name.to_owned(), role: role.to_owned(), cluster_role: true, subjects: Vec::new() } }
    }

    fn of(raw: Value) -> Option<Self> {
        let read = serde_json::from_value::<wire::RoleBinding>(raw.clone()).ok()?.into_model()?;
        Some(Self { raw, read })
    }

    /// What it says.
    #[must_use]
    pub fn read(&self) -> &RoleBinding {
        &self.read
    }

    /// The same without those who are to go and with those who are to come. Nothing where that is how it is.
    #[must_use]
    pub fn changed(&self, gone: &[Subject], come: &[Subject]) -> Option<Self> {
        let now = self.raw["subjects"].as_array().cloned().unwrap_or_default();
        let goes = |raw: &Value| wire::subject(raw).is_some_and(|subject| gone.contains(&subject));
        let mut then: Vec<Value> = now.iter().filter(|raw| !goes(raw)).cloned().collect();
        then.extend(come.iter().filter(|subject| !self.read.subjects.contains(subject)).map(written));
        if then == now {
            return None;
        }
        let mut raw = self.raw.clone();
        raw["subjects"] = then.into();
        Self::of(raw)
    }

    fn body(&self) -> Value {
        let mut body = self.raw.clone();
        // The items of a list do not say what they are.
        body["apiVersion"] = format!("{GROUP}/v1").into();
        body["kind"] = "RoleBinding".into();
        body
    }
}

const GROUP: &str = "rbac.authorization.k8s.io";

fn written(subject: &Subject) -> Value {
    let name = &subject.name;
    match subject.kind {
        SubjectKind::User => json!({ "apiGroup": GROUP, "kind": "User", "name": name }),
        SubjectKind::Group => json!({ "apiGroup": GROUP, "kind": "Group", "name": name }),
        SubjectKind::ServiceAccount => json!({ "kind": "ServiceAccount", "name": name, "namespace": subject.project }),
    }
}

impl AsUser<'_> {
    /// The role bindings of a project, to be changed. OpenShift 3.6 has them only in its own API group, where nothing is changed from here.
    ///
    /// # Errors
    /// [`Error::Forbidden`], or any other.
    pub async fn bindings(&self, project: &ProjectName) -> Result<Vec<Binding>, Error> {
        let list: wire::List<Value> = self.ask(requests::role_bindings(project)).await?;
        let (bindings, unreadable) = list.read(Binding::of);
        note_unreadable("role bindings", unreadable);
        Ok(bindings)
    }

    /// The role bindings of all projects together, for which few people have the right.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for nearly everybody, [`Error::NotFound`] on OpenShift 3.6, or any other.
    pub async fn all_role_bindings(&self) -> Result<Vec<(ProjectName, RoleBinding)>, Error> {
        let list: wire::List<wire::RoleBinding> = self.ask(requests::bindings::of_all_projects()).await?;
        let (bindings, unreadable) = list.read(wire::RoleBinding::into_placed);
        note_unreadable("role bindings", unreadable);
        Ok(bindings)
    }

    /// Creates a role binding.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the name is taken, [`Error::Forbidden`] also for whoever does not hold what the role grants, or any other.
    pub async fn create_binding(&self, project: &ProjectName, binding: &Binding) -> Result<(), Error> {
        error::done(&self.send(requests::bindings::create(project, &binding.body())).await?)
    }

    /// Puts a changed binding in the place of the revision that it was made from.
    ///
    /// # Errors
    /// [`Error::Conflict`] where somebody else changed it meanwhile, [`Error::Forbidden`] as for creating, or any other.
    pub async fn replace_binding(&self, project: &ProjectName, binding: &Binding) -> Result<(), Error> {
        error::done(&self.send(requests::bindings::replace(project, &binding.read.name, &binding.body())).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Subject {
        Subject::user(name)
    }

    #[test]
    fn what_nobody_here_knows_stays_in_a_changed_binding() {
        let robot = json!({ "kind": "Robot", "name": "r2", "arms": 3 });
        let binding = Binding::of(json!({
            "metadata": { "name": "x", "labels": { "a": "b" }, "resourceVersion": "7" },
            "roleRef": { "kind": "ClusterRole", "name": "registry-viewer" },
            "subjects": [robot, { "kind": "User", "name": "old" }],
        }));
        let changed = binding.unwrap().changed(&[user("old")], &[user("new")]).unwrap();
        assert_eq!(changed.read().subjects, [user("new")]);
        let body = changed.body();
        assert_eq!((&body["metadata"]["labels"]["a"], &body["metadata"]["resourceVersion"]), (&json!("b"), &json!("7")));
        assert_eq!(body["subjects"], json!([robot, { "apiGroup": GROUP, "kind": "User", "name": "new" }]));
        assert_eq!(changed.changed(&[user("old")], &[user("new")]), None);
    }

    #[test]
    fn a_new_binding_is_written_as_recorded() {
        for recorded in [
            include_str!("../../tests/contract/openshift-3.9/rolebinding-rbac-create.json"),
            include_str!("../../tests/contract/openshift-4/rolebinding-rbac-create.json"),
        ] {
            let recorded: Value = serde_json::from_str(recorded).unwrap();
            let mut sent = recorded["request"]["body"].clone();
            if let Some(text) = sent.as_str() {
                sent = serde_json::from_str(text).unwrap();
            }
            let created = Binding::new(&"team-a".parse().unwrap(), "registry-editor", "registry-editor");
            assert_eq!(created.changed(&[], &[user("outsider")]).unwrap().body(), sent);
        }
    }
}
