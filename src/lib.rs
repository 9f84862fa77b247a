//! `registry-console`: the web console of OpenShift's integrated image registry.
//!
//! People sign in through OpenShift OAuth; projects and image streams come from the master, tags,
//! manifests and configs from the registry, always with the signed-in person's own token; the
//! answer is server-side HTML, or the same values as JSON.
//!
//! A module uses only what stands to its left, and never a sibling in the same braces:
//!
//! ```text
//! model < config < {clock, outbound, i18n, telemetry} < {openshift, registry} < index < console < web < server < cli
//! ```
//!
//! [`demo`] stands beside [`server`] and uses [`model`] only: a stand-in that shared its wire types
//! with the clients would prove nothing.

pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod demo;
pub mod i18n;
pub mod index;
pub mod model;
pub mod openshift;
pub mod outbound;
pub mod registry;
pub mod server;
pub mod telemetry;
pub mod web;
