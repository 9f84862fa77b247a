//! Pages of project members.

mod change_role;
pub(super) mod forms;
pub(in crate::web) mod list;
pub(in crate::web) mod remove;
pub(in crate::web) mod subject;
