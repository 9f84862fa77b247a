//! The doctor's page.

pub(in crate::web) mod show;
