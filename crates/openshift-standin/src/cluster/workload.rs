//! What runs in the cluster: pods, the workloads that create them, and builds.
//!
//! Their `spec` and `status` are kept as JSON, in the shape in which the API servers were recorded
//! to send them.

mod build;
mod build_controller;
mod deployment_config;
mod description;
mod image_id;
mod pod;
mod pod_template;
mod rollout;
mod spec;
mod status;
mod trigger;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use serde_json::Value;

use super::event::WatchedObject;
use super::{ClusterState, ObjectMetadata};

pub use build::{BuildConfig, BuildPhase, BuildStrategy};
pub use description::{ContainerRuntime, PodState, Workload};

/// The kind of an object that runs containers, or that creates such objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    Pod,
    ReplicationController,
    ReplicaSet,
    DeploymentConfig,
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    BuildConfig,
    Build,
}

impl WorkloadKind {
    pub const ALL: [Self; 11] = [
        Self::Pod,
        Self::ReplicationController,
        Self::ReplicaSet,
        Self::DeploymentConfig,
        Self::Deployment,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::CronJob,
        Self::BuildConfig,
        Self::Build,
    ];

    /// `kind` in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pod => "Pod",
            Self::ReplicationController => "ReplicationController",
            Self::ReplicaSet => "ReplicaSet",
            Self::DeploymentConfig => "DeploymentConfig",
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
            Self::BuildConfig => "BuildConfig",
            Self::Build => "Build",
        }
    }

    /// The resource in paths and in rules of roles.
    #[must_use]
    pub fn resource(self) -> &'static str {
        match self {
            Self::Pod => "pods",
            Self::ReplicationController => "replicationcontrollers",
            Self::ReplicaSet => "replicasets",
            Self::DeploymentConfig => "deploymentconfigs",
            Self::Deployment => "deployments",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
            Self::Job => "jobs",
            Self::CronJob => "cronjobs",
            Self::BuildConfig => "buildconfigs",
            Self::Build => "builds",
        }
    }

    /// The kind of a resource, in whichever API group.
    pub(crate) fn from_resource(resource: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.resource() == resource)
    }

    /// The API groups that have it, in any version; the core group is empty.
    pub(crate) fn groups(self) -> &'static [&'static str] {
        match self {
            Self::Pod | Self::ReplicationController => &[""],
            Self::ReplicaSet | Self::Deployment | Self::DaemonSet => &["apps", "extensions"],
            Self::StatefulSet => &["apps"],
            Self::Job | Self::CronJob => &["batch"],
            Self::DeploymentConfig => &["apps.openshift.io"],
            Self::BuildConfig | Self::Build => &["build.openshift.io"],
        }
    }

    /// Where the pod template is in the `spec`; `None`: the `spec` is that of a pod, or of a build.
    fn template_pointer(self) -> Option<&'static str> {
        match self {
            Self::Pod | Self::BuildConfig | Self::Build => None,
            Self::CronJob => Some("/jobTemplate/spec/template"),
            _ => Some("/template"),
        }
    }

    /// Where the `spec` of its pods is in its own.
    fn pod_spec_pointer(self) -> &'static str {
        match self {
            Self::Pod | Self::BuildConfig | Self::Build => "",
            Self::CronJob => "/jobTemplate/spec/template/spec",
            _ => "/template/spec",
        }
    }
}

/// A stored object of one of these kinds.
#[derive(Clone, Debug)]
pub(crate) struct WorkloadObject {
    pub(crate) kind: WorkloadKind,
    pub(crate) meta: ObjectMetadata,
    pub(crate) generate_name: Option<String>,
    pub(crate) owner: Option<OwnerReference>,
    /// Shared by pods that are the same.
    pub(crate) spec: Arc<Value>,
    pub(crate) status: Arc<Value>,
    /// How its pods run.
    pod_settings: description::PodSettings,
}

/// The object that created another one (`metadata.ownerReferences`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnerReference {
    pub(crate) kind: WorkloadKind,
    pub(crate) name: String,
    pub(crate) uid: String,
    /// Whether it manages the object: deployer pods belong to their replication controller, which
    /// does not manage them.
    pub(crate) manages: bool,
}

impl WorkloadObject {
    pub(crate) fn namespace(&self) -> &str {
        self.meta.namespace.as_deref().unwrap_or_default()
    }

    fn owner_reference(&self) -> OwnerReference {
        OwnerReference {
            kind: self.kind,
            name: self.meta.name.clone(),
            uid: self.meta.uid.clone(),
            manages: true,
        }
    }

    fn is_owned_by(&self, uid: &str) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.uid == uid)
    }
}

/// The objects by kind, project and name.
#[derive(Debug, Default)]
pub(super) struct Workloads {
    objects: BTreeMap<(WorkloadKind, String, String), Arc<WorkloadObject>>,
    /// Image streams that have changed since the image trigger controllers last ran.
    changed_streams: Vec<(String, String)>,
}

impl ClusterState {
    pub(crate) fn workload(
        &self,
        kind: WorkloadKind,
        project: &str,
        name: &str,
    ) -> Option<&Arc<WorkloadObject>> {
        self.workloads
            .objects
            .get(&(kind, project.to_owned(), name.to_owned()))
    }

    /// The objects of a kind after `(project, name)` in the order of lists, of all projects.
    pub(crate) fn workloads_after<'a>(
        &'a self,
        kind: WorkloadKind,
        start: Option<&(String, String)>,
    ) -> impl Iterator<Item = &'a Arc<WorkloadObject>> + use<'a> {
        let start = start.map_or_else(
            || Bound::Included((kind, String::new(), String::new())),
            |(project, name)| Bound::Excluded((kind, project.clone(), name.clone())),
        );
        self.workloads
            .objects
            .range((start, Bound::Unbounded))
            .take_while(move |((of, ..), _)| *of == kind)
            .map(|(_, object)| object)
    }

    /// The objects of a kind in a project, by name.
    pub(crate) fn workloads_of<'a>(
        &'a self,
        kind: WorkloadKind,
        project: &str,
    ) -> impl Iterator<Item = &'a Arc<WorkloadObject>> + use<'a> {
        let start = (kind, project.to_owned(), String::new());
        let end = (kind, format!("{project}\0"), String::new());
        self.workloads
            .objects
            .range(start..end)
            .map(|(_, object)| object)
    }

    /// Stores an object under its own name, and notifies the watches.
    fn put_workload(
        &mut self,
        change: &'static str,
        object: WorkloadObject,
    ) -> Arc<WorkloadObject> {
        let object = Arc::new(object);
        self.record_event(change, WatchedObject::Workload(Arc::clone(&object)));
        let key = (
            object.kind,
            object.namespace().to_owned(),
            object.meta.name.clone(),
        );
        self.workloads.objects.insert(key, Arc::clone(&object));
        object
    }

    /// Changes an object, with a new revision.
    fn change_workload(
        &mut self,
        kind: WorkloadKind,
        project: &str,
        name: &str,
        change: impl FnOnce(&mut WorkloadObject),
    ) -> Option<Arc<WorkloadObject>> {
        let mut object = self.workload(kind, project, name)?.as_ref().clone();
        change(&mut object);
        object.meta.resource_version = self.next_revision();
        Some(self.put_workload("MODIFIED", object))
    }

    fn remove_workload(&mut self, kind: WorkloadKind, project: &str, name: &str) {
        let key = (kind, project.to_owned(), name.to_owned());
        let Some(removed) = self.workloads.objects.remove(&key) else {
            return;
        };
        let mut last = removed.as_ref().clone();
        last.meta.resource_version = self.next_revision();
        self.record_event("DELETED", WatchedObject::Workload(Arc::new(last)));
    }

    /// Removes everything that runs in a project.
    pub(super) fn remove_workloads_of_project(&mut self, project: &str) {
        for kind in WorkloadKind::ALL {
            let names: Vec<String> = self
                .workloads_of(kind, project)
                .map(|object| object.meta.name.clone())
                .collect();
            for name in names {
                self.remove_workload(kind, project, &name);
            }
        }
    }

    /// Removes an object with everything that it owns, as the garbage collector does.
    fn remove_workload_tree(&mut self, kind: WorkloadKind, project: &str, name: &str) {
        let Some(object) = self.workload(kind, project, name).cloned() else {
            return;
        };
        for kind in WorkloadKind::ALL {
            let owned: Vec<String> = self
                .workloads_of(kind, project)
                .filter(|owned| owned.is_owned_by(&object.meta.uid))
                .map(|owned| owned.meta.name.clone())
                .collect();
            for name in owned {
                self.remove_workload_tree(kind, project, &name);
            }
        }
        self.remove_workload(kind, project, name);
    }

    /// Remembers that an image stream has changed, for the image trigger controllers.
    pub(super) fn note_changed_stream(&mut self, project: &str, name: &str) {
        if !self.workloads.objects.is_empty() {
            let stream = (project.to_owned(), name.to_owned());
            self.workloads.changed_streams.push(stream);
        }
    }
}
