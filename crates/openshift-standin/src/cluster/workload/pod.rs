//! Pods: their names, their owners, and what their containers run.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::description::PodSettings;
use super::image_id::{container_id_scheme, image_id, name_suffix, usual_runtime};
use super::{
    ContainerRuntime, OwnerReference, PodState, WorkloadKind, WorkloadObject, pod_template,
};
use crate::cluster::{ClusterState, Version, rfc3339};

/// A pod to be created.
pub(super) struct NewPod<'a> {
    pub(super) project: &'a str,
    pub(super) name: String,
    pub(super) generate_name: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) owner: Option<OwnerReference>,
    pub(super) created: DateTime<Utc>,
}

/// The `spec` and `status` that pods of one template share.
#[derive(Clone)]
pub(super) struct PodContent {
    pub(super) spec: Arc<Value>,
    pub(super) status: Arc<Value>,
    pub(super) settings: PodSettings,
}

impl ClusterState {
    /// What the pods of a template get: the images of the template at this time.
    pub(super) fn pod_content(
        &self,
        template_spec: &Value,
        settings: &PodSettings,
        when: DateTime<Utc>,
        token_seed: &str,
    ) -> PodContent {
        let version = self.version();
        let token = name_suffix(token_seed, 5);
        let spec = pod_template::pod_spec(version, template_spec.clone(), &token);
        let status = self.pod_status(&spec, settings, when);
        PodContent {
            spec: Arc::new(spec),
            status: Arc::new(status),
            settings: settings.clone(),
        }
    }

    fn pod_status(&self, spec: &Value, settings: &PodSettings, when: DateTime<Utc>) -> Value {
        let version = self.version();
        let mut status = json!({"phase": phase(settings.state), "qosClass": "BestEffort"});
        if let Some(condition) = scheduling_condition(version, settings.state, when) {
            status["conditions"] = json!([condition]);
        }
        if matches!(
            settings.state,
            PodState::Unschedulable | PodState::NotCreated
        ) {
            return status;
        }
        let runtime = settings.runtime.unwrap_or_else(|| usual_runtime(version));
        for (field, list, is_init) in [
            ("containerStatuses", "containers", false),
            ("initContainerStatuses", "initContainers", true),
        ] {
            let statuses: Vec<Value> = spec
                .get(list)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|container| {
                    let image = container["image"].as_str().unwrap_or_default();
                    let overridden = settings.running.clone().filter(|_| !is_init);
                    let digest = overridden.or_else(|| self.digest_of(image));
                    let state = match settings.state {
                        PodState::Running if is_init => PodState::Succeeded,
                        state => state,
                    };
                    container_status(version, container, digest, state, runtime, when)
                })
                .collect();
            if !statuses.is_empty() {
                status[field] = statuses.into();
            }
        }
        // An image that is not there cannot be pulled.
        let waits = |list: &Value| {
            list.as_array()
                .into_iter()
                .flatten()
                .any(|container| container["state"].get("waiting").is_some())
        };
        if status.get("containerStatuses").is_some_and(waits) {
            status["phase"] = "Pending".into();
        }
        status
    }

    pub(super) fn put_pod(&mut self, pod: NewPod<'_>, content: &PodContent) -> Arc<WorkloadObject> {
        let version = self.version();
        let mut meta = self.new_meta(Some(pod.project), &pod.name);
        meta.created = pod.created;
        meta.labels = pod.labels;
        meta.annotations = pod.annotations;
        meta.annotations
            .extend(security_annotations(version).map(|(key, value)| (key.into(), value.into())));
        meta.generation = (version == Version::V4).then_some(1);
        self.put_workload(
            "ADDED",
            WorkloadObject {
                kind: WorkloadKind::Pod,
                meta,
                generate_name: pod.generate_name,
                owner: pod.owner,
                spec: Arc::clone(&content.spec),
                status: Arc::clone(&content.status),
                pod_settings: content.settings.clone(),
            },
        )
    }
}

fn security_annotations(
    version: Version,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let annotations: &[(&str, &str)] = match version {
        Version::V3_9 => &[("openshift.io/scc", "restricted")],
        Version::V4 => &[
            ("openshift.io/scc", "restricted-v2"),
            (
                "seccomp.security.alpha.kubernetes.io/pod",
                "runtime/default",
            ),
            ("security.openshift.io/validated-scc-subject-type", "user"),
        ],
    };
    annotations.iter().copied()
}

fn phase(state: PodState) -> &'static str {
    match state {
        PodState::Running => "Running",
        PodState::Succeeded => "Succeeded",
        PodState::Unschedulable | PodState::ImagePullBackOff | PodState::NotCreated => "Pending",
    }
}

/// The recorded pods of OpenShift 4 that run have no conditions.
fn scheduling_condition(version: Version, state: PodState, when: DateTime<Utc>) -> Option<Value> {
    let mut condition =
        json!({"type": "PodScheduled", "lastProbeTime": null, "lastTransitionTime": rfc3339(when)});
    match (state, version) {
        (PodState::Unschedulable, _) => {
            condition["status"] = "False".into();
            condition["reason"] = "Unschedulable".into();
            condition["message"] = "no nodes available to schedule pods".into();
        }
        (PodState::NotCreated, _) | (_, Version::V4) => return None,
        (_, Version::V3_9) => condition["status"] = "True".into(),
    }
    Some(condition)
}

fn container_status(
    version: Version,
    container: &Value,
    digest: Option<String>,
    state: PodState,
    runtime: ContainerRuntime,
    when: DateTime<Utc>,
) -> Value {
    let image = container["image"].as_str().unwrap_or_default();
    let mut status = json!({"name": container["name"], "lastState": {}, "restartCount": 0, "image": image, "ready": false, "imageID": ""});
    let Some(digest) = digest.filter(|_| state != PodState::ImagePullBackOff) else {
        status["state"] = json!({"waiting": {"reason": "ImagePullBackOff", "message": format!("Back-off pulling image {image:?}")}});
        return status;
    };
    let id = format!("{}://{:0>64}", container_id_scheme(runtime), 0);
    let when = rfc3339(when);
    let is_running = state == PodState::Running;
    status["state"] = if is_running {
        json!({"running": {"startedAt": when}})
    } else {
        json!({"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": when, "finishedAt": when, "containerID": id}})
    };
    status["ready"] = is_running.into();
    status["imageID"] = image_id(runtime, image, &digest).into();
    status["containerID"] = id.into();
    if version == Version::V4 {
        status["started"] = is_running.into();
    }
    status
}
