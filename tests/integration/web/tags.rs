//! Pages and changes of tags.

pub(crate) mod cleanup;
pub(crate) mod history;
pub(crate) mod jobs;
pub(crate) mod new_tag;
pub(crate) mod remove_many;
pub(crate) mod remove_one;
pub(crate) mod retag_and_roll_back;
