//! Pages of projects.

pub(in crate::web) mod access;
pub(in crate::web) mod create;
pub(in crate::web) mod delete;
pub(in crate::web) mod edit;
pub(in crate::web) mod list;
