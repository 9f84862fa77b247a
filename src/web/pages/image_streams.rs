//! Pages of image streams.

pub(in crate::web) mod access;
pub(in crate::web) mod delete;
pub(in crate::web) mod form;
pub(in crate::web) mod import;
pub(in crate::web) mod list;
pub(in crate::web) mod show;
