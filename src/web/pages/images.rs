//! Pages of images.

pub(in crate::web) mod absent;
pub(in crate::web) mod compare;
pub(in crate::web) mod show;
