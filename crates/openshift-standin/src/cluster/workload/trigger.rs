//! Image change triggers: what follows a tag, and what happens when the tag moves.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Workload, WorkloadKind, WorkloadObject};
use crate::cluster::{ClusterState, ImageStreamObject};

/// The annotation by which all kinds but DeploymentConfig and BuildConfig follow tags.
const TRIGGERS_ANNOTATION: &str = "image.openshift.io/triggers";

/// `spec.triggers` of a DeploymentConfig.
pub(super) fn of_deployment_config(workload: &Workload) -> Value {
    let image_changes = workload.triggers.iter().map(|trigger| {
        let project = trigger.project.as_ref().unwrap_or(&workload.project);
        json!({"type": "ImageChange", "imageChangeParams": {"automatic": !trigger.paused, "containerNames": [trigger.container],
            "from": {"kind": "ImageStreamTag", "namespace": project, "name": trigger.tag}}})
    });
    std::iter::once(json!({"type": "ConfigChange"}))
        .chain(image_changes)
        .collect()
}

/// The annotation of the other kinds; `None`: without triggers.
pub(super) fn annotation(workload: &Workload) -> Option<(String, String)> {
    if workload.triggers.is_empty() || workload.kind == WorkloadKind::DeploymentConfig {
        return None;
    }
    let pods = workload.kind.pod_spec_pointer().replace('/', ".");
    let triggers: Vec<Value> = workload
        .triggers
        .iter()
        .map(|trigger| {
            let mut from = json!({"kind": "ImageStreamTag", "name": trigger.tag});
            if let Some(project) = &trigger.project {
                from["namespace"] = project.as_str().into();
            }
            let is_init = workload
                .init_containers
                .iter()
                .any(|(name, _)| *name == trigger.container);
            let list = if is_init {
                "initContainers"
            } else {
                "containers"
            };
            let path = format!(
                "spec{pods}.{list}[?(@.name==\"{}\")].image",
                trigger.container
            );
            json!({"from": from, "fieldPath": path, "paused": trigger.paused})
        })
        .collect();
    let text = Value::from(triggers).to_string();
    Some((TRIGGERS_ANNOTATION.to_owned(), text))
}

/// A trigger of a stored object that is not paused.
struct ActiveTrigger {
    /// Empty for a BuildConfig.
    containers: Vec<String>,
    project: String,
    stream: String,
    tag: String,
    /// Where a DeploymentConfig or BuildConfig has its trigger.
    index: Option<usize>,
}

fn active_triggers(object: &WorkloadObject) -> Vec<ActiveTrigger> {
    // A paused rollout waits with its triggers.
    let pauses = matches!(
        object.kind,
        WorkloadKind::DeploymentConfig | WorkloadKind::Deployment
    );
    if pauses && object.spec["paused"] == true {
        return Vec::new();
    }
    let active = |from: &Value, containers: Vec<String>, index| {
        if from["kind"] != "ImageStreamTag" {
            return None;
        }
        let (stream, tag) = from["name"].as_str()?.split_once(':')?;
        let project = from["namespace"].as_str().unwrap_or(object.namespace());
        Some(ActiveTrigger {
            containers,
            project: project.to_owned(),
            stream: stream.to_owned(),
            tag: tag.to_owned(),
            index,
        })
    };
    let listed = object.spec["triggers"].as_array().into_iter().flatten();
    match object.kind {
        WorkloadKind::DeploymentConfig => listed
            .enumerate()
            .filter_map(|(index, trigger)| {
                let change = &trigger["imageChangeParams"];
                let containers = change["containerNames"].as_array()?;
                let names = containers
                    .iter()
                    .filter_map(|name| name.as_str().map(str::to_owned))
                    .collect();
                (change["automatic"] == true)
                    .then(|| active(&change["from"], names, Some(index)))
                    .flatten()
            })
            .collect(),
        WorkloadKind::BuildConfig => listed
            .enumerate()
            .filter_map(|(index, trigger)| {
                let change = trigger.get("imageChange")?;
                let own = change.get("from");
                let from =
                    own.or_else(|| super::build_controller::strategy_source(&object.spec))?;
                (change["paused"] != true)
                    .then(|| active(from, Vec::new(), Some(index)))
                    .flatten()
            })
            .collect(),
        _ => {
            let annotation = object.meta.annotations.get(TRIGGERS_ANNOTATION);
            let triggers: Vec<Value> = annotation
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_default();
            triggers
                .iter()
                .filter(|trigger| trigger["paused"] != true)
                .filter_map(|trigger| {
                    let path = trigger["fieldPath"].as_str()?;
                    let name = path.split('"').nth(1)?.to_owned();
                    active(&trigger["from"], vec![name], None)
                })
                .collect()
        }
    }
}

/// The kinds that follow tags.
const FOLLOWING_KINDS: [WorkloadKind; 6] = [
    WorkloadKind::DeploymentConfig,
    WorkloadKind::Deployment,
    WorkloadKind::StatefulSet,
    WorkloadKind::DaemonSet,
    WorkloadKind::CronJob,
    WorkloadKind::BuildConfig,
];

impl ClusterState {
    /// Does what the image trigger controllers do after image streams have changed: whatever
    /// follows one of their tags gets the tag's image, and is rolled out or built.
    pub(in crate::cluster) fn run_image_triggers(&mut self) {
        // A build or rollout changes no image stream, so that this ends.
        let mut streams = std::mem::take(&mut self.workloads.changed_streams);
        streams.sort_unstable();
        streams.dedup();
        if streams.is_empty() {
            return;
        }
        let mut due: Vec<Arc<WorkloadObject>> = Vec::new();
        for kind in FOLLOWING_KINDS {
            due.extend(
                self.workloads_after(kind, None)
                    .filter(|object| {
                        active_triggers(object).into_iter().any(|trigger| {
                            streams
                                .binary_search(&(trigger.project, trigger.stream))
                                .is_ok()
                        })
                    })
                    .cloned(),
            );
        }
        for object in due {
            let (kind, project, name) = (object.kind, object.namespace(), &object.meta.name);
            if object.pod_settings.state == super::PodState::NotCreated {
                continue;
            }
            let Some((image, when)) = self.follow_triggers(kind, project, name) else {
                continue;
            };
            if kind == WorkloadKind::BuildConfig {
                self.start_build(project, name, &image, when);
            } else {
                // The new pods run the image of the tag, whatever the earlier ones ran.
                self.change_workload(kind, project, name, |object| {
                    object.pod_settings.running = None;
                });
                self.roll_out(kind, project, name, when, Some(&image));
            }
        }
    }

    /// Sets the images of all triggers of an object to those of the tags. Returns the last pull
    /// spec that was changed, and when its tag moved; `None`: nothing was changed.
    pub(super) fn follow_triggers(
        &mut self,
        kind: WorkloadKind,
        project: &str,
        name: &str,
    ) -> Option<(String, DateTime<Utc>)> {
        let object = self.workload(kind, project, name)?.clone();
        let mut spec = object.spec.as_ref().clone();
        let mut changed = None;
        for trigger in active_triggers(&object) {
            let Some(stream) = self.stream(&trigger.project, &trigger.stream) else {
                continue;
            };
            if let Some(image) = self.pull_spec_of(stream, &trigger.tag)
                && let Some(latest) = stream.latest(&trigger.tag)
                && set_image(&mut spec, kind, &trigger, &image)
            {
                changed = Some((image, latest.created));
            }
        }
        if changed.is_some() {
            self.change_workload(kind, project, name, |object| {
                object.spec = Arc::new(spec);
                object.meta.generation = object.meta.generation.map(|generation| generation + 1);
            });
        }
        changed
    }

    /// The pull spec by digest to which triggers resolve a tag.
    pub(super) fn pull_spec_of(&self, stream: &ImageStreamObject, tag: &str) -> Option<String> {
        let latest = stream.latest(tag)?;
        let is_local = stream
            .spec_tags
            .get(tag)
            .is_some_and(|spec| spec.reference_policy.as_deref() == Some("Local"));
        match self.registry_hosts.first() {
            Some(host) if is_local => Some(format!(
                "{host}/{}/{}@{}",
                stream.namespace(),
                stream.meta.name,
                latest.image
            )),
            _ => Some(latest.reference.clone()),
        }
    }
}

/// Sets the image of a trigger; returns whether it was another one.
fn set_image(spec: &mut Value, kind: WorkloadKind, trigger: &ActiveTrigger, image: &str) -> bool {
    let mut changed = false;
    if let Some(index) = trigger.index {
        let (change, field) = match kind {
            WorkloadKind::BuildConfig => ("imageChange", "lastTriggeredImageID"),
            _ => ("imageChangeParams", "lastTriggeredImage"),
        };
        let last = &mut spec["triggers"][index][change][field];
        changed = last != image;
        *last = image.into();
    }
    for list in ["containers", "initContainers"] {
        let pods = spec.pointer_mut(kind.pod_spec_pointer());
        let containers = pods.and_then(|pods| pods.get_mut(list)?.as_array_mut());
        for container in containers.into_iter().flatten() {
            let is_named = trigger
                .containers
                .iter()
                .any(|name| container["name"] == name.as_str());
            if is_named && container["image"] != image {
                container["image"] = image.into();
                changed = true;
            }
        }
    }
    changed
}
