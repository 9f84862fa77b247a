//! Image streams.

use super::{tag, with_query};
use registry_model::{ImageStreamName, ProjectName, TagName};

/// Creates an image stream (GET form, POST).
pub const NEW_STREAM: &str = "/new-image-stream";

#[must_use]
pub fn stream(project: &ProjectName, stream: &ImageStreamName) -> String {
    format!("/images/{project}/{stream}")
}

/// The form of [`NEW_STREAM`] with the project selected.
#[must_use]
pub fn new_stream_in(project: &ProjectName) -> String {
    with_query(NEW_STREAM, &[("project", project.as_str())])
}

/// Changes an image stream (GET form, POST).
#[must_use]
pub fn edit_stream(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/edit", stream(project, name))
}

/// Deletes an image stream (GET confirmation, POST).
#[must_use]
pub fn delete_stream(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/delete", stream(project, name))
}

/// Imports an image stream, or one tag of it, again (GET confirmation, POST).
#[must_use]
pub fn import(project: &ProjectName, name: &ImageStreamName, only: Option<&TagName>) -> String {
    only.map_or_else(|| stream(project, name), |only| tag(project, name, only)) + "/import"
}

/// The history of the tags of an image stream.
#[must_use]
pub fn stream_history(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/history", stream(project, name))
}

/// The history of one tag, from which it can be rolled back.
#[must_use]
pub fn history_of_tag(project: &ProjectName, name: &ImageStreamName, tag: &TagName) -> String {
    with_query(&stream_history(project, name), &[("tag", tag.as_str())])
}

/// The settings of an image stream.
#[must_use]
pub fn stream_settings(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/settings", stream(project, name))
}

/// Who can pull from the project of an image stream and push to it, and why.
#[must_use]
pub fn stream_access(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/access", stream(project, name))
}

/// The same, with the rights of one subject.
#[must_use]
pub fn check_stream_access(
    project: &ProjectName,
    name: &ImageStreamName,
    kind: &str,
    who: &str,
) -> String {
    let pairs = [("kind", kind), ("who", who)];
    with_query(&stream_access(project, name), &pairs) + "#check"
}

/// A job that changes tags of an image stream. The image stream is in the query for a console that
/// does not know the job.
#[must_use]
pub fn tag_job(id: &str, project: &ProjectName, stream: &ImageStreamName) -> String {
    with_query(
        &format!("/jobs/{id}"),
        &[("image", &format!("{project}/{stream}"))],
    )
}
