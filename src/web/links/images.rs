//! Images, and comparisons of them.

use super::{stream, with_query};
use crate::app::images::ImageReference;
use registry_model::{Digest, ImageStreamName, ProjectName};

/// An image by digest.
#[must_use]
pub fn image(project: &ProjectName, stream: &ImageStreamName, digest: &Digest) -> String {
    format!("/images/{project}/{stream}@{digest}")
}

/// An image, by tag or digest.
#[must_use]
pub fn image_by_reference(
    project: &ProjectName,
    name: &ImageStreamName,
    reference: &ImageReference,
) -> String {
    format!("{}{reference}", stream(project, name))
}

/// Adds a tag to an image (GET form, POST).
#[must_use]
pub fn tag_as(project: &ProjectName, name: &ImageStreamName, reference: &ImageReference) -> String {
    format!("{}/tag-as", image_by_reference(project, name, reference))
}

/// Compares two images. Without a query, the two newest images of the image stream.
#[must_use]
pub fn compare(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/compare", stream(project, name))
}

/// Compares `from` with `to`. Both are a tag (`name`), a digest, or one of these in another image
/// stream (`project/stream:tag`, `project/stream@digest`).
#[must_use]
pub fn compare_images(
    project: &ProjectName,
    name: &ImageStreamName,
    from: &str,
    to: &str,
) -> String {
    with_query(&compare(project, name), &[("from", from), ("to", to)])
}

/// The same for one platform of image indexes.
#[must_use]
pub fn compare_platform(
    project: &ProjectName,
    name: &ImageStreamName,
    from: &str,
    to: &str,
    platform: &str,
) -> String {
    with_query(
        &compare(project, name),
        &[("from", from), ("to", to), ("platform", platform)],
    )
}

/// Chooses an image to compare `from` with.
#[must_use]
pub fn compare_with(project: &ProjectName, name: &ImageStreamName, from: &str) -> String {
    with_query(&compare(project, name), &[("from", from)])
}
