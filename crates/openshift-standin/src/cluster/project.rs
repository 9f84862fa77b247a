//! Projects.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::event::WatchedObject;
use super::service_account::ServiceAccountObject;
use super::{
    AccessAttributes, Cluster, ClusterError, ClusterErrorReason, ClusterState, NamedResource,
    ObjectMetadata, Version,
};
use registry_model::{ProjectName, Subject, SubjectKind};

/// How long a deleted project is still visible: real API servers take some seconds.
const TERMINATION_DELAY: TimeDelta = TimeDelta::seconds(5);

const DISPLAY_NAME_ANNOTATION: &str = "openshift.io/display-name";
const DESCRIPTION_ANNOTATION: &str = "openshift.io/description";
const REQUESTER_ANNOTATION: &str = "openshift.io/requester";

/// A project (a namespace).
#[derive(Clone, Debug)]
pub(crate) struct ProjectObject {
    pub(crate) meta: ObjectMetadata,
    pub(crate) finalizers: &'static [&'static str],
    /// When its deletion began.
    pub(crate) terminating_since: Option<DateTime<Utc>>,
}

/// The texts of a project.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProjectText<'a> {
    /// The display name; may be empty.
    pub display_name: &'a str,
    /// The description; may be empty.
    pub description: &'a str,
}

impl Cluster {
    /// Creates a project as a request of `requester` would, who becomes its admin.
    ///
    /// # Errors
    ///
    /// A project with that name exists.
    pub fn create_project(
        &self,
        name: &ProjectName,
        text: ProjectText<'_>,
        requester: &str,
    ) -> Result<(), ClusterError> {
        self.write(|state| {
            state
                .create_project(name.as_str(), text, requester)
                .map(drop)
        })
    }

    /// Removes the projects whose deletion is complete.
    pub(crate) fn finish_deletions(&self) {
        let over = self.read(ClusterState::projects_to_remove);
        if !over.is_empty() {
            self.write(|state| over.iter().for_each(|name| state.remove_project(name)));
        }
    }

    /// From now on only administrators may request projects. Other users get `message`.
    pub fn disable_project_requests(&self, message: &str) {
        self.write(|state| {
            state.remove_binding("", "self-provisioners");
            state.project_request_message = Some(message.to_owned());
        });
    }
}

impl ClusterState {
    pub(crate) fn project(&self, name: &str) -> Option<&Arc<ProjectObject>> {
        self.projects.get(name)
    }

    /// The projects that a user may see, by name.
    pub(crate) fn projects_of<'a>(
        &'a self,
        user: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Arc<ProjectObject>> {
        self.projects
            .values()
            .filter(move |project| self.can_see(user, &project.meta.name))
    }

    pub(crate) fn can_see(&self, user: Option<&str>, project: &str) -> bool {
        let access = AccessAttributes {
            project,
            verb: "get",
            group: "",
            resource: "namespaces",
            subresource: "",
            name: project,
        };
        self.matching_binding(user, &access).is_some()
    }

    pub(crate) fn create_project(
        &mut self,
        name: &str,
        text: ProjectText<'_>,
        requester: &str,
    ) -> Result<Arc<ProjectObject>, ClusterError> {
        if self.projects.contains_key(name) {
            return Err(ClusterErrorReason::AlreadyExists(NamedResource::new(
                "project.openshift.io",
                "project",
                name,
            ))
            .into());
        }
        let meta = self.new_meta(None, name).with_annotations([
            (DESCRIPTION_ANNOTATION, text.description.to_owned()),
            (DISPLAY_NAME_ANNOTATION, text.display_name.to_owned()),
            (REQUESTER_ANNOTATION, requester.to_owned()),
        ]);
        let project = self.add_project(meta, &["openshift.io/origin", "kubernetes"]);
        self.bind_service_accounts(name);
        let requester = Subject {
            kind: SubjectKind::User,
            name: requester.to_owned(),
            project: None,
        };
        self.bind(Some(name), "admin", "admin", &[requester]);
        Ok(project)
    }

    fn add_project(
        &mut self,
        mut meta: ObjectMetadata,
        finalizers: &'static [&'static str],
    ) -> Arc<ProjectObject> {
        let number = self.projects.len();
        match self.version() {
            Version::V3_9 => meta = meta.with_annotations(security_ranges(number)),
            Version::V4 => {
                meta.labels =
                    BTreeMap::from([("kubernetes.io/metadata.name".to_owned(), meta.name.clone())])
            }
        }
        let project = Arc::new(ProjectObject {
            meta,
            finalizers,
            terminating_since: None,
        });
        self.put_project("ADDED", Arc::clone(&project));
        project
    }

    fn put_project(&mut self, change: &'static str, project: Arc<ProjectObject>) {
        self.record_event(change, WatchedObject::Project(Arc::clone(&project)));
        self.projects.insert(project.meta.name.clone(), project);
    }

    /// Changes a project, with a new revision.
    pub(crate) fn change_project(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut ProjectObject),
    ) -> Option<Arc<ProjectObject>> {
        let mut project = self.projects.get(name)?.as_ref().clone();
        change(&mut project);
        project.meta.resource_version = self.next_revision();
        let project = Arc::new(project);
        self.put_project("MODIFIED", Arc::clone(&project));
        Some(project)
    }

    /// Deletes the content of a project. The project itself is removed later; until then its phase
    /// is `Terminating`.
    pub(crate) fn delete_project(&mut self, name: &str) -> Option<()> {
        if self.project(name)?.terminating_since.is_some() {
            return Some(());
        }
        let streams: Vec<String> = self
            .streams_of(name)
            .map(|stream| stream.meta.name.clone())
            .collect();
        for stream in streams {
            self.remove_stream(name, &stream);
        }
        let now = self.now();
        self.change_project(name, |project| project.terminating_since = Some(now))
            .map(drop)
    }

    fn projects_to_remove(&self) -> Vec<String> {
        let over = |project: &ProjectObject| {
            project
                .terminating_since
                .is_some_and(|since| self.now() - since >= TERMINATION_DELAY)
        };
        self.projects
            .values()
            .filter(|project| over(project))
            .map(|project| project.meta.name.clone())
            .collect()
    }

    fn remove_project(&mut self, name: &str) {
        let Some(project) = self.projects.remove(name) else {
            return;
        };
        let mut project = project.as_ref().clone();
        let bindings: Vec<String> = self
            .bindings_of(name)
            .map(|binding| binding.meta.name.clone())
            .collect();
        for binding in bindings {
            self.remove_binding(name, &binding);
        }
        self.service_accounts.remove_project(name);
        self.remove_workloads_of_project(name);
        project.meta.resource_version = self.next_revision();
        self.record_event("DELETED", WatchedObject::Project(Arc::new(project)));
    }

    /// Creates the service accounts and bindings that every new project has.
    fn bind_service_accounts(&mut self, project: &str) {
        for name in ["builder", "default", "deployer"] {
            let meta = self.new_meta(Some(project), name);
            self.put_service_account(ServiceAccountObject { meta });
        }
        let robot = |name: &str| Subject {
            kind: SubjectKind::ServiceAccount,
            name: name.to_owned(),
            project: Some(project.to_owned()),
        };
        let all = Subject {
            kind: SubjectKind::Group,
            name: format!("system:serviceaccounts:{project}"),
            project: None,
        };
        self.bind_with_description(
            project,
            "system:image-pullers",
            "system:image-puller",
            all,
            "Allows all pods in this namespace to pull images from this namespace.",
        );
        self.bind_with_description(
            project,
            "system:image-builders",
            "system:image-builder",
            robot("builder"),
            "Allows builds in this namespace to push images to this namespace.",
        );
        self.bind_with_description(
            project,
            "system:deployers",
            "system:deployer",
            robot("deployer"),
            "Allows deploymentconfigs in this namespace to rollout pods in this namespace.",
        );
    }

    fn bind_with_description(
        &mut self,
        project: &str,
        name: &str,
        role: &str,
        subject: Subject,
        description: &str,
    ) {
        self.bind(Some(project), name, role, &[subject]);
        if self.version() == Version::V4
            && let Some(binding) = self
                .bindings
                .get_mut(&(project.to_owned(), name.to_owned()))
        {
            let text = format!(
                "{description}  It is auto-managed by a controller; remove subjects to disable."
            );
            binding
                .meta
                .annotations
                .insert(DESCRIPTION_ANNOTATION.to_owned(), text);
        }
    }

    pub(super) fn install_system_projects(&mut self) {
        let names: &[&str] = match self.version() {
            Version::V3_9 => &[
                "default",
                "kube-public",
                "kube-system",
                "openshift",
                "openshift-infra",
                "openshift-node",
            ],
            Version::V4 => &[
                "default",
                "kube-node-lease",
                "kube-public",
                "kube-system",
                "openshift",
                "openshift-image-registry",
            ],
        };
        for &name in names {
            let mut meta = self.new_meta(None, name);
            if self.version() == Version::V4 && name.starts_with("openshift") {
                let applied = format!(
                    "{{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{{\"annotations\":{{\"openshift.io/node-selector\":\"\"}},\"name\":{name:?}}}}}\n"
                );
                meta = meta.with_annotations([
                    ("kubectl.kubernetes.io/last-applied-configuration", applied),
                    ("openshift.io/node-selector", String::new()),
                ]);
            } else if self.version() == Version::V3_9
                && matches!(name, "default" | "openshift" | "openshift-infra")
            {
                meta = meta
                    .with_annotations([("openshift.io/sa.initialized-roles", "true".to_owned())]);
            }
            self.add_project(meta, &["kubernetes"]);
        }
    }
}

/// The annotations that the security controller of 3.9 adds to every project: the `number`th range.
fn security_ranges(number: usize) -> [(&'static str, String); 3] {
    let range = format!("{}/10000", 1_000_000_000 + 10_000 * number);
    [
        (
            "openshift.io/sa.scc.mcs",
            format!("s0:c{},c{}", number / 5 + 7, number % 10),
        ),
        ("openshift.io/sa.scc.supplemental-groups", range.clone()),
        ("openshift.io/sa.scc.uid-range", range),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::tests;

    #[test]
    fn a_deleted_project_is_terminating_before_it_is_removed() {
        for version in [Version::V3_9, Version::V4] {
            let clock = tests::standing_clock();
            let cluster = tests::cluster_at(version, &clock);
            cluster
                .create_project(&"team-a".parse().unwrap(), ProjectText::default(), "dev")
                .unwrap();
            let seen = || {
                cluster.read(|state| {
                    state
                        .projects_of(Some("dev"))
                        .map(|project| project.terminating_since.is_some())
                        .collect::<Vec<_>>()
                })
            };
            assert_eq!(seen(), [false]);
            cluster
                .write(|state| state.delete_project("team-a"))
                .unwrap();
            clock.advance(TERMINATION_DELAY - TimeDelta::seconds(1));
            cluster.finish_deletions();
            assert_eq!(seen(), [true], "its members still see it");
            assert!(
                cluster
                    .write(|state| state.delete_project("team-a"))
                    .is_some(),
                "deleting it again changes nothing"
            );
            clock.advance(TimeDelta::seconds(1));
            cluster.finish_deletions();
            assert!(seen().is_empty());
        }
    }

    #[test]
    fn with_project_requests_disabled_only_administrators_create_projects() {
        let cluster = tests::cluster(Version::V4);
        cluster.bind(
            None,
            "cluster-admin",
            &[Subject {
                kind: SubjectKind::User,
                name: "root".to_owned(),
                project: None,
            }],
        );
        let access = AccessAttributes {
            verb: "create",
            group: "project.openshift.io",
            resource: "projectrequests",
            ..AccessAttributes::default()
        };
        assert!(cluster.is_allowed(Some("dev"), &access));
        cluster.disable_project_requests("Ask the platform team.");
        assert!(
            !cluster.is_allowed(Some("dev"), &access) && cluster.is_allowed(Some("root"), &access)
        );
    }
}
