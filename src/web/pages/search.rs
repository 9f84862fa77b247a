//! The search page.

pub(in crate::web) mod api;
pub(in crate::web) mod show;
