//! The `spec` of each kind of workload, with the defaults of the API servers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::pod_template::{empty_meta, template, template_spec};
use super::{Workload, WorkloadKind, trigger};
use crate::cluster::Version;

/// The `spec` of a new workload. Pods have that of their template.
pub(super) fn new_spec(workload: &Workload, version: Version, uid: &str) -> Value {
    let restart_policy = match workload.kind {
        WorkloadKind::Job | WorkloadKind::CronJob => "Never",
        _ => "Always",
    };
    let pods = template_spec(workload, restart_policy);
    let none = BTreeMap::new();
    let labels = &workload.labels;
    let standard = |spec| template(version, labels, &none, spec);
    let replicas = workload.replicas;
    let is_4 = version == Version::V4;
    let mut spec = match workload.kind {
        WorkloadKind::Pod => return pods,
        WorkloadKind::ReplicationController => {
            json!({"replicas": replicas, "selector": labels, "template": standard(pods)})
        }
        WorkloadKind::ReplicaSet => {
            json!({"replicas": replicas, "selector": {"matchLabels": labels}, "template": standard(pods)})
        }
        WorkloadKind::DeploymentConfig => {
            json!({
                "strategy": {"type": "Rolling", "rollingParams": {"updatePeriodSeconds": 1, "intervalSeconds": 1, "timeoutSeconds": 600,
                    "maxUnavailable": "25%", "maxSurge": "25%"}, "resources": {}, "activeDeadlineSeconds": 21_600},
                "triggers": trigger::of_deployment_config(workload),
                "replicas": replicas, "revisionHistoryLimit": 10, "test": false, "selector": labels, "template": standard(pods),
            })
        }
        WorkloadKind::Deployment => {
            json!({"replicas": replicas, "selector": {"matchLabels": labels}, "template": standard(pods),
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
                "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600})
        }
        WorkloadKind::StatefulSet => {
            let mut spec = json!({"replicas": replicas, "selector": {"matchLabels": labels}, "template": standard(pods), "serviceName": workload.name,
                "podManagementPolicy": "OrderedReady", "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
                "revisionHistoryLimit": 10});
            if is_4 {
                spec["persistentVolumeClaimRetentionPolicy"] =
                    json!({"whenDeleted": "Retain", "whenScaled": "Retain"});
            }
            spec
        }
        WorkloadKind::DaemonSet => {
            let mut spec = json!({"selector": {"matchLabels": labels}, "template": standard(pods),
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}, "revisionHistoryLimit": 10});
            if is_4 {
                spec["updateStrategy"]["rollingUpdate"]["maxSurge"] = 0.into();
            }
            spec
        }
        WorkloadKind::Job => {
            let labels = job_labels(&workload.name, version, uid);
            let mut spec = json!({"parallelism": 1, "completions": 1, "backoffLimit": 6, "selector": {"matchLabels": job_selector(version, uid)},
                "template": template(version, &labels, &none, pods)});
            if is_4 {
                spec["manualSelector"] = false.into();
                spec["completionMode"] = "NonIndexed".into();
                spec["suspend"] = false.into();
                spec["podReplacementPolicy"] = "TerminatingOrFailed".into();
            }
            spec
        }
        WorkloadKind::CronJob => {
            json!({"schedule": "0 3 * * *", "concurrencyPolicy": "Allow", "suspend": false,
                "jobTemplate": {"metadata": empty_meta(version), "spec": {"template": template(version, &none, &none, pods)}},
                "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1})
        }
        WorkloadKind::BuildConfig | WorkloadKind::Build => {
            unreachable!("builds have no pod template: see `BuildConfig`")
        }
    };
    if workload.paused {
        let field = match workload.kind {
            WorkloadKind::Job | WorkloadKind::CronJob => "suspend",
            _ => "paused",
        };
        spec[field] = true.into();
    }
    spec
}

/// The labels of a job and its pods.
pub(super) fn job_labels(name: &str, version: Version, uid: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([
        ("controller-uid".to_owned(), uid.to_owned()),
        ("job-name".to_owned(), name.to_owned()),
    ]);
    if version == Version::V4 {
        let prefixed: Vec<_> = labels
            .iter()
            .map(|(key, value)| (format!("batch.kubernetes.io/{key}"), value.clone()))
            .collect();
        labels.extend(prefixed);
    }
    labels
}

fn job_selector(version: Version, uid: &str) -> Value {
    match version {
        Version::V3_9 => json!({"controller-uid": uid}),
        Version::V4 => json!({"batch.kubernetes.io/controller-uid": uid}),
    }
}
