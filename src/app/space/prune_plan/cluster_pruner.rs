//! How a cluster prunes with the parameters of a plan.

use serde::Serialize;
use utoipa::ToSchema;

use super::PruneQuery;
use crate::app::release::Release;
use crate::app::shell_command::ShellCommand;
use crate::app::space::prune_instructions::{
    PruneRun, cron_job, image_pruner_patch, prune_command,
};
use registry_model::prune::{InvalidReferences, PrunerVersion};

/// The project in which the job of OpenShift 3 runs: that of its registry.
const JOB_PROJECT: &str = "default";

/// The last release of OpenShift 3, and one of 4 whose fields and rules are those of the newest.
const NEWEST_3: u32 = 11;
const RECENT_4: u32 = 12;

/// The commands and objects that prune with the parameters of a plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClusterPruner {
    /// `None`: the API server did not say. Then there are instructions for each.
    pub release: Option<Release>,
    /// The minor version of OpenShift, where the API server says it.
    pub minor: Option<u32>,
    /// Says what would be removed, and removes nothing.
    pub dry_run: ShellCommand,
    pub command: ShellCommand,
    /// What the commands do where a workload names an image by a reference that is not valid.
    pub invalid_references: InvalidReferences,
    /// Prunes all the same, and keeps nothing for these references.
    #[schema(value_type = ShellCommand)]
    pub command_ignoring: Option<ShellCommand>,
    /// Sets the same for the pruner that OpenShift 4 runs by itself.
    #[schema(value_type = ShellCommand)]
    pub patch: Option<ShellCommand>,
    /// The objects with which OpenShift 3 prunes every night, as YAML.
    pub cron_job: Option<String>,
}

impl ClusterPruner {
    /// `host` is that of the registry outside of the cluster.
    pub(super) fn new(
        release: Option<Release>,
        minor: Option<u32>,
        query: PruneQuery,
        host: Option<&str>,
    ) -> Self {
        let parameters = query.parameters();
        let url = host.map(|host| format!("https://{host}"));
        let command = |run| prune_command(&parameters, url.as_deref(), run);
        let (major, minor_of_oc) = version_of_oc(release, minor);
        let invalid_references = InvalidReferences::of_oc(major, minor_of_oc);
        let is_three = release != Some(Release::FourOrLater);
        let is_four = release != Some(Release::Three);
        Self {
            release,
            minor,
            dry_run: command(PruneRun::DryRun),
            command: command(PruneRun::Prune),
            command_ignoring: (invalid_references == InvalidReferences::StopUnlessIgnored)
                .then(|| command(PruneRun::PruneIgnoringInvalidReferences)),
            invalid_references,
            patch: is_four
                .then(|| image_pruner_patch(&parameters, minor.unwrap_or(RECENT_4)))
                .flatten(),
            cron_job: is_three
                .then(|| cron_job(&parameters, JOB_PROJECT, minor.unwrap_or(NEWEST_3)))
                .flatten(),
        }
    }

    /// The version whose rules the plan follows.
    pub(super) fn rules_version(&self) -> PrunerVersion {
        let (major, minor) = version_of_oc(self.release, self.minor);
        PrunerVersion::of_oc(major, minor)
    }
}

/// The version of an `oc` that fits the cluster.
fn version_of_oc(release: Option<Release>, minor: Option<u32>) -> (u32, u32) {
    match release {
        Some(Release::Three) => (3, minor.unwrap_or(NEWEST_3)),
        Some(Release::FourOrLater) | None => (4, minor.unwrap_or(RECENT_4)),
    }
}
