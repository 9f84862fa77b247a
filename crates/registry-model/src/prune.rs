//! What `oc adm prune images` would remove, and why it keeps the rest.
//!
//! The rules are those of the client `oc`, which decides by itself: it reads image streams, images
//! and workloads, and deletes tag events, image objects and blobs. They were read in its sources,
//! which the comments cite by file and function:
//!
//! - openshift/origin, `pkg/image/prune/prune.go` (3.6), `pkg/oc/admin/prune/imageprune/prune.go` (3.9) and
//!   `pkg/oc/cli/admin/prune/imageprune/prune.go` (3.11), and openshift/oc,
//!   `pkg/cli/admin/prune/imageprune/prune.go` through release-4.5, decide about images: an image
//!   stays if there is a strong reference to it, and tag events go with their image.
//! - openshift/oc, the same file from release-4.6 on, decides about tag events: an image stays if a
//!   tag event that stays points to it.
//!
//! [`PrunerVersion`] has the differences. They are those of the first releases: a later correction
//! can be part of an older version too.
//!
//! Workloads that have ended differ: builds, jobs and all controllers count always, a pod that is
//! neither running nor pending only while it is younger than `--keep-younger-than`
//! (`addPodsToGraph`, `analyzeReferencesFromPods`). In 4.6 and later one that is exactly as old
//! counts too, which makes no difference here, where time is in seconds. A pod of the phase
//! `Unknown` counts as running here.
//!
//! Not covered is which configs count as blobs: only those of Docker schema 2 through 4.6, also
//! those of OCI images later (`getImageBlobs`).

mod decision;
mod in_use;
mod matrix;
mod parameters;
mod plan;
mod pruner_version;

#[cfg(test)]
mod tests;

pub use matrix::freed_matrix;
pub use parameters::{PruneInput, PruneParameters, PruneRule};
pub use plan::{ImageOutcome, ImageUsers, KeepReason, PrunePlan, PruneScope, TagRevision};
pub use pruner_version::{InvalidReferences, PrunerRules, PrunerVersion, RemovalUnit};
