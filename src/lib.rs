//! `registry-console`: the web console of OpenShift's integrated image registry.
//!
//! Users sign in through OpenShift OAuth. The console reads projects and image streams from the API
//! server, and tags, manifests and configs from the registry, always with the signed-in user's own
//! token. It answers in server-side HTML, or with the same values as JSON.
//!
//! A module uses only what is to its left, and never a sibling in the same braces. The crate
//! [`registry_model`] is to the left of all:
//!
//! ```text
//! config < {outbound, i18n, telemetry} < {openshift, registry} < index < app < web < server < cli
//! ```
//!
//! The tests, and `cli` with the feature `demo`, run against the crate `openshift-standin`, an
//! embedded OpenShift. It shares nothing with this crate except [`registry_model`]: tests against a
//! cluster with the clients' own wire types could not find mistakes in these types.

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
