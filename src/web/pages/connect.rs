//! Pages that help to connect a registry client.

pub(in crate::web) mod api;
pub(in crate::web) mod authority;
pub(in crate::web) mod show;
