//! The integration tests: the real server on a free port against the embedded cluster, and its parts against real parts.
#[cfg(test)]
#[path = "integration/template.rs"]
mod template;
#[path = "integration/clients.rs"]
mod clients;
#[cfg(test)]
#[path = "integration/contract.rs"]
mod contract;
#[cfg(test)]
#[path = "integration/stub.rs"]
mod stub;

#[cfg(test)]
#[path = "integration/recorded_registry.rs"]
mod recorded_registry;
