//! Everything that image streams import from other registries: its state, and importing it again.

pub(in crate::app) mod board;
pub(in crate::app) mod import_row;
pub(in crate::app) mod retry;

pub use board::{HostGroup, HostHealth, ImportsQuery, ImportsView, StateCounts};
pub use import_row::{INVALID_SOURCE_HOST, ImportRow, ImportRowFailure, ImportState};
pub use retry::{ImportTarget, RetryOutcome, RetryResult, RetrySelection};
