//! `registry-console`: the web console of OpenShift's integrated image registry.
//!
//! People sign in through OpenShift OAuth; projects and image streams come from the master, tags,
//! manifests and configs from the registry, always with the signed-in person's own token; the
//! answer is server-side HTML, or the same values as JSON.
//!
//! A module uses only what stands to its left, and never a sibling in the same braces. The crate
//! [`registry_model`] stands to the left of all:
//!
//! ```text
//! config < {outbound, i18n, telemetry} < {openshift, registry} < index < app < web < server < cli
//! ```
//!
//! The tests, and `cli` with the feature `demo`, run against the crate `openshift-standin`, an
//! embedded OpenShift. It shares nothing with this crate except [`registry_model`]: a stand-in that
//! used the wire types of the clients would prove nothing about them.

pub mod app;
pub mod cli;
pub mod config;

pub mod i18n;
pub mod index;
pub mod openshift;
pub mod outbound;
pub mod registry;
pub mod server;
pub mod telemetry;
pub mod web;
