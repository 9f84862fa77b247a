//! The doctor's page.

pub(in crate::web) mod api;
pub(in crate::web) mod show;
