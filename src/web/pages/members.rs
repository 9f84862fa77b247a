//! Pages of project members.

pub(in crate::web) mod list;
pub(in crate::web) mod remove;
pub(super) mod subject;
