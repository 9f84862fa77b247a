//! What `oc adm prune images` is told, and what it reads.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::space::SpaceView;
use crate::space::index::NO_TIME;
use crate::{ByteSize, ProjectName, Workload};

/// The parameters of `oc adm prune images` (`NewCmdPruneImages` in
/// `pkg/cli/admin/prune/images/images.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PruneParameters {
    pub rule: PruneRule,
    /// `--all`: whether images that were imported are candidates too.
    pub all: bool,
}

/// Which images are candidates. `oc` does not allow both (`Validate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PruneRule {
    /// What is neither new nor among the newest of its tag.
    Revisions {
        /// `--keep-tag-revisions`: how many of the newest events of each tag stay.
        keep_tag_revisions: u32,
        /// `--keep-younger-than`: image streams, tag events, images and ended pods of this age or
        /// younger keep images. Not negative.
        keep_younger_than: TimeDelta,
    },
    /// `--prune-over-size-limit`: images that exceed the limit of their project.
    OverSizeLimit,
}

impl Default for PruneParameters {
    /// The defaults of `oc`: three revisions, 60 minutes, imported images too.
    fn default() -> Self {
        Self {
            rule: PruneRule::Revisions {
                keep_tag_revisions: 3,
                keep_younger_than: TimeDelta::minutes(60),
            },
            all: true,
        }
    }
}

impl PruneRule {
    /// What was created after this time, in seconds since 1970, counts as young.
    pub(super) fn cutoff(self, now: DateTime<Utc>) -> i64 {
        match self {
            Self::Revisions {
                keep_younger_than, ..
            } => now
                .checked_sub_signed(keep_younger_than)
                .map_or(NO_TIME, |cutoff| cutoff.timestamp()),
            Self::OverSizeLimit => NO_TIME,
        }
    }
}

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct PruneInput<'a> {
    /// The image streams and images.
    pub view: &'a SpaceView<'a>,
    /// The workloads of all projects that could be read.
    pub workloads: &'a [Workload],
    /// The smallest size that a `LimitRange` of a project allows for images (`openshift.io/Image`,
    /// `max.storage`).
    pub image_size_limits: &'a BTreeMap<ProjectName, ByteSize>,
    pub now: DateTime<Utc>,
    /// Whether `workloads` has every workload of the cluster. Otherwise there can be further
    /// references, and a plan frees at most what it says.
    pub has_all_workloads: bool,
}
