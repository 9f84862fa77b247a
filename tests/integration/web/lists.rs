//! Lists over all projects, search, live updates.

pub(crate) mod activity;
pub(crate) mod image_streams;
pub(crate) mod index;
pub(crate) mod live_updates;
pub(crate) mod search;
