//! Build configurations, and the builds that they start.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::description::PodSettings;
use super::{
    BuildConfig, BuildPhase, BuildStrategy, WorkloadKind, WorkloadObject, rollout, status,
};
use crate::cluster::{Cluster, ClusterState, rfc3339};

/// How long every finished build took.
const BUILD_SECONDS: i64 = 93;

/// `from` of the strategy in the `spec` of a BuildConfig.
pub(super) fn strategy_source(spec: &Value) -> Option<&Value> {
    [
        BuildStrategy::Docker,
        BuildStrategy::Source,
        BuildStrategy::Custom,
    ]
    .into_iter()
    .find_map(|strategy| spec["strategy"].get(strategy.field())?.get("from"))
}

impl Cluster {
    /// Adds a build configuration. If it has a trigger whose tag exists, its first build starts, as
    /// in a real cluster. An existing one of the name is replaced, with its builds.
    pub fn add_build_config(&self, config: &BuildConfig) {
        self.write(|state| state.add_build_config(config));
    }

    /// Adds another build of a build configuration, in this phase, as if it had been started at
    /// that time. Returns its name; `None`: there is no such build configuration.
    pub fn add_build(
        &self,
        project: &str,
        config: &str,
        phase: BuildPhase,
        when: DateTime<Utc>,
    ) -> Option<String> {
        self.write(|state| state.put_build(project, config, phase, when, None))
    }
}

impl ClusterState {
    fn add_build_config(&mut self, config: &BuildConfig) {
        let (kind, version) = (WorkloadKind::BuildConfig, self.version());
        let (project, name) = (config.project.as_str(), config.name.as_str());
        self.remove_workload_tree(kind, project, name);
        let mut meta = self.new_meta(Some(project), name);
        let when = config.created.unwrap_or_else(|| self.now());
        meta.created = when;
        meta.generation = rollout::generation(kind, version);
        self.put_workload(
            "ADDED",
            WorkloadObject {
                kind,
                meta,
                generate_name: None,
                owner: None,
                spec: Arc::new(config.spec(version)),
                status: Arc::new(status::unseen(kind, version)),
                pod_settings: PodSettings::default(),
            },
        );
        if config.is_seen
            && let Some((image, _)) = self.follow_triggers(kind, project, name)
        {
            self.put_build(project, name, BuildPhase::Complete, when, Some(&image));
        }
    }

    /// Starts a build because a trigger has moved to this pull spec.
    pub(super) fn start_build(
        &mut self,
        project: &str,
        config: &str,
        image: &str,
        when: DateTime<Utc>,
    ) {
        self.put_build(project, config, BuildPhase::Running, when, Some(image));
    }

    fn put_build(
        &mut self,
        project: &str,
        config: &str,
        phase: BuildPhase,
        when: DateTime<Utc>,
        trigger: Option<&str>,
    ) -> Option<String> {
        let parent = self
            .workload(WorkloadKind::BuildConfig, project, config)?
            .clone();
        let number = parent.status["lastVersion"].as_u64().unwrap_or_default() + 1;
        let name = format!("{config}-{number}");
        let labels = [
            ("buildconfig", config),
            ("openshift.io/build-config.name", config),
            ("openshift.io/build.start-policy", "Serial"),
        ];
        let mut meta = self.new_meta(Some(project), &name);
        meta.created = when;
        meta.generation = rollout::generation(WorkloadKind::Build, self.version());
        meta.labels = labels.map(|(key, value)| (key.into(), value.into())).into();
        meta.annotations = BTreeMap::from([
            (
                "openshift.io/build-config.name".to_owned(),
                config.to_owned(),
            ),
            ("openshift.io/build.number".to_owned(), number.to_string()),
        ]);
        let spec = self.build_spec(&parent, trigger);
        let status = self.build_status(&parent, &spec, phase, when);
        self.put_workload(
            "ADDED",
            WorkloadObject {
                kind: WorkloadKind::Build,
                meta,
                generate_name: None,
                owner: Some(parent.owner_reference()),
                spec: Arc::new(spec),
                status: Arc::new(status),
                pod_settings: PodSettings::default(),
            },
        );
        self.change_workload(WorkloadKind::BuildConfig, project, config, |config| {
            Arc::make_mut(&mut config.status)["lastVersion"] = number.into();
        });
        Some(name)
    }

    /// The `spec` of a build: images that exist are named by digest.
    fn build_spec(&self, parent: &WorkloadObject, trigger: Option<&str>) -> Value {
        let project = parent.namespace();
        let mut spec = parent.spec.as_ref().clone();
        let triggered_by = trigger.map(|image| {
            let from = strategy_source(&spec).cloned().unwrap_or_default();
            json!([{"message": "Image change", "imageChangeBuild": {"imageID": image, "fromRef": from}}])
        });
        if let Some(fields) = spec.as_object_mut() {
            for field in [
                "triggers",
                "runPolicy",
                "successfulBuildsHistoryLimit",
                "failedBuildsHistoryLimit",
            ] {
                fields.remove(field);
            }
        }
        let strategies = spec["strategy"].as_object_mut().into_iter().flatten();
        for (_, strategy) in strategies.filter(|(_, strategy)| strategy.is_object()) {
            self.name_by_digest(project, &mut strategy["from"]);
        }
        if let Some(images) = spec["source"]
            .get_mut("images")
            .and_then(Value::as_array_mut)
        {
            for image in images {
                self.name_by_digest(project, &mut image["from"]);
            }
        }
        spec["serviceAccount"] = "builder".into();
        spec["triggeredBy"] =
            triggered_by.unwrap_or_else(|| json!([{"message": "Manually triggered"}]));
        spec
    }

    /// Turns a reference to an image of this cluster into its pull spec by digest.
    fn name_by_digest(&self, project: &str, from: &mut Value) {
        let named = from["name"].as_str().unwrap_or_default();
        let project = from
            .get("namespace")
            .and_then(Value::as_str)
            .unwrap_or(project);
        let found = match from["kind"].as_str() {
            Some("ImageStreamTag") => named.split_once(':').and_then(|(stream, tag)| {
                self.pull_spec_of(self.stream(project, stream)?.as_ref(), tag)
            }),
            Some("ImageStreamImage") => self
                .registry_hosts
                .first()
                .map(|host| format!("{host}/{project}/{named}")),
            _ => None,
        };
        if let Some(pull_spec) = found {
            *from = json!({"kind": "DockerImage", "name": pull_spec});
        }
    }

    fn build_status(
        &self,
        parent: &WorkloadObject,
        spec: &Value,
        phase: BuildPhase,
        when: DateTime<Utc>,
    ) -> Value {
        let project = parent.namespace();
        let config = json!({"kind": "BuildConfig", "namespace": project, "name": parent.meta.name});
        let mut status = json!({"phase": phase.name(), "config": config, "output": {}});
        if let Some(to) = spec["output"].get("to") {
            let named = to["name"].as_str().unwrap_or_default();
            let project = to
                .get("namespace")
                .and_then(Value::as_str)
                .unwrap_or(project);
            let stream = named.split_once(':').map_or(named, |(stream, _)| stream);
            if to["kind"] == "ImageStreamTag" {
                if self.stream(project, stream).is_none() {
                    status["phase"] = BuildPhase::New.name().into();
                    status["reason"] = "InvalidOutputReference".into();
                    status["message"] = "Output image could not be resolved.".into();
                    return status;
                }
                if let Some(host) = self.registry_hosts.first() {
                    status["outputDockerImageReference"] =
                        format!("{host}/{project}/{named}").into();
                }
            }
        }
        if phase == BuildPhase::New {
            return status;
        }
        status["startTimestamp"] = rfc3339(when).into();
        if phase != BuildPhase::Running {
            let done = when + TimeDelta::seconds(BUILD_SECONDS);
            status["completionTimestamp"] = rfc3339(done).into();
            // In nanoseconds.
            status["duration"] = (BUILD_SECONDS * 1_000_000_000).into();
        }
        if phase == BuildPhase::Failed {
            status["reason"] = "AssembleFailed".into();
            status["message"] = "Assemble script failed.".into();
        }
        status
    }
}
