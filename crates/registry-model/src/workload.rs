//! Workloads: the objects of a project that run images, build them or react to their changes.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{ObjectName, ProjectName, WorkloadImageReference};

/// The kinds of objects that name images, in the order in which pages show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
pub enum WorkloadKind {
    DeploymentConfig,
    Deployment,
    StatefulSet,
    DaemonSet,
    CronJob,
    Job,
    ReplicationController,
    ReplicaSet,
    Pod,
    BuildConfig,
    Build,
}

impl WorkloadKind {
    pub const ALL: [Self; 11] = [
        Self::DeploymentConfig,
        Self::Deployment,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::CronJob,
        Self::Job,
        Self::ReplicationController,
        Self::ReplicaSet,
        Self::Pod,
        Self::BuildConfig,
        Self::Build,
    ];

    /// The kind as the API names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeploymentConfig => "DeploymentConfig",
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::CronJob => "CronJob",
            Self::Job => "Job",
            Self::ReplicationController => "ReplicationController",
            Self::ReplicaSet => "ReplicaSet",
            Self::Pod => "Pod",
            Self::BuildConfig => "BuildConfig",
            Self::Build => "Build",
        }
    }

    /// The resource, as in paths, access reviews and `oc get`.
    #[must_use]
    pub fn resource(self) -> &'static str {
        match self {
            Self::DeploymentConfig => "deploymentconfigs",
            Self::Deployment => "deployments",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
            Self::CronJob => "cronjobs",
            Self::Job => "jobs",
            Self::ReplicationController => "replicationcontrollers",
            Self::ReplicaSet => "replicasets",
            Self::Pod => "pods",
            Self::BuildConfig => "buildconfigs",
            Self::Build => "builds",
        }
    }

    /// The short name that `oc` prints before the name of an object, as in `dc/web`.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::DeploymentConfig => "dc",
            Self::Deployment => "deployment",
            Self::StatefulSet => "statefulset",
            Self::DaemonSet => "daemonset",
            Self::CronJob => "cronjob",
            Self::Job => "job",
            Self::ReplicationController => "rc",
            Self::ReplicaSet => "replicaset",
            Self::Pod => "pod",
            Self::BuildConfig => "bc",
            Self::Build => "build",
        }
    }

    /// Whether it builds images.
    #[must_use]
    pub fn is_build(self) -> bool {
        matches!(self, Self::BuildConfig | Self::Build)
    }

    /// Whether an API group has the kind. OpenShift's kinds were in the group without a name first.
    fn is_in_group(self, group: &str) -> bool {
        match self {
            Self::Pod | Self::ReplicationController => group.is_empty(),
            Self::DeploymentConfig => matches!(group, "" | "apps.openshift.io"),
            Self::BuildConfig | Self::Build => matches!(group, "" | "build.openshift.io"),
            Self::Deployment | Self::StatefulSet | Self::DaemonSet | Self::ReplicaSet => {
                matches!(group, "apps" | "extensions")
            }
            Self::CronJob | Self::Job => group == "batch",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Serialize for WorkloadKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A workload within its project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
pub struct WorkloadId {
    pub kind: WorkloadKind,
    pub name: ObjectName,
}

impl WorkloadId {
    /// The object that an owner reference names. `None` if it is of another kind, such as one of the
    /// same name in another API group.
    #[must_use]
    pub fn from_owner_reference(api_version: &str, kind: &str, name: &str) -> Option<Self> {
        let kind = WorkloadKind::from_name(kind)?;
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let name = name.parse().ok()?;
        kind.is_in_group(group).then_some(Self { kind, name })
    }
}

impl fmt::Display for WorkloadId {
    /// As `oc` prints it: `dc/web`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.prefix(), self.name)
    }
}

/// A workload, as far as its images are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    pub project: ProjectName,
    pub id: WorkloadId,
    /// The workload that made it.
    pub owner: Option<WorkloadId>,
    pub created: Option<DateTime<Utc>>,
    pub phase: WorkloadPhase,
    /// Whether changes do not lead to new pods at present: `spec.paused`, or `spec.suspend` of a job
    /// that runs on a schedule.
    pub is_paused: bool,
    /// The number of pods that it keeps. `None` for kinds without such a number.
    pub replicas: Option<u32>,
    /// The service account that pulls the images. `None`: not named, so `default`.
    pub service_account: Option<ObjectName>,
    /// Whether its pods have pull secrets of their own.
    pub has_pull_secrets: bool,
    pub images: Vec<NamedImage>,
    pub triggers: Vec<ImageTrigger>,
}

/// Whether a workload runs images now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadPhase {
    /// A pod or build that runs, or has not started yet.
    Active,
    /// It starts pods or builds.
    Starting,
    /// A pod, job or build that has ended.
    Ended,
}

/// An image that a workload names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedImage {
    pub part: ImagePart,
    /// What the workload names. `None`: no valid reference, such as an image that a trigger is to
    /// set.
    pub reference: Option<WorkloadImageReference>,
    /// What a container runs (`imageID` of its status). Only of pods.
    pub running: Option<WorkloadImageReference>,
    /// Since when the container runs. Only of pods.
    pub started: Option<DateTime<Utc>>,
}

/// Which part of a workload names an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(tag = "kind", content = "name", rename_all = "kebab-case")]
pub enum ImagePart {
    InitContainer(ObjectName),
    Container(ObjectName),
    /// The image that a build starts from (`strategy.*.from`).
    BuildFrom,
    /// An image that files are copied from (`source.images`).
    BuildSource,
    /// The image that a build pushes (`output.to`).
    BuildOutput,
}

/// A tag whose change makes a workload start anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageTrigger {
    /// The tag.
    pub reference: WorkloadImageReference,
    /// The containers whose image it sets. Empty for a build.
    pub containers: Vec<ObjectName>,
    /// Whether the trigger does nothing at present: `automatic: false`, or `paused`.
    pub is_paused: bool,
}
