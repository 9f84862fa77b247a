//! Which workloads use an image, and what a change of tags would do to them.
//!
//! Everything is read with the user's own token, or from the index as far as the API server has
//! confirmed for that token that the user may list it. So it covers the projects that the user may see,
//! and of these the workloads that the user may list. [`UsageScope`] says what was not covered: "not
//! used" is only as true as the scope is complete.

mod change_impact;
mod ended_workloads;
mod image_usage;
mod known_hosts;
mod load;
mod matching;
mod project_workloads;
mod pruner_workloads;
mod scope;
mod summary;
mod tracking;
mod workload_cache;
mod workload_index;
mod workload_table;

pub use change_impact::{AffectedWorkload, AlsoAffected, ChangeImpact, ImpactGroup, TagChange};
pub use ended_workloads::EndedReference;
pub use image_usage::{ImageUse, ProjectUses, UsageTarget, UsageView, UseKind, WorkloadUse};
pub(in crate::app) use known_hosts::KnownHosts;
pub(in crate::app) use load::WorkloadLoads;
pub use project_workloads::{MissingKinds, ProjectWorkloads, RecordedImage, WorkloadRecord};
pub use summary::{UsageState, UsageSummary};
pub use tracking::TrackingTag;
pub(in crate::app) use workload_cache::WorkloadCache;
pub(in crate::app) use workload_index::{GroupedWorkloads, ListableKinds};
pub use workload_table::{Pullability, WorkloadImageRow, WorkloadRow, WorkloadTable};

use std::time::Duration;

use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use super::section::UnavailableReason;
use registry_model::{ProjectName, WorkloadKind};

/// How long a page waits for a section about the use of images.
pub const USAGE_SECTION_TIMEOUT: Duration = Duration::from_millis(1_800);

/// How long a page of its own waits for the use of images.
pub const USAGE_PAGE_TIMEOUT: Duration = Duration::from_millis(8_000);

/// How old workloads may be that were read with a user's own token.
pub(in crate::app) const WORKLOADS_TTL: TimeDelta = TimeDelta::seconds(30);

/// How many workloads are shown. Further ones are counted.
pub(in crate::app) const MAX_SHOWN_WORKLOADS: usize = 500;

/// How many projects without an answer are named. Further ones are counted.
const MAX_NAMED_PROJECTS: usize = 50;

/// Of which projects the workloads were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsageScope {
    /// Projects of which workloads could be listed, at least of one kind.
    pub searched: usize,
    /// Projects of which the user may not list any workloads.
    pub not_allowed: usize,
    /// Kinds that could not be read in any of several projects.
    pub missing_kinds: Vec<UnreadKinds>,
    /// Projects, or other kinds of a project, that could not be read. At most 50.
    pub missing: Vec<UnreadProject>,
    /// How many more there are.
    pub more_missing: usize,
    /// How many objects were left out because they are malformed.
    pub malformed: usize,
    /// Whether all projects of the cluster were searched, and not only those that the user sees.
    pub whole_cluster: bool,
}

/// A project whose workloads could not be read, or not all kinds of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnreadProject {
    pub project: ProjectName,
    /// The kinds. Empty: all.
    pub kinds: Vec<WorkloadKind>,
    pub why: UnavailableReason,
}

/// Kinds of workloads that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnreadKinds {
    pub kinds: Vec<WorkloadKind>,
    pub why: UnavailableReason,
}

impl UsageScope {
    /// Whether the workloads of every project that the user sees were read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.not_allowed == 0
            && self.missing_kinds.is_empty()
            && self.missing.is_empty()
            && self.malformed == 0
    }

    /// Whether workloads had not arrived in time. They are read in the background, so that they are
    /// there soon.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        let kinds = self.missing_kinds.iter().map(|missing| missing.why);
        let mut reasons = self.missing.iter().map(|missing| missing.why).chain(kinds);
        reasons.any(|why| why == UnavailableReason::Late)
    }

    /// Whether the rights of the user are all that is missing.
    #[must_use]
    pub fn is_limited_by_rights(&self) -> bool {
        self.not_allowed > 0
            && self.missing_kinds.is_empty()
            && self.missing.is_empty()
            && self.malformed == 0
    }

    /// Whether the user may not list workloads in any project.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.searched == 0 && self.not_allowed > 0 && self.missing.is_empty()
    }
}
