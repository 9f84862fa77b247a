//! Pages of users and groups.

pub(in crate::web) mod api;
pub(in crate::web) mod common;
pub(in crate::web) mod create_group;
pub(in crate::web) mod delete;
pub(in crate::web) mod delete_group;
pub(in crate::web) mod form;
pub(in crate::web) mod list;
pub(in crate::web) mod list_groups;
pub(in crate::web) mod name_rows;
pub(in crate::web) mod remove_from_group;
