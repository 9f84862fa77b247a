//! The integration tests: the real server on a free port against the embedded cluster, and its parts against real parts.
#![cfg(test)]

mod clients;
mod console;
mod contract;
mod demo_api;
mod demo_oauth;
mod demo_push;
mod demo_registry;
mod demo_sample;
mod demo_world;
mod harness;
mod layers;
mod outbound;
mod readme;
mod real_registry;
mod recorded_master;
mod recorded_registry;
mod recording;
mod server;
mod stub;
mod template;
mod web_access;
mod web_faults;
mod web_guard;
mod web_headers;
mod web_hostile;
mod web_languages;
mod web_login;
mod web_members;
mod web_point_tag;
mod web_projects;
mod web_remove_tag;
mod web_routes;
mod web_session;
mod web_streams;
mod web_trust;
