//! Projects.

use serde::Deserialize;

use super::meta::{Meta, or_default};
use crate::openshift::VersionedProject;
use registry_model::{self, Phase};

/// `project.openshift.io/v1` `Project`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::openshift) struct Project {
    #[serde(deserialize_with = "or_default")]
    metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    phase: Option<String>,
}

impl Project {
    /// The same with the version that it is of.
    pub(in crate::openshift) fn into_versioned(mut self) -> Option<VersionedProject> {
        let version = self.metadata.resource_version.take().unwrap_or_default();
        Some(VersionedProject {
            project: self.into_model()?,
            version,
        })
    }

    /// Nothing without a valid name.
    pub(in crate::openshift) fn into_model(self) -> Option<registry_model::Project> {
        Some(registry_model::Project {
            name: self.metadata.name.parse().ok()?,
            display_name: self.metadata.annotation("openshift.io/display-name"),
            description: self.metadata.annotation("openshift.io/description"),
            requester: self.metadata.annotation("openshift.io/requester"),
            phase: match self.status.phase.as_deref() {
                Some("Active") => Phase::Active,
                Some("Terminating") => Phase::Terminating,
                _ => Phase::Unknown,
            },
            created: self.metadata.created(),
        })
    }
}
