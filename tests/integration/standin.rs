//! The embedded cluster against the recorded exchanges of real ones.

pub(crate) mod api;
pub(crate) mod id_tokens;
pub(crate) mod issuer;
pub(crate) mod oauth;
pub(crate) mod program;
pub(crate) mod push_and_pull;
pub(crate) mod registry;
pub(crate) mod sample_data;
