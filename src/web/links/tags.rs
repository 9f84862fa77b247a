//! The tags of an image stream.

use super::{stream, with_query};
use registry_model::{Digest, ImageStreamName, ProjectName, TagName};

/// A tag of an image stream.
#[must_use]
pub fn tag(project: &ProjectName, stream: &ImageStreamName, tag: &TagName) -> String {
    format!("/images/{project}/{stream}:{tag}")
}

/// Adds a tag to an image stream (GET form, POST).
#[must_use]
pub fn new_tag(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/new-tag", stream(project, name))
}

/// The same, with the name of the tag filled in.
#[must_use]
pub fn new_tag_with_name(
    project: &ProjectName,
    stream: &ImageStreamName,
    name: &TagName,
) -> String {
    with_query(&new_tag(project, stream), &[("tag", name.as_str())])
}

/// Removes a tag (GET confirmation, POST).
#[must_use]
pub fn remove_tag(project: &ProjectName, stream: &ImageStreamName, name: &TagName) -> String {
    format!("{}/delete", tag(project, stream, name))
}

/// Selects tags of an image stream and removes them (POST).
#[must_use]
pub fn remove_tags(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/remove-tags", stream(project, name))
}

/// The same page, with these rules set. It selects nothing.
#[must_use]
pub fn remove_tags_by_rules(
    project: &ProjectName,
    name: &ImageStreamName,
    rules: &[(&str, &str)],
) -> String {
    with_query(&remove_tags(project, name), rules)
}

/// The same page, with these tags selected: as many of them as fit into an address of moderate
/// length.
#[must_use]
pub fn remove_selected_tags<'t>(
    project: &ProjectName,
    name: &ImageStreamName,
    tags: impl Iterator<Item = &'t TagName>,
) -> String {
    let mut left = MAX_SELECTION_BYTES;
    let pairs: Vec<(&str, &str)> = tags
        .map(|tag| ("tag", tag.as_str()))
        .take_while(|(name, value)| {
            let bytes = name.len() + value.len() + 2;
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        })
        .collect();
    with_query(&remove_tags(project, name), &pairs)
}

/// How many bytes the tags of [`remove_selected_tags`] take.
const MAX_SELECTION_BYTES: usize = 2_000;

/// Restores a removed tag (POST).
#[must_use]
pub fn restore_tag(project: &ProjectName, stream: &ImageStreamName, name: &TagName) -> String {
    format!("{}/restore", tag(project, stream, name))
}

/// Restores tags that were removed together (POST).
#[must_use]
pub fn restore_tags(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/restore", stream(project, name))
}

/// Rolls a tag back (POST).
#[must_use]
pub fn roll_back(project: &ProjectName, stream: &ImageStreamName, name: &TagName) -> String {
    format!("{}/roll-back", tag(project, stream, name))
}

/// The confirmation before rolling a tag back to an image.
#[must_use]
pub fn confirm_roll_back(
    project: &ProjectName,
    stream: &ImageStreamName,
    name: &TagName,
    to: &Digest,
) -> String {
    with_query(
        &roll_back(project, stream, name),
        &[("to", &to.to_string())],
    )
}
