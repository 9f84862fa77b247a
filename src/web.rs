//! The pages: routes, sessions, rendering, errors.

pub mod assets;
pub mod filters;
