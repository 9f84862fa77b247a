//! Projects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::Watched;
use super::{Access, Cluster, Meta, Object, Reason, Refusal, State, Version};
use crate::model::{ProjectName, Subject, SubjectKind};

const DISPLAY_NAME: &str = "openshift.io/display-name";
const DESCRIPTION: &str = "openshift.io/description";
const REQUESTER: &str = "openshift.io/requester";

/// A project (a namespace).
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) meta: Meta,
    pub(crate) finalizers: &'static [&'static str],
    /// Whether it is being deleted.
    pub(crate) terminating: bool,
}

/// What people read about a project.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProjectText<'a> {
    /// The display name; may be empty.
    pub display_name: &'a str,
    /// The description; may be empty.
    pub description: &'a str,
}

impl Cluster {
    /// Creates a project as a request of `requester` would: they become its admin.
    ///
    /// # Errors
    ///
    /// There is one with that name.
    pub fn create_project(&self, name: &ProjectName, text: ProjectText<'_>, requester: &str) -> Result<(), Refusal> {
        self.write(|state| state.create_project(name.as_str(), text, requester).map(drop))
    }
}

impl State {
    pub(crate) fn project(&self, name: &str) -> Option<&Arc<Project>> {
        self.projects.get(name)
    }

    /// The projects that somebody may see, by name.
    pub(crate) fn projects_of<'a>(&'a self, user: Option<&'a str>) -> impl Iterator<Item = &'a Arc<Project>> {
        self.projects.values().filter(move |project| self.may_see(user, &project.meta.name))
    }

    pub(crate) fn may_see(&self, user: Option<&str>, project: &str) -> bool {
        let access = Access { project, verb: "get", group: "", resource: "namespaces", subresource: "", name: project };
        self.grant(user, &access).is_some()
    }

    pub(crate) fn create_project(&mut self, name: &str, text: ProjectText<'_>, requester: &str) -> Result<Arc<Project>, Refusal> {
        if self.projects.contains_key(name) {
            return Err(Reason::AlreadyExists(Object::new("project.openshift.io", "project", name)).into());
        }
        let meta = self.new_meta(None, name).annotated([
            (DESCRIPTION, text.description.to_owned()),
            (DISPLAY_NAME, text.display_name.to_owned()),
            (REQUESTER, requester.to_owned()),
        ]);
        let project = self.add_project(meta, &["openshift.io/origin", "kubernetes"]);
        self.bind_service_accounts(name);
        let requester = Subject { kind: SubjectKind::User, name: requester.to_owned(), project: None };
        self.bind(Some(name), "admin", "admin", &[requester]);
        Ok(project)
    }

    fn add_project(&mut self, mut meta: Meta, finalizers: &'static [&'static str]) -> Arc<Project> {
        let number = self.projects.len();
        match self.version() {
            Version::V3_9 => meta = meta.annotated(security_ranges(number)),
            Version::V4 => meta.labels = BTreeMap::from([("kubernetes.io/metadata.name".to_owned(), meta.name.clone())]),
        }
        let project = Arc::new(Project { meta, finalizers, terminating: false });
        self.put_project("ADDED", Arc::clone(&project));
        project
    }

    fn put_project(&mut self, change: &'static str, project: Arc<Project>) {
        self.record(change, Watched::Project(Arc::clone(&project)));
        self.projects.insert(project.meta.name.clone(), project);
    }

    /// Changes a project, with a new revision.
    pub(crate) fn change_project(&mut self, name: &str, change: impl FnOnce(&mut Project)) -> Option<Arc<Project>> {
        let mut project = self.projects.get(name)?.as_ref().clone();
        change(&mut project);
        project.meta.resource_version = self.next_revision();
        let project = Arc::new(project);
        self.put_project("MODIFIED", Arc::clone(&project));
        Some(project)
    }

    /// Deletes a project with all that is in it. At once: the real servers take some seconds (phase `Terminating`).
    pub(crate) fn delete_project(&mut self, name: &str) -> Option<()> {
        let mut project = self.projects.remove(name)?.as_ref().clone();
        let streams: Vec<String> = self.streams_of(name).map(|stream| stream.meta.name.clone()).collect();
        for stream in streams {
            self.remove_stream(name, &stream);
        }
        let bindings: Vec<String> = self.bindings_of(name).map(|binding| binding.meta.name.clone()).collect();
        for binding in bindings {
            self.remove_binding(name, &binding);
        }
        project.meta.resource_version = self.next_revision();
        self.record("DELETED", Watched::Project(Arc::new(project)));
        Some(())
    }

    /// The bindings that every project is born with.
    fn bind_service_accounts(&mut self, project: &str) {
        let robot = |name: &str| Subject { kind: SubjectKind::ServiceAccount, name: name.to_owned(), project: Some(project.to_owned()) };
        let all = Subject { kind: SubjectKind::Group, name: format!("system:serviceaccounts:{project}"), project: None };
        self.describe_binding(
            project,
            "system:image-pullers",
            "system:image-puller",
            all,
            "Allows all pods in this namespace to pull images from this namespace.",
        );
        self.describe_binding(
            project,
            "system:image-builders",
            "system:image-builder",
            robot("builder"),
            "Allows builds in this namespace to push images to this namespace.",
        );
        self.describe_binding(
            project,
            "system:deployers",
            "system:deployer",
            robot("deployer"),
            "Allows deploymentconfigs in this namespace to rollout pods in this namespace.",
        );
    }

    fn describe_binding(&mut self, project: &str, name: &str, role: &str, subject: Subject, description: &str) {
        self.bind(Some(project), name, role, &[subject]);
        if self.version() == Version::V4
            && let Some(binding) = self.bindings.get_mut(&(project.to_owned(), name.to_owned()))
        {
            let text = format!("{description}  It is auto-managed by a controller; remove subjects to disable.");
            binding.meta.annotations.insert(DESCRIPTION.to_owned(), text);
        }
    }

    pub(super) fn install_system_projects(&mut self) {
        let names: &[&str] = match self.version() {
            Version::V3_9 => &["default", "kube-public", "kube-system", "openshift", "openshift-infra", "openshift-node"],
            Version::V4 => &["default", "kube-node-lease", "kube-public", "kube-system", "openshift", "openshift-image-registry"],
        };
        for &name in names {
            let mut meta = self.new_meta(None, name);
            if self.version() == Version::V4 && name.starts_with("openshift") {
                let applied = format!(
                    "{{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{{\"annotations\":{{\"openshift.io/node-selector\":\"\"}},\"name\":{name:?}}}}}\n"
                );
                meta = meta.annotated([
                    ("kubectl.kubernetes.io/last-applied-configuration", applied),
                    ("openshift.io/node-selector", String::new()),
                ]);
            } else if self.version() == Version::V3_9 && matches!(name, "default" | "openshift" | "openshift-infra") {
                meta = meta.annotated([("openshift.io/sa.initialized-roles", "true".to_owned())]);
            }
            self.add_project(meta, &["kubernetes"]);
        }
    }
}

/// What the security controller of 3.9 writes on every project: the `number`th range.
fn security_ranges(number: usize) -> [(&'static str, String); 3] {
    let range = format!("{}/10000", 1_000_000_000 + 10_000 * number);
    [
        ("openshift.io/sa.scc.mcs", format!("s0:c{},c{}", number / 5 + 7, number % 10)),
        ("openshift.io/sa.scc.supplemental-groups", range.clone()),
        ("openshift.io/sa.scc.uid-range", range),
    ]
}
