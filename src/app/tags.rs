//! Tags: setting, adding, removing and restoring them.

pub(in crate::app) mod new_tag;
pub(in crate::app) mod remove_tag;
pub(in crate::app) mod remove_tags;
pub(in crate::app) mod set_tag;

pub use new_tag::{FollowedNow, NewTag};
pub use remove_tag::TagRemoval;
pub use remove_tags::{
    Asked, ChosenTag, GoingTag, MOST as MOST_TAGS, Removed, TagChoice, TagRemovals,
};
pub use set_tag::{Difference, Part, Pointed, RollBack, Shown, TagNow, TagPath, TagSubject};
