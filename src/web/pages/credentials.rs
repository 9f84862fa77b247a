//! Pages of service account credentials.

pub(in crate::web) mod api;
mod created;
pub(in crate::web) mod download;
pub(in crate::web) mod list;
pub(in crate::web) mod revoke;

pub(in crate::web) use created::log_credential_shown;
