//! The page about the API.

pub(in crate::web) mod show;
