//! Pages while upstreams fail.

pub(crate) mod partial_outage;
pub(crate) mod proxy_and_throttling;
pub(crate) mod untrusted_certificates;
pub(crate) mod upstream_errors;
pub(crate) mod upstream_faults;
