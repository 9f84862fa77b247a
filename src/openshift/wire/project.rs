//! The JSON of projects.

use serde::Deserialize;

use crate::openshift::VersionedProject;
use crate::openshift::wire::object_meta::{WireObjectMeta, null_to_default};
use registry_model::{self, ProjectPhase};

/// `project.openshift.io/v1` `Project`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct WireProject {
    #[serde(deserialize_with = "null_to_default")]
    metadata: WireObjectMeta,
    #[serde(deserialize_with = "null_to_default")]
    status: WireProjectStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireProjectStatus {
    phase: Option<String>,
}

impl WireProject {
    /// The project with its resource version.
    pub(in crate::openshift) fn into_versioned(mut self) -> Option<VersionedProject> {
        let version = self.metadata.resource_version.take().unwrap_or_default();
        Some(VersionedProject {
            project: self.into_model()?,
            resource_version: version,
        })
    }

    /// `None` without a valid name.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::Project> {
        Some(registry_model::Project {
            name: self.metadata.name.parse().ok()?,
            display_name: self.metadata.annotation("openshift.io/display-name"),
            description: self.metadata.annotation("openshift.io/description"),
            requester: self.metadata.annotation("openshift.io/requester"),
            phase: match self.status.phase.as_deref() {
                Some("Active") => ProjectPhase::Active,
                Some("Terminating") => ProjectPhase::Terminating,
                _ => ProjectPhase::Unknown,
            },
            created: self.metadata.created(),
        })
    }
}
