//! Pages of image streams.

pub(in crate::web) mod access;
pub(in crate::web) mod api;
pub(in crate::web) mod delete;
pub(in crate::web) mod form;
pub(in crate::web::pages) mod header;
pub(in crate::web) mod history;
pub(in crate::web) mod import;
pub(in crate::web) mod list;
pub(in crate::web) mod prune_plan;
pub(in crate::web) mod settings;
pub(in crate::web) mod show;
pub(in crate::web) mod space;
pub(in crate::web) mod used_by;
