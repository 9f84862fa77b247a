//! The JSON of pods and of their templates.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::openshift::wire::object_meta::{deserialize_time, null_to_default};
use registry_model::{ImagePart, NamedImage, ObjectName, WorkloadImageReference};

/// `template` of a workload.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PodTemplate {
    #[serde(deserialize_with = "null_to_default")]
    pub(super) spec: PodSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PodSpec {
    #[serde(deserialize_with = "null_to_default")]
    containers: Vec<WireContainer>,
    #[serde(deserialize_with = "null_to_default")]
    init_containers: Vec<WireContainer>,
    pub(super) service_account_name: Option<String>,
    #[serde(deserialize_with = "null_to_default")]
    pub(super) image_pull_secrets: Vec<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireContainer {
    #[serde(deserialize_with = "null_to_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "null_to_default")]
    image: String,
}

/// An item of `status.containerStatuses`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContainerStatus {
    #[serde(deserialize_with = "null_to_default")]
    pub(super) name: String,
    #[serde(rename = "imageID", deserialize_with = "null_to_default")]
    pub(super) image_id: String,
    #[serde(deserialize_with = "null_to_default")]
    state: ContainerState,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerState {
    running: Option<RunningState>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RunningState {
    #[serde(deserialize_with = "deserialize_time")]
    started_at: Option<DateTime<Utc>>,
}

impl PodSpec {
    /// The images of the containers, init containers first.
    pub(super) fn images(&self) -> Vec<NamedImage> {
        let init = self.init_containers.iter();
        let init = init.filter_map(|container| container.image(ImagePart::InitContainer));
        let others = self.containers.iter();
        init.chain(others.filter_map(|container| container.image(ImagePart::Container)))
            .collect()
    }
}

impl WireContainer {
    /// The image. `None` if the name of the container is not valid.
    pub(super) fn image(&self, part: fn(ObjectName) -> ImagePart) -> Option<NamedImage> {
        Some(NamedImage {
            part: part(self.name.parse().ok()?),
            reference: WorkloadImageReference::from_pull_spec(&self.image),
            running: None,
            started: None,
        })
    }
}

impl ContainerStatus {
    /// Since when it runs.
    pub(super) fn started(&self) -> Option<DateTime<Utc>> {
        self.state.running.as_ref()?.started_at
    }
}
