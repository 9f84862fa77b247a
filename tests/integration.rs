//! The integration tests: the real server on a free port against the embedded cluster, and its parts against real parts.
#[cfg(test)]
#[path = "integration/template.rs"]
mod template;
