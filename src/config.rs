//! What the console is told at start: environment variables and flags.

mod trust;

pub use trust::Trust;
