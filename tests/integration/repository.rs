//! The repository itself: module layers, documentation, printed commands.

pub(crate) mod command_table;
pub(crate) mod documentation;
pub(crate) mod documents;
pub(crate) mod metric_names;
pub(crate) mod module_layers;
pub(crate) mod requirements;
pub(crate) mod templates;
