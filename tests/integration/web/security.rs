//! Origin and host checks, headers, hostile content, limits.

pub(crate) mod audit_log;
pub(crate) mod csrf_and_host;
pub(crate) mod headers;
pub(crate) mod hostile_content;
pub(crate) mod rate_limits;
