//! How a registry client connects to the integrated registry: addresses, authorities, commands.

pub(in crate::app) mod authority;
pub(in crate::app) mod commands;
pub(in crate::app) mod integrated_registry;
pub(in crate::app) mod recipes;
pub(in crate::app) mod trust_steps;
pub(in crate::app) mod view;

pub use authority::{Authorities, Authority, ShownCertificate};
pub use commands::{Command, Connect, PullCommands, Tool};
pub use integrated_registry::EnableRegistry;
pub use recipes::{Client, Kubernetes, Purpose, Recipe, RecipeStep};
pub use trust_steps::{System, TrustSteps};
pub use view::{ConnectQuery, ConnectView, Expose};
