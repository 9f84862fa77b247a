//! Pages that change tags.

pub(in crate::web) mod api;
pub(in crate::web) mod create;
pub(in crate::web) mod remove;
pub(in crate::web) mod remove_many;
pub(in crate::web) mod roll_back;
pub(in crate::web) mod tag_as;
