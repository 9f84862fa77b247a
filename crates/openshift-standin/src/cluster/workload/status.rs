//! The `status` of each kind of workload.

use serde_json::{Value, json};

use super::{PodState, WorkloadKind};
use crate::cluster::Version;

/// What a status says.
pub(super) struct WorkloadProgress<'a> {
    pub(super) state: PodState,
    /// The number of its pods.
    pub(super) pods: usize,
    pub(super) generation: i64,
    /// RFC 3339.
    pub(super) when: &'a str,
    /// The name of the replication controller or replica set that it has created.
    pub(super) created: &'a str,
    /// The number of rollouts of a DeploymentConfig.
    pub(super) rollouts: u64,
    /// The pull spec to which a trigger has moved the DeploymentConfig; `None`: its configuration
    /// was changed.
    pub(super) trigger: Option<&'a str>,
}

impl WorkloadProgress<'_> {
    fn ready(&self) -> usize {
        if self.state == PodState::Running {
            self.pods
        } else {
            0
        }
    }
}

/// The status before a controller has seen the object.
pub(super) fn unseen(kind: WorkloadKind, version: Version) -> Value {
    match kind {
        WorkloadKind::Pod => json!({"phase": "Pending", "qosClass": "BestEffort"}),
        WorkloadKind::ReplicationController | WorkloadKind::ReplicaSet => json!({"replicas": 0}),
        WorkloadKind::DeploymentConfig => {
            json!({"latestVersion": 0, "observedGeneration": 0, "replicas": 0, "updatedReplicas": 0, "availableReplicas": 0,
                "unavailableReplicas": 0})
        }
        WorkloadKind::StatefulSet if version == Version::V4 => {
            json!({"replicas": 0, "availableReplicas": 0})
        }
        WorkloadKind::StatefulSet => json!({"replicas": 0}),
        WorkloadKind::DaemonSet => {
            json!({"currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0})
        }
        WorkloadKind::BuildConfig => json!({"lastVersion": 0}),
        WorkloadKind::Deployment
        | WorkloadKind::Job
        | WorkloadKind::CronJob
        | WorkloadKind::Build => json!({}),
    }
}

/// The status that the controller of the kind writes.
pub(super) fn seen(kind: WorkloadKind, version: Version, progress: &WorkloadProgress<'_>) -> Value {
    let (pods, ready) = (progress.pods, progress.ready());
    match kind {
        WorkloadKind::ReplicationController | WorkloadKind::ReplicaSet => {
            let mut status =
                json!({"replicas": pods, "observedGeneration": progress.generation.max(1)});
            if pods > 0 {
                status["fullyLabeledReplicas"] = pods.into();
            }
            set_ready(&mut status, ready);
            status
        }
        WorkloadKind::DeploymentConfig => deployment_config(progress),
        WorkloadKind::Deployment => deployment(progress),
        WorkloadKind::StatefulSet => {
            let revision = format!("{}-{}", progress.created, revision_hash(progress));
            let mut status = json!({"observedGeneration": progress.generation.max(1), "replicas": pods, "currentReplicas": pods,
                "currentRevision": revision, "updateRevision": revision, "collisionCount": 0});
            if ready > 0 {
                status["readyReplicas"] = ready.into();
                status["updatedReplicas"] = ready.into();
            }
            if version == Version::V4 {
                status["availableReplicas"] = ready.into();
            }
            status
        }
        WorkloadKind::DaemonSet => {
            let mut status = json!({"currentNumberScheduled": pods, "numberMisscheduled": 0, "desiredNumberScheduled": pods,
                "numberReady": ready, "observedGeneration": progress.generation.max(1)});
            if ready > 0 {
                status["numberAvailable"] = ready.into();
                status["updatedNumberScheduled"] = pods.into();
            }
            status
        }
        WorkloadKind::Job if progress.state == PodState::Succeeded => {
            json!({"startTime": progress.when, "completionTime": progress.when, "succeeded": pods,
                "conditions": [{"type": "Complete", "status": "True", "lastProbeTime": progress.when, "lastTransitionTime": progress.when}]})
        }
        WorkloadKind::Job => json!({"startTime": progress.when, "active": pods}),
        kind => unseen(kind, version),
    }
}

fn set_ready(status: &mut Value, ready: usize) {
    if ready > 0 {
        status["readyReplicas"] = ready.into();
        status["availableReplicas"] = ready.into();
    }
}

/// The hash in the name of a stateful set's revision.
fn revision_hash(progress: &WorkloadProgress<'_>) -> String {
    super::image_id::name_suffix(&format!("{}-{}", progress.created, progress.generation), 10)
}

fn deployment_config(progress: &WorkloadProgress<'_>) -> Value {
    let (pods, ready) = (progress.pods, progress.ready());
    let when = progress.when;
    let condition = |kind: &str, status: &str, message: String| json!({"type": kind, "status": status, "lastUpdateTime": when, "lastTransitionTime": when, "message": message});
    let controller = progress.created;
    let conditions = if progress.state == PodState::Running {
        let available = condition(
            "Available",
            "True",
            "Deployment config has minimum availability.".to_owned(),
        );
        let mut progressing = condition(
            "Progressing",
            "True",
            format!("replication controller \"{controller}\" successfully rolled out"),
        );
        progressing["reason"] = "NewReplicationControllerAvailable".into();
        [available, progressing]
    } else {
        let available = condition(
            "Available",
            "False",
            "Deployment config does not have minimum availability.".to_owned(),
        );
        let progressing = condition(
            "Progressing",
            "Unknown",
            format!(
                "replication controller \"{controller}\" is waiting for pod \"{controller}-deploy\" to run"
            ),
        );
        [available, progressing]
    };
    let details = match progress.trigger {
        Some(image) => {
            json!({"message": "image change", "causes": [{"type": "ImageChange",
                "imageTrigger": {"from": {"kind": "DockerImage", "name": image}}}]})
        }
        None => json!({"message": "config change", "causes": [{"type": "ConfigChange"}]}),
    };
    let mut status = json!({"latestVersion": progress.rollouts, "observedGeneration": progress.generation, "replicas": pods, "updatedReplicas": pods,
        "availableReplicas": ready, "unavailableReplicas": pods - ready, "details": details, "conditions": conditions});
    if ready > 0 {
        status["readyReplicas"] = ready.into();
    }
    status
}

fn deployment(progress: &WorkloadProgress<'_>) -> Value {
    let (pods, ready, when) = (progress.pods, progress.ready(), progress.when);
    let condition = |kind: &str, status: &str, reason: &str, message: String| json!({"type": kind, "status": status, "lastUpdateTime": when, "lastTransitionTime": when, "reason": reason, "message": message});
    let set = progress.created;
    let available = ready > 0 || pods == 0;
    let conditions = if available {
        let has = "Deployment has minimum availability.".to_owned();
        let done = format!("ReplicaSet \"{set}\" has successfully progressed.");
        [
            condition("Available", "True", "MinimumReplicasAvailable", has),
            condition("Progressing", "True", "NewReplicaSetAvailable", done),
        ]
    } else {
        let lacks = "Deployment does not have minimum availability.".to_owned();
        let going = format!("ReplicaSet \"{set}\" is progressing.");
        [
            condition("Available", "False", "MinimumReplicasUnavailable", lacks),
            condition("Progressing", "True", "ReplicaSetUpdated", going),
        ]
    };
    let mut status = json!({"observedGeneration": progress.generation, "replicas": pods, "updatedReplicas": pods, "conditions": conditions});
    set_ready(&mut status, ready);
    if pods > ready {
        status["unavailableReplicas"] = (pods - ready).into();
    }
    status
}
