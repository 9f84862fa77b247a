//! The rollout of a DeploymentConfig: a replication controller, and the pod that scales it up.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::description::PodSettings;
use super::pod::NewPod;
use super::pod_template::template_spec;
use super::rollout::{Rollout, owned_map};
use super::{OwnerReference, PodState, Workload, WorkloadKind, WorkloadObject};
use crate::cluster::{ClusterState, Version};

/// The image of the pods that roll out a DeploymentConfig.
const DEPLOYER_IMAGE_3_9: &str = "openshift/origin-deployer:v3.9.0";
const DEPLOYER_IMAGE_4: &str = "quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:6f2a0b9d6f0b4f1f5c8d7f6a3e2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b";

impl ClusterState {
    pub(super) fn roll_out_deployment_config(&mut self, rollout: &Rollout<'_>) {
        let parent = rollout.parent;
        let (project, config) = (parent.namespace(), &parent.meta.name);
        self.retire(WorkloadKind::ReplicationController, parent);
        let number = parent.status["latestVersion"].as_u64().unwrap_or_default() + 1;
        let name = format!("{config}-{number}");
        let waits = parent.pod_settings.state == PodState::Unschedulable;
        // Deployer pods scale the replication controller up, once they run.
        let replicas = if waits { 0 } else { parent.pod_settings.count };
        let mut template = rollout.template.clone();
        template["metadata"]["labels"]["deployment"] = name.as_str().into();
        template["metadata"]["labels"]["deploymentconfig"] = config.as_str().into();
        let number_text = number.to_string();
        let annotations: [(&str, &str); 3] = [
            (
                "openshift.io/deployment-config.latest-version",
                &number_text,
            ),
            ("openshift.io/deployment-config.name", config),
            ("openshift.io/deployment.name", &name),
        ];
        template["metadata"]["annotations"] = json!(owned_map(&annotations));
        let mut meta = self.new_meta(Some(project), &name);
        meta.created = rollout.when;
        meta.generation = Some(1);
        meta.labels = owned_map(&[("openshift.io/deployment-config.name", config)]);
        let phase = if waits { "Pending" } else { "Complete" };
        meta.annotations = owned_map(&annotations[..2]);
        meta.annotations.extend(owned_map(&[
            ("openshift.io/deployer-pod.name", &format!("{name}-deploy")),
            ("openshift.io/deployment.phase", phase),
            ("openshift.io/deployment.replicas", &replicas.to_string()),
            (
                "openshift.io/deployment.status-reason",
                if rollout.trigger.is_some() {
                    "image change"
                } else {
                    "config change"
                },
            ),
        ]));
        let settings = PodSettings {
            count: replicas,
            ..parent.pod_settings.clone()
        };
        let controller = self.put_workload(
            "ADDED",
            WorkloadObject {
                kind: WorkloadKind::ReplicationController,
                meta,
                generate_name: None,
                owner: Some(parent.owner_reference()),
                spec: Arc::new(json!({"replicas": replicas, "selector": template["metadata"]["labels"], "template": template})),
                status: Arc::new(json!({"replicas": 0, "observedGeneration": 1})),
                pod_settings: settings,
            },
        );
        self.put_deployer_pod(&controller, config, waits, rollout.when);
        self.scale_up(&controller, rollout.when);
        self.update_status(rollout, &name, number);
    }

    fn put_deployer_pod(
        &mut self,
        controller: &WorkloadObject,
        config: &str,
        waits: bool,
        when: DateTime<Utc>,
    ) {
        let image = match self.version() {
            Version::V3_9 => DEPLOYER_IMAGE_3_9,
            Version::V4 => DEPLOYER_IMAGE_4,
        };
        let (project, name) = (controller.namespace(), &controller.meta.name);
        let pod_name = format!("{name}-deploy");
        let workload = Workload::new(WorkloadKind::Pod, project, &pod_name)
            .container("deployment", image)
            .service_account("deployer");
        let mut template = template_spec(&workload, "Never");
        template["activeDeadlineSeconds"] = 21_600.into();
        template["terminationGracePeriodSeconds"] = 10.into();
        template["containers"][0]["env"] = json!([
            {"name": "OPENSHIFT_DEPLOYMENT_NAME", "value": name},
            {"name": "OPENSHIFT_DEPLOYMENT_NAMESPACE", "value": project},
        ]);
        let state = if waits {
            PodState::Unschedulable
        } else {
            PodState::Succeeded
        };
        let settings = PodSettings {
            state,
            count: 1,
            ..PodSettings::default()
        };
        let content = self.pod_content(&template, &settings, when, &pod_name);
        let pod = NewPod {
            project,
            name: pod_name,
            generate_name: None,
            labels: owned_map(&[("openshift.io/deployer-pod-for.name", name)]),
            annotations: owned_map(&[
                ("openshift.io/deployment-config.name", config),
                ("openshift.io/deployment.name", name),
            ]),
            owner: Some(OwnerReference {
                manages: false,
                ..controller.owner_reference()
            }),
            created: when,
        };
        self.put_pod(pod, &content);
    }
}
