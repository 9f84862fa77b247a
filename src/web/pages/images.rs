//! Pages of images.

pub(in crate::web) mod absent;
pub(in crate::web) mod api;
pub(in crate::web) mod compare;
mod header;
pub(in crate::web) mod show;
