//! Paths of pages about what uses images.

use super::{image_by_reference, project, stream, with_query};
use crate::app::images::ImageReference;
use registry_model::{ImageStreamName, ProjectName, WorkloadId};

/// What uses an image stream.
#[must_use]
pub fn stream_used_by(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/used-by", stream(project, name))
}

/// What uses an image, by tag or digest.
#[must_use]
pub fn image_used_by(
    project: &ProjectName,
    name: &ImageStreamName,
    reference: &ImageReference,
) -> String {
    format!("{}/used-by", image_by_reference(project, name, reference))
}

/// The workloads of a project, and the images that they run.
#[must_use]
pub fn project_workloads(name: &ProjectName) -> String {
    format!("{}/workloads", project(name))
}

/// The same, reduced to a state.
#[must_use]
pub fn project_workloads_in(name: &ProjectName, state: Option<&str>) -> String {
    let pairs: Vec<_> = state.map(|state| ("state", state)).into_iter().collect();
    with_query(&project_workloads(name), &pairs)
}

/// A workload in the list of its project.
#[must_use]
pub fn workload(project: &ProjectName, workload: &WorkloadId) -> String {
    format!(
        "{}#{}",
        project_workloads(project),
        workload_anchor(workload)
    )
}

/// The id of a workload in the list of its project.
#[must_use]
pub fn workload_anchor(workload: &WorkloadId) -> String {
    format!("{}-{}", workload.kind.prefix(), workload.name)
}
