//! How the rules differ between versions of `oc`.

use serde::Serialize;
use utoipa::ToSchema;

use crate::WorkloadKind;

/// A version of `oc` that introduced other rules than the version before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrunerVersion {
    V3_6,
    /// 3.7 to 4.5.
    V3_7,
    V4_6,
    /// 4.7 to 4.9.
    V4_7,
    /// 4.10 and 4.11.
    V4_10,
    /// 4.12 and later.
    V4_12,
}

/// What is decided first: the rest follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalUnit {
    /// An image goes if nothing refers to it strongly, and all tag events of an image that goes
    /// (`imageIsPrunable`, `tagEventIsPrunable`).
    Image,
    /// A tag event goes if no rule keeps it, and an image to which no tag event points any more
    /// (`pruneImageStreamTag`, `pruneImages`).
    TagEvent,
}

/// The rules that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrunerRules {
    pub unit: RemovalUnit,
    /// The workloads whose images stay (`buildGraph`; `analyzeImageStreamsReferences`).
    pub kinds: &'static [WorkloadKind],
    /// Whether references by tag count, and not only those by digest (`addPodSpecToGraph`).
    pub references_by_tag: bool,
    /// Whether images of init containers stay (`analyzeReferencesFromPodSpec`). Before,
    /// `addPodSpecToGraph` did not look at them.
    pub init_containers: bool,
    /// Whether a reference counts only for the image stream that it names, with a host, and whether
    /// builds may refer to other projects and by tag of a pull spec (`analyzeImageReference`,
    /// `analyzeReferencesFromBuildStrategy`).
    ///
    /// Before, a digest counted wherever the image is, a tag also without a host, a build's
    /// `ImageStreamTag` always in the build's own project, and a build's pull spec only by digest
    /// (`addPodSpecToGraph`, `addBuildStrategyImageReferencesToGraph`, `resolveISTagName`).
    pub references_are_exact: bool,
    /// Whether `--prune-over-size-limit` removes anything. In 4.6 to 4.9 every tag event counts as
    /// younger than the time that is not set, and stays (`pruneImageStreamTag`).
    pub over_size_limit_has_effect: bool,
    /// Whether the images of an index stay with it (`pruneImages`).
    pub keeps_images_of_index: bool,
}

/// What the pruner does where a workload names an image by a reference that is not valid. It reads
/// the workloads of the whole cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InvalidReferences {
    /// It goes on without the reference (`addPodSpecToGraph`, 3.6).
    Skipped,
    /// It names the workloads and removes nothing. Since pull request 16717 of openshift/origin.
    Stop,
    /// The same, unless `--ignore-invalid-refs` is set (`newErrBadReferenceTo`,
    /// `analyzeImageReference`). Since pull request 19611 of openshift/origin, which was merged
    /// before 3.10.
    StopUnlessIgnored,
}

impl InvalidReferences {
    /// What the `oc` of this version does.
    #[must_use]
    pub fn of_oc(major: u32, minor: u32) -> Self {
        match (major, minor) {
            (..3, _) | (3, ..7) => Self::Skipped,
            (3, 7..10) => Self::Stop,
            _ => Self::StopUnlessIgnored,
        }
    }
}

const KINDS_OF_3_6: &[WorkloadKind] = &[
    WorkloadKind::DeploymentConfig,
    WorkloadKind::ReplicationController,
    WorkloadKind::Pod,
    WorkloadKind::BuildConfig,
    WorkloadKind::Build,
];

const KINDS_BEFORE_4_7: &[WorkloadKind] = &[
    WorkloadKind::DeploymentConfig,
    WorkloadKind::Deployment,
    WorkloadKind::DaemonSet,
    WorkloadKind::ReplicationController,
    WorkloadKind::ReplicaSet,
    WorkloadKind::Pod,
    WorkloadKind::BuildConfig,
    WorkloadKind::Build,
];

impl PrunerVersion {
    pub const ALL: [Self; 6] = [
        Self::V3_6,
        Self::V3_7,
        Self::V4_6,
        Self::V4_7,
        Self::V4_10,
        Self::V4_12,
    ];

    /// The rules of the `oc` of this version.
    #[must_use]
    pub fn of_oc(major: u32, minor: u32) -> Self {
        match (major, minor) {
            (..3, _) | (3, ..7) => Self::V3_6,
            (3, _) | (4, ..6) => Self::V3_7,
            (4, 6) => Self::V4_6,
            (4, 7..10) => Self::V4_7,
            (4, 10..12) => Self::V4_10,
            _ => Self::V4_12,
        }
    }

    #[must_use]
    pub fn rules(self) -> PrunerRules {
        let is_by_event = self >= Self::V4_6;
        PrunerRules {
            unit: if is_by_event {
                RemovalUnit::TagEvent
            } else {
                RemovalUnit::Image
            },
            kinds: match self {
                Self::V3_6 => KINDS_OF_3_6,
                Self::V3_7 | Self::V4_6 => KINDS_BEFORE_4_7,
                Self::V4_7 | Self::V4_10 | Self::V4_12 => &WorkloadKind::ALL,
            },
            references_by_tag: self >= Self::V3_7,
            init_containers: is_by_event,
            references_are_exact: is_by_event,
            over_size_limit_has_effect: !is_by_event || self >= Self::V4_10,
            keeps_images_of_index: self >= Self::V4_12,
        }
    }
}
