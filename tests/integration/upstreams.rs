//! Calls to upstreams: connections, certificates, lists and watches.

pub(crate) mod canned_api_server;
pub(crate) mod certificate_chain;
pub(crate) mod clients;
pub(crate) mod image_records;
pub(crate) mod list_and_watch;
pub(crate) mod pinned_certificates;
mod sample_site;
pub(crate) mod space;
pub(crate) mod transport;
pub(crate) mod usage;
pub(crate) mod workloads;
