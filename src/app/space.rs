//! What image streams take of the registry's storage.
//!
//! Everything is read with the user's own token, at the moment it is needed: the API server decides
//! which image streams the user sees, and only their images are counted.

mod load;
pub mod prune_instructions;

pub use load::{ProjectImages, StreamImages};
