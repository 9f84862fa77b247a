//! Pages about everything that image streams import from other registries.

pub(in crate::web) mod api;
pub(in crate::web) mod board;
pub(in crate::web) mod job;
mod query;
mod results;
pub(in crate::web) mod retry;
