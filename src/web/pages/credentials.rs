//! Pages of service account credentials.

mod created;
pub(in crate::web) mod download;
pub(in crate::web) mod list;
pub(in crate::web) mod revoke;
