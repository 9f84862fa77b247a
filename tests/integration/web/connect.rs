//! Connecting a registry client.

pub(crate) mod commands_and_token;
pub(crate) mod registry_authority;
pub(crate) mod shell_commands;
pub(crate) mod without_registry;
