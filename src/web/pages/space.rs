//! Pages about the space of everything that the user sees.

pub(in crate::web) mod api;
pub(in crate::web) mod overview;
