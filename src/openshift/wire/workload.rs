//! The JSON of workloads: the fields of all kinds that name images or say how they are used.
//!
//! The kinds share one type, because none uses a field of another in a different way: a pod has
//! containers, others a template of a pod, and builds have the images that they use.

mod build;
mod pod;
mod trigger;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::object_meta::{deserialize_time, null_to_default};
use build::{BuildOutput, BuildSource, WireBuildStrategy, build_images};
use pod::{ContainerStatus, PodTemplate, WireContainer};
use registry_model::{
    ImagePart, NamedImage, ObjectName, ProjectName, Workload, WorkloadId, WorkloadImageReference,
    WorkloadKind, WorkloadPhase,
};
use trigger::{SpecTrigger, parse_annotation};

/// A workload of any kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireWorkload {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WorkloadMeta,
    #[serde(deserialize_with = "null_to_default")]
    spec: WorkloadSpec,
    #[serde(deserialize_with = "null_to_default")]
    status: WorkloadStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WorkloadMeta {
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    #[serde(deserialize_with = "null_to_default")]
    namespace: String,
    #[serde(deserialize_with = "deserialize_time")]
    creation_timestamp: Option<DateTime<Utc>>,
    resource_version: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    owner_references: Vec<WireOwnerReference>,
    #[serde(deserialize_with = "null_to_default")]
    annotations: WorkloadAnnotations,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireOwnerReference {
    #[serde(deserialize_with = "null_to_default")]
    api_version: String,
    #[serde(deserialize_with = "null_to_default")]
    kind: String,
    #[serde(deserialize_with = "null_to_default")]
    name: String,
    #[serde(deserialize_with = "null_to_default")]
    controller: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WorkloadAnnotations {
    /// Triggers of Kubernetes' own kinds: a JSON list.
    #[serde(rename = "image.openshift.io/triggers")]
    triggers: Option<String>,
    /// Of the pod of a build: the build.
    #[serde(rename = "openshift.io/build.name")]
    build: Option<String>,
    /// Of a build: its configuration.
    #[serde(rename = "openshift.io/build-config.name")]
    build_config: Option<String>,
    /// Of a replication controller: the configuration that it is a deployment of.
    #[serde(rename = "openshift.io/deployment-config.name")]
    deployment_config: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WorkloadSpec {
    /// The pod of a pod: as in a template, but without a level of its own.
    #[serde(deserialize_with = "null_to_default")]
    containers: Vec<WireContainer>,
    #[serde(deserialize_with = "null_to_default")]
    init_containers: Vec<WireContainer>,
    #[serde(deserialize_with = "null_to_default")]
    ephemeral_containers: Vec<WireContainer>,
    /// Of a pod or build configuration.
    service_account_name: Option<String>,
    /// Of a build.
    service_account: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    image_pull_secrets: Vec<serde::de::IgnoredAny>,
    #[serde(deserialize_with = "null_to_default")]
    template: PodTemplate,
    /// Of a job on a schedule.
    #[serde(deserialize_with = "null_to_default")]
    job_template: JobTemplate,
    replicas: Option<i64>,
    #[serde(deserialize_with = "null_to_default")]
    paused: bool,
    #[serde(deserialize_with = "null_to_default")]
    suspend: bool,
    /// Of a deployment configuration or build configuration.
    #[serde(deserialize_with = "null_to_default")]
    triggers: Vec<SpecTrigger>,
    #[serde(deserialize_with = "null_to_default")]
    source: BuildSource,
    /// Of a build. Deployments have another strategy, without these fields.
    #[serde(deserialize_with = "null_to_default")]
    strategy: WireBuildStrategy,
    #[serde(deserialize_with = "null_to_default")]
    output: BuildOutput,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JobTemplate {
    #[serde(deserialize_with = "null_to_default")]
    spec: JobTemplateSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JobTemplateSpec {
    #[serde(deserialize_with = "null_to_default")]
    template: PodTemplate,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WorkloadStatus {
    /// Of a pod or build.
    #[serde(deserialize_with = "null_to_default")]
    phase: String,
    /// Of a pod.
    #[serde(deserialize_with = "deserialize_time")]
    start_time: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "null_to_default")]
    container_statuses: Vec<ContainerStatus>,
    #[serde(deserialize_with = "null_to_default")]
    init_container_statuses: Vec<ContainerStatus>,
    #[serde(deserialize_with = "null_to_default")]
    ephemeral_container_statuses: Vec<ContainerStatus>,
    /// Of a job.
    #[serde(deserialize_with = "null_to_default")]
    conditions: Vec<JobCondition>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JobCondition {
    #[serde(rename = "type", deserialize_with = "null_to_default")]
    kind: String,
    #[serde(deserialize_with = "null_to_default")]
    status: String,
}

impl WireWorkload {
    /// The version of the object, which is taken.
    pub(in crate::openshift) fn take_resource_version(&mut self) -> Option<String> {
        self.metadata.resource_version.take()
    }

    /// The workload, of a list of `kind`. `None` if its name or project is not valid.
    pub(in crate::openshift) fn into_model(self, kind: WorkloadKind) -> Option<Workload> {
        let Self {
            metadata,
            spec,
            status,
        } = self;
        let project: ProjectName = metadata.namespace.parse().ok()?;
        let id = WorkloadId {
            kind,
            name: metadata.name.parse().ok()?,
        };
        let triggers = match kind {
            WorkloadKind::DeploymentConfig | WorkloadKind::BuildConfig => {
                let from = spec.strategy.from(&project);
                spec.triggers
                    .iter()
                    .filter_map(|trigger| trigger.to_model(from.as_ref(), &project))
                    .collect()
            }
            // Other kinds have the annotation of the workload that made them.
            WorkloadKind::Deployment
            | WorkloadKind::StatefulSet
            | WorkloadKind::DaemonSet
            | WorkloadKind::CronJob => {
                parse_annotation(metadata.annotations.triggers.as_deref(), &project)
            }
            _ => Vec::new(),
        };
        Some(Workload {
            owner: metadata.owner(kind),
            created: metadata.creation_timestamp,
            phase: status.phase(kind),
            is_paused: match kind {
                WorkloadKind::Deployment | WorkloadKind::DeploymentConfig => spec.paused,
                WorkloadKind::CronJob | WorkloadKind::Job => spec.suspend,
                _ => false,
            },
            replicas: spec.replicas(kind),
            service_account: spec.service_account(kind),
            has_pull_secrets: !spec.pod_template(kind).spec.image_pull_secrets.is_empty()
                || !spec.image_pull_secrets.is_empty(),
            images: spec.images(kind, &status, &project),
            triggers,
            project,
            id,
        })
    }
}

impl WorkloadMeta {
    fn owner(&self, kind: WorkloadKind) -> Option<WorkloadId> {
        let owner = |reference: &WireOwnerReference| {
            WorkloadId::from_owner_reference(
                &reference.api_version,
                &reference.kind,
                &reference.name,
            )
        };
        let named = |kind, name: &Option<String>| {
            let name = name.as_deref()?.parse().ok()?;
            Some(WorkloadId { kind, name })
        };
        let controller = self.owner_references.iter().find(|owner| owner.controller);
        let annotated = match kind {
            WorkloadKind::Pod => named(WorkloadKind::Build, &self.annotations.build),
            WorkloadKind::Build => named(WorkloadKind::BuildConfig, &self.annotations.build_config),
            WorkloadKind::ReplicationController => named(
                WorkloadKind::DeploymentConfig,
                &self.annotations.deployment_config,
            ),
            _ => None,
        };
        controller
            .and_then(owner)
            .or(annotated)
            // The pod that deploys a configuration has an owner that does not control it (recorded
            // in `pods-project` of 3.9).
            .or_else(|| self.owner_references.iter().find_map(owner))
    }
}

impl WorkloadSpec {
    fn pod_template(&self, kind: WorkloadKind) -> &PodTemplate {
        match kind {
            WorkloadKind::CronJob => &self.job_template.spec.template,
            _ => &self.template,
        }
    }

    fn replicas(&self, kind: WorkloadKind) -> Option<u32> {
        match kind {
            WorkloadKind::DeploymentConfig
            | WorkloadKind::Deployment
            | WorkloadKind::StatefulSet
            | WorkloadKind::ReplicationController
            // One is the default of the API.
            | WorkloadKind::ReplicaSet => {
                Some(u32::try_from(self.replicas.unwrap_or(1)).unwrap_or_default())
            }
            _ => None,
        }
    }

    fn service_account(&self, kind: WorkloadKind) -> Option<ObjectName> {
        let named = [
            self.pod_template(kind).spec.service_account_name.as_ref(),
            self.service_account_name.as_ref(),
            self.service_account.as_ref(),
        ];
        let named = named
            .into_iter()
            .flatten()
            .find_map(|name| name.parse().ok());
        let default = kind
            .is_build()
            .then(|| "builder".parse().expect("a valid name"));
        named.or(default)
    }

    fn images(
        self,
        kind: WorkloadKind,
        status: &WorkloadStatus,
        project: &ProjectName,
    ) -> Vec<NamedImage> {
        match kind {
            WorkloadKind::Pod => self.pod_images(status),
            WorkloadKind::Build | WorkloadKind::BuildConfig => {
                build_images(&self.source, &self.strategy, &self.output, project)
            }
            WorkloadKind::CronJob => self.job_template.spec.template.spec.images(),
            _ => self.template.spec.images(),
        }
    }

    fn pod_images(&self, status: &WorkloadStatus) -> Vec<NamedImage> {
        let statuses = |statuses: &[ContainerStatus]| -> BTreeMap<String, ContainerStatus> {
            let statuses = statuses.iter().cloned();
            statuses
                .map(|status| (status.name.clone(), status))
                .collect()
        };
        type NewPart = fn(ObjectName) -> ImagePart;
        let groups: [(_, _, NewPart); 3] = [
            (
                &self.init_containers,
                statuses(&status.init_container_statuses),
                ImagePart::InitContainer,
            ),
            (
                &self.containers,
                statuses(&status.container_statuses),
                ImagePart::Container,
            ),
            (
                &self.ephemeral_containers,
                statuses(&status.ephemeral_container_statuses),
                ImagePart::Container,
            ),
        ];
        let mut images = Vec::new();
        for (containers, statuses, part) in groups {
            images.extend(containers.iter().filter_map(|container| {
                let mut image = container.image(part)?;
                if let Some(found) = statuses.get(&container.name) {
                    image.running = WorkloadImageReference::from_image_id(&found.image_id);
                    image.started = found.started().or(status.start_time);
                }
                Some(image)
            }));
        }
        images
    }
}

impl WorkloadStatus {
    fn phase(&self, kind: WorkloadKind) -> WorkloadPhase {
        let has_ended = match kind {
            WorkloadKind::Pod => matches!(self.phase.as_str(), "Succeeded" | "Failed"),
            WorkloadKind::Build => matches!(
                self.phase.as_str(),
                "Complete" | "Failed" | "Error" | "Cancelled"
            ),
            WorkloadKind::Job => self.conditions.iter().any(|condition| {
                matches!(condition.kind.as_str(), "Complete" | "Failed")
                    && condition.status == "True"
            }),
            _ => false,
        };
        match kind {
            _ if has_ended => WorkloadPhase::Ended,
            WorkloadKind::Pod | WorkloadKind::Build => WorkloadPhase::Active,
            _ => WorkloadPhase::Starting,
        }
    }
}
