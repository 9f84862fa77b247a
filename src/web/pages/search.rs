//! The search page.

pub(in crate::web) mod show;
