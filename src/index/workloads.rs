//! The workloads of the whole cluster in memory, as far as their images are concerned: an optional
//! part of the index (`INDEX_WORKLOADS`).
//!
//! Each kind is listed and watched by itself with the service account's token, so a kind that the
//! account may not list, or that needs too much memory, is missing alone. Stored are names, owners,
//! images, triggers and times; no environment, no arguments, no labels. Like the rest of the index
//! it knows no users: whether a user may list a kind in a project is confirmed by the API server,
//! outside this module, before anything of it is shown.

mod content;
mod reader;
mod record;
mod source;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::{WorkloadIndexReader, WorkloadSnapshot};
pub use record::IndexedWorkload;
pub use state::WorkloadKindState;
pub use table::{KindSnapshot, ProjectObjects};
pub use writer::WorkloadIndexWriter;
