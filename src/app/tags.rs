//! Tags: setting, adding, removing and restoring them.

pub(in crate::app) mod new_tag;
pub(in crate::app) mod remove_tag;
pub(in crate::app) mod remove_tags;
pub(in crate::app) mod set_tag;

pub use new_tag::{NewTag, TrackTagOutcome};
pub use remove_tag::TagRemoval;
pub use remove_tags::{
    BulkTagRemoval, MAX_TAGS_PER_FORM as MOST_TAGS, SelectableTag, TagChoice, TagRemovalOutcome,
    TagRemovalRequest, TagToDelete,
};
pub use set_tag::{
    CurrentTag, DifferingProperty, ImageDifference, RollBackPreview, SeenTag, SetTagOutcome,
    TagPath, TagSourceImage,
};
