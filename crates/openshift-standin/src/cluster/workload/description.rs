//! The description of a workload to be added.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::WorkloadKind;
use crate::cluster::Cluster;

/// How the runtime of the nodes writes the image of a container (`imageID`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerRuntime {
    /// `host/project/stream@sha256:…`: the usual one of OpenShift 4.
    CriO,
    /// `docker-pullable://host/project/stream@sha256:…`: the usual one of 3.9.
    Docker,
    /// `sha256:…` alone, as CRI-O does if it knows no repository of the image.
    BareDigest,
}

/// The state of a workload's pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PodState {
    #[default]
    Running,
    /// The containers have ended without an error, as those of jobs do.
    Succeeded,
    /// There is no node for them: they have no container statuses.
    Unschedulable,
    /// Their images cannot be pulled (`ImagePullBackOff`): no `imageID`.
    ImagePullBackOff,
    /// No controller has seen the workload yet: it has no pods, and triggers have no effect.
    NotCreated,
}

/// How the pods of a workload run.
#[derive(Clone, Debug, Default)]
pub(super) struct PodSettings {
    pub(super) state: PodState,
    /// `None`: the usual one of the version.
    pub(super) runtime: Option<ContainerRuntime>,
    /// The digest of the image that runs, if it is not that of the pull spec.
    pub(super) running: Option<String>,
    /// The number of pods.
    pub(super) count: usize,
}

/// An `ImageChange` trigger of a container.
#[derive(Clone, Debug)]
pub(super) struct ContainerTrigger {
    pub(super) container: String,
    /// `stream:tag`.
    pub(super) tag: String,
    /// The project of the image stream, if it is another one.
    pub(super) project: Option<String>,
    pub(super) paused: bool,
}

/// A workload to be added by [`Cluster::add_workload`]: any kind but the two of builds, for which
/// there is [`super::BuildConfig`].
///
/// ```
/// # use openshift_standin::cluster::{Workload, WorkloadKind};
/// let worker = Workload::new(WorkloadKind::Deployment, "shop", "worker")
///     .container("app", "registry.example.com/shop/worker:1.0")
///     .trigger("app", "storefront:production")
///     .replicas(2);
/// ```
#[derive(Clone, Debug)]
pub struct Workload {
    pub(super) kind: WorkloadKind,
    pub(super) project: String,
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
    /// Name and pull spec.
    pub(super) containers: Vec<(String, String)>,
    pub(super) init_containers: Vec<(String, String)>,
    pub(super) triggers: Vec<ContainerTrigger>,
    pub(super) replicas: usize,
    pub(super) paused: bool,
    pub(super) owner: Option<(WorkloadKind, String)>,
    pub(super) service_account: Option<String>,
    pub(super) created: Option<DateTime<Utc>>,
    pub(super) pod_settings: PodSettings,
}

impl Workload {
    /// One without containers, with one replica. Pods get the label `app` with this name.
    #[must_use]
    pub fn new(kind: WorkloadKind, project: &str, name: &str) -> Self {
        Self {
            kind,
            project: project.to_owned(),
            name: name.to_owned(),
            labels: BTreeMap::from([("app".to_owned(), name.to_owned())]),
            annotations: BTreeMap::new(),
            containers: Vec::new(),
            init_containers: Vec::new(),
            triggers: Vec::new(),
            replicas: 1,
            paused: false,
            owner: None,
            service_account: None,
            created: None,
            pod_settings: PodSettings::default(),
        }
    }

    /// Adds a container that runs the image of this pull spec.
    #[must_use]
    pub fn container(mut self, name: &str, image: &str) -> Self {
        self.containers.push((name.to_owned(), image.to_owned()));
        self
    }

    /// Adds an init container.
    #[must_use]
    pub fn init_container(mut self, name: &str, image: &str) -> Self {
        self.init_containers
            .push((name.to_owned(), image.to_owned()));
        self
    }

    /// Lets a container follow a tag, `stream:tag` or `project/stream:tag`: `ImageChange` of a
    /// DeploymentConfig, the annotation `image.openshift.io/triggers` of all other kinds.
    #[must_use]
    pub fn trigger(self, container: &str, tag: &str) -> Self {
        self.with_trigger(container, tag, false)
    }

    /// The same, but paused: the container keeps its image when the tag moves.
    #[must_use]
    pub fn paused_trigger(self, container: &str, tag: &str) -> Self {
        self.with_trigger(container, tag, true)
    }

    fn with_trigger(mut self, container: &str, tag: &str, paused: bool) -> Self {
        let (project, tag) = match tag.split_once('/') {
            Some((project, tag)) => (Some(project.to_owned()), tag),
            None => (None, tag),
        };
        self.triggers.push(ContainerTrigger {
            container: container.to_owned(),
            tag: tag.to_owned(),
            project,
            paused,
        });
        self
    }

    #[must_use]
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// Pauses the rollouts of a Deployment or DeploymentConfig (`paused`), or suspends a CronJob or
    /// Job (`suspend`).
    #[must_use]
    pub fn paused(mut self) -> Self {
        self.paused = true;
        self
    }

    /// Lets the pods run the image of this digest instead of the current one of the pull spec: they
    /// were started before the tag moved.
    #[must_use]
    pub fn running(mut self, digest: &str) -> Self {
        self.pod_settings.running = Some(digest.to_owned());
        self
    }

    #[must_use]
    pub fn runtime(mut self, runtime: ContainerRuntime) -> Self {
        self.pod_settings.runtime = Some(runtime);
        self
    }

    #[must_use]
    pub fn state(mut self, state: PodState) -> Self {
        self.pod_settings.state = state;
        self
    }

    /// The object that created it, which must have been added before, as a CronJob creates a Job.
    #[must_use]
    pub fn owner(mut self, kind: WorkloadKind, name: &str) -> Self {
        self.owner = Some((kind, name.to_owned()));
        self
    }

    /// Replaces the label `app` of its pods.
    #[must_use]
    pub fn app_label(mut self, app: &str) -> Self {
        self.labels.insert("app".to_owned(), app.to_owned());
        self
    }

    #[must_use]
    pub fn annotation(mut self, key: &str, value: &str) -> Self {
        self.annotations.insert(key.to_owned(), value.to_owned());
        self
    }

    #[must_use]
    pub fn service_account(mut self, name: &str) -> Self {
        self.service_account = Some(name.to_owned());
        self
    }

    /// When it was created; the present if this is not called.
    #[must_use]
    pub fn created(mut self, when: DateTime<Utc>) -> Self {
        self.created = Some(when);
        self
    }
}

impl Cluster {
    /// Adds a workload, with what its controllers create: replication controllers, replica sets and
    /// pods. Triggers take effect at once. An object of the same kind and name is replaced with all
    /// that it owns.
    pub fn add_workload(&self, workload: Workload) {
        self.write(|state| state.add_workload(workload));
    }

    /// Removes a workload with all that it owns.
    pub fn remove_workload(&self, kind: WorkloadKind, project: &str, name: &str) {
        self.write(|state| state.remove_workload_tree(kind, project, name));
    }
}
