//! Pages about everything that image streams import from other registries.

pub(in crate::web) mod board;
mod query;
pub(in crate::web) mod retry;
