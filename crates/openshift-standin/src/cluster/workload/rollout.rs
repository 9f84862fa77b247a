//! What the controllers of workloads do: replication controllers, replica sets and pods.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::description::PodSettings;
use super::image_id::name_suffix;
use super::pod::NewPod;
use super::status::{self, WorkloadProgress};
use super::{PodState, Workload, WorkloadKind, WorkloadObject, spec, trigger};
use crate::cluster::{ClusterState, ObjectMetadata, Version, rfc3339};

/// The rollout of a DeploymentConfig or Deployment in progress.
pub(super) struct Rollout<'a> {
    pub(super) parent: &'a WorkloadObject,
    pub(super) template: Value,
    pub(super) when: DateTime<Utc>,
    /// The pull spec to which a trigger has moved a container.
    pub(super) trigger: Option<&'a str>,
}

impl ClusterState {
    /// Adds a workload with all that its controllers create.
    pub(super) fn add_workload(&mut self, workload: Workload) {
        let (kind, project, name) = (
            workload.kind,
            workload.project.clone(),
            workload.name.clone(),
        );
        self.remove_workload_tree(kind, &project, &name);
        let when = workload.created.unwrap_or_else(|| self.now());
        let mut settings = workload.pod_settings.clone();
        settings.count = workload.replicas;
        let owner = workload.owner.as_ref().and_then(|(kind, name)| {
            let owner = self.workload(*kind, &project, name)?;
            Some(owner.owner_reference())
        });
        if kind == WorkloadKind::Pod {
            let template = spec::new_spec(&workload, self.version(), "");
            let content = self.pod_content(&template, &settings, when, &name);
            let pod = NewPod {
                project: &project,
                name,
                generate_name: None,
                labels: workload.labels,
                annotations: workload.annotations,
                owner,
                created: when,
            };
            self.put_pod(pod, &content);
            return;
        }
        let meta = self.workload_meta(&workload, when);
        let spec = spec::new_spec(&workload, self.version(), &meta.uid);
        let status = status::unseen(kind, self.version());
        let unseen = settings.state == PodState::NotCreated;
        self.put_workload(
            "ADDED",
            WorkloadObject {
                kind,
                meta,
                generate_name: None,
                owner,
                spec: Arc::new(spec),
                status: Arc::new(status),
                pod_settings: settings,
            },
        );
        if !unseen {
            self.follow_triggers(kind, &project, &name);
            self.roll_out(kind, &project, &name, when, None);
        }
    }

    fn workload_meta(&mut self, workload: &Workload, when: DateTime<Utc>) -> ObjectMetadata {
        let version = self.version();
        let mut meta = self.new_meta(Some(&workload.project), &workload.name);
        meta.created = when;
        meta.annotations = workload.annotations.clone();
        meta.annotations.extend(trigger::annotation(workload));
        meta.generation = generation(workload.kind, version);
        meta.labels = match workload.kind {
            WorkloadKind::Job => spec::job_labels(&workload.name, version, &meta.uid),
            // 3.9 copies the labels of the template.
            WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::DaemonSet
                if version == Version::V3_9 =>
            {
                workload.labels.clone()
            }
            WorkloadKind::ReplicaSet | WorkloadKind::ReplicationController => {
                workload.labels.clone()
            }
            _ => BTreeMap::new(),
        };
        if workload.kind == WorkloadKind::DaemonSet {
            let key = "deprecated.daemonset.template.generation";
            meta.annotations.insert(key.to_owned(), "1".to_owned());
        }
        meta
    }

    /// Lets the pods of a workload run what its template says.
    pub(super) fn roll_out(
        &mut self,
        kind: WorkloadKind,
        project: &str,
        name: &str,
        when: DateTime<Utc>,
        trigger: Option<&str>,
    ) {
        let Some(parent) = self.workload(kind, project, name).cloned() else {
            return;
        };
        let template = kind
            .template_pointer()
            .and_then(|pointer| parent.spec.pointer(pointer))
            .cloned()
            .unwrap_or_default();
        let rollout = Rollout {
            parent: &parent,
            template,
            when,
            trigger,
        };
        match kind {
            WorkloadKind::DeploymentConfig => self.roll_out_deployment_config(&rollout),
            WorkloadKind::Deployment => self.roll_out_deployment(&rollout),
            WorkloadKind::CronJob
            | WorkloadKind::Pod
            | WorkloadKind::BuildConfig
            | WorkloadKind::Build => {}
            _ => {
                self.replace_pods(&parent, &rollout.template, &parent.pod_settings, when);
                self.update_status(&rollout, &parent.meta.name, 0);
            }
        }
    }

    fn roll_out_deployment(&mut self, rollout: &Rollout<'_>) {
        let parent = rollout.parent;
        let project = parent.namespace();
        self.retire(WorkloadKind::ReplicaSet, parent);
        let hash = name_suffix(
            &format!("{}{}", parent.meta.uid, rollout.template["spec"]),
            10,
        );
        let name = format!("{}-{hash}", parent.meta.name);
        let number = self
            .workloads_of(WorkloadKind::ReplicaSet, project)
            .filter(|set| set.is_owned_by(&parent.meta.uid) && set.meta.name != name)
            .count()
            + 1;
        let mut template = rollout.template.clone();
        template["metadata"]["labels"]["pod-template-hash"] = hash.as_str().into();
        let count = parent.pod_settings.count;
        let mut meta = self.new_meta(Some(project), &name);
        meta.created = rollout.when;
        meta.generation = Some(1);
        meta.labels = string_map(&template["metadata"]["labels"]);
        meta.annotations = parent.meta.annotations.clone();
        let revision = number.to_string();
        meta.annotations.extend(owned_map(&[
            (
                "deployment.kubernetes.io/desired-replicas",
                &count.to_string(),
            ),
            (
                "deployment.kubernetes.io/max-replicas",
                &(count + 1).to_string(),
            ),
            ("deployment.kubernetes.io/revision", &revision),
        ]));
        let set = self.put_workload(
            "ADDED",
            WorkloadObject {
                kind: WorkloadKind::ReplicaSet,
                meta,
                generate_name: None,
                owner: Some(parent.owner_reference()),
                spec: Arc::new(json!({"replicas": count, "selector": {"matchLabels": template["metadata"]["labels"]}, "template": template})),
                status: Arc::new(json!({"replicas": 0})),
                pod_settings: parent.pod_settings.clone(),
            },
        );
        self.scale_up(&set, rollout.when);
        self.update_status(rollout, &name, 0);
        self.change_workload(parent.kind, project, &parent.meta.name, |parent| {
            let key = "deployment.kubernetes.io/revision".to_owned();
            parent.meta.annotations.insert(key, revision);
        });
    }

    /// Scales what a workload created for its earlier templates down to nothing.
    pub(super) fn retire(&mut self, kind: WorkloadKind, parent: &WorkloadObject) {
        let project = parent.namespace();
        let earlier: Vec<Arc<WorkloadObject>> = self
            .workloads_of(kind, project)
            .filter(|object| object.is_owned_by(&parent.meta.uid))
            .cloned()
            .collect();
        for object in earlier {
            self.remove_pods_of(&object.meta.uid, project);
            self.change_workload(kind, project, &object.meta.name, |object| {
                Arc::make_mut(&mut object.spec)["replicas"] = 0.into();
                object.status = Arc::new(json!({"replicas": 0, "observedGeneration": 1}));
                object.pod_settings.count = 0;
            });
        }
    }

    fn remove_pods_of(&mut self, uid: &str, project: &str) {
        let pods: Vec<String> = self
            .workloads_of(WorkloadKind::Pod, project)
            .filter(|pod| {
                pod.owner
                    .as_ref()
                    .is_some_and(|owner| owner.uid == uid && owner.manages)
            })
            .map(|pod| pod.meta.name.clone())
            .collect();
        for pod in pods {
            self.remove_workload(WorkloadKind::Pod, project, &pod);
        }
    }

    /// Creates the pods of a replication controller or replica set.
    pub(super) fn scale_up(&mut self, set: &Arc<WorkloadObject>, when: DateTime<Utc>) {
        let template = set.spec["template"].clone();
        self.replace_pods(set, &template, &set.pod_settings, when);
        let when = rfc3339(when);
        let progress = WorkloadProgress {
            state: set.pod_settings.state,
            pods: set.pod_settings.count,
            generation: 1,
            when: &when,
            created: &set.meta.name,
            rollouts: 0,
            trigger: None,
        };
        let status = Arc::new(status::seen(set.kind, self.version(), &progress));
        self.change_workload(set.kind, set.namespace(), &set.meta.name, |set| {
            set.status = status;
        });
    }

    /// Replaces the pods that a workload manages by pods of this template.
    fn replace_pods(
        &mut self,
        owner: &WorkloadObject,
        template: &Value,
        settings: &PodSettings,
        when: DateTime<Utc>,
    ) {
        let project = owner.namespace();
        self.remove_pods_of(&owner.meta.uid, project);
        let content = self.pod_content(&template["spec"], settings, when, &owner.meta.uid);
        let (labels, annotations) = (
            string_map(&template["metadata"]["labels"]),
            string_map(&template["metadata"]["annotations"]),
        );
        let generate_name = format!("{}-", owner.meta.name);
        for index in 0..settings.count {
            let suffix = match owner.kind {
                WorkloadKind::StatefulSet => index.to_string(),
                _ => name_suffix(
                    &format!("{}/{}/{index}", owner.meta.uid, template["spec"]),
                    5,
                ),
            };
            let name = format!("{generate_name}{suffix}");
            let (mut labels, mut content) = (labels.clone(), content.clone());
            if owner.kind == WorkloadKind::StatefulSet {
                let key = "statefulset.kubernetes.io/pod-name".to_owned();
                labels.insert(key, name.clone());
                let spec = Arc::make_mut(&mut content.spec);
                spec["hostname"] = name.as_str().into();
                spec["subdomain"] = owner.spec["serviceName"].clone();
            }
            let pod = NewPod {
                project,
                name,
                generate_name: Some(generate_name.clone()),
                labels,
                annotations: annotations.clone(),
                owner: Some(owner.owner_reference()),
                created: when,
            };
            self.put_pod(pod, &content);
        }
    }

    pub(super) fn update_status(&mut self, rollout: &Rollout<'_>, created: &str, rollouts: u64) {
        let parent = rollout.parent;
        let (kind, state) = (parent.kind, parent.pod_settings.state);
        let when = rfc3339(rollout.when);
        let waits = kind == WorkloadKind::DeploymentConfig && state == PodState::Unschedulable;
        let progress = WorkloadProgress {
            state,
            pods: if waits { 0 } else { parent.pod_settings.count },
            generation: parent.meta.generation.unwrap_or_default(),
            when: &when,
            created,
            rollouts,
            trigger: rollout.trigger,
        };
        let status = Arc::new(status::seen(kind, self.version(), &progress));
        self.change_workload(kind, parent.namespace(), &parent.meta.name, |object| {
            object.status = status;
        });
    }
}

/// `metadata.generation` of a new object; 3.9 has none for some kinds.
pub(super) fn generation(kind: WorkloadKind, version: Version) -> Option<i64> {
    let counted = match kind {
        WorkloadKind::Pod
        | WorkloadKind::Job
        | WorkloadKind::CronJob
        | WorkloadKind::BuildConfig
        | WorkloadKind::Build => version == Version::V4,
        _ => true,
    };
    counted.then_some(1)
}

pub(super) fn owned_map(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
    texts
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn string_map(map: &Value) -> BTreeMap<String, String> {
    map.as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}
