//! How a registry client connects to the integrated registry: addresses, authorities, commands.

pub(in crate::app) mod client_instructions;
pub(in crate::app) mod commands;
pub(in crate::app) mod integrated_registry;
pub(in crate::app) mod pull_client;
pub(in crate::app) mod registry_authority;
pub(in crate::app) mod trust_instructions;
pub(in crate::app) mod view;

pub use client_instructions::{
    ClientInstructions, InstructionPurpose, InstructionStep, PullSecretInstructions, RegistryClient,
};
pub use commands::{ContainerTool, PullCommands, PullSpecs, ToolCommand};
pub use integrated_registry::EnableRegistryCommands;
pub use pull_client::PullClient;
pub use registry_authority::{Authorities, RegistryAuthority, ShownCertificate};
pub use trust_instructions::{TrustInstructions, TrustStore};
pub use view::{ConnectQuery, ConnectView, ExposeCommands};
