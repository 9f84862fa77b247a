//! Signing in and out, and sessions.

pub(crate) mod code_flow;
pub(crate) mod external_oidc;
pub(crate) mod implicit_flow;
pub(crate) mod kube_admin;
pub(crate) mod oidc;
pub(crate) mod preflight;
pub(crate) mod refused_token;
pub(crate) mod session;
