//! The repository itself: module layers, documentation, printed commands.

pub(crate) mod command_table;
pub(crate) mod documentation;
pub(crate) mod module_layers;
