//! The integration tests: the real server on a free port against the embedded cluster, and its parts against real parts.
#[path = "integration/clients.rs"]
mod clients;
#[cfg(test)]
#[path = "integration/contract.rs"]
mod contract;
#[cfg(test)]
#[path = "integration/readme.rs"]
mod readme;
#[cfg(test)]
#[path = "integration/recorded_master.rs"]
mod recorded_master;
#[cfg(test)]
#[path = "integration/recorded_registry.rs"]
mod recorded_registry;
#[cfg(test)]
#[path = "integration/recording.rs"]
mod recording;
#[cfg(test)]
#[path = "integration/stub.rs"]
mod stub;
#[cfg(test)]
#[path = "integration/template.rs"]
mod template;

#[cfg(test)]
#[path = "integration/recorded_registry.rs"]
mod recorded_registry;

#[cfg(test)]
#[path = "integration/demo_api.rs"]
mod demo_api;
#[cfg(test)]
#[path = "integration/demo_oauth.rs"]
mod demo_oauth;
#[cfg(test)]
#[path = "integration/demo_push.rs"]
mod demo_push;
#[cfg(test)]
#[path = "integration/demo_registry.rs"]
mod demo_registry;
#[cfg(test)]
#[path = "integration/demo_sample.rs"]
mod demo_sample;
#[cfg(test)]
#[path = "integration/demo_world.rs"]
mod demo_world;

#[cfg(test)]
#[path = "integration/outbound.rs"]
mod outbound;
#[cfg(test)]
#[path = "integration/server.rs"]
mod server;
