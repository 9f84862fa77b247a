//! Tags: setting, adding, removing and restoring them.

pub(in crate::app) mod bulk_change;
pub(in crate::app) mod new_tag;
pub(in crate::app) mod remove_tag;
pub(in crate::app) mod remove_tags;
pub(in crate::app) mod set_tag;
pub(in crate::app) mod tag_selection;

pub use bulk_change::{BulkTagOutcome, BulkTagRequest, TagRemovalRequest};
pub use new_tag::{NewTag, TrackTagOutcome};
pub use remove_tag::TagRemoval;
pub use remove_tags::{BulkTagRemoval, Follower, MAX_TAGS_PER_FORM as MOST_TAGS, TagToDelete};
pub use set_tag::{CurrentTag, RollBackPreview, SeenTag, SetTagOutcome, TagPath, TagSourceImage};
pub use tag_selection::{DryRun, SelectableTag, TagChoice, TagSelectionQuery, TagSelectionSort};
